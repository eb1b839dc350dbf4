"""The page for those who come from other tools: every command of imgtar on it is one that the command line takes."""

from __future__ import annotations

import re
import shlex

import click
import pytest

from imgtar.cli.main import routed
from imgtar.cli.outputs import targets
from imgtar.cli.registry import command, command_line
from tests.paths import ROOT

PAGE = (ROOT / "docs/coming-from.md").read_text()
SPANS = [span.replace("\\|", "|") for span in re.findall(r"`([^`]+)`", PAGE)]
COMMANDS = sorted({part.strip() for span in SPANS for part in span.split(" | ") if part.strip().startswith("imgtar ")})
TOOLS = ("dive", "skopeo", "crane", "trivy", "syft", "dockle", "container-diff, diffoci", "docker itself")


def parsed(line: str) -> click.Context:
    """The arguments and options of a command line; nothing is read."""
    name, *arguments = routed(shlex.split(line)[1:])
    return command_line(name).make_context(name, arguments)


@pytest.mark.parametrize("line", COMMANDS)
def test_command_is_taken(line: str) -> None:
    context = parsed(line)
    [report, *_] = command(str(context.info_name)).report_types or [None]
    outputs = context.params.get("outputs")
    if report is not None and outputs is not None:
        assert targets(report, context.params["format_name"], outputs)


def test_the_page_has_commands_for_every_tool() -> None:
    assert len(COMMANDS) > 30
    assert tuple(re.findall(r"^## (.*)", PAGE, re.MULTILINE)) == TOOLS


def test_a_wrong_command_is_refused() -> None:
    with pytest.raises(click.UsageError):
        parsed("imgtar audit app.tar --no-such-option")


def test_every_row_says_what_to_type() -> None:
    rows = [row.split(" | ") for row in re.findall(r"^\| (.*) \|$", PAGE.replace("\\|", "¦"), re.MULTILINE)]
    typed = [row[1] for row in rows if row[0] not in ("you typed", "---")]
    assert [text for text in typed if "imgtar" not in text] == ["the same"]
