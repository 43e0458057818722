// One server, one shop's web site and one browser for the run; a brand and a browser profile for every check.
import { after, before, describe, test } from 'node:test';

import { clearShots, launch, Payer, VIEWS } from './browser.mjs';
import { Merchant } from './merchant.mjs';
import { Server } from './server.mjs';
import { Shop } from './shop.mjs';

export { assertAccessible, assertFits, assertTranslated } from './audit.mjs';

const CHECK_MS_MAX = 60_000;
// Checks mostly wait for the page to ask again or to lead back by itself.
const AT_ONCE = 3;
const SHOP = 'Rupali Tea House';
const world = {};
const checks = [];

async function run({ title, body, options, view }, diagnose) {
  const slug = title.toLowerCase().replace(/[^a-z0-9]+/g, '-').slice(0, 60);
  const shop = new Shop(world.server, world.merchant, await world.server.brand(SHOP), SHOP);
  const payer = await Payer.open(world.browser, view, options.context);
  try {
    await body({ payer, page: payer.page, shop, server: world.server, merchant: world.merchant, view, diagnose });
    if (!options.mayBeLoud) payer.assertQuiet([world.server.url, world.merchant.url]);
  } catch (error) {
    await payer.shot(`FAILED-${slug}`).catch(() => {});
    throw error;
  } finally {
    await payer.close();
  }
}

/** A check at both sizes. `options`: `context` for the browser, `mayBeLoud` where errors belong. */
export function check(title, body, options = {}) {
  for (const view of VIEWS) checks.push({ title, body, options, view });
}

/** Runs what was registered; `CHECKS=word` only what has that word in its title. */
export function runChecks() {
  const wanted = checks.filter(({ title }) => title.includes(process.env.CHECKS ?? ''));
  describe('in the browser', { concurrency: AT_ONCE }, () => {
    before(async () => {
      await clearShots();
      world.server = await Server.start();
      world.merchant = await Merchant.start(world.server.url);
      world.browser = await launch();
    });
    after(async () => {
      await world.browser?.close();
      await world.merchant?.stop();
      await world.server?.stop();
    });
    for (const one of wanted) {
      const title = `${one.title} (${one.view.name})`;
      test(title, { timeout: CHECK_MS_MAX }, (t) => run(one, (text) => t.diagnostic(text)));
    }
  });
}
