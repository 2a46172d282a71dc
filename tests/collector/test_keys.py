"""Keys that cannot work are said at the start."""

from __future__ import annotations

import pytest

from fullsignal import config
from fullsignal.collector.keys import Keys
from fullsignal.collector.replies import Refusal
from fullsignal.config import ConfigError


def keys(tmp_path, **sites):
    return Keys(config.build({"site": sites}, tmp_path / "fullsignal.toml"))


def test_each_key_says_its_site_its_source_and_its_trust(tmp_path, monkeypatch):
    monkeypatch.setenv("B_KEYS", "sk_old_0123456789, sk_new_0123456789")
    found = keys(tmp_path, a={"public_keys": ["pk_a_0123456789"]}, b={"secret_keys_env": "B_KEYS"})

    a = found.find(b"Bearer pk_a_0123456789", b"")
    old, new = (found.find(b"Bearer " + key, b"") for key in (b"sk_old_0123456789", b"sk_new_0123456789"))

    assert (a.site.name, a.public, a.source, a.trust) == ("a", True, "browser", 0)
    assert [(k.site.name, k.public, k.source, k.trust) for k in (old, new)] == [("b", False, "api", 1)] * 2


@pytest.mark.parametrize("key", ["sk_a_0123456789", "pk_", "a_0123456789"])
def test_a_public_key_of_the_wrong_form_is_refused(tmp_path, key):
    with pytest.raises(ConfigError, match=r"site\.a\.public_keys: a key here begins with pk_") as error:
        keys(tmp_path, a={"public_keys": [key]})

    assert key == "pk_" or key not in str(error.value)


def test_two_sites_cannot_have_one_key(tmp_path):
    with pytest.raises(ConfigError, match="Give each site its own"):
        keys(tmp_path, a={"public_keys": ["pk_same_0123456789"]}, b={"public_keys": ["pk_same_0123456789"]})


def test_no_key_at_all_opens_nothing(tmp_path):
    with pytest.raises(Refusal) as refusal:
        keys(tmp_path, a={}).find(b"Bearer ", b"key=")

    assert refusal.value.status == 401
