"""Builds the images of the benchmark: seeded, offline, plain Python.

    python scripts/bench_images.py CACHE [NAME …]

Each image is built once into the folder CACHE and found there again; RECIPE is part of the file names and changes
with what is built. The contents are no real files, but slices of a pool of words, tables and noise that compresses
about as well as a Linux distribution.
"""

from __future__ import annotations

import hashlib
import json
import os
import random
import sys
import zlib
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple

from bench_layers import MIB, PLAIN, POOL_SIZE, Entry

RECIPE = 2
BLOCK = 512
MTIME = 1_700_000_000
END = bytes(2 * BLOCK)


def pool() -> memoryview:
    """The bytes that all contents are cut from."""
    chance = random.Random(0)
    letters = "etaoinsrhldcumfpgwybvkxjqz_(){}=.:;"
    words = [("".join(chance.choices(letters, k=chance.randrange(2, 12))) + " ").encode() for _ in range(600)]
    phrases = [b"".join(chance.choices(words, k=chance.randrange(1, 4))) for _ in range(600)]
    weights = [1 / (rank + 3) for rank in range(len(phrases))]
    parts: list[bytes] = []
    size = 0
    while size < POOL_SIZE:
        kind = chance.random()
        if kind < 0.80:
            part = b"".join(chance.choices(phrases, weights, k=500))
        elif kind < 0.92:  # a table of small numbers
            part = b"".join(number.to_bytes(4, "little") for number in chance.choices(range(70_000), k=2000))
        else:
            part = chance.randbytes(12_000)
        parts.append(part)
        size += len(part)
    return memoryview(b"".join(parts)[:POOL_SIZE])


def header(path: str, flag: str, mode: int, size: int, link: str = "", mtime: int = MTIME) -> bytes:
    """A ustar header, as Go writes it for an ordinary file."""
    name, prefix = path.encode(), b""
    if len(name) > 100:
        at = name.index(b"/", len(name) - 101)
        prefix, name = name[:at], name[at + 1 :]
    block = b"".join((
        name.ljust(100, b"\0"),
        b"%07o\0%07o\0%07o\0%011o\0%011o\0" % (mode, 0, 0, size, mtime),
        b" " * 8,
        flag.encode(),
        link.encode().ljust(100, b"\0"),
        b"ustar\0" + b"00",
        b"root".ljust(32, b"\0"),
        b"root".ljust(32, b"\0"),
        b"%07o\0%07o\0" % (0, 0),
        prefix.ljust(167, b"\0"),
    ))  # fmt: skip
    return block[:148] + b"%06o\0 " % sum(block) + block[156:]


def layer_tar(entries: Iterable[Entry], contents: memoryview, mtime: int) -> Iterator[bytes | memoryview]:
    """The bytes of a layer whose files have this time."""
    for entry in entries:
        start, size = entry.body
        yield header(entry.path, entry.flag, entry.mode, size, entry.link, mtime)
        if size:
            yield contents[start : start + size]
            yield bytes(-size % BLOCK)
    yield END


class Archive:
    """Writes an outer tar whose members' names and sizes are known only when they are written."""

    def __init__(self, output: BinaryIO) -> None:
        self._output = output

    def member(self, name: str, content: bytes) -> None:
        self._output.write(header(name, "0", 0o644, len(content)) + content + bytes(-len(content) % BLOCK))

    def stream(self, parts: Iterable[bytes | memoryview], name: Callable[[str], str]) -> tuple[str, int]:
        """Adds a member called `name(hexadecimal SHA-256)`; returns the digits and its size."""
        output, start = self._output, self._output.tell()
        output.seek(BLOCK, os.SEEK_CUR)
        digest, size = hashlib.sha256(), 0
        for part in parts:
            digest.update(part)
            size += len(part)
            output.write(part)
        output.write(bytes(-size % BLOCK))
        end = output.tell()
        output.seek(start)
        output.write(header(name(digest.hexdigest()), "0", 0o644, size))
        output.seek(end)
        return digest.hexdigest(), size

    def close(self) -> None:
        self._output.write(END)


def image_config(diff_ids: list[str]) -> bytes:
    """A config whose history has a step for each layer, and metadata between them."""
    history: list[dict[str, object]] = []
    for index in range(len(diff_ids)):
        command = "ADD file:0123456789abcdef in / " if not index else f"RUN /bin/sh -c make step-{index} # buildkit"
        history.append({"created": "2024-01-02T03:04:05Z", "created_by": command})
        history.append({"created": "2024-01-02T03:04:05Z", "created_by": f"ENV STEP={index}", "empty_layer": True})
    return json.dumps({
        "architecture": "amd64",
        "os": "linux",
        "created": "2024-01-02T03:04:05Z",
        "config": {"Env": ["PATH=/usr/bin"], "Cmd": ["/bin/sh"]},
        "rootfs": {"type": "layers", "diff_ids": [f"sha256:{digits}" for digits in diff_ids]},
        "history": history,
    }).encode()  # fmt: skip


def docker_save(output: BinaryIO, layers: Iterable[list[Entry]], name: str, mtime: int = MTIME) -> None:
    """The archive as docker wrote it before version 25."""
    contents = pool()
    archive = Archive(output)
    digits = [
        archive.stream(layer_tar(entries, contents, mtime), lambda digest: f"{digest}/layer.tar")[0]
        for entries in layers
    ]
    config = image_config(digits)
    config_name = hashlib.sha256(config).hexdigest() + ".json"
    archive.member(config_name, config)
    names = [f"{digest}/layer.tar" for digest in digits]
    manifest = [{"Config": config_name, "RepoTags": [f"bench/{name}:1"], "Layers": names}]
    archive.member("manifest.json", json.dumps(manifest).encode())
    archive.close()


class LayerFile(NamedTuple):
    """Where a layer lies in an archive that this module wrote."""

    name: str
    offset: int
    size: int


def stored_layers(path: Path) -> list[LayerFile]:
    """The layers of an archive, base first."""
    found = []
    with path.open("rb") as archive:
        at = 0
        while (block := archive.read(BLOCK)).strip(b"\0"):
            name, size = block[:100].rstrip(b"\0").decode(), int(block[124:135], 8)
            if name.endswith("/layer.tar") or (name.startswith("blobs/") and size > 64 << 10):
                found.append(LayerFile(name, at + BLOCK, size))
            at += BLOCK + size + -size % BLOCK
            archive.seek(at)
    return found


def parts_of(path: Path, layer: LayerFile) -> Iterator[bytes]:
    """The bytes of a layer."""
    with path.open("rb") as archive:
        archive.seek(layer.offset)
        left = layer.size
        while left:
            part = archive.read(min(left, MIB))
            left -= len(part)
            yield part


def gzipped(parts: Iterable[bytes]) -> Iterator[bytes]:
    """As docker pushes it: one member, level 6."""
    deflate = zlib.compressobj(6, zlib.DEFLATED, zlib.MAX_WBITS | 16)
    for part in parts:
        yield deflate.compress(part)
    yield deflate.flush()


def zstandard_compressed(parts: Iterable[bytes]) -> Iterator[bytes]:
    """As buildx writes it: one frame, level 3."""
    import zstandard

    compressor = zstandard.ZstdCompressor(level=3).compressobj()
    for part in parts:
        yield compressor.compress(part)
    yield compressor.flush()


def oci_archive(
    output: BinaryIO, plain: Path, compress: Callable[[Iterable[bytes]], Iterator[bytes]], suffix: str
) -> None:
    """An OCI archive of the layers of the docker-save archive `plain`."""
    archive = Archive(output)
    archive.member("oci-layout", b'{"imageLayoutVersion":"1.0.0"}')

    def descriptor(media_type: str, digits: str, size: int) -> dict[str, object]:
        return {"mediaType": media_type, "digest": f"sha256:{digits}", "size": size}

    def blob(media_type: str, document: bytes) -> dict[str, object]:
        digits, size = archive.stream([document], lambda digest: f"blobs/sha256/{digest}")
        return descriptor(media_type, digits, size)

    diff_ids, layers = [], []
    for layer in stored_layers(plain):
        diff_ids.append(layer.name.partition("/")[0])
        stored = archive.stream(compress(parts_of(plain, layer)), lambda digest: f"blobs/sha256/{digest}")
        layers.append(descriptor(f"application/vnd.oci.image.layer.v1.tar+{suffix}", *stored))
    config = blob("application/vnd.oci.image.config.v1+json", image_config(diff_ids))
    manifest_type = "application/vnd.oci.image.manifest.v1+json"
    manifest = {"schemaVersion": 2, "mediaType": manifest_type, "config": config, "layers": layers}
    target = blob(manifest_type, json.dumps(manifest).encode())
    target |= {"annotations": {"org.opencontainers.image.ref.name": "1"}}
    index = {"schemaVersion": 2, "mediaType": "application/vnd.oci.image.index.v1+json", "manifests": [target]}
    archive.member("index.json", json.dumps(index).encode())
    archive.close()


COMPRESSED = {"bench-gzip": (gzipped, "gzip"), "bench-zstd": (zstandard_compressed, "zstd")}
REBUILT = "bench-rebuilt"  # `bench` once more, a day later
NAMES = (*PLAIN, *COMPRESSED, REBUILT)


def image(cache: Path, name: str) -> Path:
    """The archive `name` in `cache`, built when it is not there."""
    path = cache / f"{name}.{RECIPE}.tar"
    if path.exists():
        return path
    cache.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_suffix(".part")
    with unfinished.open("wb", buffering=MIB) as output:
        if name in PLAIN:
            docker_save(output, PLAIN[name](), name)
        elif name == REBUILT:
            docker_save(output, PLAIN["bench"](), "bench", MTIME + 86_400)
        else:
            oci_archive(output, image(cache, name.partition("-")[0]), *COMPRESSED[name])
    unfinished.rename(path)
    return path


def main() -> None:
    cache, *names = sys.argv[1:]
    for name in names or NAMES:
        path = image(Path(cache), name)
        print(f"{path} {path.stat().st_size / 1e6:.0f} MB", flush=True)


if __name__ == "__main__":
    main()
