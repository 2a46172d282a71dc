"""Looking into a data folder, whether or not a server runs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fullsignal.config import Config
    from fullsignal.journal.outcomes import Reader


@contextmanager
def reading(config: Config) -> Iterator[Reader]:
    """Raises JournalError where there is no journal yet."""
    from fullsignal.journal.outcomes import Reader

    reader = Reader(config.data_dir)
    try:
        yield reader
    finally:
        reader.close()


def first_event(config: Config) -> str:
    """How to send one, for somebody who has none yet."""
    site = next(iter(config.sites.values()))
    if site.secret_keys_file:
        key = f"$(head -n1 {config.path.parent / site.secret_keys_file})"
    else:
        key = f"${site.secret_keys_env or 'YOUR_SECRET_KEY'}"
    url = f"http://{config.server.host}:{config.server.port}/v1/events"
    return f"""\
No events yet. With `fullsignal serve` running, send one:

  curl {url} -H "Authorization: Bearer {key}" -H "Content-Type: application/json" \\
    -d '{{"event": "purchase", "order_id": "1001", "value": 46, "currency": "USD",
         "user": {{"email": "jane@shop.example"}}, "page": {{"url": "https://shop.example/thanks"}}}}'

Then: fullsignal events show 1001"""
