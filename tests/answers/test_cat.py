"""Names that people give to `cat`, and contents in any order: the right bytes, in a bounded number of passes."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from imgtar.answers import cat
from imgtar.answers.cat import Contents, choose
from imgtar.answers.session import Session
from imgtar.answers.view import View
from imgtar.cli.main import run
from tests.answers.asking import opened
from tests.builders import docker_save, file, oci_archive, tar, whiteout

KIB = 1 << 10
PART = st.sampled_from(
    [b"a", b"B", b"\\", b"\\x41", b"\\\\", b"*", b"[a]", b"?", b"\xe9", b"\xc3\xa9", b"\xe2\x80\xae", b" ", b"\t",
     b"\n", b"\x1b[31m", b"#", b"!", b"::", b"##[x]", b"'", b".", b"\xcc\x81", b"-", b"->"]
)  # fmt: skip
NAME = st.lists(PART, min_size=1, max_size=4).map(b"".join)
NAMES = st.lists(st.lists(NAME, min_size=1, max_size=3).map(b"/".join), min_size=1, max_size=6, unique=True)


def session_of(folder: Path, archive: bytes) -> Session:
    path = folder / "image.tar"
    path.write_bytes(archive)
    return opened(path)[0]


@given(NAMES)
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_each_path_that_ls_prints_is_the_path_that_cat_takes(
    tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes], names: list[bytes]
) -> None:
    """The content of each file is its own path."""
    session = session_of(tmp_path, docker_save([tar(*(file(name, b"in " + name) for name in names))]))
    files = {path for path in session.tree(0) if session.tree(0).entry(path).member.type == "file"}
    assert run(["ls", str(tmp_path / "image.tar")]) == 0
    printed = capfdbinary.readouterr().out.decode().splitlines()
    got = set()
    for line in printed:
        if not line.endswith("/"):
            assert run(["cat", str(tmp_path / "image.tar"), "--", line]) == 0
            content = capfdbinary.readouterr().out
            assert content.startswith(b"in ")
            got.add(content)
    assert len(got) == len(files)
    assert got == {b"in " + session.tree(0).entry(path).member.name for path in files}


def orders(count: int) -> dict[str, list[int]]:
    shuffled = list(range(count))
    random.Random(count).shuffle(shuffled)
    return {
        "in order": list(range(count)),
        "reversed": list(range(count))[::-1],
        "shuffled": shuffled,
        "one twice": [*range(count), 0, 0],
        "halves": [*range(count // 2, count), *range(count // 2)],
    }


@pytest.mark.parametrize("head", [None, 5, 1500])
@pytest.mark.parametrize("room", [0, 10 * KIB, 1 << 20])
@pytest.mark.parametrize("compression", ["none", "gzip", "zstd"])
def test_contents_come_in_the_order_of_the_names(
    compression: str, room: int, head: int | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cat, "_KEPT", room)
    bodies = [bytes([number]) * (number * 300 % 7000) for number in range(40)]
    layers = [
        tar(*(file(f"{number:02}", bodies[number]) for number in range(20))),
        tar(*(file(f"{number:02}", bodies[number]) for number in range(20, 40))),
    ]
    session = session_of(tmp_path, oci_archive(layers, compression=compression))
    for order in orders(40).values():
        files = choose(session, View(), [f"/{number:02}" for number in order]).files
        contents = Contents(session, files, head)
        assert b"".join(contents.chunks()) == b"".join(bodies[number][:head] for number in order)
        assert contents.findings == []


def passes(session: Session, files: Callable[[], list[str]]) -> int:
    """How often the layer is begun to write these files."""
    begun = 0
    real = session.bodies

    def counted(*arguments: object) -> object:
        nonlocal begun
        begun += 1
        return real(*arguments)  # type: ignore[arg-type]

    session.bodies = counted  # type: ignore[method-assign, assignment]
    for _ in Contents(session, choose(session, View(), files()).files).chunks():
        pass
    return begun


def test_passes_follow_the_bytes_and_not_the_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cat, "_KEPT", 100 * KIB)
    found = {}
    for count in (100, 200, 400):
        layer = tar(*(file(f"{number:03}", b"x" * KIB) for number in range(count)))
        session = session_of(tmp_path, oci_archive([layer], compression="gzip"))
        for name, order in orders(count).items():
            found[name, count] = passes(session, lambda order=order: [f"/{number:03}" for number in order])
    assert [found["in order", count] for count in (100, 200, 400)] == [1, 1, 1]
    assert all(found["reversed", count] <= count // 100 + 1 for count in (100, 200, 400))
    assert all(found["shuffled", count] <= count // 50 + 1 for count in (100, 200, 400))


@pytest.mark.parametrize("name", ["/usr/bin/[", "/d/a[1].txt", "/d/*"])
def test_a_deleted_file_with_a_wildcard_in_its_name_is_found_by_it(name: str, tmp_path: Path) -> None:
    layers = [tar(file(name[1:], b"1"), file("d/a1.txt", b"2")), tar(whiteout(name[1:]))]
    session = session_of(tmp_path, docker_save(layers))
    [absent] = choose(session, View(), [name]).absent
    assert (absent.is_pattern, absent.deleted_by, absent.stored_by) == (False, 1, 0)
    [entry] = choose(session, View(layer=0), [name]).files
    assert entry.member.name == name[1:].encode()


def test_a_pattern_is_the_files_that_it_matches(tmp_path: Path) -> None:
    layers = [tar(file("a/x", b"1"), file("a/y", b"2")), tar(file("b/x", b"3"))]
    session = session_of(tmp_path, docker_save(layers))
    assert [entry.member.name for entry in choose(session, View(), ["x*"]).files] == [b"a/x", b"b/x"]
    assert [entry.member.name for entry in choose(session, View(upto=0), ["x*"]).files] == [b"a/x"]
    assert [entry.member.name for entry in choose(session, View(layer=1), ["/*/x"]).files] == [b"b/x"]
    [absent] = choose(session, View(layer=1), ["/a/*"]).absent
    assert absent.is_pattern
