"""Rows that are encoded many at a time are the rows that are encoded one by one, by whichever walker."""

from __future__ import annotations

from pathlib import Path
from unittest.mock import patch

import msgspec
import pytest

import imgtar
from imgtar.answers import encoded_rows
from imgtar.formats.tar.ordinary import compiled
from imgtar.text import disarm_json
from tests.builders import directory, docker_save, file, hardlink, layer, symlink, whiteout

NAMES = ("plain", "with blank", 'quo"te', "back\\slash", "new\nline", "é", b"\xff", "#[x", "##[error]", "del\x7f", "~")


def image() -> bytes:
    """Two layers with every kind of row, and names that JSON must escape among names that it need not."""
    base = [directory("d/"), *(file(f"d/{number}", b"x" * number) for number in range(2500))]
    base += [symlink("d/link", "target"), symlink("d/odd", 'tar"get'), hardlink("d/hard", "d/7")]
    odd = [file(name, b"z", mode=0o6754, uid=12, gid=345) for name in NAMES]
    top = [
        file("d/5", b"changed"),
        whiteout("d/6"),
        file("made/here", b"1"),
        *(file(f"m{number}/d/f") for number in range(50)),
        file("m é/f"),
        file("d/9", b"x" * 9, mtime=5),
        *odd,
    ]
    return docker_save([layer(*base), layer(*top)])


@pytest.mark.parametrize("walker", ["compiled", "python"])
def test_the_rows_are_the_same(walker: str, tmp_path: Path) -> None:
    path = tmp_path / "image.tar"
    path.write_bytes(image())
    with patch.object(encoded_rows, "compiled", compiled if walker == "compiled" else None):
        report = imgtar.inspect(str(path)).session
        for number in range(2):
            pieces = list(report.encoded_changes(0, number))
            single = [disarm_json(msgspec.json.encode(row)) for row in report.changes(0, number)]
            assert b",".join(pieces) == b",".join(single)
            assert len(pieces) < len(single)


def test_the_parts_of_a_row_are_in_the_order_of_its_values() -> None:
    assert len(encoded_rows._PARTS) == 11
    values = [b"PATH", b"file", b"1111", b"MODE", b"2222", b"3333", b"4444", b"LINK", b""]
    joined = b"".join(part + value for part, value in zip(encoded_rows._PARTS, values, strict=False))
    assert joined == msgspec.json.encode(encoded_rows._SAMPLE)
    unlinked = msgspec.structs.replace(encoded_rows._SAMPLE, link=None)
    start = joined[: joined.index(b"4444") + 4]
    assert start + encoded_rows._PARTS[-2] == msgspec.json.encode(unlinked)
