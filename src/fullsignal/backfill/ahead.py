"""A look at a file's beginning, before anything is decided about it."""

from __future__ import annotations

from contextlib import closing
from typing import Final

from msgspec import structs

from fullsignal.backfill.chunks import PixelQuestionError, Plan, chunks
from fullsignal.backfill.known import Known
from fullsignal.clock import SystemClock
from fullsignal.config import Config

LOOK_ROWS: Final = 5_000


def question(config: Config, plan: Plan) -> PixelQuestionError | None:
    """What has to be asked about its first rows."""
    looked = structs.replace(plan, chunk_rows=min(plan.chunk_rows, LOOK_ROWS), pixel="ask")
    with closing(Known(config, plan.site)) as known:
        try:
            next(chunks(looked, 0, known, SystemClock().now()), None)
        except PixelQuestionError as asked:
            return asked
    return None
