-- Every statement of the journal, by name. `-- name: x` starts one; journal/sql.py reads them.

-- ==== sites and connections ============================================================================

-- name: add_site
INSERT INTO site (name) VALUES (?1) ON CONFLICT (name) DO NOTHING;

-- name: site_ids
SELECT name, id FROM site;

-- name: connections
SELECT c.id, s.name, c.name, c.destination, c.site, c.start_seq, c.cursor, c.paused_reason, c.paused_message,
       c.paused_at, c.probe_at, c.refused_streak, c.refused_cause
FROM connection c JOIN site s ON s.id = c.site ORDER BY c.id;

-- A new connection starts at the end of the log: what was there before it is skipped(before_start).
-- name: add_connection
INSERT INTO connection (site, name, destination, start_seq, cursor) VALUES (?1, ?2, ?3, ?4, ?4)
ON CONFLICT (site, name) DO NOTHING;

-- name: next_seq
SELECT max(1, (SELECT coalesce(max(seq), 0) + 1 FROM event), (SELECT coalesce(max(cursor), 1) FROM connection));

-- ==== append ===========================================================================================

-- name: insert_event
INSERT INTO event (seq, site, name, event_id, channel, event_time, received_at, source, trust, root_seq, keys,
                   test, payload, visitor, rung) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?);

-- name: insert_lookup
INSERT OR IGNORE INTO lookup (mark, seq) VALUES (?, ?);

-- name: root_of
SELECT source, trust, received_at, keys FROM event WHERE seq = ?1;

-- name: count_copies
SELECT count(*) FROM event WHERE root_seq = ?1;

-- name: copy_with_key
SELECT 1 FROM event WHERE (seq = ?1 OR root_seq = ?1) AND keys & ?2 LIMIT 1;

-- When the first copy by public key arrived.
-- name: first_by_browser
SELECT min(received_at) FROM event WHERE (seq = ?1 OR root_seq = ?1) AND trust = 0;

-- Row ?2 and its copies are copies of ?1 from now on.
-- name: join_roots
UPDATE event SET root_seq = ?1 WHERE seq = ?2 OR root_seq = ?2;

-- A copy of the same sale, from somebody at least as trusted, that came before this one.
-- name: trusted_before
SELECT 1 FROM event WHERE (seq = ?1 OR root_seq = ?1) AND seq < ?2 AND trust >= ?3;

-- name: same_id
SELECT 1 FROM event WHERE (seq = ?1 OR root_seq = ?1) AND seq <> ?2 AND event_id = ?3;

-- name: copies_of
SELECT e.seq, e.keys, x.state FROM event e
LEFT JOIN exception x ON x.connection = ?1 AND x.seq = e.seq WHERE e.root_seq = ?2;

-- name: exception_of
SELECT state, reason, due_at FROM exception WHERE connection = ?1 AND seq = ?2;

-- name: put_exception
INSERT OR REPLACE INTO exception (connection, seq, state, reason, code, message, request_id, at, due_at, then_do)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?);

-- name: release
UPDATE exception SET due_at = ?3, then_do = 'send' WHERE connection = ?1 AND seq = ?2 AND state = 'held';

-- name: count
INSERT INTO counter (connection, day, state, reason, n) VALUES (?, ?, ?, ?, ?)
ON CONFLICT (connection, day, state, reason) DO UPDATE SET n = n + excluded.n;

-- ==== visitors =========================================================================================

-- name: put_visitor
INSERT OR REPLACE INTO visitor (mark, site, first_at, seen_at, denied, safari, payload)
VALUES (?, ?, ?, ?, ?, ?, ?);

-- name: put_visitor_link
INSERT OR REPLACE INTO visitor_link (mark, visitor, at) VALUES (?, ?, ?);

-- name: drop_links_of
DELETE FROM visitor_link WHERE visitor IN (SELECT value FROM json_each(?1));

-- A visitor keeps the newest of its links.
-- name: trim_links_of
DELETE FROM visitor_link WHERE mark IN (SELECT mark FROM (
  SELECT mark, row_number() OVER (PARTITION BY visitor ORDER BY at DESC, mark) AS n FROM visitor_link
  WHERE visitor IN (SELECT value FROM json_each(?1))) WHERE n > ?2);

-- name: visitors
SELECT mark, first_at, seen_at, denied, safari, payload FROM visitor
WHERE mark IN (SELECT value FROM json_each(?1));

-- name: link_owners
SELECT mark, visitor FROM visitor_link WHERE mark IN (SELECT value FROM json_each(?1));

-- name: sites_with_visitors
SELECT s.name FROM site s WHERE EXISTS (SELECT 1 FROM visitor v WHERE v.site = s.id);

-- Visitors first seen before ?2, by whether theirs is Safari's engine: how many, how many of them were seen
-- again more than ?3 seconds after the first time, and how long the longest is known.
-- name: visitor_ages
SELECT v.safari, count(*), sum(v.seen_at - v.first_at > ?3), max(v.seen_at - v.first_at)
FROM visitor v JOIN site s ON s.id = v.site
WHERE s.name = ?1 AND v.denied = 0 AND v.first_at < ?2 GROUP BY v.safari;

-- name: newest_visitors
SELECT v.mark, v.payload FROM visitor v JOIN site s ON s.id = v.site
WHERE s.name = ?1 AND v.payload IS NOT NULL ORDER BY v.seen_at DESC LIMIT ?2;

-- name: sightings
SELECT root, state, name, pixel, at, named FROM sighting WHERE root IN (SELECT value FROM json_each(?1));

-- name: put_sighting
INSERT OR REPLACE INTO sighting (root, state, name, pixel, at, named) VALUES (?, ?, ?, ?, ?, ?);

-- ==== errands and bookmarks ============================================================================

-- name: put_errand
INSERT INTO errand (site, source, ref, since, due_at) VALUES (?, ?, ?, ?, ?)
ON CONFLICT (site, source, ref) DO UPDATE SET since = excluded.since, due_at = excluded.due_at, tries = 0, problem = '';

-- name: due_errands
SELECT e.id, s.name, e.source, e.ref, e.since, e.tries FROM errand e JOIN site s ON s.id = e.site
WHERE e.due_at <= ?1 ORDER BY e.due_at LIMIT ?2;

-- name: due_errands_of
SELECT e.id, s.name, e.source, e.ref, e.since, e.tries FROM errand e JOIN site s ON s.id = e.site
WHERE s.name = ?1 AND e.source = ?2 AND e.due_at <= ?3 ORDER BY e.due_at LIMIT ?4;

-- name: drop_errand
DELETE FROM errand WHERE id = ?1 AND since = ?2;

-- name: postpone_errand
UPDATE errand SET due_at = ?3, tries = tries + 1, problem = ?4 WHERE id = ?1 AND since = ?2;

-- name: count_errands
SELECT count(*) FROM errand;

-- name: put_bookmark
INSERT OR REPLACE INTO bookmark (name, value, at) VALUES (?1, ?2, ?3);

-- name: bookmark
SELECT value FROM bookmark WHERE name = ?1;

-- ==== requests about people's data =====================================================================

-- name: seqs_of_source
SELECT seq FROM event WHERE site = ?1 AND source = ?2 AND payload IS NOT NULL ORDER BY seq;

-- name: seqs_by_marks
SELECT DISTINCT l.seq FROM lookup l JOIN event e ON e.seq = l.seq
WHERE e.site = ?1 AND l.mark IN (SELECT value FROM json_each(?2));

-- Every copy of the sales that ?2 has a copy of.
-- name: whole_sales
WITH root (seq) AS (SELECT DISTINCT coalesce(root_seq, seq) FROM event
  WHERE site = ?1 AND seq IN (SELECT value FROM json_each(?2)))
SELECT seq FROM root UNION SELECT e.seq FROM event e JOIN root r ON e.root_seq = r.seq ORDER BY 1;

-- name: owners_of_links
SELECT DISTINCT l.visitor FROM visitor_link l JOIN visitor v ON v.mark = l.visitor
WHERE v.site = ?1 AND l.mark IN (SELECT value FROM json_each(?2));

-- name: visitors_of
SELECT DISTINCT visitor FROM event WHERE seq IN (SELECT value FROM json_each(?1)) AND visitor IS NOT NULL;

-- name: drop_visitors
DELETE FROM visitor WHERE mark IN (SELECT value FROM json_each(?1));

-- name: unname_visitors
UPDATE event SET visitor = NULL WHERE visitor IN (SELECT value FROM json_each(?1));

-- What waits at a connection: behind its cursor, or held.
-- name: unsent_of
SELECT e.seq, e.received_at FROM event e LEFT JOIN exception x ON x.connection = ?1 AND x.seq = e.seq
WHERE e.seq IN (SELECT value FROM json_each(?2))
  AND ((x.seq IS NULL AND e.seq >= ?3) OR x.due_at IS NOT NULL);

-- name: forget_bodies
UPDATE batch SET body = NULL WHERE open = 1 AND connection = ?1 AND body IS NOT NULL
  AND EXISTS (SELECT 1 FROM json_each(seqs) b JOIN json_each(?2) s ON s.value = b.value);

-- name: blank_events
UPDATE event SET payload = NULL, keys = keys | ?2 WHERE seq IN (SELECT value FROM json_each(?1));

-- name: drop_lookups_of
DELETE FROM lookup WHERE seq IN (SELECT value FROM json_each(?1));

-- name: record_privacy
INSERT INTO privacy_request (site, source, kind, at, events, visitors) VALUES (?, ?, ?, ?, ?, ?);

-- name: erased
SELECT seq FROM event WHERE seq IN (SELECT value FROM json_each(?1)) AND keys & ?2;

-- name: newest_seq
SELECT coalesce(max(seq), 0) FROM event;

-- What became of the rows of one source since then, at each connection of its site: as `outcome` in outcomes.py
-- tells of one row, for many at once.
-- name: became_of
WITH opened (connection, seq) AS MATERIALIZED (SELECT b.connection, j.value FROM batch b, json_each(b.seqs) j
  WHERE b.open = 1)
SELECT c.name, CASE WHEN x.due_at IS NOT NULL THEN 'held' WHEN x.seq IS NOT NULL THEN x.state
  WHEN o.seq IS NOT NULL THEN 'sending' WHEN e.seq < c.start_seq THEN 'skipped' WHEN e.seq < c.cursor THEN 'delivered'
  ELSE 'pending' END AS became,
  CASE WHEN x.state IN ('merged', 'duplicate') THEN '' WHEN x.seq IS NOT NULL THEN x.reason ELSE '' END AS why, count(*)
FROM event e JOIN site s ON s.id = e.site JOIN connection c ON c.site = e.site
LEFT JOIN exception x ON x.connection = c.id AND x.seq = e.seq
LEFT JOIN opened o ON o.connection = c.id AND o.seq = e.seq
WHERE s.name = ?1 AND e.source = ?2 AND e.seq > ?3 GROUP BY 1, 2, 3 ORDER BY 1, 4 DESC;

-- ==== claims ===========================================================================================

-- A batch whose time has come. `next_attempt_at` NULL means that somebody is at it.
-- name: due_batch
SELECT id, connection, seqs, settings, tries, unrecognised, first_ambiguous_at, origin, origin_size, body
FROM batch WHERE open = 1 AND connection = ?1 AND next_attempt_at <= ?2 ORDER BY next_attempt_at LIMIT 1;

-- name: take_batch
UPDATE batch SET next_attempt_at = NULL WHERE id = ?1;

-- name: open_batches
SELECT count(*), sum(next_attempt_at IS NULL) FROM batch WHERE open = 1 AND connection = ?1;

-- A replay that was not forced still may not be sent past the window that began with its first attempt.
-- name: due_held
SELECT seq, then_do, reason, CASE WHEN reason = 'replay' AND code <> 'forced' THEN
  (SELECT min(b.first_ambiguous_at) FROM batch b WHERE b.connection = x.connection AND b.low_seq <= x.seq
   AND b.top_seq >= x.seq AND EXISTS (SELECT 1 FROM json_each(b.seqs) j WHERE j.value = x.seq)) END
FROM exception x WHERE connection = ?1 AND due_at <= ?2 ORDER BY due_at LIMIT ?3;

-- name: drop_exception
DELETE FROM exception WHERE connection = ?1 AND seq = ?2;

-- The next rows of the log, with the exception that keeps one from being claimed.
-- name: next_rows
SELECT e.seq, x.seq FROM event e LEFT JOIN exception x ON x.connection = ?1 AND x.seq = e.seq
WHERE e.site = ?2 AND e.seq >= ?3 ORDER BY e.seq LIMIT ?4;

-- name: move_cursor
UPDATE connection SET cursor = ?2 WHERE id = ?1;

-- name: insert_batch
INSERT INTO batch (connection, claimed_at, low_seq, top_seq, seqs, settings, next_attempt_at,
                   first_ambiguous_at, unrecognised, origin, origin_size)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id;

-- name: own_origin
UPDATE batch SET origin = id WHERE id = ?1;

-- name: shrink_batch
UPDATE batch SET seqs = ?2, low_seq = ?3, top_seq = ?4, body = NULL WHERE id = ?1;

-- name: close_batch
UPDATE batch SET open = 0, body = NULL, next_attempt_at = NULL, last_code = ?2, last_message = ?3 WHERE id = ?1;

-- name: postpone_batch
UPDATE batch SET next_attempt_at = ?2, tries = ?3, unrecognised = ?4, first_ambiguous_at = ?5, body = ?6,
                 last_code = ?7, last_message = ?8 WHERE id = ?1;

-- name: batch_settings
UPDATE batch SET settings = ?2 WHERE id = ?1 AND settings <> ?2;

-- name: insert_attempt
INSERT INTO attempt (batch, started_at, events, bytes) VALUES (?, ?, ?, ?) RETURNING id;

-- name: end_attempt
UPDATE attempt SET ended_at = ?2, http_status = ?3, verdict = ?4, code = ?5, message = ?6, request_id = ?7
WHERE id = ?1;

-- name: days_of
SELECT cast(received_at / 86400 AS INTEGER), count(*) FROM event
WHERE seq IN (SELECT value FROM json_each(?1)) GROUP BY 1;

-- name: parked_of_origin
SELECT count(*) FROM batch b JOIN exception x ON x.connection = b.connection AND x.seq = b.low_seq
WHERE b.origin = ?4 AND b.connection = ?1 AND b.open = 0 AND b.low_seq = b.top_seq AND x.state = ?2 AND x.code = ?3;

-- name: pause
UPDATE connection SET paused_reason = ?2, paused_message = ?3, paused_at = coalesce(paused_at, ?4), probe_at = ?5
WHERE id = ?1;

-- name: resume
UPDATE connection SET paused_reason = NULL, paused_message = NULL, paused_at = NULL, probe_at = NULL,
                      refused_streak = 0, refused_cause = '' WHERE id = ?1;

-- name: wake_batches
UPDATE batch SET next_attempt_at = ?2 WHERE open = 1 AND connection = ?1 AND next_attempt_at > ?2;

-- name: set_streak
UPDATE connection SET refused_streak = ?2, refused_cause = ?3 WHERE id = ?1;

-- name: set_probe
UPDATE connection SET probe_at = ?2 WHERE id = ?1;

-- name: save_settings
INSERT INTO settings (version, document) VALUES (?1, ?2) ON CONFLICT (version) DO NOTHING;

-- name: settings_of
SELECT document FROM settings WHERE version = ?1;

-- ==== after a crash ====================================================================================

-- An attempt without an end was cut off by the crash: it may have arrived. NULL means every batch.
-- name: mark_interrupted_batches
UPDATE batch SET first_ambiguous_at = coalesce(first_ambiguous_at,
  (SELECT min(a.started_at) FROM attempt a WHERE a.batch = batch.id AND a.ended_at IS NULL))
WHERE open = 1 AND (?1 IS NULL OR id = ?1);

-- name: end_interrupted_attempts
UPDATE attempt SET ended_at = ?1, verdict = 'ambiguous', code = 'interrupted',
  message = 'The gateway stopped before the answer was settled.'
WHERE ended_at IS NULL AND (?2 IS NULL OR batch = ?2);

-- name: give_back
UPDATE batch SET next_attempt_at = ?2, tries = tries + 1, last_code = 'internal', last_message = 'See the log.'
WHERE id = ?1 AND open = 1;

-- name: free_batches
UPDATE batch SET next_attempt_at = ?1 WHERE open = 1 AND next_attempt_at IS NULL;

-- ==== reading ==========================================================================================

-- name: payloads
SELECT e.seq, e.payload, s.name, e.event_id, e.received_at FROM event e JOIN site s ON s.id = e.site
WHERE e.seq IN (SELECT value FROM json_each(?1)) ORDER BY e.seq;

-- The copies that were merged into a first one before it was claimed: they are part of what is sent.
-- name: payloads_of_copies
SELECT e.root_seq, e.seq, e.payload, s.name, e.event_id, e.received_at FROM event e
JOIN site s ON s.id = e.site JOIN exception x ON x.connection = ?1 AND x.seq = e.seq AND x.state = 'merged'
WHERE e.root_seq IN (SELECT value FROM json_each(?2)) ORDER BY e.seq;

-- name: roots_of
SELECT seq, root_seq FROM event WHERE seq IN (SELECT value FROM json_each(?1)) AND root_seq IS NOT NULL;

-- Copies whose first copy, or the pixel's, came so long ago that the platform merges nothing into it any more.
-- name: late_copies
SELECT e.seq, e.root_seq FROM event e LEFT JOIN event r ON r.seq = e.root_seq
LEFT JOIN sighting g ON g.root = e.root_seq AND g.at > 0 AND g.state IN ('waiting', 'called', 'requested')
WHERE e.seq IN (SELECT value FROM json_each(?1)) AND e.root_seq IS NOT NULL
  AND min(coalesce(r.received_at, 0), coalesce(g.at, 1e18)) < ?2;

-- What the browser's own pixel reported so long ago that the platform has forgotten it.
-- name: reported_before
SELECT e.seq FROM event e JOIN sighting g ON g.root = coalesce(e.root_seq, e.seq)
WHERE e.seq IN (SELECT value FROM json_each(?1)) AND g.state IN ('called', 'requested') AND g.at > 0 AND g.at < ?2;

-- name: oldest_event_time
SELECT min(event_time) FROM event WHERE seq IN (SELECT value FROM json_each(?1));

-- Rows of which any copy, however late, denies consent (bit 128 of `keys`, see copies.py), or whose visitor
-- denied since.
-- name: withdrawn
SELECT e.seq FROM event e LEFT JOIN visitor v ON v.mark = e.visitor
WHERE e.seq IN (SELECT value FROM json_each(?1)) AND (e.keys & 128 OR v.denied = 2 OR EXISTS
  (SELECT 1 FROM event c LEFT JOIN visitor w ON w.mark = c.visitor
   WHERE c.root_seq = coalesce(e.root_seq, e.seq) AND (c.keys & 128 OR w.denied = 2)));

-- With the first time it may have arrived; where its batches are forgotten, the end of its delivery.
-- name: replayable
SELECT x.seq, x.state, x.reason, e.received_at, e.payload IS NULL,
  coalesce((SELECT min(b.first_ambiguous_at) FROM batch b WHERE b.connection = x.connection AND b.low_seq <= x.seq
    AND b.top_seq >= x.seq AND EXISTS (SELECT 1 FROM json_each(b.seqs) j WHERE j.value = x.seq)),
    CASE WHEN x.reason IN ('ambiguous_expired', 'unrecognised') THEN x.at END)
FROM exception x JOIN event e ON e.seq = x.seq
WHERE x.connection = ?1 AND x.seq IN (SELECT value FROM json_each(?2)) AND x.due_at IS NULL;

-- name: list_events
SELECT e.seq, s.name, e.name, e.event_id, e.channel, e.event_time, e.received_at, e.source, e.trust, e.root_seq,
       e.keys, e.test, e.payload, e.rung, g.state, g.name, g.pixel, g.at
FROM event e JOIN site s ON s.id = e.site LEFT JOIN sighting g ON g.root = coalesce(e.root_seq, e.seq)
WHERE (?1 IS NULL OR s.name = ?1) AND (?2 IS NULL OR e.name = ?2) AND (?3 IS NULL OR e.event_id = ?3)
  AND (?4 IS NULL OR e.seq < ?4) AND (?5 OR e.root_seq IS NULL)
ORDER BY e.seq DESC LIMIT ?6;

-- name: some_events
SELECT e.seq, s.name, e.name, e.event_id, e.channel, e.event_time, e.received_at, e.source, e.trust, e.root_seq,
       e.keys, e.test, e.payload, e.rung, g.state, g.name, g.pixel, g.at
FROM event e JOIN site s ON s.id = e.site LEFT JOIN sighting g ON g.root = coalesce(e.root_seq, e.seq)
WHERE e.seq IN (SELECT value FROM json_each(?1)) ORDER BY e.seq;

-- name: visitor_of
SELECT v.mark, v.payload FROM event e JOIN visitor v ON v.mark = e.visitor
WHERE e.seq = ?1 AND v.payload IS NOT NULL;

-- name: seqs_by_mark
SELECT seq FROM lookup WHERE mark = ?1 ORDER BY seq;

-- name: copies_by_root
SELECT seq FROM event WHERE root_seq = ?1 ORDER BY seq;

-- name: seqs_by_event_id
SELECT e.seq FROM event e WHERE e.event_id = ?1 ORDER BY e.seq;

-- name: full_exception
SELECT state, reason, code, message, request_id, at, due_at, then_do FROM exception
WHERE connection = ?1 AND seq = ?2;

-- name: batches_with
SELECT b.id, b.open, b.last_code, b.last_message, b.next_attempt_at, b.tries FROM batch b
WHERE b.connection = ?1 AND b.low_seq <= ?2 AND b.top_seq >= ?2
  AND EXISTS (SELECT 1 FROM json_each(b.seqs) j WHERE j.value = ?2) ORDER BY b.id;

-- name: attempts_of
SELECT started_at, ended_at, events, bytes, http_status, verdict, code, message, request_id FROM attempt
WHERE batch = ?1 ORDER BY id;

-- name: dead
SELECT x.seq, x.state, x.reason, x.code, x.message, x.request_id, x.at, c.id FROM exception x
JOIN connection c ON c.id = x.connection WHERE x.due_at IS NULL AND x.state IN ('refused', 'expired', 'dead')
  AND (?1 IS NULL OR c.site = (SELECT id FROM site WHERE name = ?1)) ORDER BY x.at DESC LIMIT ?2;

-- name: counters
SELECT state, reason, sum(n) FROM counter WHERE connection = ?1 GROUP BY 1, 2 HAVING sum(n) <> 0 ORDER BY 1, 2;

-- name: pending
SELECT sum(n) FROM counter WHERE connection = ?1 AND state = 'pending';

-- Without a final state, and not held: they wait for a claim or are on their way.
-- name: waiting
SELECT coalesce((SELECT sum(n) FROM counter WHERE connection = ?1 AND state = 'pending'), 0)
     - (SELECT count(*) FROM exception WHERE connection = ?1 AND due_at IS NOT NULL);

-- name: audit_events
SELECT count(*) FILTER (WHERE seq >= ?2), count(*) FILTER (WHERE seq < ?2) FROM event WHERE site = ?1;

-- name: audit_exceptions
SELECT x.state, x.reason, count(*), x.due_at IS NOT NULL FROM exception x
WHERE x.connection = ?1 GROUP BY 1, 2, 4;

-- name: audit_open
SELECT count(*) FROM batch b, json_each(b.seqs) j LEFT JOIN exception x ON x.connection = b.connection
  AND x.seq = j.value WHERE b.open = 1 AND b.connection = ?1 AND x.seq IS NULL;

-- name: audit_log
SELECT count(*) FROM event e LEFT JOIN exception x ON x.connection = ?1 AND x.seq = e.seq
WHERE e.site = ?2 AND e.seq >= ?3 AND x.seq IS NULL;

-- ==== reconcile ========================================================================================

-- name: first_received_of
SELECT received_at FROM event WHERE site = ?1 ORDER BY seq LIMIT 1;

-- name: seq_range_of
SELECT (SELECT min(seq) FROM event WHERE site = ?1), (SELECT max(seq) FROM event WHERE site = ?1);

-- name: received_from
SELECT received_at FROM event WHERE site = ?1 AND seq >= ?2 ORDER BY seq LIMIT 1;

-- Where the next part of the log begins.
-- name: sales_seq_after
SELECT seq FROM event WHERE site = ?1 AND seq >= ?2 ORDER BY seq LIMIT 1 OFFSET ?3;

-- name: sales_between
SELECT seq FROM event WHERE site = ?1 AND seq >= ?2 AND (?3 IS NULL OR seq < ?3) AND name = 'purchase'
  AND root_seq IS NULL AND test = 0 AND event_time >= ?4 AND event_time < ?5 ORDER BY seq;

-- Rows and their exceptions at a connection; where there is none, open batches and the cursor say the rest.
-- name: sales
SELECT e.seq, e.event_id, e.event_time, e.received_at, e.source, e.trust, x.state, x.reason, x.code, x.message
FROM event e LEFT JOIN exception x ON x.connection = ?1 AND x.seq = e.seq
WHERE e.seq IN (SELECT value FROM json_each(?2)) ORDER BY e.seq;

-- Rows between two that are in an open batch.
-- name: open_among
SELECT j.value, b.tries, b.last_code, b.last_message FROM batch b, json_each(b.seqs) j
WHERE b.open = 1 AND b.connection = ?1 AND b.top_seq >= ?2 AND b.low_seq <= ?3;

-- ==== retention ========================================================================================

-- name: key_periods
SELECT name, lasting, ends_at FROM key_period ORDER BY ends_at DESC;

-- name: add_key_period
INSERT INTO key_period (name, lasting, ends_at) VALUES (?1, ?2, ?3) ON CONFLICT (name) DO NOTHING;

-- name: drop_key_period
DELETE FROM key_period WHERE name = ?1;

-- Payloads whose event is final everywhere: not pending in the log, not held, not in an open batch. What was
-- merged into an event is part of it and stays as long.
-- name: blank_payloads
WITH kept (seq) AS MATERIALIZED (SELECT seq FROM exception WHERE due_at IS NOT NULL
  UNION SELECT j.value FROM batch b, json_each(b.seqs) j WHERE b.open = 1
  UNION SELECT seq FROM exception WHERE due_at IS NULL AND (at >= ?1
    OR (at >= ?3 AND state IN ('dead', 'refused', 'expired')))
  UNION SELECT j.value FROM batch b, json_each(b.seqs) j WHERE b.low_seq < ?4
    AND EXISTS (SELECT 1 FROM attempt a WHERE a.batch = b.id AND a.ended_at >= ?1))
UPDATE event SET payload = NULL WHERE payload IS NOT NULL AND received_at < ?1 AND seq < ?2
  AND seq NOT IN (SELECT seq FROM kept) AND (root_seq IS NULL OR root_seq NOT IN (SELECT seq FROM kept));

-- name: first_from
SELECT min(seq) FROM event WHERE site = ?1 AND seq >= ?2;

-- name: first_seq_since
SELECT min(seq) FROM event WHERE received_at >= ?1;

-- When the oldest event arrived that is not final everywhere.
-- name: oldest_unfinished
SELECT min(received_at) FROM event WHERE seq >= ?1
   OR seq IN (SELECT seq FROM exception WHERE due_at IS NOT NULL)
   OR seq IN (SELECT j.value FROM batch b, json_each(b.seqs) j WHERE b.open = 1);

-- name: drop_old_lookups
DELETE FROM lookup WHERE seq < ?1;

-- name: drop_old_exceptions
DELETE FROM exception WHERE seq < ?1;

-- name: drop_old_events
DELETE FROM event WHERE seq < ?1;

-- name: drop_old_sightings
DELETE FROM sighting WHERE root < ?1;

-- name: drop_links_of_old_visitors
DELETE FROM visitor_link WHERE visitor IN (SELECT mark FROM visitor WHERE site = ?1 AND seen_at < ?2);

-- name: drop_old_visitors
DELETE FROM visitor WHERE site = ?1 AND seen_at < ?2;

-- name: drop_old_counters
DELETE FROM counter WHERE day < ?1;

-- name: drop_old_attempts
DELETE FROM attempt WHERE started_at < ?1 AND batch NOT IN (SELECT id FROM batch WHERE open = 1);

-- name: drop_old_batches
DELETE FROM batch WHERE open = 0 AND id NOT IN (SELECT batch FROM attempt) AND claimed_at < ?1 AND origin NOT IN (SELECT origin FROM batch WHERE open = 1);
