"""What a proxy in front of the browser script spoils is told, and the recipe of first-party.md is none."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from fullsignal.cli.fetch import fetch
from fullsignal.demo.processes import free_ports

from .conftest import Server, Shop, until
from .script_stand import Change, Handler, answering, by_name, passing, send, with_script

TOP = Path(__file__).parent.parent.parent
NGINX = shutil.which("nginx") or shutil.which("/usr/sbin/nginx")  # Debian keeps it where only root looks


@pytest.fixture
def served(bare: Shop) -> tuple[Shop, Server]:
    """A shop whose pages load the script straight from the collector."""
    bare.init("--mode", "live")
    (port,) = free_ports(1)
    with_script(bare, f"http://127.0.0.1:{port}/fs.js", port)
    return bare, bare.serve()


@pytest.mark.parametrize(
    ("what", "change", "check", "status", "words"),
    [
        (
            "takes cookies out",
            lambda k, v: None if k == "set-cookie" else (k, v),
            "cookies", "fail", "did not arrive",
        ),
        (
            "lets scripts read them",
            lambda k, v: (k, v.replace("; HttpOnly", "")),
            "cookies", "warn", "_fs_vid has httponly not instead of yes",
        ),
        (
            "shortens them",
            lambda k, v: (k, v.replace("Max-Age=34128000", "Max-Age=604800")),
            "cookies", "warn", "max-age 604800 instead of 34128000",
        ),
        (
            "lets the settings be cached",
            lambda k, v: (k, "public, max-age=60") if k == "cache-control" else (k, v),
            "settings", "fail", "may be cached",
        ),
        (
            "answers for everybody",
            lambda k, v: (k, "*") if k == "access-control-allow-origin" else (k, v),
            "settings", "fail", "allows *",
        ),
        (
            "calls the script a text",
            lambda k, v: (k, "text/plain") if k == "content-type" and "javascript" in v else (k, v),
            "script", "fail", "do not run that",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) and " " in value else "",
)  # fmt: skip
def test_what_a_proxy_spoils_is_told(
    served: tuple[Shop, Server],
    what: str,
    change: Change,
    check: str,
    status: str,
    words: str,
) -> None:
    shop, server = served
    text = shop.config.read_text()
    with answering(passing(server.url, change)) as url:
        shop.config.write_text(text.replace(f'script_url = "{server.url}', f'script_url = "{url}'))
        found = by_name(json.loads(shop.run("check", "--json", "--page", f"{url}/").stdout))

    assert (found[check]["status"], words in found[check]["message"]) == (status, True), found[check]
    assert found[check]["remedy"]


def test_a_proxy_that_knows_the_script_and_not_its_parts_is_told(served: tuple[Shop, Server]) -> None:
    shop, server = served
    through = passing(server.url, lambda k, v: (k, v))

    def strict(handler: Handler) -> None:
        if handler.path.startswith("/fs-"):
            send(handler, 404, [], b"")
        else:
            through(handler)

    text = shop.config.read_text()
    with answering(strict) as url:
        shop.config.write_text(text.replace(f'script_url = "{server.url}', f'script_url = "{url}'))
        found = by_name(json.loads(shop.run("check", "--json", "--page", f"{url}/").stdout))

    assert (found["script"]["status"], found["parts"]["status"]) == ("ok", "fail")
    assert "answers 404" in found["parts"]["message"]


# ---- the recipe of docs/first-party.md --------------------------------------------------------------------


def recipe() -> str:
    page = (TOP / "docs" / "first-party.md").read_text(encoding="utf-8")
    return page.split("```nginx\n")[1].split("```")[0]


def nginx_conf(folder: Path, port: int, location: str) -> Path:
    paths = "".join(
        f"    {name}_temp_path {folder}/{name};\n"
        for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    conf = folder / "nginx.conf"
    conf.write_text(
        f"daemon off;\nworker_processes 1;\npid {folder}/nginx.pid;\nevents {{}}\nhttp {{\n"
        f"    access_log off;\n{paths}    server {{\n        listen 127.0.0.1:{port};\n{location}    }}\n}}\n"
    )
    return conf


@pytest.mark.skipif(NGINX is None, reason="no nginx here")
def test_the_nginx_recipe_of_the_page_works(bare: Shop) -> None:
    bare.init("--mode", "live")
    front, back = free_ports(2)
    with_script(bare, f"http://localhost:{front}/_s/fs.js", back, server='trusted_proxies = ["127.0.0.1"]')
    bare.serve()
    assert "127.0.0.1:8080/" in recipe()
    conf = nginx_conf(bare.folder, front, recipe().replace("127.0.0.1:8080", f"127.0.0.1:{back}"))
    command = [str(NGINX), "-e", str(bare.folder / "nginx.log"), "-p", str(bare.folder), "-c", str(conf)]
    proxy = subprocess.Popen(command)
    try:
        until(lambda: fetch(f"http://127.0.0.1:{front}/_s/healthz", "").status == 200)

        found = by_name(bare.json("check", "--page", f"http://localhost:{front}/"))

        told = {
            name: one["status"] for name, one in found.items() if name in ("script", "settings", "beacon")
        }
        assert told == {"script": "ok", "settings": "ok", "beacon": "ok"}
        assert found["cookies"]["status"] == "ok", found["cookies"]
        assert "proxy" not in found
        details = fetch(f"http://localhost:{front}/_s/readyz", "")
        assert b"connections" not in details.body  # X-Forwarded-For is there
    finally:
        proxy.terminate()
        proxy.wait(10)
