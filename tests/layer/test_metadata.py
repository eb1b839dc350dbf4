"""Metadata that many members of a layer state for one file or directory."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from imgtar.filesystem.stacking import Stacker
from imgtar.findings import FindingLog
from imgtar.formats.tar import TarMember
from imgtar.layer.metadata import xattrs_of
from imgtar.layer.scan import LayerScan, scan_layer
from imgtar.limits import Limits, Meter
from tests.builders import directory, file, hardlink, tar
from tests.filesystem.stack import Bytes, scan


def listings(count: int) -> bytes:
    return tar(*(directory("d/", xattrs={f"user.{number}": b"v"}) for number in range(count)))


def links(count: int) -> bytes:
    stated = (hardlink(f"h{number}", "f", xattrs={f"user.{number}": b"v"}) for number in range(count))
    return tar(file("f", b"abc"), *stated)


def members(layer: LayerScan) -> list[TarMember]:
    inodes = {link.inode for link in layer.links.values() if link.inode is not None}
    return [*layer.entries.values(), *layer.strays, *(inode.member for inode in inodes)]


@pytest.mark.parametrize(("layer", "path"), [(listings, b"d"), (links, b"f")])
def test_each_attribute_is_kept_once_more_than_it_is_stated(layer: Callable[[int], bytes], path: bytes) -> None:
    for count in (50, 100, 200):
        scanned = scan(layer(count))
        assert len(xattrs_of(scanned.entries[path])) == count
        assert sum(len(xattrs_of(member)) for member in members(scanned)) <= 3 * count


def test_limit_that_ends_the_layer_at_a_hard_link_leaves_a_layer_that_stacks() -> None:
    raw = tar(file("f", b"abc"), hardlink("h", "missing" * 10, mtime=1 << 60))
    scanned = scan_layer(Bytes(raw), Meter(Limits(metadata_bytes=50)))
    assert [finding.code for finding in scanned.findings] == ["layer.bad-time", "limit.metadata-bytes"]
    changes = Stacker().add(scanned, None, FindingLog())
    assert sorted(changes.added) == [b"f", b"h"]
