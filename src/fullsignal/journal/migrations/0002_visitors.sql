-- Version 1 -> 2: visitors, what leads to them, and what the browser's own pixel did.

ALTER TABLE event ADD COLUMN visitor INTEGER;
ALTER TABLE event ADD COLUMN rung TEXT NOT NULL DEFAULT '';

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
