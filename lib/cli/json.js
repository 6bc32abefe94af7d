'use strict';

/** `pieces` with commas between. */
function* separated(pieces) {
  let comma = '';
  for (const piece of pieces) {
    yield `${comma}\n${piece}`;
    comma = ',';
  }
}

function* entries(map) {
  for (const [name, { assertionTypes, testFiles }] of map) {
    const entry = { assertionTypes: [...assertionTypes], testFiles: [...testFiles] };
    yield `${JSON.stringify(name)}:${JSON.stringify(entry)}`;
  }
}

function* coverage(kinds) {
  let comma = '';
  for (const [kind, map] of Object.entries(kinds)) {
    yield `${comma}\n${JSON.stringify(kind)}:{`;
    yield* separated(entries(map));
    yield '}';
    comma = ',';
  }
}

function* each(values) {
  for (const value of values) yield JSON.stringify(value);
}

function* list(name, values) {
  yield `,\n${JSON.stringify(name)}:[`;
  yield* separated(each(values));
  yield ']';
}

/** The whole result as one JSON document, a piece at a time: no string holds more than one file. */
function* document({ version, root, files, statistics, database, helpers, problems, warnings }) {
  yield `{"version":${JSON.stringify(version)},\n"root":${JSON.stringify(root)}`;
  yield* list('files', files);
  yield `,\n"statistics":${JSON.stringify(statistics)},\n"coverage":{`;
  yield* coverage(database.objects);
  yield '}';
  yield* list('helpers', helpers);
  yield* list('problems', problems);
  yield* list('warnings', warnings);
  yield '}\n';
}

module.exports = { document };
