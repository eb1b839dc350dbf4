"""What manifest.json and the v1 documents say: the images of `docker save` and of the writers that imitate it."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from imgtar.archive import problems
from imgtar.archive.catalog.candidate import Candidate, check_config_name, member_layer, named_digest
from imgtar.archive.catalog.documents import Documents
from imgtar.archive.catalog.records import LayerRef
from imgtar.archive.document_names import REPOSITORIES
from imgtar.archive.index.member_index import Member, Unresolved
from imgtar.findings import Effect, FindingLog, Where
from imgtar.formats.docker import ManifestEntry, V1Image, read_manifest_list, read_repositories, read_v1
from imgtar.formats.json_document import problems as json_problems
from imgtar.formats.json_document.document import Document
from imgtar.formats.json_document.fields import Reading
from imgtar.formats.oci.config import ImageConfig
from imgtar.limits import LimitReached


def docker_candidates(documents: Documents, document: Document, log: FindingLog) -> list[Candidate] | None:
    """The images of manifest.json in its order; None where the document is not a list."""
    reading = Reading(msgspec.structs.replace(document, findings=()), "; docker, containerd and podman refuse it")
    entries = read_manifest_list(document, reading)
    log.extend(reading.log)
    if entries is None:
        return None
    limit = documents.limits.images
    if len(entries) > limit:
        log.add(LimitReached("images", limit, Where(member=document.member)).finding())
    return [_candidate(documents, entry) for entry in entries[:limit] if entry is not None]


def _candidate(documents: Documents, entry: ManifestEntry) -> Candidate:
    candidate = Candidate()
    candidate.names = dict.fromkeys(entry.tags)
    if entry.config is not None:
        _take_config(documents, candidate, entry.config)
    diff_ids = () if candidate.config is None else candidate.config.diff_ids
    layers = []
    for position, name in enumerate(entry.layers[: documents.limits.layers + 1]):
        diff_id = diff_ids[position] if position < len(diff_ids) else None
        layers.append(member_layer(documents, name, source=entry.sources.get(str(diff_id))))
    candidate.take_layers(documents, layers)
    return candidate


def _take_config(documents: Documents, candidate: Candidate, name: str) -> None:
    if not name.strip():
        candidate.findings.add(problems.EMPTY_NAME.at(what="the config"))
        return
    named = name.encode("utf-8", "surrogateescape")
    member = documents.resolve(named)
    if not isinstance(member, Member):
        candidate.config_digest = named_digest(named)
        candidate.findings.add(documents.missing(member, "the config", allowed=False))
        return
    found = documents.document(member)
    assert found.document is not None
    candidate.findings.extend(found.findings)
    candidate.take_config(documents, found.document)
    check_config_name(candidate, member)


_SHOWN = 200  # characters of a wrong ID in a finding


class _V1Layer(msgspec.Struct, frozen=True):
    folder: bytes
    image: V1Image


def names_v1_images(documents: Documents) -> bool:
    """Does the file `repositories` name images, as in an archive without manifest.json?"""
    member = documents.index.resolve(REPOSITORIES)
    return isinstance(member, Member) and bool(_repositories(documents, FindingLog()))


def v1_folders(documents: Documents) -> Iterator[bytes]:
    """The directories that hold a `json` and so may be v1 layers."""
    for name in documents.index.names():
        folder, slash, last = name.partition(b"/")
        if slash and last == b"json":
            yield folder


def legacy_candidates(documents: Documents, log: FindingLog) -> list[Candidate]:
    """The images of an archive without manifest.json (docker 1.9 and older): heads of the chains of parents."""
    layers = _v1_layers(documents, log)
    names = _repositories(documents, log)
    parents = {layer.image.parent for layer in layers.values() if layer.image.parent}
    heads = [name for name in layers if name in names or name not in parents]
    limit = documents.limits.images
    if len(heads) > limit:
        log.add(LimitReached("images", limit).finding())
    for name in names:
        if not _is_folder_name(name):
            where = Where(member=REPOSITORIES)
            log.add(problems.BAD_V1_ID.at(where, document="repositories", name=name[:_SHOWN] or "an empty text"))
        elif name not in layers:
            absent = Unresolved(problems.MISSING, f"{name}/json".encode("utf-8", "surrogateescape"))
            log.add(documents.missing(absent, "the image", allowed=False))
    return [_v1_candidate(documents, layers, head, names.get(head, [])) for head in heads[:limit]]


def _v1_layers(documents: Documents, log: FindingLog) -> dict[str, _V1Layer]:
    layers: dict[str, _V1Layer] = {}
    for folder in v1_folders(documents):
        member = documents.resolve(folder + b"/json")
        if not isinstance(member, Member):
            log.add(member.finding("the document"))
            continue
        found = documents.document(member)
        assert found.document is not None
        reading = Reading(found.document)
        image = read_v1(found.document, reading)
        log.extend(reading.log)
        if image is not None:
            layers[folder.decode("utf-8", "surrogateescape")] = _V1Layer(folder, image)
    return layers


def _repositories(documents: Documents, log: FindingLog) -> dict[str, list[str]]:
    member = documents.resolve(REPOSITORIES)
    if not isinstance(member, Member):
        return {}
    found = documents.document(member)
    assert found.document is not None
    reading = Reading(found.document)
    names = read_repositories(found.document, reading)
    log.extend(reading.log)
    return names


def _v1_candidate(documents: Documents, layers: dict[str, _V1Layer], head: str, names: list[str]) -> Candidate:
    """The chain from the head down to its root, turned base first."""
    candidate = Candidate()
    candidate.names = dict.fromkeys(names)
    candidate.v1_id = layers[head].image.id or head
    chain: dict[str, _V1Layer] = {}
    current: str | None = head
    while current and current not in chain and len(chain) <= documents.limits.layers:
        layer = layers.get(current)
        if layer is None:
            where = Where(member=chain[next(reversed(chain))].folder + b"/json")
            candidate.findings.add(problems.PARENT_MISSING.at(where, name=current))
            break
        chain[current] = layer
        current = layer.image.parent
    else:
        if current in chain:
            where = Where(member=layers[head].folder + b"/json")
            candidate.findings.add(problems.LINK_CYCLE.at(where, name=head, target=current))
    base_first = list(reversed(chain.values()))
    candidate.take_layers(documents, [_v1_layer(documents, layer) for layer in base_first])
    top = layers[head].image
    if not top.id:
        candidate.findings.add(json_problems.MISSING_KEY.at(effect=Effect.NONE, key="id"))
    candidate.config = ImageConfig(
        platform=top.platform,
        created=top.step.created,
        author=top.step.author,
        execution=top.execution,
        has_rootfs=False,
        history=tuple(layer.image.step for layer in base_first[: documents.limits.layers]),
    )
    return candidate


def _v1_layer(documents: Documents, layer: _V1Layer) -> LayerRef:
    return member_layer(documents, (layer.folder + b"/layer.tar").decode("utf-8", "surrogateescape"))


def _is_folder_name(name: str) -> bool:
    """Can this be the name of a folder at the root of the archive?"""
    return bool(name.strip()) and "/" not in name and name not in (".", "..")
