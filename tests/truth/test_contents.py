"""What `cat` writes is what podman and umoci unpacked, and what Python's tarfile reads in each layer, byte for byte."""

from __future__ import annotations

import bz2
import gzip
import hashlib
import io
import lzma
import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import zstandard

from imgtar.answers.cat import Contents, choose
from imgtar.answers.opening import open_session
from imgtar.answers.options import FILES, InspectOptions
from imgtar.answers.session import Session
from imgtar.answers.view import View
from imgtar.filesystem.tree import FileEntry
from imgtar.formats.tar import TarMember
from imgtar.formats.tar.path import clean
from imgtar.text import escape
from tests.paths import FIXTURES
from tests.truth.test_trees import RECORDED, Tree, recorded

ARCHIVES = sorted({truth.parent.name for truth in RECORDED})
DECOMPRESS: dict[bytes, Callable[[bytes], bytes]] = {
    b"\x1f\x8b": gzip.decompress,
    b"\x28\xb5\x2f\xfd": lambda raw: zstandard.ZstdDecompressor().stream_reader(raw, read_across_frames=True).read(),
    b"\xfd7zXZ": lzma.decompress,
    b"BZh": bz2.decompress,
}


def opened(name: str, image: int) -> Session:
    session = open_session(FIXTURES / name, InspectOptions(image=f"@{image}", spool=lambda _: None))
    session.read(FILES)
    return session


def images_of(name: str) -> Iterator[Session]:
    count = len(open_session(FIXTURES / name).outlines)
    return (opened(name, image) for image in range(count))


def sums(session: Session, wanted: list[tuple[int, TarMember]]) -> dict[tuple[int, int], str]:
    """The SHA-256 of each body by layer and offset."""
    found = {}
    for body in session.bodies(0, wanted):
        content = hashlib.sha256()
        for chunk in body.chunks():
            content.update(chunk)
        assert body.finding is None
        found[body.layer, body.member.offset] = content.hexdigest()
    return found


def chosen(session: Session, path: bytes) -> FileEntry:
    """The file that the printed path means."""
    found = choose(session, View(), [escape(b"/" + path)])
    assert found.absent == ()
    [entry] = found.files
    return entry


def contents(session: Session) -> dict[bytes, str]:
    """The SHA-256 of every regular file of the final filesystem, each looked up by its printed path."""
    tree = session.tree(0)
    entries = {path: tree.entry(path) for path in tree}
    files = {
        path: chosen(session, path)
        for path, entry in entries.items()
        if entry.member.type == "file" and not entry.broken
    }
    digests = sums(session, [(entry.scan_layer, entry.member) for entry in files.values()])
    return {path: digests[entry.scan_layer, entry.member.offset] for path, entry in files.items()}


@pytest.mark.parametrize("truth", RECORDED, ids=[f"{path.parent.name}-{path.name}" for path in RECORDED])
def test_every_file_is_what_was_unpacked(truth: Path) -> None:
    trees = recorded(truth)
    found = [_differences(contents(session), trees) for session in images_of(truth.parent.name)]
    assert min(found, key=len) == []


def _differences(written: dict[bytes, str], trees: list[Tree]) -> list[bytes]:
    """The regular files whose content no tool unpacked so."""
    unpacked = {path for tree in trees for path, row in tree.items() if row["type"] == "file"}
    wrong = [path for path in set.intersection(*(set(tree) for tree in trees)) & unpacked if path not in written]
    for path, digest in written.items():
        if path in unpacked and digest not in [tree[path].get("sha256") for tree in trees if path in tree]:
            wrong.append(path)
    return wrong


@pytest.mark.parametrize("name", ARCHIVES)
def test_every_file_of_each_layer_is_what_tarfile_reads(name: str) -> None:
    """Deleted files among them. Of several members of one name the last one is the file, in both."""
    for session in images_of(name):
        for layer in session.images[0].layers:
            if layer.scan is None or layer.ref.blob is None:
                continue
            raw = b"".join(layer.ref.blob.chunks())
            expected = _by_tarfile(raw)
            wanted = {clean(member.name): member for member in layer.scan.entries.values() if member.type == "file"}
            found = sums(session, [(layer.index, member) for member in wanted.values()])
            got = {path: found[layer.index, member.offset] for path, member in wanted.items()}
            assert got == {path: expected[path] for path in got}
            assert all(b".wh." in path for path in set(expected) - set(got))


def _by_tarfile(raw: bytes) -> dict[bytes, str]:
    for magic, decompress in DECOMPRESS.items():
        if raw.startswith(magic):
            raw = decompress(raw)
            break
    found = {}
    raw += bytes(2048)  # umoci insert writes neither the last padding nor the end marker
    with tarfile.open(fileobj=io.BytesIO(raw), encoding="utf-8", errors="surrogateescape") as layer:
        for member in layer:
            if member.isreg():
                file = layer.extractfile(member)
                assert file is not None
                name = member.name.encode("utf-8", "surrogateescape")
                found[clean(name)] = hashlib.sha256(file.read()).hexdigest()
    return found


@pytest.mark.parametrize("name", ARCHIVES)
def test_all_files_of_an_image_in_one_run(name: str) -> None:
    """In the order of their paths, which no layer has, they are what they are one by one."""
    for session in images_of(name):
        by_path = contents(session)
        entries = [chosen(session, path) for path in sorted(by_path)]
        whole = hashlib.sha256()
        for chunk in Contents(session, entries).chunks():
            whole.update(chunk)
        alone = hashlib.sha256()
        for entry in entries:
            for chunk in Contents(session, [entry]).chunks():
                alone.update(chunk)
        assert whole.hexdigest() == alone.hexdigest()
