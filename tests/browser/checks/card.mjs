// Cards: the fields and the code on our own pages, and the issuer's page on the way of a merchant who takes cards itself.
import assert from 'node:assert/strict';

import { assertAccessible, assertFits, assertTranslated, check } from '../world/index.mjs';

const SEAMLESS = '6071480000033212';
const REDIRECT = '6074820000084938';

async function types(payer, page, number) {
  await page.locator('#number').pressSequentially(number);
  await page.locator('#expiry').pressSequentially('1249');
  await page.locator('#security_code').fill('111');
  await payer.press(page.locator('form.fields button.button'));
}

check('a payer types a card, a wrong code, asks for another, and pays', async ({ payer, page, shop }) => {
  const made = await shop.rumbapay('123.50');
  await page.goto(`${made.url}?code=choose`);
  await payer.press(page.locator('a[href*="/card?"]').first());
  await payer.reads('h2', /card/i);
  await assertFits(page, 'card');
  await assertAccessible(page, 'card');
  await payer.shot('card-fields');

  await page.locator('#number').pressSequentially('6071480000033213');
  await page.locator('#expiry').focus();
  await payer.reads('#number-error', /./);
  assert.equal(await page.locator('#number').inputValue(), '6071 4800 0003 3213');
  await page.locator('#number').fill('');
  await types(payer, page, SEAMLESS);
  await page.waitForURL(/card\/code/);
  assert.ok((await payer.text('main')).includes('3212'));
  await assertFits(page, 'code');
  await assertAccessible(page, 'code');
  await payer.shot('card-code');

  await page.locator('#code').fill('654321');
  await payer.press(page.locator('form').filter({ has: page.locator('#code') }).locator('button').first());
  await page.waitForURL(/code=otp_wrong/);
  await assertAccessible(page, 'wrong code');
  await payer.press(page.locator('form[action*="/card/resend"] button'));
  await page.waitForURL(/code=otp_sent_again/);
  await page.locator('#code').fill('123456');
  await payer.press(page.locator('form').filter({ has: page.locator('#code') }).locator('button').first());
  await payer.reads('h1', /Payment received/);
  await payer.shot('card-paid');
});

check('without a script a refused card leads back to its fields, empty', async ({ payer, page, shop }) => {
  const made = await shop.rumbapay('10');
  await page.goto(`${made.url}?code=choose`);
  await payer.press(page.locator('a[href*="/card?"]').first());
  await types(payer, page, '6071480005510008');
  await page.locator('#code').fill('123456');
  await payer.press(page.locator('form').filter({ has: page.locator('#code') }).locator('button').first());
  await page.waitForURL(/code=declined_later_or_less/);
  await payer.reads('#notice', /./);
  assert.equal(await page.locator('#number').inputValue(), '');
  await payer.shot('card-declined');
}, { context: { javaScriptEnabled: false } });

check('a merchant\'s form leads over the issuer\'s page back to the merchant', async ({ payer, page, shop, merchant }) => {
  const begun = await shop.payerAuth(REDIRECT, '567');
  const { acsURL } = begun.authenticationResponse.params;
  await page.goto(`${merchant.url}/success`);
  await page.evaluate((url) => {
    const form = document.createElement('form');
    Object.assign(form, { method: 'post', action: url });
    document.body.append(form);
    form.submit();
  }, acsURL);
  await page.waitForURL(/sandbox\/acs/);
  await payer.reads('h1', /./);
  await assertFits(page, 'issuer');
  await assertAccessible(page, 'issuer');
  await payer.shot('card-issuer');
  await page.locator('#code').fill('000000');
  await payer.press(page.locator('button[value=code]'));
  await payer.reads('#code-error', /./);
  await page.locator('#code').fill('123456');
  const back = page.waitForRequest(`${merchant.url}/success`);
  await payer.press(page.locator('button[value=code]'));
  const told = new URLSearchParams((await back).postData());
  assert.equal(told.get('oid'), begun.orderId);
  assert.ok(told.get('extended_response_hash'));
  await payer.reads('h1', /Thank you/);
  const sold = await shop.sale(begun, '567.00');
  assert.equal(sold.transactionStatus, 'APPROVED', JSON.stringify(sold));
});

for (const language of ['bn', 'hi', 'bg']) {
  check(`the card's page speaks ${language}`, async ({ payer, page, shop }) => {
    const made = await shop.rumbapay('10.00');
    await page.goto(`${made.url}?code=choose`);
    const href = await page.locator('a[href*="/card?"]').first().getAttribute('href');
    const url = new URL(href, page.url());
    url.searchParams.set('lang', language);
    await page.goto(url.href);
    await assertTranslated(page, language, 'card');
    await assertFits(page, `card in ${language}`);
    await payer.shot(`card-${language}`);
  });
}
