"""RawUser -> User: every identifier through its family's module."""

from __future__ import annotations

from fullsignal.identity.address import hash_zip, plain_place
from fullsignal.identity.country import alpha2
from fullsignal.identity.device import locale, public_ip, user_agent, visitor_id
from fullsignal.identity.emails import hash_email
from fullsignal.identity.external_id import hash_external_id
from fullsignal.identity.given import Hashed, as_text, each
from fullsignal.identity.ids import take_ids
from fullsignal.identity.names import hash_name
from fullsignal.identity.phone import hash_phone
from fullsignal.model import Note, RawUser, User


def identify(raw: RawUser, *, region: str, notes: list[Note]) -> User:
    """Hashes and plain identifiers of one person; whatever was dropped or doubtful is noted.

    `region`: ISO 3166 alpha-2 in capitals, the site's country: national phone numbers and postal codes are
    read by it where the event names no country of its own. Bad values are dropped, never raised; no note
    holds a value. Trimming and lower-casing are not noted: every event would be full of it.
    """
    hashed: Hashed = {}
    country = alpha2(raw.country, "user.country", notes) if raw.country else ""
    home = country.upper() if country else region

    if raw.email is not None:
        for text, field in each(raw.email, "user.email", notes):
            hash_email(text, field, hashed, notes)
    if raw.phone is not None:
        for text, field in each(raw.phone, "user.phone", notes):
            hash_phone(text, field, home, hashed, notes)
    if raw.external_id is not None:
        for text, field in each(raw.external_id, "user.external_id", notes):
            hash_external_id(text, field, hashed, notes)
    if raw.first_name:
        hash_name(raw.first_name, "first_name", "user.first_name", hashed, notes)
    if raw.last_name:
        hash_name(raw.last_name, "last_name", "user.last_name", hashed, notes)

    return User(
        hashed=hashed,
        ids=take_ids(raw.ids, hashed, notes) if raw.ids else {},
        ip=public_ip(raw.ip, "user.ip", notes) if raw.ip else "",
        user_agent=user_agent(raw.user_agent, "user.user_agent", notes) if raw.user_agent else "",
        locale=locale(raw.locale, "user.locale", notes) if raw.locale else "",
        visitor_id=visitor_id(raw.visitor_id, "user.visitor_id", notes) if raw.visitor_id else "",
        city=plain_place(raw.city, "user.city", notes) if raw.city else "",
        state=plain_place(raw.state, "user.state", notes) if raw.state else "",
        zip=hash_zip(as_text(raw.zip), "user.zip", home, hashed, notes) if raw.zip is not None else "",
        country=country,
    )
