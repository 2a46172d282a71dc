"""Many events in as few requests as TikTok allows. What stands at the root decides what may go together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

import msgspec

from fullsignal.destinations.tiktok.account import Settings
from fullsignal.outgoing import Payload, Request

TAIL: Final = b"]}"
Prepared = tuple[int, Payload]


def pack(prepared: Sequence[Prepared], settings: Settings, token: str) -> list[Request]:
    """Every seq in exactly one request; the order is kept among events of one channel and test code."""
    groups: dict[tuple[str, ...], list[Prepared]] = {}
    for one in prepared:
        groups.setdefault(one[1].group, []).append(one)
    return [
        _request(head, members[share], settings, token)
        for group, members in groups.items()
        for head in (head_of(group, settings),)
        for share in shares(map(_size, members), settings, len(head) + len(TAIL))
    ]


def probe(settings: Settings, token: str) -> Request:
    """`data: []`, as peers test a token (P). TikTok's answer to it is not recorded: see answers.py."""
    channel, source_id = next(iter(settings.sources.items()))
    return _request(head_of((channel, source_id, ""), settings), [], settings, token)


def head_of(group: tuple[str, ...], settings: Settings) -> bytes:
    event_source, event_source_id, test_event_code = group
    root = {"event_source": event_source, "event_source_id": event_source_id}
    if test_event_code:
        root["test_event_code"] = test_event_code  # beside data, not in it (O~, and TikTok's own template)
    if settings.partner_name:
        root["partner_name"] = settings.partner_name
    return msgspec.json.encode(root)[:-1] + b',"data":['


def shares(sizes: Iterable[int], settings: Settings, root_bytes: int) -> Iterator[slice]:
    """Which of the events go together; sizes: of their bodies. root_bytes: of the request without any."""
    start = at = 0
    size = root_bytes
    for at, one in enumerate(sizes):
        more = one + 1  # and a comma
        if at > start and (at - start == settings.batch_events_max or size + more > settings.batch_bytes_max):
            yield slice(start, at)
            start, size = at, root_bytes
        size += more
    yield slice(start, at + 1)


def _size(one: Prepared) -> int:
    return len(one[1].body)


def _request(head: bytes, share: list[Prepared], settings: Settings, token: str) -> Request:
    return Request(
        url=settings.url,
        headers={"Access-Token": token, "Content-Type": "application/json"},
        body=b"".join((head, b",".join([payload.body for _, payload in share]), TAIL)),
        seqs=[seq for seq, _ in share],
    )
