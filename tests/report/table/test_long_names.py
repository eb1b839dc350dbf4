"""What is never cut of a text, however long the names are: the state, commands, numbers and verdicts."""

from __future__ import annotations

from pathlib import Path

import pytest

from imgtar.cli.main import run
from tests.builders import docker_save, file, good, layer, whiteout

CAVEAT = ("complete (digests not checked: imgtar verify)", "complete (not verified)")
LONG_FOLDER = Path("delivery-of-the-team", "archives-of-2026", "long-names-everywhere", "more-of-them-and-more")
LONG_NAME = "server-of-the-delivery-with-a-name-of-its-own-2026-11-28.tar"


def printed(capture: pytest.CaptureFixture[str], *arguments: str, code: int = 0) -> list[str]:
    assert run(list(arguments)) == code
    return capture.readouterr().out.splitlines()


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / LONG_FOLDER).mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("columns", ["40", "60", "80", "120", "200"])
@pytest.mark.parametrize("name", ["app.tar", str(LONG_FOLDER / "app.tar"), LONG_NAME, str(LONG_FOLDER / LONG_NAME)])
@pytest.mark.parametrize("command", ["inspect", "history", "ids"])
def test_the_state_keeps_its_caveat(
    command: str,
    name: str,
    columns: str,
    folder: Path,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (folder / name).write_bytes(good())
    monkeypatch.setenv("COLUMNS", columns)
    first, second, *_ = printed(capfd, command, name)
    assert first.endswith(CAVEAT) or second.strip() in CAVEAT
    if first.endswith(CAVEAT):
        assert Path(name).name in first
    elif len(name) > len(LONG_NAME):
        assert "…" in first


def test_the_state_has_its_own_line_where_the_name_needs_the_first(
    folder: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / LONG_NAME).write_bytes(good())
    (folder / LONG_FOLDER / "app.tar").write_bytes(good())
    monkeypatch.setenv("COLUMNS", "100")
    first, second, *_ = printed(capfd, "inspect", LONG_NAME)
    assert first.startswith(f"{LONG_NAME}  docker-archive, ")
    assert second == "  complete (digests not checked: imgtar verify)"
    first, second, *_ = printed(capfd, "inspect", str(LONG_FOLDER / "app.tar"))
    assert first.startswith("delivery-of-the-team/")
    assert first.endswith(", complete (not verified)")
    assert "…/app.tar  docker-archive, " in first
    assert second == ""


@pytest.mark.parametrize(
    ("columns", "name", "last"),
    [
        ("80", "app.tar", ["imgtar audit app.tar looks for secrets and risks; -o json=FILE saves all"]),
        ("40", "app.tar", ["imgtar audit app.tar", "  looks for secrets and risks"]),
        ("80", LONG_NAME, [f"imgtar audit {LONG_NAME}", "  looks for secrets and risks; -o json=FILE saves all"]),
        (
            "80",
            str(LONG_FOLDER / LONG_NAME),
            ["imgtar audit IMAGE looks for secrets and risks; -o json=FILE saves all"],
        ),
        ("80", "-app\t.tar", ["imgtar audit IMAGE looks for secrets and risks; -o json=FILE saves all"]),
        ("90", "-app.tar", ["imgtar audit ./-app.tar looks for secrets and risks; -o json=FILE saves all"]),
    ],
)
def test_a_command_is_whole_or_stands_for_any_image(
    columns: str,
    name: str,
    last: list[str],
    folder: Path,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (folder / name).write_bytes(good())
    monkeypatch.setenv("COLUMNS", columns)
    lines = printed(capfd, "inspect", "--", name)
    assert lines[-len(last) :] == last
    assert lines[-len(last) - 1] == ""


def test_what_is_dead_stands_behind_a_long_path(
    folder: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    below = "srv/" + "a-long-name-of-a-directory/" * 4
    layers = [
        layer(file(f"{below}x", b"x" * 500), file(f"{below}y", b"y" * 500), file("srv/z", b"z" * 500)),
        layer(whiteout(f"{below}x")),
    ]
    (folder / "app.tar").write_bytes(docker_save(layers))
    monkeypatch.setenv("COLUMNS", "80")
    [line] = [line for line in printed(capfd, "packages", "app.tar", "--unowned") if "dead" in line]
    assert line.endswith("  2 files  500 B dead")
    assert len(line) <= 80


def test_the_verdict_of_shared_names_every_gate(
    folder: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "app.tar").write_bytes(docker_save([layer(file("a", b"x" * 500))], names=["team/a-long-name:1" * 3]))
    monkeypatch.setenv("COLUMNS", "60")
    gates = ("--max-unique", "1", "--min-shared", "99%")
    last = printed(capfd, "shared", "app.tar", *gates, code=1)[-1]
    assert last.startswith("verdict: failed max-unique ")
    assert "; min-shared " in last
