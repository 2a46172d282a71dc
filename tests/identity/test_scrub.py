from urllib.parse import quote

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from fullsignal.identity.scrub import clean_properties, clean_url, click_ids

SHOP = "https://shop.example/thanks"


def scrubbed(url):
    notes = []
    return clean_url(url, notes, "page.url"), [(note.code, note.field) for note in notes]


@pytest.mark.parametrize(
    "query",
    [
        *(
            "email=maya%40shop.example",
            "e-mail=x",
            "customerEmail=x",
            "phone=2025550143",
            "mobile=1",
            "tel=1",
        ),
        *("token=x", "access_token=x", "password=x", "pwd=x", "key=wc_order_x", "order-key=x", "apiKey=x"),
        *(
            "auth=x",
            "session_id=x",
            "PHPSESSID=x",
            "signature=x",
            "hmac=x",
            "last_name=Okafor",
            "q=maya@shop.example",
        ),
        *("q=maya%2540shop.example", "to=%2Flogin%3Ftoken%3Dabc", "q=%2B12025550143", "q=+12025550143"),
        *("q=(202)%20555-0143", "q=eyJhbGciOiJIUzI1NiJ9.e30.x", "q=sk_live_1234567890", "s=" + "0f" * 16),
        *(
            "maya@shop.example",
            "maya%40shop.example=1",
            "maya%40shop.example=",
            "utm_content=maya%40shop.example",
        ),
    ],
)
def test_a_personal_or_secret_parameter_is_cut_out_and_the_rest_stays_byte_for_byte(query):
    kept = "a=%7e+b%2Fc&&ttclid=E.C.P.x%2By"

    assert scrubbed(f"{SHOP}?{query}&{kept}#top") == (f"{SHOP}?{kept}#top", [("url_scrubbed", "page.url")])
    assert scrubbed(f"{SHOP}?{kept}&{query}") == (f"{SHOP}?{kept}", [("url_scrubbed", "page.url")])
    assert scrubbed(f"{SHOP}?{query}") == (SHOP, [("url_scrubbed", "page.url")])


@pytest.mark.parametrize(
    "url",
    [
        *("", SHOP, f"{SHOP}?", f"{SHOP}#", f"{SHOP}?a", f"{SHOP}?a=&b", "/thanks?a=1", f"{SHOP}#section-2"),
        f"{SHOP}?utm_source=tiktok&utm_medium=email&utm_campaign=2026-11-22_phone_key",
        f"{SHOP}?keyword=shoe&monkey=1&hotel=2&author=x&variant=43729076256918&order=1001234567&t=1763800000",
        f"{SHOP}?date=2026-11-22&sku=AB-123-456&id=018f6e2c-7d3a-7c40-9a53-8f1f2f3b4c5d",
        "https://shop.example/@maya/video/17",
        "https://shop.example/größe?farbe=grün",
    ],
)
def test_what_is_neither_personal_nor_secret_is_not_touched(url):
    assert scrubbed(url) == (url, [])


@pytest.mark.parametrize(
    "name",
    [
        "ttclid",
        "fbclid",
        "gclid",
        "wbraid",
        "gbraid",
        "msclkid",
        "ScCid",
        "epik",
        "twclid",
        "li_fat_id",
        "rdt_cid",
    ],
)
def test_a_click_id_stays_whatever_it_looks_like(name):
    url = f"{SHOP}?{name}=eyJhbGciOiJIUzI1NiJ9.%2B12025550143.{'0f' * 32}"

    assert scrubbed(url) == (url, [])


def test_an_address_in_the_path_and_a_password_before_the_host_go():
    assert (
        scrubbed("https://shop.example/u/maya%40shop.example/orders")[0]
        == "https://shop.example/u/removed/orders"
    )
    assert scrubbed("https://shop.example/u/maya@shop.example?a=1")[0] == "https://shop.example/u/removed?a=1"
    assert scrubbed("https://maya:secret@shop.example/thanks")[0] == SHOP


def test_the_fragment_is_cleaned_like_the_query():
    assert scrubbed(f"{SHOP}#access_token=x&b=2")[0] == f"{SHOP}#b=2"
    assert scrubbed("https://shop.example/#/thanks?email=x&b=2")[0] == "https://shop.example/#/thanks?b=2"
    assert scrubbed("https://shop.example/#/thanks?email=x")[0] == "https://shop.example/#/thanks"


def test_control_characters_go():
    assert scrubbed(f" {SHOP}?a=1\r\nX-Evil: 1\x00 ")[0] == f"{SHOP}?a=1X-Evil: 1"


def test_a_long_url_loses_other_parameters_before_utm_and_never_its_click_id():
    ttclid = "ttclid=" + "x" * 1_000
    long = "a=" + "y " * 2_000

    assert scrubbed(f"{SHOP}?{long}&utm_source=tiktok&{ttclid}#top") == (
        f"{SHOP}?utm_source=tiktok&{ttclid}",
        [("url_cut", "page.url")],
    )
    assert scrubbed(f"{SHOP}?utm_term={'z-' * 2_000}&{ttclid}") == (
        f"{SHOP}?{ttclid}",
        [("url_cut", "page.url")],
    )
    assert scrubbed(f"{SHOP}?ttclid={'x' * 5_000}") == ("", [("url_too_long", "page.url")])


def test_click_ids_are_read_by_their_name_in_user_ids():
    url = f"{SHOP}?a=1&TTCLID=E.C.P.x%2By+z&ScCid=1&fbclid=IwAR&fbclid=second&gclid=&epik=dj0y#rdt_cid=no"

    assert click_ids(url) == {"ttclid": "E.C.P.x+y+z", "sccid": "1", "fbclid": "IwAR", "epik": "dj0y"}
    assert click_ids(SHOP) == {}
    assert click_ids(f"{SHOP}?notttclid=1") == {}


@given(st.text())
def test_any_url_can_be_cleaned_and_cleaning_twice_changes_nothing(url):
    once, _ = scrubbed(url)

    assert clean_url(once, [], "page.url") == once
    click_ids(url)


@given(st.emails(), st.text("abc=&?#%/ ", max_size=8), st.text("abc=&?#%/ ", max_size=8))
def test_an_encoded_address_survives_nowhere_in_a_query(email, before, after):
    assume("/@" not in email)  # medium.example/@maya is a page
    encoded = quote(email, safe="")
    url, _ = scrubbed(f"{SHOP}?q={before}{encoded}{after}")

    assert encoded not in url


def properties(given):
    notes = []
    return clean_properties(given, notes, "properties"), [(note.code, note.field) for note in notes]


def test_personal_and_secret_properties_are_dropped_at_any_depth():
    kept, notes = properties(
        {
            "colour": "red",
            "note": "call +1 202 555 0143",
            "nested": {"contact": "maya@shop.example", "list": ["ok", "maya@shop.example", {"t": "0f" * 32}]},
            "email": "x",
            "phone": 2025550143,
            "auth_token": "x",
        }
    )

    assert kept == {"colour": "red", "nested": {"list": ["ok", {}]}}
    assert notes == [
        ("property_removed", "properties.note"),
        ("property_removed", "properties.nested.contact"),
        ("property_removed", "properties.nested.list"),
        ("property_removed", "properties.nested.list.t"),
        ("property_removed", "properties.email"),
        ("property_removed", "properties.phone"),
        ("property_removed", "properties.auth_token"),
    ]


def test_ordinary_properties_pass_as_they_are():
    given = {
        "coupon": "SUMMER-2026",
        "total": 46.5,
        "email_opt_in": True,
        "session_count": 5,
        "none": None,
        "order": 1001234567,
        "when": "2026-11-22T10:30:00+00:00",
        "sku": "AB-123-456-789",
        "größe": "42 ½",
        "list": [1, "two", [3]],
    }

    assert properties(given) == (given, [])


def test_a_key_that_is_personal_is_dropped_and_not_repeated():
    assert properties({"maya@shop.example": 1}) == ({}, [("property_removed", "properties")])


def test_depth_number_and_length_are_bounded():
    deep = value = {}
    for _ in range(20):
        value["a"] = {}
        value = value["a"]
    kept, notes = properties(deep)
    assert str(kept).count("a") == 7
    assert notes == [("properties_cut", "properties" + ".a" * 8)]

    kept, notes = properties({"many": list(range(5_000))})
    assert len(kept["many"]) == 999
    assert notes == [("properties_cut", "properties.many")]

    assert len(properties({f"{n}@shop.example": n for n in range(500)})[1]) == 20

    assert properties({"long": "a b " * 2_000}) == ({}, [("properties_cut", "properties.long")])


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
)


@given(st.dictionaries(st.text(), json_values, max_size=4))
def test_any_json_can_be_cleaned(given):
    kept, _ = properties(given)

    assert set(kept) <= set(given)
