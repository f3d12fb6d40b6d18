-- What every peer stores, in SQLite. Times are microseconds since 1970.
-- The journal is turned over here: of two connections that do it at once, one is refused.
PRAGMA journal_mode = WAL;

CREATE TABLE link_tokens (
  digest TEXT PRIMARY KEY,
  patient_id TEXT NOT NULL,
  junction_user_id TEXT NOT NULL,
  provider TEXT,  -- null: any
  minted_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  bound_to TEXT
);

CREATE TABLE connections (
  id TEXT PRIMARY KEY,
  patient_id TEXT NOT NULL,
  provider TEXT NOT NULL,
  junction_user_id TEXT NOT NULL,
  status TEXT NOT NULL,
  connected_at INTEGER NOT NULL,
  last_synced_at INTEGER,
  UNIQUE (patient_id, provider)
);
CREATE INDEX connections_of_user ON connections (junction_user_id);

CREATE TABLE connection_events (
  id TEXT PRIMARY KEY,
  at INTEGER NOT NULL,
  patient_id TEXT NOT NULL,
  connection_id TEXT NOT NULL,
  provider TEXT NOT NULL,
  cause TEXT NOT NULL,
  outcome TEXT NOT NULL,
  request_id TEXT NOT NULL
);
CREATE INDEX events_of_patient ON connection_events (patient_id);
