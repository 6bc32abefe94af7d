// Pages in headless Chromium, without a network.

import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

import { chromium } from 'playwright-core';

const PROGRAM = process.env.PGTAP_CHROMIUM ?? '/usr/bin/chromium';
const ARGUMENTS = [
  '--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--no-first-run',
];

/** Why there are no pages, or `false`; where PGTAP_REQUIRE_CHROMIUM is 1 they must be there. */
export const skip = existsSync(PROGRAM) || process.env.PGTAP_REQUIRE_CHROMIUM === '1' ? false
  : `Chromium is not installed as ${PROGRAM}: apt-get install chromium, or set PGTAP_CHROMIUM`;

/** A browser; `close` ends it and removes its files. */
export async function browser() {
  const folder = mkdtempSync(join(tmpdir(), 'pgtap-page-'));
  const running = await chromium.launch({ executablePath: PROGRAM, args: ARGUMENTS });
  const contexts = [];
  /** Goes to an address: `page`, and what it did that it must not do; requests are only for what is `allowed`. */
  async function visit(address, { allowed = (url) => url.split('#')[0] === address.split('#')[0], ...options } = {}) {
    const context = await running.newContext({ viewport: { width: 1280, height: 900 }, ...options });
    contexts.push(context);
    const page = await context.newPage();
    const faults = [];
    page.on('console', (message) => faults.push(`console: ${message.text()}`));
    page.on('pageerror', (error) => faults.push(`error: ${error.stack}`));
    page.on('dialog', (dialog) => { faults.push(`dialog: ${dialog.message()}`); dialog.dismiss(); });
    page.on('request', (request) => allowed(request.url()) || faults.push(`request: ${request.url()}`));
    await page.goto(address);
    return { page, faults };
  }
  return {
    visit,
    /** Opens a report. */
    open(html, { hash = '', ...options } = {}) {
      const file = join(folder, `report-${contexts.length}.html`);
      writeFileSync(file, html);
      return visit(`${pathToFileURL(file).href}${hash}`, options);
    },
    async close() {
      await running.close();
      rmSync(folder, { recursive: true });
    },
  };
}
