"""A scan is a value without a handle: pickled and opened in another process, it says the same."""

from __future__ import annotations

import multiprocessing
import pickle
from collections.abc import Iterator
from multiprocessing.pool import Pool
from pathlib import Path

import pytest

from imgtar import open_image
from imgtar.audit.secrets.collector import SecretRoom
from imgtar.audit.secrets.probe import FILE_SECRETS, SecretProbe
from imgtar.filesystem.stacking import Stacker
from imgtar.findings import FindingLog
from imgtar.layer.bodies import bodies_of
from imgtar.layer.probes import DocumentProbe, Topic
from imgtar.layer.scan import LayerScan, scan_layer
from imgtar.limits import Limits, Meter
from tests.builders import (
    device,
    directory,
    file,
    gzip,
    hardlink,
    opaque,
    pax,
    sparse_1_0,
    symlink,
    tar,
    whiteout,
    zstd,
)
from tests.filesystem.stack import Bytes

DOCUMENTS: Topic[bytes] = Topic("documents")
LAYER = tar(
    directory("d/"),
    file("d/a", b"abc"),
    file("d/a", b"again"),
    hardlink("d/b", "d/a"),
    hardlink("broken", "nowhere"),
    symlink("l", "d"),
    file("l/through", b"x"),
    device("n", 1, 3),
    pax({"SCHILY.xattr.user.a": "1", "mtime": "5.25"}) + file("x", b"y"),
    sparse_1_0("s", 2000, [(1000, b"data")]),
    file("key", b"AWS_SECRET_ACCESS_KEY=" + b"wJalrXUtnFEMIK7MDENGbPxRfiCYzzqLsKEYabcd\n"),
    whiteout("gone"),
    opaque("d"),
)
SHAPES = {
    "plain": LAYER,
    "gzip": gzip(LAYER),
    "zstd": zstd(LAYER),
    "cut": LAYER[:6000],
    "cut in gzip": gzip(LAYER)[:-100],
    "not a tar": b"nothing" * 100,
    "empty": b"",
}


def scan(raw: bytes) -> LayerScan:
    probes = (SecretProbe(Limits(), SecretRoom(9)), DocumentProbe(DOCUMENTS, lambda path: path == b"x", 100))
    return scan_layer(Bytes(raw), Meter(), digests=True, probes=probes)


def told(layer: LayerScan, raw: bytes) -> list[str]:
    """Everything that a scan tells, and what it does on top of another layer, as text."""
    stacker, log = Stacker(), FindingLog()
    stacker.add(scan_layer(Bytes(tar(file("d/a", b"abc"), file("x", b"y"), file("gone"))), Meter()), None, log)
    changes = stacker.add(layer, bodies_of(layer, Bytes(raw)), log)
    tree = stacker.finish()
    links = [link.inode is layer.links.get(path) for path, link in layer.links.items()]
    shared = [layer.entries.get(link.inode.path) is link.inode.member for link in layer.links.values() if link.inode]
    strays = [any(stray is member for member in layer.entries.values()) for stray in layer.strays]
    return [
        *(f"{field} {getattr(layer, field)!r}" for field in layer.__struct_fields__ if field != "implied"),
        repr(sorted(layer.implied)),
        repr((links, shared, strays)),
        repr(layer.answers.of(FILE_SECRETS)),
        repr(layer.answers.of(DOCUMENTS)),
        repr((changes.added, changes.modified, changes.deleted, changes.deaths, sorted(changes.linked))),
        repr(sorted((path, tree.entry(path)) for path in tree)),
        repr(tree.counts()),
        repr(list(log)),
    ]


def opened(pickled: bytes, raw: bytes) -> tuple[list[str], bytes]:
    """What another process reads in a pickled scan, and the scan pickled once more."""
    layer = pickle.loads(pickled)
    return told(layer, raw), pickle.dumps(layer)


@pytest.fixture(scope="module")
def process() -> Iterator[Pool]:
    """A process that shares nothing with this one."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        yield pool


@pytest.mark.parametrize("raw", SHAPES.values(), ids=SHAPES)
def test_another_process_reads_the_same(raw: bytes, process: Pool) -> None:
    layer = scan(raw)
    there, back = process.apply(opened, (pickle.dumps(layer), raw))
    assert there == told(layer, raw)
    assert told(pickle.loads(back), raw) == there


def test_the_layer_has_answers_of_both_probes() -> None:
    layer = scan(LAYER)
    assert list(layer.answers.of(DOCUMENTS).by_offset.values()) == [b"y"]
    assert layer.answers.of(FILE_SECRETS).by_offset


def test_scans_of_a_file_hold_no_handle(fixtures: Path) -> None:
    """The scans of real archives, which are read through an open file."""
    for name in ("d26-duplayers.tar", "p5-oci-archive.tar", "d26c-buildx-oci-dir"):
        for layer in open_image(str(fixtures / name)).layers:
            assert layer.scan is not None
            again = pickle.loads(pickle.dumps(layer.scan))
            assert (again.entries, again.findings) == (layer.scan.entries, layer.scan.findings)
