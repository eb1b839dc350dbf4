"""Probes: several watch one pass, each sees what it wants and keeps answers of its own."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence

import pytest

from imgtar.formats.tar import ExactMember
from imgtar.layer.probes import DocumentProbe, Interest, LayerWatch, Probe, Topic, Watcher
from imgtar.layer.scan import LayerScan, scan_layer, scan_stream
from imgtar.limits import Meter
from tests.builders import directory, file, gzip, sparse_1_0, symlink, tar, zstd
from tests.filesystem.stack import Bytes

LARGE = bytes(range(256)) * 4000
FILES = {b"etc/passwd": b"root:x:0:0\n", b"empty": b"", b"large": LARGE, b"a/b": b"abc"}
LAYER = tar(directory("a/"), *(file(name, body) for name, body in FILES.items()), symlink("l", "large"))
DIGESTS: Topic[bytes] = Topic("digests")
HEADS: Topic[int] = Topic("heads")


class Digests:
    """Keeps the SHA-256 of every body, or of as many as the budget allows."""

    topic = DIGESTS

    def __init__(self, budget: int = 1 << 30) -> None:
        self.wanted: list[tuple[bytes, int]] = []
        self._left = budget

    def wants(self, path: bytes, size: int, /) -> bool:
        self.wanted.append((path, size))
        return True

    def watch(self, _path: bytes, size: int, /) -> Watcher[bytes] | None:
        if size > self._left:
            return None
        self._left -= size
        return _Digest()


class _Digest:
    def __init__(self) -> None:
        self._hasher = hashlib.sha256()

    def feed(self, chunk: bytes, /) -> bool:
        self._hasher.update(chunk)
        return True

    def finish(self) -> bytes:
        return self._hasher.digest()


class Heads:
    """Needs the first bytes of large files only."""

    topic = HEADS

    def __init__(self) -> None:
        self.fed = 0

    def wants(self, _path: bytes, size: int, /) -> bool:
        return size > 1000

    def watch(self, _path: bytes, _size: int, /) -> Watcher[int]:
        return _Head(self)


class _Head:
    def __init__(self, probe: Heads) -> None:
        self._probe = probe
        self._first = -1

    def feed(self, chunk: bytes, /) -> bool:
        self._probe.fed += 1
        self._first = chunk[0]
        return False

    def finish(self) -> int | None:
        return self._first


class Counted(Bytes):
    """A blob that counts the bytes read by offset."""

    read = 0

    def read_at(self, offset: int, size: int, /) -> bytes:
        self.read += size
        return super().read_at(offset, size)


def streamed(raw: bytes, probes: Sequence[Probe[object]]) -> LayerScan:
    return scan_stream(Bytes(raw).chunks(), Meter(), probes)


def plain(raw: bytes, probes: Sequence[Probe[object]]) -> LayerScan:
    return scan_layer(Bytes(raw), Meter(), probes=probes)


def compressed(raw: bytes, probes: Sequence[Probe[object]]) -> LayerScan:
    return scan_layer(Bytes(gzip(raw)), Meter(), probes=probes)


def unhashed(raw: bytes, probes: Sequence[Probe[object]]) -> LayerScan:
    return scan_layer(Bytes(zstd(raw)), Meter(), want=lambda _path, _size: False, probes=probes)


WAYS = pytest.mark.parametrize("scan", [streamed, plain, compressed, unhashed])


def by_path(scan: LayerScan, topic: Topic[bytes] | Topic[int]) -> dict[bytes, object]:
    offsets = {member.offset: path for path, member in scan.entries.items()}
    return {offsets[offset]: answer for offset, answer in scan.answers.of(topic).by_offset.items()}


@WAYS
def test_several_probes_watch_one_pass(scan) -> None:
    digests, heads = Digests(), Heads()
    documents: DocumentProbe = DocumentProbe(Topic("documents"), lambda path: path.startswith(b"etc/"), 100)
    found = scan(LAYER, [heads, digests, documents])
    bodies = {name: body for name, body in FILES.items() if body}
    assert digests.wanted == [(name, len(body)) for name, body in bodies.items()]
    assert by_path(found, DIGESTS) == {name: hashlib.sha256(body).digest() for name, body in bodies.items()}
    assert by_path(found, HEADS) == {b"large": 0}
    assert by_path(found, documents.topic) == {b"etc/passwd": FILES[b"etc/passwd"]}
    assert heads.fed == 1
    without = scan(LAYER, [])
    assert found.entries == without.entries
    assert without.answers.of(DIGESTS).by_offset == {}


@WAYS
def test_each_budget_is_its_own(scan) -> None:
    found = scan(LAYER, [Digests(budget=20), Heads()])
    assert set(by_path(found, DIGESTS)) == {b"etc/passwd", b"a/b"}
    assert not found.answers.of(DIGESTS).complete
    assert found.answers.of(HEADS).complete


def test_a_budget_counts_over_all_layers() -> None:
    documents = DocumentProbe(Topic("documents"), lambda path: True, 10)
    scans = [plain(tar(file("a", b"12345678")), [documents]) for _ in range(2)]
    assert [scan.answers.of(documents.topic).complete for scan in scans] == [True, False]


@WAYS
def test_a_sparse_body_comes_as_it_is_stored(scan) -> None:
    found = scan(tar(sparse_1_0("s", 1 << 40, [(1000, b"data")]), file("after", b"x")), [Digests()])
    assert by_path(found, DIGESTS)[b"s"] == hashlib.sha256(b"data").digest()
    assert set(found.entries) == {b"s", b"after"}


@WAYS
def test_a_cut_body_ends_early(scan) -> None:
    raw = tar(file("a", b"x" * 5000))[:2000]
    found = scan(raw, [Digests()])
    assert list(found.answers.of(DIGESTS).by_offset.values()) == [hashlib.sha256(b"x" * (2000 - 512)).digest()]
    assert not found.complete


def test_what_no_probe_needs_is_not_read() -> None:
    """A plain layer is walked by its headers: only what a probe still needs is read besides."""
    raw = tar(*(file(f"f{number}", bytes([number]) * (1 << 20)) for number in range(8)))
    reads = []
    for probes in ([], [DocumentProbe(Topic("none"), lambda path: False, 1)], [Heads()]):
        blob = Counted(raw)
        scan_layer(blob, Meter(), probes=probes)
        reads.append(blob.read)
    assert reads[1] == reads[0]
    assert reads[2] < reads[0] + 8 * (300 << 10)


def test_small_bodies_cost_no_read_of_their_own() -> None:
    raw = tar(*(file(f"f{number}", b"x" * 100) for number in range(1000)))
    counts = []
    for probes in ([], [Digests()]):
        blob = Counted(raw)
        scan_layer(blob, Meter(), probes=probes)
        counts.append(blob.read)
    assert counts[1] < counts[0] * 1.2


def test_paths_are_cleaned() -> None:
    digests = Digests()
    plain(tar(file("./a//b", b"1"), file("/c", b"22"), file("../d", b"333")), [digests])
    assert digests.wanted == [(b"a/b", 1), (b"c", 2), (b"d", 3)]


def chunks(raw: bytes, size: int) -> Iterator[bytes]:
    return (raw[at : at + size] for at in range(0, len(raw), size))


@pytest.mark.parametrize("size", [100, 512, 1300, 1 << 20])
def test_answers_do_not_depend_on_the_pieces(size: int) -> None:
    found = scan_stream(chunks(LAYER, size), Meter(), [Digests(), Heads()])
    assert by_path(found, DIGESTS) == {name: hashlib.sha256(body).digest() for name, body in FILES.items() if body}


class Pieces:
    """Keeps what it hears of each body: stored bytes and holes."""

    topic: Topic[bytes] = Topic("pieces")

    def wants(self, _path: bytes, _size: int, /) -> bool:
        return True

    def watch(self, _path: bytes, _size: int, /) -> Watcher[bytes]:
        return _Pieces()


class _Pieces:
    def __init__(self) -> None:
        self._heard = b""

    def feed(self, chunk: bytes, /) -> bool:
        self._heard += chunk
        return True

    def hole(self, length: int, /) -> None:
        self._heard += b"<%d>" % length

    def finish(self) -> bytes:
        return self._heard


@WAYS
def test_a_watcher_that_asks_for_holes_hears_of_them_where_they_are(scan) -> None:
    raw = tar(sparse_1_0("s", 3000, [(500, b"one"), (1000, b"two"), (1003, b"three")]), file("f", b"whole"))
    probes = (Pieces(), Digests())  # the other one takes stored bytes alone
    assert by_path(scan(raw, probes), Pieces.topic) == {b"s": b"<500>one<497>twothree<1992>", b"f": b"whole"}
    assert by_path(scan(raw, probes), Digests.topic)[b"s"] == by_path(scan(raw, probes[1:]), Digests.topic)[b"s"]


NAMES = (
    *(b"usr/a", b"./etc/passwd", b"/etc//passwd", b"etc/passwd/", b"etc/passwd/.", b"x/../etc/./passwd"),
    *(b"etc/kept/x", b"./etc//kept/./y", b"etc/kept", b"b/passwd.txt", b"a/passwd", b"large", b""),
)


def test_a_glance_at_name_and_size_leaves_out_nothing_that_is_wanted() -> None:
    """However a name is spelled that means a wanted path."""

    def is_wanted(path: bytes) -> bool:
        return path == b"etc/passwd" or path.startswith(b"etc/kept/")

    narrow = DocumentProbe(Topic("narrow"), is_wanted, 1 << 20, Interest((b"passwd",), (b"kept",)))
    sized = DocumentProbe(Topic("sized"), lambda path: path == b"large", 1 << 20, Interest(size=1000))
    members = [
        ExactMember(name, "file", size, 0, 0, 0, 0, b"", 0) for name in NAMES for size in (0, 5, 999, 1000, 5000)
    ]
    watch = LayerWatch([narrow, sized])
    seen = watch.candidates(members)
    left = [one for one in members if one not in seen and one.size]
    assert not [one for one in left if watch(one.name, one.size, 0) is not None and one.name != b"large"]
    assert {one.name for one in left} >= {b"usr/a", b"b/passwd.txt"}
    assert {one.name for one in seen if one.size < 1000} >= {*NAMES[1:8]}
    assert all(one.size for one in seen)
    everything = LayerWatch([narrow, Digests()]).candidates(members)
    assert list(everything) == [one for one in members if one.size]
