"""BuildKit's own reader of Dockerfiles, and images whose history is what a test says."""

from __future__ import annotations

import json
import random
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from imgtar.analysis.dockerfile.files import Made
from imgtar.analysis.dockerfile.history import Foundation, rebuilt
from imgtar.analysis.dockerfile.line import Line
from imgtar.archive.catalog.records import ImageRecord
from imgtar.formats.oci.config import Execution, HistoryEntry, ImageConfig
from imgtar.formats.oci.platform import Platform
from imgtar.image.history.pairing import pair
from imgtar.image.image import ImageOutline

_PIECES = (
    *(
        "/bin/sh -c ",
        "#(nop) ",
        "#(nop)  ",
        "RUN ",
        "ENV ",
        "LABEL ",
        "COPY ",
        "ADD ",
        "CMD ",
        "SHELL ",
        "ARG ",
        "USER ",
    ),
    *(
        "VOLUME ",
        "EXPOSE ",
        "WORKDIR ",
        "HEALTHCHECK ",
        "ONBUILD ",
        "STOPSIGNAL ",
        "ENTRYPOINT ",
        "MAINTAINER ",
        "FROM ",
    ),
    *(
        " # buildkit",
        "|1 A=b ",
        "|2 A=b c B=d ",
        "A=b",
        "B=",
        "=",
        "a",
        "b c",
        " ",
        "  ",
        "\t",
        "\n",
        "\r",
        "\x00",
        "\x1b[",
    ),
    *(
        "<<EOF",
        "<<-X",
        "<<<",
        "\nEOF",
        "<<",
        "1<<2",
        "\\",
        "`",
        "$",
        "${A}",
        "${A:-<<EOF}",
        '"',
        "'",
        ";",
        "&&",
        "#",
        "#!",
    ),
    *(
        "[",
        "]",
        '["a"',
        '["a" "b"]',
        '["a", "b"]',
        "[1]",
        "{",
        "}",
        "map[",
        "80/tcp",
        ":{}",
        "--",
        "--mount=type=cache ",
        "--chown=1",
    ),
    *(
        "CMD",
        "NONE",
        "--interval=5s ",
        "in /x",
        "file:" + "a" * 64,
        "/",
        "/bin/bash -o pipefail -c ",
        "é",
        "\u202e",
        "\u00a0",
    ),
    *("\u2028", "\ufeff", "# escape=`", "# syntax=x", "RUN evil", "\nRUN evil\n", "::error::x", "##[error]"),
)


def is_here() -> bool:
    """Can BuildKit's reader be built?"""
    return shutil.which("go") is not None


def read(program: Path, dockerfiles: Sequence[str]) -> list[dict[str, Any]]:
    """What BuildKit takes each Dockerfile for, all in one process."""
    lines = "".join(json.dumps(text) + "\n" for text in dockerfiles)
    done = subprocess.run([program], input=lines, capture_output=True, text=True, check=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


def image_of(rows: Sequence[HistoryEntry], layers: int = 0, execution: Execution = Execution()) -> ImageOutline:  # noqa: B008 -- a frozen value
    """An image without layers whose history has these rows."""
    config = ImageConfig(execution=execution, history=tuple(rows))
    return ImageOutline(
        record=ImageRecord(names=(), image_id=None, config=config),
        layers=(),
        pairing=pair(rows, layers),
        platform=Platform(os="linux", architecture="amd64"),
        findings=(),
    )


def lines_of(*rows: str, author: str | None = None, execution: Execution = Execution()) -> list[Line]:  # noqa: B008 -- a frozen value
    """The lines for rows of metadata and commands, without FROM."""
    entries = [HistoryEntry(created_by=row, empty_layer=True, author=author) for row in rows]
    return rebuilt(image_of(entries, execution=execution), Foundation(0), lambda _layer: Made())[1:]


def text_of(lines: Sequence[Line]) -> str:
    """The Dockerfile."""
    return "".join(f"{''.join(f'# {note}{chr(10)}' for note in line.notes)}{line.text}\n" for line in lines)


def random_row(source: random.Random) -> str:
    """A row of pieces that a reader of Dockerfiles takes for something."""
    return "".join(source.choice(_PIECES) for _ in range(source.randint(1, 9)))
