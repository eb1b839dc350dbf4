"""Archives whose images say something of their base image."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import imgtar
from imgtar.analysis.base.base import Base
from tests import builders
from tests.builders import Layout, docker_save, file, layer

LAYERS = [layer(file("a", b"a")), layer(file("b", b"b")), layer(file("c", b"c"))]
BASE_NAME = "org.opencontainers.image.base.name"
BASE_DIGEST = "org.opencontainers.image.base.digest"
DIGEST = "sha256:" + "5" * 64
COPIED = [{"created_by": "COPY x /x # buildkit"}, {"created_by": "COPY y /y # buildkit"}, {"created_by": "RUN z"}]


def bases(folder: Path, archive: bytes, **options: Any) -> list[Base | None]:
    """The base of each image of the archive."""
    path = folder / "image.tar"
    path.write_bytes(archive)
    return list(imgtar.open_session(path, imgtar.InspectOptions(**options)).bases)


def base(folder: Path, archive: bytes, **options: Any) -> Base | None:
    """The base of the first image."""
    return bases(folder, archive, **options)[0]


def labelled(folder: Path, labels: Mapping[str, str], **config: Any) -> Base | None:
    """The base of an image of three layers with these labels."""
    changed = builders.image_config(LAYERS, execution={"Labels": dict(labels)}, **config)
    return base(folder, docker_save(LAYERS, config=changed))


def annotated(annotations: Mapping[str, str]) -> builders.Edit:
    """Adds annotations to a manifest."""
    return lambda manifest: manifest | {"annotations": dict(annotations)}


def purl(name: str, digits: str = "5" * 64) -> dict[str, Any]:
    """A material, as BuildKit writes an image that it used."""
    return {"uri": f"pkg:docker/{name}?platform=linux%2Famd64", "digest": {"sha256": digits}}


def provenance(materials: Sequence[Any], *, version: str = "v0.2", frontend: str | None = None) -> dict[str, Any]:
    """A statement of SLSA provenance that lacks its subject."""
    parameters = {"frontend": "gateway.v0", "args": {} if frontend is None else {"source": frontend}}
    predicate: dict[str, Any] = {"materials": materials, "invocation": {"parameters": parameters}}
    if version == "v1":
        built = {"resolvedDependencies": materials, "externalParameters": {"request": parameters}}
        predicate = {"buildDefinition": built}
    return {
        "_type": "https://in-toto.io/Statement/v0.1",
        "predicateType": f"https://slsa.dev/provenance/{version}",
        "predicate": predicate,
    }


def pulling(images: Sequence[tuple[str, object]], *, version: str = "v0.2") -> dict[str, Any]:
    """A statement of BuildKit with `mode=max` that lacks its subject: each reference with the chains of its layers."""
    steps = [
        {"id": f"step{number}", "op": {"Op": {"source": {"identifier": f"docker-image://{reference}"}}}}
        for number, (reference, _) in enumerate(images)
    ]
    layers = {f"step{number}:0": chains for number, (_, chains) in enumerate(images)}
    config = {"llbDefinition": [*steps, {"id": "step9", "op": {"Op": {"exec": {}}}, "inputs": ["step0:0"]}]}
    statement = provenance([purl(reference.partition("@")[0]) for reference, _ in images], version=version)
    if version == "v1":
        statement["predicate"]["buildDefinition"]["internalParameters"] = {"buildConfig": config}
        statement["predicate"]["runDetails"] = {"metadata": {"buildkit_metadata": {"layers": layers}}}
    else:
        metadata = {"https://mobyproject.org/buildkit@v1#metadata": {"layers": layers}}
        statement["predicate"] |= {"buildConfig": config, "metadata": metadata}
    return statement


def attested(
    *statements: Any,
    subject: str | None = None,
    layout: Layout | None = None,
    layers: Sequence[bytes] = LAYERS,
    **image: Any,
) -> bytes:
    """An OCI archive of an image with these statements about it; `subject` is another one than the image's digest."""
    layout = layout or Layout()
    manifest = layout.add_image(layers, **image)
    subject = subject or manifest["digest"]
    blobs = []
    for statement in statements:
        if isinstance(statement, dict):
            algorithm, _, digits = subject.partition(":")
            statement = {"subject": [{"name": "_", "digest": {algorithm: digits}}], **statement}
        blobs.append(layout.add(builders.document(statement), "application/vnd.in-toto+json"))
    layout.manifests[:0] = [manifest, layout.add_attestation(manifest, blobs)]
    return layout.tar()
