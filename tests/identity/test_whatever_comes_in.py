"""Properties that hold for any input at all."""

from hashlib import sha256

from hypothesis import example, given, settings
from hypothesis import strategies as st

from fullsignal.identity import identify
from fullsignal.identity.address import plain_place
from fullsignal.identity.emails import hash_email, variants
from fullsignal.identity.given import clean, lower
from fullsignal.identity.names import without_punctuation
from fullsignal.identity.poison import DIGESTS, PHONE_DIGESTS, TEXTS
from fullsignal.model import RawUser

anything = st.text() | st.text(st.characters()) | st.sampled_from(sorted(TEXTS))
numberish = st.text("+0123456789 ()-.٠١٢３４x", max_size=20) | anything
one_or_many = st.none() | anything | st.integers() | st.lists(anything | st.integers(), max_size=4)
regions = st.sampled_from(["", "US", "GB", "DE", "IT", "AR", "ZZ"])
digests = st.binary(min_size=32, max_size=32).map(bytes.hex)
users = st.builds(
    RawUser,
    email=one_or_many,
    phone=one_or_many | numberish,
    external_id=one_or_many,
    first_name=anything,
    last_name=anything,
    city=anything,
    state=anything,
    zip=anything | st.integers(),
    country=anything | regions,
    ip=anything,
    user_agent=anything,
    locale=anything,
    visitor_id=anything,
    ids=st.dictionaries(
        anything | st.sampled_from(["ttclid", "idfa", "gaid"]), anything | st.integers(), max_size=4
    ),
)


@settings(max_examples=400)
@given(users, regions)
def test_nothing_raises_and_no_poison_comes_out(raw, region):
    user = identify(raw, region=region, notes=[])

    for family, hexdigests in user.hashed.items():
        assert hexdigests, "a family that is there has a value"
        assert len(hexdigests) == len(set(hexdigests))
        for hexdigest in hexdigests:
            assert len(hexdigest) == 64
            assert hexdigest == hexdigest.lower()
            assert hexdigest not in (PHONE_DIGESTS if family.startswith("phone") else DIGESTS)
    for plain in (
        user.city,
        user.state,
        user.zip,
        user.user_agent,
        user.locale,
        user.visitor_id,
        *user.ids.values(),
    ):
        plain.encode()


marked = st.text("abcdefgh@.-+ 0123456789", min_size=3, max_size=12).map(lambda text: f"§{text}§")


@settings(max_examples=200)
@given(st.lists(marked, min_size=14, max_size=14))
def test_no_note_holds_a_value(values):
    notes = []
    names = (
        "email",
        "phone",
        "external_id",
        "first_name",
        "last_name",
        "city",
        "state",
        "zip",
        "country",
        "ip",
    )
    raw = RawUser(
        **dict(zip(names, values, strict=False)), ids={values[12]: values[13], "ttclid": values[11] * 200}
    )
    identify(raw, region="US", notes=notes)

    assert notes
    for note in notes:
        assert "§" not in f"{note.code} {note.field} {note.message}"


@given(digests, st.booleans())
def test_any_digest_passes_unchanged_but_for_its_case(hexdigest, upper):
    written = hexdigest.upper() if upper else hexdigest
    raw = RawUser(email=written, phone=written, external_id=written, first_name=written, zip=written)
    user = identify(raw, region="US", notes=[])

    families = ("email_plain", "phone_e164", "external_id", "first_name", "zip")
    assert user.hashed == {family: [hexdigest] for family in families}


@given(anything)
@example("İ\u0307")
@example("Å\u0301 ")
def test_normalising_twice_changes_nothing(text):
    once = clean(text)
    assert clean(once) == once
    assert lower(lower(once)) == lower(once)

    bare = lower(without_punctuation(lower(once)))
    assert lower(without_punctuation(bare)) == bare

    place = plain_place(text, "user.city", [])
    assert plain_place(place, "user.city", []) == place


@given(
    st.text("ab1.", min_size=1, max_size=8), st.sampled_from(["gmail.com", "shop.example", "googlemail.com"])
)
def test_the_quick_way_through_an_ordinary_address_gives_what_the_rules_give(local, domain):
    hashed = {}
    hash_email(f"{local}@{domain}", "user.email", hashed, [])

    plain = f"{local}@{domain}"
    expected = {"email_plain": [sha256(plain.encode()).hexdigest()]}
    for text, families in variants(plain).items():
        expected |= {family: [sha256(text.encode()).hexdigest()] for family in families}
    assert hashed == ({} if plain in TEXTS else expected)


@given(st.lists(anything, max_size=5))
def test_doubles_add_nothing(values):
    once = identify(RawUser(email=values, external_id=values), region="", notes=[])
    twice = identify(RawUser(email=values * 2, external_id=values * 2), region="", notes=[])

    assert once == twice
