"""`history`: each step with the layer that it made."""

from __future__ import annotations

from pathlib import Path

from imgtar.answers.history import history_content
from tests.answers.asking import content_of
from tests.builders import docker_save, file, layer

LAYERS = [layer(file("a", b"first")), layer(file("b", b"second"))]
STEPS = [
    {"created_by": "/bin/sh -c #(nop) ADD file:0 in / "},
    {"created_by": '/bin/sh -c #(nop)  CMD ["a"]', "empty_layer": True},
    {"created_by": "/bin/sh -c make b"},
]


def test_each_step_names_its_layer_or_none(tmp_path: Path) -> None:
    content = content_of(history_content, docker_save(LAYERS, history=STEPS), tmp_path)
    [image] = content.document.images
    assert [(row.instruction, row.layer) for row in image.history] == [("ADD", 0), ("CMD", None), ("RUN", 1)]
    assert content.layer_sentences == ["2 layers = 1 base + 1 RUN; 1 step is metadata only"]


def test_sizes_of_the_layers_come_from_the_catalog(tmp_path: Path) -> None:
    content = content_of(history_content, docker_save(LAYERS, history=STEPS), tmp_path)
    assert [layer.blob_size for layer in content.images[0].layers] == [len(blob) for blob in LAYERS]
