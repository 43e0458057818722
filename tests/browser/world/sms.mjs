// bKash messages of today, with TrxIDs of the right structure. Written after real messages, not by the
// product's own simulator.
const DATE_LETTERS = '123456789ABCDEFGHIJKLMNOPQRSTUV';
const DHAKA_MS = 6 * 60 * 60 * 1000;
const PAYER = '01711000001';

let next = (process.pid % 10000) * 1000;

function two(number) {
  return String(number).padStart(2, '0');
}

/** So many taka arrive; `body` says the balance after it. */
export function bkash(taka) {
  const now = new Date(Date.now() + DHAKA_MS);
  const year = String.fromCharCode(65 + now.getUTCFullYear() - 2023);
  const month = String.fromCharCode(65 + now.getUTCMonth());
  next += 1;
  const unique = next.toString(36).toUpperCase().padStart(7, '0');
  const reference = `${year}${month}${DATE_LETTERS[now.getUTCDate() - 1]}${unique}`;
  const date = `${two(now.getUTCDate())}/${two(now.getUTCMonth() + 1)}/${now.getUTCFullYear()}`;
  const at = `${date} ${two(now.getUTCHours())}:${two(now.getUTCMinutes())}`;
  return {
    sender: 'bKash',
    taka,
    reference,
    body: (balance) =>
      `You have received Tk ${taka.toFixed(2)} from ${PAYER}. Fee Tk 0.00. Balance Tk ${balance.toFixed(2)}. TrxID ${reference} at ${at}`,
  };
}
