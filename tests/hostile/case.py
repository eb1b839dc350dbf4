"""What a hostile case is, and what every run of one must fulfil whatever the case."""

from __future__ import annotations

import json
import re
import signal
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

Report = dict[str, Any]
Check = Callable[[Report], None]
CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f\x80-\x9f\u202a-\u202e\u2066-\u2069]")
READ_BY_PEOPLE = ("table", "markdown", "html")
MIB = 1 << 20


@dataclass(frozen=True)
class Case:
    """One damaged or malicious input, and what imgtar must say of it. The letter of `id` names a family of inputs.

    `build` makes the input. `exits` are the codes allowed; `codes` must be among the findings (the error's code where
    the exit is 3), with two exits only where it is not 0, unless `always`. `also` may be there with severity high.
    `verified`: the exits with `--verify` where they differ. `cpu`: the seconds of processor time that a run may take
    before the system ends it; they are far more than it needs and far less than quadratic work would take.
    """

    id: str
    build: Callable[[], bytes]
    exits: tuple[int, ...]
    codes: tuple[str, ...] = ()
    check: Check | None = None
    also: tuple[str, ...] = ()
    always: bool = False
    verified: tuple[int, ...] | None = None
    verified_codes: tuple[str, ...] = ()
    starred: bool = False
    cpu: int = 5
    peak: int = 200 * MIB
    arguments: tuple[str, ...] = ()

    @property
    def exits_verified(self) -> tuple[int, ...]:
        return self.exits if self.verified is None else self.verified


@dataclass
class Run:
    """One run of a case: the arguments, what it printed, how it ended."""

    argv: list[str]
    exit: int  # negative: the signal that ended it
    out: bytes
    err: str
    peak: int
    forbidden: list[str] = field(default_factory=list)

    @cached_property
    def document(self) -> Any:
        """What it printed, as JSON."""
        return strict_json(self.out)


def strict_json(text: bytes) -> Any:
    """Parses JSON as strictly as possible: UTF-8, no NaN, no key twice, no lone surrogate."""

    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        assert len(found) == len(pairs), "a key comes twice"
        return found

    def refuse(name: str) -> None:
        raise AssertionError(f"{name} is no JSON")

    value = json.loads(text.decode("utf-8"), object_pairs_hook=unique, parse_constant=refuse)
    if b"\\u" in text:  # nothing else makes a surrogate
        json.dumps(value, ensure_ascii=False).encode("utf-8")
    return value


def check_run(run: Run, format_name: str) -> None:
    """What holds for every run: it ended by itself, wrote clean text, said at most one line, did nothing forbidden."""
    assert run.exit >= 0, f"ended by {signal.Signals(-run.exit).name}"  # SIGXCPU: too much work, SIGALRM: it waited
    assert run.exit not in (70, 98, 99), f"exit {run.exit}: {run.err}"
    assert "Traceback" not in run.err, run.err
    assert b"Traceback" not in run.out
    assert not run.forbidden
    lines = run.err.splitlines()
    assert len(lines) <= 1, run.err
    assert all(line.startswith("imgtar: ") for line in lines), run.err
    assert not CONTROLS.search(run.err), run.err
    text = run.out.decode("utf-8")
    if format_name in READ_BY_PEOPLE:
        found = CONTROLS.search(text)
        assert found is None, f"{found!r} in {text[max(0, found.start() - 60) : found.end() + 60]!r}"
    elif format_name == "jsonl":
        assert text.endswith("\n") or not text
        for line in text.split("\n")[:-1]:
            strict_json(line.encode())
    elif format_name in ("json", "sarif") and text:
        assert run.document is not None


def check_envelope(report: Report, exit_code: int) -> None:
    """The rules that tie a document's findings to what it says of the archive and to the exit code."""
    effects = {finding["effect"] for finding in report["findings"]}
    damaged = bool(effects & {"incomplete", "inconsistent"})
    assert exit_code == (4 if damaged else 5 if "limit" in effects else 0)
    assert report["complete"] == (not effects & {"incomplete", "limit"})
    assert (report["integrity"] == "failed") == ("inconsistent" in effects)


def check_report(report: Report, exit_code: int) -> None:
    """The rules that tie a report's parts to one another and to the exit code (contract.md sections 3 and 4)."""
    check_envelope(report, exit_code)
    for image in report["images"]:
        check_image(image)


def check_image(image: Report) -> None:
    """Sums and references inside one image."""
    totals, layers = image["totals"], image["layers"]
    wasted = sum(row["bytes"] for row in image["waste"])
    assert totals["stored_bytes"] - totals["final_bytes"] == totals["wasted_bytes"] == wasted
    assert totals["layers"] == len(layers)
    assert totals["history"] == len(image["history"])
    order = [(-row["bytes"], row["path"]) for row in image["waste"]]
    assert [key[0] for key in order] == sorted(key[0] for key in order)
    for index, layer in enumerate(layers):
        assert layer["index"] == index
        for kind in ("added", "modified", "deleted"):
            rows = sum(row["kind"] == kind for row in layer["changes"])
            assert layer[kind]["count"] == (rows if layer["present"] else None)
        assert (layer["complete"] is None) == (not layer["present"])
        assert layer["stopped_at"] is None or layer["complete"] is False
        assert layer["complete"] is not True or layer["tar_size"] is not None
        for row in layer["changes"]:
            assert row["path"].startswith("/")
            assert row["path"] != "/"
            assert ("why" in row) == (row["kind"] == "modified")


def codes_of(report: Report) -> set[str]:
    return {finding["code"] for finding in report["findings"]}


def high_codes(report: Report) -> set[str]:
    return {finding["code"] for finding in report["findings"] if finding["severity"] in ("high", "critical")}


def rows(report: Report, layer: int = 0, image: int = 0) -> dict[str, Report]:
    """path → row of one layer's changes."""
    return {row["path"]: row for row in report["images"][image]["layers"][layer]["changes"]}


def write_case(build: Callable[[], bytes], where: Path) -> Path:
    """The case's input as a file."""
    where.write_bytes(build())
    return where
