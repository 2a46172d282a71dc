from hashlib import sha256

import pytest


def digest(text):
    return sha256(text.encode()).hexdigest()


def codes(notes):
    return [(note.code, note.field) for note in notes]


@pytest.mark.parametrize(
    ("name", "plain", "kept"),
    [
        ("  MAYA ", "maya", None),
        ("Jean-Luc", "jeanluc", "jean-luc"),
        ("J. R.", "j r", "j. r."),
        ("D’Angelo", "dangelo", "d’angelo"),
        ("Müller-Lüdenscheidt", "müllerlüdenscheidt", "müller-lüdenscheidt"),
        ("Mary Ann", "mary ann", None),
        ("किरण", "किरण", None),
        ("สมชาย", "สมชาย", None),
    ],
)
def test_a_name_loses_its_punctuation_and_keeps_its_letters(person, name, plain, kept):
    user, notes = person(first_name=name, last_name=name)

    assert user.hashed["first_name"] == user.hashed["last_name"] == [digest(plain)]
    assert user.hashed.get("first_name_kept") == user.hashed.get("last_name_kept")
    assert user.hashed.get("first_name_kept") == ([digest(kept)] if kept else None)
    assert notes == []


def test_a_name_of_nothing_but_punctuation_is_dropped(person):
    user, notes = person(first_name="(:-)")

    assert user.hashed == {}
    assert codes(notes) == [("name_invalid", "user.first_name")]


def test_a_name_that_punctuation_was_hiding_poison_in_is_dropped(person):
    user, notes = person(first_name="'n-u-l-l'")

    assert user.hashed == {}
    assert codes(notes) == [("poison_value", "user.first_name")]


@pytest.mark.parametrize(
    ("written", "region", "hashed", "plain"),
    [
        (" 94025-1234 ", "US", "94025", "94025-1234"),
        ("940251234", "US", "94025", "940251234"),
        ("94025-1234", "MX", "940251234", "94025-1234"),
        ("SW1A 1AA", "GB", "sw1a1aa", "SW1A 1AA"),
        ("M5V 3L9", "US", "m5v3l9", "M5V 3L9"),
        ("00-950", "PL", "00950", "00-950"),
        ("2139", "US", "2139", "2139"),
    ],
)
def test_a_postal_code_is_hashed_short_and_kept_as_typed(person, written, region, hashed, plain):
    user, notes = person(zip=written, country=region)

    assert user.hashed == {"zip": [digest(hashed)]}
    assert user.zip == plain
    assert notes == []


def test_the_sites_country_reads_a_postal_code_where_the_event_names_none(person):
    user, _ = person(zip="94025-1234", region="US")

    assert user.hashed["zip"] == [digest("94025")]


@pytest.mark.parametrize("field", ["city", "state"])
@pytest.mark.parametrize(
    ("written", "plain"),
    [
        ("São Paulo", "sãopaulo"),
        (" St. John's ", "stjohns"),
        ("CA", "ca"),
        ("Île-de-France", "îledefrance"),
        ("東京都", "東京都"),
    ],
)
def test_a_place_loses_spaces_and_punctuation_and_keeps_its_letters(person, field, written, plain):
    user, _ = person(**{field: written})

    assert getattr(user, field) == plain


@pytest.mark.parametrize(
    ("written", "code"),
    [
        (digest("menlopark"), "plain_needed"),
        ("n/a", "poison_value"),
        ("--!--", "place_invalid"),
        ("N.u.l.l", "poison_value"),
    ],
)
def test_a_place_that_is_none_is_dropped(person, written, code):
    user, notes = person(city=written)

    assert user.city == ""
    assert codes(notes) == [(code, "user.city")]


@pytest.mark.parametrize(
    ("written", "code"),
    [
        *(
            ("US", "us"),
            ("us ", "us"),
            ("USA", "us"),
            ("United States", "us"),
            ("United States of America", "us"),
        ),
        *(("GB", "gb"), ("UK", "gb"), ("GBR", "gb"), ("Great Britain", "gb"), ("Côte d'Ivoire", "ci")),
        *(
            ("DEU", "de"),
            ("Türkiye", "tr"),
            ("Turkey", "tr"),
            ("South Korea", "kr"),
            ("The Netherlands", "nl"),
        ),
        *(("Deutschland", "de"), ("ÖSTERREICH", "at"), ("Großbritannien", "gb"), ("Česko", "cz")),
        *(("Pays-Bas", "nl"), ("España", "es"), ("Ελλάδα", "gr"), ("България", "bg"), ("日本", "jp")),
        *(("Trinidad & Tobago", "tt"), ("XK", "xk"), ("NA", "na"), ("Namibia", "na"), ("NO", "no")),
    ],
)
def test_a_country_becomes_its_two_letters(person, written, code):
    user, notes = person(country=written)

    assert user.country == code
    assert notes == []


@pytest.mark.parametrize("written", ["XX", "ZZ", "Atlantis", "null", "840", "U"])
def test_an_unknown_country_is_dropped_and_noted(person, written):
    user, notes = person(country=written)

    assert user.country == ""
    assert codes(notes) == [("country_unknown", "user.country")]


def test_every_region_libphonenumber_knows_is_a_country(person):
    import phonenumbers

    beyond_iso = {"AC", "TA"}  # Ascension and Tristan da Cunha: telephone regions, not ISO countries
    regions = set(phonenumbers.SUPPORTED_REGIONS) - beyond_iso

    assert {region for region in regions if person(country=region)[0].country != region.lower()} == set()
