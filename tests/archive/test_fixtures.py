"""Every real archive: its form, its images, and nothing to complain about."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.archive.opening import images, outcome

Row = tuple[str, str, list[tuple[tuple[str, ...], int, int]]]

# file, form, and for each image its names, layers and history entries
ARCHIVES: list[Row] = [
    ("b5-oci-archive-zstd-chunked.tar", "oci-archive", [(("c",), 10, 19)]),
    ("crane-pull-tarball.tar", "docker-archive", [(("127.0.0.1:5055/r/mysqlish:1",), 10, 19)]),
    ("ctr5-export-platform.tar", "docker+oci", [(("r/multi:1",), 2, 4)]),
    ("d20-by-id.tar", "docker-archive", [((), 10, 19)]),
    ("d20-classic-mysqlish.tar.gz", "docker-archive", [(("r/mysqlish:classic",), 10, 19)]),
    ("d20-classic-mysqlish.tar.zst", "docker-archive", [(("r/mysqlish:classic",), 10, 19)]),
    ("d20-commit.tar", "docker-archive", [(("r/committed:1",), 11, 20)]),
    ("d20-duplayers.tar", "docker-archive", [(("r/dup:classic",), 4, 5)]),
    ("d20-emptylayers.tar", "docker-archive", [(("r/emptylayers:classic",), 5, 14)]),
    ("d20-scratch.tar", "docker-archive", [(("r/scratch:classic",), 1, 2)]),
    ("d20-two-images-shared.tar", "docker-archive", [(("r/mysqlish:bk",), 10, 19), (("r/sibling:bk",), 4, 7)]),
    ("d26-buildkit-mysqlish.tar", "docker+oci", [(("r/mysqlish:bk",), 10, 19)]),
    ("d26-duplayers.tar", "docker+oci", [(("r/dup:bk",), 4, 5)]),
    (
        "d26-multi-tags.tar",
        "docker+oci",
        [(("r/mysqlish:bk", "registry.example.invalid:5000/team/mysql:v1"), 10, 19)],
    ),
    ("d26c-buildx-docker-zstd.tar", "docker+oci", [(("r/sibling:x",), 4, 7)]),
    ("d26c-buildx-oci-dir", "oci-layout", [(("r/sibling:x",), 4, 7)]),
    ("d26c-buildx-oci-multiplatform.tar", "oci-archive", [(("r/multi:1",), 2, 4)] * 3),
    ("d26c-buildx-oci-zstd.tar", "oci-archive", [(("r/mysqlish:x",), 10, 19)]),
    ("d26c-metaonly.tar", "docker+oci", [(("r/metaonly:bk",), 0, 3)]),
    ("d26c-mysqlish.tar", "docker+oci", [(("r/mysqlish:bk",), 10, 19)]),
    ("mysql.tar", "docker-archive", [(("r/mysqlish:classic",), 10, 19)]),
    ("p5-docker-archive.tar", "docker-archive", [(("localhost/r/mysqlish:layers",), 10, 19)]),
    ("p5-docker-dir", "docker-dir", [((), 3, 7)]),
    (
        "p5-multi.tar",
        "docker-archive",
        [(("localhost/r/mysqlish:layers",), 10, 19), (("localhost/r/sibling:layers",), 3, 7)],
    ),
    ("p5-nolayers-oci.tar", "oci-archive", [(("localhost/r/mysqlish:nolayers",), 2, 19)]),
    ("p5-oci-archive.tar", "oci-archive", [(("localhost/r/mysqlish:layers",), 10, 19)]),
    ("s5-oci", "oci-layout", [(("latest",), 10, 19)]),
    ("s5-oci-dotslash.tar.gz", "oci-archive", [(("latest",), 10, 19)]),
    ("u-layout.tar.gz", "oci-archive", [(("empty",), 0, 0), (("img", "extra"), 6, 7)]),
]
# What these archives really have: umoci leaves old blobs and writes layers without an end marker; odd file names.
EXPECTED = {"oci.unreferenced-blob", "tar.no-end-marker", "layer.control-char"}


@pytest.mark.parametrize(("name", "form", "expected"), ARCHIVES, ids=[row[0] for row in ARCHIVES])
def test_real_archive(
    name: str, form: str, expected: list[tuple[tuple[str, ...], int, int]], fixtures: Path, tmp_path: Path
) -> None:
    opened = images(fixtures / name, tmp_path, verify=True)
    assert opened.form == form
    assert opened.verified
    assert [(image.record.names, len(image.layers), len(image.pairing.steps)) for image in opened.images] == expected
    assert all(layer.scan is not None and layer.scan.complete for image in opened.images for layer in image.layers)
    code, codes = outcome(fixtures / name, tmp_path, verify=True)
    assert code == 0
    assert codes <= EXPECTED


def test_every_fixture_is_in_the_table(fixtures: Path) -> None:
    others = {"truth", "README.md", "d20-export.tar", "forms", "packages", "dockerfile"}
    assert {path.name for path in fixtures.iterdir()} - others == {row[0] for row in ARCHIVES}


def test_a_container_export_is_no_image(fixtures: Path, tmp_path: Path) -> None:
    assert outcome(fixtures / "d20-export.tar", tmp_path) == (3, {"input.not-image"})


@pytest.mark.parametrize("name", [row[0] for row in ARCHIVES])
def test_no_real_archive_is_taken_for_a_root_filesystem(name: str, fixtures: Path, tmp_path: Path) -> None:
    assert images(fixtures / name, tmp_path, root_filesystem=True).form != "rootfs"


PIPED = """
from imgtar.archive.input.input_name import parse_input
from imgtar.image.opening import open_images
from imgtar.limits import Meter
opened = open_images(parse_input("-"), Meter())
assert opened.source.container == "stream" and opened.source.size is None
print(opened.form)
for image in opened.images:
    print(image.record.image_id, image.record.names)
    for layer in image.layers:
        print(layer.digest, layer.diff_id, layer.scan.content_size, sorted(layer.scan.entries)[:3])
"""


@pytest.mark.parametrize("name", ["mysql.tar", "d26c-mysqlish.tar", "d20-duplayers.tar", "s5-oci-dotslash.tar.gz"])
def test_a_pipe_gives_the_same_images(name: str, fixtures: Path, tmp_path: Path) -> None:
    """X05: standard input is read once and not sought in."""
    environment = os.environ | {"PYTHONPATH": str(fixtures.parent.parent)}
    command = [sys.executable, "-c", PIPED]
    stored = (fixtures / name).read_bytes()
    done = subprocess.run(command, input=stored, capture_output=True, check=True, env=environment)
    opened = images(fixtures / name, tmp_path)
    lines = [opened.form]
    for image in opened.images:
        lines.append(f"{image.record.image_id} {image.record.names}")
        for layer in image.layers:
            assert layer.scan is not None
            entries = sorted(layer.scan.entries)[:3]
            lines.append(f"{layer.digest} {layer.diff_id} {layer.scan.content_size} {entries}")
    assert done.stdout.decode().splitlines() == lines
