"""How far a file is: a bar on a terminal, a line now and then anywhere else. Always on stderr."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, Final

import click

from fullsignal.backfill.chunks import share_read
from fullsignal.clock import SystemClock

if TYPE_CHECKING:
    from fullsignal.backfill.chunks import Plan
    from fullsignal.backfill.dry import Forecast
    from fullsignal.backfill.run import Moment

LINE_SECONDS: Final = 5.0


class Watching:
    """`with Watching(plan) as watching: run(..., watching.told, ...)`"""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._clock = SystemClock()
        self._bar: Any = None
        self._text = ""
        self._began_at = self._line_at = self._clock.monotonic()
        self._began_with: int | None = None

    def __enter__(self) -> Watching:
        if sys.stderr.isatty():
            from rich.console import Console
            from rich.live import Live
            from rich.progress import BarColumn, Progress, TaskProgressColumn, TimeRemainingColumn

            console = Console(stderr=True)
            self._bar = Progress(BarColumn(), TaskProgressColumn(), TimeRemainingColumn(), console=console)
            self._task = self._bar.add_task("", total=None)
            self._live = Live(get_renderable=self._drawn, console=console, transient=True)
            self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._live.stop()

    def _drawn(self) -> Any:
        from rich.console import Group
        from rich.text import Text

        return Group(self._bar, Text(self._text, no_wrap=True, overflow="ellipsis"))

    def told(self, moment: Moment) -> None:
        account = moment.account
        counts = f"{account.accepted:,} accepted, {account.duplicate:,} copies, {account.rejected:,} refused"
        if moment.paused:
            counts += (
                f"; waits: {', '.join(f'{key} is paused ({why})' for key, why in moment.paused.items())}"
            )
        elif moment.waits:
            counts += f"; {moment.waiting:,} wait for delivery"
        self._say(account.done, moment.share, counts)

    def looked(self, made: Forecast) -> None:
        share = share_read(self._plan, made.rows)
        self._say(made.rows, share, f"{made.events:,} can be taken, {made.rejected:,} cannot")

    def settling(self, waiting: int) -> None:
        if waiting:
            self._say(0, 1.0, f"all rows are in; {waiting:,} wait for delivery")

    def _say(self, row: int, share: float | None, counts: str) -> None:
        now = self._clock.monotonic()
        if self._began_with is None:
            self._began_with, self._began_at = row, now
        rate = (row - self._began_with) / max(0.001, now - self._began_at)
        unit = self._plan.rows.unit
        self._text = f"{unit} {row:,}, {rate:,.0f} a second: {counts}" if row else counts
        if self._bar is not None:
            self._bar.update(self._task, completed=share or 0, total=None if share is None else 1.0)
        elif now - self._line_at >= LINE_SECONDS:
            self._line_at = now
            click.echo(f"{share:.0%} {self._text}" if share is not None else self._text, err=True)
