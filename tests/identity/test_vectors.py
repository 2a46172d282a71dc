"""Truth from outside: what the vendors print on their own pages."""

from hashlib import sha256


def check(case, person):
    user, notes = person(**case["user"])
    digests = user.hashed.get(case["family"])

    if case.get("absent"):
        assert digests is None
    else:
        assert digests == [case["sha256"]]
        assert sha256(case["text"].encode()).hexdigest() == case["sha256"], "the vector file itself is wrong"
    assert [note for note in notes if note.code != "phone_unlikely"] == []


def test_tiktoks_own_examples_come_out(tiktok__cases, person):
    check(tiktok__cases, person)


def test_tiktoks_counter_example_does_not_come_out(tiktok__never, person):
    user, _ = person(**tiktok__never["user"])

    assert user.hashed[tiktok__never["family"]] != [tiktok__never["sha256"]]


def test_other_platforms_examples_come_out(platforms__cases, person):
    check(platforms__cases, person)


def test_places_and_countries_travel_in_the_clear(platforms__plain, person):
    user, notes = person(**platforms__plain["user"])

    assert getattr(user, platforms__plain["field"]) == platforms__plain["text"]
    assert user.hashed == {}
    assert notes == []


def test_national_phones_come_out_as_libphonenumber_reads_them(phone_edge_cases__cases, person):
    case = phone_edge_cases__cases
    by_country, _ = person(phone=case["raw"], country=case["default_country"])
    by_site, _ = person(phone=case["raw"], region=case["default_country"])

    assert by_country.hashed["phone_e164"] == [case["sha256"]]
    assert by_site.hashed["phone_e164"] == [case["sha256"]]
    assert by_site.hashed["phone_digits"] == [sha256(case["e164"][1:].encode()).hexdigest()]
