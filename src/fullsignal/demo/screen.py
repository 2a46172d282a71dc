"""The run as it happens: a live view on a terminal, plain lines elsewhere."""

from __future__ import annotations

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
            self._live.update(picture(progress))
            return
        for words in progress.happened[self._said :]:
            self._say(f"  {progress.elapsed:4.0f} s  ! {words}")
        self._said = len(progress.happened)
        if progress.elapsed - self._wrote_at >= LINE_SECONDS:
            self._wrote_at = progress.elapsed
            self._say(line(progress))

    def _say(self, text: str) -> None:
        self._console.print(text, highlight=False, markup=False, soft_wrap=True)


def line(p: Progress) -> str:
    return (
        f"  {p.elapsed:4.0f} s  {p.phase}: {p.visitors} visitors, {p.orders} orders, {p.webhooks} webhooks, "
        f"{p.events} events taken, {p.delivered} delivered, {p.waiting} waiting, {p.sending} under way"
    )


def picture(p: Progress) -> Table:
    grid = Table.grid(padding=(0, 2))
    left = max(0.0, p.seconds - p.elapsed)
    words = {"starting": "Starting ...", "selling": f"{left:.0f} s left"}
    grid.add_row(
        Text("A synthetic shop", style="bold"),
        ProgressBar(p.seconds, min(p.elapsed, p.seconds), width=BAR),
        words.get(p.phase, "Closed; the last events go out ..."),
    )
    shop, us, them = "the shop", "fullsignal", "TikTok (a stand-in)"
    grid.add_row(shop, f"{p.visitors} visitors   {p.orders} orders   {p.pixel} pixel beacons")
    grid.add_row(us, f"{p.events} events   {p.webhooks} signed webhooks   {p.forged} forged, refused")
    sending = Text(f"{p.sending} under way", style="yellow" if p.sending else "dim")
    grid.add_row(them, Text(f"{p.delivered} delivered   {p.waiting} waiting   ").append_text(sending))
    over = p.happened[:-1] if p.trouble else p.happened
    for number, was in enumerate(over):
        grid.add_row("" if number else "trouble", Text(was, style="dim"))
    if p.trouble:
        grid.add_row("" if over else "trouble", Text(p.trouble, style="bold red"))
    return grid
