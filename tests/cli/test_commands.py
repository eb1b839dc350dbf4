"""Every command is one value: what it names exists, its help ends with examples, and the examples parse."""

from __future__ import annotations

import inspect
import shlex
from pathlib import Path

import click
import msgspec
import pytest

import imgtar.cli.commands
from imgtar.cli.command import Command, Example, ReportType
from imgtar.cli.registry import NAMES, command, command_line, group, report_types
from tests.cli.command import imgtar as run_imgtar

MODULES = {path.stem for path in Path(imgtar.cli.commands.__path__[0]).glob("*.py")} - {"__init__"}
EXAMPLES = [(name, example) for name in NAMES for example in command(name).examples]


def test_every_module_is_a_command_and_every_command_has_one_name() -> None:
    assert set(MODULES) == set(NAMES), "add the name of the new command to GROUPS in imgtar/cli/registry.py"
    assert len(set(NAMES)) == len(NAMES)
    assert all(command(name).name == name == command_line(name).name for name in NAMES)


@pytest.mark.parametrize("report", report_types().values(), ids=report_types())
def test_what_a_report_type_names_exists(report: ReportType) -> None:
    assert callable(report.content_function())
    for form in report.renderers:
        assert list(inspect.signature(report.renderer(form)).parameters)[1:] in (["settings"], ["_settings"]), form
    kind = report.schema_type()
    assert ("json" in report.renderers) == (kind is not None) or report.name == "schema"
    assert kind is None or issubclass(kind, msgspec.Struct)


def test_reports_have_one_name_each() -> None:
    assert len(report_types()) == sum(len(command(name).report_types) for name in NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_summary_is_a_sentence_and_there_are_examples(name: str) -> None:
    value: Command = command(name)
    assert value.summary.endswith(".")
    assert value.summary[0].isupper()
    assert len(value.examples) >= 2


@pytest.mark.parametrize(("name", "example"), EXAMPLES, ids=[example.line for _, example in EXAMPLES])
def test_an_example_parses(name: str, example: Example, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Options and values are checked by the parser of the command, formats against its documents."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "ci").mkdir()
    (tmp_path / "ci/imgtar.toml").touch()
    program, called, *arguments = shlex.split(example.line.partition(" > ")[0])  # a shell's redirection is no argument
    assert (program, called) == ("imgtar", name)
    context = command_line(name).make_context(name, arguments)
    formats = {form for report in command(name).report_types for form in report.renderers}
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
