"""Starting is cheap: what `--help` and `--version` load, and that each command loads only what it uses."""

from __future__ import annotations

import subprocess
import sys

from tests.cli.command import ROOT, environment
from tests.runs import REPORTS, line_of

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
    "sqlite3",
    "subprocess",
    "tarfile",
    "urllib",
    "yaml",
    "zstandard",
}


def loaded(*arguments: str) -> set[str]:
    """The modules that a run of the command line has loaded in the end, and the packages they are in."""
    program = (
        "import sys; before = set(sys.modules);"  # an editable installation loads modules of its own
        "from imgtar.cli.main import run; code = run(sys.argv[1:]);"
        "sys.stderr.write(' '.join(set(sys.modules) - before)); sys.exit(code)"
    )
    run = subprocess.run(
        [sys.executable, "-c", program, *arguments], cwd=ROOT, env=environment(), capture_output=True, check=True
    )
    names = run.stderr.decode().split()
    return {*names, *(name.partition(".")[0] for name in names)}


def test_help_loads_nothing_heavy() -> None:
    modules = loaded("--help")
    assert modules & HEAVY == set()
    ours = {name for name in modules if name.startswith("imgtar.") and not name.startswith("imgtar.cli")}
    assert ours == {"imgtar.errors", "imgtar.exit_codes", "imgtar.version", "imgtar.severity"}


def test_version_loads_the_walker_that_it_names_and_no_command() -> None:
    modules = loaded("--version")
    assert "imgtar.formats.tar.ordinary" in modules
    assert not any(name.startswith(("imgtar.cli.commands.", "imgtar.archive", "imgtar.answers")) for name in modules)


def test_a_plain_image_needs_no_decompressor_and_no_template() -> None:
    unused = {"importlib.metadata", "jinja2", "yaml", "zstandard"}
    unused |= {"subprocess", "socket", "ssl", "urllib", "tempfile"}
    image = "tests/fixtures/mysql.tar"
    options = {
        name: () if report.default_format == "table" else ("--format", "json") for name, report in REPORTS.items()
    }
    lines = (line_of(name, image, *given) for name, given in options.items())
    for arguments in (line_of("inspect", image, "--format", "json"), *lines):
        assert loaded(*arguments) & unused == set(), arguments


def test_check_looks_into_files_only_where_a_gate_asks_for_it() -> None:
    """Without the severity gate `check` reads what `inspect` reads."""
    content = {"imgtar.audit.auditor", "imgtar.audit.rules.file_secrets", "yaml"}
    plain = ["check", "tests/fixtures/mysql.tar", "--max-layers", "20", "--max-own-waste", "1", "--forbid-port", "1"]
    assert loaded(*plain) & content == set()
    assert "imgtar.audit.auditor" in loaded(*plain, "--max-severity", "critical")
