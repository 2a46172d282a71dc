"""What a destination is: facts and pure functions. It never opens a socket, reads a clock or keeps state.

    Event -> prepare -> Payload | Skip      one event, in the platform's words
    [(seq, Payload)] -> pack -> [Request]   as many events a request as the platform takes
    Request, Response -> read -> Answer     what became of them

A module may be a destination: see `tiktok/`. The suite in tests/destinations/test_contract.py runs for each
one in the registry.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, TypeVar

from msgspec import Struct

from fullsignal.config import Connection
from fullsignal.model import Event, User
from fullsignal.outgoing import Answer, Payload, Request, Response, Skip

S = TypeVar("S")  # the destination's own settings, parsed and checked


class Pixel(Struct, frozen=True):
    """The platform's own script for browsers."""

    code: str
    src: str  # where pages load it from
    names: dict[str, str]  # our event name -> what the pixel calls it, where it is not the usual name


class Destination(Protocol[S]):
    @property
    def name(self) -> str:
        """The word in the configuration and in `Event.destinations`."""

    @property
    def hosts(self) -> frozenset[str]:
        """The only hosts, besides this machine, that may ever be contacted."""

    @property
    def dedup_window_seconds(self) -> int:
        """The platform counts a repeated event once within this time of the first copy's receipt."""

    @property
    def merge_window_seconds(self) -> int:
        """Within this time of the first copy a repeated event still adds identifiers to it; 0: never."""

    @property
    def ambiguous_margin_seconds(self) -> int:
        """An attempt that may have arrived is not repeated this close to the end of the dedup window."""

    @property
    def match_key_names(self) -> tuple[str, ...]:
        """What the platform matches people by; the order of the bits of `match_keys`."""

    def match_keys(self, user: User) -> int:
        """Bit i is set where the user has match_key_names[i]."""

    def settings(self, connection: Connection) -> S:
        """Parse and check. Raises ConfigError naming the setting and the remedy."""

    def pixel(self, settings: S, code: str, where: str) -> Pixel:
        """The pixel of this code beside this connection; "" is one that the page itself loads.

        Raises ConfigError for what is no pixel's code; `where` is the setting that has it.
        """

    def prepare(self, event: Event, settings: S, now: float) -> Payload | Skip:
        """One event in the platform's words; `now` is Unix seconds at the time of sending."""

    def pack(self, prepared: Sequence[tuple[int, Payload]], settings: S, token: str) -> list[Request]:
        """Every seq in exactly one request, in the order given within a group.

        A request has at most `batch_events_max` events and `batch_bytes_max` bytes; an event that alone
        is larger than that never gets here, because `prepare` refuses it.
        """

    def read(self, request: Request, response: Response, settings: S) -> Answer:
        """Never raises, whatever came back. `accepted` only where the platform says so in so many words."""

    def probe(self, settings: S, token: str) -> Request:
        """A request without events, to see whether token and account are good (again).

        `read` its answer: accepted or bisect mean that they are, pause that they are not, anything else
        that nothing is known yet.
        """
