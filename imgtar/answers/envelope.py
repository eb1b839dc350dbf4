"""What every document begins and ends with: which archive this is, whether it is whole and sound, and the findings."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import TYPE_CHECKING

import msgspec

from imgtar.answers.filters import Filtered
from imgtar.contract import envelope as model
from imgtar.findings import Effect, Finding
from imgtar.text import json_text
from imgtar.version import __version__

if TYPE_CHECKING:
    from imgtar.archive.archive import Archive

GENERATOR = model.Generator(version=__version__)


class DocumentFields(model.EnvelopeFields):
    """What every document about an archive has, whatever else it says."""

    findings: list[model.FindingRow]
    ignored: int


def envelope_of(archive: Archive, findings: Iterable[Finding], *, verified: bool) -> model.Envelope:
    """The envelope of a document about this archive. `verified`: every digest of what is here was recomputed."""
    effects = {finding.effect for finding in findings}
    return model.Envelope(
        generator=GENERATOR,
        source=_source(archive),
        complete=effects.isdisjoint({Effect.INCOMPLETE, Effect.LIMIT}),
        integrity=_integrity(effects, verified=verified),
    )


def fields_of(envelope: model.Envelope, filtered: Filtered) -> DocumentFields:
    """The fields that all documents about this archive share, as keywords."""
    return DocumentFields(**envelope.envelope(), findings=filtered.shown, ignored=filtered.ignored)


def _integrity(effects: set[Effect], *, verified: bool) -> model.Integrity:
    if Effect.INCONSISTENT in effects:
        return "failed"
    return "verified" if verified and Effect.LIMIT not in effects else "not-checked"


def _source(archive: Archive) -> model.Source:
    source = archive.source
    path, path_b64 = json_text(os.fsencode(source.path))
    return model.Source(
        path=path,
        path_b64=msgspec.UNSET if path_b64 is None else path_b64,
        size=source.size,
        form=archive.catalog.form,
        container=source.container,
        compression=source.compression,
    )
