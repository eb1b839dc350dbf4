"""Targets for whole commands: any arguments, hostile text in every format, `attach`. None may exit 70."""

from __future__ import annotations

import contextlib
import csv
import io
import json
import os
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from xml.etree import ElementTree

from imgtar.audit.secrets.redaction import redact_text
from imgtar.audit.secrets.search import secrets_in_text
from imgtar.cli.main import run
from imgtar.cli.registry import NAMES, command_line
from imgtar.errors import UsageError
from imgtar.exit_codes import Exit
from imgtar.filesystem.given_paths import Resolved, matching, parse_path, resolve
from imgtar.formats.oci.config import HistoryEntry
from imgtar.formats.tar.path import clean
from imgtar.image.history.pairing import pair
from imgtar.text import escape
from tests.audit.secrets.searching import find_secrets
from tests.builders import docker_save, file, good, hardlink, oci_layout, symlink, tar, whiteout, write_directory
from tests.filesystem.stack import Stack
from tests.oracles.ci_runners import commands
from tests.report.rendering import named_image
from tests.runs import REPORTS, line_of

USUAL = {Exit.OK, Exit.GATE, Exit.USAGE, Exit.INPUT, Exit.DAMAGED, Exit.LIMIT, Exit.OUTPUT}
ENVIRONMENT = ("COLUMNS", "SOURCE_DATE_EPOCH")
NOTES = ("wrote ", "  docker save ", "  skopeo copy ", "copying ")  # lines on standard error beside an error
LAYERS = [tar(file("a", b"abc"), file("d/e.pem", b"x")), tar(whiteout("a"))]
OPTIONS = sorted({name for command in NAMES for option in command_line(command).params for name in option.opts})
WORDS = (
    *NAMES, *OPTIONS, "app.tar", "layout", "report.json", "-", "",
    *("table", "json", "jsonl", "markdown", "html", "csv", "csv-layers", "sarif", "junit", "json=o", "html=o.html"),
    *("@0", "app:1", "linux/amd64", "info", "critical", "95%", "1.5GiB", "-1", "nan", "inf", "1e400", "9" * 20),
    *("9" * 5000, "layer-bytes=1", "total-bytes=9EB", "**/*.pem", "!a", "[", "a\\", "8000-8010/udp", "a=*", "\udcff"),
    *("x" * 300, "COLUMNS=1", "COLUMNS=99999999999", "SOURCE_DATE_EPOCH=99999999999999999999", "SOURCE_DATE_EPOCH=-1"),
)  # fmt: skip
TREE = Stack(
    tar(file("usr/lib/x", b"x"), symlink("lib", "usr/lib"), symlink("a", "b"), symlink("b", "a/../a")),
    tar(symlink("up", "../../lib/./x"), hardlink("h", "up"), file(b"\xff\\x41", b"y"), symlink("to", "/no/where")),
).tree
GATES = ("--max-layers", "1", "--forbid-path", "*")


def invoke(arguments: Sequence[str]) -> tuple[int, bytes, str]:
    """Runs a command line in this process with an empty standard input; the exit code and what it printed."""
    streams = sys.stdin, sys.stdout, sys.stderr
    out, err = io.BytesIO(), io.BytesIO()
    sys.stdin = io.TextIOWrapper(io.BytesIO())
    sys.stdout, sys.stderr = io.TextIOWrapper(out, "utf-8"), io.TextIOWrapper(err, "utf-8")
    try:
        code = run(arguments)
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
        said = err.getvalue().decode()
        assert code in USUAL, f"exit {code} of {arguments}: {said}"
        return code, out.getvalue(), said
    finally:
        sys.stdin, sys.stdout, sys.stderr = streams


@contextlib.contextmanager
def place() -> Iterator[Path]:
    """Runs in a new directory, and leaves directory and environment as they were."""
    before, environment = Path.cwd(), {name: os.environ.pop(name, None) for name in ENVIRONMENT}
    with tempfile.TemporaryDirectory(prefix="imgtar-fuzz-") as folder:
        os.chdir(folder)
        try:
            yield Path()
        finally:
            os.chdir(before)
            for name, value in environment.items():
                os.environ.pop(name, None)
                if value is not None:
                    os.environ[name] = value


def argument(raw: bytes) -> str:
    """An argument: a byte 1 and another are one of WORDS, which another argument may follow; else the text itself."""
    if raw[:1] == b"\1" and len(raw) > 1:
        return WORDS[raw[1] % len(WORDS)] + os.fsdecode(raw[2:])
    return os.fsdecode(raw)


def is_inside(text: str) -> bool:
    """Can it name nothing outside the current directory? A fuzzer writes where it is told to."""
    return ".." not in text and not text.startswith("/") and "=/" not in text and ":/" not in text


def command(raw: bytes) -> None:
    """Arguments between NULs, also settings of the environment; an error for each at most, no command for CI."""
    arguments = [argument(part) for part in raw.split(b"\0")[:12]]
    if not all(map(is_inside, arguments)):
        return
    with place() as here:
        (here / "app.tar").write_bytes(docker_save(LAYERS))
        (here / "report.json").write_text("{}")
        write_directory(oci_layout(LAYERS).members(), here / "layout")
        for text in arguments:
            name, equals, value = text.partition("=")
            if equals and name in ENVIRONMENT:
                os.environ[name] = value
        code, _, said = invoke([text for text in arguments if not text.startswith(ENVIRONMENT)])
        lines = said.splitlines()
        errors = [line for line in lines if line.startswith("imgtar: ")]
        assert len(errors) <= max(len(arguments), 1)  # some commands have one for each archive or PATH
        assert all(line.startswith((*NOTES, "imgtar: ")) for line in lines)
        assert code in (Exit.OK, Exit.GATE) or errors
        assert not list(commands(said.encode()))


def rendering(raw: bytes) -> None:
    """Texts between NULs stand everywhere in an image: every format stays what it is, and no text leaves its line."""
    choice, *names = raw.split(b"\0")[:9]
    names = [name for name in names if name.strip(b"/.")]
    number = int.from_bytes(choice[:2], "big")
    chosen = list(REPORTS)[number % len(REPORTS)]
    forms = list(REPORTS[chosen].renderers)
    form = forms[number // len(REPORTS) % len(forms)]
    with place() as here:
        (here / "app.tar").write_bytes(named_image(names))
        gates = GATES if chosen == "check" else ()
        _, printed, _ = invoke(line_of(chosen, "app.tar", "--format", form, *gates))
    check_format(form, printed.decode())


def check_format(form: str, text: str) -> None:
    """Raises where a report is not of its format, or one that people read holds what a terminal would obey."""
    assert form == "html" or not list(commands(text.encode())), form
    if form not in ("json", "jsonl", "sarif"):
        assert all(line.isprintable() for line in text.replace("\r\n", "\n").split("\n")), form
    if form in ("json", "sarif"):
        json.loads(text)
    elif form == "jsonl":
        assert [json.loads(line) for line in text.splitlines()][-1]["record"] == "end"
    elif form in ("csv", "csv-layers"):
        assert len({len(row) for row in csv.reader(io.StringIO(text), strict=True)}) == 1
    elif form == "junit":
        ElementTree.fromstring(text)
    elif form == "html":
        assert text.count("<script") == text.count("</script>")


def audit_text(raw: bytes) -> None:
    """Secrets and instructions in any text: the same however the bytes arrive; raises nothing."""
    text = raw.decode("utf-8", "replace")
    redact_text(text)
    secrets_in_text(text)
    steps = [HistoryEntry(created_by=line, comment=line) for line in text.split("\n")]
    assert len(pair(steps, 0).steps) == len(steps)
    whole = find_secrets(b"app/.env", [raw])
    assert whole == find_secrets(b"app/.env", [raw[at : at + 7] for at in range(0, len(raw), 7)])


def attach(raw: bytes) -> None:
    """The first byte says what the rest is: a report, its statement, index.json, or the archive. Nothing outside."""
    kind, body = raw[:1], raw[1:]
    with place() as here:
        (here / "report.json").write_bytes(body if kind in (b"r", b"s") else b"{}")
        (here / "app.tar").write_bytes(body if kind == b"a" else good())
        layout = write_directory(oci_layout(LAYERS).members(), here / "layout")
        if kind == b"i":
            (layout / "index.json").write_bytes(body)
        statement = ["--statement"] if kind == b"s" else []
        before = tree(here)
        for image, way in (("layout", ["--in-place"]), ("layout", ["--output", "o"]), ("app.tar", ["--output", "o"])):
            code, _, _ = invoke(["attach", image, "report.json", *way, *statement])
            written = {path for path, content in tree(here).items() if before.get(path) != content}
            allowed = "layout" if way == ["--in-place"] else "o"
            assert all(path == allowed or path.startswith(allowed + "/") for path in written), written
            assert code == Exit.OK or not written
            before = tree(here)


def tree(folder: Path) -> dict[str, bytes]:
    """The files below a folder by path."""
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def given_path(raw: bytes) -> None:
    """A path as a person types it: its bytes survive being printed and given back, and it leads to one place inside."""
    text = os.fsdecode(raw)
    try:
        path = parse_path(text)
    except UsageError:
        return
    assert path == clean(path)
    for ascii_only in (False, True):
        assert parse_path(escape(b"/" + path, ascii_only=ascii_only)) == path
    reached = resolve(TREE, path)
    assert reached.exists == (not reached.loops and (not reached.path or reached.path in TREE))
    assert not reached.exists or resolve(TREE, reached.path) == Resolved(reached.path, exists=True)
    with contextlib.suppress(UsageError):
        assert set(matching(TREE, text)) <= set(TREE)


COMMAND_TARGETS = {
    "given_path": given_path,
    "command": command,
    "rendering": rendering,
    "audit_text": audit_text,
    "attach": attach,
}
