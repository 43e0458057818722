// A payer in India: the code on the page, read by a library that is not ours, apps on a phone, the UTR.
import assert from 'node:assert/strict';
import jsQR from 'jsqr';
import { PNG } from 'pngjs';

import { assertAccessible, assertFits, check } from '../world/index.mjs';

/** What a scanner sees in an element. */
async function scanned(locator) {
  const { data, width, height } = PNG.sync.read(await locator.screenshot());
  const found = jsQR(new Uint8ClampedArray(data), width, height);
  assert.ok(found, 'there is a code that can be read');
  return found.data;
}

check('a payer scans the code of a Rumbapay payment and types the UTR', async ({ payer, page, shop, view }) => {
  const made = await shop.rumbapay('200.50');
  await page.goto(made.url);
  const summary = await payer.text('.summary');
  for (const part of [shop.name, '₹200.50', 'My order']) assert.ok(summary.includes(part), `${part} in: ${summary}`);

  const code = new URL(await scanned(page.locator('.scan svg')));
  assert.equal(code.href.slice(0, 10), 'upi://pay?');
  const fields = Object.fromEntries(code.searchParams);
  assert.equal(fields.pa, 'demoshop@torana');
  assert.deepEqual([fields.am, fields.mam, fields.cu, fields.pn], ['200.50', '200.50', 'INR', shop.name]);
  assert.match(fields.tr, /^P[0-9]{25}$/);
  const apps = page.locator('.apps a');
  assert.equal(await apps.first().isVisible(), view.isMobile, 'apps are for phones');
  const hrefs = await apps.evaluateAll((links) => links.map((link) => link.getAttribute('href')));
  assert.deepEqual(hrefs.map((href) => href.split('?')[0]).sort(), ['bhim://upi/pay', 'paytmmp://pay', 'phonepe://pay', 'tez://upi/pay']);
  await assertFits(page, 'upi');
  await assertAccessible(page, 'upi');
  await payer.shot('upi-open');

  await page.getByLabel(/UTR/).fill('63071234567');
  await payer.press(page.getByRole('button', { name: 'Verify' }));
  await payer.reads('#reference-error', /exactly 12 digits/);
  await page.getByLabel(/UTR/).fill('630712345671');
  await payer.press(page.getByRole('button', { name: 'Verify' }));
  await payer.reads('.waiting', /Waiting for confirmation/);
  await payer.shot('upi-waiting');
  const loaded = page.waitForEvent('load');
  await shop.simulate(made, 'succeed');
  await loaded;
  await payer.reads('h1', /Payment received/);
  await page.waitForURL(`${shop.merchant.url}/success*`);
});
