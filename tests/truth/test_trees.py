"""The final filesystem is what podman and umoci unpacked, but for the differences that are rightly there."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest

import imgtar
from imgtar.contract.files import Entry
from tests.paths import FIXTURES

Tree = dict[bytes, dict[str, Any]]
RECORDED = sorted({path.with_suffix("").with_suffix("") for path in FIXTURES.glob("truth/*/*.tree.*.jsonl")})


def recorded(truth: Path) -> list[Tree]:
    trees = []
    for tool in ("podman", "umoci"):
        path = truth.with_name(f"{truth.name}.{tool}.jsonl")
        if path.exists():
            rows = map(json.loads, path.read_text().splitlines())
            trees.append({row["path"].encode("utf-8", "surrogateescape"): row for row in rows if row["path"] != "."})
    return trees


def raw_path(entry: Entry) -> bytes:
    raw = base64.b64decode(entry.path_b64) if entry.path_b64 else entry.path.encode()
    return raw.removeprefix(b"/")


def facts_of_entry(entry: Entry) -> dict[str, Any]:
    """What imgtar says, in the words of the record."""
    facts: dict[str, Any] = {"uid": entry.uid, "gid": entry.gid}
    kind = "file" if entry.type == "hardlink" else entry.type
    facts["type"] = kind
    if kind != "symlink":
        facts["mode"] = entry.mode
    else:
        facts["link"] = entry.link
    if kind == "file":
        facts["size"] = entry.size
    if kind != "dir" and (entry.mtime or 0) >= 0:
        facts["mtime"] = entry.mtime
    return facts


def facts_of_record(row: dict[str, Any], wanted: dict[str, Any]) -> dict[str, Any]:
    return {key: row.get(key) for key in wanted}


@pytest.mark.parametrize("truth", RECORDED, ids=[f"{path.parent.name}-{path.name}" for path in RECORDED])
def test_tree_is_what_was_unpacked(truth: Path) -> None:
    report = imgtar.inspect(str(FIXTURES / truth.parent.name)).session
    trees = recorded(truth)
    images = [
        number
        for number, image in enumerate(report.document.images)
        if image.platform.architecture in ("amd64", None) or len(report.document.images) == 1
    ]
    errors = [differences(report, number, trees) for number in images or [0]]
    assert min(errors, key=len) == []


def differences(report: imgtar.Session, number: int, trees: list[Tree]) -> list[str]:
    found: list[str] = []
    entries = {raw_path(entry): entry for entry in report.files(number)}
    everywhere = set.intersection(*(set(tree) for tree in trees))
    anywhere = set.union(*(set(tree) for tree in trees))
    found += [f"missing {path!r}" for path in everywhere - set(entries)]
    found += [f"surplus {path!r}" for path in set(entries) - anywhere]
    for path in sorted(set(entries) & anywhere):
        wanted = facts_of_entry(entries[path])
        records = [facts_of_record(tree[path], wanted) for tree in trees if path in tree]
        for key, value in wanted.items():
            if value not in [record[key] for record in records]:
                found.append(f"{path!r}: {key} {value!r}, recorded {[record[key] for record in records]!r}")
    return found
