'use strict';

const { nameOf } = require('./file-index.js');
const { NativeDatabase } = require('./native.js');

/** A table's entry; its descriptions are read when they are looked at. */
function tableEntry(index, name, assertionTypes, files) {
  const dot = name.indexOf('.');
  const entry = {
    assertionTypes,
    schema: dot < 0 ? null : name.slice(0, dot),
    tableName: dot < 0 ? name : name.slice(dot + 1),
  };
  Object.defineProperty(entry, 'descriptions', {
    enumerable: true,
    configurable: true,
    get() {
      const value = descriptions(index, name);
      Object.defineProperty(this, 'descriptions', { value, writable: true, enumerable: true, configurable: true });
      return value;
    },
  });
  entry.testFiles = [...new Set(files.map(nameOf))];
  return entry;
}

function descriptions(index, name) {
  const rows = index.entry('tables', name)?.assertions ?? [];
  const texts = rows.map(([file, position]) => index.assertion(file, position)?.description);
  return [...new Set(texts.filter((text) => typeof text === 'string' && text !== ''))];
}

/** The coverage map as plain objects: kinds with their names, and the files of each name. */
function buildCoverageMap(index) {
  const { areas, files } = index.coverageMap();
  const byTarget = new Map();
  for (const [name, numbers] of files) {
    const found = numbers.map((number) => index.file(number));
    byTarget.set(name, [...new Set([...byTarget.get(name) ?? [], ...found])]);
  }
  // Not by assignment: a target may be called __proto__.
  const filesByTarget = Object.fromEntries(byTarget);
  for (const [name, types] of Object.entries(areas.tables)) {
    areas.tables[name] = tableEntry(index, name, types, filesByTarget[name]);
  }
  return { ...areas, filesByTarget };
}

function emptyCoverageMap() {
  return { ...Object.fromEntries(NativeDatabase.areas().map((area) => [area, {}])), filesByTarget: {} };
}

module.exports = { buildCoverageMap, emptyCoverageMap };
