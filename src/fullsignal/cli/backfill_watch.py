"""How far a file is: a bar on a terminal, a line now and then anywhere else. Always on stderr."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, Final

import click

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
        self._began_at = self._line_at = self._clock.monotonic()
        self._began_with: int | None = None

    def __enter__(self) -> Watching:
        if sys.stderr.isatty():
            from rich.console import Console
            from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

            columns = (
                BarColumn(),
                TaskProgressColumn(),
                TimeRemainingColumn(),
                TextColumn("{task.description}"),
            )
            self._bar = Progress(*columns, console=Console(stderr=True), transient=True)
            self._task = self._bar.add_task("", total=1.0 if self._share(0) is not None else None)
            self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.stop()

    def told(self, moment: Moment) -> None:
        account = moment.account
        counts = f"{account.accepted:,} accepted, {account.duplicate:,} copies, {account.rejected:,} refused"
        if moment.paused:
            counts += (
                f"; waits: {', '.join(f'{key} is paused ({why})' for key, why in moment.paused.items())}"
            )
        elif moment.waits:
            counts += f"; {moment.waiting:,} wait for delivery"
        self._say(account.row, counts)

    def looked(self, made: Forecast) -> None:
        self._say(made.rows, f"{made.events:,} can be taken, {made.rejected:,} cannot")

    def settling(self, waiting: int) -> None:
        if waiting:
            self._say(self._plan.total or 0, f"all rows are in; {waiting:,} wait for delivery")

    def _share(self, row: int) -> float | None:
        """What is done, between 0 and 1; by the bytes read where nobody knows how many rows there are."""
        if self._plan.total:
            return min(1.0, row / self._plan.total)
        rows = self._plan.rows
        return min(1.0, rows.bytes_read / rows.bytes_total) if rows.bytes_total else None

    def _say(self, row: int, counts: str) -> None:
        now = self._clock.monotonic()
        if self._began_with is None:
            self._began_with, self._began_at = row, now
        rate = (row - self._began_with) / max(0.001, now - self._began_at)
        share = self._share(row)
        text = f"row {row:,}, {rate:,.0f} a second: {counts}"
        if self._bar is not None:
            self._bar.update(self._task, completed=share, description=text)
        elif now - self._line_at >= LINE_SECONDS:
            self._line_at = now
            click.echo(f"{share:.0%} {text}" if share is not None else text, err=True)
