// Chromium: one for the run, a fresh profile for every check, and an eye on what no page may do.
import assert from 'node:assert/strict';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { chromium } from 'playwright-core';

import { BUILD } from './server.mjs';

const SHOTS = join(BUILD, 'screenshots');
const PATIENCE_MS = 15_000;
const ARGS = [
  '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync',
];

/** The two sizes that every check runs at. */
export const VIEWS = [
  { name: 'phone', viewport: { width: 360, height: 740 }, deviceScaleFactor: 2, isMobile: true, hasTouch: true },
  { name: 'desktop', viewport: { width: 1280, height: 900 }, deviceScaleFactor: 1, isMobile: false, hasTouch: false },
];

/** Empties the folder of the pictures. */
export async function clearShots() {
  await rm(SHOTS, { recursive: true, force: true });
  await mkdir(SHOTS, { recursive: true });
}

export async function launch() {
  return chromium.launch({ executablePath: process.env.CHROMIUM_BIN || '/usr/bin/chromium', args: ARGS });
}

// What a browser says on its console of an answer that it was right to give: refusals are 4xx.
const REFUSAL = /^Failed to load resource: the server responded with a status of 4\d\d/;

/** A payer with a browser of their own. */
export class Payer {
  /** `options` as for a browser context: `locale`, `colorScheme`, `javaScriptEnabled`. */
  static async open(browser, view, options = {}) {
    const payer = new Payer();
    payer.view = view;
    payer.faults = [];
    payer.requests = [];
    const { name, ...size } = view;
    payer.context = await browser.newContext({ ...size, locale: 'en-GB', colorScheme: 'light', ...options });
    payer.context.setDefaultTimeout(PATIENCE_MS);
    payer.context.on('request', (request) => payer.requests.push(request.url()));
    payer.context.on('weberror', (error) => payer.faults.push(String(error.error())));
    payer.context.on('console', (message) => {
      const isFault = ['error', 'warning'].includes(message.type()) && !REFUSAL.test(message.text());
      if (isFault) payer.faults.push(`${message.type()}: ${message.text()}`);
    });
    payer.page = await payer.context.newPage();
    return payer;
  }

  /** A click or, on a phone, a touch. */
  async press(target) {
    const locator = typeof target === 'string' ? this.page.locator(target) : target;
    if (this.view.hasTouch) await locator.tap();
    else await locator.click();
  }

  /** The text of an element, as one line. */
  async text(selector) {
    const text = await this.page.locator(selector).innerText();
    return text.replace(/\s+/g, ' ').trim();
  }

  /** Waits until an element's text matches. */
  async reads(selector, pattern) {
    await this.page.locator(selector).filter({ hasText: pattern }).first().waitFor();
  }

  /** Keeps a picture of the whole page. */
  async shot(name) {
    await this.page.screenshot({ path: join(SHOTS, `${name}-${this.view.name}.png`), fullPage: true, animations: 'disabled' });
  }

  /** No error on the console, no broken policy, nothing asked of a host that is none of `origins`. */
  assertQuiet(origins) {
    assert.deepEqual(this.faults, [], 'the console is quiet');
    const strangers = this.requests.filter((url) => !/^(data|blob|about):/.test(url) && !origins.includes(new URL(url).origin));
    assert.deepEqual(strangers, [], 'no other host is asked');
  }

  async close() {
    await this.context.close();
  }
}
