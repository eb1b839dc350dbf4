"""Classes D and E: how layers are compressed, and what is in them."""

from __future__ import annotations

import base64
import struct
from collections.abc import Callable
from functools import partial
from typing import Any

from tests.builders import (
    base256,
    bzip2,
    device,
    directory,
    docker_save,
    document,
    fifo,
    file,
    good_layers,
    gzip,
    gzip_members,
    hardlink,
    header,
    layer,
    member,
    opaque,
    padded,
    pax,
    sparse_1_0,
    symlink,
    tar,
    whiteout,
    xz,
    zstd,
    zstd_rle,
    zstd_skippable,
)
from tests.hostile.case import Case, Report, codes_of, rows
from tests.hostile.shapes import one, squeezed, stack

PLAIN = good_layers()
ZEROS = "sha256:254bcc3fc4f27172636df4bf32de9f107f620d559b20d760197e452b97453917"  # of 128 MiB
CUT = ("tar.truncated",)


def _only(blob: bytes, plain: bytes = PLAIN[0]) -> bytes:
    """A docker save of one layer file."""
    return squeezed([blob], [plain])


def _whole(report: Report) -> None:
    found = report["images"][0]["layers"][0]
    assert found["complete"] is True
    assert found["entry_count"] == 6
    assert "/etc/passwd" in rows(report)


def _some(report: Report) -> None:
    assert "/etc/passwd" in rows(report)


def _compression(name: str) -> Callable[[Report], None]:
    def check(report: Report) -> None:
        _whole(report)
        assert report["images"][0]["layers"][0]["compression"] == name

    return check


def _empty(report: Report) -> None:
    found = report["images"][0]["layers"][0]
    assert found["present"] is True
    assert found["entry_count"] == 0
    assert found["complete"] is True


def _hint(code: str, *words: str) -> Callable[[Report], None]:
    def check(report: Report) -> None:
        found = [row for row in report["findings"] if row["code"] == code]
        assert any(all(word in row["message"].lower() for word in words) for row in found), found

    return check


def _offset(code: str, expected: int) -> Callable[[Report], None]:
    def check(report: Report) -> None:
        found = next(row for row in report["findings"] if row["code"] == code)
        assert found["where"]["offset"] == expected

    return check


def _zstd_window(exponent: int) -> bytes:
    return b"\x28\xb5\x2f\xfd\0" + bytes([(exponent - 10) << 3]) + struct.pack("<I", (10 << 3) | 1)[:3] + b"0123456789"


def _zstd_dictionary() -> bytes:
    return b"\x28\xb5\x2f\xfd\x01\x58\x07" + struct.pack("<I", (10 << 3) | 1)[:3] + b"0123456789"


def _big() -> bytes:
    """A layer of some 300 kB that compresses badly: a cut of its half leaves many entries."""
    import random

    noise = random.Random(5)
    return layer(*(file(f"etc/passwd{n or ''}", noise.randbytes(2500).hex().encode()) for n in range(60)))


_SQUEEZE: dict[str, Callable[[bytes], bytes]] = {"gzip": gzip, "zstd": zstd, "xz": xz, "bzip2": bzip2}


def _hidden(report: Report) -> None:
    assert "/hidden" not in rows(report)
    found = next(row for row in report["findings"] if row["code"] == "tar.trailing-data")
    assert found["where"]["layer"] == 0
    assert found["where"]["offset"] == len(PLAIN[0])


def _cut(blob: bytes) -> bytes:
    return blob[: len(blob) // 2]


def _spoilt(blob: bytes) -> bytes:
    at = len(blob) // 2
    return blob[:at] + bytes(byte ^ 0x55 for byte in blob[at : at + 40]) + blob[at + 40 :]


def _flip_last(blob: bytes) -> bytes:
    return blob[:-1] + bytes([blob[-1] ^ 1])


COMPRESSION_CASES = (
    Case(
        "D02-zstd-bomb-128MiB",
        lambda: docker_save([zstd_rle(1 << 27)], rootfs={"type": "layers", "diff_ids": [ZEROS]}),
        (0, 5),
        ("limit.ratio",),
    ),
    Case(
        "D02-gzip-bomb-limit",
        lambda: _only(gzip(tar(file("f", bytes(8 << 20)))), tar(file("f", bytes(8 << 20)))),
        (5,),
        ("limit.layer-bytes",),
        arguments=("--limit", "layer-bytes=1MiB"),
    ),
    Case(
        "D03-zstd-bomb-1TiB",
        lambda: _only(zstd_rle(1 << 40), bytes(1024)),
        (5,),
        ("limit.ratio",),
        starred=True,
        cpu=60,
    ),
    *(
        Case(f"D04-{name}", lambda squeeze=squeeze: _only(squeeze(PLAIN[0])), (0,), (), _compression(name))
        for name, squeeze in _SQUEEZE.items()
    ),
    *(
        Case(
            f"D04-{name}-cut",
            lambda squeeze=squeeze: _only(_cut(squeeze(_big())), _big()),
            (4,),
            (f"{name}.truncated",),
            _some,
            also=CUT,
        )
        for name, squeeze in _SQUEEZE.items()
    ),
    *(
        Case(
            f"D04-{name}-cut-by-1",
            lambda squeeze=squeeze: _only(squeeze(PLAIN[0])[:-1]),
            (4,),
            (f"{name}.truncated",),
            also=CUT,
        )
        for name, squeeze in _SQUEEZE.items()
    ),
    *(
        Case(
            f"D04-{name}-tail",
            lambda squeeze=squeeze: _only(squeeze(PLAIN[0]) + b"garbage" * 9),
            (4,),
            (f"{name}.trailing-data",),
            _whole,
        )
        for name, squeeze in _SQUEEZE.items()
    ),
    *(
        Case(
            f"D04-{name}-nul-tail",
            lambda squeeze=squeeze: _only(squeeze(PLAIN[0]) + bytes(512)),
            (0,),
            # Padding with zeros is a part of the xz format, and nothing to speak of.
            () if name == "xz" else (f"{name}.trailing-zeros",),
            _whole,
        )
        for name, squeeze in _SQUEEZE.items()
    ),
    Case(
        "D05-double-gzip",
        lambda: _only(gzip(gzip(PLAIN[0]))),
        (4,),
        ("layer.not-tar",),
        _hint("layer.not-tar", "twice"),
    ),
    Case(
        "D05-zstd-in-gzip",
        lambda: _only(gzip(zstd(PLAIN[0]))),
        (4,),
        ("layer.not-tar",),
        _hint("layer.not-tar", "twice"),
    ),
    Case("D06-gzip-members", lambda: _only(gzip_members(PLAIN[0], 20)), (0,), (), _compression("gzip")),
    Case("D06-gzip-40k-empty-members", lambda: _only(gzip(b"") * 40_000 + gzip(PLAIN[0])), (0,), (), _whole, cpu=3),
    Case("D08-gzip-nul-tail", lambda: _only(gzip(PLAIN[0]) + bytes(512)), (0,), ("gzip.trailing-zeros",), _whole),
    Case(
        "D09-gzip-garbage-tail",
        lambda: _only(gzip(PLAIN[0]) + b"garbage"),
        (4,),
        ("gzip.trailing-data",),
        _offset("gzip.trailing-data", len(gzip(PLAIN[0]))),
    ),
    Case("D11-gzip-bad-isize", lambda: _only(gzip(PLAIN[0], isize=1)), (4,), ("gzip.bad-crc",), _whole),
    Case("D11-gzip-bad-crc", lambda: _only(gzip(PLAIN[0], crc=1)), (4,), ("gzip.bad-crc",), _whole),
    Case("D12-gzip-truncated", lambda: _only(_cut(gzip(_big())), _big()), (4,), ("gzip.truncated",), _some, also=CUT),
    Case(
        "D13-gzip-bad-deflate",
        lambda: _only(_spoilt(gzip(_big())), _big()),
        (4,),
        (),
        _some,
        also=(*CUT, "gzip.corrupt", "gzip.bad-data", "gzip.damaged", "gzip.bad-crc", "tar.bad-checksum"),
    ),
    Case("D14-gzip-reserved-flags", lambda: _only(gzip(PLAIN[0], flags=0xE0)), (4,), ("gzip.bad-header",)),
    Case(
        "D14-gzip-long-name",
        lambda: _only(gzip(PLAIN[0], flags=8, extra=b"n" * (5 << 20) + b"\0")),
        (4,),
        ("gzip.bad-header",),
    ),
    Case("D14-gzip-short-name", lambda: _only(gzip(PLAIN[0], flags=8, extra=b"layer.tar\0")), (0,), (), _whole),
    Case("D15-zstd-window-2GiB", lambda: _only(_zstd_window(31)), (4,), ("zstd.window-too-big",), cpu=2),
    Case("D17-zstd-bad-checksum", lambda: _only(_flip_last(zstd(PLAIN[0]))), (4,), ("zstd.bad-checksum",)),
    Case(
        "D18-zstd-skippable",
        lambda: _only(zstd_skippable(b"index") + zstd(PLAIN[0][:1500]) + zstd(PLAIN[0][1500:])),
        (0,),
        (),
        _compression("zstd"),
    ),
    Case(
        "D18-zstd-skippable-last",
        lambda: _only(zstd(PLAIN[0]) + zstd_skippable(b"x" * 64, number=15)),
        (0,),
        (),
        _whole,
    ),
    Case(
        "D18-zstd-skippable-cut",
        lambda: _only(zstd(PLAIN[0]) + zstd_skippable(b"x" * 64)[:-1]),
        (4,),
        ("zstd.truncated",),
        _some,
    ),
    Case(
        "D19-zstd-between-cut",
        lambda: _only(zstd(PLAIN[0][:1500]) + zstd(PLAIN[0][1500:])[:-6]),
        (4,),
        ("zstd.truncated",),
        also=CUT,
    ),
    Case("D20-zstd-dict", lambda: _only(_zstd_dictionary()), (4,), ("zstd.dictionary",)),
    Case("D21-xz-layer", lambda: _only(xz(PLAIN[0])), (0,), (), _compression("xz")),
    Case("D21-xz-two-streams", lambda: _only(xz(PLAIN[0][:1024]) + xz(PLAIN[0][1024:])), (0,), (), _whole),
    Case("D21-bzip2-two-streams", lambda: _only(bzip2(PLAIN[0][:1024]) + bzip2(PLAIN[0][1024:])), (0,), (), _whole),
    Case("D23-empty-blob", lambda: _only(b"", b""), (0,), ("layer.empty-file",), _empty),
    Case("D24-empty-tar", lambda: _only(bytes(1024), bytes(1024)), (0,), (), _empty),
    Case("D24-empty-tar-512", lambda: _only(bytes(512), bytes(512)), (0,), ("tar.no-end-marker",), _empty),
    Case("D24-empty-tar-10240", lambda: _only(bytes(10240), bytes(10240)), (0,), (), _empty),
    Case(
        "D26-layer-json",
        lambda: _only(document({"not": "a layer"}) * 99, b""),
        (4,),
        ("layer.not-tar",),
        verified=(4,),
        also=("image.diffid-mismatch",),
    ),
    Case(
        "D27-layer-hidden-tail",
        lambda: _only(PLAIN[0] + layer(file("hidden", b"x")), PLAIN[0] + layer(file("hidden", b"x"))),
        (0,),
        ("tar.trailing-data",),
        _hidden,
    ),
)


# --- E: content -------------------------------------------------------------------------------------------------------


def _has(*expected: str, layer_index: int = 0) -> Callable[[Report], None]:
    """Exactly these paths in the layer's changes."""

    def check(report: Report) -> None:
        assert sorted(rows(report, layer_index)) == sorted(expected)

    return check


def _kinds(layer_index: int, **expected: str) -> Callable[[Report], None]:
    """These paths (`_` for `/`) with these kinds, and no other row."""

    def check(report: Report) -> None:
        found = {path: row["kind"] for path, row in rows(report, layer_index).items()}
        assert found == {"/" + path.replace("_", "/"): kind for path, kind in expected.items()}

    return check


def _types(**expected: str) -> Callable[[Report], None]:
    def check(report: Report) -> None:
        found = rows(report)
        assert {path: found["/" + path]["type"] for path in expected} == expected

    return check


def _field(path: str, **expected: Any) -> Callable[[Report], None]:
    def check(report: Report) -> None:
        row = rows(report)[path]
        assert {key: row.get(key) for key in expected} == expected

    return check


def _lossless(report: Report) -> None:
    found = report["images"][0]["layers"][0]["changes"]
    assert [row["path"] for row in found] == ["/caf\\xe9", "/caf\\xe9"]
    assert sorted(base64.b64decode(row.get("path_b64", "")) for row in found) == [b"", b"/caf\xe9"]


def _count(number: int) -> Callable[[Report], None]:
    def check(report: Report) -> None:
        assert len(report["images"][0]["layers"][0]["changes"]) == number

    return check


def _entries(number: int, *paths: str) -> Callable[[Report], None]:
    def check(report: Report) -> None:
        assert report["images"][0]["layers"][0]["entry_count"] == number
        assert sorted(rows(report)) == sorted(paths)

    return check


def _times(report: Report) -> None:
    found = rows(report)
    assert (found["/a"]["mtime"], found["/b"]["mtime"], found["/c"]["mtime"]) == (-1, 2**33, 2**62)


def _fraction(seconds: int, nanoseconds: int | None) -> Callable[[Report], None]:
    return _field("/f", mtime=seconds, mtime_ns=nanoseconds)


def _devices(report: Report) -> None:
    found = rows(report)
    expected = {"/c": "char", "/b": "block", "/p": "fifo", "/k": "file", "/s": "unknown"}
    assert {path: found[path]["type"] for path in expected} == expected
    assert (found["/c"]["device"], found["/b"]["device"]) == ([1, 3], [7, 200])


def _unread(report: Report) -> None:
    found = next(row for row in report["findings"] if row["code"] == "tar.bad-checksum")
    assert "bytes" in found["message"]
    assert report["images"][0]["layers"][0]["complete"] is False
    assert list(rows(report)) == ["/a"]


def _sparse(report: Report) -> None:
    row = rows(report)["/s"]
    assert (row["size"], row["type"]) == (2000, "file")
    assert report["images"][0]["totals"]["stored_bytes"] == 2000


def _pax_sparse(**values: str) -> bytes:
    records = {"GNU.sparse." + key: value for key, value in values.items()}
    return member("s", b"data", pax_records=records)


def _sparse_case(name: str, **values: str) -> Case:
    def listed(report: Report) -> None:
        assert "/s" in rows(report)

    return Case(
        f"E50-sparse-{name}", lambda: one(_pax_sparse(**values), file("after")), (4,), ("tar.bad-sparse",), listed
    )


def _million() -> bytes:
    block = header("d/000000", mtime=0)
    parts = []
    total = sum(block) - sum(block[2:8]) - sum(block[148:156]) + 8 * 32
    for number in range(1_000_000):
        name = b"%06d" % number
        parts.append(block[:2] + name + block[8:148] + b"%06o\0 " % (total + sum(name)) + block[156:])
    content = tar(*parts)
    return squeezed([gzip(content, 1)], [content])


def _deep(levels: int) -> bytes:
    return member(b"a/" * (levels - 1) + b"f", b"x")


def _deep_files(count: int) -> bytes:
    return one(*(pax({"path": "/".join([str(n), *["d" * 30] * 1999, "f"])}) + file("f") for n in range(count)))


def _deepest(levels: int) -> Callable[[Report], None]:
    def check(report: Report) -> None:
        found = report["images"][0]["layers"][0]["changes"]
        assert len(found) == levels
        assert max(row["path"].count("/") for row in found) == levels

    return check


def _fanout() -> bytes:
    return one(*(file(f"d/name{number:05d}") for number in range(20_000)))


ANSI = (
    *(
        "\x1b[2J",
        "\x1b]0;title\x07",
        "\x1b]8;;http://x\x1b\\link",
        "\x1b]52;c;eA==\x07",
        "\x1bPq\x1b\\",
        "\x9b31m",
        "\x9d0;x\x9c",
    ),
    *(
        "a\u202eb",
        "a\u2066b\u2069",
        "zero\u200bwidth",
        "\ufeffbom",
        "\u0085next",
        "\u2028line",
        "back\x08space",
        "bell\x07",
    ),
)
# A link to a page holds slashes: the parts of such a name are directories.
ANSI_PATHS = {
    "/".join(parts[:count])
    for name in ANSI
    for parts in [name.replace("//", "/").split("/")]
    for count in range(1, len(parts) + 1)
}
MARKUP = (
    *(
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "</td></tr></table>",
        '"><svg onload=x>',
        "&lt;b&gt;",
    ),
    *(
        "{{7*7}}",
        "${x}",
        "<!--",
        "]]>",
        "javascript:alert(1)",
        "'onmouseover='x",
        "`code`",
        "[a](http://x)",
        "|a|b|",
        "*b*",
        "#h",
    ),
)
RICH = ("[red]x[/]", "[/foo]", "[link=http://x]y[/link]", ":skull:", "[bold", "\\[red]")
CELLS = ("=cmd|' /C calc'!A0", "+1", "-1", "@SUM(A1)", "\tx", "a,b", 'a"b', "a\nb", "-rf")


def _counted_sparse(text: bytes) -> bytes:
    records = {"GNU.sparse.major": "1", "GNU.sparse.minor": "0", "GNU.sparse.realsize": "2000"}
    return member("s", padded(text) + b"data", pax_records=records)


def _thrice(report: Report) -> None:
    found = report["images"][0]["layers"][0]
    assert found["entry_count"] == 3
    assert rows(report)["/f"]["size"] == 3
    assert [row["kind"] for row in report["images"][0]["waste"]] == ["duplicate", "duplicate"]


def _lower_link(report: Report) -> None:
    assert rows(report, 1)["/h"]["size"] == 3
    assert report["images"][0]["totals"]["final_bytes"] == 3


def _changed(report: Report) -> None:
    assert rows(report, 1)["/s"]["why"] == ["content"]
    assert "tar.bad-sparse" not in codes_of(report)


CONTENT_CASES = (
    Case("E01-good", lambda: stack([file("a")], [file("b")]), (0,), (), _has("/a")),
    Case(
        "E02-absolute",
        lambda: one(file("/etc/passwd", b"x"), file("//etc//x")),
        (0,),
        ("layer.absolute-name",),
        _has("/etc", "/etc/passwd", "/etc/x"),
    ),
    Case("E03-empty-name", lambda: one(file(""), file("after")), (0,), ("layer.unsafe-name",), _entries(2, "/after")),
    Case(
        "E04-dotdot-outside",
        lambda: one(file("../../etc/passwd"), file("a/../../b")),
        (0,),
        ("layer.unsafe-name",),
        _has("/etc", "/etc/passwd", "/b"),
    ),
    Case(
        "E05-dotdot-inside",
        lambda: one(file("a/../b"), file("a/./c"), file("a//d")),
        (0,),
        (),
        _has("/a", "/a/c", "/a/d", "/b"),
    ),
    Case(
        "E06-slash-file",
        lambda: one(file("dir/", b"x"), file("dir2/", typeflag=b"\0")),
        (0,),
        (),
        _types(dir="file", dir2="dir"),
    ),
    Case("E07-root-replaced", lambda: one(symlink(".", "/tmp"), file("a")), (0,), ("layer.root-replaced",), _has("/a")),
    Case(
        "E07-root-replaced-slash", lambda: one(file("/.", b"x"), file("a")), (0,), ("layer.root-replaced",), _has("/a")
    ),
    Case("E07-root-listed", lambda: one(directory("./"), file("./a")), (0,), (), _has("/a")),
    Case(
        "E08-newline",
        lambda: one(*(file(f"a{char}b") for char in "\n\r\t\x7f")),
        (0,),
        ("layer.control-char",),
        _count(4),
    ),
    Case("E09-latin1", lambda: one(file(b"caf\xe9"), file("caf\\xe9")), (0,), (), _lossless),
    Case(
        "E09-other-bytes",
        lambda: one(*(file(bytes([byte]) + b"x") for byte in range(0x80, 0x100))),
        (0,),
        (),
        _count(128),
    ),
    Case(
        "E11-ansi", lambda: one(*(file(name) for name in ANSI)), (0,), ("layer.control-char",), _count(len(ANSI_PATHS))
    ),
    Case(
        "E11-ansi-links",
        lambda: one(*(symlink(f"l{n}", name) for n, name in enumerate(ANSI))),
        (0,),
        (),
        _count(len(ANSI)),
    ),
    Case(
        "E12-html",
        lambda: one(*(file(f"d{n}/{name}".replace("</", "<\\")) for n, name in enumerate(MARKUP))),
        (0,),
        ("layer.markup-name",),
    ),
    Case("E12-html-slashes", lambda: one(*(file(name) for name in MARKUP)), (0,), ("layer.markup-name",)),
    Case("E14-rich-markup", lambda: one(*(file(name) for name in RICH)), (0,), ()),
    Case("E15-csv", lambda: one(*(file(name) for name in CELLS)), (0,), (), _count(len(CELLS) + 1)),
    Case("E16-long-component", lambda: one(file("n" * 300)), (0,), ("layer.long-name",), _count(1)),
    Case("E17-deep-2000", lambda: one(_deep(2000)), (0,), (), _deepest(2000)),
    Case("E17-implied-parents-16", partial(_deep_files, 16), (5,), ("limit.metadata-bytes",)),
    Case(
        "E17-implied-parents-4",
        partial(_deep_files, 4),
        (5,),
        ("limit.metadata-bytes",),
        arguments=("--limit", "metadata-bytes=8MiB"),
    ),
    Case("E18-deep-60000", lambda: one(_deep(60_000), file("after")), (0,), ("layer.unsafe-name",), _count(2)),
    Case("E18-link-1MiB", lambda: one(symlink("l", "t/" * 500_000), file("after")), (0,), (), _count(2)),
    Case(
        "E20-duplicates",
        lambda: one(file("f", b"1"), file("f", b"22"), file("f", b"333")),
        (0,),
        ("layer.duplicate-entry",),
        _thrice,
    ),
    Case(
        "E21-file-then-dir",
        lambda: one(file("f", b"x"), directory("f"), file("f/x")),
        (0,),
        ("layer.type-change",),
        _has("/f", "/f/x"),
    ),
    Case(
        "E22-child-of-file",
        lambda: one(file("f", b"x"), file("f/x")),
        (0,),
        ("layer.parent-not-dir",),
        _has("/f", "/f/x"),
    ),
    Case("E23-no-parents", lambda: one(file("a/b/c")), (0,), (), _field("/a/b", implied=True, mode="0755", type="dir")),
    Case(
        "E24-symlink-dir-write",
        lambda: one(symlink("d", "/etc"), file("d/passwd", b"x")),
        (0,),
        ("layer.write-through-link",),
        _has("/d", "/etc", "/etc/passwd"),
    ),
    Case(
        "E25-loop-parent",
        lambda: one(symlink("a", "b"), symlink("b", "a"), file("a/x")),
        (0,),
        ("layer.bad-link",),
        _has("/a", "/b"),
    ),
    Case(
        "E26-symlink-escape",
        lambda: one(symlink("l", "../../../../etc/passwd")),
        (0,),
        (),
        _field("/l", link="../../../../etc/passwd"),
    ),
    Case(
        "E26-write-through-escape",
        lambda: one(symlink("l", "../../../.."), file("l/x")),
        (0,),
        ("layer.write-through-link",),
        _has("/l", "/x"),
    ),
    Case(
        "E27-symlink-nonlexical",
        lambda: one(
            directory("cousin/c"),
            directory("cousin/t"),
            symlink("sub/link", "../cousin/c"),
            symlink("p", "sub/link/../t"),
            file("p/x"),
        ),
        (0,),
        ("layer.write-through-link",),
        _has("/cousin", "/cousin/c", "/cousin/t", "/cousin/t/x", "/sub", "/sub/link", "/p"),
    ),
    Case("E29-symlink-empty", lambda: one(symlink("l", "")), (0,), ("layer.bad-link",), _count(1)),
    Case(
        "E30-chain-10k", lambda: one(*(symlink(f"l{n}", f"l{n + 1}") for n in range(10_000))), (0,), (), _count(10_000)
    ),
    Case(
        "E30-write-through-chain",
        lambda: one(*(symlink(f"l{n}", f"l{n + 1}") for n in range(10_000)), file("l0/x")),
        (0,),
        ("layer.bad-link",),
        _count(10_000),
    ),
    Case(
        "E32-hardlink-escape",
        lambda: one(
            symlink("a/b/c/up", "../.."),
            symlink("a/b/escape", "c/up/../.."),
            hardlink("exfil", "a/b/escape/etc/passwd"),
        ),
        (0,),
        ("layer.bad-link",),
    ),
    Case(
        "E32-hardlink-outside",
        lambda: one(hardlink("h", "../../etc/passwd")),
        (0,),
        ("layer.bad-link",),
        _field("/h", size=0),
    ),
    Case("E32-hardlink-self", lambda: one(hardlink("h", "h")), (0,), ("layer.bad-link",)),
    Case("E32-hardlink-later", lambda: one(hardlink("h", "f"), file("f", b"x")), (0,), ("layer.bad-link",)),
    Case("E32-hardlink-dir", lambda: one(directory("d"), hardlink("h", "d")), (0,), ("layer.bad-link",)),
    Case(
        "E32-hardlink-lower",
        lambda: stack([file("f", b"abc")], [hardlink("h", "f")]),
        (0,),
        ("layer.bad-link",),
        _lower_link,
    ),
    Case(
        "E33-hardlink-data",
        lambda: one(file("a"), member("h", b"hello", typeflag=b"1", linkname="a"), file("after")),
        (0, 4),
        ("layer.link-with-data",),
        also=("tar.bad-checksum",),
        always=True,
    ),
    Case(
        "E33-hardlink-size-only",
        lambda: one(file("a"), header("h", size=5, typeflag=b"1", linkname="a"), file("after")),
        (0,),
        ("layer.link-with-data",),
        _has("/a", "/h", "/after"),
    ),
    Case(
        "E35-devices",
        lambda: one(
            device("c", 1, 3),
            device("b", 7, 200, typeflag=b"4"),
            fifo("p"),
            file("k", b"x", typeflag=b"7"),
            member("s", typeflag=b"s"),
        ),
        (0,),
        ("tar.unknown-type",),
        _devices,
    ),
    Case(
        "E36-modes",
        lambda: one(
            file("bin/sh", b"x", mode=0o4755),
            file("a", mode=0o7777),
            file("b", mode=b"7777777\0"),
            file("c", mode=base256(-1, 8)),
        ),
        (0,),
        (),
        _count(5),
    ),
    Case(
        "E37-ids",
        lambda: one(file("a", uid=base256(-1, 8), gid=base256(2**40, 8)), file("b", pax_records={"uid": "3000000"})),
        (0,),
        (),
        _field("/a", uid=-1, gid=2**40),
    ),
    Case(
        "E38-mtimes",
        lambda: one(file("a", mtime=base256(-1, 12)), file("b", mtime=2**33), file("c", mtime=base256(2**62, 12))),
        (0, 4),
        ("layer.bad-time",),
        _times,
        always=True,
    ),
    Case(
        "E38-garbage", lambda: one(file("a"), file("b", mtime=b"yesterday..\0")), (4,), ("tar.bad-number",), _has("/a")
    ),
    Case("E39-nan", lambda: one(file("f", pax_records={"mtime": "nan"})), (4,), ("tar.bad-pax",)),
    Case("E39-1e400", lambda: one(file("f", pax_records={"mtime": "1e400"})), (4,), ("tar.bad-pax",)),
    Case("E39-huge", lambda: one(file("f", pax_records={"mtime": "99999999999999999999"})), (4,), ("tar.bad-pax",)),
    Case("E39-minus-half", lambda: one(file("f", pax_records={"mtime": "-0.5"})), (0,), (), _fraction(-1, 500_000_000)),
    Case(
        "E39-long-fraction",
        lambda: one(file("f", pax_records={"mtime": "1.999999999999"})),
        (0,),
        (),
        _fraction(1, 999_999_999),
    ),
    Case(
        "E41-xattr-equal",
        lambda: one(file("f", xattrs={"user.a=b": "1\n2=3\n", "user.n": b"\0\xff"})),
        (0,),
        (),
        _count(1),
    ),
    Case("E41-xattr-huge", lambda: one(file("f", xattrs={"user.big": b"x" * 500_000})), (0,), (), _count(1)),
    Case(
        "E42-whiteout-odd",
        lambda: stack(
            [file("keep", b"x"), directory("a")],
            [
                file(".wh."),
                file(".wh.."),
                file(".wh..."),
                file("a/.wh..."),
                directory("b/.wh..wh..opq"),
                file(".wh..wh.plnk/1", b"x"),
            ],
        ),
        (0,),
        ("layer.bad-whiteout",),
        _kinds(1, b="added"),
    ),
    Case(
        "E43-whiteout-useless",
        lambda: stack([file("a")], [whiteout("nosuch")]),
        (0,),
        ("layer.useless-whiteout",),
        _kinds(1),
    ),
    Case(
        "E43-whiteout-not-empty",
        lambda: stack([file("a", b"x")], [member(".wh.a", b"payload")]),
        (0,),
        ("layer.bad-whiteout",),
        _kinds(1, a="deleted"),
    ),
    Case(
        "E44-whiteout-same-layer",
        lambda: stack([file("x", b"1")], [file("x", b"22"), whiteout("x")]),
        (0,),
        ("layer.whiteout-same-layer",),
        _kinds(1, x="modified"),
    ),
    Case(
        "E44-whiteout-same-layer-first",
        lambda: stack([file("x", b"1")], [whiteout("x"), file("x", b"22")]),
        (0,),
        (),
        _kinds(1, x="modified"),
    ),
    Case(
        "E45-opaque-after",
        lambda: stack([file("etc/old", b"1")], [file("etc/new"), opaque("etc")]),
        (0,),
        (),
        _kinds(1, etc_new="added", etc_old="deleted"),
    ),
    Case(
        "E47-whiteout-root",
        lambda: stack([file("etc/x"), file("y")], [opaque(""), whiteout("etc")]),
        (0,),
        ("layer.opaque-root",),
        _kinds(1, etc="deleted", etc_x="deleted", y="deleted"),
    ),
    Case(
        "E48-casefold",
        lambda: one(file("etc/Passwd"), file("etc/passwd"), file("STRASSE"), file("straße")),
        (0,),
        ("layer.case-collision",),
        _count(5),
    ),
    _sparse_case("overlap", numblocks="2", map="0,3,2,1", size="2000"),
    _sparse_case("unsorted", numblocks="2", map="100,2,0,2", size="2000"),
    _sparse_case("past-end", numblocks="1", map="1999,4", size="2000"),
    _sparse_case("neg-offset", numblocks="1", map="-1,4", size="2000"),
    _sparse_case("neg", numblocks="1", map="1000,-1", size="2000"),
    _sparse_case("odd", numblocks="1", map="1000,4,5", size="2000"),
    _sparse_case("count", numblocks="5", map="1000,4", size="2000"),
    Case("E51-sparse-neg", lambda: one(_pax_sparse(numblocks="1", map="0,-1", size="2000")), (4,), ("tar.bad-sparse",)),
    Case("E52-sparse-count-huge", lambda: one(_counted_sparse(b"99999999999999999\n")), (4,), ("tar.bad-sparse",)),
    Case("E52-sparse-many", lambda: one(_counted_sparse(b"100001\n" + b"0\n0\n" * 100_001)), (4,), ("tar.bad-sparse",)),
    Case(
        "E53-sparse-0.1-odd", lambda: one(_pax_sparse(numblocks="1", map="1", size="2000")), (4,), ("tar.bad-sparse",)
    ),
    Case("E54-sparse-good", lambda: one(sparse_1_0("s", 2000, [(1000, b"data")]), file("after")), (0,), (), _sparse),
    Case(
        "E55-sparse-8EiB",
        lambda: one(sparse_1_0("s", 2**62, [(2**62 - 4, b"data")])),
        (0,),
        (),
        _field("/s", size=2**62),
    ),
    Case(
        "E55-sparse-8EiB-twice",
        lambda: stack([sparse_1_0("s", 2**62, [(0, b"data")])], [sparse_1_0("s", 2**62, [(0, b"datb")])]),
        (0,),
        (),
        _changed,
        verified=(0,),
    ),
    Case(
        "E55-sparse-4GiB-x8",
        lambda: stack(*[[sparse_1_0(f"s{n}", 4 << 30, [(0, b"data")]) for n in range(8)]] * 2),
        (0,),
        (),
        _field("/s0", size=4 << 30),
    ),
    Case("E56-entries-1M", _million, (0, 5), ("limit.layer-entries",), starred=True, cpu=60, peak=1 << 30),
    Case("E57-dir-fanout", _fanout, (0,), (), _count(20_001)),
    Case(
        "E59-inner-bad-sum",
        lambda: one(file("a"), header("b", wrong_by=1), file("c")),
        (4,),
        ("tar.bad-checksum",),
        _unread,
    ),
    Case(
        "E60-inner-lone-zero", lambda: one(file("a"), bytes(512), file("c")), (4,), ("tar.data-after-end",), _has("/a")
    ),
    Case(
        "E62-inner-global-path",
        lambda: one(pax({"path": "global"}, typeflag=b"g"), file("f")),
        (0,),
        ("tar.global-path",),
        _has("/f"),
    ),
    Case(
        "E63-dir-with-size",
        lambda: one(header("d/", size=1024, typeflag=b"5"), file("hidden"), file("after")),
        (0,),
        ("tar.dir-with-data",),
        _has("/d", "/hidden", "/after"),
    ),
    Case("E65-name-100-no-nul", lambda: one(file("n" * 100)), (0,), (), _has("/" + "n" * 100)),
    Case("E66-secret-line-4MiB", lambda: one(file("f", b"a" * (4 << 20))), (0,), (), cpu=2),
)

CASES = (*COMPRESSION_CASES, *CONTENT_CASES)
