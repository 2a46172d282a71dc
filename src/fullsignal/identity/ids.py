"""Click ids, browser ids and advertising ids (`user.ids`).

Click and browser ids go out byte for byte. idfa and gaid are hashed: idfa in capitals, gaid in small letters
(TikTok's endpoint page, O: its example is the hash of the capital letters). idfv stays in the clear.
"""

from __future__ import annotations

from difflib import get_close_matches
from hashlib import sha256
from itertools import islice
from typing import Final

from fullsignal.identity.given import VALUES_MAX, Hashed, as_text, clean, given, is_poison, put
from fullsignal.identity.poison import TEXT_CHARACTERS_MAX
from fullsignal.model import Note

TTCLID_CHARACTERS_MAX: Final = 1_000  # TikTok's endpoint page, O
CHARACTERS_MAX: Final = 2_000  # of any other id; ours, against rubbish

# In a URL's query, any case: the name in `user.ids`.
CLICK_IDS: Final = {
    name.lower(): name.lower()
    for name in (
        *("ttclid", "fbclid", "gclid", "wbraid", "gbraid", "dclid", "msclkid", "ScCid", "epik", "twclid"),
        *("li_fat_id", "rdt_cid", "irclickid"),
    )
}
PLAIN: Final = frozenset({*CLICK_IDS.values(), "ttp", "fbp", "fbc", "idfv"})
NAMES: Final = frozenset({*PLAIN, "idfa", "gaid"})


def take_ids(raw: dict[str, str | int | None], hashed: Hashed, notes: list[Note]) -> dict[str, str]:
    """The plain ids that are left. Dropped with a note: unknown names, poison, ids that are too long."""
    ids: dict[str, str] = {}
    if len(raw) > VALUES_MAX:
        notes.append(Note("values_cut", "user.ids", f"Only the first {VALUES_MAX} ids were taken."))
        raw = dict(islice(raw.items(), VALUES_MAX))
    for name, value in raw.items():
        text = value if type(value) is str else as_text(value)
        if not text:
            continue
        if name in PLAIN:
            text = text.strip() if text.isprintable() else clean(text)
            if text and _is_usable(name, text, notes):
                ids[name] = text
        elif name == "idfa" or name == "gaid":
            _hash_advertising_id(name, text, hashed, notes)
        else:
            notes.append(_unknown(name))
    return ids


def _is_usable(name: str, text: str, notes: list[Note]) -> bool:
    if len(text) > (TTCLID_CHARACTERS_MAX if name == "ttclid" else CHARACTERS_MAX):
        notes.append(Note("id_too_long", f"user.ids.{name}", "Longer than allowed; dropped, never cut."))
        return False
    # "null", "undefined", an unexpanded "__CLICKID__"
    return len(text) > TEXT_CHARACTERS_MAX or not is_poison(text, f"user.ids.{name}", notes)


def _hash_advertising_id(name: str, value: str, hashed: Hashed, notes: list[Note]) -> None:
    text = given(value, name, f"user.ids.{name}", hashed, notes)
    if text:
        text = text.upper() if name == "idfa" else text.lower()
        put(hashed, name, sha256(text.encode()).hexdigest())


def _unknown(name: str) -> Note:
    # A caller's key may itself be personal: only a plain word is repeated.
    field = f"user.ids.{name}" if len(name) <= 40 and name.isidentifier() and name.isascii() else "user.ids"
    near = get_close_matches(name[:40].lower(), NAMES, n=1, cutoff=0.5)
    hint = f" Did you mean {near[0]}?" if near else f" Known: {', '.join(sorted(NAMES))}."
    return Note("id_unknown", field, "Not an id we know; it was dropped." + hint)
