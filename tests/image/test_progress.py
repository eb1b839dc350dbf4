"""The progress hears of every byte once, and while a layer is read, not only behind it."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

import imgtar
from tests.builders import docker_save, file, gzip, layer, oci_archive


class Heard:
    """Keeps what it hears."""

    def __init__(self) -> None:
        self.total: int | None = None
        self.steps: list[int] = []

    def start(self, total: int | None) -> None:
        self.total = total

    def advance(self, size: int) -> None:
        self.steps.append(size)


def heard(archive: bytes, folder: Path, *, verify: bool = False) -> Heard:
    path = folder / "image.tar"
    path.write_bytes(archive)
    progress = Heard()
    session = imgtar.inspect(path, imgtar.InspectOptions(verify=verify, progress=progress)).session
    assert session.envelope.complete
    assert progress.total == len(archive)
    assert min(progress.steps) > 0
    return progress


def noise(size: int) -> bytes:
    return random.Random(size).randbytes(size)


@pytest.mark.parametrize("verify", [False, True])
@pytest.mark.parametrize("compression", ["none", "gzip"])
def test_steps_grow_with_the_layer_and_sum_to_its_size(compression: str, verify: bool, tmp_path: Path) -> None:
    counts = []
    for size in (1 << 20, 2 << 20, 4 << 20):
        files = [file(f"f{number}", noise(1 << 18)) for number in range(size >> 18)]
        raw = layer(*files)
        progress = heard(oci_archive([raw], compression=compression), tmp_path, verify=verify)
        assert sum(progress.steps) == len(gzip(raw) if compression == "gzip" else raw)
        counts.append(len(progress.steps))
    assert min(counts) > 1
    # Of a plain layer whose digest a thread takes, the steps depend on which of the two is ahead.
    assert (compression == "none" and verify) or counts[0] < counts[1] < counts[2]


def test_every_layer_counts_once_also_where_it_is_read_twice(tmp_path: Path) -> None:
    layers = [layer(file("a", noise(1 << 20))), layer(file("b", noise(1 << 20)))]
    progress = heard(docker_save(layers), tmp_path, verify=True)
    assert sum(progress.steps) == sum(map(len, layers))


def test_a_pipe_and_a_compressed_archive_count_what_they_read(tmp_path: Path) -> None:
    archive = gzip(docker_save([layer(file("a", noise(3 << 20)))]))
    progress = heard(archive, tmp_path)
    assert sum(progress.steps) == len(archive)
    assert len(progress.steps) > 3
