"""Who paid, as PayPal's orders and subscriptions say it; its payments hold no person."""

from __future__ import annotations

from collections.abc import Sequence

from fullsignal.model import RawUser
from fullsignal.sources.reading import Document, text


def person(event: Document, who: Sequence[str], address: str) -> RawUser:
    """who: paths of the payer, the first that says something wins. address: the path of one whole address."""

    def told(field: str) -> str | None:
        return event.first(text, *(f"{at}.{field}" for at in who))

    return RawUser(
        email=told("email_address"),
        phone=told("phone.phone_number.national_number") or told("phone_number.national_number"),
        first_name=told("name.given_name"),
        last_name=told("name.surname"),
        city=event.first(text, f"{address}.admin_area_2"),
        state=event.first(text, f"{address}.admin_area_1"),
        zip=event.first(text, f"{address}.postal_code"),
        country=event.first(text, f"{address}.country_code") or told("address.country_code"),
    )
