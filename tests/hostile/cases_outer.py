"""Class A: the outer file and the framing of tars."""

from __future__ import annotations

import io
import random
import zipfile
from collections.abc import Callable

from tests.builders import (
    END,
    GNU,
    base256,
    bzip2,
    directory,
    docker_members,
    document,
    file,
    gnu_long,
    good,
    good_layers,
    gzip,
    hardlink,
    header,
    layer,
    member,
    members_tar,
    oci_archive,
    padded,
    pax,
    raw,
    repair,
    sparse_1_0,
    symlink,
    tar,
    xz,
    zstd,
)
from tests.hostile.case import MIB, Case, Report, codes_of, rows
from tests.hostile.shapes import good_parts, one, with_members

MISSING = ("image.missing-member",)
ALSO_CUT = (*MISSING, "tar.truncated", "json.invalid", "image.cut-before-manifest")


def _zip() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as writer:
        writer.writestr(zipfile.ZipInfo("manifest.json"), b"[]" * 400)
    return out.getvalue()


def _says(*words: str) -> Callable[[Report], None]:
    def check(report: Report) -> None:
        message = report["error"]["message"].lower()
        assert all(word in message for word in words), message

    return check


def _all_layers_whole(report: Report) -> None:
    layers = report["images"][0]["layers"]
    assert len(layers) == 3
    assert all(one["complete"] for one in layers)


def _last_layer_cut(report: Report) -> None:
    assert report["images"][0]["names"] == ["app:1"]
    layers = report["images"][0]["layers"]
    assert [one["complete"] for one in layers][:1] == [True]
    cut = [one for one in layers if one["complete"] is False]
    assert len(cut) == 1
    assert isinstance(cut[0]["stopped_at"], int)
    assert report["complete"] is False


def _cut(share: float) -> bytes:
    whole = members_tar(good_parts())
    return whole[: int(len(whole) * share)]


def _no_finding(report: Report) -> None:
    assert report["findings"] == []
    assert report["complete"] is True


def _one_image(report: Report) -> None:
    assert [image["names"] for image in report["images"]] == [["app:1"]]


def _trailing_offset(report: Report) -> None:
    _one_image(report)
    found = next(one for one in report["findings"] if one["code"] == "tar.trailing-data")
    assert found["where"]["offset"] == len(good())
    assert "tar" in found["message"]


def _position(code: str) -> Callable[[Report], None]:
    def check(report: Report) -> None:
        found = [one for one in report["findings"] if one["code"] == code]
        assert found
        assert isinstance(found[0]["where"]["offset"], int)

    return check


def _bad_third_header() -> bytes:
    parts = [file(*part) for part in good_parts()]
    at = parts[2]
    broken = at[:148] + (b"%06o\0 " % (int(at[148:154], 8) + 1)) + at[156:]
    return tar(*parts[:2], broken, *parts[3:])


def _second_size(size: bytes) -> bytes:
    parts = [file(*part) for part in good_parts()]
    return tar(parts[0], header("x", size=size), *parts[1:])


def _noisy() -> bytes:
    """The good image behind a megabyte that does not compress: a cut stream leaves most of it."""
    return members_tar([("noise", random.Random(7).randbytes(MIB)), *good_parts()])


def _smuggled() -> tuple[bytes, bytes]:
    inner = header("smuggled", size=10) + padded(b"smuggled!!")
    return pax({"size": str(len(inner))}) + header("blob", size=0), inner


def _only_blob(report: Report) -> None:
    found = rows(report)
    assert found["/blob"]["size"] == len(_smuggled()[1])
    assert set(found) == {"/blob", "/after"}


def _sizes(**expected: int) -> Callable[[Report], None]:
    def check(report: Report) -> None:
        found = rows(report)
        assert {name: found["/" + name]["size"] for name in expected} == expected

    return check


def _names(*expected: str) -> Callable[[Report], None]:
    def check(report: Report) -> None:
        assert sorted(rows(report)) == sorted(expected)

    return check


def _unknown_listed(report: Report) -> None:
    found = rows(report)
    assert found["/z"]["type"] == "unknown"
    assert found["/after"]["type"] == "file"


def _linked_layer(*links: bytes) -> bytes:
    first, second = good_layers()[0], good_layers()[1]
    members = docker_members([first, second], layer_names=["a/layer.tar", "b/layer.tar"])
    return members_tar([members[0], *links, *members[2:]])


def _same_layer_twice() -> bytes:
    first = good_layers()[0]
    members = docker_members([first, first], layer_names=["a/layer.tar", "b/layer.tar"])
    stored = [part for part in members if part[0] != "b/layer.tar"]
    return members_tar([stored[0], hardlink("b/layer.tar", "a/layer.tar"), *stored[1:]])


def _same_twice(report: Report) -> None:
    layers = report["images"][0]["layers"]
    assert [one["tar_size"] for one in layers] == [layers[0]["tar_size"]] * 2
    assert all(one["present"] for one in layers)


def _manifest_as(*replacement: bytes) -> bytes:
    return members_tar([*docker_members(good_layers())[:-1], *replacement])


def _two_manifests(second_name: str) -> bytes:
    members = docker_members(good_layers())
    other = document([{"Config": members[-2][0], "RepoTags": ["last:1"], "Layers": [name for name, _ in members[:-2]]}])
    return members_tar([*members, (second_name, other)])


def _last_wins(report: Report) -> None:
    assert report["images"][0]["names"] == ["last:1"]


def _sparse_layer() -> bytes:
    members = docker_members([layer(file("a", b"x" * 2000))], layer_names=["l/layer.tar"])
    content = members[0][1]
    data, size = content[: -len(END)], len(content)
    lines = padded(f"1\n0\n{len(data)}\n".encode())
    records = {"GNU.sparse.major": "1", "GNU.sparse.minor": "0", "GNU.sparse.name": "l/layer.tar"}
    sparse = member("GNUSparseFile.0/layer.tar", lines + data, pax_records=records | {"GNU.sparse.realsize": str(size)})
    return members_tar([sparse, *members[1:]])


def _retold(change: Callable[[bytes], bytes]) -> bytes:
    """The good image, every outer header changed."""
    return tar(*(change(file(*part)) for part in good_parts()))


def _nul_version(part: bytes) -> bytes:
    return repair(part[:263] + b"\0\0" + part[265:512]) + part[512:]


def _signed_names() -> bytes:
    extra = file(b"caf\xe9\xff\xfe", b"odd", signed=True)
    return tar(extra, *(file(*part) for part in good_parts()))


def _links_of(count: int) -> list[bytes]:
    chain = [symlink(f"l{n}", f"l{n + 1}") for n in range(count - 1)]
    return [symlink("b/layer.tar", "../l0"), *chain, symlink(f"l{count - 1}", "a/layer.tar")]


PAX_SIZES = {
    "underscore": "1_0",
    "arabic": "١٠",
    "plus": "+10",
    "hex": "0xa",
    "space": " 10",
    "neg": "-10",
    "5000digits": "1" * 5000,
    "float": "1e1",
}
_BAD_PAX = tuple(
    Case(
        f"A33-pax-size-{name}",
        lambda value=value: with_members(member("junk", b"0123456789", pax_records={"size": value})),
        (0, 4) if name == "plus" else (4,),
        ("tar.bad-pax",),
        _all_layers_whole,
        cpu=2,
    )
    for name, value in PAX_SIZES.items()
)

CASES = (
    Case("A01-empty-file", lambda: b"", (3,), ("input.not-tar",)),
    Case("A01-short", lambda: b"manifest.json", (3,), ("input.not-tar",)),
    Case("A02-zeros", lambda: bytes(10240), (3,), ("input.not-image",), _says("entries")),
    Case("A03-random", lambda: random.Random(3).randbytes(64 << 10), (3,), ("input.not-tar",)),
    Case("A05-zip", _zip, (3,), ("input.not-tar",), _says("zip")),
    Case("A05-html", lambda: b"<!DOCTYPE html><html>" + b"x" * 2000, (3,), ("input.not-tar",), _says("html")),
    Case("A05-pdf", lambda: b"%PDF-1.7\n" + b"x" * 2000, (3,), ("input.not-tar",)),
    Case("A05-json", lambda: b'{"schemaVersion":2}' + b" " * 2000, (3,), ("input.not-tar",)),
    Case("A05-elf", lambda: b"\x7fELF\x02\x01\x01" + bytes(2000), (3,), ("input.not-tar",)),
    Case("A05-gzip-of-text", lambda: gzip(b"hello\n" * 500), (3,), ("input.not-tar",)),
    Case("A05-gzip-of-nothing", lambda: gzip(b""), (3,), ("input.not-tar",)),
    Case(
        "A06-plain-tar",
        lambda: tar(file("README", b"x"), directory("src/")),
        (3,),
        ("input.not-image",),
        _says("readme"),
    ),
    Case("A06-plain-tar-gzip", lambda: gzip(tar(file("README", b"x"))), (3,), ("input.not-image",), _says("readme")),
    Case("A06-one-bad-header", lambda: header("f", wrong_by=1) + bytes(4096), (3,), ("input.not-tar",)),
    Case(
        "A06-invalid-first-header",
        lambda: header("f", size=base256(-1, 12)) + bytes(4096),
        (4,),
        ("tar.bad-size", "image.cut-before-manifest"),
    ),
    Case("A08-cut-in-layer", lambda: _cut(0.7), (4,), ("tar.truncated",), _last_layer_cut, MISSING),
    Case(
        "A08-cut-before-manifest",
        lambda: good()[: len(good()) * 7 // 10 - 700],
        (4,),
        ("tar.truncated", "image.cut-before-manifest"),
    ),
    Case("A09-cut-in-last-padding", lambda: good()[:-1100], (0,), ("tar.no-end-marker",), _all_layers_whole),
    Case("A09-no-end-marker", lambda: good()[:-1024], (0,), ("tar.no-end-marker",), _all_layers_whole),
    Case("A09-half-end-marker", lambda: good()[:-512], (0,), ("tar.no-end-marker",), _all_layers_whole),
    Case(
        "A11-lone-zero-then-entries",
        lambda: tar(*(file(*part) for part in good_parts()[:4]), bytes(512), file(*good_parts()[4])),
        (4,),
        ("tar.data-after-end",),
        _position("tar.data-after-end"),
        MISSING,
    ),
    Case("A12-trailing-zeros", lambda: good() + bytes(8192), (0,), (), _no_finding),
    Case("A12-good", good, (0,), (), _no_finding),
    Case("A12-good-oci", lambda: oci_archive(good_layers()), (0,), (), _no_finding),
    Case(
        "A14-concatenated-images", lambda: good() + good(names=("b:2",)), (0,), ("tar.trailing-data",), _trailing_offset
    ),
    Case("A14-junk", lambda: good() + b"secret" * 100, (0,), ("tar.trailing-data",), _one_image),
    Case(
        "A15-bad-checksum-middle",
        _bad_third_header,
        (4,),
        ("tar.bad-checksum",),
        _position("tar.bad-checksum"),
        MISSING,
    ),
    Case(
        "A17-outer-gzip-cut",
        lambda: gzip(good())[:-40],
        (4,),
        ("gzip.truncated",),
        also=ALSO_CUT,
    ),
    Case("A17-outer-gzip-trailer-cut", lambda: gzip(good())[:-3], (4,), ("gzip.truncated",), _all_layers_whole),
    Case(
        "A17-outer-zstd-cut",
        lambda: zstd(_noisy())[:-9],
        (4,),
        ("zstd.truncated",),
        also=ALSO_CUT,
    ),
    Case("A17-outer-zstd-nothing-left", lambda: zstd(good())[:-9], (3,), ("input.not-tar",)),
    Case(
        "A17-outer-xz-cut",
        lambda: xz(good())[:-30],
        (4,),
        ("xz.truncated",),
        also=ALSO_CUT,
    ),
    Case(
        "A17-outer-bzip2-cut",
        lambda: bzip2(good())[:-3],
        (4,),
        ("bzip2.truncated",),
        also=ALSO_CUT,
    ),
    Case("A18-outer-gzip-crc", lambda: gzip(good(), crc=1), (4,), ("gzip.bad-crc",), _all_layers_whole),
    Case("A18-outer-gzip-tail", lambda: gzip(good()) + b"garbage", (0,), ("gzip.trailing-data",), _all_layers_whole),
    Case("A18-outer-zstd-tail", lambda: zstd(good()) + b"garbage", (0,), ("zstd.trailing-data",), _all_layers_whole),
    Case("A18-outer-xz-tail", lambda: xz(good()) + b"garbage!", (0,), ("xz.trailing-data",), _all_layers_whole),
    Case("A18-outer-bzip2-tail", lambda: bzip2(good()) + b"garbage", (0,), ("bzip2.trailing-data",), _all_layers_whole),
    Case("A19-outer-twice", lambda: gzip(gzip(good())), (3,), ("input.not-tar",), _says("twice")),
    Case(
        "A20-negative-size-loop",
        lambda: _second_size(base256(-512, 12)),
        (4,),
        ("tar.bad-size",),
        also=MISSING,
        cpu=2,
    ),
    Case(
        "A21-size-2^63-1",
        lambda: with_members(header("x", size=base256(2**63 - 1, 12)) + b"0123456789", end=b""),
        (4,),
        ("tar.truncated",),
        _all_layers_whole,
        cpu=2,
    ),
    Case(
        "A23-pax-claims-1TiB",
        lambda: with_members(header("x", typeflag=b"x", size=1 << 40)),
        (4,),
        ("tar.ext-header-too-big",),
        _all_layers_whole,
        cpu=2,
        peak=100 * MIB,
    ),
    Case(
        "A24-longname-claims-64GiB",
        lambda: with_members(header("L", typeflag=b"L", size=1 << 36, magic=GNU)),
        (4,),
        ("tar.ext-header-too-big",),
        _all_layers_whole,
        cpu=2,
        peak=100 * MIB,
    ),
    Case(
        "A26-chained-pax-5000",
        lambda: with_members(*[pax({"comment": "x"})] * 5000, file("f")),
        (4,),
        ("tar.ext-header-chain",),
        _all_layers_whole,
        cpu=2,
    ),
    Case(
        "A27-chained-L-5000",
        lambda: with_members(*[gnu_long("name")] * 5000, file("f")),
        (4,),
        ("tar.ext-header-chain",),
        _all_layers_whole,
        cpu=2,
    ),
    Case(
        "A27-pending-4MiB",
        lambda: with_members(*[pax({"comment": "x" * (MIB - 99)})] * 5, file("f")),
        (4,),
        ("tar.ext-header-chain",),
        _all_layers_whole,
    ),
    Case("A28-dangling", lambda: with_members(pax({"path": "nothing"})), (0,), ("tar.dangling-ext-header",)),
    Case(
        "A29-pax-100k-digits",
        lambda: with_members(member("f", pax_records=b"1" * 100_000)),
        (4,),
        ("tar.bad-pax",),
        _all_layers_whole,
        cpu=2,
    ),
    Case("A30-tarmageddon", lambda: with_members(*_smuggled()), (0,), (), _all_layers_whole),
    Case("A30-tarmageddon-inner", lambda: one(*_smuggled(), file("after")), (0,), (), _only_blob),
    Case(
        "A32-pax-dup-size",
        lambda: one(pax(b"9 size=3\n9 size=4\n") + header("f", size=0) + padded(b"body"), file("after")),
        (0,),
        ("tar.duplicate-pax-key",),
        _sizes(f=4),
    ),
    *_BAD_PAX,
    Case(
        "A33-pax-size-empty", lambda: one(member("f", b"0123456789", pax_records={"size": ""})), (0,), (), _sizes(f=10)
    ),
    Case(
        "A35-octal-spaces",
        lambda: one(member("f", b"0123456789", size=b"        12 "), file("after")),
        (0,),
        (),
        _sizes(f=10, after=0),
    ),
    Case(
        "A36-octal-8",
        lambda: with_members(member("f", b"0123456789", size=b"00000000018\0")),
        (4,),
        ("tar.bad-size",),
        _all_layers_whole,
    ),
    Case(
        "A37-bad-mode",
        lambda: with_members(member("f", mode=b"rw-r--r-")),
        (4,),
        ("tar.bad-number",),
        _all_layers_whole,
    ),
    Case(
        "A38-pax-path-nul",
        lambda: with_members(member("f", pax_records={"path": "a\0b"})),
        (4,),
        ("tar.bad-pax",),
        _all_layers_whole,
    ),
    Case(
        "A39-two-L",
        lambda: one(gnu_long("first"), gnu_long("second"), file("f", magic=GNU)),
        (0,),
        ("tar.duplicate-ext-header",),
        _names("/second"),
    ),
    Case("A39-L-beats-pax", lambda: one(pax({"path": "pax"}), gnu_long("long"), file("f")), (0,), (), _names("/long")),
    Case(
        "A41-gnu-prefix-area",
        lambda: one(file("f", magic=GNU, patches={345: b"14730135310\0"})),
        (0,),
        (),
        _names("/f"),
    ),
    Case(
        "A42-type-Z",
        lambda: one(member("z", b"data", typeflag=b"Z"), file("after")),
        (0,),
        ("tar.unknown-type",),
        _unknown_listed,
    ),
    Case("A44-hardlink-layer", _same_layer_twice, (0,), (), _same_twice),
    Case(
        "A45-symlink-cycle",
        lambda: _linked_layer(symlink("b/layer.tar", "../c"), symlink("c", "b/layer.tar")),
        (4,),
        ("image.link-cycle",),
    ),
    Case("A45-symlink-self", lambda: _linked_layer(symlink("b/layer.tar", "layer.tar")), (4,), ("image.link-cycle",)),
    Case(
        "A45-hardlink-self", lambda: _linked_layer(hardlink("b/layer.tar", "b/layer.tar")), (4,), ("image.link-cycle",)
    ),
    Case(
        "A46-16-hops",
        lambda: _linked_layer(*_links_of(15)),
        (0,),
        verified=(4,),
        verified_codes=("image.diffid-mismatch",),
    ),
    Case("A46-17-hops", lambda: _linked_layer(*_links_of(16)), (4,), ("image.link-depth",)),
    Case("A47-symlink-host-abs", lambda: _linked_layer(symlink("b/layer.tar", "/etc/passwd")), (4,), MISSING),
    Case(
        "A48-symlink-host-rel", lambda: _linked_layer(symlink("b/layer.tar", "../../../../etc/passwd")), (4,), MISSING
    ),
    Case("A48-hardlink-host", lambda: _linked_layer(hardlink("b/layer.tar", "/etc/passwd")), (4,), MISSING),
    Case(
        "A50-manifest-symlink",
        lambda: _manifest_as(symlink("manifest.json", "m2"), file("m2", raw(good_parts()[0][1]))),
        (0, 4),
        ("image.manifest-is-link",),
        always=True,
    ),
    Case("A51-manifest-symlink-host", lambda: _manifest_as(symlink("manifest.json", "/etc/passwd")), (4,), MISSING),
    Case(
        "A52-manifest-fifo",
        lambda: _manifest_as(member("manifest.json", typeflag=b"6")),
        (4,),
        ("image.manifest-not-file",),
    ),
    Case("A52-manifest-dir", lambda: _manifest_as(directory("manifest.json")), (4,), ("image.manifest-not-file",)),
    Case("A53-dup-manifest", lambda: _two_manifests("manifest.json"), (4,), ("image.duplicate-member",), _last_wins),
    Case(
        "A53-dup-same",
        lambda: members_tar([*docker_members(good_layers()), docker_members(good_layers())[-1]]),
        (0,),
        ("image.repeated-member",),
    ),
    Case(
        "A54-dup-manifest-dot", lambda: _two_manifests("./manifest.json"), (4,), ("image.duplicate-member",), _last_wins
    ),
    Case(
        "A54-dot-slash",
        lambda: members_tar([("./" + str(name), content) for name, content in good_parts()]),
        (0,),
        (),
        _all_layers_whole,
    ),
    Case(
        "A56-upper-case",
        lambda: _manifest_as(file("MANIFEST.JSON", raw(good_parts()[0][1]))),
        (3,),
        ("input.not-image",),
        _says("manifest.json"),
    ),
    Case(
        "A59-junk-entries-2M",
        lambda: with_members(header("junk", mtime=0) * 2_000_000),
        (0, 5),
        ("limit.members",),
        starred=True,
        cpu=60,
    ),
    Case("A60-outer-sparse-blob", _sparse_layer, (0, 4), ("tar.sparse",), _names("/a"), always=True),
    Case(
        "A61-outer-sparse-repeated",
        lambda: with_members(*[sparse_1_0("hole", 1 << 30, [(0, b"x")])] * 500),
        (4,),
        ("tar.sparse", "image.duplicate-member"),
        _one_image,
    ),
    Case("A62-ustar-nul-version", lambda: _retold(_nul_version), (0,), (), _all_layers_whole),
    Case("A63-signed-checksum", _signed_names, (0,), (), _all_layers_whole),
)


def same_but_order(report: Report) -> Report:
    """A57: the report without what the order of members may change."""
    assert codes_of(report) == set()
    return {key: value for key, value in report.items() if key != "source"}
