"""The work of `packages` is linear in packages, files, layers and archives."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from tests.answers.inventories import asked, dpkg, listed
from tests.builders import file, layer, whiteout
from tests.growth import assert_linear
from tests.packages.programs import go_program, jar, properties
from tests.packages.rpm.test_database import header, ndb, sqlite


def rpms(count: int) -> list[bytes]:
    """Headers of packages, each with a name of its own and five files in two folders."""
    made = []
    for number in range(count):
        files = [(f"/usr/{place % 2}/".encode(), b"%d-%d" % (number, place), b"0" * 64) for place in range(5)]
        texts = {"1000": b"p%d\0" % number, "1001": b"1\0", "1002": b"1.el9\0"}
        made.append(header(files, **{tag: (6, 1, text) for tag, text in texts.items()}))
    return made


def packages(count: int) -> list[bytes]:
    names = [f"p{number}" for number in range(count)]
    return [layer(dpkg(*(f"{name}=1" for name in names)), *(listed(name, f"usr/{name}") for name in names))]


def files_of_one(count: int) -> list[bytes]:
    paths = [f"usr/{number % 7}/{number}" for number in range(count)]
    return [layer(dpkg("a=1"), listed("a", *paths), *(file(path, b"x") for path in paths))]


def files_of_nobody(count: int) -> list[bytes]:
    return [layer(*(file(f"usr/{number % 7}/{number}", b"x") for number in range(count)))]


def layers(count: int) -> list[bytes]:
    """Each upgrades one package, stores its file again, and deletes what another one left."""
    return [
        layer(dpkg(f"a={number}", "b=1"), listed("a", "usr/a"), file("usr/a", b"%d" % number),
              file(f"usr/x{number}", b"x"), whiteout(f"usr/x{number - 1}"))
        for number in range(count)
    ]  # fmt: skip


def archives(count: int) -> list[bytes]:
    inner = [(f"{number}.jar", jar([properties("g", f"a{number}", "1")])) for number in range(count)]
    return [layer(file("app.jar", jar(inner)))]


def programs(count: int) -> list[bytes]:
    program = go_program() + bytes(64 << 10)
    return [layer(*(file(f"bin/{number}", program) for number in range(count)))]


def headers_of_sqlite(count: int) -> list[bytes]:
    return [layer(file("var/lib/rpm/rpmdb.sqlite", sqlite(rpms(count))))]


def headers_of_ndb(count: int) -> list[bytes]:
    return [layer(file("var/lib/rpm/Packages.db", ndb(rpms(count))))]


CASES: Sequence[Callable[[int], list[bytes]]] = (
    *(packages, files_of_one, files_of_nobody, layers, archives, programs, headers_of_sqlite, headers_of_ndb),
)


@pytest.mark.parametrize("made", CASES, ids=lambda made: made.__name__)
def test_growth(made: Callable[[int], list[bytes]], tmp_path: Path) -> None:
    def prepare(count: int) -> Callable[[], object]:
        content = made(count)
        return lambda: asked(content, tmp_path)

    asked(made(1), tmp_path)  # what is imported on first use
    assert_linear(prepare, 25)
