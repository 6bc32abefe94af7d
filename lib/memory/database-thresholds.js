'use strict';

/** MB above which an operation of a type is reported. */
const THRESHOLDS_MB = { select: 10, write: 5, upload: 25, bulk: 50, migration: 100 };

const TYPES = {
  select: ['SELECT', 'FINDMANY', 'FINDFIRST', 'FINDFIRSTORTHROW', 'FINDUNIQUE', 'FINDUNIQUEORTHROW', 'COUNT', 'AGGREGATE', 'GROUPBY'],
  write: ['INSERT', 'UPDATE', 'DELETE', 'UPSERT', 'MERGE', 'CREATE'],
  upload: ['UPLOAD', 'FILE_UPLOAD', 'FILEUPLOAD'],
  bulk: ['BULK', 'COPY', 'CREATEMANY', 'CREATEMANYANDRETURN', 'UPDATEMANY', 'UPDATEMANYANDRETURN', 'DELETEMANY'],
  migration: ['MIGRATION', 'MIGRATE', 'ALTER'],
};

const BY_TYPE = new Map(Object.entries(TYPES).flatMap(([kind, types]) => types.map((type) => [type, kind])));

/** The kind of an operation: a key of THRESHOLDS_MB. What is not in the table may answer with rows, as a SELECT. */
const kindOfQuery = (type) => BY_TYPE.get(type.toUpperCase()) ?? 'select';

module.exports = { THRESHOLDS_MB, kindOfQuery };
