"""imgtar's tar walk against Go's archive/tar, the reader that decides what runs, member by member.

Where Go refuses, imgtar reports damage and yielded the same members before; where Go reads on, imgtar agrees, or is
stricter for a reason that `oracle.STRICTER` names.
"""

from __future__ import annotations

import base64
import bz2
import os
import shutil
import subprocess
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.formats.tar.differential import mutations, samples
from tests.formats.tar.differential.oracle import Gotar, disagreement, go_is_here, walks
from tests.oracles import build

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not go_is_here(), reason="go is not installed: no differential test against Go's tar"),
]

MUTATIONS = int(os.environ.get("IMGTAR_TAR_MUTATIONS", "6000"))


@pytest.fixture(scope="module")
def go(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gotar]:
    """Go's reader."""
    program = Gotar(build("gotar", tmp_path_factory.getbasetemp().parent))
    yield program
    program.close()


@pytest.fixture(scope="module")
def written(go: Gotar, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """What every writer at hand makes."""
    root = tmp_path_factory.mktemp("written")
    found = dict(samples.gnu_tar(root))
    found |= dict(samples.python_tar(root))
    found |= {f"go-{form}": go.write(form) for form in ("ustar", "pax", "gnu")}
    if shutil.which("bsdtar"):
        found |= dict(samples.bsd_tar(root))
    return found


def test_writers_are_here() -> None:
    missing = samples.writers_missing()
    if missing:
        pytest.skip("not installed, so not compared: " + ", ".join(missing))


def test_written(go: Gotar, written: dict[str, bytes]) -> None:
    wrong = {name: why for name, content in written.items() if (why := disagreement(go, content))}
    assert not wrong
    assert len(written) >= 20


def test_written_is_read_whole(written: dict[str, bytes]) -> None:
    """No writer's output stops the walk, but for what the engines refuse as well."""
    stopped = {name for name, content in written.items() if not walks(content)["region"][0].complete}
    assert stopped == set()


@pytest.mark.parametrize(("name", "content"), [pytest.param(*one, id=one[0]) for one in samples.from_bytes()])
def test_built(go: Gotar, name: str, content: bytes) -> None:
    assert disagreement(go, content) == ""


def test_go_testdata(go: Gotar) -> None:
    """The files of Go's own tests, where its sources are installed."""
    root = subprocess.run(["go", "env", "GOROOT"], capture_output=True, text=True, check=True).stdout.strip()
    where = Path(root) / "src/archive/tar/testdata"
    if not where.is_dir():
        pytest.skip("Go's sources are not installed: its test archives are not compared")
    wrong = {}
    for path in sorted(where.iterdir()):
        content = path.read_bytes()
        if path.suffix == ".base64":
            content = base64.b64decode(content)
        elif path.suffix == ".bz2":
            content = bz2.decompress(content)
        if len(content) <= 32 << 20 and ".tar" in path.name:
            wrong[path.name] = disagreement(go, content)
    assert {name: why for name, why in wrong.items() if why} == {}


def test_fixtures(go: Gotar, fixtures: Path) -> None:
    """The outer tars of the real archives, and a plain layer's worth of each docker save."""
    for path in sorted(fixtures.glob("*.tar")):
        assert (path.name, disagreement(go, path.read_bytes())) == (path.name, "")


def test_mutations(go: Gotar, written: dict[str, bytes]) -> None:
    """Thousands of tars with a field or a few bytes changed."""
    seeds = {name: content for name, content in written.items() if 0 < len(content) <= 64 << 10}
    seeds |= {name: content for name, content in samples.from_bytes() if 512 <= len(content) <= 16 << 10}
    usable = {name: heads for name, content in seeds.items() if (heads := mutations.headers_of(content))}
    names = sorted(usable)
    wrong = {}
    for turn in range(MUTATIONS):
        name = names[turn % len(names)]
        seed = zlib.crc32(f"{name} {turn}".encode())
        why = disagreement(go, mutations.mutate(seeds[name], seed, usable[name]))
        if why:
            wrong[f"{name} {seed}"] = why
    shown = "\n".join(f"{key}: {why}" for key, why in list(wrong.items())[:20])
    assert not wrong, f"{len(wrong)} of {MUTATIONS}:\n{shown}"
