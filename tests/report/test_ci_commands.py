"""Whatever imgtar prints into the log of a CI job, no runner takes a line of it for a command.

The oracle is `tests.oracles.ci_runners`; every command and every format but HTML prints an image whose every text is a
command, with the archive named like one too.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from imgtar.cli.errors import print_traceback
from imgtar.cli.main import run
from imgtar.contract.content import TextSettings
from imgtar.report.table.drawing import wrapped
from imgtar.text import disarm, escape, unescape, width
from tests import builders
from tests.builders import directory, docker_save, file, layer, symlink, whiteout
from tests.oracles.ci_runners import commands
from tests.runs import REPORTS, flags, line_of

COMMANDS = (
    "::error::owned",
    "  ::warning file=a.py,line=1::owned",
    "::Add-Mask::e",
    "::stop-commands::token",
    "##[error]owned",
    "a##[add-mask]e",
    "###[group]owned",
    "##vso[task.setvariable variable=a]b",
    "x##vso[build.addbuildtag]b",
    "##teamcity[message text='owned']",
    "#\u0591#[error]owned",
    "##v\u0300so[task.complete]",
    ":\u0610:error::owned",
    "a\n::error::owned",
    "a\r##[error]owned",
    "section_start:1560896352:owned\r\x1b[0K",
)
# No commands, but a line that has one of them twice is a command, and so is one that is broken before the second word.
PARTS = ("::error x", "word ::error::owned", "word ::error file=a::owned")
HARMLESS = (
    "std::string",
    "std::map<std::string, int>::iterator",
    "a::b::c",
    "::1",
    "[::1]:8080",
    "::ffff:10.0.0.1",
    "# comment",
    "## [link](x)",
    "##",
    "a#b[c]",
    "a ##b",
    "#[derive(Debug)]",
    "80:8080/tcp",
    "key: value",
    "FROM a@sha256:0 # [1]",
    *PARTS,
)
GATES = {
    "check": [
        *("--max-layers", "1", "--max-size", "1B", "--forbid-path", "**", "--require-label", "::error::x"),
        *("--allow-user", "##[error]x", "--forbid-label", "*", "--fail-on", "info", "--max-own-waste", "0"),
    ]
}
# Beside the flags of the command.
VARIANTS = {"ls": [["--layer", "1"], ["--layer", "1", "--long"]], "du": [["--depth", "99"]]}
RUNS = [
    (command, form, variant)
    for command, report in REPORTS.items()
    for form in report.renderers
    if form != "html"
    for variant in ([], *([[flag] for flag in flags(command)] if form == "table" else []), *VARIANTS.get(command, []))
]
TABLES = [run for run in RUNS if run[1] == "table"]


def hostile_image(text: str) -> bytes:
    """A docker save of which every name, label and instruction is `text`, and some finding names it."""
    raw = builders.raw(text)
    layers = [
        layer(directory("d/"), file(b"d/" + raw, b"base" * 100), file(b"e-" + raw, b"x", mode=0o4755)),
        layer(file(b"d/" + raw, b"more" * 200), symlink(b"s-" + raw, raw), file(raw, b"y"), file(raw, b"z")),
        layer(whiteout(b"d/" + raw)),
    ]
    steps = [text, f"/bin/sh -c {text}", f"/bin/sh -c #(nop) CMD {text}"]
    history = [{"created_by": step, "comment": text, "created": text} for step in steps]
    execution = {
        "Env": [text, f"A={text}"],
        "Labels": {text: text},
        "Cmd": [text],
        "Entrypoint": [text],
        "User": text,
        "WorkingDir": text,
        "Volumes": {text: {}},
        "ExposedPorts": {text: {}},
        "StopSignal": text,
    }
    texts = {"created": text, "author": text, "os": text, "architecture": text}
    config = builders.image_config(layers, history=history, execution=execution, **texts)
    return docker_save(layers, names=[text], config=config)


@pytest.mark.parametrize("text", COMMANDS)
def test_the_oracle_knows_the_command(text: str) -> None:
    assert list(commands(text.encode()))


@pytest.mark.parametrize("text", COMMANDS)
def test_escaped_text_is_no_command_and_comes_back(text: str) -> None:
    for ascii_only in (False, True):
        shown = escape(text, ascii_only=ascii_only)
        assert not list(commands(shown.encode()))
        assert unescape(shown) == text
        assert disarm(shown) == shown


@pytest.mark.parametrize("text", HARMLESS)
def test_text_that_is_no_command_stays_as_it_is(text: str) -> None:
    assert not list(commands(text.encode()))
    assert escape(text) == disarm(text) == text


@pytest.mark.parametrize(
    "words", [["word", "::error::owned", "x"], ["a", "::error", "b::owned"], ["#" * 9 + "[x]"] * 3]
)
@pytest.mark.parametrize("columns", range(12, 40))
def test_a_broken_line_is_no_command_and_no_longer_than_the_terminal(words: list[str], columns: int) -> None:
    for line in wrapped(words, TextSettings(width=columns)):
        assert not list(commands(line.encode()))
        assert width(line) <= columns


@pytest.fixture(params=COMMANDS + PARTS)
def archive(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The name of an archive in the current directory; the name and everything in the archive is a command."""
    text: str = request.param
    name = f"{text}.tar"
    (tmp_path / name).write_bytes(hostile_image(text))
    monkeypatch.chdir(tmp_path)
    return name


def printed(capture: pytest.CaptureFixture[bytes], *arguments: str) -> tuple[int, bytes, bytes]:
    code = run(arguments)
    out, err = capture.readouterr()
    return code, out, err


def test_no_report_holds_a_command(
    archive: str, capfdbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    turn = (COMMANDS + PARTS).index(archive.removesuffix(".tar"))
    for number, columns in enumerate(("20", "31", "200", "80")):
        monkeypatch.setenv("COLUMNS", columns)
        # Each text meets each run, a third of the tables in each of the other widths, and each table all widths.
        for command, form, variant in RUNS if columns == "80" else TABLES[(turn + number) % 3 :: 3]:
            arguments = [*line_of(command, archive), "--format", form, *variant, *GATES.get(command, [])]
            code, out, err = printed(capfdbinary, *arguments)
            assert code in (0, 1, 4), (arguments, err)
            assert out or command in ("ls", "du") or form == "docker", arguments  # a line for each path
            assert not list(commands(out)), arguments
            assert not list(commands(err)), arguments


def test_no_report_about_several_archives_holds_a_command(
    archive: str, capfdbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "31")
    for form in ("table", "markdown", "json", "jsonl", "csv", "sarif", "junit"):
        code, out, err = printed(
            capfdbinary, "check", archive, f"{archive}.missing", "--max-layers", "9", "--format", form
        )
        assert code == 3
        assert not list(commands(out + err)), form


def test_no_error_holds_a_command(archive: str, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    for arguments in (
        ["inspect", f"{archive}.missing"],
        ["inspect", f"{archive}.missing", "--format", "json"],
        ["inspect", archive, "--image", archive],
        ["inspect", archive, "--platform", f"{archive}/x"],
        ["inspect", archive, "-o", f"json={archive}/x"],
        ["inspect", archive, "--format", archive],
        ["inspect", archive, f"--{archive}"],
        ["inspect", archive, "--limit", archive],
        ["check", archive, "--config", f"{archive}.missing"],
        ["audit", archive, "--ignore", archive],
        ["schema", archive],
        ["explain", archive],
        [archive.partition(".")[0]],
    ):
        code, out, err = printed(capfdbinary, *arguments)
        assert code in (2, 3, 6), (arguments, err)
        assert err, arguments
        assert not list(commands(out + err)), arguments


def test_no_traceback_holds_a_command(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    for text in COMMANDS:
        print_traceback(ValueError(text))
        err = capfdbinary.readouterr().err
        assert b"ValueError" in err
        assert not list(commands(err))
