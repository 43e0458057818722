// How payments end: cancelled, too late, declined, used links and links to nothing.
import assert from 'node:assert/strict';

import { check } from '../world/index.mjs';
import { parametersOf } from './parameters.mjs';

check('cancelling leads to the shop\'s cancel URL', async ({ payer, page, shop }) => {
  const made = await shop.create('300');
  await page.goto(made.url);
  await payer.press('.cancel summary');
  await payer.shot('cancel-sure');
  await payer.press(page.getByRole('button', { name: 'Yes, cancel' }));
  await payer.reads('h1', /Payment cancelled/);
  await payer.shot('cancelled');
  await payer.press(page.getByRole('link', { name: `Return to ${shop.name}` }));
  await page.waitForURL(`${shop.merchant.url}/cancel?*`);
  const told = parametersOf(page.url());
  assert.deepEqual([told.transactionId, told.status, told.paymentAmount], [made.invoice, 'ERROR', '300']);
});

check('when time runs out the open page says so; money that was sent all the same is still found', async ({ payer, page, shop }) => {
  const made = await shop.create('300');
  await page.goto(made.url);
  await payer.reads('h2', /Choose how to pay/);
  const loaded = page.waitForEvent('load');
  await shop.advance(24 * 60 * 60);
  await loaded;
  await payer.reads('h1', /Time has run out/);
  await payer.shot('expired');

  await page.locator('#reference').fill('AB1');
  await payer.press(page.getByRole('button', { name: 'Verify' }));
  await payer.reads('#reference-error', /too short/);
  const sms = shop.sms(300);
  await page.locator('select[name=method]').selectOption('bkash');
  await page.locator('#reference').fill(sms.reference);
  await payer.press(page.getByRole('button', { name: 'Verify' }));
  await payer.reads('.waiting', /are looking for the money/);
  assert.ok((await payer.text('.waiting')).includes(sms.reference), 'the TrxID that is looked for');
  await payer.shot('expired-waiting');
  await shop.hears(sms);
  await payer.reads('h1', /Payment received/);
  await page.waitForURL(`${shop.merchant.url}/success?*`);
});

check('a declined payment leads back to the shop by hand', async ({ payer, page, shop }) => {
  const made = await shop.create('300');
  await shop.simulate(made, 'decline');
  await page.goto(made.url);
  await payer.reads('h1', /Payment declined/);
  await payer.shot('declined');
  await payer.press(page.getByRole('link', { name: `Return to ${shop.name}` }));
  await page.waitForURL(`${shop.merchant.url}/cancel?*`);
});

check('a used link shows the receipt, to whoever has it', async ({ payer, page, shop }) => {
  const made = await shop.create('300');
  const { reference } = await shop.simulate(made, 'succeed');
  for (const address of [made.url, made.page, `${made.page}?method=bkash`]) {
    const answer = await page.goto(address);
    assert.equal(answer.status(), 200);
    await payer.reads('h1', /Payment received/);
    assert.ok((await payer.text('.outcome')).includes(reference));
    assert.equal(await page.locator('form').count(), 0, 'nothing more to pay');
  }
});

check('a link to nothing is a page with the right status in the browser\'s language', async ({ payer, page, server }) => {
  for (const path of ['/checkout/00000000000000000000000000000000', '/checkout/nothing', '/api/execute/b32174038622a436c132a893183a8f74', '/nowhere']) {
    const answer = await page.goto(server.url + path);
    assert.equal(answer.status(), 404, path);
    assert.equal(await page.locator('html').getAttribute('lang'), 'bg', path);
    await payer.reads('h1', /[а-я]/);
  }
  await payer.shot('not-found-bg');
}, { context: { locale: 'bg-BG' } });
