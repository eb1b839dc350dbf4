"""BuildKit's own reader takes every Dockerfile for the instructions that imgtar wrote, and no other."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from imgtar.analysis.dockerfile.provenance import stated_dockerfile
from imgtar.answers.dockerfile import Asked, dockerfile_content, tell
from imgtar.contract.content import TextSettings
from imgtar.formats.build_source import BuildSource, SourceFile
from imgtar.formats.oci.config import Execution
from imgtar.report.table.dockerfile import dockerfile
from tests.analysis.dockerfile.oracle import is_here, lines_of, random_row, read, text_of
from tests.answers.asking import all_findings, opened
from tests.oracles import Unavailable, build
from tests.paths import FIXTURES

pytestmark = pytest.mark.skipif(not is_here(), reason="go is not installed: no comparison with BuildKit's parser")
HEAD = "# rebuilt\nFROM scratch\n"
ROWS = 4000
ASKED = (Asked(), Asked(wrap=False), Asked(context=True), Asked(context=True, freeze=True))
ARCHIVES = sorted(path.name for path in FIXTURES.iterdir() if ".tar" in path.name and path.name != "d20-export.tar")
ARCHIVES += sorted(f"dockerfile/{path.name}" for path in (FIXTURES / "dockerfile").glob("*.tar"))


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    try:
        return build("dockerfile", tmp_path_factory.getbasetemp().parent)
    except Unavailable as why:
        pytest.skip(f"no comparison with BuildKit's parser: {why}")


def test_every_fixture(program: Path) -> None:
    texts = {}
    for name in ARCHIVES:
        session, _ = opened(FIXTURES / name)
        if len(session.outlines) != 1:
            continue
        for asked in ASKED:
            told = tell(session, asked)
            content = dockerfile_content(session, all_findings(session), told)
            texts[name, asked] = b"".join(dockerfile(content, TextSettings())).decode()
    assert len(texts) > 20
    answers = dict(zip(texts, read(program, list(texts.values())), strict=True))
    assert {case: answer for case, answer in answers.items() if answer.get("error") or answer.get("warnings")} == {}


def test_the_dockerfile_of_a_provenance_is_read_as_it_was(program: Path) -> None:
    written, ours = [], []
    for path in sorted((FIXTURES / "dockerfile").glob("provenance-*.tar")):
        session, _ = opened(path)
        content = dockerfile_content(session, all_findings(session), tell(session, Asked(source="provenance")))
        ours.append(b"".join(dockerfile(content, TextSettings())).decode())
        written.append(path.with_suffix(".Dockerfile").read_bytes().decode())
    for text in ("# escape=`\nFROM scratch\nRUN a `\n  b\n", "# syntax=x\n#escape = `\nFROM a\nCMD b\\\n"):
        stated = stated_dockerfile(BuildSource((SourceFile("Dockerfile", text),), ()), ())
        ours.append(f"{stated.directive}\n# from\n{stated.text}\n")
        written.append(text)
    for one, other in zip(read(program, written), read(program, ours), strict=True):
        assert not one.get("error")
        assert one["escape"] == other["escape"]
        assert [_unplaced(command) for command in one["commands"]] == [
            _unplaced(command) for command in other["commands"]
        ]


def _unplaced(command: dict[str, object]) -> dict[str, object]:
    """A command without its line, which our header moves."""
    return {key: value for key, value in command.items() if key != "start"}


@pytest.mark.slow
@pytest.mark.parametrize("author", [None, "kaniko"])
def test_random_rows_smuggle_no_instruction(program: Path, author: str | None) -> None:
    source = random.Random(22)
    rows = [[random_row(source), random_row(source)] for _ in range(ROWS)]
    written = [lines_of(*pair, author=author) for pair in rows]
    answers = read(program, [HEAD + text_of(lines) for lines in written])
    for pair, lines, answer in zip(rows, written, answers, strict=True):
        ours = [line.text.split()[0] for line in lines if not line.text.startswith("#")]
        assert not answer.get("error"), (pair, answer)
        assert [command["name"] for command in answer.get("commands", [])] == ours, pair


@pytest.mark.parametrize(
    "value", ["hello world", 'a"b', "a'b", "$HOME ${x:-y}", "back\\slash", "end\\", "", "é ü", " x", "#a", "a=b c=d"]
)
def test_values_come_back(program: Path, value: str) -> None:
    lines = lines_of(
        f"ENV A={value}", f"LABEL l={value}", execution=Execution(env=(f"A={value}",), labels={"l": value})
    )
    [answer] = read(program, [HEAD + text_of(lines)])
    assert [command["values"] for command in answer["commands"]] == [{"A": value}, {"l": value}]


def test_commands_come_back(program: Path) -> None:
    commands = ["a && b; c", "echo 'x; y' && z", "echo <<EOF", "a \\", "--x", '["a"', "cat <<X\na\nX\nb", "x # y; z"]
    for command in commands:
        [answer] = read(program, [HEAD + text_of(lines_of(f"/bin/sh -c {command}"))])
        [run] = answer["commands"]
        read_back = run["files"][0] if "files" in run else run["words"][-1]
        assert read_back.split() == command.split()
