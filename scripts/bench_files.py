"""What is raced of the commands for files and for several archives: find, diff, shared, cat and extract."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

from bench_contenders import CHECKOUT, imgtar
from bench_run import Contender

HEADERS_ALONE, UNPACK = "headers alone", "GNU tar -x of the flat tar"
ONE_ARCHIVE, COPIES = "imgtar shared, 1 archive", 8
# A program that opens an archive with imgtar, walks the headers of its layers, and does nothing else.
HEADERS = """
import sys
import click
from imgtar.answers.options import FILES
from imgtar.answers.opening import open_session
open_session(sys.argv[1]).read(FILES)
"""
# Prints the path of the smallest file of an image that is not empty.
SMALLEST = """
import sys
from imgtar.answers.opening import open_session
path = min((row.size, row.path) for row in open_session(sys.argv[1]).files(0) if row.type == "file" and row.size)[1]
print(path)
"""


class SmallFile(NamedTuple):
    """A file of an image, and the digest of its content."""

    path: str
    sha256: str


def smallest_file(image: Path) -> SmallFile:
    """The smallest file of an image that is not empty."""
    environment = {**os.environ, "PYTHONPATH": str(CHECKOUT)}
    path = subprocess.check_output([sys.executable, "-c", SMALLEST, str(image)], env=environment, text=True).strip()
    cat = [sys.executable, "-m", "imgtar", "cat", str(image), path]
    return SmallFile(path, hashlib.sha256(subprocess.check_output(cat, env=environment)).hexdigest())


def searches(image: Path) -> list[Contender]:
    """The search for a path, the one for packages and the one for a content, beside what reads as much."""
    file = smallest_file(image)
    json = ("--format", "json")
    return [
        imgtar("imgtar inspect --summary", "inspect", "--summary", *json, image.name),
        imgtar("imgtar find PATH", "find", *json, image.name, file.path),
        imgtar("imgtar packages", "packages", *json, image.name),
        imgtar("imgtar inspect --verify", "inspect", "--verify", *json, image.name),
        imgtar("imgtar find sha256:…", "find", *json, image.name, f"sha256:{file.sha256}"),
    ]


def comparisons(image: Path, rebuilt: Path) -> list[Contender]:
    """Two builds of one image, where every body is compared, and an image with itself, where none is."""
    json = ("--format", "json")
    return [
        imgtar("imgtar inspect", "inspect", *json, image.name),
        imgtar("imgtar diff, two builds", "diff", *json, image.name, rebuilt.name),
        imgtar("imgtar diff, the same image", "diff", *json, image.name, image.name),
    ]


def readings(image: Path, output: Path) -> list[Contender]:
    """One file, and all files; GNU tar gets them as one tar. Each run writes to a new folder."""
    file = smallest_file(image)
    flat = output / "flat.tar"
    environment = {"PYTHONPATH": str(CHECKOUT)}
    extract = [sys.executable, "-m", "imgtar", "extract", "--quiet"]
    subprocess.run([*extract, "--tar", str(flat), str(image)], env={**os.environ, **environment}, check=True)
    folder = f'd=$(mktemp -d "{output}/XXXXXX")'
    ours = f'{folder} && exec "$0" "$@" --output "$d/new" > /dev/null'
    theirs = f'{folder} && exec tar -x --no-same-owner -f "{flat}" -C "$d"'
    return [
        imgtar("imgtar cat PATH", "cat", image.name, file.path),
        Contender(HEADERS_ALONE, [sys.executable, "-c", HEADERS, image.name], environment),
        Contender("imgtar extract --output DIR", ["sh", "-c", ours, *extract, image.name], environment),
        Contender(UNPACK, ["sh", "-c", theirs]),
    ]


def sharings(image: Path, output: Path) -> list[Contender]:
    """One archive, and copies of it whose layers are therefore the same; nothing says beforehand that they are."""
    copies = [output / f"copy{number}.tar" for number in range(COPIES)]
    for copy in copies:
        copy.symlink_to(image.resolve())
    json = ("--format", "json")
    return [
        imgtar(ONE_ARCHIVE, "shared", *json, image.name),
        imgtar(f"imgtar shared, {COPIES} archives", "shared", *json, *map(str, copies)),
    ]
