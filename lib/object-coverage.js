'use strict';

/** `getCoverageByObject()`: one object of the database, or `null`. */
function objectCoverage(database, type, name) {
  const found = Object.hasOwn(database.objects, type) ? database.objects[type].get(name) : undefined;
  if (!found) return null;
  return {
    objectType: type,
    objectName: name,
    assertionCount: found.metadata.assertionCount,
    assertionTypes: [...found.assertionTypes],
    testFiles: [...found.testFiles],
    metadata: found.metadata,
    coveragePercentage: found.metadata.coveragePercentage,
    lastTested: found.lastTested,
    assertions: found.assertions.map(({ type: kind, testFile, lineNumber, description }) => (
      { type: kind, testFile, lineNumber, description })),
  };
}

module.exports = { objectCoverage };
