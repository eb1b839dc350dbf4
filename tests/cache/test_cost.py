"""What the cache costs grows with the layer, whatever the layer holds."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from imgtar.archive.input.remote import RemoteFile
from imgtar.cache.row_store import RowStore
from imgtar.cache.scan_row import Cost, packed, unpacked
from imgtar.formats.digest import Digest
from imgtar.layer.scan import scan_layer
from imgtar.limits import MIB, Meter
from tests.archive.test_remote import Numbers
from tests.builders import directory, file, hardlink, pax, tar
from tests.filesystem.stack import Bytes
from tests.growth import assert_linear

MEMBERS: dict[str, Callable[[int], bytes]] = {
    "ordinary": lambda number: file(f"d/f{number}", b"x"),
    "odd": lambda number: pax({"mtime": f"{number}.5"}) + file(f"f{number}"),
    "odd and ordinary in turn": lambda number: pax({"mtime": "1.5"}) + file(f"f{number}") + file(f"g{number}"),
    "directories": lambda number: directory(f"d{number}/"),
    "links": lambda number: file(f"f{number}", b"x") + hardlink(f"l{number}", f"f{number}"),
    "stored again": lambda number: file("again", b"x" * (number % 9)),
}


@pytest.mark.parametrize("member", MEMBERS.values(), ids=MEMBERS)
def test_a_scan_is_packed_and_unpacked_in_linear_time(member: Callable[[int], bytes]) -> None:
    def prepare(size: int) -> Callable[[], object]:
        scan = scan_layer(Bytes(tar(*map(member, range(size)))), Meter(), digests=True)

        def work() -> None:
            body = packed(scan, Cost(0, 0, 0, 0))
            assert body is not None
            assert unpacked(body, Digest.of(b"")) is not None

        return work

    assert_linear(prepare, 200)


def test_room_is_made_in_linear_time(tmp_path: Path) -> None:
    def prepare(size: int) -> Callable[[], object]:
        store = RowStore(str(tmp_path / str(size)))
        for number in range(size):
            store.put(b"%d" % number, bytes(500))
        return lambda: store.prune(0)

    assert_linear(prepare, 100)


def test_a_remote_file_is_read_in_linear_time() -> None:
    def prepare(size: int) -> Callable[[], object]:
        opened = RemoteFile(Numbers(size * MIB), Meter())
        return lambda: [opened.read_at(at, MIB // 8) for at in range(0, size * MIB, MIB // 8)]

    assert_linear(prepare, 50)
