"""What the history lets one guess, and that a gate does not rely on a guess."""

from __future__ import annotations

from pathlib import Path

import pytest

import imgtar
from imgtar.analysis.base.base import gate_layers
from imgtar.analysis.base.history import bottom_layers, guessed_layers
from tests.analysis.base.archives import LAYERS
from tests.builders import docker_save

ADD, RUN, COPY = "/bin/sh -c #(nop) ADD file:0 in / ", "/bin/sh -c make", "/bin/sh -c #(nop) COPY file:0 in /app "
CMD, ENTRYPOINT, ENV = '/bin/sh -c #(nop)  CMD ["sh"]', 'ENTRYPOINT ["x"]', "ENV A=b"


@pytest.mark.parametrize(
    ("steps", "bottom", "guessed"),
    [
        ([ADD, RUN, RUN], 1, 1),
        (["something else", RUN, RUN], 1, 1),
        ([None, RUN, RUN], 1, 1),
        ([COPY, RUN, RUN], 0, 0),
        ([RUN, RUN, RUN], 0, 0),
        ([ADD, CMD, RUN, RUN], 1, 1),
        ([ADD, RUN, CMD, RUN], 1, 2),
        ([ADD, RUN, ENTRYPOINT, ENV, RUN, ENV, CMD], 1, 2),
        ([ADD, CMD, RUN, CMD, RUN, CMD, ENTRYPOINT], 1, 2),
        ([COPY, RUN, CMD, RUN], 0, 2),
        ([ADD, RUN, RUN, CMD, ENTRYPOINT], 1, 1),
        ([CMD, COPY, RUN, RUN, CMD], 0, 0),
        ([], 0, 0),
    ],
)
def test_the_base_by_the_history(tmp_path: Path, steps: list[str | None], bottom: int, guessed: int) -> None:
    makes_layer = (ADD, RUN, COPY, "something else", None)
    history = [{"created_by": step, "empty_layer": step not in makes_layer} for step in steps]
    path = tmp_path / "image.tar"
    path.write_bytes(docker_save(LAYERS, history=history))
    session = imgtar.open_session(path)
    [image] = session.outlines
    assert (bottom_layers(image), guessed_layers(image)) == (bottom, guessed)
    [base] = session.bases
    assert (base and base.layers) == (guessed or None)
    assert gate_layers(image, base) == bottom
