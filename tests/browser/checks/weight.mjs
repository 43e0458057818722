// A payer on a slow phone: the first load is small, and comes from one host.
import assert from 'node:assert/strict';

import { check } from '../world/index.mjs';

const BYTES_MAX = 50_000;

for (const locale of ['en', 'bn-BD']) {
  check(`the first load in ${locale} weighs less than 50 kB, from one host`, async ({ payer, page, shop, server, diagnose }) => {
    const made = await shop.create('1260');
    const responses = [];
    payer.context.on('response', (response) => responses.push(response));
    await page.goto(`${made.url}?method=bkash`, { waitUntil: 'networkidle' });
    let sent = 0;
    let decoded = 0;
    for (const response of responses) {
      const sizes = await response.request().sizes();
      sent += sizes.responseBodySize + sizes.responseHeadersSize;
      decoded += (await response.body()).length;
    }
    diagnose(`${responses.length} answers, ${sent} bytes sent, ${decoded} decoded`);
    assert.ok(responses.length >= 3, 'the page, its style and its script');
    assert.ok(sent < BYTES_MAX && decoded < BYTES_MAX, `${sent} bytes sent, ${decoded} decoded`);
    payer.assertQuiet([server.url]);
  }, { context: { locale } });
}
