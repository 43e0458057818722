// `npm run picture`: takes docs/checkout.png, the checkout as a payer of a live shop sees it on a phone.
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { launch, Payer } from './world/browser.mjs';
import { BUILD, Server } from './world/server.mjs';

const PICTURE = join(BUILD, '../docs/checkout.png');
const PHONE = { name: 'picture', viewport: { width: 360, height: 740 }, deviceScaleFactor: 2, isMobile: true, hasTouch: true };
const WALLETS = { bkash: '01700000001', nagad: '01700000002', rocket: '01700000003', upay: '01700000004' };

const server = await Server.start();
const browser = await launch();
try {
  const { brand_id: brand, rupantorpay } = await server.brand('Rupali Tea House', 'live');
  for (const [method, number] of Object.entries(WALLETS)) {
    await server.run('wallet', 'add', '--brand', brand, '--method', method, '--number', number);
  }
  const answer = await fetch(`${server.url}/api/payment/checkout`, {
    method: 'POST',
    headers: { 'x-api-key': rupantorpay.api_key, 'content-type': 'application/json' },
    body: JSON.stringify({
      fullname: 'John Doe', email: 'john@example.com', amount: '1260',
      success_url: 'https://shop.example/success', cancel_url: 'https://shop.example/cancel',
    }),
  });
  const { payment_url: address } = await answer.json();
  const payer = await Payer.open(browser, PHONE);
  // The server notices what another process changed within a second or so.
  const tiles = payer.page.locator('[data-method]');
  for (let loaded = 0; loaded < 100 && (await tiles.count()) < Object.keys(WALLETS).length; loaded += 1) {
    await payer.page.goto(`${address}?method=bkash`);
  }
  await payer.page.locator('#pay').waitFor();
  await payer.page.screenshot({ path: PICTURE });
} finally {
  await browser.close();
  await server.stop();
}
