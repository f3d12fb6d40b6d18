-- What every peer stores, in PostgreSQL. Times are microseconds since 1970.
CREATE TABLE link_tokens (
  digest TEXT PRIMARY KEY,
  patient_id TEXT NOT NULL,
  junction_user_id TEXT NOT NULL,
  provider TEXT,  -- null: any
  minted_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  bound_to TEXT
);

CREATE TABLE connections (
  id TEXT PRIMARY KEY,
  patient_id TEXT NOT NULL,
  provider TEXT NOT NULL,
  junction_user_id TEXT NOT NULL,
  status TEXT NOT NULL,
  connected_at BIGINT NOT NULL,
  last_synced_at BIGINT,
  UNIQUE (patient_id, provider)
);
CREATE INDEX connections_of_user ON connections (junction_user_id);

CREATE TABLE connection_events (
  id TEXT PRIMARY KEY,
  at BIGINT NOT NULL,
  patient_id TEXT NOT NULL,
  connection_id TEXT NOT NULL,
  provider TEXT NOT NULL,
  cause TEXT NOT NULL,
  outcome TEXT NOT NULL,
  request_id TEXT NOT NULL
);
CREATE INDEX events_of_patient ON connection_events (patient_id);
