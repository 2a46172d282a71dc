"""fullsignal: self-hosted server-side conversion tracking.

`fullsignal.Client` sends events from your own Python program. It is imported when first asked for, so that
the server does not load it and a program that only sends loads nothing else.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fullsignal.client import Client

__all__ = ["Client", "__version__"]
__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    if name == "Client":
        from fullsignal.client import Client

        return Client
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
