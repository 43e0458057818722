// A payer in Bulgaria: sent to ePay.bg with and without a script, and cash at EasyPay.
import assert from 'node:assert/strict';

import { assertAccessible, assertFits, check } from '../world/index.mjs';

check('a payer goes to ePay.bg, pays by card, and is led back to the shop', async ({ payer, page, shop }) => {
  const made = await shop.rumbapayAtEpay('25.01');
  await page.goto(made.url);
  const summary = await payer.text('.summary');
  for (const part of [shop.name, '€25.01', 'My order']) assert.ok(summary.includes(part), `${part} in: ${summary}`);
  assert.equal(await page.getByLabel(/TrxID|UTR/).count(), 0, 'nothing is typed');
  await assertFits(page, 'epay');
  await assertAccessible(page, 'epay');
  await payer.shot('epay-open');

  await payer.press(page.getByRole('button', { name: 'By bank card' }));
  await page.waitForURL('**/sandbox/epay/en/');
  await payer.reads('h1', /Test ePay\.bg/);
  assert.match(await payer.text('.screen'), /By bank card/);
  await assertFits(page, 'epay-site');
  await assertAccessible(page, 'epay-site');
  await payer.shot('epay-site');
  await payer.press(page.getByRole('button', { name: 'Pay', exact: true }));
  await payer.reads('h1', /Payment received/);
  await payer.shot('epay-paid');
  await page.waitForURL(`${shop.merchant.url}/success*`);
});

check('a payer who comes back from ePay.bg without paying can pay another way', async ({ payer, page, shop }) => {
  const made = await shop.rumbapayAtEpay('26');
  await page.goto(made.url);
  await payer.press(page.getByRole('button', { name: 'From my ePay.bg account' }));
  await page.waitForURL('**/sandbox/epay/en/');
  await payer.press(page.getByRole('button', { name: 'Go back without paying' }));
  await payer.reads('.waiting', /Finish the payment at ePay\.bg/);
  await payer.shot('epay-waiting');
  assert.ok(await page.locator('details.again').getAttribute('open') !== null, 'the other ways are open');
  await payer.press(page.getByRole('button', { name: 'In cash at EasyPay' }));
  await payer.reads('.waiting', /Show this code at any EasyPay desk and pay €26\.00 before/);
  await assertFits(page, 'epay-desk');
  await assertAccessible(page, 'epay-desk');
  await payer.shot('epay-desk');
  const desk = await page.getByRole('link', { name: /test desk/ }).getAttribute('href');
  const told = await page.request.get(new URL(desk, page.url()).href);
  assert.equal(told.status(), 200);
  await payer.reads('h1', /Payment received/);
});
