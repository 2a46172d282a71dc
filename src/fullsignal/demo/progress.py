"""What the screen shows while the shop sells. Written by whoever does something, read by the screen."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class Progress:
    seconds: float
    elapsed: float = 0.0
    phase: str = "starting"  # starting, selling, draining, counting
    visitors: int = 0
    orders: int = 0
    pixel: int = 0  # beacons that the pixel sent
    webhooks: int = 0  # deliveries that were answered with 2xx
    forged: int = 0  # deliveries that were refused
    again: int = 0  # requests that clients repeated
    taken: int = 0  # events, by way of browsers, servers and webhooks; as the journal says
    delivered: int = 0  # of those, as the journal says
    waiting: int = 0  # held, or in the log
    sending: int = 0  # in open batches: under way, or to be tried again
    paused: str = ""  # why nothing is sent at this moment, as the journal says
    trouble: str = ""  # what is wrong at this moment
    happened: list[str] = field(default_factory=list)  # what went wrong, in order

    def goes_wrong(self, words: str) -> None:
        self.trouble = words
        self.happened.append(words)
