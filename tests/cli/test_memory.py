"""The memory of a whole run, as the system sees it, keeps the promise: 200 MB, 600 B an entry and 3 × the names."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.builders import docker_save, file, gzip, oci_archive, pax, tar, whiteout
from tests.cli.command import IMGTAR, environment

MB = 1000 * 1000
COMMANDS = (
    *(("inspect", "--format", name) for name in ("table", "json", "jsonl", "csv", "html", "markdown")),
    *(("ls",), ("ls", "--layer", "0", "--format", "json"), ("audit",)),
    *(("find", "--present", "--format", name) for name in ("table", "json", "csv")),
)

STARTER = """
import os, subprocess, sys
null = subprocess.DEVNULL
_, status, usage = os.wait4(subprocess.Popen(sys.argv[1:], stdout=null, stderr=null).pid, 0)
print(os.waitstatus_to_exitcode(status), usage.ru_maxrss)
"""


def deep_files(count: int, components: int, width: int) -> list[bytes]:
    """Each file lies below directories of its own, which nothing lists."""
    parts = ["d" * width] * (components - 1)
    return [pax({"path": "/".join([f"a{number}", *parts, "f"])}) + file("f", b"x") for number in range(count)]


def deep(count: int) -> bytes:
    return docker_save([tar(*deep_files(count, 2000, 30))])


def removed(count: int) -> bytes:
    """Directories of which the limit takes in no more than memory has room for, and a layer that removes them."""
    return docker_save([tar(*deep_files(count, 1000, 2)), tar(*(whiteout(f"a{number}") for number in range(count)))])


def replaced(count: int) -> bytes:
    """The layer itself stores files where its directories were."""
    return docker_save([tar(*deep_files(count, 1000, 2), *(file(f"a{number}") for number in range(count)))])


def peak(path: Path, command: tuple[str, ...]) -> int:
    """The bytes of memory that a run has at its peak."""
    # A process begins with the peak of the one that starts it, so a small one stands between the tests and the run.
    words = [sys.executable, "-c", STARTER, *IMGTAR, *command, str(path)]
    exit_code, kilobytes = subprocess.run(words, env=environment(), capture_output=True, check=True).stdout.split()
    assert int(exit_code) in (0, 5)
    return int(kilobytes) * 1024


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_implied_directories_take_the_promised_memory(command: tuple[str, ...], tmp_path: Path) -> None:
    path = tmp_path / "deep.tar"
    path.write_bytes(deep(4))
    assert peak(path, command) < 200 * MB


@pytest.mark.parametrize("build", [deep, removed, replaced])
def test_memory_does_not_grow_with_the_depth_of_paths(build: Callable[[int], bytes], tmp_path: Path) -> None:
    path = tmp_path / "deep.tar"
    for count in (16, 32, 64):
        path.write_bytes(build(count))
        # The few bytes of names that the archive states and the entries that the limit lets in are left out.
        assert peak(path, ("inspect", "--format", "json")) < 200 * MB, count


@pytest.mark.parametrize("packed", ["plain", "layer", "archive"])
def test_memory_does_not_grow_with_the_files_that_cat_writes(packed: str, tmp_path: Path) -> None:
    """One large file, and small ones that the layer holds in another order."""
    path = tmp_path / "image.tar"
    peaks = []
    for size in (16, 32, 64):
        members = [
            file("big", bytes(size << 20)),
            *(file(f"{9999 - number}", bytes(1 << 20)) for number in range(size)),
        ]
        layer = tar(*members)
        archive = oci_archive([layer], compression="gzip") if packed == "layer" else docker_save([layer])
        path.write_bytes(gzip(archive, 1) if packed == "archive" else archive)
        peaks.append(peak(Path("**"), ("cat", "-q", str(path))))
    assert max(peaks) - min(peaks) < 25 * MB
    assert max(peaks) < 120 * MB
