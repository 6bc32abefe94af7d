//! Tables and views of a saved file.

/// `PRAGMA application_id`: says that a file is ours.
pub const APPLICATION_ID: i32 = 0x7067_5443;

/// `PRAGMA user_version`: raised when the tables change.
pub const VERSION: i32 = 1;

/// Tables. They are filled in the order of paths, and rows that others name come first.
pub const TABLES: &str = "
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE file (
  id INTEGER PRIMARY KEY,
  path TEXT NOT NULL UNIQUE,
  size INTEGER NOT NULL,
  lines INTEGER NOT NULL,
  plan INTEGER,
  bytes INTEGER NOT NULL,
  hash INTEGER NOT NULL,
  listing BLOB NOT NULL
);
CREATE TABLE include (
  file INTEGER NOT NULL REFERENCES file,
  position INTEGER NOT NULL,
  path TEXT NOT NULL,
  relative INTEGER NOT NULL,
  line INTEGER NOT NULL,
  PRIMARY KEY (file, position)
) WITHOUT ROWID;
CREATE TABLE type (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
CREATE TABLE label (
  id INTEGER PRIMARY KEY,
  kind TEXT NOT NULL,
  name TEXT NOT NULL,
  UNIQUE (name, kind)
);
CREATE TABLE assertion (
  file INTEGER NOT NULL REFERENCES file,
  position INTEGER NOT NULL,
  line INTEGER NOT NULL,
  type INTEGER NOT NULL REFERENCES type,
  label INTEGER REFERENCES label,
  flags INTEGER NOT NULL,
  description TEXT,
  PRIMARY KEY (file, position)
) WITHOUT ROWID;
CREATE TABLE credit (
  file INTEGER NOT NULL REFERENCES file,
  number INTEGER NOT NULL,
  position INTEGER NOT NULL,
  label INTEGER NOT NULL REFERENCES label,
  PRIMARY KEY (file, number)
) WITHOUT ROWID;
CREATE TABLE use (
  file INTEGER NOT NULL REFERENCES file,
  number INTEGER NOT NULL,
  label INTEGER NOT NULL REFERENCES label,
  PRIMARY KEY (file, number)
) WITHOUT ROWID;
";

/// Views for people and their tools. Flags: 1 absence, 2 computed name, 4 list, 8 misread, 16 commented, 32 expanded.
pub const VIEWS: &str = "
CREATE VIEW files AS
  SELECT f.path, f.size, f.lines, f.plan,
    (SELECT count(*) FROM assertion a WHERE a.file = f.id AND a.flags & 16 = 0) AS assertions
  FROM file f;
CREATE VIEW assertions AS
  SELECT f.path, a.line, t.name AS type, l.kind, l.name AS target, a.description,
    a.flags & 1 <> 0 AS absence, a.flags & 2 <> 0 AS dynamic, a.flags & 8 <> 0 AS misread,
    a.flags & 16 <> 0 AS commented, a.flags & 32 <> 0 AS expanded
  FROM assertion a JOIN file f ON f.id = a.file JOIN type t ON t.id = a.type LEFT JOIN label l ON l.id = a.label;
CREATE VIEW coverage AS
  SELECT l.kind, l.name, f.path, a.line, t.name AS type
  FROM (
    SELECT file, position, label FROM assertion WHERE label IS NOT NULL AND flags & 23 = 0
    UNION ALL
    SELECT file, position, label FROM credit
  ) c
  JOIN assertion a ON a.file = c.file AND a.position = c.position
  JOIN label l ON l.id = c.label JOIN file f ON f.id = c.file JOIN type t ON t.id = a.type;
CREATE VIEW objects AS
  SELECT kind, name, count(*) AS assertions, count(DISTINCT type) AS types, count(DISTINCT path) AS files
  FROM coverage GROUP BY kind, name;
";
