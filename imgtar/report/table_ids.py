"""The text of `ids`: which digits the docker commands show for one image, and why they differ."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from imgtar.report.content import IdsContent, View
from imgtar.report.model import IdsImage, Image, LayerIds
from imgtar.report.table import Cell, Column, draw, encoded, marks, paint, shown, wrapped
from imgtar.report.table_head import head, heading
from imgtar.report.words import counted, short

_WIDE = 3 * 64 + 30  # columns that three whole digests take


def ids(content: IdsContent, view: View) -> Iterator[bytes]:
    """The digits of each image and of its layers, for a person at a terminal."""
    return encoded(_lines(content, view), view)


def _lines(content: IdsContent, view: View) -> Iterator[str]:
    images = content.document.images
    yield from head(content.document, content.document.findings, view)
    for index, (answer, image) in enumerate(zip(images, content.report.images, strict=True)):
        yield ""
        yield heading(image, index if len(images) > 1 else None, view)
        yield from _image_digits(answer, image, view)
        if answer.layers:
            yield ""
            yield from _layers(answer.layers, view)
        yield ""
        yield from _removal(answer, view)
    if images:
        yield ""
        yield from _explanation(images, view)


def _image_digits(answer: IdsImage, image: Image, view: View) -> Iterator[str]:
    store = answer.docker
    digits = [
        ("image ID", image.id, "docker images, classic store"),
        ("manifest", image.manifest_digest, "no manifest in this archive"),
        ("index", store.containerd.image_id, "docker images, containerd store"),
    ]
    for name, digest, note in digits:
        if digest is None:
            yield paint(f"  {name:<9} {marks(view).none} ({note})" if name == "manifest" else "", "dim", view)
        else:
            yield f"  {name:<9} {shown(digest, view)}"
    yield paint(f"  docker images shows {short(store.graphdriver.image_id or image.id)}", "dim", view)


def _layers(layers: Sequence[LayerIds], view: View) -> Iterator[str]:
    columns = [Column("#", right=True), Column("docker pull"), Column("docker load"), Column("chain ID")]
    none = marks(view).none
    rows = [
        [
            Cell(str(layer.index)),
            Cell(layer.short.pull or none),
            Cell(layer.short.load or none),
            Cell(layer.short.chain or none),
        ]
        for layer in layers
    ]
    yield from draw(columns, rows, view)


def _removal(answer: IdsImage, view: View) -> Iterator[str]:
    for title, store in (
        ("classic store", answer.docker.graphdriver),
        ("containerd store, the default since docker 29", answer.docker.containerd),
    ):
        yield f"  docker rmi prints ({title})"
        yield from (f"{shown(line, view)}" for line in store.rmi or ())


def _explanation(images: Sequence[IdsImage], view: View) -> Iterator[str]:
    yield from wrapped(counted(len(images), "image").split(" "), view)
