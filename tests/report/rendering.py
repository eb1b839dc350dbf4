"""Renders reports in tests: of a fixture, of an archive made of bytes, or of the hostile one."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from imgtar.answers.filters import Filter
from imgtar.answers.inspect import inspect_content
from imgtar.answers.options import InspectOptions
from imgtar.api import inspect
from imgtar.cli.registry import report_types
from imgtar.contract.content import InspectContent, TextSettings
from tests import builders
from tests.builders import directory, docker_save, file, layer, opaque, symlink, whiteout

# Hostile file names: each would do something if a report took it for more than text.
HOSTILE_NAMES: tuple[str | bytes, ...] = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "'\"><svg onload=alert(1)>",
    "</script><script>alert(1)</script>",
    "<!--",
    "]]>",
    "&lt;b&gt;&amp;",
    "javascript:alert(1)",
    "[link](http://example.invalid)",
    "![image](http://example.invalid/x.png)",
    "http://example.invalid/",
    "www.example.invalid",
    "user@example.invalid",
    "@everyone",
    "#1",
    "a|b|c",
    "a\\|b",
    "`code`",
    "``",
    "*bold* _it_ ~~x~~ $x$",
    "{0} {{x}}",
    "{% raw %}{{ 7*7 }}",
    "=cmd|'/c calc'!A1",
    "+1",
    "-1",
    "@SUM(A1)",
    "new\nline",
    "tab\there",
    "cr\rhere",
    "\x1b[31mred\x1b]0;title\x07",
    "\x1b]8;;http://example.invalid\x07x",
    "\u202egpj.exe",
    "zero\u200bwidth",
    "\x9b31m",
    "[red]x[/]",
    ":skull:",
    b"\xff\xfe-not-utf8",
    "\\xff",
    " leading and trailing ",
    "u\u0308combining",
    "日本語",
    "__proto__",
    "constructor",
    "x" * 300,
)
PLAIN_NAMES: tuple[str, ...] = tuple(f"plain{number:02}" for number in range(len(HOSTILE_NAMES)))

HISTORY = ("#(nop) ADD file:0 in / ", "#(nop) ENV {}", "echo {}", "rm {}")


def named_image(names: Sequence[str | bytes]) -> bytes:
    """A docker save in which every name is a file, is changed, is deleted, and stands in each text of the config."""
    raws = [builders.raw(name) for name in names]
    line = " ".join(raw.decode("utf-8", "replace") for raw in raws)
    layers = [
        layer(directory("d/"), *(file(b"d/" + raw, b"base" * 100) for raw in raws)),
        layer(
            directory("e/"),
            *(file(b"d/" + raw, b"more" * 200) for raw in raws),
            *(file(b"e/" + raw, b"new" * 100) for raw in raws),
            *(symlink(b"s-" + raw, raw) for raw in raws),
        ),
        layer(*(whiteout(b"d/" + raw) for raw in raws[::2]), opaque("e")),
    ]
    history = [
        {"created_by": f"/bin/sh -c {text.replace('{}', line)}", "comment": line, "empty_layer": "ENV" in text}
        for text in HISTORY
    ]
    execution = {
        "Env": [f"A={line}"],
        "Labels": {line: line},
        "Cmd": [line],
        "Entrypoint": [line],
        "User": line,
        "WorkingDir": line,
        "Volumes": {line: {}},
        "ExposedPorts": {line: {}},
        "StopSignal": line,
    }
    texts = {"created": line, "author": line, "os": line, "architecture": line}
    return docker_save(layers, config=builders.image_config(layers, history=history, execution=execution, **texts))


def content_of(path: str | Path, *, summary: bool = False, verify: bool = False, audit: bool = False) -> InspectContent:
    """What the renderers are given for an archive."""
    report = inspect(str(path), InspectOptions(verify=verify, audit=audit)).session
    return inspect_content(report, Filter().apply(report.findings), summary=summary, audited=audit)


def rendered(content: InspectContent, format_name: str, **settings: Any) -> str:
    """The report in one format."""
    return b"".join(report_types()["inspect"].renderer(format_name)(content, TextSettings(**settings))).decode()


@contextmanager
def inside(folder: Path) -> Iterator[Path]:
    """Runs in `folder`, so that an archive in it is named without its place."""
    before = Path.cwd()
    os.chdir(folder)
    try:
        yield folder
    finally:
        os.chdir(before)


def report_of(archive: bytes, folder: Path, format_name: str, **settings: Any) -> str:
    """The report of an archive that these bytes are, named `image.tar`."""
    (folder / "image.tar").write_bytes(archive)
    with inside(folder):
        return rendered(content_of("image.tar"), format_name, **settings)


def truncated() -> bytes:
    """A docker save whose documents come first and whose last layer is cut in the body of its last file."""
    *blobs, config, manifest = builders.docker_members(builders.good_layers())
    whole = builders.members_tar([manifest, config, *blobs])
    return whole[: whole.index(b"k=v")]
