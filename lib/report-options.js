'use strict';

const { NativeDatabase } = require('./native.js');
const { invalid } = require('./errors.js');

const oneOf = (names) => `one of ${names.join(', ')}`;

function checkFlag(value, name) {
  if (typeof value !== 'boolean') throw invalid('true or false', `option "${name}"`, value, { from: readReportOptions });
  return value;
}

function checkFormat(format) {
  const known = NativeDatabase.reportFormats();
  if (known.includes(format)) return format;
  throw invalid(oneOf(known), 'option "format"', format, { range: typeof format === 'string', from: readReportOptions });
}

function checkTypes(types) {
  if (!Array.isArray(types)) throw invalid('an array of kinds', 'option "objectTypes"', types, { from: readReportOptions });
  const known = NativeDatabase.areas();
  types.forEach((type, at) => {
    if (known.includes(type)) return;
    const range = typeof type === 'string';
    throw invalid(oneOf(known), `option "objectTypes[${at}]"`, type, { range, from: readReportOptions });
  });
  return types;
}

/** The complete options of a report; `null` stands for the default, too, as callers of the replaced class pass it. */
function readReportOptions(options) {
  if (typeof options !== 'object' || options === null) throw invalid('an object', 'the options of a report', options);
  const { format, includeGaps, includeDetails, objectTypes } = options;
  return {
    format: checkFormat(format ?? NativeDatabase.reportFormats()[0]),
    includeGaps: checkFlag(includeGaps ?? true, 'includeGaps'),
    includeDetails: checkFlag(includeDetails ?? false, 'includeDetails'),
    objectTypes: objectTypes === undefined || objectTypes === null ? null : checkTypes(objectTypes),
  };
}

module.exports = { readReportOptions };
