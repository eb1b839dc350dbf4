"""Compressed streams: members, cuts, checks, what follows the end, limits."""

from __future__ import annotations

import bz2
import gzip
import io
import itertools
import lzma
import random
import struct
import tarfile
import time
import zlib
from collections.abc import Iterator
from functools import partial
from typing import NamedTuple
from unittest import mock

import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from imgtar.findings import Effect
from imgtar.formats.compression import KINDS, Decompressed, feed, sniff
from imgtar.formats.compression import gzip as gzip_format
from imgtar.limits import GIB, MIB, LimitReached, Limits, Meter
from tests.growth import assert_linear, bounded_work

pytestmark = pytest.mark.slow

TAR_BLOCK = 512


def content(size: int, seed: int = 1) -> bytes:
    """Bytes that compress to about half."""
    return bytes(random.Random(seed).choices(b"abcdefgh\0\0", k=size))


RAW = content(20 * TAR_BLOCK)


def zstd(raw: bytes, level: int = 3, **options: bool) -> bytes:
    return zstandard.ZstdCompressor(level=level, write_checksum=True, **options).compress(raw)


COMPRESS = {"gzip": lambda raw: gzip.compress(raw, mtime=0), "zstd": zstd, "xz": lzma.compress, "bzip2": bz2.compress}
FORMATS = pytest.mark.parametrize("form", list(COMPRESS))


class Result(NamedTuple):
    compression: str
    content: bytes
    findings: list[tuple[str, str, int | None]]
    failed: bool
    compressed_size: int


def pieces(stored: bytes, size: int = 1 << 18) -> Iterator[bytes]:
    return (stored[at : at + size] for at in range(0, len(stored), size))


def read(stored: bytes, size: int = 1 << 18, *, outer: bool = False, limits: Limits | None = None) -> Result:
    return result(Decompressed(pieces(stored, size), Meter(limits or Limits()), outer=outer))


def result(stream: Decompressed) -> Result:
    chunks = list(stream)
    assert all(0 < len(chunk) <= MIB for chunk in chunks)
    findings = [(finding.code, str(finding.effect), finding.where.offset) for finding in stream.findings]
    whole = b"".join(chunks)
    assert len(whole) == stream.decompressed_size
    return Result(stream.compression, whole, findings, stream.failed, stream.compressed_size)


def codes(stored: bytes, **options: bool) -> list[str]:
    return [code for code, _, _ in read(stored, **options).findings]


@pytest.fixture(params=["isal", "zlib"])
def engine(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Both back ends of gzip."""
    if request.param == "isal":
        pytest.importorskip("isal")
    monkeypatch.setattr(gzip_format, "engine", getattr(gzip_format, f"with_{request.param}")())
    return str(request.param)


class TestWhole:
    @FORMATS
    @pytest.mark.parametrize("size", [0, 1, 511, 512, 65536, 65537, 700_001])
    def test_content(self, engine: str, form: str, size: int) -> None:
        raw = content(size)
        stored = COMPRESS[form](raw)
        assert read(stored) == (form, raw, [], False, len(stored))

    @FORMATS
    def test_many_members(self, engine: str, form: str) -> None:
        parts = [content(size, size) for size in (1, 70_000, 0, 300, 140_000)] * 3
        stored = b"".join(map(COMPRESS[form], parts))
        assert read(stored, 1000) == (form, b"".join(parts), [], False, len(stored))

    @FORMATS
    def test_very_compressible(self, engine: str, form: str) -> None:
        raw = bytes(5 * MIB + 1)
        assert read(COMPRESS[form](raw)).content == raw

    @FORMATS
    def test_many_tiny_members_take_linear_time(self, engine: str, form: str) -> None:
        stored = COMPRESS[form](b"") * (2_000 if form in ("xz", "bzip2") else 100_000)
        with bounded_work():
            assert read(stored) == (form, b"", [], False, len(stored))

    @FORMATS
    def test_work_grows_with_the_number_of_tiny_members(self, engine: str, form: str) -> None:
        one = COMPRESS[form](b"")
        assert_linear(lambda count: partial(read, one * count), 50)

    @pytest.mark.parametrize("form", ["gzip", "xz"])
    def test_what_is_short_is_found_without_a_copy_of_all_that_follows(self, form: str) -> None:
        # A member with a file name, a stream with padding behind it.
        one = b"\x1f\x8b\x08\x08" + bytes(6) + b"name\0" + b"\x03\0" + bytes(8)
        if form == "xz":
            one = lzma.compress(b"") + bytes(4)
        stored = one * (MIB // 4 // len(one))
        with (
            mock.patch.object(feed, "bytes", mock.Mock(wraps=bytes), create=True) as copied,
            mock.patch.object(gzip_format, "bytes", copied, create=True),
        ):
            assert read(stored) == (form, b"", [], False, len(stored))
        assert max(len(call.args[0]) for call in copied.call_args_list) <= feed.PIECE
        assert copied.call_count >= MIB // 4 // len(one)

    def test_not_compressed(self) -> None:
        raw = content(2 * MIB)
        assert read(raw) == ("none", raw, [], False, len(raw))
        assert read(b"") == ("none", b"", [], False, 0)
        assert read(b"x", 1).content == b"x"

    def test_empty_chunks_are_no_end(self) -> None:
        stored = gzip.compress(RAW)
        chunks = [b"", stored[:1], b"", stored[1:300], b"", stored[300:], b""]
        assert result(Decompressed(iter(chunks), Meter())).content == RAW

    def test_is_iterated_once(self) -> None:
        stream = Decompressed(iter([gzip.compress(RAW)]), Meter())
        assert b"".join(stream) == RAW
        assert list(stream) == []


class TestSniff:
    @FORMATS
    def test_by_magic(self, form: str) -> None:
        assert sniff(COMPRESS[form](b"x")[:512]) == form
        assert sniff(COMPRESS[form](b"")[:512]) == form

    def test_skippable_frame_first(self) -> None:
        assert sniff(b"\x5f\x2a\x4d\x18\0\0\0\0") == "zstd"
        assert sniff(b"\x60\x2a\x4d\x18\0\0\0\0") == "none"

    @pytest.mark.parametrize("head", [b"", b"BZh9", b"BZh0" + b"1AY&SY", b"BZhello world", b"\x1f\x8b", b"PK\x03\x04"])
    def test_none(self, head: bytes) -> None:
        assert sniff(head) == "none"

    @pytest.mark.parametrize("name", ["BZh91AY&SY", "\x1f\x8b\x08", "(\udcb5/\udcfd"])
    def test_a_tar_header_wins(self, name: str) -> None:
        member = tarfile.TarInfo(name)
        head = member.tobuf(tarfile.GNU_FORMAT, "latin-1" if name.startswith("\x1f") else "utf-8", "surrogateescape")
        assert sniff(head) == "none"

    def test_a_signed_checksum_is_one(self) -> None:
        head = bytearray(tarfile.TarInfo("BZh91AY&SY\xff\xff").tobuf(tarfile.USTAR_FORMAT, "latin-1", "strict"))
        blank = head[:148] + b" " * 8 + head[156:]
        head[148:156] = b"%06o\0 " % sum(byte - 256 * (byte > 127) for byte in blank)
        assert sniff(bytes(head)) == "none"
        head[148:156] = b"%06o\0 " % 1
        assert sniff(bytes(head)) == "bzip2"


class TestDamage:
    @FORMATS
    def test_every_cut_is_noticed(self, engine: str, form: str) -> None:
        stored = COMPRESS[form](RAW[:2000]) + COMPRESS[form](RAW[2000:4000])
        whole = len(COMPRESS[form](RAW[:2000]))
        for cut in range(16, len(stored)):
            got = read(stored[:cut])
            assert RAW.startswith(got.content), cut
            assert got.compressed_size == cut
            if cut == whole:
                assert got.findings == []
            else:
                assert [code for code, _, _ in got.findings] == [f"{form}.truncated"], cut
                assert got.failed

    @FORMATS
    def test_a_cut_keeps_all_that_is_there(self, engine: str, form: str) -> None:
        raw = content(1_000_000)
        stored = COMPRESS[form](raw)
        got = read(stored[:-1])
        assert got.content == raw
        assert got.findings == [(f"{form}.truncated", "incomplete", len(stored) - 1)]

    @FORMATS
    def test_a_flip_is_noticed_and_never_raises(self, engine: str, form: str) -> None:
        stored = COMPRESS[form](RAW)
        chooser = random.Random(3)
        for at in [
            *range(40),
            *(len(stored) - 1 - back for back in range(40)),
            *chooser.sample(range(len(stored)), 200),
        ]:
            damaged = bytearray(stored)
            damaged[at] ^= 1 << chooser.randrange(8)
            got = read(bytes(damaged))
            assert got.compression == "none" or got.findings or got.content == RAW, at
            assert got.failed == any(effect == "incomplete" for _, effect, _ in got.findings)

    @FORMATS
    def test_what_follows(self, engine: str, form: str) -> None:
        stored = COMPRESS[form](RAW)
        size = len(stored)
        for tail in (b"junk", b"\x1f", b"\0\0junk", bytes(300_000) + b"x"):
            got = read(stored + tail)
            code = f"{form}.truncated" if tail == b"\x1f" and form == "gzip" else f"{form}.trailing-data"
            effect = "incomplete" if code.endswith("truncated") else "inconsistent"
            assert (got.content, [finding[:2] for finding in got.findings]) == (RAW, [(code, effect)])
            assert got.failed == (effect == "incomplete")
        trailing = read(stored + b"\0junk", outer=True)
        assert trailing.findings == [(f"{form}.trailing-data", "none", size)]
        assert trailing.compressed_size == size + 5

    @FORMATS
    def test_zeros_follow(self, engine: str, form: str) -> None:
        stored = COMPRESS[form](RAW)
        for zeros in (1, 511, 300_001):
            got = read(stored + bytes(zeros))
            assert got == (form, RAW, [(f"{form}.trailing-zeros", "none", len(stored))], False, len(stored) + zeros)

    def test_size_of_what_follows(self) -> None:
        stream = Decompressed(iter([gzip.compress(RAW) + b"0123456789"]), Meter())
        assert b"".join(stream) == RAW
        assert stream.findings[0].arguments == {"size": 10}

    def test_chunks_of_a_damaged_stream_do_not_matter(self, engine: str) -> None:
        raw = content(700_000)
        for form, compress in COMPRESS.items():
            damaged = bytearray(compress(raw))
            damaged[len(damaged) // 2] ^= 0x55
            stored = bytes(damaged)
            expected = read(stored)
            assert expected.findings, form
            assert all(read(stored, size) == expected for size in (1000, 4096, 131_072, 131_073, 1 << 20)), form


class TestGzip:
    def test_bad_crc_delivers_everything(self, engine: str) -> None:
        stored = bytearray(gzip.compress(RAW) + gzip.compress(RAW))
        first = len(gzip.compress(RAW))
        stored[first - 8] ^= 1
        assert read(bytes(stored))[1:4] == (RAW + RAW, [("gzip.bad-crc", "inconsistent", first - 8)], False)

    def test_bad_size(self, engine: str) -> None:
        stored = bytearray(gzip.compress(RAW))
        stored[-4] ^= 1
        assert read(bytes(stored))[1:4] == (RAW, [("gzip.bad-crc", "inconsistent", len(stored) - 8)], False)

    def header(self, flags: int, optional: bytes = b"") -> bytes:
        stored = gzip.compress(RAW, mtime=0)
        return stored[:3] + bytes([flags]) + stored[4:10] + optional + stored[10:]

    def test_optional_fields(self, engine: str) -> None:
        extra = struct.pack("<H", 300) + bytes(300)
        stored = self.header(0x1C, extra + b"name\0" + b"comment" * 30_000 + b"\0")
        for size in (1, 100, 1 << 18):
            assert read(stored, size).content == RAW
            assert read(stored, size).findings == []

    def test_header_checksum(self, engine: str) -> None:
        fixed = self.header(0x0A)[:10] + b"name\0"
        right = struct.pack("<H", zlib.crc32(fixed) & 0xFFFF)
        assert read(self.header(0x0A, b"name\0" + right)).findings == []
        wrong = bytes([right[0] ^ 1, right[1]])
        assert read(self.header(0x0A, b"name\0" + wrong)).findings == [("gzip.bad-header", "incomplete", 0)]

    @pytest.mark.parametrize("flags", [0x20, 0x40, 0x80, 0xE0])
    def test_reserved_flags(self, engine: str, flags: int) -> None:
        assert read(self.header(flags))[1:4] == (b"", [("gzip.bad-header", "incomplete", 0)], True)

    def test_a_bad_header_later(self, engine: str) -> None:
        stored = gzip.compress(RAW)
        got = read(stored + self.header(0xE0))
        assert got[1:4] == (RAW, [("gzip.bad-header", "incomplete", len(stored))], True)
        assert codes(stored + b"\x1f\x8b\x07" + bytes(20)) == ["gzip.bad-header"]

    def test_optional_fields_over_1_mib(self, engine: str) -> None:
        with bounded_work():
            assert codes(self.header(0x08, b"n" * MIB + b"\0")) == ["gzip.bad-header"]
            assert codes(self.header(0x08, b"n" * (8 * MIB))) == ["gzip.bad-header"]
            assert codes(self.header(0x08, b"n" * (MIB - 100) + b"\0")) == []

    def test_corrupt_deflate_keeps_what_came_before(self, engine: str) -> None:
        stored = bytearray(gzip.compress(content(40 * TAR_BLOCK)))
        middle = len(stored) // 2
        stored[middle : middle + 40] = b"\xff" * 40
        got = read(bytes(stored))
        assert [code for code, _, _ in got.findings] in (["gzip.corrupt"], ["gzip.truncated"])
        assert got.failed
        assert len(got.content) > 15 * TAR_BLOCK


class TestZstd:
    def test_without_checksum_and_size(self) -> None:
        stored = zstandard.ZstdCompressor(write_content_size=False).compress(RAW)
        assert read(stored) == ("zstd", RAW, [], False, len(stored))

    def test_skippable_frames_anywhere(self) -> None:
        skippable = b"\x50\x2a\x4d\x18" + struct.pack("<I", 5000) + b"\x5a" * 5000
        empty = b"\x5f\x2a\x4d\x18\0\0\0\0"
        stored = skippable + empty + zstd(RAW) + skippable + zstd(RAW[:7]) + empty
        for size in (1, 777, 1 << 18):
            assert read(stored, size) == ("zstd", RAW + RAW[:7], [], False, len(stored))
        assert codes(stored + skippable[:-1]) == ["zstd.truncated"]
        assert codes(stored + skippable[:6]) == ["zstd.truncated"]

    def test_bad_checksum_delivers_everything(self) -> None:
        stored = bytearray(zstd(RAW) + zstd(RAW))
        first = len(zstd(RAW))
        stored[first - 1] ^= 1
        assert read(bytes(stored))[1:4] == (RAW + RAW, [("zstd.bad-checksum", "inconsistent", first - 4)], False)

    @pytest.mark.parametrize(("descriptor", "size"), [(1, 1), (2, 2), (3, 4)])
    def test_dictionary(self, descriptor: int, size: int) -> None:
        stored = b"\x28\xb5\x2f\xfd" + bytes([descriptor, 0x50]) + (7).to_bytes(size, "little") + b"\x01\0\0"
        stream = Decompressed(iter([stored]), Meter())
        assert list(stream) == []
        assert [(finding.code, finding.arguments) for finding in stream.findings] == [
            ("zstd.dictionary", {"dictionary": 7})
        ]
        assert codes(stored.replace(b"\x07", b"\x00", 1)) == []

    def test_window(self) -> None:
        def frame(window: int) -> bytes:
            return b"\x28\xb5\x2f\xfd\0" + bytes([window]) + b"\x01\0\0"

        assert codes(frame((27 - 10) << 3)) == []  # 128 MiB
        assert codes(frame((27 - 10) << 3 | 1)) == ["zstd.window-too-big"]
        assert read(frame((31 - 10) << 3)).findings == [("zstd.window-too-big", "incomplete", 0)]
        assert codes(b"\x28\xb5\x2f\xfd\xa0" + struct.pack("<I", GIB) + b"\x01\0\0") == ["zstd.window-too-big"]
        assert codes(b"\x28\xb5\x2f\xfd\xe0" + b"\xff" * 8 + b"\x01\0\0") == ["zstd.window-too-big"]

    def test_forbidden_headers(self) -> None:
        reserved_bit = b"\x28\xb5\x2f\xfd\x08\x50\x01\0\0"
        reserved_type = b"\x28\xb5\x2f\xfd\x00\x50\x07\0\0"
        huge_block = b"\x28\xb5\x2f\xfd\x00\x50" + (((128 << 10) + 1) << 3 | 1).to_bytes(3, "little") + bytes(140_000)
        for stored in (reserved_bit, reserved_type, huge_block):
            assert codes(stored) == ["zstd.corrupt"]

    def test_repeated_byte_blocks_come_in_bounded_chunks(self) -> None:
        block = ((128 << 10) << 3 | 1 << 1).to_bytes(3, "little") + b"A"
        last = (1).to_bytes(3, "little")
        stored = b"\x28\xb5\x2f\xfd\x00\x50" + block * 100 + last
        got = read(stored)  # `result` checks the size of the chunks
        assert (len(got.content), got.findings) == (100 * (128 << 10), [])

    def test_empty_blocks_take_linear_time(self) -> None:
        stored = b"\x28\xb5\x2f\xfd\x00\x50" + bytes(3 * 300_000) + b"\x01\0\0"
        with bounded_work():
            assert read(stored) == ("zstd", b"", [], False, len(stored))


class TestXz:
    def test_padding_between_streams(self) -> None:
        one = lzma.compress(RAW)
        assert read(one + bytes(8) + one + bytes(4)) == ("xz", RAW + RAW, [], False, 2 * len(one) + 12)
        assert codes(one + bytes(7) + one) == ["xz.trailing-data"]

    @pytest.mark.parametrize("check", [lzma.CHECK_NONE, lzma.CHECK_CRC32, lzma.CHECK_CRC64, lzma.CHECK_SHA256])
    def test_checks(self, check: int) -> None:
        assert read(lzma.compress(RAW, check=check)).content == RAW

    def test_big_dictionary(self) -> None:
        stored = bytearray(lzma.compress(b"x", filters=[{"id": lzma.FILTER_LZMA2, "dict_size": 4096}]))
        at = stored.index(b"\x21\x01", 12) + 2  # the filter's identifier, the size of its properties, the dictionary
        stored[at] = 36  # 1 GiB
        header = 4 * (stored[12] + 1)
        stored[12 + header - 4 : 12 + header] = struct.pack("<I", zlib.crc32(stored[12 : 12 + header - 4]))
        assert read(bytes(stored)).findings[0][:2] == ("xz.dictionary-too-big", "incomplete")

    @pytest.mark.parametrize("identifier", [0x0C, 0x40], ids=["a newer filter", "an unknown one"])
    def test_a_filter_that_the_library_lacks_is_no_cut(self, identifier: int) -> None:
        stored = bytearray(lzma.compress(RAW, filters=[{"id": lzma.FILTER_X86}, {"id": lzma.FILTER_LZMA2}]))
        stored[14] = identifier  # behind the size of the header and its flags
        header = 4 * (stored[12] + 1)
        stored[12 + header - 4 : 12 + header] = struct.pack("<I", zlib.crc32(stored[12 : 12 + header - 4]))
        assert read(bytes(stored)).findings[0][:2] == ("xz.unsupported", "incomplete")

    def test_bad_check(self) -> None:
        stored = bytearray(lzma.compress(RAW))
        stored[len(stored) // 2] ^= 1
        assert read(bytes(stored)).findings[0][:2] == ("xz.bad-check", "incomplete")


class TestLimits:
    def test_layer_bytes(self) -> None:
        limits = Limits(layer_bytes=MIB)
        assert len(read(gzip.compress(bytes(MIB)), limits=limits).content) == MIB
        with pytest.raises(LimitReached) as caught:
            read(gzip.compress(bytes(MIB + 1)), limits=limits)
        assert (caught.value.name, caught.value.value) == ("layer-bytes", MIB)
        assert len(read(gzip.compress(bytes(2 * MIB)), outer=True, limits=limits).content) == 2 * MIB

    def test_total_bytes_over_two_streams(self) -> None:
        meter = Meter(Limits(total_bytes=3 * MIB))
        stored = zstd(bytes(2 * MIB))
        assert sum(map(len, Decompressed(iter([stored]), meter))) == 2 * MIB
        assert meter.decompressed == 2 * MIB
        with pytest.raises(LimitReached, match="total-bytes"):
            list(Decompressed(iter([stored]), meter))

    def test_plain_bytes_are_not_decompressed(self) -> None:
        meter = Meter(Limits(total_bytes=10, layer_bytes=10))
        assert sum(map(len, Decompressed(iter([b"x" * 1000]), meter))) == 1000
        assert meter.decompressed == 0

    @FORMATS
    def test_ratio_needs_size(self, form: str) -> None:
        rough = random.Random(1).randbytes(800 << 10)
        stored = COMPRESS[form](rough + bytes(16 * MIB - len(rough)))  # about 20:1
        assert len(read(stored, limits=Limits(ratio=10, ratio_bytes=16 * MIB)).content) == 16 * MIB
        with pytest.raises(LimitReached) as caught:
            read(stored, limits=Limits(ratio=10, ratio_bytes=8 * MIB))
        assert (caught.value.name, caught.value.value) == ("ratio", 10)

    def test_a_bomb_stops_early(self) -> None:
        block = ((128 << 10) << 3 | 1 << 1).to_bytes(3, "little") + b"\0"
        stored = b"\x28\xb5\x2f\xfd\x00\x50" + block * 1_000_000  # 122 GiB
        meter = Meter(Limits(ratio_bytes=64 * MIB))
        with pytest.raises(LimitReached, match="ratio"):
            for _ in Decompressed(pieces(stored), meter):
                pass
        assert meter.decompressed < 66 * MIB

    def test_ten_times_the_ratio_stops_at_a_sixteenth_of_the_size(self) -> None:
        stored = bz2.compress(bytes(64 * MIB))  # about 1,000,000:1
        meter = Meter(Limits(ratio_bytes=64 * MIB))
        with pytest.raises(LimitReached, match="ratio"):
            for _ in Decompressed(pieces(stored), meter):
                pass
        assert 4 * MIB <= meter.decompressed <= 6 * MIB

    def test_zeros_in_zstd_reach_no_ten_times_the_ratio(self) -> None:
        block = ((128 << 10) << 3 | 1 << 1).to_bytes(3, "little") + b"\0"  # 32,768:1, the most that zstd can
        stored = b"\x28\xb5\x2f\xfd\x00\x50" + block * 511 + b"\x01\0\0"
        assert sum(map(len, Decompressed(pieces(stored), Meter(Limits(ratio_bytes=64 * MIB))))) == 511 * (128 << 10)

    def test_high_ratio_is_noted_once(self) -> None:
        block = ((128 << 10) << 3 | 1 << 1).to_bytes(3, "little") + b"\0"
        stored = b"\x28\xb5\x2f\xfd\x00\x50" + block * 1100 + b"\x01\0\0"
        stream = Decompressed(pieces(stored), Meter())
        assert sum(map(len, stream)) == 1100 * (128 << 10)
        assert [(finding.code, finding.effect) for finding in stream.findings] == [
            ("compression.high-ratio", Effect.NONE)
        ]

    @pytest.mark.parametrize("form", ["none", *COMPRESS])
    def test_deadline(self, form: str) -> None:
        raw = content(MIB)
        stored = raw if form == "none" else COMPRESS[form](raw)
        stream = Decompressed(pieces(stored, 1000), Meter(Limits(deadline=time.monotonic() - 1)))
        with pytest.raises(LimitReached, match="time"):
            list(stream)


def test_kinds_are_unique() -> None:
    assert len({kind.code for kind in KINDS}) == len(KINDS)


stored_streams = st.builds(
    lambda form, parts, tail: b"".join(map(COMPRESS[form], parts)) + tail,
    st.sampled_from(list(COMPRESS)),
    st.lists(st.binary(max_size=3000), min_size=1, max_size=4),
    st.sampled_from([b"", b"\0" * 9, b"tail", b"\0\0\0\0\x01"]),
)


@settings(max_examples=150)
@given(stored_streams, st.lists(st.integers(0, 4000), max_size=20), st.data())
def test_chunks_do_not_matter(stored: bytes, cuts: list[int], data: st.DataObject) -> None:
    if data.draw(st.booleans(), "damaged"):
        changed = bytearray(stored)
        changed[data.draw(st.integers(0, len(stored) - 1))] ^= data.draw(st.integers(1, 255))
        stored = bytes(changed)
    borders = [0, *sorted(min(cut, len(stored)) for cut in cuts), len(stored)]
    chunks = [stored[start:end] for start, end in itertools.pairwise(borders)]
    assert result(Decompressed(iter(chunks), Meter())) == read(stored)


@settings(max_examples=200)
@given(
    st.sampled_from([b"", b"\x1f\x8b\x08", b"\x28\xb5\x2f\xfd", b"\x50\x2a\x4d\x18", b"\xfd7zXZ\0", b"BZh91AY&SY"]),
    st.binary(max_size=600),
)
def test_random_bytes_never_raise(magic: bytes, rest: bytes) -> None:
    got = read(magic + rest)
    assert got.compression == "none" or got.compressed_size <= len(magic + rest)


@pytest.mark.parametrize("mode", ["w:gz", "w:xz", "w:bz2"])
def test_reads_what_tarfile_writes(mode: str) -> None:
    stored = io.BytesIO()
    with tarfile.open(fileobj=stored, mode=mode) as archive:  # type: ignore[call-overload]
        member = tarfile.TarInfo("f")
        member.size = len(RAW)
        archive.addfile(member, io.BytesIO(RAW))
    got = read(stored.getvalue())
    assert got.findings == []
    with tarfile.open(fileobj=io.BytesIO(got.content), mode="r:") as archive:
        assert archive.getnames() == ["f"]
