// What must hold of every page: WCAG AA as far as a program can tell, and no text that was forgotten to translate.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';

const { source: AXE } = createRequire(import.meta.url)('axe-core');
const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];

/** No violation of WCAG 2 A and AA in a page or frame. Frames within it are audited by themselves. */
export async function assertAccessible(frame, what) {
  await frame.evaluate(AXE);
  const found = await frame.evaluate(async (tags) => {
    const result = await globalThis.axe.run(document, { runOnly: tags, iframes: false, resultTypes: ['violations'] });
    return result.violations.flatMap((violation) =>
      violation.nodes.map((node) => `${violation.id} at ${node.target.join(' ')}: ${node.failureSummary.replace(/\s+/g, ' ')}`),
    );
  }, TAGS);
  assert.deepEqual(found, [], `${what}: accessible`);
}

/** Speaks `language` and shows no key of a text. */
export async function assertTranslated(page, language, what) {
  const { lang, texts } = await page.evaluate(() => {
    const texts = [document.title];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) texts.push(walker.currentNode.data);
    const named = ['aria-label', 'title', 'alt', 'placeholder', 'data-done', 'data-busy', 'data-missing', 'data-short', 'data-problem', 'data-wrong', 'data-over'];
    for (const name of named) {
      for (const node of document.querySelectorAll(`[${name}]`)) texts.push(node.getAttribute(name));
    }
    return { lang: document.documentElement.lang, texts };
  });
  assert.equal(lang, language, `${what}: lang`);
  const keys = texts.map((text) => text.trim()).filter((text) => /^[a-z]+(-[a-z0-9]+)+$/.test(text));
  assert.deepEqual(keys, [], `${what}: untranslated`);
}

/** No text is cut off or runs out of the page sideways. */
export async function assertFits(page, what) {
  const over = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  assert.ok(over <= 0, `${what}: ${over} px wider than the screen`);
}
