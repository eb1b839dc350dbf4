"""Sweeps: a good image cut everywhere, flipped anywhere, each blob spoilt, its members in every order (X41 to X44)."""

from __future__ import annotations

import hashlib
import io
import itertools
import random
import tarfile
from pathlib import Path
from typing import Any

import msgspec
import pytest

import imgtar
from imgtar.findings import Effect
from tests.builders import BLOCK, docker_save, good, good_layers, gzip, oci_archive

pytestmark = pytest.mark.slow

FLIPS = 2_000
VERIFY = imgtar.InspectOptions(verify=True)


def effects(report: imgtar.Session) -> set[Effect]:
    return {finding.effect for finding in report.findings}


def read(raw: bytes, path: Path, options: imgtar.InspectOptions = VERIFY) -> imgtar.Session | None:
    """The report; None where nothing in the file is an image."""
    path.write_bytes(raw)
    try:
        return imgtar.inspect(str(path), options).session
    except imgtar.InputError:
        return None


def rows(report: imgtar.Session) -> list[list[Any]]:
    document = report.document
    return [
        [msgspec.to_builtins(row) for row in report.changes(number, layer.index)]
        for number, image in enumerate(document.images)
        for layer in image.layers
    ]


def members(raw: bytes) -> list[tuple[int, int]]:
    """Start and end of each member of a tar whose headers are plain."""
    found, at = [], 0
    while raw[at : at + BLOCK].strip(b"\0"):
        size = int(raw[at + 124 : at + 135], 8)
        end = at + BLOCK + -(-size // BLOCK) * BLOCK
        found.append((at, end))
        at = end
    return found


def test_cut_at_every_block_and_around_it(tmp_path: Path) -> None:
    """X42: entries are a prefix of the whole, and only padding may be missing without a word."""
    raw = good()
    whole = read(raw, tmp_path / "a.tar")
    assert whole is not None
    everything = rows(whole)
    needed = members(raw)[-1]
    last = needed[0] + BLOCK + int(raw[needed[0] + 124 : needed[0] + 135], 8)
    cuts = sorted({at + by for at in range(0, len(raw), BLOCK) for by in (-1, 0, 1) if 0 <= at + by < len(raw)})
    for cut in cuts:
        report = read(raw[:cut], tmp_path / "a.tar")
        if report is None:
            assert cut < last
            continue
        damaged = effects(report) & {Effect.INCOMPLETE, Effect.INCONSISTENT}
        assert damaged or cut >= last, cut
        known = {row["path"] for layer in everything for row in layer}
        assert {row["path"] for layer in rows(report) for row in layer} <= known, cut


@pytest.mark.parametrize("form", ["docker", "oci"])
def test_every_flip_that_a_digest_covers_is_reported(form: str, tmp_path: Path) -> None:
    """X43: 2,000 single-byte flips; a flip in a body must be noticed, none may be a bug."""
    raw = good() if form == "docker" else oci_archive([*good_layers()], compression="gzip")
    bodies = [(start + BLOCK, end) for start, end in members(raw)]
    chance = random.Random(43)
    for _ in range(FLIPS // 2):
        at = chance.randrange(len(raw))
        spoilt = bytearray(raw)
        spoilt[at] ^= 1 << chance.randrange(8)
        report = read(bytes(spoilt), tmp_path / "a.tar")
        if report is None or effects(report) & {Effect.INCOMPLETE, Effect.INCONSISTENT}:
            continue
        name = next((raw[s - BLOCK : s - BLOCK + 100].rstrip(b"\0") for s, e in bodies if s <= at < e), None)
        size = next((int(raw[s - BLOCK + 124 : s - BLOCK + 135], 8) for s, e in bodies if s <= at < e), 0)
        inside = any(s <= at < s + size for s, e in bodies)
        covered = inside and name is not None and (name.endswith(b".tar") or name.startswith(b"blobs/"))
        assert not covered, (at, name)


@pytest.mark.parametrize("compression", ["none", "gzip", "zstd"])
def test_each_spoilt_blob_is_named(compression: str, tmp_path: Path) -> None:
    """X41: a bit at 20 places, a NUL appended, the last byte dropped."""
    raw = oci_archive([*good_layers()], compression=compression)
    for start, end in members(raw):
        header = raw[start : start + BLOCK]
        name = header[:100].rstrip(b"\0")
        size = int(header[124:135], 8)
        if not name.startswith(b"blobs/") or not size:
            continue
        chance = random.Random(41)
        for _ in range(20):
            at = start + BLOCK + chance.randrange(size)
            spoilt = raw[:at] + bytes([raw[at] ^ 0x10]) + raw[at + 1 :]
            report = read(spoilt, tmp_path / "a.tar")
            assert report is not None
            assert effects(report) & {Effect.INCOMPLETE, Effect.INCONSISTENT}
            assert any(name.decode() == row.where.member for row in report.document.findings), (name, at)
        assert end > start


def test_members_in_every_order_give_one_report(tmp_path: Path) -> None:
    """X44: the order of the members means nothing."""
    raw = docker_save(good_layers()[:2])
    parts = [raw[start:end] for start, end in members(raw)]
    seen = set()
    for order in itertools.islice(itertools.permutations(parts), 120):
        report = read(b"".join(order) + bytes(2 * BLOCK), tmp_path / "a.tar")
        assert report is not None
        image = msgspec.json.encode(report.document.images)
        seen.add(hashlib.sha256(image + repr(rows(report)).encode()).hexdigest())
    assert len(seen) == 1


def test_compressed_and_plain_sweeps_share_one_answer(tmp_path: Path) -> None:
    plain, packed = read(good(), tmp_path / "a.tar"), read(gzip(good()), tmp_path / "b.tar.gz")
    assert plain is not None
    assert packed is not None
    assert rows(plain) == rows(packed)


def test_dialects_give_one_analysis(tmp_path: Path) -> None:
    """X44: ustar, GNU and pax encodings of the same layers, with `./` names or without."""
    seen = []
    for form, dot in itertools.product((tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT), (False, True)):
        layers = []
        for layer in good_layers():
            out = io.BytesIO()
            with (
                tarfile.open(fileobj=io.BytesIO(layer)) as source,
                tarfile.open(fileobj=out, mode="w", format=form) as to,
            ):
                for member in source:
                    body = source.extractfile(member) if member.isreg() else None
                    member.name = f"./{member.name}" if dot else member.name
                    to.addfile(member, body)
            layers.append(out.getvalue())
        report = read(docker_save(layers), tmp_path / "a.tar")
        assert report is not None
        seen.append((rows(report), msgspec.to_builtins(report.document.images[0].totals)["wasted_bytes"]))
    assert all(one == seen[0] for one in seen)
