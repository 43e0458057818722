// Four languages: the browser's first, then whichever the payer switches to; nothing is left untranslated.
import assert from 'node:assert/strict';

import { assertFits, assertTranslated, check } from '../world/index.mjs';

const LANGUAGES = { bn: ['bn-BD', 'বাংলা'], en: ['en', 'English'], hi: ['hi', 'हिन्दी'], bg: ['bg', 'Български'] };

for (const [code, [locale]] of Object.entries(LANGUAGES)) {
  check(`a browser that asks for ${locale} gets every page in it`, async ({ payer, page, shop }) => {
    const translated = async (what) => {
      await assertTranslated(page, code, what);
      await assertFits(page, what);
      await payer.shot(`language-${code}-${what}`);
    };
    const made = await shop.create('1260.50');
    await page.goto(made.url);
    await translated('open');
    await payer.press('[data-method] >> nth=0');
    await page.locator('#pay').waitFor();
    await translated('method');
    await page.locator('#reference').fill('DKL!!!1234');
    await payer.press('.claim .button');
    await payer.reads('#reference-error', /./);
    await translated('error');
    await page.locator('#reference').fill(shop.sms(1).reference);
    await payer.press('.claim .button');
    await page.locator('.waiting').waitFor();
    await translated('waiting');

    for (const outcome of ['decline', 'expire', 'cancel', 'succeed']) {
      const other = await shop.create('80');
      await shop.simulate(other, outcome);
      await page.goto(other.page);
      await page.locator('[data-outcome]').waitFor();
      await translated(outcome);
    }

    const paid = await shop.create('90');
    await page.goto(paid.url);
    await payer.press('.sandbox a');
    await page.locator('#amount').waitFor();
    await translated('wallet');
    await page.locator('#amount').fill('-1');
    await payer.press('.screen .button');
    await payer.reads('#amount-error', /./);
    await translated('wallet-error');
    await page.locator('#amount').fill('90');
    await payer.press('.screen .button');
    await page.locator('.sms').waitFor();
    await translated('wallet-sent');

    assert.equal((await page.goto(`${shop.server.url}/checkout/nothing`)).status(), 404);
    await translated('not-found');
  }, { context: { locale } });
}

check('the switcher changes the language, and it stays', async ({ payer, page, shop }) => {
  const made = await shop.create('50');
  await page.goto(`${made.page}?method=nagad`);
  for (const [code, [, name]] of Object.entries(LANGUAGES)) {
    await payer.press('.languages summary');
    if (code === 'hi') await payer.shot('languages');
    await payer.press(page.locator('.languages').getByRole('link', { name, exact: true }));
    await page.locator(`html[lang=${code}]`).waitFor();
    await payer.reads('#how', /Nagad/);
    await assertTranslated(page, code, name);
  }
  const next = await shop.create('50');
  await page.goto(next.url);
  await assertTranslated(page, 'bg', 'the next payment');
});
