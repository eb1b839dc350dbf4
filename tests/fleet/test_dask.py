"""A Dask cluster of this machine writes the same bytes, listens on loopback alone, and survives a death."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.command import environment, imgtar
from tests.fleet.running import files, images
from tests.paths import ROOT

pytestmark = pytest.mark.slow

# Other settings than ours must not open a dashboard; warnings of Dask are Dask's.
SCRIPT = """\
from contextlib import closing
import psutil  # distributed needs it
from imgtar.fleet.dask import Dask
from imgtar.fleet.engine import Crew, Died
from tests.fleet.deadly import work

def listening():
    own = psutil.Process()
    for process in (own, *own.children(recursive=True)):
        for one in (getattr(process, "net_connections", None) or process.connections)("inet"):
            if one.status == psutil.CONN_LISTEN:
                yield one.laddr.ip

if __name__ == "__main__":
    with closing(Crew(Dask(None, 2))) as crew:
        found = dict(crew.carry_out(work, ["a", "b"]))
        assert set(listening()) == {"127.0.0.1"}
        found |= dict(crew.carry_out(work, ["killed", "c"]))
    assert isinstance(found.pop("killed"), Died), found
    assert found == {"a": "a", "b": "b", "c": "c"}, found
"""


@pytest.fixture(autouse=True)
def dask() -> None:
    pytest.importorskip("distributed", reason="the extra fleet is not installed")


def test_a_local_cluster_writes_the_same_bytes(tmp_path: Path) -> None:
    images(tmp_path / "archives", 6)
    assert imgtar("fleet", tmp_path / "archives", "--out", tmp_path / "expected", "--workers", "1").returncode == 0
    line = [sys.executable, "-m", "imgtar", "fleet", tmp_path / "archives", "--out", tmp_path / "out"]
    run = subprocess.run([*line, "--engine", "dask", "--workers", "2"], env=environment(), check=False)
    assert run.returncode == 0
    assert files(tmp_path / "out") == files(tmp_path / "expected")


def test_it_listens_on_the_loopback_alone_and_a_death_costs_one_task(tmp_path: Path) -> None:
    (tmp_path / "run.py").write_text(SCRIPT)
    run = subprocess.run(
        [sys.executable, tmp_path / "run.py"],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr


def test_a_cluster_that_does_not_answer_is_an_error(tmp_path: Path) -> None:
    images(tmp_path / "archives", 1)
    line = [sys.executable, "-m", "imgtar", "fleet", tmp_path / "archives", "--out", tmp_path / "out"]
    env = environment({"DASK_DISTRIBUTED__COMM__TIMEOUTS__CONNECT": "1s"})
    run = subprocess.run([*line, "--engine", "dask=tcp://127.0.0.1:9"], env=env, capture_output=True, check=False)
    assert run.returncode == 3


def test_an_address_stands_for_several_workers() -> None:
    """Before the scheduler says how many there are, layers that archives share are worth a stage of their own."""
    from imgtar.fleet.dask import Dask

    assert Dask("tcp://127.0.0.1:9", 1).width > 1
    assert Dask(None, 1).width == 1
