"""Who paid, as Stripe's objects say it, and what the shop passed along in `metadata`."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from fullsignal.model import RawPage, RawUser
from fullsignal.sources import carried
from fullsignal.sources.reading import Document, ident, text

# our field, read as, paths in a session, a payment intent or an invoice: the first that holds something wins.
# @ is the address that _address() chose.
USER: Final[tuple[tuple[str, Callable[[Any], Any], tuple[str, ...]], ...]] = (
    (
        "email",
        text,
        ("customer_details.email", "customer_email", "receipt_email", "billing_details.email"),
    ),
    (
        "phone",
        text,
        (
            *("customer_details.phone", "customer_phone", "billing_details.phone"),
            *("shipping.phone", "customer_shipping.phone"),
        ),
    ),
    ("city", text, ("@.city",)),
    ("state", text, ("@.state",)),
    ("zip", text, ("@.postal_code",)),
    ("country", text, ("@.country",)),
)
NAMES: Final = (
    *("customer_details.individual_name", "customer_details.name", "customer_name"),
    *("billing_details.name", "shipping.name"),
    *("collected_information.shipping_details.name", "shipping_details.name"),
)
ADDRESSES: Final = (
    "customer_details.address",
    "collected_information.shipping_details.address",  # since 2025-03-31
    "shipping_details.address",  # until then
    "customer_address",
    "customer_shipping.address",
    "shipping.address",
    "billing_details.address",  # often no more than country and postal code
)
# our field -> the names in `metadata`, the first that is there. sst_vid: what some tag servers call it.
METADATA: Final = {
    "visitor_id": ("_fs_vid", "fs_vid", "visitor_id", "sst_vid"),
    "external_id": ("external_id", "user_id", "customer_id"),
    "ip": ("_fs_ip", "ip", "client_ip", "ip_address"),
    "user_agent": ("_fs_user_agent", "user_agent"),
    "page_url": ("_fs_page_url", "page_url", "landing_page"),
}
# Plain names that carried.py knows only as _fs_*.
_CARRIED: Final = ("ttp", "fbp", "fbc")
# What our script makes; any other reference is the shop's own.
_VISITOR: Final = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
# Where a payment link leads to when the shop named no page of its own [seen].
_STRIPES_OWN: Final = re.compile(r"https://([a-z0-9-]+\.)?stripe\.com/.*")


def metadata(document: Document, *paths: str) -> dict[str, str]:
    """All metadata at these paths; of a name that stands in several, the first."""
    found: dict[str, str] = {}
    for path in paths:
        values = document.at(path)
        for key, value in values.items() if isinstance(values, dict) else ():
            told = text(value)
            if told and told.strip():
                found.setdefault(key.strip(), told.strip())
    for name in _CARRIED:
        if name in found:
            found.setdefault(f"_fs_{name}", found[name])
    return found


def user(document: Document, told: Mapping[str, str]) -> RawUser:
    at = _address(document)
    names = (document.first(text, *NAMES) or "").split()
    reference = document.first(text, "client_reference_id") or ""
    page = _of(told, "page_url") or ""
    return RawUser(
        **{field: document.first(kind, *(p.replace("@", at) for p in paths)) for field, kind, paths in USER},
        first_name=names[0] if names else None,
        last_name=names[-1] if len(names) > 1 else None,
        external_id=_of(told, "external_id") or document.first(ident, "customer"),
        ip=_of(told, "ip"),
        user_agent=_of(told, "user_agent"),
        visitor_id=_of(told, "visitor_id") or (reference if _VISITOR.fullmatch(reference) else None),
        ids=carried.ids(told, page),
    )


def page(document: Document, told: Mapping[str, str]) -> RawPage | None:
    """The page that the shop named; else the shop's own host, by where its customers are sent back to."""
    url = _of(told, "page_url")
    if url is None:
        backs = [document.first(text, path) or "" for path in ("success_url", "return_url", "cancel_url")]
        pages = [carried.page_url(back, "") for back in backs]
        url = next((one for one in pages if one and not _STRIPES_OWN.fullmatch(one)), None)
    return RawPage(url=url) if url else None


def _of(told: Mapping[str, str], field: str) -> str | None:
    return next((told[name] for name in METADATA[field] if name in told), None)


def _address(document: Document) -> str:
    """One whole address: the city of one and the state of another would match nobody."""
    return next((path for path in ADDRESSES if document.at(f"{path}.country")), ADDRESSES[0])
