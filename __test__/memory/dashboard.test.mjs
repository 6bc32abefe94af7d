// The dashboard in Chromium, served by a program of its own whose memory changes.
import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { parse } from 'parse5';

import { browser, skip } from '../report/chromium.mjs';

const require = createRequire(import.meta.url);
const { dashboardPage } = require('../../lib/memory/http/dashboard/index.js');

const SERVER = fileURLToPath(new URL('../children/memory/dashboard-server.mjs', import.meta.url));
const PATIENCE = { timeout: 20_000 };
const TOKEN = 'the-token';
const folder = mkdtempSync(join(tmpdir(), 'pgtap-dashboard-'));

let chromium;
before(async () => { if (!skip) chromium = await browser(); });
after(async () => {
  await chromium?.close();
  rmSync(folder, { recursive: true });
});

/** A server: `run` has it do something, `end` ends it. */
async function serve(options = {}) {
  const child = fork(SERVER, [JSON.stringify({ snapshotDir: join(folder, 'snapshots'), ...options })], { execArgv: options.execArgv ?? [] });
  const [[, port]] = await once(child, 'message');
  return {
    port,
    pid: child.pid,
    async run(command, argument) {
      child.send([command, argument]);
      await once(child, 'message');
    },
    async end() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
  };
}

/** A test with a server and its page, which must ask nothing but the base path and complain of nothing but `expected`. */
function onDashboard(title, options, check) {
  const { server: of = {}, expected = /^$/, base = '/api/memory', ...how } = options;
  test(title, { skip }, async (t) => {
    const server = await serve(of);
    t.after(() => server.end());
    const allowed = (url) => url.startsWith(`http://127.0.0.1:${server.port}${base}/`) || url.startsWith('data:image/svg+xml');
    const { page, faults } = await chromium.visit(`http://127.0.0.1:${server.port}${base}/dashboard`, { allowed, ...how });
    page.setDefaultTimeout(PATIENCE.timeout);
    await page.locator('#connection', { hasText: 'Live' }).waitFor();
    await page.locator('.figure').nth(7).waitFor();
    await check(page, server);
    assert.deepEqual(faults.filter((fault) => !expected.test(fault)), []);
    await page.context().close();
  });
}

/** The console tells of every answer that is no success; the page shows it. */
const REFUSED = /^console: Failed to load resource: the server responded with a status of (?:400|403|429)/;

const figure = (page, title) => page.locator('.figure', { has: page.getByText(title, { exact: true }) });
const megabytes = async (page, title) => Number.parseFloat(await figure(page, title).locator('.figure-value').textContent());
const shown = (page, selector, text) => page.locator(selector, { hasText: text }).first().waitFor({ state: 'attached' });
const outcome = (page, text) => shown(page, '#outcomes li', text);
const button = (page, title) => page.getByRole('button', { name: title, exact: true });

async function giveToken(page, token = TOKEN) {
  await page.getByLabel('Token').fill(token);
  await page.getByLabel('Token').press('Enter');
  await shown(page, '#connection', 'Live');
}

// Without a browser

const elementsOf = (node) => [node, ...(node.childNodes ?? []).flatMap(elementsOf)];
const attribute = (node, name) => node.attrs.find((found) => found.name === name)?.value;
const sha256 = (text) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

test('one page without any other file, whose policy lets nothing else run', () => {
  const { headers, body } = dashboardPage();
  assert.equal(dashboardPage().body, body);
  const elements = elementsOf(parse(body)).filter((node) => node.tagName);
  const all = (name) => elements.filter(({ tagName }) => tagName === name);
  assert.deepEqual(['script', 'style', 'link', 'img', 'iframe'].map((name) => all(name).length), [1, 1, 1, 0, 0]);
  for (const { attrs } of elements) for (const { name } of attrs) assert.doesNotMatch(name, /^on|^style$|^src$|^action$/);
  const [program, style] = ['script', 'style'].map((name) => all(name)[0].childNodes[0].value);
  assert.equal(headers['Content-Security-Policy'], `default-src 'none'; script-src ${sha256(program)}; style-src ${sha256(style)}; `
    + "connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'");
  assert.doesNotMatch(program, /innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|Function\(|localStorage|sessionStorage/);
  assert.doesNotMatch(body, /<!--\{/);
  assert.match(attribute(all('link')[0], 'href'), /^data:/);
});

test('what is referred to is there, and what is entered has a label', () => {
  const elements = elementsOf(parse(dashboardPage().body)).filter((node) => node.tagName);
  const ids = elements.map((node) => attribute(node, 'id')).filter(Boolean);
  assert.equal(new Set(ids).size, ids.length);
  for (const node of elements) {
    const named = ['aria-labelledby', 'aria-describedby'].flatMap((name) => attribute(node, name)?.split(' ') ?? []);
    for (const id of named) assert.ok(ids.includes(id), id);
    if (node.tagName === 'input') assert.equal(node.parentNode.tagName, 'label');
    if (node.tagName === 'button') assert.ok(node.childNodes[0].value.trim());
  }
});

// With one

onDashboard('figures of memory, which change while the program allocates', {}, async (page, server) => {
  assert.match(await page.locator('#process').textContent(), new RegExp(`process ${server.pid} . Node.js v\\d+`));
  assert.equal(await page.locator('#level-word').textContent(), 'Healthy');
  assert.match(await page.locator('#use').textContent(), /^\d+\.\d\u00a0% of V8’s heap limit, \d+\.\d+\u00a0[MG]B$/);
  assert.match(await page.title(), /^Healthy \d+ % – Memory$/);
  assert.deepEqual(await page.locator('.figure dt').allTextContents(),
    ['Heap used', 'External', 'Resident', 'Heap limit', 'Effective limit', 'Collections', 'Last pause', 'All pauses']);
  for (const value of await page.locator('.figure-value').allTextContents()) assert.match(value, /^\d[\d.,]*(?:\u00a0(?:[KMG]?B|ms|s))?$|^–$/);
  const external = await megabytes(page, 'External');
  const line = () => page.locator('path.externalBytes').getAttribute('d');
  const drawn = await line();
  await server.run('hold', 200);
  await page.waitForFunction((least) => Number.parseFloat(document.querySelectorAll('.figure-value')[1].textContent) >= least, external + 199);
  assert.notEqual(await line(), drawn);
  assert.ok(await megabytes(page, 'Resident') > 200);
});

onDashboard('a page that is opened later begins with the history', {}, async (page, server) => {
  const points = () => page.evaluate(() => document.querySelector('path.heapUsedBytes').getAttribute('d').match(/[ML]/g).length);
  await page.waitForFunction(() => document.querySelector('path.heapUsedBytes').getAttribute('d').match(/[ML]/g).length >= 4);
  const before = await points();
  await page.reload();
  await page.locator('path.heapUsedBytes').waitFor({ state: 'attached' });
  assert.ok(await points() >= before - 1);
  assert.ok(server.pid);
});

onDashboard('a change of the level: in words, in colour, and said aloud', { server: { roomMB: 200 } }, async (page, server) => {
  const colour = () => page.locator('#level').evaluate((element) => getComputedStyle(element).color);
  const healthy = await colour();
  assert.match(await page.locator('#thresholds').textContent(), /warning from 80.% . critical from 90.% . emergency from 95.%/);
  await server.run('hold', 190);
  await shown(page, '#level-word', /Warning|Critical|Emergency/);
  await shown(page, '#said', /^Memory is (?:warning|critical|emergency): \d+\.\d.%$/);
  assert.equal(await page.locator('#said').getAttribute('aria-live'), 'polite');
  assert.notEqual(await colour(), healthy);
  assert.match(await page.locator('#use').textContent(), /of the configured limit/);
  assert.match(await page.locator('#meter').getAttribute('aria-valuetext'), /^(?:Warning|Critical|Emergency), /);
  assert.match(await page.title(), /^(?:Warning|Critical|Emergency) \d+ %/);
});

onDashboard('operations, consumers, spikes, collections and the leak report', {}, async (page, server) => {
  for (const title of ['Top consumers', 'Operations', 'Spikes']) await page.getByRole('heading', { name: title, level: 2 }).waitFor();
  await shown(page, '#spikes .empty', 'No spike was found.');
  for (let at = 0; at < 3; at += 1) await server.run('operation', 'read orders');
  await server.run('spike', 'import prices');
  await shown(page, '#spikes tbody', 'import prices');
  assert.deepEqual((await page.locator('#spikes tbody tr').first().locator('td').allTextContents()), ['60.0\u00a0MB', 'high', 'import prices']);
  await shown(page, '#operations tbody th', 'read orders');
  const consumers = page.getByRole('region', { name: 'Top consumers' }).last();
  await consumers.getByRole('rowheader', { name: 'read orders' }).waitFor();
  assert.equal(await consumers.locator('tbody td').first().textContent(), '3');
  await page.waitForFunction(() => Number(document.querySelectorAll('.figure-value')[5].textContent) > 0);
  assert.match(await figure(page, 'Last pause').locator('.figure-hint').textContent(), /^(?:minor|major|incremental|weak|other), \d\d:\d\d:\d\d/);
  assert.match(await page.locator('#leak .score').textContent(), /^0 of 100 . No window is full yet/);
  assert.deepEqual(await page.locator('#leak .number').allTextContents(), ['0 of 40', '0 of 20', '0 of 20', '0 of 15', '0 of 5']);
});

onDashboard('an action that is not allowed says so, asks for a token, and is done with it', { server: { token: TOKEN }, expected: REFUSED }, async (page) => {
  await button(page, 'Collect garbage').click();
  await outcome(page, /Collection.*Refused \(403\): The function "authorize" did not answer true/);
  await giveToken(page, 'wrong');
  await button(page, 'Collect garbage').click();
  await page.getByLabel('Token').waitFor();
  assert.equal(await page.getByLabel('Token').inputValue(), '');
  await giveToken(page);
  await button(page, 'Collect garbage').click();
  await outcome(page, /Collection.*(?:freed [\d.]+.[KM]?B in|left out)/);
  await button(page, 'Collect garbage').click();
  await outcome(page, /Too soon \(429\)\. It may be asked again in (?:29|30).s, at \d\d:\d\d:\d\d\./);
  await button(page, 'Emergency cleanup').click();
  await outcome(page, /Emergency cleanup\d+ of \d+ cleanups done, .* freed/);
  await outcome(page, /Cleanupmalloc trim: /);
});

onDashboard('no action without authorisation on the server', { expected: REFUSED }, async (page) => {
  await button(page, 'Emergency cleanup').click();
  await outcome(page, /Refused \(403\): Actions need authorisation, and none is configured/);
});

const SNAPSHOTS = join(folder, 'by keyboard');

onDashboard('a heap snapshot is asked about first, by keyboard alone', { server: { token: TOKEN, snapshotDir: SNAPSHOTS }, expected: REFUSED }, async (page) => {
  await button(page, 'Collect garbage').click();
  await giveToken(page);
  await page.getByLabel('Reason for the snapshot').focus();
  await page.keyboard.type('high <b>memory</b> at 5');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  const dialog = page.getByRole('dialog', { name: 'Take a heap snapshot?' });
  await dialog.waitFor();
  assert.match(await page.locator('#confirm-text').textContent(), /V8 stops the program while it writes: with \d+\.\d.MB in use up to about/);
  assert.equal(await page.evaluate(() => document.activeElement.textContent), 'Cancel', 'the harmless one comes first');
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'hidden' });
  assert.equal(await page.evaluate(() => document.activeElement.textContent), 'Heap snapshot…');
  assert.ok(!existsSync(SNAPSHOTS));
  const take = async () => {
    await page.keyboard.press('Enter');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
  };
  await take();
  await outcome(page, /Snapshot.*\(400\): "reason" must be/);
  await page.getByLabel('Reason for the snapshot').fill('high <b onclick=alert(1)>memory');
  await page.keyboard.press('Tab');
  await take();
  await outcome(page, /Snapshot.*\.heapsnapshot, .*MB, for “high <b onclick=alert\(1\)>memory”; the program stood still for/);
  assert.equal(readdirSync(SNAPSHOTS).length, 1);
  assert.equal(await page.locator('#outcomes li', { hasText: '.heapsnapshot' }).count(), 1, 'told once');
  assert.equal(await page.locator('#outcomes b').count(), 0);
});

const HOSTILE = ['<img src=x onerror=alert(1)>', '</script><script>alert(2)</script>', 'safe\u202egnp.exe\u0000\u001b[31m', '"><svg onload=alert(3)>', '__proto__'];

onDashboard('names are text, whatever they hold', {}, async (page, server) => {
  for (const name of HOSTILE) {
    await server.run('operation', name);
    await server.run('spike', name);
  }
  await shown(page, '#operations tbody th', '__proto__');
  await shown(page, '#consumers tbody th', '__proto__');
  for (const part of ['#operations', '#consumers', '#spikes']) {
    const names = await page.locator(`${part} bdi`).allTextContents();
    assert.deepEqual([...new Set(names)].sort(), HOSTILE.map((name) => name.replace(/[\u202e\u0000\u001b]/g, (found) => `\\u{${found.charCodeAt(0).toString(16)}}`)).sort(), part);
  }
  assert.equal(await page.locator('main :is(img, script, svg[onload])').count(), 0);
});

onDashboard('a pause holds the picture still', {}, async (page, server) => {
  await button(page, 'Pause').click();
  assert.equal(await page.locator('#pause').getAttribute('aria-pressed'), 'true');
  assert.match(await page.locator('#connection').textContent(), /paused/);
  const still = await page.locator('main').evaluate((main) => main.innerHTML);
  const other = await page.context().newPage();
  await other.goto(page.url());
  await other.locator('.figure').nth(7).waitFor();
  const external = await megabytes(other, 'External');
  await server.run('hold', 100);
  await other.waitForFunction((least) => Number.parseFloat(document.querySelectorAll('.figure-value')[1].textContent) >= least, external + 99);
  await other.close();
  assert.equal(await page.locator('main').evaluate((main) => main.innerHTML), still);
  await button(page, 'Pause').click();
  await page.waitForFunction(() => Number.parseFloat(document.querySelectorAll('.figure-value')[1].textContent) > 100);
});

onDashboard('a server that is gone is asked again until it is back', { expected: /ERR_(?:CONNECTION_REFUSED|INCOMPLETE_CHUNKED_ENCODING|CONNECTION_RESET|EMPTY_RESPONSE)/ }, async (page, server) => {
  await server.end();
  await shown(page, '#connection', /^The server is gone; asked again in \d+.s$/);
  assert.match(await page.locator('#said').textContent(), /^The server is gone$/);
  assert.ok(await page.locator('.figure').first().isVisible(), 'the last figures stay');
  const again = await serve({ port: server.port });
  try {
    await shown(page, '#connection', 'Live');
    await shown(page, '#process', `process ${again.pid}`);
  } finally {
    await again.end();
  }
});

onDashboard('below any path, where a framework has mounted it', {
  server: { basePath: '/deep/er/mem', mount: '/admin' }, base: '/admin/deep/er/mem', expected: REFUSED,
}, async (page) => {
  await button(page, 'Collect garbage').click();
  await outcome(page, /Refused \(403\)/);
});

const focused = (page) => page.evaluate(() => document.activeElement.id || document.activeElement.textContent || document.activeElement.name);

onDashboard('by keyboard alone', {}, async (page) => {
  const press = async (...keys) => { for (const key of keys) await page.keyboard.press(key); };
  await press('Tab');
  assert.equal(await focused(page), 'Skip to the figures');
  await press('Tab');
  assert.equal(await focused(page), 'pause');
  await press('Tab');
  assert.equal(await focused(page), 'range');
  await press('ArrowRight');
  assert.equal(await page.getByLabel('30 min').isChecked(), true);
  await press('Tab', 'Space');
  assert.equal(await page.getByLabel('up to the limit').isChecked(), true);
  await press('Tab');
  assert.equal(await focused(page), 'chart');
  await press('ArrowLeft');
  const read = page.locator('#chart-read');
  assert.match(await read.textContent(), /^\d\d:\d\d:\d\d: resident [\d.]+.MB, heap used [\d.]+.MB, external [\d.]+.MB, heap limit .*, effective limit .*; \d+\.\d.% in use$/);
  await press('Escape');
  assert.match(await read.textContent(), /^Point at the lines/);
  await press('Tab', 'Tab', 'Tab');
  assert.equal(await focused(page), 'reason');
});

/** Texts that are seen, with their colours and what lies behind them. */
function seenTexts() {
  const rgb = (colour) => colour.match(/[\d.]+/g).map(Number);
  const light = (colour) => colour.slice(0, 3).map((part) => part / 255).map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4))
    .reduce((sum, part, at) => sum + part * [0.2126, 0.7152, 0.0722][at], 0);
  const behind = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const colour = rgb(getComputedStyle(at).backgroundColor);
      if ((colour[3] ?? 1) === 1) return colour;
    }
    return [255, 255, 255];
  };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const texts = [];
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || !element.checkVisibility() || element.closest('.unseen, .skip, script, style')) continue;
    const style = getComputedStyle(element);
    const [a, b] = [light(rgb(element instanceof SVGElement ? style.fill : style.color)), light(behind(element))].sort((x, y) => y - x);
    texts.push({ text: walker.currentNode.data.trim(), ratio: (a + 0.05) / (b + 0.05) });
  }
  return texts;
}

const backs = new Set();

for (const colorScheme of ['light', 'dark']) {
  onDashboard(`contrast is enough in the ${colorScheme} page`, { colorScheme, server: { roomMB: 200 } }, async (page, server) => {
    await server.run('operation', 'read orders');
    await server.run('spike', 'read orders');
    await shown(page, '#operations tbody th', 'read orders');
    backs.add(await page.evaluate(() => getComputedStyle(document.body).backgroundColor));
    for (const level of ['healthy', 'warning', 'critical', 'emergency']) {
      await page.evaluate((now) => { document.body.dataset.level = now; }, level);
      const texts = await page.evaluate(seenTexts);
      assert.ok(texts.length > 50);
      assert.deepEqual(texts.filter(({ ratio }) => ratio < 4.5), [], level);
    }
  });
}

test('light and dark are not the same', { skip }, () => assert.equal(backs.size, 2));

onDashboard('on a narrow screen nothing is cut off', { viewport: { width: 360, height: 740 } }, async (page, server) => {
  await server.run('operation', 'an operation whose name is long, as names of operations in real programs often are');
  await shown(page, '#operations tbody th', 'an operation');
  assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth));
  const outside = await page.locator('main > *').evaluateAll((all) => all.filter((each) => each.getBoundingClientRect().right > innerWidth).length);
  assert.equal(outside, 0);
});

onDashboard('nothing moves by itself for those who do not want that', { reducedMotion: 'reduce' }, async (page) => {
  assert.equal(await page.locator('.meter-fill').evaluate((fill) => getComputedStyle(fill).transitionDuration), '0s');
});

const IMAGES = fileURLToPath(new URL('../../docs/images/', import.meta.url));
/** As long as the page shows at first: pictures are of a program that has worked that long. */
const WORKED_MS = 5.5 * 60_000;

test('the pictures of the page', { skip }, async (t) => {
  const paths = ['light', 'dark'].map((colorScheme) => ({ colorScheme, path: `${IMAGES}dashboard-${colorScheme}.png` }));
  if (process.env.PGTAP_SCREENSHOTS === '1') {
    const server = await serve({ token: TOKEN, execArgv: ['--max-old-space-size=256'] });
    t.after(() => server.end());
    await server.run('work');
    const open = ({ colorScheme }) => chromium.visit(`http://127.0.0.1:${server.port}/api/memory/dashboard`, {
      colorScheme, viewport: { width: 1280, height: 1060 }, allowed: () => true,
    });
    const pages = await Promise.all(paths.map(open));
    await new Promise((settle) => setTimeout(settle, WORKED_MS));
    for (const [at, { page }] of pages.entries()) {
      await page.screenshot({ path: paths[at].path });
    }
  }
  for (const { path } of paths) assert.ok(statSync(path).size < 250 * 1024);
});
