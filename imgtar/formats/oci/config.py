"""The image configuration (OCI image-spec, config.md; Docker's image specification v1.2)."""

from __future__ import annotations

import msgspec

from imgtar.findings import Effect
from imgtar.formats.digest import Digest
from imgtar.formats.json_document.document import Document, Json, JsonObject
from imgtar.formats.json_document.fields import Fields, Reading, top_object
from imgtar.formats.oci import problems
from imgtar.formats.oci.documents import read_date, read_digest
from imgtar.formats.oci.platform import Platform, read_platform
from imgtar.limits import LimitReached


class Execution(msgspec.Struct, frozen=True, kw_only=True):
    """How a container runs; what is absent or of the wrong type is None or empty."""

    user: str | None = None
    env: tuple[str, ...] = ()
    entrypoint: tuple[str, ...] = ()
    cmd: tuple[str, ...] = ()
    working_dir: str | None = None
    exposed_ports: tuple[str, ...] = ()
    volumes: tuple[str, ...] = ()
    labels: dict[str, str] = msgspec.field(default_factory=dict)
    stop_signal: str | None = None
    healthcheck: JsonObject | None = None
    shell: tuple[str, ...] = ()
    onbuild: tuple[str, ...] = ()


class HistoryEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One step of the build, as stored."""

    created: str | None = None
    created_by: str | None = None
    author: str | None = None
    comment: str | None = None
    empty_layer: bool = False


class ImageConfig(msgspec.Struct, frozen=True, kw_only=True):
    """The configuration of an image. `diff_ids` has None where an entry is not a valid digest.

    `has_rootfs` is False where the config lacks its `rootfs`, as v1 documents do.
    """

    platform: Platform = Platform()
    created: str | None = None
    author: str | None = None
    execution: Execution = Execution()
    diff_ids: tuple[Digest | None, ...] = ()
    has_rootfs: bool = True
    history: tuple[HistoryEntry, ...] = ()


def read_config(document: Document, reading: Reading, history_limit: int) -> ImageConfig | None:
    """Reads a config; at most `history_limit` steps (`limit.history`). None where the document is not an object."""
    fields = top_object(document, reading)
    if fields is None:
        return None
    execution = fields.object("config")
    rootfs = fields.object("rootfs", Effect.INCOMPLETE, required=True)
    return ImageConfig(
        platform=read_platform(fields),
        created=read_date(fields, "created"),
        author=fields.string("author"),
        execution=Execution() if execution is None else read_execution(execution),
        diff_ids=() if rootfs is None else _diff_ids(rootfs),
        has_rootfs=rootfs is not None,
        history=_history(fields, history_limit),
    )


def read_execution(fields: Fields) -> Execution:
    """The `config` object of a configuration."""
    healthcheck = fields.object("Healthcheck")
    return Execution(
        user=fields.string("User"),
        env=tuple(fields.strings("Env")),
        entrypoint=tuple(fields.strings("Entrypoint")),
        cmd=tuple(fields.strings("Cmd")),
        working_dir=fields.string("WorkingDir"),
        exposed_ports=tuple(fields.keys("ExposedPorts")),
        volumes=tuple(fields.keys("Volumes")),
        labels=fields.string_map("Labels"),
        stop_signal=fields.string("StopSignal"),
        healthcheck=None if healthcheck is None else healthcheck.value,
        shell=tuple(fields.strings("Shell")),
        onbuild=tuple(fields.strings("OnBuild")),
    )


def _diff_ids(rootfs: Fields) -> tuple[Digest | None, ...]:
    kind = rootfs.string("type")
    if kind is not None and kind not in ("layers", "layers+base"):
        rootfs.reading.add(problems.ROOTFS_TYPE.at(stored=kind[:200]))
    items: list[Json] = rootfs.items("diff_ids", Effect.INCOMPLETE)
    place = rootfs.place("diff_ids")
    return tuple(read_digest(item, f"{place}[{position}]", rootfs.reading)[0] for position, item in enumerate(items))


def _history(fields: Fields, limit: int) -> tuple[HistoryEntry, ...]:
    entries = fields.objects("history")
    if len(entries) > limit:
        fields.reading.add(LimitReached("history", limit).finding())
    return tuple(HistoryEntry() if entry is None else _step(entry) for entry in entries[:limit])


def _step(fields: Fields) -> HistoryEntry:
    return HistoryEntry(
        created=read_date(fields, "created"),
        created_by=fields.string("created_by"),
        author=fields.string("author"),
        comment=fields.string("comment"),
        empty_layer=fields.boolean("empty_layer") or False,
    )
