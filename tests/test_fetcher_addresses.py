"""Which addresses the fetcher asks: exact hosts over HTTPS, and this machine."""

from __future__ import annotations

import pytest

from fullsignal.fetcher import Fetcher, FetchError, is_allowed

HOSTS = {"api.example.com", "*.shop.example", "127.0.0.1", "localhost", "::1"}


@pytest.mark.parametrize(
    "url",
    [
        "https://api.example.com",
        "https://api.example.com/v1?a=b",
        "https://API.Example.COM:443/",
        "https://a.shop.example/",
        "https://b.a.shop.example/",
        "http://127.0.0.1:8080/",
        "http://localhost/",
        "http://[::1]:8080/",
    ],
)
def test_addresses_that_are_meant(url):
    assert is_allowed(url, HOSTS)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "api.example.com",
        "//api.example.com/",
        "http://api.example.com/",
        "ftp://api.example.com/",
        "file:///etc/passwd",
        "https://api.example.com:8443/",
        "https://api.example.com:0/",
        "https://api.example.com:99999/",
        "https://api.example.com./",
        "https://api.example.com.evil.example/",
        "https://evil.example/api.example.com",
        "https://evil.example#api.example.com",
        "https://evil.example?api.example.com",
        "https://user@api.example.com/",
        "https://user:pass@api.example.com/",
        "https://api.example.com@evil.example/",
        "https://evil.example\\@api.example.com/",
        "https://api.example.com\\.evil.example/",
        "https://api.example.com\t.evil.example/",
        "https://api.exam\nple.com/",
        " https://api.example.com/",
        "https://api.example.com /",
        "https://shop.example/",
        "https://evilshop.example/",
        "https://\u24b6pi.example.com/",
        "http://127.1/",
        "http://2130706433/",
        "http://0.0.0.0/",
        "http://[::]/",
        "https://[::ffff:169.254.169.254]/",
        "http://169.254.169.254/latest/meta-data",
        "https://api.example.com/" + "a" * 5_000,
    ],
)
async def test_addresses_that_are_not(url):
    assert not is_allowed(url, HOSTS)
    async with Fetcher() as fetcher:
        with pytest.raises(FetchError) as caught:
            await fetcher.get(url, hosts=HOSTS)
    assert caught.value.code == "host_not_allowed"
