// A payer who comes by PortPos's own link, by address or by form, pays, goes back, and later looks after the refund.
import assert from 'node:assert/strict';

import { assertAccessible, assertFits, check } from '../world/index.mjs';
import { parametersOf } from './parameters.mjs';

check('a payer pays a PortPos invoice by its own link, and sees the refund', async ({ payer, page, shop }) => {
  const made = await shop.invoice('100.50');
  await page.goto(made.url);
  const summary = await payer.text('.summary');
  for (const part of [shop.name, '৳100.50', made.invoice, 'Polo T-shirt']) assert.ok(summary.includes(part), `${part} in: ${summary}`);
  await assertFits(page, 'portpos open');
  await payer.shot('portpos-open');

  const sms = shop.sms(101);
  await payer.press(page.getByRole('link', { name: /bKash/ }));
  await page.getByLabel(/TrxID/).first().fill(sms.reference);
  await payer.press(page.getByRole('button', { name: 'Verify' }));
  await payer.reads('.waiting', /Waiting for confirmation/);
  const loaded = page.waitForEvent('load');
  await shop.hears(sms);
  await loaded;
  await payer.reads('h1', /Payment received/);
  await page.waitForURL(`${shop.merchant.url}/success?*`);
  assert.deepEqual(parametersOf(page.url()), {
    order_id: '7',
    invoice: made.invoice,
    status: 'ACCEPTED',
    amount: '100.50',
    currency: 'BDT',
    transaction_id: sms.reference,
  });

  await shop.simulate(made, 'refund', { amount: '81' });
  const asked = await shop.portpos('refund_request', { invoice: made.invoice, amount: '10' });
  assert.equal(asked.status, 210, JSON.stringify(asked));
  await page.goto(made.url);
  const receipt = await payer.text('.outcome');
  for (const part of ['Refunded', '৳81.00', 'Refund on its way', '৳10.00']) assert.ok(receipt.includes(part), `${part} in: ${receipt}`);
  assert.equal(await page.locator('#auto').count(), 0, 'who looks after a refund is not sent away');
  await assertFits(page, 'refunded');
  await assertAccessible(page, 'refunded');
  await payer.shot('portpos-refunded');
});

check('a shop that sends its payer by an empty form leads to the same page', async ({ payer, page, shop }) => {
  const made = await shop.invoice('60');
  await page.setContent(`<form method="post" action="${made.url}"><button>Pay</button></form>`);
  await payer.press(page.getByRole('button', { name: 'Pay' }));
  await payer.reads('.summary', new RegExp(made.invoice));
  await page.reload();
  await payer.reads('.summary', new RegExp(made.invoice));
});
