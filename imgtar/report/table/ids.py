"""The text of `ids`: the IDs that docker commands show for an image, and why they differ."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from imgtar.contract.content import IdsContent, TextSettings
from imgtar.contract.documents import IdsImage, LayerIds, StoreIds
from imgtar.contract.inspect import ImageOutline
from imgtar.report.table.drawing import Cell, Column, draw, encoded, marks, paint, shown, wrapped
from imgtar.report.table.sections import LISTED_BY_INSPECT, head, heading
from imgtar.report.words.image import removal_words, short

_DIGITS = 64
_WIDE = 3 * (_DIGITS + 2) + 6  # columns that three whole digests take side by side
_RMI_INDENT = 4  # where the terminal has room; docker's own lines are 80 columns wide

_WHY_PULL = (
    "docker pull shows the digests of the blobs as a registry stores them, compressed; docker load shows diffIDs, the "
    "digests of the same layers uncompressed, so one layer has two different digests."
)
_WHY_RMI = (
    'docker rmi prints one "Untagged:" line for each name and one more "Deleted:" line than there are layers: first '
    "the image by its ID, the digest of its configuration, then each layer by its chain ID, which stands for the layer "
    "and all layers below it."
)
_WHY_NO_PULL = "This archive has no manifest, so it does not state what docker pull would show."
_WHY_ONE = "The containerd store prints only the digest that the name points at; it removes the layers later."


def ids(content: IdsContent, settings: TextSettings) -> Iterator[bytes]:
    """The IDs of each image and of its layers, for a person at a terminal."""
    return encoded(_lines(content, settings), settings)


def _lines(content: IdsContent, settings: TextSettings) -> Iterator[str]:
    images = content.document.images
    yield from head(content.document, content.document.findings, settings, rest=LISTED_BY_INSPECT)
    for index, (image_ids, image) in enumerate(zip(images, content.images, strict=True)):
        yield ""
        yield heading(image, index if len(images) > 1 else None, settings)
        yield from _image(image_ids, image, settings)
        if image_ids.layers:
            yield ""
            yield from _layers(image_ids.layers, settings)
        yield ""
        yield from _removal("classic store", image_ids.docker.graphdriver, "a v1 image has no ID of its own", settings)
        yield ""
        yield from _removal(
            "containerd store (the default since docker 29)",
            image_ids.docker.containerd,
            "no index.json names this image",
            settings,
        )
    if images:
        yield ""
        yield from _explanation(images, settings)


def _image(image_ids: IdsImage, image: ImageOutline, settings: TextSettings) -> Iterator[str]:
    none = marks(settings).none
    target = image_ids.docker.containerd.image_id
    yield f"  image ID  {shown(image.id or none, settings)}"
    yield f"  manifest  {image.manifest_digest or f'{none} (the archive has none)'}"
    if target is not None and target != image.manifest_digest:
        yield f"  index     {target}"
    shows = [f"{short(image_ids.docker.graphdriver.image_id) or none} (classic store)"]
    if target is not None:
        shows.append(f"{short(target)} (containerd store)")
    yield from wrapped(f"docker images shows {' or '.join(shows)}".split(" "), settings)


def _layers(layers: Sequence[LayerIds], settings: TextSettings) -> Iterator[str]:
    none = marks(settings).none
    columns = [Column("#", right=True), Column("docker pull"), Column("docker load"), Column("chain ID")]
    rows = [
        [
            Cell(str(layer.index)),
            *(Cell(digits or none) for digits in (layer.short.pull, layer.short.load, layer.short.chain)),
        ]
        for layer in layers
    ]
    yield from draw(columns, rows, settings)
    yield ""
    if settings.width >= _WIDE:
        columns = [Column("#", right=True), Column("blob digest"), Column("diffID"), Column("chain ID")]
        yield from draw(columns, [_whole_row(layer, none) for layer in layers], settings)
        return
    yield "  The same in full (sha256)"
    columns = [Column("", right=True), Column(""), Column("")]
    yield from draw(columns, [row for layer in layers for row in _whole_rows(layer)], settings)


def _whole_row(layer: LayerIds, none: str) -> list[Cell]:
    digests = (layer.digest, layer.diff_id, layer.chain_id)
    return [Cell(str(layer.index)), *(Cell(_digits(digest) or none) for digest in digests)]


def _whole_rows(layer: LayerIds) -> list[list[Cell]]:
    """One row for each digest; the chain ID of the lowest layer equals its diffID and is left out."""
    named = [("blob", layer.digest), ("diffID", layer.diff_id)]
    if layer.chain_id != layer.diff_id:
        named.append(("chain", layer.chain_id))
    known = [(name, _digits(digest)) for name, digest in named if digest is not None]
    return [
        [Cell(str(layer.index) if place == 0 else ""), Cell(name, "dim"), Cell(digits)]
        for place, (name, digits) in enumerate(known)
    ]


def _digits(digest: str | None) -> str:
    """The digits of a sha256 alone; another algorithm is named."""
    return (digest or "").removeprefix("sha256:")


def _removal(title: str, store: StoreIds, reason: str, settings: TextSettings) -> Iterator[str]:
    words = f"docker rmi, {title}: {reason if store.rmi is None else removal_words(store.rmi)}"
    first, *rest = wrapped(words.split(" "), settings)
    yield from (first.replace("docker rmi", paint("docker rmi", "bold", settings), 1), *rest)
    indent = " " * (_RMI_INDENT if settings.width >= _DIGITS + 16 + _RMI_INDENT else 0)
    yield from (indent + shown(line, settings) for line in store.rmi or ())


def _explanation(images: Sequence[IdsImage], settings: TextSettings) -> Iterator[str]:
    sentences = []
    if any(image.docker.containerd.image_id for image in images):
        sentences.append(_WHY_ONE)
    if all(layer.digest is None for image in images for layer in image.layers):
        sentences.append(_WHY_NO_PULL)
    for sentence in (*sentences, _WHY_PULL, _WHY_RMI):
        yield from wrapped(sentence.split(" "), settings)
