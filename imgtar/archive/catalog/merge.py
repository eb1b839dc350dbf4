"""Joins the docker view and the OCI view of one archive (image-formats.md 1.3)."""

from __future__ import annotations

import msgspec

from imgtar.archive import problems
from imgtar.archive.catalog.candidate import Candidate
from imgtar.archive.catalog.documents import Documents
from imgtar.archive.catalog.image_names import is_full
from imgtar.archive.catalog.oci_view import OciView
from imgtar.archive.catalog.other_content import other_record
from imgtar.archive.catalog.records import LayerRef, OtherRecord
from imgtar.archive.document_names import INDEX
from imgtar.archive.index.member_index import Unresolved
from imgtar.findings import Finding, FindingLog, Where
from imgtar.formats.docker import familiar

_INDEX = Where(member=INDEX)


class Merged(msgspec.Struct, frozen=True):
    """The images in the order of the contract, and what else is here."""

    candidates: list[Candidate]
    others: list[OtherRecord]


def merge(documents: Documents, docker: list[Candidate], oci: OciView, log: FindingLog) -> Merged:
    """One image per config: first those of manifest.json in its order, then those that only index.json names."""
    log.extend(_disagreements(docker, oci))
    others = list(oci.others)
    images: list[Candidate] = []
    by_config: dict[object, Candidate] = {}
    for candidate in docker:
        first = by_config.get(_key(candidate))
        if first is not None and _members(first.layers) == _members(candidate.layers):
            first.names.update(candidate.names)
            continue
        by_config.setdefault(_key(candidate), candidate)
        images.append(candidate)
    for candidate in oci.candidates:
        first = by_config.get(_key(candidate))
        if first is None:
            if _is_absent_platform(candidate, oci):
                listed = oci.listed[id(candidate)]
                others.append(other_record(documents, "absent-platform", listed.descriptor))
                continue
            by_config[_key(candidate)] = candidate
            images.append(candidate)
        elif first.manifest is None:
            _join(first, candidate)
        else:
            first.names.update(candidate.names)
            others.append(other_record(documents, "alternate-manifest", oci.listed[id(candidate)].descriptor))
    others.extend(_absent(documents, oci, log))
    return Merged(images, others)


def _key(candidate: Candidate) -> object:
    return id(candidate) if candidate.config_digest is None else candidate.config_digest


def _members(layers: tuple[LayerRef, ...]) -> list[bytes]:
    return [layer.named if layer.member is None else layer.member.name for layer in layers]


def _is_absent_platform(candidate: Candidate, oci: OciView) -> bool:
    """Is this one platform of a list, with nothing of it here but its manifest, while another has content?"""
    listed = oci.listed.get(id(candidate))
    if listed is None or candidate.has_content or listed.alone or not candidate.layers:
        return False
    return any(other.has_content for other in oci.groups.get(listed.group, ()))


def _absent(documents: Documents, oci: OciView, log: FindingLog) -> list[OtherRecord]:
    """Manifests that are named and not here: damage, unless another platform of the same list is here."""
    records: list[OtherRecord] = []
    for listed in oci.absent:
        records.append(other_record(documents, "absent-platform", listed.descriptor))
        in_list = listed.group != listed.descriptor.stated and not listed.alone
        if in_list and any(other.has_content for other in oci.groups.get(listed.group, ())):
            continue
        member = documents.member_of(listed.descriptor)
        if isinstance(member, Unresolved):
            log.add(documents.missing(member, "the manifest", allowed=True, descriptor=listed.descriptor))
    return records


def _join(docker: Candidate, oci: Candidate) -> None:
    """Adds what the OCI manifest says to the image of manifest.json that has the same config."""
    docker.names.update(oci.names)
    docker.manifest = oci.manifest
    docker.manifest_digest = oci.manifest_digest
    docker.target_digest = oci.target_digest
    docker.platform = oci.platform
    docker.annotations = oci.annotations
    if docker.config_document is None:  # both tell that the config is absent; the descriptor has its size
        docker.findings = FindingLog(finding for finding in docker.findings if finding.kind is not problems.MISSING)
    docker.findings.extend(oci.findings)
    docker.checks.update(oci.checks)
    if docker.config_document is None and oci.config_document is not None:
        docker.config_document = oci.config_document
        docker.config_digest = oci.config_digest
        docker.config = oci.config
    joined = _joined_layers(docker.layers, oci.layers)
    if joined is None:
        docker.other_view = oci.layers
    else:
        docker.layers = joined


def _joined_layers(docker: tuple[LayerRef, ...], oci: tuple[LayerRef, ...]) -> tuple[LayerRef, ...] | None:
    """Position by position what is here, with the descriptor; None where the lists contradict each other."""
    if len(docker) != len(oci):
        return None
    joined: list[LayerRef] = []
    for ours, theirs in zip(docker, oci, strict=True):
        if ours.member is not None and theirs.member is not None:
            if ours.member.name != theirs.member.name:
                return None
            joined.append(theirs)
        elif ours.member is None:
            joined.append(theirs)
        else:
            # Docker stores a foreign layer uncompressed, while its OCI manifest names the compressed blob.
            joined.append(ours)
    return tuple(joined)


def described(docker: tuple[LayerRef, ...], oci: tuple[LayerRef, ...]) -> tuple[LayerRef, ...]:
    """Docker's list with the descriptors that the OCI manifest has for the same blobs."""
    by_member = {ref.member.name: ref for ref in oci if ref.member is not None}
    return tuple(by_member.get(ref.member.name, ref) if ref.member is not None else ref for ref in docker)


def _disagreements(docker: list[Candidate], oci: OciView) -> list[Finding]:
    """Findings: images that only one of both documents names, and names that mean two different images."""
    if not docker or not oci.candidates:
        return []
    ours = {_key(candidate) for candidate in docker}
    if ours.isdisjoint(_key(candidate) for candidate in oci.candidates):
        what = f"the first names {_ids(docker)}, the second {_ids(oci.candidates)}"
        return [problems.FORMS_DISAGREE.at(_INDEX, what=what)]
    docker_names = {familiar(name): candidate for candidate in docker for name in candidate.names}
    oci_names: dict[str, set[object]] = {}
    for candidate in oci.candidates:
        for name in candidate.names:
            oci_names.setdefault(familiar(name), set()).add(_key(candidate))
    findings: list[Finding] = []
    for name, keys in oci_names.items():
        named = docker_names.get(name)
        if named is not None and is_full(name) and _key(named) not in keys:
            findings.append(problems.FORMS_DISAGREE.at(_INDEX, what=f"«{name[:200]}» means two different images"))
    return findings


def _ids(candidates: list[Candidate]) -> str:
    ids = [str(candidate.config_digest or "an image without config") for candidate in candidates[:3]]
    return ", ".join(ids) + (" …" if len(candidates) > 3 else "")
