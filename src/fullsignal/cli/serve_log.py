"""How the server logs: lines for people on a terminal, JSON Lines anywhere else. Always to stderr."""

from __future__ import annotations

import logging
import sys
import traceback
from collections.abc import MutableMapping
from typing import Any

import structlog


def set_up(log_format: str, level: int = logging.INFO) -> None:
    """log_format: "text" or "json". The standard library's loggers go the same way."""
    shared: list[Any] = [
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        fault,
    ]
    if log_format == "json":
        renderer: Any = structlog.processors.JSONRenderer()
    else:
        renderer = structlog.dev.ConsoleRenderer(colors=_colours(), pad_event_to=20)
    structlog.configure(
        processors=[*shared, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)


def fault(logger: Any, method: str, said: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """An exception's kind and where it arose. Its text stays out: it may quote what a caller sent."""
    given = said.pop("exc_info", None)
    if not given:
        return said
    error = (
        given[1]
        if isinstance(given, tuple)
        else given
        if isinstance(given, BaseException)
        else sys.exc_info()[1]
    )
    if error is not None:
        frames = traceback.extract_tb(error.__traceback__)
        said["error"] = type(error).__name__
        said["at"] = [f"{f.name} {f.filename}:{f.lineno}" for f in frames]
    return said


def _colours() -> bool:
    import os

    return sys.stderr.isatty() and not os.environ.get("NO_COLOR")
