"""The targets of the benchmark: what may take how many times what something else takes, and how memory may grow."""

from __future__ import annotations

from typing import NamedTuple

import bench_contenders as who
from bench_files import COPIES, HEADERS_ALONE, ONE_ARCHIVE, UNPACK

JSON, SUMMARY, VERIFY = "imgtar --format json", "imgtar --format json --summary", "imgtar --format json --verify"
DIVING_JSON, DIVING_GATE, DIVE = "diving -o FILE", "diving, CI=true", "dive --ci"
OPENSSL = "openssl dgst -sha256"


class Figure(NamedTuple):
    """A target: imgtar's `ours` takes at most `wall` and `cpu` times what `theirs` takes."""

    ours: str
    theirs: str
    wall: float | None
    cpu: float | None


PYTHON, BEFORE = "imgtar --format json, Python walker", "imgtar before, Python walker"
NOTHING_SLOWER = Figure(PYTHON, BEFORE, 1.03, 1.03)
IGZIP, ZSTD = "igzip -dc", "zstd -dcq --single-thread"
CATALOG_QUESTIONS = (
    Figure("imgtar ids", who.CATALOG_ALONE, 1.3, 1.3),
    Figure("imgtar history", who.CATALOG_ALONE, 1.3, 1.3),
)
FIGURES = {
    "plain": (
        Figure(JSON, DIVING_JSON, 0.55, 0.55),
        Figure(SUMMARY, DIVING_GATE, 0.45, 0.45),
        Figure(VERIFY, OPENSSL, 1.2, None),
        Figure(JSON, DIVE, 1 / 50, None),
        Figure("imgtar audit", "imgtar before, audit", None, 0.5),
        NOTHING_SLOWER,
    ),
    "gzip": (
        Figure(JSON, DIVING_JSON, 0.65, 0.85),
        Figure(JSON, IGZIP, 1.4, None),
        Figure(JSON, DIVE, 1 / 30, None),
        NOTHING_SLOWER,
        *CATALOG_QUESTIONS,
    ),
    "zstd": (
        Figure(JSON, DIVING_JSON, 0.65, 0.85),
        Figure(JSON, ZSTD, 1.7, None),
        Figure(JSON, DIVE, 1 / 30, None),
        NOTHING_SLOWER,
    ),
    "files": (
        Figure("imgtar cat PATH", HEADERS_ALONE, 1.5, 1.5),
        Figure("imgtar find PATH", "imgtar inspect --summary", 1.05, 1.05),
        Figure("imgtar packages", "imgtar inspect --summary", 1.3, 1.3),
        Figure("imgtar find sha256:…", "imgtar inspect --verify", 1.15, 1.15),
        Figure("imgtar extract --output DIR", UNPACK, 1.3, None),
    ),
    "diff": (
        Figure("imgtar diff, two builds", "imgtar inspect", 2.2, None),
        Figure("imgtar diff, the same image", "imgtar inspect", 1.2, None),
    ),
    "shared": (Figure(f"imgtar shared, {COPIES} archives", ONE_ARCHIVE, 3.0, 3.0),),
    "small": (Figure(JSON, DIVING_JSON, 1.0, None), Figure(SUMMARY, DIVING_GATE, 1.0, None)),
}
MEMORY_BASE, MEMORY_PER_ENTRY = 60_000_000, 350
LINEAR = 1.25  # times the cost of an entry in the smallest image
