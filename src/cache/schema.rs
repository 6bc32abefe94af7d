//! Tables of the cache.

/// `PRAGMA application_id`.
pub const APPLICATION_ID: i32 = 0x7067_5463;

/// `PRAGMA user_version`: raised when tables change, or what their rows hold.
pub const FORMAT: i32 = 3;

/// Configurations whose rows are kept; behind that the one not used for the longest time goes.
pub const CONFIGURATIONS: i64 = 4;

/// Makes the tables in place of those of an earlier format. Numbers of configurations are never used twice, so that who
/// still has an old one finds nothing.
pub const TABLES: &str = "
DROP TABLE IF EXISTS meta;
DROP TABLE IF EXISTS configuration;
DROP TABLE IF EXISTS entry;
CREATE TABLE meta (made TEXT NOT NULL);
INSERT INTO meta VALUES (hex(randomblob(16)));
CREATE TABLE configuration (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  purpose TEXT NOT NULL UNIQUE,
  used INTEGER NOT NULL
);
CREATE TABLE entry (
  configuration INTEGER NOT NULL,
  path BLOB NOT NULL,
  bytes INTEGER NOT NULL,
  changed INTEGER NOT NULL,
  hash INTEGER NOT NULL,
  read INTEGER NOT NULL,
  body BLOB NOT NULL,
  sum INTEGER NOT NULL,
  PRIMARY KEY (configuration, path)
);
";

/// Marks a configuration as the one used last; its number.
pub const USE: &str = "
INSERT INTO configuration (purpose, used) VALUES (?, (SELECT ifnull(max(used), 0) + 1 FROM configuration))
ON CONFLICT (purpose) DO UPDATE SET used = excluded.used RETURNING id
";

/// Those that were not used for the longest time, behind the first `?`.
pub const UNUSED: &str = "SELECT id FROM configuration ORDER BY used DESC LIMIT -1 OFFSET ?";
