"""The page at `/`: what this is, where things are, and what has arrived so far."""

from __future__ import annotations

from datetime import UTC, datetime
from html import escape
from typing import Any

from .departures import DEPARTURES
from .tiktok.platform import Platform
from .tiktok.report import report
from .tiktok.row import Row
from .tiktok.switches import described

__all__ = ["page"]

STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}"
    "code,pre{font-size:.9em;background:#8881;padding:.1em .3em}pre{padding:1em;overflow:auto}"
    "table{border-collapse:collapse;width:100%}td,th{text-align:left;padding:.3em .6em;"
    "border-bottom:1px solid #8884;vertical-align:top}"
    "td+td code{overflow-wrap:anywhere}:root{color-scheme:light dark}"
)
LAST_EVENTS = 20
TEXT_MAX, PART = 120, 20  # characters
PLACES = (
    ("POST", "/open_api/v1.3/event/track/", "The Events API 2.0. The trailing slash matters."),
    ("GET", "/i18n/pixel/events.js", "The pixel's script, for a base code that points here."),
    ("POST", "/api/v2/pixel", "Where that script sends to."),
    ("GET", "/_emulator/events?event_id=&after=&limit=", "Every event received, accepted or not."),
    ("GET", "/_emulator/report", "Numbers per event type, match keys, diagnostics."),
    ("GET POST DELETE", "/_emulator/faults", "Make it fail on purpose."),
    ("GET POST", "/_emulator/clock", '{"set": seconds, "advance_seconds": n}'),
    ("GET POST", "/_emulator/people", "Who can be matched; register your own."),
    ("POST", "/_emulator/ads", "A click or a view of one of them."),
    ("GET POST", "/_emulator/switches", "What nobody knows about the real one."),
    ("POST", "/_emulator/reset", "Start over."),
)
FIRST_EVENT = """curl {url}/open_api/v1.3/event/track/ \\
  -H 'Access-Token: test_anything' -H 'Content-Type: application/json' \\
  -d '{{"event_source": "web", "event_source_id": "CD9079RC77U0N3GBV16Y", "data": [{{
        "event": "Purchase", "event_time": {now}, "event_id": "order-1",
        "page": {{"url": "https://shop.example/thanks"}},
        "properties": {{"value": 46.0, "currency": "USD"}}}}]}}'"""


def page(platform: Platform, url: str, now: float) -> str:
    numbers = report(platform, now)
    return "".join(
        (
            "<!doctype html><html lang=en><meta charset=utf-8>",
            "<meta name=viewport content='width=device-width'>",
            f"<title>TikTok stand-in</title><style>{STYLE}</style><h1>A local stand-in for TikTok</h1>",
            "<p>It answers as the Events API and the pixel endpoint do, keeps everything in memory and sends "
            "nothing anywhere. It is part of fullsignal and works with any client.</p>",
            _arrived(numbers, url, now),
            _last(platform),
            "<h2>Where things are</h2>",
            _table(("", "Path", ""), ((m, f"<code>{escape(p)}</code>", escape(w)) for m, p, w in PLACES)),
            "<h2>Switches</h2>",
            _table(
                ("Name", "Value", "Why"),
                (
                    (f"<code>{name}</code>", f"<code>{escape(repr(s['value']))}</code>", escape(s["why"]))
                    for name, s in described(platform.switches).items()
                ),
            ),
            "<h2>Where it departs from the real thing</h2><ul>",
            *(f"<li>{escape(line)}" for line in DEPARTURES),
            "</ul></html>",
        )
    )


def _arrived(numbers: dict[str, Any], url: str, now: float) -> str:
    events = numbers["events"]
    if not events["received"]:
        return (
            "<h2>Nothing has arrived yet</h2><p>Send a first event, then reload this page:</p>"
            f"<pre>{escape(FIRST_EVENT.format(url=url, now=int(now)))}</pre>"
        )
    sums = ", ".join(f"{count} {name}" for name, count in events.items())
    rows = (
        (
            f"{_text(kind['event'])} <small>{_text(kind['event_source_id'])}</small>",
            kind["connection_method"],
            kind["counted"],
            kind["deduplicated"],
            kind["matched"],
            sum(kind["attributed"].values()),
            kind["emq"],
        )
        for kind in numbers["event_types"]
    )
    heads = ("Event", "Connection", "Counted", "Deduplicated", "Matched", "Attributed", "Like EMQ")
    hints = "".join(
        f"<li>{escape(d['title'])}: {escape(str(d['event']))}, <code>{escape(d['field'])}</code>, "
        f"{d['count']} times. {escape(d['meaning'])}"
        for d in numbers["diagnostics"]
    )
    return (
        f"<h2>Arrived so far</h2><p>{sums}.</p>{_table(heads, rows)}<p><small>{escape(numbers['emq_note'])}"
        f"</small></p>" + (f"<h3>Diagnostics</h3><ul>{hints}</ul>" if hints else "")
    )


def _last(platform: Platform) -> str:
    """The newest events first, refused ones too."""
    store = platform.store
    seq = store.dropped + len(store)  # of the newest
    rows = list(store.listed(max(seq - LAST_EVENTS, 0), LAST_EVENTS, None))
    if not rows:
        return ""
    heads = ("Time (UTC)", "Via", "Event", "event_id", "Code", "Test code", "Counted", "Matched")
    return f"<h3>The last {len(rows)} events</h3>{_table(heads, (_cells(row) for row in reversed(rows)))}"


def _cells(row: Row) -> tuple[str, ...]:
    at = datetime.fromtimestamp(row.received_at, UTC)
    counted = "yes" if row.counted else f"no, copy of {row.duplicate_of}" if row.duplicate_of else "no"
    return (
        f"{at:%H:%M:%S}",
        row.via,
        _text(row.event),
        _text(row.event_id),
        f"{row.code}" + (f"<br><small>{escape(row.message)}</small>" if row.message else ""),
        _text(row.test),
        counted,
        escape(", ".join(row.matched)) or "no",
    )


def _text(value: Any) -> str:
    """What a client sent may be anything, and of any length: cut, and with places to break."""
    text = "" if value is None else str(value)
    parts = [escape(text[at : at + PART]) for at in range(0, min(len(text), TEXT_MAX), PART)]
    return "<wbr>".join(parts) + ("…" if len(text) > TEXT_MAX else "")


def _table(heads: tuple[str, ...], rows: Any) -> str:
    head = "".join(f"<th>{name}" for name in heads)
    return (
        f"<table><tr>{head}" + "".join(f"<tr>{''.join(f'<td>{c}' for c in row)}" for row in rows) + "</table>"
    )
