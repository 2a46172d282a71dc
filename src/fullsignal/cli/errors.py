"""What a person did not get, in one sentence on stderr. A traceback is only for faults of ours."""

from __future__ import annotations

import errno
from typing import Any, Final

import click

WRONG: Final = 1  # something is wrong with what was asked about
ASKED_WRONGLY: Final = 2  # usage or configuration

# Errors whose message already says what is wrong and what to do. By name, so that nothing is imported to
# find out that all is well.
EXPECTED: Final = {
    "fullsignal.config.shape.ConfigError": ASKED_WRONGLY,
    "fullsignal.bulk.faults.BulkError": ASKED_WRONGLY,
    "fullsignal.journal.store.JournalError": WRONG,
    "fullsignal.journal.seal.KeyFileError": WRONG,
    "fullsignal.journal.seal.CorruptError": WRONG,
    "fullsignal.journal.writer.StorageError": WRONG,
    "fullsignal.sources.asking.OrdersError": WRONG,
    "fullsignal_emulator.server.NotLoopbackError": ASKED_WRONGLY,
}
# Raised by SQLite with words for programmers.
DATABASE: Final = "apsw.Error"


class CommandError(click.ClickException):
    """One sentence, the remedy in it, and an exit code."""

    def __init__(self, message: str, exit_code: int = WRONG) -> None:
        super().__init__(message)
        self.exit_code = exit_code  # type: ignore[misc]  # click declares it for the class only


class Commands(click.Group):
    """A group whose commands may raise what the parts of the program raise."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except (click.ClickException, click.exceptions.Exit, click.Abort, BrokenPipeError):
            raise
        except Exception as error:
            said = expected(error)
            if said is None:
                raise
            raise said from None


def expected(error: Exception) -> CommandError | None:
    """What to tell of an error that an operator can mend; None: it is a fault of ours."""
    for kind in type(error).__mro__:
        name = f"{kind.__module__}.{kind.__qualname__}"
        if name in EXPECTED:
            return CommandError(str(error), EXPECTED[name])
        if name == DATABASE:
            return CommandError(
                f"The journal cannot be used: {error}. Is the disk full, or the file damaged or another "
                "user's? `fullsignal check` looks; a damaged one comes from the backup."
            )
    return _of_the_system(error) if isinstance(error, OSError) else None


def _of_the_system(error: OSError) -> CommandError | None:
    if not isinstance(error.filename, str | bytes):
        return None
    remedy = {
        errno.EACCES: " Run as the user that owns it.",
        errno.EPERM: " Run as the user that owns it.",
        errno.ENOSPC: " Free some space.",
        errno.EROFS: " Name another place.",
    }.get(error.errno or 0, "")
    where = error.filename if isinstance(error.filename, str) else error.filename.decode(errors="replace")
    return CommandError(f"{where}: {error.strerror}.{remedy}")


def no_address(error: OSError, host: str, port: int, other_port: str, other_host: str) -> CommandError | None:
    """Why nothing can listen there; None where the error is about something else.

    other_port, other_host: what to do about the one or the other.
    """
    remedy = other_port
    why = {
        errno.EADDRINUSE: f"Port {port} on {host} is taken by another program.",
        errno.EADDRNOTAVAIL: f"This machine has no address {host}.",
    }.get(error.errno or 0)
    if error.errno == errno.EADDRNOTAVAIL:
        remedy = other_host
    if why is None and isinstance(error, PermissionError) and not error.filename:
        why = f"Port {port} needs rights that this user does not have."
    if why is None and type(error).__name__ == "gaierror":
        why = f"Nothing is known under the name {host}."
        remedy = other_host
    return CommandError(f"{why} {remedy}") if why else None
