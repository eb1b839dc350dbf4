"""The documents of `docker save`: manifest.json, repositories and the v1 documents of each layer directory.

Docker's image specification v1.2 («Combined Image JSON + Filesystem Changeset Format») and v1.
"""

from __future__ import annotations

import re

import msgspec

from imgtar.findings import Effect
from imgtar.formats.json_document.document import Document
from imgtar.formats.json_document.fields import Fields, Reading, each_object, top_object
from imgtar.formats.oci import problems as oci_problems
from imgtar.formats.oci.config import Execution, HistoryEntry, read_execution
from imgtar.formats.oci.documents import Descriptor, read_date, read_descriptor
from imgtar.formats.oci.platform import Platform, read_platform

_DOMAIN = r"(?:[a-zA-Z0-9][a-zA-Z0-9.-]*|\[[0-9a-fA-F:]+\])"
_PART = r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*"
_NAME = re.compile(
    rf"(?:{_DOMAIN}(?::[0-9]+)?/)?{_PART}(?:/{_PART})*(?::[\w][\w.-]{{0,127}})?(?:@[a-z0-9]+:[0-9a-fA-F]{{32,}})?",
    re.ASCII,
)
_LONGEST_NAME = 500  # 255 of name, 128 of tag, 80 of digest and the signs between


class ManifestEntry(msgspec.Struct, frozen=True):
    """One image of manifest.json: names of members as written, None where an item is not a string."""

    config: str | None
    layers: tuple[str | None, ...]
    tags: tuple[str, ...]
    parent: str | None
    sources: dict[str, Descriptor]


class V1Image(msgspec.Struct, frozen=True, kw_only=True):
    """A layer directory's `json`."""

    id: str | None
    parent: str | None
    step: HistoryEntry
    platform: Platform
    execution: Execution


def is_name(text: str) -> bool:
    """Is this an image reference (distribution/reference)? A bare tag is one, too."""
    return len(text) <= _LONGEST_NAME and _NAME.fullmatch(text) is not None


def familiar(name: str) -> str:
    """The name as docker shows it: without `docker.io/` or `index.docker.io/`, and then without `library/`."""
    for registry in ("docker.io/", "index.docker.io/"):
        if name.startswith(registry):
            return name.removeprefix(registry).removeprefix("library/")
    return name


def read_manifest_list(document: Document, reading: Reading) -> tuple[ManifestEntry | None, ...] | None:
    """The images of manifest.json, None for an entry that is not an object; None where the document is not a list."""
    if not isinstance(document.value, list):
        if document.usable:
            reading.wrong("the document", "a list of images", document.value, Effect.INCOMPLETE)
        return None
    entries = each_object(document.value, reading, "", Effect.INCOMPLETE)
    return tuple(None if fields is None else _entry(fields) for fields in entries)


def _entry(fields: Fields) -> ManifestEntry:
    layers: list[str | None] = []
    for position, item in enumerate(fields.items("Layers", Effect.INCOMPLETE)):
        if not isinstance(item, str):
            fields.reading.wrong(f"{fields.place('Layers')}[{position}]", "a string", item, Effect.INCOMPLETE)
        layers.append(item if isinstance(item, str) else None)
    sources = fields.object("LayerSources")
    return ManifestEntry(
        config=fields.string("Config", Effect.INCOMPLETE, required=True),
        layers=tuple(layers),
        tags=_tags(fields),
        parent=fields.string("Parent"),
        sources={} if sources is None else _sources(sources),
    )


def _tags(fields: Fields) -> tuple[str, ...]:
    tags: list[str] = []
    for position, item in enumerate(fields.items("RepoTags")):
        if item is not None and not isinstance(item, str):
            fields.reading.wrong(f"{fields.place('RepoTags')}[{position}]", "a string", item)
            continue
        name = item or ""
        if not is_name(name):
            fields.reading.add(oci_problems.BAD_TAG.at(stored=name[:200]))
        if name.strip():
            tags.append(name)
    return tuple(tags)


def _sources(fields: Fields) -> dict[str, Descriptor]:
    found: dict[str, Descriptor] = {}
    for diff_id, item in fields.value.items():
        if isinstance(item, dict):
            found[diff_id] = read_descriptor(Fields(item, fields.reading, fields.place(diff_id)))
    return found


def read_repositories(document: Document, reading: Reading) -> dict[str, list[str]]:
    """Names by what they point at (a v1 id, since docker 25 a layer's digits), in the order of the document."""
    names: dict[str, list[str]] = {}
    fields = top_object(document, reading, Effect.NONE)
    if fields is None:
        return names
    for repository, tags in fields.value.items():
        if not isinstance(tags, dict):
            reading.wrong(repository[:200], "an object", tags)
            continue
        for tag, target in tags.items():
            if isinstance(target, str) and not (repository.strip() and tag.strip()):
                reading.add(oci_problems.BAD_TAG.at(stored=f"{repository}:{tag}"[:200]))
                names.setdefault(target, [])
            elif isinstance(target, str):
                names.setdefault(target, []).append(f"{repository}:{tag}")
            else:
                reading.wrong(f"{repository[:200]}.{tag[:200]}", "a string", target)
    return names


def read_v1(document: Document, reading: Reading) -> V1Image | None:
    """A v1 `json`: `created_by` is the command line of the container that made the layer."""
    fields = top_object(document, reading)
    if fields is None:
        return None
    container = fields.object("container_config")
    command = [] if container is None else container.strings("Cmd")
    execution = fields.object("config")
    return V1Image(
        id=fields.string("id"),
        parent=fields.string("parent"),
        step=HistoryEntry(
            created=read_date(fields, "created"),
            created_by=" ".join(command) or None,
            author=fields.string("author"),
            comment=fields.string("comment"),
        ),
        platform=read_platform(fields),
        execution=Execution() if execution is None else read_execution(execution),
    )
