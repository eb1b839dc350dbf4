"""in-toto statements: what a predicate is about, and which materials SLSA provenance says that a build used.

in-toto attestation framework, Statement v0.1 and v1, bare (BuildKit) or in a DSSE envelope (cosign). SLSA provenance
v0.2 has `materials`, v1 `buildDefinition.resolvedDependencies`. A statement is a claim: no signature is checked.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator

import msgspec

from imgtar.formats.json_document.document import Json, JsonObject, parse
from imgtar.limits import Limits

_BUILDKIT = "https://mobyproject.org/buildkit@v1#metadata"
_IMAGE = "docker-image://"
PROVENANCE = "https://slsa.dev/provenance/"  # how the types of its predicates begin


class Statement(msgspec.Struct, frozen=True):
    """`subjects` has the digests that the statement is about (`sha256:…`), in order; `predicate` is as stored."""

    predicate_type: str | None
    subjects: tuple[str, ...]
    predicate: JsonObject

    @property
    def is_provenance(self) -> bool:
        """Does it say how something was built?"""
        return (self.predicate_type or "").startswith(PROVENANCE)


class Material(msgspec.Struct, frozen=True):
    """Something that a build used: a URI (of an image a purl), and its digests."""

    uri: str
    digests: tuple[str, ...]


class PulledImage(msgspec.Struct, frozen=True):
    """An image that a step of the build pulled: its reference, and the digests of the blobs of its layers, base first.

    `chains` has more than one list where the same layers are stored in several ways.
    """

    reference: str
    chains: tuple[tuple[str, ...], ...]


def read_statement(value: Json, limits: Limits) -> Statement | None:
    """The statement in a JSON document, also inside an envelope; None where there is none. Raises nothing."""
    value = _opened(value, limits)
    if not isinstance(value, dict):
        return None
    subjects, predicate_type, predicate = value.get("subject"), value.get("predicateType"), value.get("predicate")
    if not isinstance(subjects, list):
        return None
    return Statement(
        predicate_type if isinstance(predicate_type, str) else None,
        tuple(digest for subject in subjects if isinstance(subject, dict) for digest in _digests(subject)),
        predicate if isinstance(predicate, dict) else {},
    )


def materials(statement: Statement) -> tuple[Material, ...]:
    """What the build used, by SLSA provenance v0.2 or v1; what has another shape is left out."""
    listed = inside(statement.predicate, "materials")
    if not isinstance(listed, list):
        listed = inside(statement.predicate, "buildDefinition", "resolvedDependencies")
    if not isinstance(listed, list):
        return ()
    found = ((item, item.get("uri")) for item in listed if isinstance(item, dict))
    return tuple(Material(uri, tuple(_digests(item))) for item, uri in found if isinstance(uri, str))


def frontend(statement: Statement) -> str | None:
    """The image that BuildKit ran to read the Dockerfile (`# syntax=…`), which is among the materials."""
    for path in (("invocation", "parameters"), ("buildDefinition", "externalParameters", "request")):
        source = inside(statement.predicate, *path, "args", "source")
        if isinstance(source, str):
            return source
    return None


def pulled_images(statement: Statement) -> Iterator[PulledImage]:
    """The images that the steps of a build pulled, with their layers: BuildKit says so with `mode=max`.

    docs/attestations/slsa-definitions.md of BuildKit: `buildConfig.llbDefinition` and the `layers` of its metadata.
    """
    predicate = statement.predicate
    steps = inside(predicate, "buildConfig", "llbDefinition")
    if steps is None:
        steps = inside(predicate, "buildDefinition", "internalParameters", "buildConfig", "llbDefinition")
    layers = inside(buildkit_metadata(statement), "layers")
    for step in steps if isinstance(steps, list) else ():
        identifier = inside(step, "op", "Op", "source", "identifier")
        if isinstance(identifier, str) and identifier.startswith(_IMAGE):
            found = chains(inside(layers, f"{inside(step, 'id')}:0"))
            yield PulledImage(identifier.removeprefix(_IMAGE), found)


def buildkit_metadata(statement: Statement) -> Json:
    """What BuildKit adds to the metadata of SLSA v0.2 or v1; None where there is nothing."""
    found = inside(statement.predicate, "metadata", _BUILDKIT)
    return inside(statement.predicate, "runDetails", "metadata", "buildkit_metadata") if found is None else found


def chains(layers: Json) -> tuple[tuple[str, ...], ...]:
    """The digests of the layers of the result of a step, base first, in each way that they are stored."""
    return tuple(map(_chain, layers)) if isinstance(layers, list) else ()


def _chain(descriptors: Json) -> tuple[str, ...]:
    """The digests of a list of descriptors; () where one of them has none."""
    digests = [inside(one, "digest") for one in descriptors] if isinstance(descriptors, list) else []
    texts = tuple(digest for digest in digests if isinstance(digest, str))
    return texts if len(texts) == len(digests) else ()


def _opened(value: Json, limits: Limits) -> Json:
    """The payload of a DSSE envelope; any other value as it is, None where the payload is not readable."""
    payload = value.get("payload") if isinstance(value, dict) else None
    if not isinstance(payload, str):
        return value
    try:
        return parse(base64.b64decode(payload), limits).value
    except (binascii.Error, ValueError):
        return None


def _digests(item: JsonObject) -> list[str]:
    """The digests of an item, `sha256:…`; a value that is not a text is left out."""
    digests = item.get("digest")
    stated = digests.items() if isinstance(digests, dict) else ()
    return [f"{algorithm}:{value}" for algorithm, value in stated if isinstance(value, str)]


def inside(value: Json, *keys: str) -> Json:
    """What is below these keys; None where something on the way is not an object or lacks the key."""
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value
