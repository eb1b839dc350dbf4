"""CSV of `packages`: one row for each version of a package."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from imgtar.contract.content import TextSettings
from imgtar.contract.packages import PackagesContent
from imgtar.report.csv.damage import damage_rows
from imgtar.report.csv.rows import Value, cell, encoded_rows, stored_cell

PACKAGES = (
    "type", "name", "version", "arch", "source", "license", "kind", "installed_in", "removed_in", "upgraded_from",
    "owner", "bytes", "dead", "location", "purl", "base", "note",
)  # fmt: skip


def packages(content: PackagesContent, _settings: TextSettings) -> Iterator[bytes]:
    """One row per version of a package; `kind` is its state."""
    return encoded_rows(_rows(content))


def _rows(content: PackagesContent) -> Iterator[Sequence[Value]]:
    yield PACKAGES
    yield from damage_rows(content.document.findings, PACKAGES)
    for one in content.document.packages:
        facts = (one.type, one.name, one.version, one.arch, one.source, one.license)
        location = stored_cell(one.location, one.location_b64)
        layers = (one.state, one.installed_in, one.removed_in, cell(one.upgraded_from), cell(one.owner))
        is_base = str(one.base).lower()
        yield (*map(cell, facts), *layers, one.bytes.owned, one.bytes.dead, location, cell(one.purl), is_base, None)
