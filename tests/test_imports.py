"""Starting is cheap: what `--help` and `--version` load, and that each command loads only what it uses."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.cli.command import ROOT, environment

# Modules that cost more than they give before there is work for them (click itself brings datetime, bz2 and lzma).
HEAVY = {
    "asyncio",
    "ctypes",
    "email",
    "hashlib",
    "http",
    "importlib.metadata",
    "importlib.resources",
    "isal",
    "jinja2",
    "json",
    "msgspec",
    "pathspec",
    "sqlite3",
    "subprocess",
    "tabulate",
    "tarfile",
    "urllib",
    "yaml",
    "zstandard",
}


def loaded(*arguments: str) -> set[str]:
    """The modules that a run of the command line has loaded in the end, and the packages they are in."""
    program = (
        "import sys; from imgtar.cli.run import run; code = run(sys.argv[1:]);"
        "sys.stderr.write(' '.join(sys.modules)); sys.exit(code)"
    )
    run = subprocess.run(
        [sys.executable, "-c", program, *arguments], cwd=ROOT, env=environment(), capture_output=True, check=True
    )
    names = run.stderr.decode().split()
    return {*names, *(name.partition(".")[0] for name in names)}


@pytest.mark.parametrize("option", ["--help", "--version"])
def test_help_and_version_load_nothing_heavy(option: str) -> None:
    modules = loaded(option)
    assert modules & HEAVY == set()
    ours = {name for name in modules if name.startswith("imgtar.") and not name.startswith("imgtar.cli")}
    assert ours == {"imgtar.errors"}


def test_a_plain_image_needs_no_decompressor_and_no_template() -> None:
    unused = {"importlib.metadata", "jinja2", "pathspec", "tabulate", "yaml", "zstandard"}
    unused |= {"subprocess", "socket", "ssl", "urllib", "tempfile"}
    for arguments in (["inspect", "--format", "json"], ["inspect"], ["ls"], ["ids"]):
        assert loaded(*arguments, "tests/fixtures/mysql.tar") & unused == set()
