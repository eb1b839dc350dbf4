"""What `ids` says of an archive: the IDs that docker commands show."""

from __future__ import annotations

from imgtar.analysis import ids
from imgtar.analysis.ids import Identity, ImageIds, identify
from imgtar.answers.envelope import fields_of
from imgtar.answers.filters import Filtered
from imgtar.answers.image import build_outline
from imgtar.answers.session import Session
from imgtar.contract.content import IdsContent
from imgtar.contract.documents import DockerIds, IdsImage, IdsReport, LayerIds, ShortIds, StoreIds
from imgtar.formats.digest import Digest
from imgtar.image.image import ImageOutline


def ids_content(session: Session, filtered: Filtered) -> IdsContent:
    """The IDs that docker commands show, for each image, from the catalog alone."""
    document = IdsReport(**fields_of(session.envelope, filtered), images=image_ids(session))
    return IdsContent(document=document, images=[build_outline(image) for image in session.outlines])


def image_ids(session: Session) -> list[IdsImage]:
    """The rows of `ids`, image by image."""
    images = session.outlines
    found = identify([_identity(image) for image in images])
    return [_row(image, ids_of) for image, ids_of in zip(images, found, strict=True)]


def _identity(image: ImageOutline) -> Identity:
    return Identity(
        names=image.record.names,
        image_id=image.record.config_digest,
        target=image.record.target_digest,
        diff_ids=[layer.diff_id for layer in image.layers],
        digests=[None if layer.ref.descriptor is None else layer.ref.descriptor.digest for layer in image.layers],
    )


def _row(image: ImageOutline, found: ImageIds) -> IdsImage:
    layers = [
        LayerIds(
            index=layer.index,
            diff_id=_text(layer.diff_id),
            chain_id=_text(layer.chain_id),
            digest=_text(layer.digest),
            short=ShortIds(pull=layer.pull, load=layer.load, chain=layer.chain),
        )
        for layer in found.layers
    ]
    docker = DockerIds(graphdriver=_store(found.graphdriver), containerd=_store(found.containerd))
    return IdsImage(names=list(image.record.names), id=image.record.image_id, layers=layers, docker=docker)


def _store(store: ids.StoreIds) -> StoreIds:
    return StoreIds(image_id=_text(store.image_id), rmi=None if store.rmi is None else list(store.rmi))


def _text(digest: Digest | None) -> str | None:
    return None if digest is None else str(digest)
