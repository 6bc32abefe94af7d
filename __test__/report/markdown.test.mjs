// Markdown: read by a parser with all that GitHub's does, it holds what was meant and nothing that a name says.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import MarkdownIt from 'markdown-it';

import { renderLint, renderReport } from '../../lib/index.js';
import { bookshop } from './bookshop-data.mjs';
import { HOSTILE, generated, hostile, hostileFindings } from './coverage-data.mjs';

/** What a comment of GitHub holds. */
const MOST = 65_536;

const tokensOf = (text) => new MarkdownIt({ html: true, linkify: true }).parse(text, {})
  .flatMap((token) => [token, ...(token.children ?? [])]);

const FOLDED = /^(<details>\n<summary>[\w ]+ \(\d+\)<\/summary>|<\/details>)\n?$/;

/** Throws unless all markup is that of the report, and all text beside code is in words of its own. */
function checkInert(text) {
  assert.ok(text.length < MOST, `${text.length}`);
  const tokens = tokensOf(text);
  for (const { type, content, tag } of tokens) {
    if (type === 'html_block') assert.match(content, FOLDED);
    assert.ok(!['html_inline', 'link_open', 'image', 'em_open', 's_open', 'blockquote_open', 'code_block', 'hr'].includes(type), `${type}: ${content}`);
    if (type === 'heading_open') assert.equal(tag, 'h2');
    if (type === 'text') assert.match(content, /^[\w .,:;%()-]*$/);
  }
  assert.equal(tokens.filter(({ type }) => type === 'heading_open').length, 1);
  const opened = tokens.filter(({ type, content }) => type === 'html_block' && content.includes('<details>')).length;
  assert.equal(tokens.filter(({ type, content }) => type === 'html_block' && content.includes('</details>')).length, opened);
  return tokens;
}

test('the check can fail', () => {
  for (const text of ['## a\n\n@user', '## a\n\n<b>x</b>', '## a\n\n[a](b)', '## a\n\nhttps://example.com/', '# a', '## a\n\n*b*', '## a\n\n<details>\n<summary>x (1)</summary>\n\n']) {
    assert.throws(() => checkInert(text), { code: 'ERR_ASSERTION' }, text);
  }
});

test('markdown of hostile names is inert', () => {
  const tokens = checkInert(renderReport(hostile(), { format: 'markdown' }));
  const codes = tokens.filter(({ type }) => type === 'code_inline').map(({ content }) => content);
  for (const name of ['<script>alert(1)</script>', '@user and #1 and GH-1', 'a|b\\|c', '`code` ``` **bold** _it_ ~~x~~', '</details><h1>x</h1>']) {
    assert.ok(codes.includes(name), name);
  }
  const tables = tokens.filter(({ type }) => type === 'table_open').length;
  assert.equal(tables, 1);
});

test('markdown of hostile findings is inert', () => {
  const tokens = checkInert(renderLint(hostileFindings(), { format: 'markdown' }).replaceAll(/\*\*(error|warning|info)\*\*/g, '$1'));
  assert.equal(tokens.filter(({ type }) => type === 'list_item_open').length, HOSTILE.length);
});

test('markdown of the book shop says what it should', () => {
  const text = renderReport(bookshop(), { format: 'markdown' });
  const tokens = checkInert(text);
  assert.match(text, /^## pgTAP coverage: 52\.9 %\n\n55 of 104 objects of the schema are asserted, 16 are only exercised, 33 are untested\./);
  assert.equal(tokens.filter(({ type }) => type === 'tr_open').length, 21);
  const [fence] = tokens.filter(({ type }) => type === 'fence');
  assert.equal(fence.info, 'sql');
  assert.deepEqual(fence.content.trimEnd().split('\n'), bookshop().objects.map(({ suggestion }) => suggestion).filter(Boolean));
});

test('markdown of 5,000 objects fits a comment, and counts what it leaves out', () => {
  const coverage = generated();
  const text = renderReport(coverage, { format: 'markdown' });
  checkInert(text);
  assert.match(text, /^- and \d+ more, left out for want of room$/m);
  const [, left] = /^(\d+) more suggestions are left out/m.exec(text);
  const shown = tokensOf(text).find(({ type }) => type === 'fence').content.trimEnd().split('\n').length;
  assert.equal(shown + Number(left), coverage.objects.filter(({ suggestion }) => suggestion !== null).length);
});
