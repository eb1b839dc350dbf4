"""Extended headers: how their numbers read, and that many records cost what a limit allows."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from imgtar.formats.tar import RegionCursor, TarMember, TarWalk
from imgtar.formats.tar.pax import BadPax, parse_integer, parse_records, parse_size, parse_time
from imgtar.layer.scan import scan_layer
from imgtar.limits import MIB, LimitReached, Limits, Meter
from tests.builders import file, pax, record, tar
from tests.filesystem.stack import Bytes
from tests.growth import assert_linear

ZEROS = b"0" * 6000  # more digits than int() takes


@pytest.mark.parametrize("zeros", [b"", b"0" * 22, ZEROS])
def test_leading_zeros_make_no_number_invalid(zeros: bytes) -> None:
    assert parse_size(zeros + b"999") == 999
    assert parse_integer(b"-" + zeros + b"999") == -999
    assert parse_time(zeros + b"5.25") == (5, 250_000_000)
    size = next(n for n in range(9000) if len(zeros + b"%d path=x\n" % n) == n)
    assert parse_records(zeros + b"%d path=x\n" % size).values == {b"path": b"x"}


@pytest.mark.parametrize("value", [b"", b"+1", b"-1", b" 1", b"1_0", b"9" * 19, ZEROS + b"1" * 20, "\u0661".encode()])
def test_what_is_no_size(value: bytes) -> None:
    with pytest.raises(BadPax):
        parse_size(value)


def walked(raw: bytes, **limits: int) -> tuple[TarWalk, list[TarMember], Meter]:
    meter = Meter(Limits(**limits))
    walk = TarWalk(RegionCursor(lambda at, size: raw[at : at + size], len(raw)), meter)
    return walk, list(walk), meter


def test_repeated_keys_are_counted_not_told_one_by_one() -> None:
    keys = [(f"k{number:04}", "") for number in range(3000)]
    walk, members, _ = walked(tar(pax([*keys, *keys, ("path", "f")]) + file("x")))
    assert [member.name for member in members] == [b"f"]
    (found,) = walk.findings
    assert (found.code, found.count, found.arguments["key"]) == ("tar.duplicate-pax-key", 3000, b"k0000")


def test_many_records_count_against_a_limit() -> None:
    header = pax(b"".join([record("a", "")] * 100_000))
    _, _, meter = walked(tar(header + file("f")))
    assert meter.metadata_bytes > 6 * MIB
    raw = tar(*(header + file(f"f{number}") for number in range(4)))
    with pytest.raises(LimitReached, match="metadata-bytes"):
        walked(raw, metadata_bytes=16 * MIB)
    scan = scan_layer(Bytes(raw), Meter(Limits(metadata_bytes=16 * MIB)))
    assert "limit.metadata-bytes" in {finding.code for finding in scan.findings}
    assert len(scan.entries) == 2


def test_global_headers_count_likewise() -> None:
    header = pax(b"".join([record("a", "")] * 100_000), typeflag=b"g")
    with pytest.raises(LimitReached, match="metadata-bytes"):
        walked(tar(*([header] * 4), file("f")), metadata_bytes=16 * MIB)


def test_ordinary_extended_headers_count_for_nothing() -> None:
    header = pax({"mtime": "1700000000.123456789", "path": "f", "SCHILY.xattr.security.capability": "x" * 20})
    assert walked(tar(header + file("f")))[2].metadata_bytes == 0


@pytest.mark.parametrize("keys", [lambda n: n % 2, lambda n: n])
def test_records_are_read_in_linear_time(keys: Callable[[int], int]) -> None:
    def prepare(count: int) -> Callable[[], object]:
        body = b"".join(record(f"k{keys(number)}", "") for number in range(count))
        return lambda: parse_records(body)

    assert_linear(prepare, 500)
