"""The run as it happens: a live view on a terminal, plain lines elsewhere."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from types import TracebackType
from typing import Final

from rich.console import Console
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from fullsignal.demo.progress import Progress

LINE_SECONDS: Final = 4.0  # how often a plain line is written
BAR: Final = 40
NAMES: Final = 20  # columns, with the gap beside them
WIDTH_MAX: Final = 100


class Screen:
    def __init__(self, console: Console) -> None:
        self._console = console
        self._live = (
            Live(console=console, refresh_per_second=4, transient=True) if console.is_terminal else None
        )
        self._wrote_at = -LINE_SECONDS
        self._said = 0

    def __enter__(self) -> Screen:
        if self._live is not None:
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._live is not None:
            self._live.stop()

    def draw(self, progress: Progress) -> None:
        if self._live is not None:
            self._live.update(picture(progress, self._console.width))
            return
        for words in progress.happened[self._said :]:
            self._say(f"{progress.elapsed:4.0f} s  ! {words}")
        self._said = len(progress.happened)
        if progress.elapsed - self._wrote_at >= LINE_SECONDS:
            self._wrote_at = progress.elapsed
            self._say(line(progress))

    def _say(self, text: str) -> None:
        width = min(self._console.width, WIDTH_MAX)
        lines = textwrap.wrap(
            text,
            width,
            initial_indent="  ",
            subsequent_indent=" " * 10,
            break_long_words=False,
            break_on_hyphens=False,
        )
        self._console.print("\n".join(lines), highlight=False, markup=False, soft_wrap=True)


def line(p: Progress) -> str:
    return (
        f"{p.elapsed:4.0f} s  {p.phase}: {p.visitors} visitors, {p.orders} orders, {p.webhooks} webhooks, "
        f"{p.taken} events taken, {p.delivered} delivered, {_waiting(p)}, {p.sending} under way"
    )


def picture(p: Progress, columns: int = 80) -> Table:
    width = max(columns - NAMES, NAMES)
    grid = Table.grid(padding=(0, 2))
    grid.add_column(no_wrap=True, width=NAMES - 2)
    grid.add_column()
    left = max(0.0, p.seconds - p.elapsed)
    words = {"starting": "Starting ...", "selling": f"{left:.0f} s left"}
    grid.add_row(
        Text("A synthetic shop", style="bold"), words.get(p.phase, "Closed; the last events go out ...")
    )
    grid.add_row("", ProgressBar(p.seconds, min(p.elapsed, p.seconds), width=min(BAR, width)))
    sold = (f"{p.visitors} visitors", f"{p.orders} orders", f"{p.pixel} pixel beacons")
    taken = (f"{p.taken} events taken", f"{p.webhooks} signed webhooks", f"{p.forged} forged, refused")
    sent = (f"{p.delivered} delivered", _waiting(p), f"{p.sending} under way")
    for who, facts in (("the shop", sold), ("fullsignal", taken), ("TikTok's stand-in", sent)):
        grid.add_row(who, apart(facts, width))
    over = p.happened[:-1] if p.trouble else p.happened
    for number, was in enumerate(over):
        grid.add_row("" if number else "trouble", Text(was, style="dim"))
    if p.trouble:
        grid.add_row("" if over else "trouble", Text(p.trouble, style="bold red"))
    return grid


def apart(facts: Sequence[str], width: int) -> str:
    """Facts beside each other, and none broken while it fits a line."""
    lines = [""]
    for fact in facts:
        longer = f"{lines[-1]}   {fact}" if lines[-1] else fact
        if len(longer) <= width or not lines[-1]:
            lines[-1] = longer
        else:
            lines.append(fact)
    return "\n".join(lines)


def _waiting(p: Progress) -> str:
    return f"{p.waiting} waiting" + (f" (paused: {p.paused})" if p.paused else "")
