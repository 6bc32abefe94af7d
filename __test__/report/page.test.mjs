// The page of a report, opened in Chromium: it shows what it should, works by keyboard, and runs nothing of the data.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdirSync, statSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { parse } from 'parse5';

import { renderReport } from '../../lib/index.js';
import { SOURCES, bookshop } from './bookshop-data.mjs';
import { browser, skip } from './chromium.mjs';
import { HOSTILE, generated, hostile, hostileSources, wellFormedDocument } from './coverage-data.mjs';

const generatedAt = new Date('2026-01-02T03:04:05Z');
const htmlOf = (coverage, sources = []) => renderReport(coverage, { format: 'html', sources, generatedAt });
const BOOKSHOP = htmlOf(bookshop(), SOURCES);

let chromium;
before(async () => { if (!skip) chromium = await browser(); });
after(() => chromium?.close());

/** A test with a page, which must do nothing that it must not. */
function onPage(title, html, options, check) {
  test(title, { skip }, async () => {
    const { page, faults } = await chromium.open(typeof html === 'function' ? html() : html, options);
    await check(page, faults);
    assert.deepEqual(faults, []);
    await page.context().close();
  });
}

const texts = (page, selector) => page.locator(selector).allTextContents();
/** Waits for the view with this heading. */
const viewOf = (page, title) => page.getByRole('heading', { level: 2, name: title, exact: true }).waitFor({ timeout: 10_000 });
/** Goes to a view, and waits until it is drawn. */
const go = (page, hash) => page.evaluate((to) => new Promise((resolve) => {
  if (location.hash === to) resolve();
  // The page's own listener was there before this one.
  addEventListener('hashchange', () => resolve(), { once: true });
  location.hash = to;
}), hash);
const focused = (page) => page.evaluate(() => document.activeElement.textContent);

// Without a browser

const elementsOf = (node) => [node, ...(node.childNodes ?? []).flatMap(elementsOf)];
const attribute = (node, name) => node.attrs.find((found) => found.name === name)?.value;
const sha256 = (text) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

test('the markup is of the report alone, and its policy lets nothing else run', () => {
  const html = htmlOf(hostile(), hostileSources());
  const elements = elementsOf(parse(html)).filter((node) => node.tagName);
  const count = (name) => elements.filter(({ tagName }) => tagName === name).length;
  const [data, program] = elements.filter(({ tagName }) => tagName === 'script');
  const [style] = elements.filter(({ tagName }) => tagName === 'style');
  assert.deepEqual(['script', 'style', 'img', 'b', 'h1', 'iframe', 'link'].map(count), [2, 1, 0, 0, 0, 0, 0]);
  assert.equal(attribute(data, 'type'), 'application/json');
  for (const { attrs } of elements) for (const { name } of attrs) assert.doesNotMatch(name, /^on|^style$|^src$/);
  const policy = attribute(elements.find((node) => node.tagName === 'meta' && attribute(node, 'http-equiv')), 'content');
  assert.equal(policy, `default-src 'none'; script-src ${sha256(program.childNodes[0].value)}; style-src ${sha256(style.childNodes[0].value)}; base-uri 'none'; form-action 'none'`);
  const { coverage, sources } = JSON.parse(data.childNodes[0].value);
  assert.deepEqual(coverage, wellFormedDocument(hostile()));
  assert.deepEqual(sources, wellFormedDocument(hostileSources().map(({ path, text }) => [path, text])));
});

test('the same data and date give the same page', () => {
  assert.equal(htmlOf(bookshop(), SOURCES), BOOKSHOP);
});

// With one

onPage('the overview adds up', BOOKSHOP, {}, async (page) => {
  assert.equal(await page.title(), 'Overview \u2013 pgTAP coverage');
  assert.equal(await page.locator('.share strong').textContent(), '52.9\u00a0%');
  assert.deepEqual(await texts(page, '.figure-number'), ['55', '16', '33']);
  assert.deepEqual(await texts(page, '.tabs .size'), ['104', '49', '1', '4']);
  assert.deepEqual((await texts(page, '.tile-name')).sort(), ['audit', 'outside of schemas', 'sales', 'shop', 'staff']);
  assert.equal(await page.getByRole('region', { name: 'Coverage by kind' }).locator('tbody tr').count(), 20);
  assert.match(await page.locator('header .hint').textContent(), /PostgreSQL 15\.20 .* 2026-01-02 03:04 UTC/);
});

onPage('tiles are as large as their schemas, and fill the whole without a gap', BOOKSHOP, {}, async (page) => {
  const whole = await page.locator('.treemap').evaluate((list) => ({ width: list.clientWidth, height: list.clientHeight }));
  const tiles = await page.locator('.treemap li').evaluateAll((items) => items.map((item) => {
    const { left, top } = item.parentElement.getBoundingClientRect();
    const { x, y, width, height } = item.getBoundingClientRect();
    return { x: x - left, y: y - top, width, height, size: Number(item.querySelector('.tile-count').textContent.split(' of ')[1]) };
  }));
  assert.equal(tiles.length, 5);
  for (const { x, y, width, height, size } of tiles) {
    assert.ok(Math.abs(((width * height) / (whole.width * whole.height)) - size / 104) < 0.01, `${size}`);
    assert.ok(x >= -1 && y >= -1 && x + width <= whole.width + 1 && y + height <= whole.height + 1, `${size} is inside`);
    assert.ok(Math.max(width / height, height / width) < 3, `${size} is no strip`);
  }
  const overlap = (a, b) => a.x + 1 < b.x + b.width && b.x + 1 < a.x + a.width && a.y + 1 < b.y + b.height && b.y + 1 < a.y + a.height;
  for (const [at, tile] of tiles.entries()) for (const other of tiles.slice(at + 1)) assert.ok(!overlap(tile, other));
  const labels = await page.locator('.tile').evaluateAll((tiles) => tiles.map((tile) => tile.getAttribute('aria-label')));
  assert.ok(labels.includes('shop: 81.3\u00a0%, 26 of 32 objects asserted'));
});

onPage('from a schema to a kind, an object and the line that asserts it', BOOKSHOP, {}, async (page) => {
  await page.locator('.tile', { hasText: 'shop' }).click();
  await viewOf(page, 'shop');
  await page.locator('.tile', { hasText: 'columns' }).click();
  await viewOf(page, 'Objects');
  assert.equal(await page.locator('.outcome span').first().textContent(), '16 objects');
  assert.equal(await page.getByRole('combobox', { name: 'Schema', exact: true }).inputValue(), 'shop');
  await page.getByRole('link', { name: 'shop.books.price', exact: true }).click();
  await viewOf(page, 'shop.books.price');
  assert.deepEqual(await texts(page, '.crumbs a'), ['All schemas', 'shop', 'columns']);
  await page.getByRole('link', { name: 'catalogue/books.sql:17' }).click();
  await viewOf(page, 'catalogue/books.sql');
  assert.match(await page.locator('.sought').textContent(), /^17●SELECT col_type_is/);
  await page.goBack();
  await viewOf(page, 'shop.books.price');
  await page.goBack();
  await viewOf(page, 'Objects');
  assert.equal(await page.locator('.outcome span').first().textContent(), '16 objects', 'what was asked is found again');
});

onPage('search and selects', BOOKSHOP, { hash: '#/objects' }, async (page) => {
  const rows = () => texts(page, 'tbody th');
  await page.getByLabel('Search').fill('ORDER column');
  assert.ok((await rows()).every((name) => /order/.test(name)) && (await rows()).length > 5);
  await page.getByLabel('State').selectOption('untested');
  assert.deepEqual(await rows(), ['sales.returns.order_line_id']);
  assert.match(page.url(), /state=untested/);
  await page.reload();
  assert.deepEqual(await rows(), ['sales.returns.order_line_id'], 'the address holds what was asked');
  await page.getByLabel('Search').fill('nothing is called so');
  assert.equal(await page.locator('.empty p').textContent(), 'No object fits. Show all');
  await page.getByRole('button', { name: 'Show all' }).click();
  await page.locator('tbody tr').nth(99).waitFor({ timeout: 10_000 });
  assert.equal((await rows()).length, 100);
});

onPage('sorting', BOOKSHOP, { hash: '#/objects' }, async (page) => {
  const names = () => texts(page, 'tbody th');
  const header = page.locator('th', { has: page.getByRole('button', { name: 'Object' }) });
  assert.equal(await header.getAttribute('aria-sort'), 'none');
  await header.getByRole('button').click();
  assert.equal(await header.getAttribute('aria-sort'), 'ascending');
  const up = await names();
  assert.deepEqual(up, [...up].sort());
  await header.getByRole('button').click();
  assert.equal(await header.getAttribute('aria-sort'), 'descending');
  const down = await names();
  assert.deepEqual(down, [...down].sort().reverse());
  await page.getByRole('button', { name: 'Assertions' }).click();
  const counts = (await texts(page, 'tbody td.number')).map(Number);
  assert.deepEqual(counts, [...counts].sort((a, b) => b - a), 'numbers from the largest');
  assert.equal(counts[0], 3);
});

onPage('gaps have tests to copy', BOOKSHOP, { hash: '#/gaps', permissions: ['clipboard-read', 'clipboard-write'] }, async (page) => {
  const wanted = bookshop().objects.map(({ suggestion }) => suggestion).filter(Boolean);
  assert.deepEqual(await texts(page, '.sql code'), wanted);
  const said = (text) => page.locator('#said', { hasText: text }).waitFor({ state: 'attached', timeout: 10_000 });
  const clipboard = () => page.evaluate(() => navigator.clipboard.readText());
  await page.getByRole('button', { name: 'Copy', exact: true }).first().click();
  await said('Suggested test copied');
  assert.equal(await clipboard(), wanted[0]);
  await page.getByRole('button', { name: `Copy ${wanted.length} suggested tests` }).click();
  await said(`${wanted.length} suggested tests copied`);
  assert.equal(await clipboard(), `${wanted.join('\n')}\n`);
});

onPage('stale assertions, and the file of one', BOOKSHOP, { hash: '#/stale' }, async (page) => {
  assert.deepEqual(await texts(page, 'tbody td:last-child'), ['shop.publishers']);
  await page.locator('tbody th a').click();
  await viewOf(page, 'catalogue/books.sql');
  assert.match(await page.locator('.sought.has-stale').textContent(), /▲.*no table shop\.publisher in the schema$/);
  assert.equal(await page.locator('.has-objects').count(), 17);
  assert.match(await page.locator('.line', { hasText: 'columns_are(\'shop\', \'books\'' }).textContent(), /and 4 objects more$/);
});

onPage('a file whose text was not given', htmlOf(bookshop()), { hash: '#/file?path=orders%2Forders.sql' }, async (page) => {
  assert.match(await page.locator('.note').textContent(), /text of this file is not in this report/);
  assert.equal(await page.locator('tbody tr').first().locator('.number').textContent(), '4');
});

onPage('by keyboard alone', BOOKSHOP, {}, async (page) => {
  const press = async (...keys) => { for (const key of keys) await page.keyboard.press(key); };
  await press('Tab');
  assert.equal(await focused(page), 'Skip to the report');
  await press('Enter', 'Tab');
  assert.match(await focused(page), /asserted/, 'the head was skipped');
  await press('Shift+Tab');
  assert.match(await focused(page), /Test files/);
  await press('Shift+Tab', 'Shift+Tab', 'Shift+Tab', 'Enter');
  await viewOf(page, 'Objects');
  assert.equal(await focused(page), 'Objects', 'the heading of what is new has the focus');
  await press('Tab');
  await page.keyboard.type('isbn');
  assert.equal(await page.locator('.outcome span').first().textContent(), '3 objects');
  assert.equal(await page.locator('#said').textContent(), '3 objects');
  // Schema, kind, state, the button that copies, if there is one, the region, the first header.
  await press('Tab', 'Tab', 'Tab', 'Tab', 'Tab');
  assert.match(await focused(page), /^Object /);
  await press('Enter');
  assert.match(await focused(page), /^Object ▲/, 'the focus stays where it is');
  await press('Space');
  assert.match(await focused(page), /^Object ▼/);
  assert.equal(await page.locator('#said').textContent(), 'Sorted by Object, descending');
});

onPage('5,000 objects are paged', () => htmlOf(generated()), { hash: '#/objects' }, async (page) => {
  assert.equal(await page.locator('tbody tr').count(), 100);
  assert.equal(await page.locator('.pager span').textContent(), '1\u2013100 of 5,000');
  await page.getByRole('button', { name: 'Last' }).click();
  assert.equal(await page.locator('.pager span').textContent(), '4,901\u20135,000 of 5,000');
  assert.ok(await page.getByRole('button', { name: 'Next' }).isDisabled());
  await page.getByRole('button', { name: 'Previous' }).click();
  assert.equal(await page.locator('.pager span').textContent(), '4,801\u20134,900 of 5,000');
  assert.match(page.url(), /page=49/);
  await page.getByLabel('Search').fill('_4999');
  assert.equal(await page.locator('tbody tr').count(), 1);
  assert.ok(await page.evaluate(() => document.querySelectorAll('*').length) < 3000);
});

onPage('50,000 objects are no more elements', () => htmlOf(generated({ size: 50_000, schemaCount: 14 })), {}, async (page) => {
  assert.equal(await page.locator('.tile').count(), 14);
  assert.ok(await page.evaluate(() => document.querySelectorAll('*').length) < 1500);
  await page.getByRole('link', { name: /^Gaps/ }).click();
  await viewOf(page, 'Gaps');
  assert.equal(await page.locator('tbody tr').count(), 100);
  await page.getByLabel('Search').fill('token_4999');
  assert.ok(await page.locator('tbody tr').count() <= 10);
});

const VIEWS = ['#/', '#/objects', '#/gaps', '#/stale', '#/files', '#/schema?name=%3Cimg+src%3Dx+onerror%3D%22window.injected%3Dtrue%22%3E'];

onPage('hostile names are text, in every view', () => htmlOf(hostile(), hostileSources()), {}, async (page) => {
  for (const view of VIEWS) {
    await go(page, view);
    assert.equal(await page.evaluate(() => window.injected), undefined, view);
    assert.equal(await page.locator('script').count(), 2);
    assert.equal(await page.locator('img, iframe, main b, main script').count(), 0, view);
  }
  await viewOf(page, '<img src=x onerror="window.injected=true">');
  await go(page, '#/files');
  const files = await page.locator('tbody th a').count();
  for (let at = 0; at < files; at += 1) {
    await go(page, '#/files');
    await go(page, await page.locator('tbody th a').nth(at).getAttribute('href'));
    assert.ok(await page.locator('.line').count() >= 60, `file ${at} is shown`);
  }
  assert.equal(files, HOSTILE.length);
  assert.equal(await page.evaluate(() => window.injected), undefined);
  assert.ok(await page.evaluate(() => document.scrollingElement.scrollWidth <= innerWidth), 'long names are broken or cut');
});

test('what gets into the page all the same does not run', { skip }, async () => {
  const { page, faults } = await chromium.open(BOOKSHOP);
  const blocked = await page.evaluate(async () => {
    const found = [];
    document.addEventListener('securitypolicyviolation', ({ effectiveDirective }) => found.push(effectiveDirective));
    const script = document.createElement('script');
    script.textContent = 'window.injected = true';
    document.body.append(script);
    document.body.insertAdjacentHTML('beforeend', '<img src="https://example.invalid/x" onerror="window.injected = true"><p style="color: red">');
    // Until all four were told of, or nobody tells any more.
    for (let waited = 0; waited < 100 && new Set(found).size < 4; waited += 1) await new Promise((resolve) => { setTimeout(resolve, 100); });
    return { found, injected: window.injected };
  });
  assert.equal(blocked.injected, undefined);
  assert.deepEqual(new Set(blocked.found), new Set(['script-src-elem', 'script-src-attr', 'img-src', 'style-src-attr']));
  assert.deepEqual(faults.filter((fault) => fault.startsWith('request') && !fault.includes('example.invalid')), []);
  assert.ok(faults.length > 0, 'and faults are seen');
});

onPage('dark where the system is, and by choice', BOOKSHOP, { colorScheme: 'dark' }, async (page) => {
  const luminance = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor.match(/\d+/g).map(Number).reduce((a, b) => a + b));
  assert.ok(await luminance() < 150);
  await page.getByLabel('Theme').selectOption('light');
  assert.ok(await luminance() > 700);
  await page.reload();
  assert.ok(await luminance() > 700, 'the choice is kept');
});

onPage('a narrow screen needs no sideways scrolling', BOOKSHOP, { viewport: { width: 360, height: 740 } }, async (page) => {
  for (const view of ['', '#/schema?name=shop', '#/objects', '#/gaps', '#/stale', '#/files', '#/file?path=catalogue%2Fbooks.sql', '#/object?kind=tables&name=shop.books']) {
    await go(page, view || '#/');
    assert.ok(await page.evaluate(() => document.scrollingElement.scrollWidth <= innerWidth), view);
    const tab = await page.locator('.tabs [aria-current]').boundingBox();
    assert.ok(tab.x >= 0 && tab.x + tab.width <= 360, `${view}: the tab is in sight`);
  }
});

/** Texts whose contrast with what is behind them is below 4.5, which WCAG 2 asks for; runs in the page. */
function faint() {
  const parts = (colour) => {
    const [r, g, b, a = 1] = colour.match(/[\d.]+/g).map(Number);
    return { r, g, b, a };
  };
  const luminance = ({ r, g, b }) => {
    const [x, y, z] = [r, g, b].map((part) => part / 255).map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
    return 0.2126 * x + 0.7152 * y + 0.0722 * z;
  };
  const behind = (element) => {
    const colour = parts(getComputedStyle(element).backgroundColor);
    return colour.a === 1 || !element.parentElement ? colour : behind(element.parentElement);
  };
  const own = (element) => [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim() !== '');
  const texts = [...document.body.querySelectorAll('*')].filter((element) => own(element) && element.checkVisibility()
    && !element.closest('[aria-hidden], script, noscript, option, :disabled, .unseen, .skip'));
  const found = texts.map((element) => {
    const [light, dark] = [parts(getComputedStyle(element).color), behind(element)].map(luminance).sort((a, b) => b - a);
    return [(light + 0.05) / (dark + 0.05), element.textContent.slice(0, 40)];
  });
  return { count: found.length, faint: found.filter(([ratio]) => ratio < 4.5) };
}

for (const colorScheme of ['light', 'dark']) {
  onPage(`all text can be read: ${colorScheme}`, BOOKSHOP, { colorScheme }, async (page) => {
    let count = 0;
    for (const view of ['#/', '#/schema?name=shop', '#/objects', '#/gaps', '#/stale', '#/file?path=catalogue%2Fbooks.sql', '#/object?kind=tables&name=staff.shifts']) {
      await go(page, view);
      const found = await page.evaluate(faint);
      assert.deepEqual(found.faint, [], view);
      count += found.count;
    }
    assert.ok(count > 700, `${count} texts`);
    // Every step of the colours, also those that this suite has not.
    await page.evaluate(() => {
      document.querySelector('main').innerHTML = [0, 1, 2, 3, 4, 5].map((step) => `<div class="tile step-${step}">tile</div>`).join('');
    });
    assert.deepEqual((await page.evaluate(faint)).faint, []);
    await page.evaluate(() => { document.querySelector('.tile').style.color = '#b06030'; });
    assert.equal((await page.evaluate(faint)).faint.length, 1, 'the check can fail');
  });
}

onPage('nothing to show is said', () => htmlOf({ ...bookshop(), objects: [], stale: [], files: [], schemas: [], kinds: {} }), {}, async (page) => {
  for (const [view, text] of [
    ['', /no object that an assertion could be about/], ['objects', /has no objects/], ['gaps', /Nothing is missing/],
    ['stale', /Every assertion is about something that is in the schema/], ['files', /No test files were found/],
    ['object?kind=tables&name=x', /not in this report/], ['file?path=x', /not in this report/], ['schema?name=x', /not in this report/],
  ]) {
    await go(page, `#/${view}`);
    await page.locator('.empty', { hasText: text }).waitFor({ timeout: 5000 });
  }
});

onPage('without JavaScript the sum is told', BOOKSHOP, { javaScriptEnabled: false }, async (page) => {
  assert.match(await page.locator('main').innerText(), /^52\.9 % of the schema: 55 of 104 objects are asserted/);
});

onPage('printed, the controls are left out', BOOKSHOP, { hash: '#/gaps', colorScheme: 'dark' }, async (page) => {
  await page.emulateMedia({ media: 'print' });
  for (const selector of ['.tabs', '.filters', '.copy', '.theme']) assert.ok(!await page.locator(selector).first().isVisible(), selector);
  assert.ok(await page.locator('.sql code').first().isVisible());
  assert.equal(await page.evaluate(() => getComputedStyle(document.body).backgroundColor), 'rgb(255, 255, 255)');
});

const IMAGES = fileURLToPath(new URL('../../docs/images/', import.meta.url));
const shown = { viewport: { width: 1280, height: 1000 } };

for (const colorScheme of ['light', 'dark']) {
  onPage(`the picture of the ${colorScheme} page`, BOOKSHOP, { ...shown, colorScheme }, async (page) => {
    const path = `${IMAGES}report-${colorScheme}.png`;
    if (process.env.PGTAP_SCREENSHOTS === '1') {
      mkdirSync(IMAGES, { recursive: true });
      await page.screenshot({ path });
    }
    assert.ok(statSync(path).size < 200 * 1024);
  });
}
