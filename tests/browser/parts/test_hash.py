"""Hashes made in the browser are those that the server makes of the same texts."""

from __future__ import annotations

import pytest

from fullsignal.identity import identify
from fullsignal.model import RawUser

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

PLAIN = ("email_plain", "phone_e164", "external_id", "first_name", "last_name", "zip")


def plain(user):
    """The families that a hash can be of, and what stays in the clear."""
    hashed = {family: user.hashed[family] for family in PLAIN if family in user.hashed}
    return hashed, user.city, user.state, user.country


def read(user):
    return plain(identify(RawUser(**user), region="", notes=[]))


@pytest.mark.parametrize(
    "user",
    [
        {"email": "jane.roe@example.com"},
        {"email": "  Jane.Roe+shop@Example.COM\u200b "},
        {"email": ["a@example.com", "B@example.com"]},
        {"email": "jösé@exämple.com"},
        {"email": "jose\u0301@example.com"},
        {"phone": "+12025550143"},
        {"phone": "+1 (202) 555-0143"},
        {"phone": "\u202a+1 202.555.0143\u202c"},
        {"phone": "+44 (0)20 7946 0958"},
        {"phone": ["+12025550143", "+12025550144"]},
        {"external_id": " C-17 "},
        {"external_id": "Customer/ÄÖ"},
        {"first_name": "Anne-Marie", "last_name": "O'Neill"},
        {"first_name": " Jean  Luc ", "last_name": "d'Arc, Jr."},
        {"first_name": "İpek", "last_name": "Straße"},
        {"first_name": "प्रिया", "last_name": "王小明"},
        {"first_name": "Ζωή", "last_name": "ΠΑΠΑΔΌΠΟΥΛΟΣ"},
        {"city": "Cluj-Napoca", "state": "Cluj", "country": "RO", "zip": "400 001"},
        {"zip": "20500-0003", "country": "US"},
        {"zip": "SW1A 1AA", "country": "GB"},
        {"zip": "100–0001"},
        {"email": "a" * 64 + "@example.com"},
    ],
    ids=str,
)
async def test_the_server_reads_the_same_person_out_of_the_hashes(visit, user) -> None:
    page = await visit()
    hashed = await page.evaluate("(u) => parts.hashUser(u)", user)
    in_clear = {name: user[name] for name in ("city", "state", "country") if name in user}
    assert {name: hashed.get(name) for name in in_clear} == in_clear
    assert not [one for one in user.items() if one in hashed.items() and one[0] not in in_clear]
    assert read({name: value for name, value in hashed.items() if value}) == read(user)


async def test_what_is_a_hash_already_stays(visit) -> None:
    page = await visit()
    hashed = await page.evaluate("(u) => parts.hashUser(u)", {"email": "AB" * 32, "phone": "0" * 64})
    assert hashed == {"email": "ab" * 32, "phone": "0" * 64}


@pytest.mark.parametrize(
    "user",
    [
        {"phone": "202 555 0143"},  # of which country?
        {"phone": "+1 202 555 0143 ext. 4"},
        {"phone": "+12"},
        {"email": "not an address"},
        {"email": ""},
        {"email": True},
        {"email": {"of": "jane.roe@example.com"}},
        {"first_name": "..."},
        {"last_name": None},
    ],
    ids=str,
)
async def test_what_cannot_be_hashed_is_left_out(visit, user) -> None:
    page = await visit()
    assert await page.evaluate("(u) => parts.hashUser(u).then(JSON.stringify)", user) == "{}"


async def test_an_id_that_is_a_number_is_its_digits(visit) -> None:
    page = await visit()
    assert read(await page.evaluate("parts.hashUser({external_id: 17})")) == read({"external_id": "17"})


async def test_without_https_there_is_no_hash_and_so_no_value(visit) -> None:
    page = await visit(url="http://shop.example/")
    assert await page.evaluate("isSecureContext") is False
    user = {"email": "jane.roe@example.com", "external_id": "ab" * 32, "city": "Bonn"}
    hashed = await page.evaluate("(u) => parts.hashUser(u).then(JSON.stringify).then(JSON.parse)", user)
    assert hashed == {"external_id": "ab" * 32, "city": "Bonn"}


async def test_the_users_own_object_is_not_changed(visit) -> None:
    page = await visit()
    user = await page.evaluate(
        "(async () => { const u = {email: 'a@b.example'}; await parts.hashUser(u); return u })()"
    )
    assert user == {"email": "a@b.example"}
