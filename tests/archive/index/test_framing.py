"""The outer file, damaged and odd: image-formats.md 4.1, as far as the archive room decides it."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from imgtar.archive.input.blobs import SparseRegion
from imgtar.limits import DEFAULT
from tests.archive.opening import archive, images, outcome
from tests.builders import (
    BLOCK,
    END,
    bzip2,
    docker_members,
    document,
    file,
    good,
    good_layers,
    gzip,
    hardlink,
    members_tar,
    pax,
    sparse_1_0,
    symlink,
    tar,
    xz,
    zstd,
)

LAYER = good_layers()[0]


def with_layer(*members: bytes, name: str = "a") -> bytes:
    """A docker save whose only layer is called `name`, with `members` to provide it."""
    documents = docker_members([LAYER], layer_names=[name])
    return members_tar([*members, *documents[1:]])


UNUSABLE = [
    ("A02-zeros", bytes(10240), "input.not-image"),
    ("A03-random", random.Random(3).randbytes(65536), "input.not-tar"),
    ("A05-zip", b"PK\3\4" + bytes(600), "input.not-tar"),
    ("A06-plain-tar", tar(file("a", b"x"), file("b", b"y")), "input.not-image"),
    ("A56-upper-case", members_tar([("MANIFEST.JSON", b"[]")]), "input.not-image"),
    ("empty", b"", "input.not-tar"),
    ("short", b"x" * 100, "input.not-tar"),
    ("html", b"<!DOCTYPE html><html>", "input.not-tar"),
    ("twice", gzip(gzip(good())), "input.not-tar"),
]


@pytest.mark.parametrize(("raw", "code"), [case[1:] for case in UNUSABLE], ids=[case[0] for case in UNUSABLE])
def test_unusable_input_is_exit_3(raw: bytes, code: str, tmp_path: Path) -> None:
    assert outcome(raw, tmp_path) == (3, {code})


def outer_sparse() -> bytes:
    documents = docker_members([LAYER], layer_names=["l"])
    head, rest = LAYER[:BLOCK], LAYER[BLOCK:]
    return members_tar([sparse_1_0("l", len(LAYER), [(0, head), (BLOCK, rest)]), *documents[1:]])


READ: list[tuple[str, Callable[[], bytes], int, set[str]]] = [
    ("good", good, 0, set()),
    ("A09-cut-in-last-padding", lambda: good()[:-1024], 0, {"tar.no-end-marker"}),
    ("A12-trailing-zeros", lambda: good() + bytes(8192), 0, set()),
    ("A14-concatenated-images", lambda: good() + good(), 0, {"tar.trailing-data"}),
    ("A57b-order-mcl", lambda: good(manifest_first=True), 0, set()),
    ("A44-hardlink-layer", lambda: with_layer(file("l", LAYER), hardlink("a", "l")), 0, set()),
    ("symlink-chain", lambda: with_layer(file("d/l", LAYER), symlink("e", "d"), symlink("a", "./e/../e/l")), 0, set()),
    ("symlink-absolute", lambda: with_layer(file("l", LAYER), symlink("a", "/../l")), 0, set()),
    ("A45-symlink-cycle", lambda: with_layer(symlink("a", "b"), symlink("b", "a")), 4, {"image.link-cycle"}),
    ("A45-itself", lambda: with_layer(symlink("a", "a")), 4, {"image.link-cycle"}),
    ("link-depth", lambda: with_layer(symlink("a", "a/x")), 4, {"image.link-depth"}),
    ("A47-symlink-host-abs", lambda: with_layer(symlink("a", "/etc/passwd")), 4, {"image.missing-member"}),
    ("A48-symlink-host-rel", lambda: with_layer(symlink("a", "../../etc/passwd")), 4, {"image.missing-member"}),
    ("A60-outer-sparse-blob", outer_sparse, 0, {"tar.sparse"}),
    ("PAX member", lambda: tar(pax({"comment": "x"}), good()[:-1024]), 0, set()),
    ("A20", lambda: good(), 0, set()),
]


@pytest.mark.parametrize(("build", "code", "codes"), [case[1:] for case in READ], ids=[case[0] for case in READ])
def test_framing(build: Callable[[], bytes], code: int, codes: set[str], tmp_path: Path) -> None:
    assert outcome(build(), tmp_path) == (code, codes)


def test_a_cut_layer_is_marked_and_the_rest_stands(tmp_path: Path) -> None:
    """A08: the archive ends in its last layer; without manifest.json nothing says which image it was."""
    raw = good(manifest_first=True)
    cut = images(raw[: len(raw) - 4096], tmp_path)
    assert len(cut.images) == 1
    assert outcome(raw[: len(raw) - 4096], tmp_path)[0] == 4
    early = images(raw[: len(raw) // 4], tmp_path)
    assert not early.images or early.images[0].layers[-1].scan is None
    assert outcome(good()[:6000], tmp_path) == (4, {"tar.truncated", "image.cut-before-manifest"})


@pytest.mark.parametrize("compress", [gzip, zstd, xz, bzip2])
def test_a_compressed_archive_gives_the_same_images(compress: Callable[[bytes], bytes], tmp_path: Path) -> None:
    plain, packed = images(good(), tmp_path), images(compress(good()), tmp_path)
    assert packed.source.compression != "none"
    assert packed.source.size == len(compress(good()))
    for ours, theirs in zip(plain.images[0].layers, packed.images[0].layers, strict=True):
        assert ours.scan is not None
        assert theirs.scan is not None
        assert (ours.diff_id, ours.digest, ours.scan.content_size) == (
            theirs.diff_id,
            theirs.digest,
            theirs.scan.content_size,
        )


def test_an_outer_gzip_that_is_cut_is_damage(tmp_path: Path) -> None:
    """A17, A18."""
    packed = gzip(good())
    assert outcome(packed[:-40], tmp_path)[0] == 4
    code, codes = outcome(packed[:-8] + bytes([packed[-8] ^ 1]) + packed[-7:], tmp_path)
    assert (code, codes) == (4, {"gzip.bad-crc"})
    assert outcome(packed + b"rest", tmp_path) == (0, {"gzip.trailing-data"})


DUPLICATES = [
    ("A53-dup-manifest", "manifest.json", 4, "image.duplicate-member"),
    ("A54-dup-manifest-dot", "./manifest.json", 4, "image.duplicate-member"),
]


@pytest.mark.parametrize("compress", [bytes, gzip])
@pytest.mark.parametrize(("name", "code", "finding"), [case[1:] for case in DUPLICATES], ids=[c[0] for c in DUPLICATES])
def test_the_last_of_two_members_counts(
    name: str, code: int, finding: str, compress: Callable[[bytes], bytes], tmp_path: Path
) -> None:
    raw = compress(members_tar([(name, b"[]"), *docker_members([LAYER])]))
    assert outcome(raw, tmp_path) == (code, {finding})
    assert len(images(raw, tmp_path).images) == 1


@pytest.mark.parametrize("compress", [bytes, gzip])
def test_the_same_member_twice_is_harmless(compress: Callable[[bytes], bytes], tmp_path: Path) -> None:
    members = docker_members([LAYER])
    assert outcome(compress(members_tar([*members, members[0]])), tmp_path) == (0, {"image.repeated-member"})


def test_duplicates_that_differ_far_behind_are_seen(tmp_path: Path) -> None:
    body = bytes(300_000)
    members = [("x", body), ("x", body[:-1] + b"1"), *docker_members([LAYER])]
    assert outcome(members_tar(members), tmp_path) == (4, {"image.duplicate-member"})


def test_a_document_may_be_a_link(tmp_path: Path) -> None:
    """A50, A51: followed inside the archive, noted, never outside."""
    layer, config, (_, manifest) = docker_members([LAYER])
    linked = members_tar([layer, config, ("m2", manifest), symlink("manifest.json", "m2")])
    assert outcome(linked, tmp_path) == (0, {"image.manifest-is-link"})
    outside = members_tar([layer, config, symlink("manifest.json", "/etc/passwd")])
    assert outcome(outside, tmp_path) == (4, {"image.missing-member"})
    folder = members_tar([layer, config, ("manifest.json/x", b"")])
    assert outcome(folder, tmp_path) == (3, {"input.not-image"})


@pytest.mark.parametrize("compress", [bytes, gzip])
def test_members_are_limited(compress: Callable[[bytes], bytes], tmp_path: Path) -> None:
    limits = msgspec.structs.replace(DEFAULT, members=3)
    code, codes = outcome(compress(members_tar([("x", b""), *docker_members([LAYER])])), tmp_path, limits)
    assert (code, codes) == (5, {"limit.members"})


def test_every_byte_belongs_to_a_member(tmp_path: Path) -> None:
    raw = tar(pax({"path": "x" * 300}), file("short", b"x" * 700), end=b"") + good()
    index = archive(raw, tmp_path).index
    ends = [0, *(member.end for member in index.all_members)]
    assert [member.start for member in index.all_members] == ends[:-1]
    assert ends[-1] == index.end_offset
    assert index.end_offset == len(raw) - len(END)
    assert index.tar_size == len(raw)


def test_kept_documents_of_a_stream_are_limited(tmp_path: Path) -> None:
    limits = msgspec.structs.replace(DEFAULT, json_total=100)
    code, codes = outcome(gzip(good()), tmp_path, limits)
    assert (code, codes) == (5, {"limit.json-total"})


def test_a_huge_hole_is_not_read(tmp_path: Path) -> None:
    documents = docker_members([LAYER], layer_names=["l"])
    raw = members_tar([sparse_1_0("l", 1 << 50, [(0, b"x")]), *documents[1:]])
    assert outcome(raw, tmp_path) == (4, {"tar.sparse", "image.manifest-not-file"})


@pytest.mark.parametrize("packed", [False, True])
def test_the_holes_of_all_sparse_members_together_are_bounded(
    packed: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each hole may be below the bound, and the archive have thousands of them."""
    bound, count = 1 << 20, 50
    monkeypatch.setattr("imgtar.archive.index.tar_index._HOLES", bound)
    holes = [sparse_1_0("same", bound // 2, [(0, bytes([number]))]) for number in range(count)]
    raw = members_tar([*holes, *docker_members([LAYER])])
    index = archive(gzip(raw) if packed else raw, tmp_path).index
    sparse = [member for member in index.all_members if member.segments is not None]
    assert len(sparse) == count
    assert sum(member.size for member in sparse if member.type == "file") <= bound + count
    assert [member.type for member in sparse[:3]] == ["file", "file", "unknown"]
    assert index.members[b"manifest.json"].type == "file"


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("hole", [1 << 16, 1 << 40])
@pytest.mark.parametrize(
    ("second", "code"),
    [
        ([(0, b"x"), (9000, b"y")], "image.repeated-member"),
        ([(0, b"x"), (9000, b"z")], "image.duplicate-member"),
        ([(0, b"x"), (8000, b"y")], "image.duplicate-member"),
    ],
    ids=["same", "other-bytes", "other-place"],
)
def test_sparse_members_of_one_name_are_compared(
    second: list[tuple[int, bytes]], code: str, hole: int, packed: bool, tmp_path: Path
) -> None:
    members = [sparse_1_0("same", hole, segments) for segments in ([(0, b"x"), (9000, b"y")], second)]
    raw = members_tar([*members, *docker_members([LAYER])])
    _, codes = outcome(gzip(raw) if packed else raw, tmp_path)
    assert codes == {"tar.sparse", code}


def test_holes_in_the_same_places_are_not_compared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    read_at = SparseRegion.read_at
    monkeypatch.setattr(SparseRegion, "read_at", lambda *given: (asked.append(given), read_at(*given))[1])
    members = [sparse_1_0("same", 1 << 29, [(0, b"x")])] * 2
    archive(members_tar([*members, *docker_members([LAYER])]), tmp_path)
    assert not asked


def test_a_json_document_may_stand_anywhere(tmp_path: Path) -> None:
    raw = members_tar([("big.json", document(["x" * 5000])), *docker_members([LAYER])])
    assert outcome(gzip(raw), tmp_path) == (0, set())


def test_the_index_is_finished_when_its_builder_returns_it(tmp_path: Path) -> None:
    index = archive(good(), tmp_path).index
    with pytest.raises(AttributeError):
        index.whole = False  # type: ignore[misc]
    assert (index.whole, index.streamed, index.scans, index.changed()) == (True, False, {}, False)


@pytest.mark.parametrize("compress", [bytes, gzip])
def test_the_index_knows_where_trailing_data_begins(compress: Callable[[bytes], bytes], tmp_path: Path) -> None:
    raw = good() + bytes(700)
    assert archive(compress(raw), tmp_path).index.trailing_offset is None
    assert archive(compress(raw + b"extra"), tmp_path).index.trailing_offset == len(raw)
