// Every kind of page, in light and dark, holds WCAG 2 A and AA as far as axe can tell.
import { assertAccessible, assertFits, check } from '../world/index.mjs';

// WCAG 1.4.10: 1280 pixels enlarged four times.
const ENLARGED = { width: 320, height: 256 };

async function assertReflows(page, view, what) {
  if (view.isMobile) return;
  await page.setViewportSize(ENLARGED);
  await assertFits(page, `${what}, enlarged`);
  await page.setViewportSize(view.viewport);
}

for (const colorScheme of ['light', 'dark']) {
  check(`every page is accessible in ${colorScheme}`, async ({ payer, page, shop, view }) => {
    const audit = async (what) => {
      await assertAccessible(page, what);
      await assertFits(page, what);
      await assertReflows(page, view, what);
      await payer.shot(`${colorScheme}-${what}`);
    };
    const made = await shop.create('1260');
    await page.goto(made.url);
    await audit('open');
    await payer.press('.languages summary');
    await audit('languages');
    await payer.press('.languages summary');
    await payer.press('.cancel summary');
    await audit('cancel-sure');
    await payer.press('.cancel summary');
    await payer.press(page.getByRole('link', { name: /bKash/ }));
    await page.locator('#pay').waitFor();
    await audit('method');
    await page.locator('#reference').fill('!');
    await page.keyboard.press('Enter');
    await payer.reads('#reference-error', /./);
    await audit('error');
    await page.locator('#reference').fill(shop.sms(1).reference);
    await page.keyboard.press('Enter');
    await page.locator('.waiting').waitFor();
    await audit('waiting');
    await payer.press('.again > summary');
    await audit('waiting-again');

    for (const outcome of ['succeed', 'cancel', 'expire', 'decline', 'late']) {
      const other = await shop.create('80');
      await shop.simulate(other, outcome);
      await page.goto(other.page);
      await page.locator('[data-outcome]').waitFor();
      await audit(outcome);
    }

    const paid = await shop.create('90');
    await page.goto(paid.page.replace('/checkout/', '/sandbox/wallet/'));
    await audit('wallet');
    await payer.press('.screen .button');
    await page.locator('.sms').waitFor();
    await audit('wallet-sent');
    await page.goto(`${shop.server.url}/checkout/nothing`);
    await audit('not-found');
  }, { context: { colorScheme } });
}
