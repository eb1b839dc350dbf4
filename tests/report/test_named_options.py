"""Every option that a report or a message names exists on the command that prints it, or on the one named beside it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from imgtar.answers.catalogue import kinds
from imgtar.cli.main import run
from imgtar.cli.registry import NAMES, command_line
from imgtar.cli.request import Request
from tests.builders import docker_members, file, layer, members_tar
from tests.paths import FIXTURES
from tests.report.rendering import PLAIN_NAMES, named_image, truncated
from tests.runs import COMMANDS, REPORTS, flags, line_of

LAYERS = [layer(file(f"{number}", b"x")) for number in range(5)]
OPTIONS = {name: {flag for option in command_line(name).params for flag in option.opts} for name in NAMES}
NAMED = re.compile(r"imgtar (\w+)|(?<![\w-])(--[a-z][a-z-]*)")
NO_TEXT = re.compile(r"<(style|script)\b.*?</\1>", re.DOTALL)
OTHER_PROGRAMS = {"--rebuilddb", "--chown", "--no-cache", "--no-install-recommends", "--long", "--ultra"}
ARCHIVES = {
    "many names": (named_image(PLAIN_NAMES), []),
    "truncated": (truncated(), []),
    "stopped": (named_image(PLAIN_NAMES), ["--limit", "layer-entries=1"]),
    "without layers": (members_tar([m for m in docker_members(LAYERS) if "layer.tar" not in str(m[0])]), []),
    "several images": ((FIXTURES / "p5-multi.tar").read_bytes(), []),
}


def strange(text: str, command: str) -> Iterator[tuple[str, str]]:
    """The options in a text that are no options of `command`, or of the command that stands before them in the line."""
    for line in NO_TEXT.sub("", text).splitlines():
        called = command
        for found in NAMED.finditer(line):
            if found[1] in NAMES:
                called = found[1]
            elif found[2] and found[2] not in OPTIONS[called] | OTHER_PROGRAMS:
                yield called, found[2]


@pytest.mark.parametrize("command", REPORTS)
@pytest.mark.parametrize("archive", ARCHIVES)
def test_an_option_that_a_command_prints_exists(
    archive: str, command: str, tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    content, options = ARCHIVES[archive]
    (tmp_path / "app.tar").write_bytes(content)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")
    for form in REPORTS[command].renderers:
        for flag in ([], *([flag] for flag in flags(command) if form == "table")):
            assert run(line_of(command, "app.tar", "--format", form, *options, *flag)) in (0, 1, 2, 4, 5)
            printed = capfd.readouterr()
            assert not list(strange(printed.out + printed.err, COMMANDS[command])), form


def test_a_remedy_names_options_that_exist() -> None:
    everywhere = set.intersection(*(OPTIONS[COMMANDS[name]] for name in REPORTS))
    audits = OPTIONS["audit"] & OPTIONS["check"]
    for kind in kinds().values():
        own = {"secret": audits, "extract": OPTIONS["extract"]}
        known = OTHER_PROGRAMS | own.get(kind.code.partition(".")[0], everywhere)
        named = set(re.findall(r"(?<![\w-])--[a-z][a-z-]*", f"{kind.sentence} {kind.meaning} {kind.remedy}"))
        assert named <= known, kind.code


def test_without_the_option_top_every_row_is_listed() -> None:
    """No renderer cuts a list, and says how to see all of it, where the command has no such option."""
    assert Request(report_type=REPORTS["ids"]).top == 0


def test_a_strange_option_is_found() -> None:
    text = "use --top\nimgtar verify app.tar --top 0\n<style>--red: 1</style>\nimgtar ids --top 0"
    assert list(strange(text, "ids")) == [("ids", "--top"), ("ids", "--top")]
