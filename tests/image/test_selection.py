"""`--image`: an image is meant by its whole name, or by the end of a name from a slash on, with or without its tag."""

from __future__ import annotations

from pathlib import Path

import pytest

import imgtar
from tests.builders import docker_save, file, layer


@pytest.mark.parametrize(
    ("name", "reference", "chosen"),
    [
        ("registry.example:5000/team/app:1.2", "registry.example:5000/team/app:1.2", True),
        ("registry.example:5000/team/app:1.2", "team/app:1.2", True),
        ("registry.example:5000/team/app:1.2", "team/app", True),
        ("registry.example:5000/team/app:1.2", "app", True),
        ("registry.example:5000/team/app:1.2", "app:1.2", True),
        ("registry.example:5000/team/app:1.2", "app:1", False),
        ("registry.example:5000/team/app:1.2", "pp", False),
        ("registry.example:5000/team/app:1.2", "eam/app", False),
        ("registry.example:5000/team/app:1.2", "team", False),
        ("nginx:latest", "nginx", True),
        ("nginx:latest", "library/nginx", True),
        ("nginx:latest", "inx", False),
    ],
)
def test_the_end_of_a_name(name: str, reference: str, chosen: bool, tmp_path: Path) -> None:
    path = tmp_path / "image.tar"
    path.write_bytes(docker_save([layer(file("a"))], names=(name,)))
    options = imgtar.InspectOptions(image=reference)
    if chosen:
        assert [image.names for image in imgtar.inspect(str(path), options).document.images] == [[name]]
    else:
        with pytest.raises(imgtar.InputError, match="no image matches"):
            imgtar.inspect(str(path), options)
