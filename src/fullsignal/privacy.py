"""What a person asks of their own data, as the journal can carry it out: by fingerprints alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from fullsignal.asked import PrivacyRequest
from fullsignal.config import Site
from fullsignal.identity import identify
from fullsignal.journal import Keys, PrivacyRow
from fullsignal.model import RawUser
from fullsignal.record import LOOKUPS

_NOBODY: Final = RawUser()


def row(
    request: PrivacyRequest, site: Site, site_id: int, source: str, keys: Keys, link_mark: Callable[..., int]
) -> PrivacyRow:
    """link_mark(site, rung, value): what leads to a visitor."""
    hashed = identify(request.user or _NOBODY, region=site.country, notes=[]).hashed
    people = [(kind, value) for kind, family in LOOKUPS for value in hashed.get(family, ())]
    refs = [ref for order in request.order_ids if (ref := order.strip().lstrip("#"))]
    return PrivacyRow(
        site=site_id,
        source=source,
        kind=request.kind,
        lookups=tuple([keys.mark(kind, value) for kind, value in people]),
        orders=tuple([keys.mark("order", f"{site.name}\0\0{ref}") for ref in refs]),
        links=tuple([link_mark(site.name, kind, value) for kind, value in people]),
    )
