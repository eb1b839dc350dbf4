"""`--base-image`: archives of the base and folders of them; the image with the most layers that fits is the base."""

from __future__ import annotations

from pathlib import Path

import pytest

from imgtar.analysis.base.base import Base
from imgtar.analysis.base.given import given_base
from imgtar.errors import InputError, UsageError
from imgtar.limits import DEFAULT
from tests import builders
from tests.analysis.base.archives import LAYERS, base
from tests.builders import docker_save

APP = docker_save(LAYERS)


def write(path: Path, content: bytes) -> str:
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(content)
    return str(path)


def test_the_layers_of_the_given_image_are_the_base(tmp_path: Path) -> None:
    for count in (1, 2, 3):
        name = write(tmp_path / "base.tar", builders.gzip(docker_save(LAYERS[:count], names=["debian:12"])))
        expected = Base(layers=count, by="given", confidence="exact", name="debian:12", named_by="given")
        assert base(tmp_path, APP, base_images=[name]) == expected
    for other in (LAYERS[1:], [*LAYERS, LAYERS[0]]):
        name = write(tmp_path / "base.tar", docker_save(other))
        with pytest.raises(UsageError, match="not the lowest layers of the image"):
            base(tmp_path, APP, base_images=[name])


def test_the_longest_of_several_is_the_base(tmp_path: Path) -> None:
    names = [write(tmp_path / f"{n}.tar", docker_save(LAYERS[:n], names=[f"b:{n}"])) for n in (1, 2)]
    other = write(tmp_path / "other.tar", docker_save(LAYERS[1:]))
    for order in ([*names, other], [other, *reversed(names)]):
        found = base(tmp_path, APP, base_images=order)
        assert found is not None
        assert (found.layers, found.name) == (2, "b:2")


def test_a_folder_holds_images_of_which_none_need_fit(tmp_path: Path) -> None:
    folder = tmp_path / "bases"
    write(folder / "no.tar", b"no tar")
    write(folder / "other.tar", docker_save(LAYERS[1:]))
    write(folder / "itself.tar", APP)
    found = base(tmp_path, APP, base_images=[str(folder)])
    assert found is not None
    assert found.by == "history", "an image is not its own base"
    write(folder / "two.tar", docker_save(LAYERS[:2]))
    found = base(tmp_path, APP, base_images=[str(folder)])
    assert found is not None
    assert (found.layers, found.by, found.confidence) == (2, "given", "exact")


def test_a_layout_is_an_archive(tmp_path: Path) -> None:
    layout = builders.write_directory(builders.oci_layout(LAYERS[:2], name="b:2").members(), tmp_path / "layout")
    found = base(tmp_path, APP, base_images=[f"oci:{layout}"])
    assert found is not None
    assert (found.layers, found.name) == (2, "b:2")


def test_what_cannot_be_used_is_named(tmp_path: Path) -> None:
    for raw, code in ((b"no tar", "input.not-tar"), (docker_save([]), "input.base-image")):
        name = write(tmp_path / "base.tar", raw)
        with pytest.raises(InputError, match=r"base image .*base\.tar: ") as raised:
            given_base(None, [name], DEFAULT)
        assert raised.value.code == code
    for absent in ("nowhere.tar", str(tmp_path / "nowhere")):
        with pytest.raises(InputError, match=r"base image .*nowhere"):
            given_base(None, [absent], DEFAULT)
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match=r"base image .*empty"):
        given_base(None, [str(tmp_path / "empty")], DEFAULT)
