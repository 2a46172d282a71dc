-- The journal, version 3. Times are Unix seconds. Rows of `event` are never edited after their first claim.

CREATE TABLE site (
  id   INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE
) STRICT;

-- One account at one destination, for one site: a cursor into the log.
CREATE TABLE connection (
  id             INTEGER PRIMARY KEY,
  site           INTEGER NOT NULL REFERENCES site (id),
  name           TEXT NOT NULL,
  destination    TEXT NOT NULL,
  start_seq      INTEGER NOT NULL,            -- rows below it were there before the connection was
  cursor         INTEGER NOT NULL,            -- rows below it have been claimed, or are exceptions
  paused_reason  TEXT,                        -- auth, permission, settings, refusing_everything
  paused_message TEXT,
  paused_at      REAL,
  probe_at       REAL,                        -- when to look whether the cause is gone
  refused_streak INTEGER NOT NULL DEFAULT 0,  -- events refused with one cause since the last one taken
  refused_cause  TEXT NOT NULL DEFAULT '',
  UNIQUE (site, name)
) STRICT;

-- The log. Every copy of a sale has its own row; `root_seq` names the first.
CREATE TABLE event (
  seq         INTEGER PRIMARY KEY,
  site        INTEGER NOT NULL,
  name        TEXT NOT NULL,
  event_id    TEXT NOT NULL,
  channel     TEXT NOT NULL,
  event_time  INTEGER NOT NULL,
  received_at REAL NOT NULL,
  source      TEXT NOT NULL,
  trust       INTEGER NOT NULL,
  root_seq    INTEGER,                        -- NULL: this is the first copy
  keys        INTEGER NOT NULL,               -- bit mask of match keys, see copies.py
  test        INTEGER NOT NULL,               -- 1: has a test code, lives in a key space of its own
  payload     BLOB,                           -- sealed; NULL once its time is over or it was erased
  visitor     INTEGER,                        -- mark of the visitor it is of; NULL: none is known
  rung        TEXT NOT NULL DEFAULT ''        -- by what its visitor was found, see stitch/ladder.py
) STRICT;
CREATE INDEX event_by_site ON event (site, seq);
CREATE INDEX event_copies ON event (root_seq) WHERE root_seq IS NOT NULL;

-- Only what did not simply go through. `held` is the one state that is not final.
CREATE TABLE exception (
  connection INTEGER NOT NULL,
  seq        INTEGER NOT NULL,
  state      TEXT NOT NULL,
  reason     TEXT NOT NULL,
  code       TEXT NOT NULL DEFAULT '',
  message    TEXT NOT NULL DEFAULT '',
  request_id TEXT NOT NULL DEFAULT '',
  at         REAL NOT NULL,
  due_at     REAL,                            -- held: when it ends
  then_do    TEXT NOT NULL DEFAULT '',        -- held: send, expire or suppress
  PRIMARY KEY (connection, seq)
) STRICT, WITHOUT ROWID;
CREATE INDEX exception_due ON exception (connection, due_at) WHERE due_at IS NOT NULL;
CREATE INDEX exception_by_state ON exception (connection, state, at) WHERE due_at IS NULL;

-- What was claimed: the exact rows of one request to be.
CREATE TABLE batch (
  id                 INTEGER PRIMARY KEY AUTOINCREMENT,  -- never used again: attempts name it
  connection         INTEGER NOT NULL,
  open               INTEGER NOT NULL DEFAULT 1,
  claimed_at         REAL NOT NULL,
  low_seq            INTEGER NOT NULL,
  top_seq            INTEGER NOT NULL,
  seqs               TEXT NOT NULL,           -- JSON array
  settings           TEXT NOT NULL,           -- version of the settings, see `settings`
  next_attempt_at    REAL,                    -- NULL: somebody is at it
  tries              INTEGER NOT NULL DEFAULT 0,
  unrecognised       INTEGER NOT NULL DEFAULT 0,
  first_ambiguous_at REAL,
  origin             INTEGER NOT NULL,        -- the batch that this one was bisected from, or itself
  origin_size        INTEGER NOT NULL,
  body               BLOB,                    -- sealed request, kept from the first failed attempt on
  last_code          TEXT NOT NULL DEFAULT '',
  last_message       TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX batch_open ON batch (connection, next_attempt_at) WHERE open = 1;
CREATE INDEX batch_by_origin ON batch (origin) WHERE open = 0 AND low_seq = top_seq;
CREATE INDEX batch_by_seq ON batch (connection, top_seq, low_seq);

-- Written before the socket is touched. A row without an end, after a crash, was ambiguous.
CREATE TABLE attempt (
  id          INTEGER PRIMARY KEY,
  batch       INTEGER NOT NULL,
  started_at  REAL NOT NULL,
  ended_at    REAL,
  events      INTEGER NOT NULL,
  bytes       INTEGER NOT NULL,
  http_status INTEGER,
  verdict     TEXT,
  code        TEXT NOT NULL DEFAULT '',
  message     TEXT NOT NULL DEFAULT '',
  request_id  TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX attempt_by_batch ON attempt (batch);

-- Fingerprints of identifiers, for search, stitching and erasure.
CREATE TABLE lookup (
  mark INTEGER NOT NULL,
  seq  INTEGER NOT NULL,
  PRIMARY KEY (mark, seq)
) STRICT, WITHOUT ROWID;

-- Who visited a site with its script. `mark` is the fingerprint of site and visitor id.
CREATE TABLE visitor (
  mark     INTEGER PRIMARY KEY,
  site     INTEGER NOT NULL,
  first_at REAL NOT NULL,
  seen_at  REAL NOT NULL,                     -- within an hour
  denied   INTEGER NOT NULL,                  -- 1: ad_storage, 2: ad_user_data; nothing else is kept then
  safari   INTEGER NOT NULL,                  -- 1: its cookies live as long as Safari lets them
  payload  BLOB                               -- sealed; NULL: forgotten
) STRICT;
CREATE INDEX visitor_by_seen ON visitor (site, seen_at);

-- What leads to a visitor: fingerprints of cart tokens, client references, hashed identifiers. The latest wins.
CREATE TABLE visitor_link (
  mark    INTEGER PRIMARY KEY,
  visitor INTEGER NOT NULL,
  at      REAL NOT NULL
) STRICT;
CREATE INDEX visitor_link_by_visitor ON visitor_link (visitor, at);

-- What the browser's own pixel did with an event; `root` is the first copy.
CREATE TABLE sighting (
  root  INTEGER PRIMARY KEY,
  state TEXT NOT NULL,
  name  TEXT NOT NULL,
  pixel TEXT NOT NULL,
  at    INTEGER NOT NULL,                     -- when the pixel was called, 0: not known
  named INTEGER NOT NULL                      -- 1: the event goes out under this name
) STRICT;

-- How many events of a day (of receipt, UTC) are in a state. Written with the rows, audited by `ledger`.
CREATE TABLE counter (
  connection INTEGER NOT NULL,
  day        INTEGER NOT NULL,
  state      TEXT NOT NULL,
  reason     TEXT NOT NULL,
  n          INTEGER NOT NULL,
  PRIMARY KEY (connection, day, state, reason)
) STRICT, WITHOUT ROWID;

-- The settings a batch was claimed under, without secrets.
CREATE TABLE settings (
  version  TEXT PRIMARY KEY,
  document TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Which tables hold the ids of a period, so that they can be dropped whole.
CREATE TABLE key_period (
  name    TEXT PRIMARY KEY,
  lasting INTEGER NOT NULL,
  ends_at REAL NOT NULL
) STRICT, WITHOUT ROWID;

-- What has to be fetched from a shop's API, because a delivery only named it.
CREATE TABLE errand (
  id      INTEGER PRIMARY KEY,
  site    INTEGER NOT NULL,
  source  TEXT NOT NULL,
  ref     TEXT NOT NULL,                      -- what the API knows it by: an order's id
  since   REAL NOT NULL,                      -- when it was last asked for
  due_at  REAL NOT NULL,
  tries   INTEGER NOT NULL DEFAULT 0,
  problem TEXT NOT NULL DEFAULT '',           -- why the last try failed
  UNIQUE (site, source, ref)
) STRICT;
CREATE INDEX errand_due ON errand (due_at);

-- How far something was read: an orders API, a file.
CREATE TABLE bookmark (
  name  TEXT PRIMARY KEY,
  value TEXT NOT NULL,
  at    REAL NOT NULL
) STRICT, WITHOUT ROWID;

-- Requests of people about their data, as evidence: when they came, what was done. No personal data.
CREATE TABLE privacy_request (
  id       INTEGER PRIMARY KEY,
  site     INTEGER NOT NULL,
  source   TEXT NOT NULL,
  kind     TEXT NOT NULL,                     -- erase, erase_all, access
  at       REAL NOT NULL,
  events   INTEGER NOT NULL,                  -- how many it was about
  visitors INTEGER NOT NULL
) STRICT;
