"""Identifiers of a whole column: hashes and plain forms, where they are certain to be what `identity` makes.

Most values are plain enough that a few expressions say all there is to say of them. Of the others each
different one goes through `identity` itself, once. What that drops or notes is not certain, and its row goes
the careful way.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import polars as pl
from polars_hash import CryptographicHashingNameSpace

from fullsignal.bulk import phones
from fullsignal.bulk.certain import HASH, ID, POISON, VISIBLE, Columns, poison
from fullsignal.bulk.fields import IDS
from fullsignal.identity.address import hash_zip, plain_place
from fullsignal.identity.country import alpha2
from fullsignal.identity.device import USER_AGENT_CHARACTERS_MAX, VISITOR_ID_CHARACTERS_MAX, locale, public_ip
from fullsignal.identity.emails import variants
from fullsignal.identity.given import Hashed
from fullsignal.identity.ids import TTCLID_CHARACTERS_MAX
from fullsignal.identity.names import hash_name
from fullsignal.identity.poison import DIGESTS, NOBODY, PHONE_DIGESTS
from fullsignal.model import Note

_DIGESTS: Final = sorted(DIGESTS)
_PHONE_DIGESTS: Final = sorted(PHONE_DIGESTS)
_HEX64: Final = r"^[0-9a-fA-F]{64}$"
_EMAIL: Final = r"^[a-z0-9._%+'-]{1,64}@[a-z0-9.-]{0,100}[a-z0-9][a-z0-9.-]{0,100}$"
_NOBODY: Final = "^(?:" + "|".join(sorted(one.replace(".", r"\.") for one in NOBODY)) + ")@"
_NAME: Final = r"^[A-Za-z]{1,100}$"
_PLACE: Final = r"^[A-Za-z0-9 ]{1,100}$"
_ZIP: Final = r"^[A-Za-z0-9]{1,50}$"
_OCTET: Final = r"(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])"
_IPV4: Final = rf"^{_OCTET}\.{_OCTET}\.{_OCTET}\.{_OCTET}$"
_NOT_PUBLIC: Final = (
    r"^(?:0|10|127|22[4-9]|2[3-5][0-9]|192\.168|172\.(?:1[6-9]|2[0-9]|3[01])|169\.254"
    r"|100\.(?:6[4-9]|[7-9][0-9]|1[01][0-9]|12[0-7]))\."
)
FAMILIES: Final = frozenset(
    {
        *(
            "email_plain",
            "email_google",
            "email_ms",
            "email_reddit",
            "email_amazon",
            "phone_e164",
            "phone_digits",
        ),
        *("external_id", "first_name", "first_name_kept", "last_name", "last_name_kept", "zip"),
    }
)


def _sha(texts: pl.Expr) -> pl.Expr:
    return CryptographicHashingNameSpace(texts).sha2_256()


def identify(of: Columns, home: str, families: frozenset[str]) -> None:
    """home: the site's country. families: which hashes are wanted."""
    if of.has("country"):
        _country(of)
    if of.has("email"):
        _email(of, families)
    if of.has("phone"):
        _phone(of, home, families)
    if of.has("external_id"):
        text = pl.col("external_id")
        _hashed(of, "external_id", text, "external_id", text.str.contains(VISIBLE))
    for name in ("first_name", "last_name"):
        if of.has(name):
            _name(of, name)
    if of.has("zip"):
        _zip(of, home)
    for name in ("city", "state"):
        if of.has(name):
            _place(of, name)
    if of.has("ip"):
        other = of.by_value("ip", _IPV4, lambda text: _quiet(public_ip, text), "__ip")
        text, v4 = pl.col("ip"), pl.col("ip").str.contains(_IPV4)
        of.add("ip", pl.when(v4).then(text).otherwise(pl.col(other)))
        of.only(
            pl.when(v4)
            .then(~text.str.contains(_NOT_PUBLIC))
            .otherwise(pl.col(other).is_not_null() | text.is_null())
        )
    _verbatim(of, "user_agent", "user_agent", USER_AGENT_CHARACTERS_MAX)
    if of.has("visitor_id"):
        _verbatim(of, "visitor_id", "visitor_id", VISITOR_ID_CHARACTERS_MAX)
        of.only(~pl.col("visitor_id").str.contains("@", literal=True))
    if of.has("locale"):
        of.by_value("locale", "^$", lambda text: _quiet(locale, text), "__locale")
        of.add("locale", pl.col("__locale"))
        of.only(pl.col("__locale").is_not_null() | pl.col("locale").is_null())
    for name in IDS:
        if name in ("idfa", "gaid"):
            if of.has(name):
                of.only(pl.col(name).is_null())
        else:
            _verbatim(of, name, ID + name, TTCLID_CHARACTERS_MAX)


def _quiet(look: Callable[[str, str, list[Note]], str], text: str) -> str | None:
    notes: list[Note] = []
    found = look(text, "", notes)
    return found if found and not notes else None


def _verbatim(of: Columns, field: str, name: str, characters_max: int) -> None:
    if of.has(field):
        of.add(name, pl.col(field))
        values = of.frame[field].drop_nulls().unique()
        fine = values.str.contains(VISIBLE) & (values.str.len_bytes() <= characters_max)
        odd = values.filter(~fine | values.str.to_lowercase().is_in(POISON))
        if len(odd):
            of.only(~pl.col(field).is_in(odd.to_list()))


def _hashed(of: Columns, field: str, plain: pl.Expr, family: str, certain: pl.Expr) -> pl.Expr:
    """plain: what is hashed. Returns where the caller gave a digest."""
    given = pl.col(field)
    lowered = given.str.to_lowercase()
    certain = certain & ~poison(lowered)
    if not _some_digest(of.frame[field]):
        of.add(HASH + family, _sha(plain))
        of.only(certain)
        return pl.lit(False)
    is_digest = given.str.contains(_HEX64)
    of.add(HASH + family, pl.when(is_digest).then(lowered).otherwise(_sha(plain)))
    of.only(pl.when(is_digest).then(~lowered.is_in(_DIGESTS)).otherwise(certain))
    return is_digest


def _some_digest(column: pl.Series) -> bool:
    return bool((column.str.len_bytes() == 64).any())


def _email(of: Columns, families: frozenset[str]) -> None:
    given = pl.col("email")
    lower = given.str.to_lowercase()
    certain = lower.str.contains(_EMAIL) & ~lower.str.contains(_NOBODY)
    is_digest = _hashed(of, "email", lower, "email_plain", certain)
    if not families & {"email_google", "email_ms", "email_reddit", "email_amazon"}:
        return
    # Who has only letters and digits before the @ has one text in every family.
    odd = of.frame["email"].str.to_lowercase()
    odd = odd.filter(odd.str.contains(r"[^a-z0-9@.-]|[^a-z0-9@][^@]*@")).unique().drop_nulls()
    by_family: dict[str, dict[str, str]] = {}
    for text in odd.to_list():
        if "@" in text:
            for made, its in variants(text).items():
                for family in its:
                    by_family.setdefault(family, {})[text] = made
    for family, texts in by_family.items():
        other = lower.replace_strict(list(texts), list(texts.values()), default=None, return_dtype=pl.String)
        of.add(HASH + family, pl.when(~is_digest).then(_sha(other)))


def _phone(of: Columns, home: str, families: frozenset[str]) -> None:
    frame = of.frame
    countries = frame["phone_country"] if of.has("phone_country") else None
    homes = frame["__country"].str.to_uppercase().fill_null(home) if "__country" in frame.columns else home
    of.frame = frame.with_columns(phones.e164(frame["phone"], countries, homes).alias("__e164"))
    given, e164 = pl.col("phone"), pl.col("__e164")
    well = given.is_null() | e164.is_not_null()
    is_digest: pl.Expr = pl.lit(False)
    if _some_digest(frame["phone"]):
        is_digest, lowered = given.str.contains(_HEX64), given.str.to_lowercase()
        well = pl.when(is_digest).then(~lowered.is_in(_PHONE_DIGESTS)).otherwise(well)
        of.add(HASH + "phone_e164", pl.when(is_digest).then(lowered).otherwise(_sha(e164)))
    else:
        of.add(HASH + "phone_e164", _sha(e164))
    of.only(well)
    if "phone_digits" in families:
        of.add(HASH + "phone_digits", pl.when(~is_digest).then(_sha(e164.str.slice(1))))


def _country(of: Columns) -> None:
    of.by_value("country", "^$", lambda text: _quiet(alpha2, text), "__country")
    of.add("country", pl.col("__country"))
    of.only(pl.col("__country").is_not_null() | pl.col("country").is_null())


def _name(of: Columns, field: str) -> None:
    def look(text: str) -> str | None:
        """Both digests with a space between them."""
        hashed: Hashed = {}
        notes: list[Note] = []
        hash_name(text, field, field, hashed, notes)
        first, kept = hashed.get(field, [""])[0], hashed.get(field + "_kept", [""])[0]
        return f"{first} {kept}" if first and not notes else None

    other = pl.col(of.by_value(field, _NAME, look, f"__{field}"))
    given = pl.col(field)
    usual = given.str.contains(_NAME)
    lower = given.str.to_lowercase()
    of.add(HASH + field, pl.when(usual).then(_sha(lower)).otherwise(other.str.slice(0, 64)))
    kept = other.str.slice(65)
    of.add(f"{HASH}{field}_kept", pl.when(kept != "").then(kept))
    of.only(pl.when(usual).then(~poison(lower)).otherwise(given.is_null() | other.is_not_null()))


def _zip(of: Columns, home: str) -> None:
    def look(text: str) -> str | None:
        """Of a country whose codes are not cut; those of the US are looked at below."""
        hashed: Hashed = {}
        notes: list[Note] = []
        found = hash_zip(text, "zip", "", hashed, notes)
        return hashed["zip"][0] if found == text and not notes else None

    other = pl.col(of.by_value("zip", _ZIP, look, "__zip"))
    given = pl.col("zip")
    lower = given.str.to_lowercase()
    region = (
        pl.col("__country").str.to_uppercase() if "__country" in of.frame.columns else pl.lit(None, pl.String)
    )
    american = region.fill_null(home) == "US"
    cut = american & lower.str.contains("^[0-9]{5}")
    code = pl.when(cut).then(lower.str.slice(0, 5)).otherwise(lower)
    usual = given.str.contains(_ZIP)
    # 12345-6789 as typed; elsewhere the careful look is right
    american_long = american & given.str.contains(r"^[0-9]{5}-[0-9]{4}$")
    of.add(
        HASH + "zip",
        pl.when(american_long)
        .then(_sha(given.str.slice(0, 5)))
        .when(usual)
        .then(_sha(code))
        .otherwise(other),
    )
    of.add("zip", given)
    well = (
        pl.when(usual | american_long)
        .then(~poison(code) & ~poison(lower))
        .otherwise(~american & other.is_not_null())
    )
    of.only(given.is_null() | well)


def _place(of: Columns, field: str) -> None:
    other = pl.col(of.by_value(field, _PLACE, lambda text: _quiet(plain_place, text), f"__{field}"))
    given = pl.col(field)
    usual = given.str.contains(_PLACE)
    lower = given.str.to_lowercase()
    place = lower.str.replace_all(" ", "", literal=True)
    of.add(field, pl.when(usual).then(place).otherwise(other))
    well = ~poison(lower) & ~poison(place) & ~given.str.contains(_HEX64)
    of.only(pl.when(usual).then(well).otherwise(given.is_null() | other.is_not_null()))
