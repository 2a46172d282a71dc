"""What `init` writes: a small commented fullsignal.toml, and secrets in files of their own (mode 0600)."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any, Final, NamedTuple

from fullsignal.cli.errors import ASKED_WRONGLY, CommandError
from fullsignal.cli.init_settings import PLATFORM, SETTINGS

SECRETS: Final = ".secrets"
_HEAD: Final = """\
# fullsignal's configuration. Secrets are not in it: it names where they are.
# The environment wins over this file: FULLSIGNAL__SERVER__PORT=9000, FULLSIGNAL__SITE__SHOP__COUNTRY=GB.
"""


class Plan(NamedTuple):
    path: Path
    text: str  # of fullsignal.toml
    secrets: dict[str, str]  # path below the configuration's folder -> content


def plan(path: Path, values: dict[str, Any]) -> Plan:
    """values: by Setting.parameter, and site, public_key, secret_key, shopify, shopify_secret, access_token,
    event_names, said (lines about this shop to remember)."""
    site = values["site"]
    secrets = {f"{SECRETS}/{site}-secret-key": values["secret_key"]}
    values = {**values}
    if values.get("access_token"):
        secrets[f"{SECRETS}/{site}-{PLATFORM}-token"] = values["access_token"]
        values[f"{PLATFORM}_access_token_file"] = f"{SECRETS}/{site}-{PLATFORM}-token"
    if values.get("shopify_secret"):
        secrets[f"{SECRETS}/{site}-shopify-secret"] = values["shopify_secret"]
        values["shopify_secrets_file"] = f"{SECRETS}/{site}-shopify-secret"
    keys = [
        ("public_keys", [values["public_key"]], "for browsers; anybody may read it"),
        ("secret_keys_file", f"{SECRETS}/{site}-secret-key", "for your servers"),
    ]
    names = (
        [("event_names", values["event_names"], "what the pixel calls them")] if values["event_names"] else []
    )
    parts = [
        _HEAD,
        _table("server", _lines("server", values)),
        _table(f"site.{site}", [*_lines("site", values), *keys]),
        _table(f"site.{site}.orders", _lines("orders", values)),
        _table(f"site.{site}.shopify", _lines("shopify", values)) if values["shopify"] else "",
        "".join(f"# {line}\n" for line in values["said"])
        + _table(f"site.{site}.{PLATFORM}", [*_lines(PLATFORM, values), *names]),
    ]
    return Plan(path, "\n".join(part for part in parts if part), secrets)


Line = tuple[str, Any, str]


def _lines(table: str, values: dict[str, Any]) -> list[Line]:
    return [
        (s.key, values[s.parameter], s.about)
        for s in SETTINGS
        if s.table == table and values.get(s.parameter) is not None
    ]


def _table(name: str, lines: list[Line]) -> str:
    if not lines:
        return ""
    return f"[{name}]\n" + "".join(f"{key} = {_toml(value)}  # {about}\n" for key, value, about in lines)


def _toml(value: Any) -> str:
    """JSON's texts, numbers, booleans and lists are TOML's too; a table is not."""
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{_toml(k)} = {_toml(v)}" for k, v in value.items()) + " }"
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def refuse_existing(plan: Plan) -> None:
    there = [p for p in (plan.path, *(plan.path.parent / name for name in plan.secrets)) if p.exists()]
    if there:
        names = ", ".join(map(str, there))
        raise CommandError(
            f"{names}: there already. --force writes it anew (with new keys), --config names another place.",
            ASKED_WRONGLY,
        )


def write(plan: Plan) -> None:
    """Secrets first: a configuration never names what is not there."""
    folder = plan.path.parent
    folder.mkdir(parents=True, exist_ok=True)
    for name, secret in plan.secrets.items():
        path = folder / name
        path.parent.mkdir(mode=0o700, exist_ok=True)
        (path.parent / ".gitignore").write_text("*\n", encoding="utf-8")
        path.unlink(missing_ok=True)  # an older one might be readable by others
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(secret + "\n")
    plan.path.write_text(plan.text, encoding="utf-8")
