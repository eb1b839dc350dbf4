"""Every command is one value: what it names exists, its help ends with examples, and the examples parse."""

from __future__ import annotations

import inspect
import shlex
from pathlib import Path

import click
import msgspec
import pytest

import imgtar.cli.commands
from imgtar.cli.command import Command, Document, Example
from imgtar.cli.registry import NAMES, command, command_line, documents, group
from tests.cli.command import imgtar as run_imgtar

MODULES = {path.stem for path in Path(imgtar.cli.commands.__path__[0]).glob("*.py")} - {"__init__"}
EXAMPLES = [(name, example) for name in NAMES for example in command(name).examples]


def test_every_module_is_a_command_and_every_command_has_one_name() -> None:
    assert sorted(NAMES) == sorted(MODULES)
    assert all(command(name).name == name == command_line(name).name for name in NAMES)


@pytest.mark.parametrize("document", documents().values(), ids=documents())
def test_what_a_document_names_exists(document: Document) -> None:
    assert callable(document.content_function())
    for form in document.renderers:
        assert list(inspect.signature(document.renderer(form)).parameters)[1:] in (["view"], ["_view"]), form
    kind = document.schema_type()
    assert ("json" in document.renderers) == (kind is not None) or document.name == "schema"
    assert kind is None or issubclass(kind, msgspec.Struct)


def test_documents_have_one_name_each() -> None:
    assert len(documents()) == sum(len(command(name).documents) for name in NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_summary_is_a_sentence_and_there_are_examples(name: str) -> None:
    value: Command = command(name)
    assert value.summary.endswith(".")
    assert value.summary[0].isupper()
    assert len(value.examples) >= 2


@pytest.mark.parametrize(("name", "example"), EXAMPLES, ids=[example.line for _, example in EXAMPLES])
def test_an_example_parses(name: str, example: Example) -> None:
    """Options and values are checked by the parser of the command, formats against its documents."""
    program, called, *arguments = shlex.split(example.line)
    assert (program, called) == ("imgtar", name)
    context = command_line(name).make_context(name, arguments)
    formats = {form for document in command(name).documents for form in document.renderers}
    assert {output.partition("=")[0] for output in context.params.get("outputs", ())} <= formats


@pytest.mark.parametrize("arguments", [["inspect", "app.tar", "--no-such-option"], ["history"]])
def test_the_parser_refuses_what_is_wrong(arguments: list[str]) -> None:
    """So an example with such a fault would fail the test above."""
    with pytest.raises(click.UsageError):
        command_line(arguments[0]).make_context(arguments[0], arguments[1:])


@pytest.mark.parametrize("name", NAMES)
def test_help_ends_with_the_examples(name: str) -> None:
    shown = run_imgtar(name, "--help", env={"COLUMNS": "80"}).stdout.decode()
    examples = "\n\n".join(f"  # {example.purpose}\n  {example.line}" for example in command(name).examples)
    assert shown.endswith(f"\n\nExamples:\n{examples}\n")
    assert all(len(line) <= 90 for line in shown.splitlines())
    assert "-h, --help" in shown


def test_help_of_the_program_lists_every_command_with_its_summary() -> None:
    shown = " ".join(run_imgtar("--help", env={"COLUMNS": "200"}).stdout.decode().split())
    assert all(f" {name} {command(name).summary}" in shown for name in NAMES)
    assert list(group.list_commands(click.Context(group))) == list(NAMES)
