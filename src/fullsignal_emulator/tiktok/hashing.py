"""The stand-in's own reading of TikTok's normalisation, written from the documentation (S1).

It hashes the clean people the stand-in knows; what advertisers send is only ever compared.
"""

from __future__ import annotations

import hashlib
from functools import lru_cache

__all__ = ["JUNK", "digests", "looks_hashed", "sha256_hex", "wrong_digests"]

HEX = "0123456789abcdef"


def sha256_hex(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def looks_hashed(value: str) -> bool:
    """64 lower-case hex digits. Whether TikTok takes upper-case ones is not documented."""
    return len(value) == 64 and not value.strip(HEX)


@lru_cache(20_000)  # a reset registers the same people again
def digests(email: str = "", phone: str = "", external_id: str = "") -> dict[str, str]:
    """key -> digest of one clean value. phone is E.164 with its plus; external_id keeps its case."""
    found = {}
    if email:
        found["email"] = sha256_hex(email.strip().lower())
    if phone:
        found["phone"] = sha256_hex(phone)
    if external_id:
        found["external_id"] = sha256_hex(external_id.strip())
    return found


@lru_cache(20_000)
def wrong_digests(email: str = "", phone: str = "", external_id: str = "") -> dict[str, str]:
    """digest -> how somebody got it wrong, for the mistakes seen in the field."""
    right = digests(email, phone, external_id)
    wrong = {}
    if email:
        clean = email.strip().lower()
        wrong[sha256_hex(clean.upper())] = "email not lower-cased before hashing"
        wrong[sha256_hex(clean.capitalize())] = "email not lower-cased before hashing"
        wrong[sha256_hex(clean + "\n")] = "email hashed with a line break"
        wrong[sha256_hex(email)] = "email not trimmed or lower-cased before hashing"
        name, _, domain = clean.partition("@")
        wrong[sha256_hex(f"{name.replace('.', '')}@{domain}")] = "dots removed from the email before hashing"
    if phone:
        wrong[sha256_hex(phone[1:])] = "phone hashed without its plus"
        wrong[sha256_hex("00" + phone[1:])] = "phone hashed with 00 instead of its plus"
    if external_id:
        wrong[sha256_hex(external_id.strip().lower())] = "external_id lower-cased before hashing"
    for key, digest in right.items():
        wrong[sha256_hex(digest)] = f"{key} hashed twice"
    return {digest: cause for digest, cause in wrong.items() if digest not in right.values()}


# Digests of what is not an identity at all.
JUNK = {
    sha256_hex(text): repr(text)
    for text in (
        "",
        " ",
        "+",
        "+1",
        "0",
        "null",
        "NULL",
        "none",
        "None",
        "nan",
        "undefined",
        "[object object]",
        "[object Object]",
        "true",
        "false",
        "{}",
        "[]",
        "n/a",
        "guest",
        "anonymous",
        "unknown",
        "test",
        "test@test.com",
        "+10000000000",
        "+0",
    )
}
