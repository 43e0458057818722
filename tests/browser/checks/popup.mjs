// The shop's page opens the checkout over itself, from another origin and under policies of its own.
import assert from 'node:assert/strict';

import { assertAccessible, check } from '../world/index.mjs';
import { parametersOf } from './parameters.mjs';

const DIALOG = '[role=dialog]';

/** The checkout within the overlay, once it has loaded and told the page around it so. */
async function frameOf(page, server, ready = '[data-page]') {
  await page.locator(`${DIALOG} iframe`).waitFor();
  const inside = page.frameLocator(`${DIALOG} iframe`);
  await inside.locator(ready).first().waitFor();
  await page.locator(`${DIALOG}:not([aria-busy])`).waitFor();
  const frame = page.frames().find((one) => one.url().startsWith(server.url));
  assert.ok(frame, 'the frame shows the checkout');
  return frame;
}

async function openBy(payer, address) {
  await payer.page.goto(address);
  await payer.press('#buy');
}

async function gone(page) {
  await page.locator(DIALOG).waitFor({ state: 'detached' });
}

function focused(page) {
  return page.evaluate(() => document.activeElement.id || document.activeElement.tagName);
}

check('the popup is a modal dialog that closes and reopens; the page below stays', async ({ payer, page, shop, server, merchant }) => {
  const made = await shop.create('640');
  await openBy(payer, merchant.page(made.url, 'strict'));
  const shopPage = page.url();
  let frame = await frameOf(page, server);
  const dialog = page.locator(DIALOG);
  assert.equal(await dialog.getAttribute('aria-modal'), 'true');
  assert.ok(await dialog.getAttribute('aria-label'), 'the dialog has a name');
  assert.ok(await dialog.evaluate((node) => node.contains(document.activeElement)), 'the focus moves in');
  assert.ok(await page.locator('main').evaluate((node) => node.inert), 'the page below is inert');

  const closings = {
    'Escape in the page': async () => page.keyboard.press('Escape'),
    'Escape within the frame, after one that only closed a menu': async () => {
      await payer.press(frame.locator('.languages summary'));
      await page.keyboard.press('Escape');
      await frame.locator('.languages:not([open])').waitFor();
      assert.equal(await dialog.count(), 1, 'the menu was closed, not the popup');
      await page.keyboard.press('Escape');
    },
    'the close button': async () => payer.press(dialog.getByRole('button')),
  };
  for (const [how, close] of Object.entries(closings)) {
    await close();
    await gone(page);
    assert.equal(await focused(page), 'buy', `${how}: the focus returns`);
    assert.equal(page.url(), shopPage, `${how}: the page stays`);
    assert.ok(!(await page.locator('main').evaluate((node) => node.inert)), `${how}: the page is alive again`);
    await payer.press('#buy');
    frame = await frameOf(page, server, '[data-method]');
  }
});

for (const colorScheme of ['light', 'dark']) {
  check(`the shop's page with the popup is accessible in ${colorScheme}`, async ({ payer, page, shop, server, merchant }) => {
    const made = await shop.create('640');
    await openBy(payer, merchant.page(made.url, 'strict'));
    const frame = await frameOf(page, server, '[data-method]');
    await assertAccessible(page, 'the shop\'s page with the overlay');
    await assertAccessible(frame, 'the checkout within the overlay');
    await payer.shot(`popup-${colorScheme}`);
  }, { context: { colorScheme } });
}

check('keyboard: nothing of the page below can be reached while the popup is open', async ({ payer, page, shop, server, merchant }) => {
  const made = await shop.create('640');
  await openBy(payer, merchant.page(made.url, 'strict'));
  const frame = await frameOf(page, server, '[data-method]');
  const stops = await frame.locator('a[href]:visible, button:visible, summary:visible, input:visible').count();
  const places = [];
  for (const key of ['Tab', 'Shift+Tab']) {
    for (let pressed = 0; pressed < stops + 4; pressed += 1) {
      await page.keyboard.press(key);
      places.push(await page.evaluate(() => document.activeElement.id || document.activeElement.nodeName));
    }
  }
  // Between the end and the beginning stands the browser's own frame: the body.
  assert.deepEqual([...new Set(places)].sort(), ['BODY', 'BUTTON', 'IFRAME'], places.join(' '));
});

check('calling twice opens one popup', async ({ payer, page, shop, server, merchant }) => {
  const made = await shop.create('640');
  const other = await shop.create('641');
  await openBy(payer, merchant.page(made.url, 'strict'));
  await frameOf(page, server);
  await page.evaluate((url) => globalThis.rupantorpayCheckOut(url), made.url);
  assert.equal(await page.locator(DIALOG).count(), 1);
  await page.evaluate((url) => globalThis.rupantorpayCheckOut(url), other.url);
  assert.equal(await page.locator(DIALOG).count(), 1);
  await page.frameLocator(`${DIALOG} iframe`).getByText('৳641.00').first().waitFor();
  await page.keyboard.press('Escape');
  await gone(page);
  assert.equal(await page.locator('iframe').count(), 0);
});

check('paid within the popup: the whole page goes to the success URL', async ({ payer, page, shop, server, merchant }) => {
  const made = await shop.create('640');
  await openBy(payer, merchant.page(made.url, 'strict'));
  const frame = await frameOf(page, server);
  const sms = shop.sms(640);
  await payer.press(frame.getByRole('link', { name: /bKash/ }));
  await frame.locator('#reference').fill(sms.reference);
  await payer.press(frame.getByRole('button', { name: 'Verify' }));
  await frame.locator('.waiting').waitFor();
  await shop.hears(sms);
  await page.frameLocator(`${DIALOG} iframe`).getByText('Payment received').first().waitFor();
  await payer.shot('popup-paid');
  await page.waitForURL(`${merchant.url}/success?*`);
  const told = parametersOf(page.url());
  assert.deepEqual([told.transactionId, told.paymentMethod, told.status], [made.invoice, 'bkash', 'COMPLETED']);
});

check('closing the popup of a paid payment leads on to the success URL', async ({ payer, page, shop, server, merchant }) => {
  const made = await shop.create('640');
  await shop.simulate(made, 'succeed');
  await openBy(payer, merchant.page(made.url, 'strict'));
  await frameOf(page, server, '[data-outcome=succeeded]');
  await page.keyboard.press('Escape');
  await page.waitForURL(`${merchant.url}/success?*`);
});

check('cancelled within the popup: the whole page goes to the cancel URL', async ({ payer, page, shop, server, merchant }) => {
  const made = await shop.create('640');
  await openBy(payer, merchant.page(made.url, 'strict'));
  const frame = await frameOf(page, server);
  await payer.press(frame.locator('.cancel summary'));
  await payer.press(frame.getByRole('button', { name: 'Yes, cancel' }));
  await page.waitForURL(`${merchant.url}/cancel?*`);
  assert.equal(parametersOf(page.url()).transactionId, made.invoice);
});

check('the documented inline call opens the popup while the page loads', async ({ page, shop, server, merchant }) => {
  const made = await shop.create('640');
  await page.goto(merchant.page(made.url, 'none', true));
  await frameOf(page, server);
  await page.keyboard.press('Escape');
  await gone(page);
});

check('a policy that allows only our host is enough', async ({ page, shop, server, merchant }) => {
  const made = await shop.create('640');
  await page.goto(merchant.page(made.url, 'host'));
  await page.locator('#buy').focus();
  await page.evaluate((url) => globalThis.rupantorpayCheckOut(url), made.url);
  await frameOf(page, server);
  const box = await page.locator(DIALOG).boundingBox();
  const size = page.viewportSize();
  assert.deepEqual([box.x, box.y, box.width, box.height], [0, 0, size.width, size.height], 'the overlay has its looks');
  await page.keyboard.press('Escape');
  await gone(page);
});

check('where frames are forbidden the page goes to the payment instead', async ({ payer, page, shop, merchant }) => {
  const made = await shop.create('640');
  await openBy(payer, merchant.page(made.url, 'unframed'));
  await page.waitForURL(`${made.url}*`);
  await payer.reads('h2', /Choose how to pay/);
}, { mayBeLoud: true });

check('what is no payment URL opens nothing', async ({ payer, page, shop, merchant }) => {
  const made = await shop.create('640');
  await page.goto(merchant.page(made.url, 'strict'));
  for (const wrong of ['javascript:alert(1)', 'data:text/html,x', '', null, undefined, 7]) {
    await page.evaluate((url) => globalThis.rupantorpayCheckOut(url), wrong);
  }
  assert.equal(await page.locator(DIALOG).count(), 0);
  assert.ok(payer.faults.every((fault) => fault.includes('not a payment URL')), String(payer.faults));
}, { mayBeLoud: true });
