/** Defines the journal's tables as migrations; `user_version` counts the applied ones. */
const FIRST = `
  CREATE TABLE outgoing (
    position INTEGER PRIMARY KEY,
    message TEXT NOT NULL UNIQUE,
    item TEXT NOT NULL,
    step TEXT NOT NULL,
    baseline INTEGER NOT NULL DEFAULT 0,
    begun_at INTEGER NOT NULL DEFAULT 0,
    guid TEXT UNIQUE
  );
  CREATE INDEX outgoing_open ON outgoing (position) WHERE step <> 'settled';
  CREATE TABLE reports (
    position INTEGER PRIMARY KEY,
    message TEXT NOT NULL,
    state TEXT NOT NULL,
    report TEXT NOT NULL,
    is_acknowledged INTEGER NOT NULL DEFAULT 0,
    UNIQUE (message, state)
  );
  CREATE INDEX reports_open ON reports (position) WHERE is_acknowledged = 0;
  CREATE TABLE told (guid TEXT PRIMARY KEY) WITHOUT ROWID;
  CREATE TABLE marks (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;`;

/** Adds messages of several parts, and times for the deletion of old entries. */
const PARTS = `
  CREATE TABLE parts (
    message TEXT NOT NULL,
    part INTEGER NOT NULL,
    service TEXT NOT NULL,
    step TEXT NOT NULL DEFAULT 'taken',
    baseline INTEGER NOT NULL DEFAULT 0,
    begun_at INTEGER NOT NULL DEFAULT 0,
    guid TEXT UNIQUE,
    PRIMARY KEY (message, part)
  ) WITHOUT ROWID;
  INSERT INTO parts (message, part, service, step, baseline, begun_at, guid)
    SELECT message, 0, 'imessage', CASE step WHEN 'settled' THEN 'matched' ELSE step END, baseline, begun_at, guid
    FROM outgoing;
  CREATE TABLE entries (
    position INTEGER PRIMARY KEY,
    message TEXT NOT NULL UNIQUE,
    item TEXT NOT NULL,
    settled_at INTEGER
  );
  INSERT INTO entries (position, message, item, settled_at)
    SELECT position, message, item, CASE step WHEN 'settled' THEN unixepoch() * 1000 END FROM outgoing;
  DROP TABLE outgoing;
  ALTER TABLE entries RENAME TO outgoing;
  CREATE INDEX outgoing_open ON outgoing (position) WHERE settled_at IS NULL;
  CREATE INDEX outgoing_settled ON outgoing (settled_at) WHERE settled_at IS NOT NULL;
  ALTER TABLE told ADD COLUMN at INTEGER NOT NULL DEFAULT 0;
  UPDATE told SET at = unixepoch() * 1000;
  INSERT OR IGNORE INTO marks (name, value)
    SELECT 'paired_at', unixepoch() * 1000 FROM marks WHERE name = 'watermark';
  INSERT OR IGNORE INTO marks (name, value) SELECT 'clock_offset', 0 FROM marks WHERE name = 'watermark';`;

/** Remembers messages that were cancelled before their delivery. */
const CANCELLED = `
  CREATE TABLE cancelled (message TEXT PRIMARY KEY, at INTEGER NOT NULL) WITHOUT ROWID;
  CREATE INDEX cancelled_at ON cancelled (at);`;

/** Adds the attempts of a part, for groups and for senders that track a send. `message` is also the id of an action. */
const ATTEMPTS = `
  ALTER TABLE parts ADD COLUMN attempts INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE parts ADD COLUMN attempt_id TEXT;
  ALTER TABLE parts ADD COLUMN chat TEXT;
  UPDATE parts SET attempts = 1 WHERE step <> 'taken';`;

export const SCHEMAS: readonly string[] = [FIRST, PARTS, CANCELLED, ATTEMPTS];
