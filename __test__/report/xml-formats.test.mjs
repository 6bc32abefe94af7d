// JUnit, Cobertura and the badge: well formed by a strict parser, whole, and inert.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { SaxesParser } from 'saxes';

import { renderLint, renderReport } from '../../lib/index.js';
import { bookshop } from './bookshop-data.mjs';
import { HOSTILE, hostile, hostileFindings, wellFormedDocument } from './coverage-data.mjs';

/** The root element: `{ name, attributes, children, text }`. What is not well formed throws. */
function parseXml(xml) {
  const parser = new SaxesParser();
  const open = [{ children: [], text: '' }];
  parser.on('error', (error) => { throw error; });
  parser.on('opentag', ({ name, attributes }) => {
    const element = { name, attributes, children: [], text: '' };
    open.at(-1).children.push(element);
    open.push(element);
  });
  parser.on('text', (text) => { open.at(-1).text += text; });
  parser.on('closetag', () => open.pop());
  parser.write(xml).close();
  return open[0].children[0];
}

const all = (element) => [element, ...element.children.flatMap(all)];
const named = (element, name) => all(element).filter((found) => found.name === name);

/** A text as XML can hold it. */
const inXml = (text) => text.toWellFormed().replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '\ufffd');

test('the parser is strict', () => {
  assert.throws(() => parseXml('<a b="<"/>'));
  assert.throws(() => parseXml('<a>\u0000</a>'));
  assert.throws(() => parseXml('<a>]]></a>'));
  assert.throws(() => parseXml('<a><b></a>'));
});

test('junit has a case for each object', () => {
  const coverage = hostile();
  const root = parseXml(renderReport(coverage, { format: 'junit' }));
  const suites = root.children.map(({ attributes, children }) => [attributes, children]);
  assert.deepEqual(suites.map(([{ name }]) => name), ['tables', 'columns', 'functions', 'foreign keys', 'privileges']);
  for (const [attributes, cases] of suites) {
    const with_ = (name) => cases.filter(({ children }) => children[0]?.name === name).length;
    assert.deepEqual(
      [attributes.tests, attributes.failures, attributes.skipped].map(Number),
      [cases.length, with_('failure'), with_('skipped')],
    );
  }
  const names = named(root, 'testcase').map(({ attributes }) => attributes.name);
  assert.deepEqual(new Set(names), new Set(coverage.objects.map(({ display }) => inXml(display))));
  assert.equal(names.length, coverage.objects.length);
  const texts = named(root, 'failure').map(({ text }) => text);
  assert.deepEqual(new Set(texts), new Set(HOSTILE.map((name) => inXml(`SELECT has_table('${name}');`))));
});

test('junit of findings', () => {
  const root = parseXml(renderLint(hostileFindings(), { format: 'junit' }));
  assert.equal(named(root, 'testcase').length, HOSTILE.length);
  assert.equal(named(root, 'failure').length, Number(root.attributes.failures));
  assert.deepEqual(named(root, 'testcase').map(({ attributes }) => attributes.file), HOSTILE.map(inXml));
});

/** The elements of coverage-04.dtd that are used: their children and the attributes that they must have. */
const COBERTURA = {
  coverage: [['sources', 'packages'], ['line-rate', 'branch-rate', 'lines-covered', 'lines-valid', 'branches-covered', 'branches-valid', 'complexity', 'version', 'timestamp']],
  sources: [['source'], []], source: [[], []], packages: [['package'], []],
  package: [['classes'], ['name', 'line-rate', 'branch-rate', 'complexity']],
  classes: [['class'], []], class: [['methods', 'lines'], ['name', 'filename', 'line-rate', 'branch-rate', 'complexity']],
  methods: [[], []], lines: [['line'], []], line: [[], ['number', 'hits', 'branch']],
};

function checkCobertura(coverage) {
  const root = parseXml(renderReport(coverage, { format: 'cobertura', generatedAt: new Date(5000) }));
  assert.equal(root.name, 'coverage');
  for (const { name, attributes, children } of all(root)) {
    const [allowed, wanted] = COBERTURA[name];
    for (const child of children) assert.ok(allowed.includes(child.name), `${child.name} in ${name}`);
    for (const attribute of wanted) assert.ok(Object.hasOwn(attributes, attribute), `${attribute} of ${name}`);
  }
  const lines = named(root, 'line');
  assert.deepEqual([root.attributes['lines-valid'], root.attributes['lines-covered']].map(Number), [lines.length, lines.filter(({ attributes }) => attributes.hits > 0).length]);
  return root;
}

test('cobertura keeps to its document type', () => {
  const root = checkCobertura(hostile());
  const paths = wellFormedDocument(hostile()).objects.map(({ origin }) => inXml(origin.file));
  assert.deepEqual(new Set(named(root, 'class').map(({ attributes }) => attributes.filename)), new Set(paths));
  assert.equal(root.attributes.timestamp, '5000');
});

test('cobertura of the book shop', () => {
  const root = checkCobertura(bookshop());
  assert.deepEqual(named(root, 'package').map(({ attributes }) => attributes.name), ['migrations']);
  assert.equal(named(root, 'class').length, 5);
  const partly = named(root, 'line').filter(({ attributes }) => attributes.branch === 'true');
  assert.ok(partly.length > 5);
  for (const { attributes } of partly) assert.match(attributes['condition-coverage'], /^\d+% \(\d+\/\d+\)$/);
});

const DRAWN = ['svg', 'title', 'clipPath', 'rect', 'g', 'text'];

test('a badge is an image that loads and runs nothing', () => {
  for (const label of HOSTILE) {
    const root = parseXml(renderReport(bookshop(), { format: 'badge', label }));
    for (const { name, attributes } of all(root)) {
      assert.ok(DRAWN.includes(name), name);
      for (const attribute of Object.keys(attributes)) assert.doesNotMatch(attribute, /^on|href|style/, attribute);
    }
    assert.match(root.attributes['aria-label'], /: 52\.9%$/);
    assert.ok(Number(root.attributes.width) < 800);
  }
});

test('the colour of a badge follows the percentage', () => {
  const colour = (percent) => {
    const coverage = bookshop();
    coverage.summary.percent = percent;
    return named(parseXml(renderReport(coverage, { format: 'badge' })), 'rect').at(-1).attributes.fill;
  };
  const colours = [0, 39.9, 40, 59.9, 60, 79.9, 80, 94.9, 95, 100].map(colour);
  assert.equal(new Set(colours).size, 5);
  assert.deepEqual(colours.filter((found, at) => at % 2 === 0), colours.filter((found, at) => at % 2 === 1));
  // White text on each, and on the label, has the contrast that WCAG 2 asks for.
  const luminance = (hex) => {
    const [r, g, b] = [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16) / 255)
      .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  for (const found of [...new Set(colours), '#444c56']) assert.ok(1.05 / (luminance(found) + 0.05) >= 4.5, found);
});
