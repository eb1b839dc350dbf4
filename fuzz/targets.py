"""What is fuzzed: a target takes any bytes and may only return or raise what its docstring says.

A first byte of 1 repairs the checksum of every 512-byte block that could be a header, since a fuzzer dies there.
"""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from unittest.mock import patch

import imgtar
from fuzz.claim_targets import CLAIM_TARGETS
from fuzz.command_targets import COMMAND_TARGETS
from fuzz.package_targets import PACKAGE_TARGETS
from fuzz.settings_targets import SETTINGS_TARGETS
from imgtar.archive.input.blobs import InlineBlob
from imgtar.audit.secrets.collector import SecretCollector
from imgtar.audit.secrets.inside.compressed import bunzip2, gunzipped, unxz
from imgtar.audit.secrets.inside.constants import java_texts, python_texts
from imgtar.audit.secrets.inside.search import ContentSearch, Ledger, Level
from imgtar.audit.secrets.inside.sqlite import sqlite_values
from imgtar.audit.secrets.inside.tar_archive import tar_files
from imgtar.audit.secrets.inside.zip_archive import zip_files
from imgtar.formats.compression import Decompressed
from imgtar.formats.in_toto import frontend, materials, pulled_images, read_statement
from imgtar.formats.json_document.document import parse
from imgtar.formats.tar import RegionCursor, StreamCursor, TarWalk, walk
from imgtar.layer import tree
from imgtar.layer.scan import scan_layer
from imgtar.limits import LimitReached, Limits, Meter
from tests.audit.secrets.inside.containers import read_all

LIMITS = Limits(layer_bytes=64 << 20, total_bytes=256 << 20)
BLOCK = 512


def repaired(raw: bytes) -> bytes:
    """The bytes behind the first; with a first byte of 1 all blocks get a right checksum."""
    body = raw[1:]
    if raw[:1] != b"\1":
        return body
    blocks = []
    for start in range(0, len(body), BLOCK):
        block = body[start : start + BLOCK]
        if len(block) == BLOCK and block.strip(b"\0"):
            total = sum(block[:148]) + sum(block[156:]) + 8 * 0x20
            block = block[:148] + b"%06o\0 " % total + block[156:]
        blocks.append(block)
    return b"".join(blocks)


def pieces(raw: bytes, size: int) -> Iterator[bytes]:
    """`raw` in pieces of `size` bytes."""
    return (raw[start : start + size] for start in range(0, len(raw), size))


def tar_walk(raw: bytes) -> None:
    """Both cursors give the same members; raises nothing. As many turns as blocks at most."""
    body = repaired(raw)
    region = TarWalk(RegionCursor(lambda offset, size: body[offset : offset + size], len(body)), Meter(LIMITS))
    stream = TarWalk(StreamCursor(pieces(body, 700)), Meter(LIMITS))
    members = list(region)
    assert members == list(stream)
    assert len(members) <= len(body) // BLOCK + 1
    for known in ("complete", "tar_size", "stopped_at"):
        assert getattr(region, known) == getattr(stream, known)
    offsets = [member.offset for member in members]
    assert offsets == sorted(set(offsets))


def walkers(raw: bytes) -> None:
    """The compiled walker changes nothing: what a layer holds and tells is the same without it; raises nothing."""
    body = repaired(raw)
    assert scanned(body) == scanned(body, compiled=None)


def scanned(body: bytes, **settings: None) -> list[str]:
    """What a layer's members and its scan say; `compiled=None` leaves the compiled walker out."""
    with contextlib.ExitStack() as stack:
        for module in (walk, tree):
            for name, value in settings.items():
                stack.enter_context(patch.object(module, name, value))
        members = TarWalk(StreamCursor(pieces(body, 1 << 16)), Meter(LIMITS), lambda name, _size: name < b"m")
        layer = scan_layer(InlineBlob(body), Meter(LIMITS))
        fields = {name: getattr(layer, name) for name in layer.__struct_fields__}
        fields["implied"] = sorted(layer.implied)
        return [repr(member) for member in members] + [f"{name} {value!r}" for name, value in fields.items()]


def compression(raw: bytes) -> None:
    """The same content however the bytes arrive; raises LimitReached only."""
    outcomes = []
    for size in (1 << 20, 97):
        stream = Decompressed(pieces(raw, size), Meter(LIMITS))
        with contextlib.suppress(LimitReached):
            outcomes.append((b"".join(stream), stream.failed))
    assert len(outcomes) != 2 or outcomes[0] == outcomes[1]


def documents(raw: bytes) -> None:
    """Any bytes are a document with or without a value; raises nothing."""
    parse(raw, LIMITS)


def statements(raw: bytes) -> None:
    """Any document is a statement or none; raises nothing. All that it says comes from the document."""
    statement = read_statement(parse(raw, LIMITS).value, LIMITS)
    if statement is not None:
        assert all(":" in digest for material in materials(statement) for digest in material.digests)
        assert frontend(statement) is None or statement.predicate
        assert all(isinstance(one.chains, tuple) for one in pulled_images(statement))


def archive(raw: bytes) -> None:
    """The whole of `inspect --verify` and of `audit`; raises InputError only, and its sums hold."""
    with tempfile.NamedTemporaryFile(prefix="imgtar-fuzz-") as file:
        Path(file.name).write_bytes(repaired(raw))
        try:
            report = imgtar.inspect(file.name, imgtar.InspectOptions(limits=LIMITS, verify=True, audit=True)).session
        except imgtar.InputError:
            return
        for number, image in enumerate(report.document.images):
            totals = image.totals
            wasted = sum(row.bytes for row in image.waste_rows)
            assert totals.stored_bytes - totals.final_bytes == totals.wasted_bytes == wasted
            for layer in image.layers:
                list(report.changes(number, layer.index))
            list(report.files(number))


READERS = (gunzipped, unxz, bunzip2, tar_files, zip_files)
VALUES = (sqlite_values, python_texts, java_texts)


def inside(raw: bytes) -> None:
    """What is inside any bytes is the same however they arrive; raises nothing.

    A tar, a zip and a database give no more bytes than they have, but for what a zip compresses.
    """
    for read in READERS:
        seen = []
        for size in (1 << 20, 97):
            text = b""
            for event in read_all(read, pieces(raw, size)):
                text += event if isinstance(event, bytes) else b"\0" + repr(event).encode()
                assert len(text) < 64 << 20
            seen.append(text)
        assert seen[0] == seen[1]
    for values in VALUES:
        assert sum(len(value) for value in values(raw) if isinstance(value, bytes)) <= 3 * len(raw)
    ledger = Ledger(1 << 20)
    search = ContentSearch(b"app/file", SecretCollector(), Level(ledger))
    for chunk in pieces(raw, 4096):
        if not search.feed(chunk):
            break
    search.finish()


TARGETS: dict[str, Callable[[bytes], None]] = {
    "tar_walk": tar_walk,
    "walkers": walkers,
    "compression": compression,
    "documents": documents,
    "statements": statements,
    "archive": archive,
    "inside": inside,
    **SETTINGS_TARGETS,
    **PACKAGE_TARGETS,
    **CLAIM_TARGETS,
    **COMMAND_TARGETS,
}
