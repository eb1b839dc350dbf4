"""Each way to learn which layers belong to the base image, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import imgtar
from imgtar.analysis.base_image import Base, base_of, read_base_image
from imgtar.errors import InputError, UsageError
from imgtar.image.image import Image
from imgtar.limits import DEFAULT
from tests import builders
from tests.builders import docker_save, file, layer

LAYERS = [layer(file("a", b"a")), layer(file("b", b"b")), layer(file("c", b"c"))]


def images_of(folder: Path, archive: bytes) -> tuple[Image, ...]:
    path = folder / "image.tar"
    path.write_bytes(archive)
    return tuple(imgtar.inspect(str(path)).images)


@pytest.fixture
def images(tmp_path: Path) -> tuple[Image, ...]:
    return images_of(tmp_path, docker_save(LAYERS))


def test_the_base_by_its_number(images: tuple[Image, ...]) -> None:
    assert [base_of(images[0], images, count, None) for count in (0, 3)] == [Base(0, "--base"), Base(3, "--base")]
    with pytest.raises(UsageError, match="base 4: the image has 3 layers"):
        base_of(images[0], images, 4, None)


def test_the_base_by_its_archive(tmp_path: Path, images: tuple[Image, ...]) -> None:
    base = tmp_path / "base.tar"
    for count in (1, 2, 3):
        base.write_bytes(docker_save(LAYERS[:count]))
        base_images = read_base_image(str(base), DEFAULT)
        assert base_of(images[0], images, None, base_images) == Base(count, "--base-image")
    base.write_bytes(builders.gzip(docker_save(LAYERS[:2])))
    assert base_of(images[0], images, None, read_base_image(str(base), DEFAULT)).layers == 2
    for other in (LAYERS[1:], [*LAYERS, LAYERS[0]]):
        base.write_bytes(docker_save(other))
        with pytest.raises(UsageError, match="not the lowest layers of the image"):
            base_of(images[0], images, None, read_base_image(str(base), DEFAULT))
    for raw, code in ((b"no tar", "input.not-tar"), (docker_save([]), "input.base-image")):
        base.write_bytes(raw)
        with pytest.raises(InputError, match=r"base image .*base\.tar: ") as raised:
            read_base_image(str(base), DEFAULT)
        assert raised.value.code == code
    with pytest.raises(InputError, match=r"base image nowhere\.tar: "):
        read_base_image("nowhere.tar", DEFAULT)


def labelled(folder: Path, labels: dict[str, str], **config: object) -> Base:
    changed = builders.image_config(LAYERS, execution={"Labels": labels}, **config)
    images = images_of(folder, docker_save(LAYERS, config=changed))
    return base_of(images[0], images, None, None)


def test_the_base_by_the_label_of_buildpacks(tmp_path: Path) -> None:
    for index in (0, 1, 2):
        metadata = json.dumps({"runImage": {"topLayer": builders.digest(LAYERS[index]), "reference": "x"}})
        assert labelled(tmp_path, {"io.buildpacks.lifecycle.metadata": metadata}) == Base(index + 1, "label")
    for metadata in ("", "{", "[]", '{"runImage":{"topLayer":"sha256:0"}}', '{"runImage":null}', "[" * 100_000):
        assert labelled(tmp_path, {"io.buildpacks.lifecycle.metadata": metadata}).source == "history"


def test_the_base_by_its_digest_where_it_is_in_the_archive(tmp_path: Path) -> None:
    layout = builders.Layout()
    base = layout.add_image(LAYERS[:2])
    labels = {"org.opencontainers.image.base.digest": base["digest"]}
    layout.manifests += [layout.add_image(LAYERS, execution={"Labels": labels}), base]
    images = images_of(tmp_path, layout.tar())
    assert base_of(images[0], images, None, None) == Base(2, "label")
    assert base_of(images[0], images[:1], None, None).source == "history"


@pytest.mark.parametrize(
    ("created_by", "base"),
    [
        ("/bin/sh -c #(nop) ADD file:0 in / ", Base(1, "history")),
        ("something else", Base(1, "history")),
        (None, Base(1, "history")),
        ("/bin/sh -c #(nop) COPY file:0 in /app ", Base(0, "none")),
        ("/bin/sh -c make", Base(0, "none")),
    ],
)
def test_the_base_by_the_history(tmp_path: Path, created_by: str | None, base: Base) -> None:
    history = [{"created_by": created_by}, {"created_by": "/bin/sh -c x"}, {"created_by": "/bin/sh -c y"}]
    assert labelled(tmp_path, {}, history=history) == base


def test_an_image_without_layers_has_no_base(tmp_path: Path) -> None:
    [answer] = images_of(tmp_path, docker_save([]))
    assert base_of(answer, [answer], None, None) == Base(0, "none")
