/**
 * The tables. What every event touches (`errors`, `counts`) is narrow, so that a list of 100,000 errors is a scan of
 * a few megabytes and an event dirties few pages; what is only read for a page's fifty errors lies in `texts`. The
 * counts are ordered by time first: all that is written in one minute lies together.
 */
export const SCHEMA = `
CREATE TABLE IF NOT EXISTS errors (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  hash TEXT NOT NULL UNIQUE,
  state INTEGER NOT NULL,
  regressed INTEGER NOT NULL,
  first_seen INTEGER NOT NULL,
  last_seen INTEGER NOT NULL,
  occurrences INTEGER NOT NULL,
  ignored_until INTEGER,
  severity INTEGER NOT NULL,
  assignee TEXT,
  services TEXT NOT NULL,
  environments TEXT NOT NULL,
  releases TEXT NOT NULL,
  first_release TEXT,
  resolved_at INTEGER,
  resolved_in TEXT,
  ignored_until_count INTEGER,
  version INTEGER NOT NULL,
  sampled_at INTEGER NOT NULL,
  analysed_at INTEGER NOT NULL,
  rate TEXT NOT NULL,
  spiking_since INTEGER
) STRICT;
CREATE INDEX IF NOT EXISTS errors_release ON errors (first_release, first_seen);
CREATE INDEX IF NOT EXISTS errors_standing ON errors (state, regressed, ignored_until, first_seen);
CREATE INDEX IF NOT EXISTS errors_spiking ON errors (spiking_since) WHERE spiking_since IS NOT NULL;
CREATE TABLE IF NOT EXISTS texts (
  id INTEGER PRIMARY KEY,
  message TEXT NOT NULL,
  name TEXT,
  root_cause TEXT,
  confidence INTEGER,
  source TEXT,
  category TEXT,
  location TEXT
) STRICT;
CREATE VIRTUAL TABLE IF NOT EXISTS words USING fts5 (
  text, content='', contentless_delete=1, tokenize='unicode61 remove_diacritics 2'
);
CREATE TABLE IF NOT EXISTS counts (
  step INTEGER NOT NULL, at INTEGER NOT NULL, id INTEGER NOT NULL, count INTEGER NOT NULL,
  PRIMARY KEY (step, at, id)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS totals (
  step INTEGER NOT NULL, at INTEGER NOT NULL, service TEXT NOT NULL, count INTEGER NOT NULL,
  PRIMARY KEY (step, at, service)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS figures (
  at INTEGER NOT NULL, service TEXT NOT NULL, figure TEXT NOT NULL, value REAL NOT NULL,
  PRIMARY KEY (at, service, figure)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS analyses (
  id INTEGER NOT NULL, at INTEGER NOT NULL, result TEXT NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS analyses_id ON analyses (id, at);
CREATE TABLE IF NOT EXISTS samples (
  id INTEGER NOT NULL, at INTEGER NOT NULL, event TEXT NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS samples_id ON samples (id, at);
CREATE TABLE IF NOT EXISTS similar (
  hash TEXT NOT NULL, other TEXT NOT NULL, PRIMARY KEY (hash, other)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS trail (
  number INTEGER PRIMARY KEY, id INTEGER NOT NULL, at INTEGER NOT NULL, by TEXT NOT NULL,
  action TEXT NOT NULL, entry TEXT NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS trail_id ON trail (id);
CREATE INDEX IF NOT EXISTS trail_action ON trail (action, at);
CREATE TABLE IF NOT EXISTS releases (release TEXT PRIMARY KEY, first_seen INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS pending (
  number INTEGER PRIMARY KEY, key INTEGER NOT NULL UNIQUE, change TEXT NOT NULL, event TEXT NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS taken_ids (
  number INTEGER PRIMARY KEY, generation INTEGER NOT NULL, keys BLOB NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS taken_ids_generation ON taken_ids (generation);
`;

/** Grows with the schema; an older file is brought up to date, a newer one refused. */
export const SCHEMA_VERSION = 1;
