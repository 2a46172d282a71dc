"""What became of each event, for people: `events`, `dead`, `ledger`. Reads only."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

from fullsignal.copies import key_names
from fullsignal.journal.rows import Link
from fullsignal.journal.seal import CorruptError, Keys
from fullsignal.journal.sql import Q
from fullsignal.journal.store import open_reader
from fullsignal.model import Event

STATEMENT_SECONDS_MAX: Final = 30.0
_PIXEL: Final = ("state", "name", "pixel", "at")
_ROOT_STATES: Final = {"merged": "merged into", "duplicate": "duplicate of"}


class Reader:
    """Opens a data folder for reading, whether or not a server runs."""

    def __init__(self, data_dir: Path) -> None:
        self._db = open_reader(data_dir)
        self.keys = Keys.open(data_dir / "keys.json")

    def close(self) -> None:
        self._db.close()

    def links(self) -> list[Link]:
        return [Link(*row) for row in self._rows("connections")]

    def _rows(self, query: str, *values: Any) -> list[Any]:
        return self._db.execute(Q[query], values).fetchall()

    # ---- events ---------------------------------------------------------------------------------------

    def recent(
        self,
        *,
        site: str | None = None,
        name: str | None = None,
        event_id: str | None = None,
        before: int | None = None,
        copies: bool = False,
        limit: int = 50,
    ) -> list[dict[str, Any]]:
        """Newest first; copies have a row of their own only when asked for."""
        links = self.links()
        rows = self._rows("list_events", site, name, event_id, before, copies, limit)
        return [self._describe(row, links, full=False) for row in rows]

    def find(self, wanted: str) -> list[dict[str, Any]]:
        """By row number, event id, order id or number, click id, or the hash of an identifier."""
        links = self.links()
        seqs = {int(wanted)} if wanted.isdigit() and len(wanted) < 12 else set()
        seqs |= {row[0] for row in self._rows("seqs_by_event_id", wanted)}
        for kind in ("email", "phone", "external_id", "ttclid"):
            value = wanted if kind == "ttclid" else wanted.lower()
            seqs |= {row[0] for row in self._rows("seqs_by_mark", self.keys.mark(kind, value))}
        seqs |= self._by_order({link.site for link in links}, wanted.lstrip("#"))
        rows = self._rows("some_events", json.dumps(sorted(seqs)))
        return [self._describe(row, links, full=True) for row in rows]

    def _by_order(self, sites: set[str], ref: str) -> set[int]:
        """The first copy of the sale, and every other."""
        kinds = ("order", "order_number")
        numbers = [self.keys.mark(kind, f"{site}\0\0{ref}") for site in sites for kind in kinds]
        marks = json.dumps(numbers)
        found = {row[0] for mark in numbers for row in self._rows("seqs_by_mark", mark)}  # test events
        for (table,) in self._db.execute("SELECT name FROM key_period WHERE lasting = 1").fetchall():
            query = f"SELECT seq FROM {table} WHERE mark IN (SELECT value FROM json_each(?1))"
            found |= {row[0] for row in self._db.execute(query, (marks,))}
        found |= {row[1] for row in self._rows("roots_of", json.dumps(sorted(found)))}
        copies = {row[0] for root in found for row in self._rows("copies_by_root", root)}
        return found | copies

    def _describe(self, row: Any, links: list[Link], *, full: bool) -> dict[str, Any]:
        seq, site, name, event_id, channel, event_time, received_at, source, trust, root, keys, test = row[
            :12
        ]
        payload, rung, *pixel = row[12:]
        event = self._open(payload, f"{site}/{event_id}")
        copies = [copy[0] for copy in self._rows("copies_by_root", root or seq)]
        about: dict[str, Any] = {
            "seq": seq,
            "site": site,
            "event": name,
            "event_id": event_id,
            "order_id": event.order_id if event else None,
            "order_number": event.order_number if event else None,
            "value": event.value if event else None,
            "currency": event.currency if event else None,
            "channel": channel,
            "event_time": event_time,
            "received_at": received_at,
            "source": source,
            "trust": ("browser", "server", "signed")[trust],
            "copy_of": root,
            "copies": 1 + len(copies),
            "match_keys": key_names(keys),
            "test_event_code": event.test_event_code if event and test else None,
            "stitched": rung or None,
            "visitor": _short(event.user.visitor_id) if event else None,
            "pixel": dict(zip(_PIXEL, pixel, strict=True)) if pixel[0] else None,
            "outcomes": {link.name: self.outcome(link, seq) for link in links if link.site == site},
        }
        if full:
            about["copy_seqs"] = [root or seq, *copies]
            about["consent"] = _said(event.consent) if event else None
            notes = event.notes if event else []
            about["notes"] = [{"code": n.code, "field": n.field, "message": n.message} for n in notes]
            about["unconfirmed"] = event.unconfirmed if event else None
            about["payload"] = "sealed" if event else "gone"
        return about

    def visitor_of(self, seq: int) -> tuple[int, bytes] | None:
        """(mark, sealed payload) of an event's visitor; None: none is known, or forgotten by now."""
        rows = self._rows("visitor_of", seq)
        return (rows[0][0], rows[0][1]) if rows else None

    def visitor_ages(self, site: str, before: float, after: float) -> dict[bool, tuple[int, int, float]]:
        """Safari's or not -> (how many visitors first came before that time, how many of them were seen again
        so many seconds later, how many seconds the longest is known)."""
        rows = self._rows("visitor_ages", site, before, after)
        return {bool(safari): (n, again, longest) for safari, n, again, longest in rows}

    def newest_visitors(self, site: str, limit: int) -> list[tuple[int, bytes]]:
        """(mark, sealed payload) of those seen last."""
        return [(mark, payload) for mark, payload in self._rows("newest_visitors", site, limit)]

    def _open(self, payload: bytes | None, bound_to: str) -> Event | None:
        if payload is None:
            return None
        try:
            return self.keys.unseal(payload, bound_to)
        except CorruptError:
            return None

    # ---- outcomes -------------------------------------------------------------------------------------

    def outcome(self, link: Link, seq: int) -> dict[str, Any]:
        """Exactly one state: its exception; else its open batch; else where the cursor is."""
        batches = self._rows("batches_with", link.id, seq)
        tried = [a for b in batches for a in self._attempts(b[0])] if batches else []
        last = next((a for a in reversed(tried) if a["request_id"]), tried[-1] if tried else None)
        about: dict[str, Any] = {
            **self._state(link, seq, batches),
            "request_id": (last or {}).get("request_id") or None,
        }
        if about["state"] == "delivered" and last:
            about["code"], about["message"] = last["code"], last["message"]
        about["attempts"] = tried
        return about

    def _state(self, link: Link, seq: int, batches: list[Any]) -> dict[str, Any]:
        found = self._db.execute(Q["full_exception"], (link.id, seq)).fetchone()
        if found:
            state, reason, code, message, _, _, due_at, then_do = found
            about = {"state": state, "reason": reason, "code": code or None, "message": message or None}
            if state in _ROOT_STATES:
                about |= {"reason": None, "of": int(reason)}
            if due_at is not None:
                about |= {"until": due_at, "then": then_do}
            return about
        opened = next((b for b in batches if b[1]), None)
        if opened:
            _, _, code, message, next_attempt_at, tries = opened
            if link.paused_reason:
                return _about(
                    "retrying", f"paused_{link.paused_reason}", code, message or link.paused_message
                )
            if next_attempt_at is None or (not tries and not code):
                return _about("sending")
            return {**_about("retrying", None, code, message), "next_attempt_at": next_attempt_at}
        if seq < link.start_seq:
            return _about("skipped", "before_start", None, "It was there before the connection was.")
        if seq < link.cursor:
            return _about("delivered")
        if link.paused_reason:
            return _about("pending", f"paused_{link.paused_reason}", None, link.paused_message)
        return _about("pending")

    def _attempts(self, batch: int) -> list[dict[str, Any]]:
        fields = (
            "at",
            "ended_at",
            "events",
            "bytes",
            "http_status",
            "verdict",
            "code",
            "message",
            "request_id",
        )
        return [dict(zip(fields, row, strict=True)) for row in self._rows("attempts_of", batch)]

    def dead(self, site: str | None = None, limit: int = 100) -> list[dict[str, Any]]:
        """What was refused, expired or given up, newest first."""
        links = {link.id: link for link in self.links()}
        out = []
        for seq, state, reason, code, message, request_id, at, link_id in self._rows("dead", site, limit):
            row = self._db.execute(Q["some_events"], (json.dumps([seq]),)).fetchone()
            event = self._open(row[12], f"{row[1]}/{row[3]}") if row else None
            link = links[link_id]
            out.append(
                {
                    "seq": seq,
                    "site": link.site,
                    "connection": link.name,
                    "event": row[2] if row else None,
                    "event_id": row[3] if row else None,
                    "order_id": event.order_id if event else None,
                    "state": state,
                    "reason": reason,
                    "code": code or None,
                    "message": message or None,
                    "request_id": request_id or None,
                    "at": at,
                }
            )
        return out

    # ---- the ledger -----------------------------------------------------------------------------------

    def ledger(self) -> dict[str, Any]:
        """Counters against rows, in one snapshot. `balanced` only where every state agrees."""
        with self._db:  # one read transaction: nothing moves meanwhile
            connections = [self._audit(link) for link in self.links()]
        return {"balanced": all(c["balanced"] for c in connections), "connections": connections}

    def _audit(self, link: Link) -> dict[str, Any]:
        mine, before = self._db.execute(Q["audit_events"], (link.site_id, link.start_seq)).fetchone()  # type: ignore[misc]
        rows: dict[tuple[str, str], int] = {}
        held = 0
        for state, reason, n, waiting in self._rows("audit_exceptions", link.id):
            if waiting:
                held += n
            else:
                key = (state, "" if state in _ROOT_STATES else reason)
                rows[key] = rows.get(key, 0) + n
        (opened,) = self._db.execute(Q["audit_open"], (link.id,)).fetchone()  # type: ignore[misc]
        (waiting,) = self._db.execute(Q["audit_log"], (link.id, link.site_id, link.cursor)).fetchone()  # type: ignore[misc]
        pending = held + opened + waiting
        delivered = mine - sum(rows.values()) - pending
        rows |= {("delivered", ""): delivered, ("pending", ""): pending}
        counted = {(state, reason): n for state, reason, n in self._rows("counters", link.id)}
        states = sorted(rows.keys() | counted.keys())
        differ = [s for s in states if rows.get(s, 0) != counted.get(s, 0)]
        return {
            "site": link.site,
            "connection": link.name,
            "accepted": mine,
            "before_start": before,
            "states": [
                {"state": s, "reason": r or None, "events": rows.get((s, r), 0)}
                for s, r in states
                if rows.get((s, r))
            ],
            "pending": {"held": held, "in_open_batches": opened, "in_log": waiting},
            "paused": link.paused_reason,
            "balanced": not differ and delivered >= 0,
            "differences": [
                {"state": s, "reason": r, "rows": rows.get((s, r), 0), "counters": counted.get((s, r), 0)}
                for s, r in differ
            ],
        }


def _about(
    state: str, reason: str | None = None, code: str | None = None, message: str | None = None
) -> dict[str, Any]:
    return {"state": state, "reason": reason, "code": code or None, "message": message or None}


def _said(consent: Any) -> dict[str, str]:
    return {f: getattr(consent, f) or "unknown" for f in consent.__struct_fields__}


def _short(visitor_id: str) -> str | None:
    """Enough to see whether two are the same; never enough to pass for one."""
    return (
        f"{visitor_id[:8]}…{visitor_id[-4:]}"
        if len(visitor_id) > 16
        else visitor_id[:4] + "…"
        if visitor_id
        else None
    )
