"""`imgtar completion`: the shells themselves complete command lines with the scripts."""

from __future__ import annotations

import os
import pty
import re
import select
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

import click
import pytest

from imgtar.cli.commands.completion import SHELLS
from imgtar.cli.completion.words import command_words
from imgtar.cli.registry import NAMES, command_line, report_types
from imgtar.severity import Severity
from tests.cli.command import environment, imgtar, one_line

START = {
    "bash": ["bash", "--norc", "--noprofile", "-i"],
    "zsh": ["zsh", "-f", "-i"],
    "fish": ["fish", "--no-config"],
}
READY = {
    "bash": "bind 'set bell-style none' 'set show-all-if-ambiguous on'",
    "zsh": "autoload -U compinit; compinit -u -D",
    "fish": "true",
}
FILES = ("app.tar", "it's $(touch owned) a file.tar", "semi;colon.tar", 'quo"te.tar')

# What is typed before TAB, and the words that the program then gets.
COMPLETED = {
    "ins": ["inspect"],
    "ap": ["app.tar"],
    "inspect ap": ["inspect", "app.tar"],
    "audit --fail-on cr": ["audit", "--fail-on", "critical"],
    "audit app.tar --fail-o": ["audit", "app.tar", "--fail-on"],
    "--color never his": ["--color", "never", "history"],
    "--color=never his": ["--color=never", "history"],
    "app.tar --summ": ["app.tar", "--summary"],
    "inspect --format=csv-": ["inspect", "--format=csv-layers"],
    "inspect -o sar": ["inspect", "-o", "sarif="],
    "inspect -o html=ap": ["inspect", "-o", "html=app.tar"],
    "ls --limit mem": ["ls", "--limit", "members="],
    "explain tar.truncate": ["explain", "tar.truncated"],
    "schema pack": ["schema", "packages"],
    "completion zs": ["completion", "zsh"],
    "check --config ap": ["check", "--config", "app.tar"],
    "packages --by dir": ["packages", "--by", "directory"],
    "packages --type py": ["packages", "--type", "python"],
    "fleet --do ver": ["fleet", "--do", "verify"],
    "fleet --engine da": ["fleet", "--engine", "dask"],
    "report --rules king": ["report", "--rules", "kingfisher"],
    "check --max-severity med": ["check", "--max-severity", "medium"],
    "inspect --image ap": ["inspect", "--image", "ap"],  # a name in the archive, which is not read
    "inspect --top ap": ["inspect", "--top", "ap"],
    "inspect it": ["inspect", FILES[1]],
    "inspect semi": ["inspect", FILES[2]],
    "inspect quo": ["inspect", FILES[3]],
    "diff app.tar quo": ["diff", "app.tar", FILES[3]],
}


def script(shell: str) -> bytes:
    run = imgtar("completion", shell)
    assert (run.returncode, run.stderr) == (0, b"")
    return run.stdout


@pytest.fixture(params=SHELLS)
def shell(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    name: str = request.param
    if shutil.which(name) is None:
        pytest.skip(f"{name} is not installed")
    (tmp_path / "script").write_bytes(script(name))
    (tmp_path / "here").mkdir()
    for file in FILES:
        (tmp_path / "here" / file).touch()
    return name


def in_terminal(shell: str, folder: Path, lines: str, awaited: bytes) -> bytes:
    """What a shell in a terminal shows for lines that are typed into it, as far as `awaited`."""
    parent, child = pty.openpty()
    settings = environment({"TERM": "xterm", "PS1": "$ ", "HOME": str(folder), "HISTFILE": "/dev/null"})
    process = subprocess.Popen(
        START[shell], stdin=child, stdout=child, stderr=child, env=settings, cwd=folder / "here", start_new_session=True
    )
    os.close(child)
    setup = f"{READY[shell]}; source {folder / 'script'}; echo be''gin\n"
    try:
        for text, end in ((setup, b"begin"), (lines, awaited)):
            os.write(parent, text.encode())
            shown = b""
            while end not in shown:
                assert select.select([parent], [], [], 60)[0], shown
                shown += os.read(parent, 1 << 16)
        return shown
    finally:
        process.kill()
        process.wait()
        os.close(parent)


def typed(shell: str, folder: Path, lines: Sequence[str]) -> list[list[str]]:
    """The words that `imgtar` gets from each line, typed with TAB and Enter behind it."""
    told = folder / "told"
    program = f"imgtar() {{ printf '%s\\n' \"$@\" '' >> {told}; }}"
    keys = "".join(f"imgtar {line}\t\n" for line in lines)
    in_terminal(shell, folder, f"{program}\n{keys}echo e''nd\n", b"end")
    return [block.splitlines() for block in told.read_text().split("\n\n")[:-1]]


def offered(folder: Path, line: str) -> list[str]:
    """What fish offers for a line, each without its description."""
    run = subprocess.run(
        [*START["fish"], "-c", f"source {folder / 'script'}; complete -C 'imgtar {line}'"],
        cwd=folder / "here",
        env=environment({"HOME": str(folder)}),
        capture_output=True,
        timeout=60,
        check=True,
    )
    assert run.stderr == b""
    return [offer.partition("\t")[0] for offer in run.stdout.decode().splitlines()]


def test_lines_are_completed(shell: str, tmp_path: Path) -> None:
    lines = list(COMPLETED)
    if shell == "fish":
        alone = {line: [*line.split()[:-1], *(offered(tmp_path, line) or line.split()[-1:])] for line in lines}
        assert alone == COMPLETED
    else:
        assert dict(zip(lines, typed(shell, tmp_path, lines), strict=True)) == COMPLETED
    assert not (tmp_path / "here/owned").exists()


def test_a_shell_lists_the_severities(shell: str, tmp_path: Path) -> None:
    line = "audit --fail-on "
    if shell == "fish":
        shown = " ".join(offered(tmp_path, line))
    else:
        shown = in_terminal(shell, tmp_path, f"imgtar {line}\t", b"medium").decode()  # the last of them
    words = set(re.findall(r"[a-z.]+", shown))
    assert {severity.value for severity in Severity} <= words
    assert "app.tar" not in words


@pytest.mark.parametrize("shell", SHELLS)
def test_a_script_has_every_command_and_every_option(shell: str) -> None:
    text = script(shell).decode()
    for name in NAMES:
        assert re.search(rf"(?<![\w-]){name}(?![\w-])", text), name
        for option in command_line(name).params:
            for flag in option.opts if isinstance(option, click.Option) else ():
                plain = flag.lstrip("-") if shell == "fish" else flag
                assert re.search(rf"(?<![\w-]){plain}(?![\w-])", text), flag


def test_values_are_those_that_the_commands_take() -> None:
    words = {
        (command.name, flag): option.value
        for command in command_words()
        for option in command.options
        for flag in option.flags
    }
    assert words["check", "--format"] == (tuple(report_types()["check"].renderers), False)
    assert words["inspect", "--fail-on"] == (tuple(severity.value for severity in Severity), False)
    assert words["verify", "--checksums"] == ((), True)
    assert words["inspect", "--verify"] is None
    assert {command.name for command in command_words() if not command.takes_files} >= {
        "schema",
        "explain",
        "completion",
    }


def test_another_shell_is_wrong_usage() -> None:
    run = imgtar("completion", "tcsh")
    assert run.returncode == 2
    assert "bash" in one_line(run)


def test_a_script_is_the_same_every_time() -> None:
    assert script("zsh") == script("zsh")
