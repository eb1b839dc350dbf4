"""A guard against slowness that does not time: what is read, parsed and decompressed is counted."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from imgtar.archive.input.input_name import parse_input
from imgtar.image.opening import open_images
from imgtar.image.read_options import ReadOptions
from imgtar.limits import Limits, Meter
from tests.builders import bzip2, docker_save, file, gzip, oci_archive, tar, xz, zstd

MIB = 1 << 20


PACK: dict[str, Callable[[bytes], bytes]] = {"gzip": gzip, "zstd": zstd, "xz": xz, "bzip2": bzip2}


def metered(path: Path, *, verify: bool = False, whole: bool = True, **limits: int) -> Meter:
    meter = Meter(Limits(**limits))
    images = open_images(parse_input(str(path)), meter, ReadOptions(verify=verify)).images
    assert images or not whole  # what stops early is cut before its manifest
    return meter


def test_plain_layers_are_read_by_their_headers_alone(tmp_path: Path) -> None:
    path = tmp_path / "large.tar"
    layer = tar(*(file(f"f{number}", bytes(MIB + number)) for number in range(24)))
    path.write_bytes(docker_save([layer]))
    meter = metered(path)
    assert meter.bytes_read < 0.03 * path.stat().st_size
    assert meter.decompressed == 0


def test_small_files_are_read_once(tmp_path: Path) -> None:
    path = tmp_path / "small.tar"
    layers = [tar(*(file(f"d/f{layer}-{number}", b"x" * 100) for number in range(3_000))) for layer in range(2)]
    archive = docker_save(layers)
    path.write_bytes(archive)
    meter = metered(path)
    assert meter.entries == 6_000
    outer = meter.headers - meter.entries
    assert 0 < outer < 20
    documents = 2 * 512  # config and manifest may lie in the window of a header
    assert meter.bytes_read <= len(archive) + documents


@pytest.mark.parametrize("compression", ["gzip", "zstd"])
@pytest.mark.parametrize("verify", [False, True])
def test_compressed_layers_are_decompressed_once(compression: str, verify: bool, tmp_path: Path) -> None:
    path = tmp_path / "packed.tar"
    layers = [tar(*(file(f"f{number}", bytes([number]) * 5_000) for number in range(100))) for _ in range(1)]
    layers.append(tar(file("other", b"y" * 70_000)))
    path.write_bytes(oci_archive(layers, compression=compression))
    assert metered(path, verify=verify).decompressed == sum(map(len, layers))


def test_a_layer_under_two_positions_is_scanned_once(tmp_path: Path) -> None:
    path = tmp_path / "twice.tar"
    layer = tar(file("f", b"abc"))
    path.write_bytes(oci_archive([layer, layer, layer], compression="gzip"))
    meter = metered(path)
    assert (meter.entries, meter.decompressed) == (1, len(layer))


def _layer_of_zeros(form: str) -> bytes:
    return PACK[form](tar(file("zeros", bytes(32 * MIB))))


# How little the archives say, and how much comes out of them: 32 MiB a layer.
BOMBS: dict[str, Callable[[str], bytes]] = {
    "layer": lambda form: docker_save([_layer_of_zeros(form)]),
    "archive": lambda form: PACK[form](docker_save([tar(file("zeros", bytes(32 * MIB)))])),
    "layer of an archive": lambda form: PACK[form](docker_save([_layer_of_zeros(form)])),
}


@pytest.mark.parametrize("verify", [False, True])
@pytest.mark.parametrize("bomb", BOMBS)
@pytest.mark.parametrize("form", PACK)
def test_a_bomb_stops_at_a_sixteenth_of_the_size_from_which_the_ratio_counts(
    form: str, bomb: str, verify: bool, tmp_path: Path
) -> None:
    path = tmp_path / "bomb.tar"
    path.write_bytes(BOMBS[bomb](form))
    meter = metered(path, verify=verify, whole=bomb == "layer", ratio=10, ratio_bytes=64 * MIB)
    assert 4 * MIB <= meter.decompressed <= 6 * MIB


@pytest.mark.parametrize("pack", [bytes, bzip2])
def test_many_small_bombs_are_one(pack: Callable[[bytes], bytes], tmp_path: Path) -> None:
    counts = []
    for layers in (4, 8, 16):
        path = tmp_path / "bombs.tar"
        path.write_bytes(pack(docker_save([bzip2(tar(file(f"f{n}", bytes(3 * MIB)))) for n in range(layers)])))
        # The size from which the ratio counts is more than that of a layer.
        counts.append(metered(path, ratio=20, ratio_bytes=64 * MIB).decompressed)
    assert max(counts) <= 7 * MIB
