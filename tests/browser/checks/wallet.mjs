// Test mode's wallet: a person pays by hand, and copies the TrxID into the checkout.
import assert from 'node:assert/strict';

import { check } from '../world/index.mjs';

check('a payment is paid by hand with the simulated wallet', async ({ payer, page, shop }) => {
  const made = await shop.create('320');
  await page.goto(`${made.page}?method=nagad`);
  await payer.press(page.getByRole('link', { name: 'Pay with the simulated wallet' }));
  await payer.reads('h1', /Simulated wallet/);
  assert.match(await page.locator('select[name=method] option:checked').innerText(), /Nagad/, 'the method that was chosen');
  assert.equal(await page.locator('#amount').inputValue(), '320');
  await payer.shot('wallet');
  await payer.press(page.getByRole('button', { name: 'Send' }));
  await page.locator('.sms').waitFor();
  const reference = await page.locator('[data-copy]').getAttribute('data-copy');
  assert.ok((await payer.text('.sms')).includes(reference), 'the SMS has the TrxID');
  await payer.shot('wallet-sent');

  await payer.press(page.getByRole('link', { name: 'Back to the checkout' }));
  await payer.reads('#how', /Nagad/);
  await page.locator('#reference').fill(reference);
  await payer.press(page.getByRole('button', { name: 'Verify' }));
  await payer.reads('h1', /Payment received/);
  assert.ok((await payer.text('.outcome')).includes(reference));
});

check('the simulated wallet sends too little, loses the SMS, or refuses', async ({ payer, page, shop }) => {
  const send = async (made, outcome) => {
    await page.goto(made.page.replace('/checkout/', '/sandbox/wallet/'));
    await page.getByRole('radio', { name: outcome }).check();
    await payer.press(page.getByRole('button', { name: 'Send' }));
    await page.locator('#result').waitFor();
  };
  const short = await shop.create('320');
  await send(short, 'Payer sends too little');
  const reference = await page.locator('[data-copy]').getAttribute('data-copy');
  await payer.press(page.getByRole('link', { name: 'Back to the checkout' }));
  await page.locator('#reference').fill(reference);
  await page.keyboard.press('Enter');
  await payer.reads('#reference-error', /৳160\.00.*৳320\.00/);

  await send(await shop.create('320'), 'no SMS arrives');
  assert.equal(await page.locator('.sms').count(), 0);
  await send(await shop.create('320'), 'Wallet refuses');
  await payer.press(page.getByRole('link', { name: 'Back to the checkout' }));
  await payer.reads('h1', /Payment declined/);
});
