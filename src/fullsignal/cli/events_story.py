"""The story of a sale, as a person reads it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

import click

from fullsignal import reasons, stitch
from fullsignal.cli import show
from fullsignal.consent import bare
from fullsignal.model import Touch

if TYPE_CHECKING:
    from fullsignal.journal.outcomes import Reader

LATE_SECONDS_MIN: Final = 2.0  # below that an event counts as received when it happened
# What the browser's own pixel did, by what was seen of it.
PIXEL: Final = {
    "absent": "none was on the page",
    "waiting": "took it as {name}, and its script had not run yet",
    "blocked": "its script did not load: the platform has it from here alone",
    "called": "called as {name}{when}, no request was seen",
    "requested": "called as {name}{when}, request seen",
}
THEN: Final = {"send": "it goes on its way", "expire": "it ends unsent"}


def tell(found: list[dict[str, Any]], reader: Reader, destinations: dict[str, str]) -> None:
    """Sale by sale: the first copy in full, every other in a line.

    destinations: "site/connection" -> the destination's name.
    """
    for at, root in enumerate(sorted({one["copy_of"] or one["seq"] for one in found})):
        first = next((one for one in found if one["seq"] == root), None) or _row(reader, root)
        if first is None:
            continue
        if at:
            click.echo()
        _head(first)
        _who(first, reader)
        _copies(first, reader, destinations)
        for name, outcome in first["outcomes"].items():
            _outcome(name, outcome, destinations.get(f"{first['site']}/{name}", ""), first["received_at"])


def _row(reader: Reader, seq: int) -> dict[str, Any] | None:
    return next((one for one in reader.find(str(seq)) if one["seq"] == seq), None)


def _line(label: str, text: str) -> None:
    if text:
        click.echo(f"  {label:<11} {text}")


def _head(one: dict[str, Any]) -> None:
    click.echo(
        click.style(f"{one['event']}  {one['event_id']}", bold=True)
        + f"  (site {one['site']}, row {one['seq']})"
    )
    order = one["order_id"] or ""
    if one["order_number"] and one["order_number"] != order:
        order = f"{order} (#{one['order_number']})".strip()
    _line("order", order)
    _line("value", show.money(one["value"], one["currency"]))
    late = one["received_at"] - one["event_time"]
    later = f", received {_span(late)} later" if late >= LATE_SECONDS_MIN else ""
    _line("happened", f"{show.when(one['event_time'])} UTC{later}")
    _line("channel", one["channel"] if one["channel"] != "web" else "")
    _line("test code", one["test_event_code"] or "")
    _line("match keys", ", ".join(one["match_keys"]) or "none: the platform can match it to nobody")
    consent = one.get("consent") or {}
    told = any(note["code"] == "consent_from_visitor" for note in one.get("notes", ()))
    whose = "  (as its visitor's browser said)" if told else ""
    _line("consent", ", ".join(f"{name} {said}" for name, said in consent.items()) + whose)
    for note in one.get("notes", ()):
        _line("note", f"{note['field']}: {note['message']} ({note['code']})")
    if one.get("payload") == "gone":
        _line("payload", "gone: its time is over, only this line is kept")


def _who(first: dict[str, Any], reader: Reader) -> None:
    """Its visitor, as the first copy of which that is known tells, and what the browser's pixel did."""
    copies = [first, *(_row(reader, seq) for seq in first["copy_seqs"] if seq != first["seq"])]
    told = [one for one in copies if one is not None and (one["visitor"] or one["stitched"])]
    if told:
        one = next((one for one in told if one["visitor"]), told[0])
        rung = next((one["stitched"] for one in told if one["stitched"]), None)
        words = stitch.WORDS.get(rung, rung) if rung else "said by its browser"
        _line("visitor", f"{one['visitor']}, {words}" if one["visitor"] else str(words))
        for label, touch in _touches(reader, [one["seq"] for one in told]):
            _line(label, _touch(touch))
    _line("pixel", _pixel(first))


def _touches(reader: Reader, seqs: list[int]) -> Iterator[tuple[str, Touch]]:
    """How the visitor came, while that is remembered."""
    found = next((sealed for seq in seqs if (sealed := reader.visitor_of(seq))), None)
    visitor = stitch.opened(reader.keys.unseal_bytes, *found) if found else None
    if visitor is not None and visitor.first is not None:
        yield "came first", visitor.first
    if visitor is not None and visitor.last is not None and visitor.last != visitor.first:
        yield "came last", visitor.last


def _touch(touch: Touch) -> str:
    how = [f"{name} {value}" for name, value in touch.utm.items()] + [f"with a {name}" for name in touch.ids]
    where = f"to {bare(touch.url)}" if touch.url else ""
    since = f"from {bare(touch.referrer)}" if touch.referrer else ""
    return "  ".join(filter(None, (f"{show.when(touch.at)} UTC", ", ".join(how), since, where)))


def _pixel(one: dict[str, Any]) -> str:
    """The browser's own, beside which the event goes out."""
    seen = one["pixel"]
    if not seen:
        return ""
    apart = one["event_time"] - seen["at"] if seen["at"] else 0
    when = f" {_span(abs(apart))} {'earlier' if apart > 0 else 'later'}" if abs(apart) >= 1 else ""
    return PIXEL[seen["state"]].format(name=seen["name"] or "this event", when=when)


def _copies(first: dict[str, Any], reader: Reader, destinations: dict[str, str]) -> None:
    if first["copies"] == 1:
        return
    click.echo(f"  {first['copies']} copies")
    for seq in first["copy_seqs"]:
        if seq == first["seq"]:
            copy, word = first, "the first"
        else:
            page = reader.recent(before=seq + 1, copies=True, limit=1)
            if not page or page[0]["seq"] != seq:
                continue
            copy = page[0]
            word = ", ".join(f"{name}: {o['state']}" for name, o in copy["outcomes"].items())
        drift = "" if copy["event_id"] == first["event_id"] else f"  another event id: {copy['event_id']}"
        keys = ", ".join(copy["match_keys"]) or "no match keys"
        click.echo(
            f"    row {seq}  {show.when(copy['received_at'], day=False)}  "
            f"{copy['source']} ({copy['trust']})  {keys}  {word}{drift}"
        )


def _outcome(name: str, outcome: dict[str, Any], destination: str, received_at: float) -> None:
    state = outcome["state"] + (f" ({outcome['reason']})" if outcome["reason"] else "")
    click.echo(f"  {name:<11} {show.painted(state)}")
    told = reasons.outcome(outcome, destination)
    _under("", told.sentence)
    if outcome.get("code"):
        _under("it said", f"{outcome['code']} {outcome['message'] or ''}".rstrip())
    elif _adds(outcome.get("message") or "", told):
        _under("because", outcome["message"])
    _under("request id", outcome["request_id"] or "")
    if outcome.get("until"):
        _under("until", f"{show.when(outcome['until'])} UTC, then {THEN.get(outcome['then'], '')}")
    if outcome.get("next_attempt_at"):
        _under("next try", f"{show.when(outcome['next_attempt_at'])} UTC")
    if outcome.get("of"):
        _under("copy of", f"row {outcome['of']}")
    for number, attempt in enumerate(outcome["attempts"], start=1):
        _attempt(number, attempt, received_at)
    _under("to do", told.remedy)


def _adds(message: str, told: reasons.Told) -> bool:
    """Does it say anything that the sentence and the remedy do not?"""
    words, said = (
        {word.rstrip("s") for word in re.findall(r"\w{4,}", text.lower())} - {"thi"}  # this
        for text in (message, " ".join(told))
    )
    return not words <= said


def _attempt(number: int, attempt: dict[str, Any], received_at: float) -> None:
    took = (
        "" if attempt["ended_at"] is None else f" in {round((attempt['ended_at'] - attempt['at']) * 1000)} ms"
    )
    status = f"HTTP {attempt['http_status']}" if attempt["http_status"] else "no HTTP answer"
    said = " ".join(filter(None, (attempt["code"], attempt["message"]))) or "not ended yet"
    click.echo(
        f"    attempt {number}  {show.when(attempt['at'], day=False)} "
        f"({_span(attempt['at'] - received_at)} after receipt)  {status}{took}: {said}"
        f"  [{attempt['verdict'] or 'under way'}, {attempt['events']} events]"
    )


def _under(label: str, text: str) -> None:
    if text:
        click.echo(f"    {label}{': ' if label else ''}{text}")


def _span(seconds: float) -> str:
    seconds = max(0.0, seconds)
    for unit, size in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} s"
