"""Builds tars, layers, images and archives in memory, right or wrong in any field, always the same bytes.

Every member function returns the bytes of a tar member (its extended headers, header, body, padding), so a tar is
`tar(file("a", b"x"), symlink("b", "a"))` and damage is made with slices. Names may be `str` (UTF-8) or `bytes`.
"""

from __future__ import annotations

import bz2
import hashlib
import json
import lzma
import os
import struct
import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

BLOCK = 512
END = bytes(2 * BLOCK)
USTAR = b"ustar\x0000"
GNU = b"ustar  \0"
V7 = b"\0" * 8
NOW = 1_700_000_000

Text = str | bytes
Number = int | bytes | None
Records = bytes | Mapping[Text, Text] | Sequence[tuple[Text, Text]]

# Where the fields of a header lie: offset, width.
FIELDS = {
    "name": (0, 100),
    "mode": (100, 8),
    "uid": (108, 8),
    "gid": (116, 8),
    "size": (124, 12),
    "mtime": (136, 12),
    "checksum": (148, 8),
    "typeflag": (156, 1),
    "linkname": (157, 100),
    "magic": (257, 8),
    "uname": (265, 32),
    "gname": (297, 32),
    "devmajor": (329, 8),
    "devminor": (337, 8),
    "prefix": (345, 155),
}


def raw(text: Text) -> bytes:
    """`text` as bytes: a str as UTF-8, its lone surrogates as the bytes that they stand for."""
    return text if isinstance(text, bytes) else text.encode("utf-8", "surrogateescape")


# --- tar ------------------------------------------------------------------------------------------------------------


def base256(value: int, width: int) -> bytes:
    """`value` as GNU's binary number of `width` bytes."""
    return ((1 << (8 * width - 1)) | (value & ((1 << (8 * width - 1)) - 1))).to_bytes(width, "big")


def number(value: Number, width: int) -> bytes:
    """A numeric field: octal digits where they fit, else base-256; bytes are taken as they are."""
    if value is None:
        return bytes(width)
    if isinstance(value, bytes):
        return value.ljust(width, b"\0")[:width]
    if 0 <= value < 8 ** (width - 1):
        return b"%0*o\0" % (width - 1, value)
    return base256(value, width)


def checksum(block: bytes, *, signed: bool = False) -> int:
    """The sum of a header block, its checksum field taken as blanks."""
    blank = block[:148] + b" " * 8 + block[156:]
    return sum(blank) - (256 * sum(byte > 127 for byte in blank) if signed else 0)


def repair(block: bytes, *, signed: bool = False) -> bytes:
    """The header block with the right checksum."""
    return block[:148] + b"%06o\0 " % checksum(block, signed=signed) + block[156:]


def header(
    name: Text = "f",
    *,
    mode: Number = 0o644,
    uid: Number = 0,
    gid: Number = 0,
    size: Number = 0,
    mtime: Number = NOW,
    typeflag: bytes = b"0",
    linkname: Text = b"",
    magic: bytes = USTAR,
    uname: Text = b"",
    gname: Text = b"",
    devmajor: Number = 0,
    devminor: Number = 0,
    prefix: Text = b"",
    patches: Mapping[int, bytes] | None = None,
    signed: bool = False,
    wrong_by: int = 0,
) -> bytes:
    """One header block. Strings are cut to their field, `patches` put bytes at any offset before the checksum.

    `wrong_by` is added to the checksum, `signed` makes it the sum of signed bytes.
    """
    values = {
        "name": raw(name),
        "mode": number(mode, 8),
        "uid": number(uid, 8),
        "gid": number(gid, 8),
        "size": number(size, 12),
        "mtime": number(mtime, 12),
        "typeflag": typeflag,
        "linkname": raw(linkname),
        "magic": magic,
        "uname": raw(uname),
        "gname": raw(gname),
        "prefix": raw(prefix),
    }
    if magic != V7:
        values["devmajor"] = number(devmajor, 8)
        values["devminor"] = number(devminor, 8)
    block = bytearray(BLOCK)
    for field, value in values.items():
        at, width = FIELDS[field]
        block[at : at + min(width, len(value))] = value[:width]
    for at, value in (patches or {}).items():
        block[at : at + len(value)] = value
    done = repair(bytes(block), signed=signed)
    if wrong_by:
        done = done[:148] + b"%06o\0 " % (checksum(done) + wrong_by) + done[156:]
    return done


def padded(body: bytes) -> bytes:
    """`body` filled up to a whole block."""
    return body + bytes(-len(body) % BLOCK)


def record(key: Text, value: Text) -> bytes:
    """One pax record with its own length in front."""
    rest = b" " + raw(key) + b"=" + raw(value) + b"\n"
    size = len(rest)
    while size != len(rest) + len(str(size)):
        size = len(rest) + len(str(size))
    return str(size).encode() + rest


def records(values: Records) -> bytes:
    """The body of an extended header."""
    if isinstance(values, bytes):
        return values
    pairs = values.items() if isinstance(values, Mapping) else values
    return b"".join(record(key, value) for key, value in pairs)


def pax(values: Records, *, typeflag: bytes = b"x", name: Text = "PaxHeaders/f", **fields: Any) -> bytes:
    """An extended header (`g` with `typeflag`): its header block and body."""
    body = records(values)
    return header(name, typeflag=typeflag, **({"size": len(body)} | fields)) + padded(body)


def gnu_long(text: Text, *, typeflag: bytes = b"L", **fields: Any) -> bytes:
    """A GNU long name (`K`: long link target) header."""
    body = raw(text) + b"\0"
    fields = {"size": len(body), "magic": GNU} | fields
    return header("././@LongLink", typeflag=typeflag, **fields) + padded(body)


def member(
    name: Text,
    body: bytes = b"",
    *,
    pax_records: Records = (),
    xattrs: Mapping[Text, Text] | None = None,
    **fields: Any,
) -> bytes:
    """A member of any type: extended headers where something does not fit, header, body, padding.

    `size` in `fields` overrides the length of `body`; what is padded is `body`.
    """
    extended: list[tuple[Text, Text]] = []
    if not isinstance(pax_records, bytes):
        extended += pax_records.items() if isinstance(pax_records, Mapping) else pax_records
    if len(raw(name)) > 100:
        extended.append(("path", name))
    if len(raw(fields.get("linkname", b""))) > 100:
        extended.append(("linkpath", fields["linkname"]))
    extended += [(b"SCHILY.xattr." + raw(key), value) for key, value in (xattrs or {}).items()]
    front = pax(pax_records) if isinstance(pax_records, bytes) else pax(extended) if extended else b""
    return front + header(name, **({"size": len(body)} | fields)) + padded(body)


def file(name: Text, content: bytes = b"", **fields: Any) -> bytes:
    """A regular file."""
    return member(name, content, **fields)


def directory(name: Text, **fields: Any) -> bytes:
    """A directory."""
    return member(name, **({"mode": 0o755, "typeflag": b"5"} | fields))


def symlink(name: Text, target: Text, **fields: Any) -> bytes:
    """A symbolic link."""
    return member(name, **({"mode": 0o777, "typeflag": b"2", "linkname": target} | fields))


def hardlink(name: Text, target: Text, **fields: Any) -> bytes:
    """A hard link to another name."""
    return member(name, **({"typeflag": b"1", "linkname": target} | fields))


def device(name: Text, major: int, minor: int, *, typeflag: bytes = b"3", **fields: Any) -> bytes:
    """A character device (a block device with typeflag 4)."""
    return member(name, **({"typeflag": typeflag, "devmajor": major, "devminor": minor} | fields))


def fifo(name: Text, **fields: Any) -> bytes:
    """A FIFO."""
    return member(name, **({"typeflag": b"6"} | fields))


def whiteout(path: Text, **fields: Any) -> bytes:
    """The marker that deletes `path` of the layers below."""
    above, _, last = raw(path).rpartition(b"/")
    return member((above + b"/" if above else b"") + b".wh." + last, **fields)


def opaque(path: Text, **fields: Any) -> bytes:
    """The marker that hides what the layers below have in the directory `path` (the root: an empty path)."""
    return member((raw(path) + b"/" if path else b"") + b".wh..wh..opq", **fields)


def sparse_1_0(name: Text, size: int, segments: Sequence[tuple[int, bytes]], **fields: Any) -> bytes:
    """A sparse file in pax form 1.0: `segments` are (offset, content)."""
    lines = [str(len(segments))] + [str(value) for at, part in segments for value in (at, len(part))]
    stored = padded("".join(line + "\n" for line in lines).encode()) + b"".join(part for _, part in segments)
    values = [
        ("GNU.sparse.major", "1"),
        ("GNU.sparse.minor", "0"),
        ("GNU.sparse.name", name),
        ("GNU.sparse.realsize", str(size)),
    ]
    return member(b"GNUSparseFile.0/" + raw(name)[-60:], stored, pax_records=values, **fields)


def tar(*members: bytes, end: bytes = END) -> bytes:
    """A whole tar: the members and an end marker."""
    return b"".join(members) + end


layer = tar


# --- compression ----------------------------------------------------------------------------------------------------


def gzip(content: bytes, level: int = 6, *, flags: int = 0, extra: bytes = b"", crc: int = 0, isize: int = 0) -> bytes:
    """One gzip member without a time; `crc` and `isize` are added to the right values."""
    deflate = zlib.compressobj(level, zlib.DEFLATED, -15)
    body = deflate.compress(content) + deflate.flush()
    trailer = struct.pack("<II", (zlib.crc32(content) + crc) & 0xFFFFFFFF, (len(content) + isize) & 0xFFFFFFFF)
    return b"\x1f\x8b\x08" + bytes([flags]) + b"\0\0\0\0\0\xff" + extra + body + trailer


def gzip_members(content: bytes, count: int) -> bytes:
    """`content` in `count` gzip members one after another, as pigz and eStargz write."""
    step = max(1, -(-len(content) // count))
    return b"".join(gzip(content[at : at + step]) for at in range(0, len(content), step))


def zstd(content: bytes, level: int = 3, *, checksum: bool = True) -> bytes:
    """One zstd frame."""
    import zstandard

    return zstandard.ZstdCompressor(level=level, write_checksum=checksum, write_content_size=False).compress(content)


def zstd_skippable(content: bytes, *, number: int = 0) -> bytes:
    """A skippable zstd frame."""
    return struct.pack("<II", 0x184D2A50 + number, len(content)) + content


def zstd_rle(total: int, *, window: int = 0x58) -> bytes:
    """A zstd frame of RLE blocks: `total` zeros from 4 bytes per 128 KiB. `window` is the descriptor (8 MiB)."""
    blocks = -(-total // (128 << 10))
    block = ((128 << 10) << 3) | (1 << 1)
    last = block | 1
    body = struct.pack("<I", block)[:3] + b"\0"
    return b"\x28\xb5\x2f\xfd\0" + bytes([window]) + body * (blocks - 1) + struct.pack("<I", last)[:3] + b"\0"


def xz(content: bytes) -> bytes:
    return lzma.compress(content, preset=0)


def bzip2(content: bytes) -> bytes:
    return bz2.compress(content, 1)


COMPRESS: dict[str, Callable[[bytes], bytes]] = {
    "none": bytes,
    "gzip": gzip,
    "zstd": zstd,
    "xz": xz,
    "bzip2": bzip2,
}


# --- documents ------------------------------------------------------------------------------------------------------


def digest(content: bytes) -> str:
    """`sha256:…` of the bytes."""
    return "sha256:" + hashlib.sha256(content).hexdigest()


def chain_ids(diff_ids: Sequence[str]) -> list[str]:
    """The chain IDs of these diffIDs, written from the OCI formula."""
    chain: list[str] = []
    for diff_id in diff_ids:
        chain.append(digest(f"{chain[-1]} {diff_id}".encode()) if chain else diff_id)
    return chain


def document(value: object) -> bytes:
    """Compact JSON with sorted keys; bytes are taken as they are."""
    if isinstance(value, bytes):
        return value
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode()


def history_of(count: int) -> list[dict[str, Any]]:
    """One classic RUN step per layer, the first one an ADD."""
    first = [{"created": "2024-01-02T03:04:05Z", "created_by": "/bin/sh -c #(nop) ADD file:0 in / "}]
    steps = [{"created": "2024-01-02T03:04:05Z", "created_by": f"/bin/sh -c make layer{n}"} for n in range(1, count)]
    return (first + steps)[:count]


def image_config(
    layers: Sequence[bytes], *, execution: Mapping[str, Any] | None = None, **changes: Any
) -> dict[str, Any]:
    """The configuration of an image with these layers (uncompressed); `changes` replace keys, None removes one.

    `execution` is its key `config`: how a container of the image runs.
    """
    config = {
        "architecture": "amd64",
        "os": "linux",
        "created": "2024-01-02T03:04:05Z",
        "config": {"Cmd": ["/bin/sh"], "Env": ["PATH=/bin"]} if execution is None else dict(execution),
        "history": history_of(len(layers)),
        "rootfs": {"type": "layers", "diff_ids": [digest(content) for content in layers]},
    }
    config.update(changes)
    return {key: value for key, value in config.items() if value is not None}


Member = tuple[Text, bytes]


def members_tar(members: Iterable[Member | bytes], *, end: bytes = END) -> bytes:
    """A tar of (name, content) pairs; bytes among them are members as they are."""
    return tar(*(part if isinstance(part, bytes) else file(*part, mtime=0) for part in members), end=end)


# --- docker save ----------------------------------------------------------------------------------------------------


def docker_members(
    layers: Sequence[bytes],
    *,
    names: Sequence[str] | None = ("app:1",),
    config: object = None,
    manifest: object = None,
    config_name: str | None = None,
    layer_names: Sequence[str] | None = None,
    manifest_first: bool = False,
    **changes: Any,
) -> list[Member]:
    """The members of a `docker save`: layers, config, manifest.json last.

    `config` and `manifest` replace the documents (bytes as they are), `changes` go to `image_config`. A layer that
    comes twice is stored once.
    """
    text = document(image_config(layers, **changes) if config is None else config)
    config_name = config_name or digest(text)[7:] + ".json"
    layer_names = layer_names or [digest(content)[7:] + "/layer.tar" for content in layers]
    entry = {"Config": config_name, "RepoTags": None if names is None else list(names), "Layers": list(layer_names)}
    blobs = dict(zip(layer_names, layers, strict=False))
    documents: list[Member] = [("manifest.json", document([entry] if manifest is None else manifest))]
    first, last = (documents, []) if manifest_first else ([], documents)
    return [*first, *blobs.items(), (config_name, text), *last]


def docker_save(layers: Sequence[bytes], **options: Any) -> bytes:
    """A docker-archive of one image; options as `docker_members`."""
    return members_tar(docker_members(layers, **options))


# --- OCI ------------------------------------------------------------------------------------------------------------

INDEX = "application/vnd.oci.image.index.v1+json"
MANIFEST = "application/vnd.oci.image.manifest.v1+json"
CONFIG = "application/vnd.oci.image.config.v1+json"
LAYER = "application/vnd.oci.image.layer.v1.tar"
SUFFIXES = {"none": "", "gzip": "+gzip", "zstd": "+zstd", "xz": "", "bzip2": ""}
OCI_LAYOUT = b'{"imageLayoutVersion":"1.0.0"}'

Edit = Callable[[Any], Any]


class Layout:
    """An OCI layout that grows: `blobs` by path, `manifests` of the index."""

    def __init__(self) -> None:
        self.blobs: dict[str, bytes] = {}
        self.manifests: list[Any] = []
        self.layout: bytes = OCI_LAYOUT
        self.index: Edit = lambda index: index  # changes the index before it is written

    def add(self, content: bytes, media_type: str, **fields: Any) -> dict[str, Any]:
        """Stores a blob and returns its descriptor."""
        name = digest(content)
        self.blobs["blobs/sha256/" + name[7:]] = content
        return {"mediaType": media_type, "digest": name, "size": len(content), **fields}

    def add_image(
        self,
        layers: Sequence[bytes],
        *,
        compression: str | Sequence[str] = "gzip",
        edit_config: Edit = lambda config: config,
        edit_layers: Edit = lambda descriptors: descriptors,
        edit_manifest: Edit = lambda manifest: manifest,
        **changes: Any,
    ) -> dict[str, Any]:
        """Stores an image and returns its manifest's descriptor, which is not yet in the index."""
        kinds = [compression] * len(layers) if isinstance(compression, str) else compression
        descriptors = [
            self.add(COMPRESS[kind](content), LAYER + SUFFIXES[kind])
            for content, kind in zip(layers, kinds, strict=True)
        ]
        config = self.add(document(edit_config(image_config(layers, **changes))), CONFIG)
        manifest = {
            "schemaVersion": 2,
            "mediaType": MANIFEST,
            "config": config,
            "layers": edit_layers(descriptors),
        }
        return self.add(document(edit_manifest(manifest)), MANIFEST)

    def add_attestation(self, subject: Mapping[str, Any], statements: Sequence[Any] = ()) -> dict[str, Any]:
        """Stores a provenance manifest about `subject` as BuildKit does, and returns its descriptor.

        `statements` are descriptors; without them there is one statement that says nothing.
        """
        empty = b'{"_type":"https://in-toto.io/Statement/v0.1"}'
        layers = list(statements) or [self.add(empty, "application/vnd.in-toto+json")]
        config = image_config([], history=None, architecture="unknown", os="unknown")
        config["rootfs"]["diff_ids"] = [layer["digest"] for layer in layers]
        manifest = {
            "schemaVersion": 2,
            "mediaType": MANIFEST,
            "config": self.add(document(config), CONFIG),
            "layers": layers,
        }
        return self.add(
            document(manifest),
            MANIFEST,
            platform={"os": "unknown", "architecture": "unknown"},
            annotations={
                "vnd.docker.reference.type": "attestation-manifest",
                "vnd.docker.reference.digest": subject["digest"],
            },
        )

    def members(self) -> list[Member]:
        """(path, content): blobs sorted by name, index.json, oci-layout."""
        index = {"schemaVersion": 2, "mediaType": INDEX, "manifests": self.manifests}
        tail: list[Member] = [("index.json", document(self.index(index)))]
        return [*sorted(self.blobs.items()), *tail, *([("oci-layout", self.layout)] if self.layout else [])]

    def tar(self) -> bytes:
        return members_tar(self.members())


def oci_layout(layers: Sequence[bytes], *, name: str | None = "app:1", **options: Any) -> Layout:
    """A layout with one image; options as `Layout.add_image`."""
    layout = Layout()
    descriptor = layout.add_image(layers, **options)
    if name is not None:
        descriptor["annotations"] = {"org.opencontainers.image.ref.name": name}
    layout.manifests.append(descriptor)
    return layout


def oci_archive(layers: Sequence[bytes], **options: Any) -> bytes:
    """An oci-archive of one image; options as `oci_layout`."""
    return oci_layout(layers, **options).tar()


def docker_oci(layers: Sequence[bytes], *, name: str = "app:1", compression: str = "none", **options: Any) -> bytes:
    """What docker save writes since 25: an OCI layout with a manifest.json of the same image."""
    layout = oci_layout(layers, name=name, compression=compression, **options)
    manifest = json.loads(layout.blobs["blobs/sha256/" + layout.manifests[0]["digest"][7:]])
    paths = ["blobs/sha256/" + descriptor["digest"][7:] for descriptor in manifest["layers"]]
    entry = {
        "Config": "blobs/sha256/" + manifest["config"]["digest"][7:],
        "RepoTags": [name],
        "Layers": paths,
    }
    return members_tar([*layout.members(), ("manifest.json", document([entry]))])


# --- places ---------------------------------------------------------------------------------------------------------


def write_directory(members: Iterable[Member], where: Path) -> Path:
    """Writes (name, content) pairs as files below `where`, as an unpacked archive."""
    for name, content in members:
        path = where / os.fsdecode(raw(name))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return where


def good_layers() -> list[bytes]:
    """Three small layers that use what layers can do: the «good» image of the hostile cases."""
    base = layer(
        directory("etc/"),
        file("etc/passwd", b"root:x:0:0:root:/root:/bin/sh\n"),
        directory("bin/"),
        file("bin/sh", b"#!\n" * 700, mode=0o755),
        symlink("bin/ash", "sh"),
        file("etc/hosts", b"127.0.0.1 localhost\n"),
    )
    middle = layer(
        directory("etc/"),
        file("etc/passwd", b"root:x:0:0:root:/root:/bin/sh\napp:x:1:1::/:/bin/sh\n"),
        file("srv/app", b"\x7fELF" + bytes(range(256)) * 20, mode=0o755),
        hardlink("srv/app2", "srv/app"),
    )
    top = layer(whiteout("etc/hosts"), file("srv/conf", b"k=v\n", xattrs={"user.note": b"\0\xff"}))
    return [base, middle, top]


def good(**options: Any) -> bytes:
    """A small valid docker save."""
    return docker_save(good_layers(), **options)
