"""`imgtar explore` in a terminal: what it writes there, how it ends, and what it says without one."""

from __future__ import annotations

import fcntl
import gc
import os
import pty
import re
import select
import struct
import subprocess
import termios
from pathlib import Path

import pytest

from imgtar.answers.options import InspectOptions
from imgtar.cli.commands.explore import _explore
from imgtar.explore.app import Explorer
from imgtar.runtime import tuned
from tests.builders import docker_save, file, tar
from tests.cli.command import IMGTAR, environment, imgtar, one_line
from tests.explore.hostile_image import hostile
from tests.paths import FIXTURES, ROOT

# What the image has for a terminal; textual writes no such sequence for its own work.
FROM_THE_IMAGE = re.compile(rb"\x1b\]0;owned|\x1b\[2Jclear|\x9b31m")


def in_terminal(
    arguments: list[str], *talk: tuple[bytes, bytes], env: dict[str, str | None] | None = None
) -> tuple[int, bytes]:
    """Runs imgtar in a terminal of 80×24: when it has written a text, the keys beside it. Exit code and output."""
    parent, child = pty.openpty()
    fcntl.ioctl(child, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    settings = environment({"TERM": "xterm-256color", **(env or {})})
    process = subprocess.Popen([*IMGTAR, *arguments], stdin=child, stdout=child, stderr=child, env=settings)
    os.close(child)
    output, seen, left = b"", 0, list(talk)
    try:
        while select.select([parent], [], [], 60)[0]:
            try:
                output += os.read(parent, 1 << 16)
            except OSError:  # the end of a terminal, on Linux
                break
            if left and (found := output.find(left[0][0], seen)) >= 0:
                seen = found + len(left[0][0])
                os.write(parent, left.pop(0)[1])
        assert not left, output
        return process.wait(60), output
    finally:
        process.kill()
        process.wait()
        os.close(parent)


def test_a_terminal_gets_no_escape_of_the_image(tmp_path: Path) -> None:
    code, output = in_terminal(
        ["explore", str(hostile(tmp_path / "app.tar"))],
        (b" paths", b"\t"),
        (b"imgtar ls", b"/"),
        (b"this text", b"d/\r"),
        (b"with d/", b"jjjjj"),
        (b"/d/[/red]", b"q"),
    )
    assert code == 0
    assert b"red] broken" in output
    assert not FROM_THE_IMAGE.search(output)


def test_garbage_is_collected_while_a_person_looks_around(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[bool] = []
    monkeypatch.setattr("imgtar.cli.terminal.restorer", lambda: lambda: None)
    monkeypatch.setattr(Explorer, "run", lambda _explorer: seen.append(gc.isenabled()))
    with tuned():
        code = _explore(str(FIXTURES / "d20-scratch.tar"), InspectOptions(), [], b"", quiet=True)
    assert (code, seen) == (0, [True])


def test_without_a_terminal() -> None:
    run = imgtar("explore", FIXTURES / "mysql.tar")
    assert run.returncode == 2
    assert "imgtar inspect" in one_line(run)


@pytest.mark.parametrize("image", ["-", "docker-archive:-", "/dev/stdin"])
def test_the_archive_cannot_come_from_where_the_keys_do(image: str) -> None:
    code, output = in_terminal(["explore", image])
    assert code == 2
    assert b"because the keys do; save it to a file first" in output
    assert "explore needs a terminal" in one_line(imgtar("explore", image))


def test_damage_that_leaves_no_image_is_said_with_what_to_do(tmp_path: Path) -> None:
    archive = tmp_path / "cut.tar"
    archive.write_bytes((FIXTURES / "mysql.tar").read_bytes()[:900_000])
    code, output = in_terminal(["explore", str(archive)])
    assert code == imgtar("inspect", archive).returncode == 4
    assert b"no image is left to show; `imgtar verify IMAGE` says what is there" in output


def test_without_the_extra(tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(
        "import importlib.util as u\nfind = u.find_spec\n"
        "u.find_spec = lambda name, *rest: None if name == 'textual' else find(name, *rest)\n"
    )
    code, output = in_terminal(
        ["explore", str(FIXTURES / "mysql.tar")], env={"PYTHONPATH": f"{tmp_path}{os.pathsep}{ROOT}"}
    )
    assert code == 2
    assert b"pip install 'imgtar[explore]'" in output


def test_a_path_that_is_in_no_layer_is_no_start() -> None:
    code, output = in_terminal(["explore", str(FIXTURES / "mysql.tar"), "--start", "/no"])
    assert code == 2
    assert b"--start /no: not found in any layer" in output


def test_a_file_is_extracted_with_its_links_inside(tmp_path: Path) -> None:
    archive, out = tmp_path / "app.tar", tmp_path / "out"
    archive.write_bytes(docker_save([tar(file("a", b"first\n"))]))
    code, _ = in_terminal(
        ["explore", str(archive)],
        (b"1 path", b"\t"),
        (b"imgtar ls", b"x"),
        (b"new directory", f"{out}\r".encode()),
        (b"written to", b"q"),
    )
    assert code == 0
    assert (out / "a").read_bytes() == b"first\n"


def test_the_exit_code_of_a_damaged_archive_is_that_of_inspect(tmp_path: Path) -> None:
    archive = tmp_path / "cut.tar"
    archive.write_bytes(docker_save([tar(file("a", b"1" * 2000))[:700], tar(file("b", b"2"))]))
    code, _ = in_terminal(["explore", str(archive)], (b"INCOMPLETE", b"q"))
    assert code == imgtar("inspect", archive).returncode == 4


@pytest.mark.parametrize(
    ("arguments", "env", "coloured"),
    [
        ([], {"NO_COLOR": None}, True),
        (["--color", "never"], {"NO_COLOR": None}, False),
        ([], {"NO_COLOR": "1"}, False),
        (["--color", "always"], {"NO_COLOR": "1"}, True),
    ],
)
def test_colours_are_as_asked_for(arguments: list[str], env: dict[str, str | None], coloured: bool) -> None:
    line = ["explore", str(FIXTURES / "mysql.tar"), *arguments]
    code, output = in_terminal(line, (b"imgtar inspect", b"j"), (b"/", b"q"), env=env)
    assert code == 0
    # Of the 256 colours 0, 7, 8, 15, 16, 59, 102, 145, 188 and those from 231 on are greys.
    greys = {0, 7, 8, 15, 16, 59, 102, 145, 188, *range(231, 256)}
    colours = {int(found) for found in re.findall(rb"[34]8;5;(\d+)", output)}
    assert bool(colours - greys) == coloured
