"""docs/contract.md: its commands, options, exit codes, JSON keys and word lists are those of the code."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, get_args

import click
import pytest

from imgtar.cli.registry import group, report_types
from imgtar.contract import envelope, inspect
from imgtar.contract.schema import schema as json_schema
from imgtar.exit_codes import Exit
from imgtar.policy.policy import CHECK
from tests.paths import ROOT

PAGE = (ROOT / "docs/contract.md").read_text()
SECTIONS = dict(re.findall(r"^## (\d)\. [^\n]*\n(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL))


def schema(name: str) -> dict[str, Any]:
    """What `imgtar schema NAME` prints."""
    kind = report_types()[name].schema_type()
    assert kind is not None
    return json_schema(name, kind)


def options() -> dict[str, set[str]]:
    """Each command, and its options as they are written on the command line."""
    with click.Context(group) as context:
        found = {}
        for name in group.list_commands(context):
            command = group.get_command(context, name)
            assert command is not None
            flags = [parameter.opts + parameter.secondary_opts for parameter in command.params]
            found[name] = {flag for own in flags for flag in own if flag.startswith("-")}
        return found


def rows(section: str, heading: str) -> Iterator[list[str]]:
    """The rows of the table whose heading line begins with `heading`, as cells."""
    table = section.split(f"\n| {heading}", 1)[1].split("\n\n", 1)[0]
    for line in table.splitlines()[2:]:
        yield [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]


def first_words(heading: str, section: str = "4") -> set[str]:
    return {row[0].strip("`") for row in rows(SECTIONS[section], heading)}


def test_commands_are_those_of_the_program() -> None:
    named = {row[0].strip("`").split()[0] for row in rows(SECTIONS["2"], "command |")}
    assert named == set(options()), "section 2 of docs/contract.md has a row for each command"


def test_the_readme_has_a_row_for_each_command() -> None:
    named = re.findall(r"^\| `imgtar (\w+)", (ROOT / "README.md").read_text(), re.MULTILINE)
    built = set(options()) - {"inspect"}  # the page shows inspect above the table
    assert set(named) == built, "README.md has a row for each command in its table"


def test_each_option_is_where_the_page_says() -> None:
    there = options()
    everywhere = set(there)
    told: dict[str, set[str]] = {}
    for flags, on, _ in rows(SECTIONS["2"], "option |"):
        names = set(re.findall(r"[a-z]+", on.split("all but", 1)[-1])) if on != "all" else set()
        commands = everywhere - names if on.startswith("all") else names
        assert names <= everywhere, on
        for flag in re.findall(r"(?<![\w-])-{1,2}[a-z-]+", flags):
            told[flag] = told.get(flag, set()) | commands  # an option may mean two things
    for flag, commands in told.items():
        having = {name for name in there if flag in there[name]}
        assert having == commands, f"docs/contract.md, section 2, options: the row of {flag} is on {having}"


def test_every_option_is_on_a_page() -> None:
    """The gates of `check` are on the page of the gates, the rest is here or on the page of its command."""
    pages = PAGE + "".join((ROOT / f"docs/{name}.md").read_text() for name in ("cli", "check", "audit"))
    flags = {flag for own in options().values() for flag in own} - {f"--{key}" for key in CHECK}
    missing = {flag for flag in flags if flag not in pages}
    assert not missing, "docs/contract.md, section 2, options: add a row for each"


def test_exit_codes_are_those_of_the_program() -> None:
    listed = {int(code) for row in rows(SECTIONS["3"], "code |") for code in row[0].split(",")}
    assert listed == {code.value for code in Exit}


def test_commands_that_read_no_layer_are_named() -> None:
    reads_no_layer = {name for name, report in report_types().items() if report.reads == "catalog"}
    [listed] = re.findall(r"These read the catalog[^:]*: ([^.]*)\.", SECTIONS["5"])
    assert set(re.findall(r"`(\w+)`", listed)) == reads_no_layer, "the second paragraph of section 5 names them"


def test_what_is_planned_is_not_built() -> None:
    planned = re.findall(r"^- `(--[a-z-]+)` on ([^\n]*)\.$", SECTIONS["6"], re.MULTILINE)
    assert planned, "section 6 has lines such as - `--option` on `command`."
    for flag, commands in planned:
        assert all(flag not in options()[name] for name in re.findall(r"`([a-z]+)`", commands)), flag


def enumerations(part: object) -> Iterator[list[str]]:
    """Every list of words that a schema allows."""
    if isinstance(part, dict):
        yield from ([part["enum"]] if "enum" in part else [])
        for inner in part.values():
            yield from enumerations(inner)
    elif isinstance(part, list):
        for inner in part:
            yield from enumerations(inner)


def test_words_are_those_of_the_model() -> None:
    assert first_words("form |") == set(get_args(envelope.Form))
    assert first_words("kind |") == set(get_args(inspect.WasteKind))
    effects = schema("inspect")["$defs"]["FindingRow"]["properties"]["effect"]["enum"]
    assert first_words("effect |", "3") == set(effects)
    words = {word for words in enumerations(schema("inspect")) for word in words if word}
    assert not {word for word in words if not re.search(rf"(?<![\w-]){re.escape(word)}(?![\w-])", SECTIONS["4"])}


def resolved(part: dict[str, Any], definitions: dict[str, Any]) -> dict[str, Any]:
    """The schema of an object, also where it may be null."""
    for one in (part, *part.get("anyOf", [])):
        if "$ref" in one:
            found: dict[str, Any] = definitions[one["$ref"].rpartition("/")[2]]
            return found
    return part


def compare(value: object, part: dict[str, Any], definitions: dict[str, Any], place: str) -> None:
    """The keys of the example: each is in the schema, and each that always stands is in the example."""
    part = resolved(part, definitions)
    if isinstance(value, dict) and "properties" in part:
        properties = part["properties"]
        assert set(value) <= set(properties), place
        assert set(part.get("required", [])) <= set(value), place
        for key, inner in value.items():
            compare(inner, properties[key], definitions, f"{place}.{key}")
    elif isinstance(value, list) and "items" in part:
        for inner in value:
            compare(inner, part["items"], definitions, f"{place}[]")


def test_the_example_has_the_keys_of_the_schema() -> None:
    [example] = re.findall(r"```jsonc\n(.*?)```", SECTIONS["4"], re.DOTALL)
    document = json.loads(re.sub(r"//[^\n]*", "", example))
    whole = schema("inspect")
    compare(document, whole["$defs"]["InspectReport"], whole["$defs"], "")


def keys(command: str) -> set[str]:
    """Every key of a command's JSON."""
    return {key for part in schema(command)["$defs"].values() for key in part.get("properties", {})}


PARTS_OF = {"report": ("audit", "check", "packages")}  # whose entries say what its parts mean
OTHERS = [name for name, report in report_types().items() if report.schema and name not in ("inspect", "rules")]


@pytest.mark.parametrize("command", OTHERS)
def test_the_other_documents_have_the_keys_of_the_page(command: str) -> None:
    """Every key that neither `inspect` nor a command of its parts has is named in the entry of the command."""
    _, begins, entries = SECTIONS["5"].partition(f"\n- `{command}`:")
    assert begins, f"section 5 of docs/contract.md needs an entry that begins with - `{command}`:"
    entry = entries.split("\n- `")[0]
    named = set(re.findall(r"`([a-z0-9_]+)`", entry))
    words = {word for listed in enumerations(schema(command)) for word in listed}
    elsewhere = keys("inspect").union(*(keys(part) for part in PARTS_OF.get(command, ())))
    missing = keys(command) - elsewhere - named
    assert not missing, f"docs/contract.md, section 5: the entry of `{command}` names these keys"
    assert named <= keys(command) | keys("inspect") | words | set(options())
