// A payer pays by bKash: the page leads, explains errors, notices the money by itself and leads back to the shop.
import assert from 'node:assert/strict';

import { assertFits, check } from '../world/index.mjs';
import { parametersOf } from './parameters.mjs';

// The server allows 12 at once and one more every five seconds.
const TRIES_MAX = 40;

check('a payer chooses bKash, gives the TrxID, and is led back to the shop when the SMS arrives', async ({ payer, page, shop }) => {
  const made = await shop.create('1260');
  await page.goto(made.url);

  const summary = await payer.text('.summary');
  for (const part of [shop.name, '৳1,260.00', made.invoice]) assert.ok(summary.includes(part), `${part} in: ${summary}`);
  const source = await page.content();
  for (const personal of ['John Doe', 'john@example.com']) assert.ok(!source.includes(personal), `${personal} is nobody's business`);
  const shown = await payer.text('[data-expires]');
  assert.match(shown, /^\d+:\d\d/, 'a countdown');
  await page.waitForFunction((before) => document.querySelector('[data-expires]').textContent !== before, shown);

  const tiles = await page.locator('[data-method]').allInnerTexts();
  for (const wallet of ['bKash', 'Nagad', 'Rocket', 'Upay']) {
    const tile = tiles.find((text) => text.includes(wallet));
    assert.match(tile ?? '', /Personal/, `${wallet} among ${tiles}`);
  }
  await assertFits(page, 'open');
  await payer.shot('checkout-open');

  await payer.press(page.getByRole('link', { name: /bKash/ }));
  await payer.reads('#how', /bKash/);
  assert.equal(await page.evaluate(() => document.activeElement.id), 'how', 'the focus goes to what was opened');
  assert.equal(await page.locator('[data-method][aria-current]').innerText().then((text) => text.includes('bKash')), true);
  assert.ok((await page.locator('.steps li').count()) >= 5, 'numbered steps');
  const square = page.locator('.qr svg');
  if (!(await square.isVisible())) await payer.press('.qr summary');
  await square.waitFor();
  const box = await square.boundingBox();
  assert.ok(box.width >= 120 && Math.abs(box.width - box.height) < 1, `a QR code that a phone can read: ${JSON.stringify(box)}`);
  await assertFits(page, 'method chosen');
  await payer.shot('checkout-bkash');

  const sms = shop.sms(1260);
  await page.getByLabel(/TrxID/).first().fill(sms.reference.toLowerCase());
  await payer.press(page.getByRole('button', { name: 'Verify' }));
  await payer.reads('.waiting', /Waiting for confirmation/);
  await payer.reads('#live', /No payment with this number has arrived yet/);
  assert.ok((await payer.text('.waiting')).includes(sms.reference), 'the TrxID that was understood');
  await payer.shot('checkout-waiting');

  const loaded = page.waitForEvent('load');
  await shop.hears(sms);
  await loaded;
  await payer.reads('h1', /Payment received/);
  const receipt = await payer.text('.outcome');
  for (const part of [shop.name, '৳1,260.00', made.invoice, sms.reference, 'bKash']) {
    assert.ok(receipt.includes(part), `${part} in: ${receipt}`);
  }
  await payer.shot('succeeded');

  await page.waitForURL(`${shop.merchant.url}/success?*`);
  assert.deepEqual(parametersOf(page.url()), {
    transactionId: made.invoice,
    transaction_id: made.invoice,
    paymentMethod: 'bkash',
    paymentAmount: '1260',
    paymentFee: '0',
    currency: 'BDT',
    status: 'COMPLETED',
  });
});

check('what can be copied is copied, and says so', async ({ payer, page, shop, server }) => {
  await payer.context.grantPermissions(['clipboard-read', 'clipboard-write'], { origin: server.url });
  const made = await shop.create('77.50');
  await page.goto(`${made.page}?method=bkash`);
  for (const [name, wanted] of [['Copy number', /^01\d{9}$/], ['Copy amount', /^77\.50$/]]) {
    const button = page.getByRole('button', { name });
    await payer.press(button);
    await button.filter({ hasText: 'Copied' }).waitFor();
    await payer.reads('#live', `${name}: Copied`);
    assert.match(await page.evaluate(() => navigator.clipboard.readText()), wanted);
  }
  await payer.shot('checkout-copied');
});

check('errors of the TrxID stand beside the field and are announced', async ({ payer, page, shop }) => {
  const made = await shop.create('100');
  await page.goto(`${made.page}?method=bkash`);
  const field = page.locator('#reference');
  const cases = [
    ['', /Enter the TrxID/],
    ['AB1', /too short/],
    ['DKL!!!1234', /letters and digits only/],
    ['A'.repeat(60), /too long/],
  ];
  for (const [typed, wanted] of cases) {
    await field.fill(typed);
    await payer.press(page.getByRole('button', { name: 'Verify' }));
    await payer.reads('#reference-error', wanted);
    const state = await field.evaluate((node) => {
      const described = node.getAttribute('aria-describedby').split(' ').map((id) => document.getElementById(id));
      const error = described.find((part) => part.classList.contains('error'));
      return {
        invalid: node.getAttribute('aria-invalid'),
        described: error?.textContent,
        announced: error?.getAttribute('role'),
        focused: document.activeElement === node,
        value: node.value,
        below: error?.getBoundingClientRect().top - node.getBoundingClientRect().bottom,
      };
    });
    assert.equal(state.invalid, 'true');
    assert.match(state.described ?? '', wanted);
    assert.equal(state.announced, 'alert');
    assert.ok(state.focused, 'the field has the focus');
    assert.equal(state.value, typed, 'what was typed stays');
    assert.ok(state.below >= 0 && state.below < 80, `the error is ${state.below} px below the field`);
  }
  await payer.shot('checkout-error');
});

check('a TrxID that paid another payment is refused', async ({ payer, page, shop }) => {
  const sms = shop.sms(100);
  const first = await shop.create('100');
  await shop.hears(sms);
  await page.goto(`${first.page}?method=bkash`);
  await page.locator('#reference').fill(sms.reference);
  await page.keyboard.press('Enter');
  await payer.reads('h1', /Payment received/);

  const second = await shop.create('100');
  await page.goto(`${second.page}?method=bkash`);
  await page.locator('#reference').fill(sms.reference);
  await page.keyboard.press('Enter');
  await payer.reads('#reference-error', /already been used/);
  await payer.shot('checkout-used');
});

check('too little money: says what was sent and what is due, and lets the payer type on', async ({ payer, page, shop }) => {
  const made = await shop.create('500');
  const sms = shop.sms(200);
  await shop.hears(sms);
  await page.goto(`${made.page}?method=bkash`);
  await page.locator('#reference').fill(sms.reference);
  await payer.press(page.getByRole('button', { name: 'Verify' }));
  await payer.reads('#reference-error', /৳200\.00.*৳500\.00/);
  await payer.shot('checkout-short');

  // The page goes on asking how the payment stands; that must not take away what is being typed.
  const field = page.locator('#reference');
  await field.fill('DKL12');
  for (let asked = 0; asked < 2; asked += 1) {
    await page.waitForResponse((response) => response.url().includes('/status'));
  }
  await payer.reads('#reference-error', /৳200\.00.*৳500\.00/);
  assert.equal(await field.inputValue(), 'DKL12');
  assert.ok(await field.evaluate((node) => document.activeElement === node), 'the field keeps the focus');
});

check('too many tries are refused with words', async ({ payer, page, shop }) => {
  const made = await shop.create('100');
  await page.goto(`${made.page}?method=bkash`);
  await page.locator('#reference').fill('DKL!!!1234');
  const errors = [];
  while (!/Too many tries/.test(errors.at(-1)) && errors.length < TRIES_MAX) {
    const answered = page.waitForResponse((response) => response.url().includes('/confirm'));
    await page.locator('#reference').press('Enter');
    await answered;
    await page.locator('.claim .button:enabled').waitFor();
    errors.push(await page.locator('#reference-error').innerText());
  }
  assert.match(errors.shift(), /letters and digits/);
  assert.match(errors.pop(), /Too many tries/);
});

check('without a connection: says so, keeps what was typed, and goes on when it is back', async ({ payer, page, shop }) => {
  const made = await shop.create('100');
  const sms = shop.sms(100);
  await page.goto(`${made.page}?method=bkash`);
  await page.locator('#reference').fill(sms.reference);
  await payer.context.setOffline(true);
  await payer.press(page.getByRole('button', { name: 'Verify' }));
  await payer.reads('#reference-error', /No connection/);
  assert.equal(await page.locator('#reference').inputValue(), sms.reference);
  await payer.context.setOffline(false);
  await payer.press(page.getByRole('button', { name: 'Verify' }));
  await page.locator('.waiting').waitFor();
  await shop.hears(sms);
  await payer.reads('h1', /Payment received/);
}, { mayBeLoud: true });
