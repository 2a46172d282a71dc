-- Version 2 -> 3: errands, bookmarks and requests about people's data.

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
