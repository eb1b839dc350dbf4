"""A guard against slowness that does not time: what is read, parsed and decompressed is counted."""

from __future__ import annotations

from pathlib import Path

import pytest

from imgtar.archive.input.source import parse_input
from imgtar.image.reader import open_images
from imgtar.limits import Meter
from tests.builders import docker_save, file, oci_archive, tar

MIB = 1 << 20


def metered(path: Path, *, verify: bool = False) -> Meter:
    meter = Meter()
    assert open_images(parse_input(str(path)), meter, verify=verify).images
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
