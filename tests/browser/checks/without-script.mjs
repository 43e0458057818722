// All of it without JavaScript: links, forms, and a page that looks again by itself.
import assert from 'node:assert/strict';

import { check } from '../world/index.mjs';

// The server allows 12 at once and one more every five seconds.
const TRIES_MAX = 40;
const context = { javaScriptEnabled: false };

check('without JavaScript: choose, confirm, wait, refresh, paid, back to the shop', async ({ payer, page, shop }) => {
  const made = await shop.create('450');
  await page.goto(made.url);
  assert.match(await payer.text('.timer'), /\d+ (minute|hour)s?/, 'the time that is left, in words');
  assert.equal(await page.locator('.copy:visible').count(), 0, 'no button that could do nothing');
  await payer.press(page.getByRole('link', { name: /bKash/ }));
  await page.waitForURL(/method=bkash/);

  await page.locator('#reference').fill('AB1');
  await payer.press(page.getByRole('button', { name: 'Verify' }));
  await payer.reads('#reference-error', /too short/);
  await page.locator('#reference').fill('DKL!!!1234');
  await payer.press(page.getByRole('button', { name: 'Verify' }));
  await payer.reads('#reference-error', /letters and digits only/);
  await payer.shot('without-script-error');

  const sms = shop.sms(450);
  await page.locator('#reference').fill(sms.reference);
  await payer.press(page.getByRole('button', { name: 'Verify' }));
  await payer.reads('.waiting', /Waiting for confirmation/);
  assert.equal(await page.locator('meta[http-equiv=refresh]').count(), 1, 'the page looks again by itself');
  await payer.shot('without-script-waiting');
  await shop.hears(sms);
  await payer.press(page.getByRole('link', { name: 'Check again' }));
  await payer.reads('h1', /Payment received/);
  await page.waitForURL(`${shop.merchant.url}/success?*`);
  assert.equal(new URL(page.url()).searchParams.get('status'), 'COMPLETED');
}, { context });

check('without JavaScript: an error gives back what was typed', async ({ payer, page, shop }) => {
  const made = await shop.create('450');
  await page.goto(`${made.page}?method=bkash`);
  await page.locator('#reference').fill('DKL-12345-X!');
  await payer.press(page.getByRole('button', { name: 'Verify' }));
  await payer.reads('#reference-error', /letters and digits only/);
  assert.equal(await page.locator('#reference').inputValue(), 'DKL-12345-X!');
}, { context });

check('without JavaScript: cancel leads to the shop', async ({ payer, page, shop }) => {
  const made = await shop.create('450');
  await page.goto(made.url);
  await payer.press('.cancel summary');
  await payer.press(page.getByRole('button', { name: 'Yes, cancel' }));
  await payer.reads('h1', /Payment cancelled/);
  await page.waitForURL(`${shop.merchant.url}/cancel?*`);
  assert.equal(new URL(page.url()).searchParams.get('status'), 'ERROR');
}, { context });

check('without JavaScript: the language that was chosen stays after a confirmation', async ({ payer, page, shop }) => {
  const made = await shop.create('450');
  await page.goto(made.url);
  await payer.press('.languages summary');
  await payer.press(page.getByRole('link', { name: 'Български' }));
  await page.waitForURL(/lang=bg/);
  await payer.press(page.getByRole('link', { name: /bKash/ }));
  await page.locator('#reference').fill('AB1');
  await payer.press('.claim .button');
  await payer.reads('#reference-error', /./);
  assert.equal(await page.locator('html').getAttribute('lang'), 'bg');
}, { context });

check('without JavaScript: too little money, a used TrxID and too many tries are explained', async ({ payer, page, shop }) => {
  const claim = async (made, reference) => {
    await page.goto(`${made.page}?method=bkash`);
    await page.locator('#reference').fill(reference);
    await payer.press(page.getByRole('button', { name: 'Verify' }));
  };
  const [short, whole] = [shop.sms(200), shop.sms(450)];
  await shop.hears(short);
  await shop.hears(whole);
  const made = await shop.create('450');
  await claim(made, short.reference);
  await payer.reads('#reference-error', /৳200\.00.*৳450\.00/);
  await claim(made, whole.reference);
  await payer.reads('h1', /Payment received/);

  const next = await shop.create('450');
  await claim(next, whole.reference);
  await payer.reads('#reference-error', /already been used/);
  const errors = [];
  while (!/Too many tries/.test(errors.at(-1)) && errors.length < TRIES_MAX) {
    await claim(next, 'DKL!!!1234');
    await page.waitForURL(/code=/);
    errors.push(await page.locator('#reference-error').innerText());
  }
  assert.match(errors.shift(), /letters and digits/);
  assert.match(errors.pop(), /Too many tries/);
}, { context });

check('without JavaScript: the simulated wallet, and a claim after time ran out', async ({ payer, page, shop }) => {
  const made = await shop.create('450');
  await shop.simulate(made, 'expire');
  await page.goto(made.page.replace('/checkout/', '/sandbox/wallet/'));
  await page.getByRole('radio', { name: 'no SMS arrives' }).check();
  await payer.press(page.getByRole('button', { name: 'Send' }));
  const reference = await page.locator('.screen .value b').innerText();
  await page.goto(made.page);
  await payer.reads('h1', /Time has run out/);
  await page.locator('#reference').fill('AB1');
  await payer.press(page.getByRole('button', { name: 'Verify' }));
  await payer.reads('#reference-error', /too short/);
  await page.locator('#reference').fill(reference);
  await payer.press(page.getByRole('button', { name: 'Verify' }));
  await payer.reads('.waiting', new RegExp(reference));
}, { context });
