"""What a layer's names, links, attributes and implied directories take is counted, before it is much."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable, Iterator
from itertools import count

import pytest

from imgtar.layer.scan import LayerScan, scan_layer
from imgtar.limits import KIB, MIB, Limits, Meter
from tests.builders import directory, file, gzip, hardlink, opaque, pax, sparse_1_0, symlink, tar, whiteout
from tests.filesystem.stack import Bytes


def deep(first: str, components: int, width: int = 30) -> str:
    return "/".join([first, *("d" * width for _ in range(components - 1))])


def long_file(name: str, content: bytes = b"") -> bytes:
    return pax({"path": name}) + file("short", content)


def scanned(members: list[bytes], **limits: int) -> tuple[LayerScan, Meter]:
    meter = Meter(Limits(**limits))
    return scan_layer(Bytes(tar(*members)), meter), meter


def codes(scan: LayerScan) -> set[str]:
    return {finding.code for finding in scan.findings}


@pytest.mark.parametrize("member", [long_file, lambda n: pax({"path": n}) + whiteout("x"), lambda n: opaque(n[:60])])
def test_implied_directories_count_as_names(member: Callable[[str], bytes]) -> None:
    scan, meter = scanned([member(deep("a", 40, 3) + "/f")])
    kept = [*scan.entries, *scan.implied, *scan.whiteouts, *scan.opaque]
    assert len(scan.implied) > 10
    assert meter.metadata_bytes >= sum(map(len, kept))


def test_implied_directories_count_as_entries() -> None:
    scan, _ = scanned([long_file(deep("a", 200, 1) + "/f")], layer_entries=200)
    assert (scan.complete, codes(scan)) == (False, {"limit.layer-entries"})
    scan, _ = scanned([long_file(deep("a", 200, 1) + "/f")], layer_entries=201)
    assert (scan.complete, scan.counted_entries) == (True, 201)


def test_directories_are_implied_once() -> None:
    meters = []
    for files in (1, 2, 4):
        base = deep("a", 100)
        scan, meter = scanned([long_file(f"{base}/{n}/f") for n in range(files)])
        assert len(scan.implied) == 100 + files
        meters.append(meter.metadata_bytes)
    assert meters[2] - meters[1] == 2 * (meters[1] - meters[0])
    assert meters[1] - meters[0] < 6 * 100 * 31


def test_deep_directories_stop_at_the_limit_and_take_little_memory() -> None:
    members = [long_file(deep(f"a{n}", 2000) + "/f") for n in range(16)]
    raw = gzip(tar(*members))
    tracemalloc.start()
    scan = scan_layer(Bytes(raw), Meter(Limits(metadata_bytes=16 * MIB)))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert "limit.metadata-bytes" in codes(scan)
    assert peak < 3 * 16 * MIB


# Each makes members of which some are far beyond the limit.
BEYOND: dict[str, Callable[[int], bytes]] = {
    "names": lambda n: long_file(f"{n}" + "x" * 300 * KIB),
    "padded names": lambda n: long_file("./" * 150 * KIB + f"{n}"),
    "markers": lambda n: pax({"path": f".wh.{n}" + "x" * 300 * KIB}) + file("x"),
    "ignored markers": lambda n: pax({"path": "d" * 300 * KIB + f"{n}/.wh."}) + file("x"),
    "link targets": lambda n: pax({"linkpath": "x" * 300 * KIB}) + symlink(f"l{n}", "x"),
    "attributes": lambda n: pax([(f"SCHILY.xattr.user.{n}", "x" * 60 * KIB) for n in range(5)]) + file(f"f{n}"),
    "small attributes": lambda n: pax([(f"SCHILY.xattr.{n}", "1") for n in range(1500)]) + file(f"f{n}"),
    "sparse maps": lambda n: sparse_1_0(f"s{n}", 5000, [(2 * at, b"x") for at in range(1500)]),
    "names through a link": lambda n: file(f"t/{n}"),
    "targets through a link": lambda n: hardlink(f"h{n}", f"t/{n}"),
}


@pytest.mark.parametrize("kind", BEYOND)
def test_what_is_large_is_counted_at_once(kind: str) -> None:
    target = "d" * 60 * KIB
    first = [pax({"path": target}) + directory("x"), pax({"linkpath": target}) + symlink("t", "x")]

    def members() -> Iterator[bytes]:
        yield from first
        yield from map(BEYOND[kind], range(300 if kind.endswith("a link") else 60))

    raw = Bytes(tar(*members()))
    tracemalloc.start()
    scan = scan_layer(raw, Meter(Limits(metadata_bytes=2 * MIB)))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert "limit.metadata-bytes" in codes(scan)
    assert peak < 12 * MIB


@pytest.mark.parametrize("size", [100, 200, 400])
def test_a_directory_is_found_in_few_steps(size: int) -> None:
    from imgtar.layer.parents import follow

    looked = count()
    names = [b"d%d" % n for n in range(size)]
    there = {b"/".join(names[: n + 1]) for n in range(size)}
    links = {b"/".join([*names[: size // 2], b"link"]): b"/" + b"/".join(names[:-1])}

    def is_directory(path: bytes) -> bool:
        next(looked)
        return path in there

    wanted = b"/".join([*names[: size // 2], b"link", names[-1]])
    assert follow(wanted, is_directory, links.get) == b"/".join(names)
    assert next(looked) <= 2 * size.bit_length() + 2
