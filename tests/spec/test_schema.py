"""schema.json says what fields.toml says, takes every expected body, and refuses what is forbidden."""

import json
from collections.abc import Iterator
from typing import Any

import jsonschema
import pytest

import fullsignal_spec as spec

CHANNELS = ["web", "app", "offline", "crm"]
EVENT_CASES = [case for case in spec.vectors("tiktok") if case["kind"] == "event"]


def named(case: dict[str, Any]) -> str:
    return str(case["name"])


def schema_paths(node: dict[str, Any], at: str) -> Iterator[str]:
    for name, child in node.get("properties", {}).items():
        path = f"{at}.{name}" if at else name
        yield path
        yield from schema_paths(child, path)
        if "items" in child:
            yield from schema_paths(child["items"], f"{path}[]")


def schema_at(path: str) -> dict[str, Any]:
    root = spec.document("tiktok", "schema")
    node = root if path in root["properties"] else root["$defs"]["event"]
    for name in path.split("."):
        node = node["properties"][name.removesuffix("[]")]
        node = node["items"] if name.endswith("[]") else node
    return dict(node)


def test_schema_and_fields_know_the_same_paths() -> None:
    schema = spec.document("tiktok", "schema")
    for level, node in (("root", schema), ("event", schema["$defs"]["event"])):
        listed = {row["path"] for row in spec.rows("tiktok", "fields") if row["level"] == level}
        assert set(schema_paths(node, "")) == {path for path in listed if not path.endswith("*")}


def test_schema_and_fields_agree_on_types_values_and_lengths() -> None:
    json_type = {"list": "array", "any": None}
    for row in spec.rows("tiktok", "fields"):
        if row["path"].endswith("*"):
            continue
        node = schema_at(row["path"])
        if row["form"] == "hashed":
            assert "sha256" in json.dumps(node), row["path"]
            assert ("anyOf" in node) == (row["type"] == "string_or_list"), row["path"]
            continue
        assert node.get("type") == json_type.get(row["type"], row["type"]), row["path"]
        assert node.get("maxLength") == row.get("max_length"), row["path"]
        if row["path"] != "properties.currency":
            assert node.get("enum", []) == row["values"], row["path"]
    assert schema_at("properties.currency")["enum"] == [r["code"] for r in spec.rows("tiktok", "currencies")]


def test_schema_and_fields_require_the_same() -> None:
    schema = spec.document("tiktok", "schema")
    fields = spec.rows("tiktok", "fields")
    root = [r["path"] for r in fields if r["level"] == "root" and r["required_for"] == CHANNELS]
    assert schema["required"] == root
    always = schema["$defs"]["event"]["required"]
    for rule in schema["allOf"]:
        channel = rule["if"]["properties"]["event_source"]["const"]
        also = rule["then"]["properties"].get("data", {}).get("items", {}).get("required", [])
        needed = [r["path"] for r in fields if r["level"] == "event" and channel in r["required_for"]]
        assert [*always, *also] == [path for path in needed if "." not in path]
        for parent, child in (path.split(".") for path in needed if "." in path):
            assert child in schema["$defs"]["event"]["properties"][parent]["required"]


def validator() -> jsonschema.Draft202012Validator:
    schema = spec.document("tiktok", "schema")
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


@pytest.mark.parametrize("case", EVENT_CASES, ids=named)
def test_the_schema_accepts_every_expected_body(case: dict[str, Any]) -> None:
    validator().validate(case["body"])


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (["event_source"], "email"),
        (["event_source_id"], 17),
        (["data"], []),
        (["data"], [{"event": "Purchase", "event_time": 1, "page": {"url": "https://a.example"}}] * 1001),
        (["data", 0, "event_id"], 12345),
        (["data", 0, "event_time"], 1687758765000),
        (["data", 0, "event_time"], "2023-06-26T05:52:45Z"),
        (["data", 0, "page"], {}),
        (["data", 0, "user", "email"], "alice_abc@gmail.com"),
        (["data", 0, "user", "ttclid"], "E.C.P." + 995 * "x"),
        (["data", 0, "properties", "currency"], "XXX"),
        (["data", 0, "properties", "value"], "46.00"),
        (["data", 0, "properties", "contents", 0, "content_id"], 1077218),
    ],
)
def test_the_schema_refuses_what_the_documentation_forbids(path: list[str | int], value: Any) -> None:
    case = next(c for c in EVENT_CASES if c["name"] == "canonical-web-purchase")
    body = json.loads(json.dumps(case["body"]))
    node = body
    for step in path[:-1]:
        node = node[step]
    node[path[-1]] = value
    assert not validator().is_valid(body)
