"""Audits archives made in memory, or fixtures, and names what was found."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import imgtar
from imgtar.contract.envelope import FindingRow
from tests.builders import directory, docker_save, image_config, layer

DAY = date(2026, 11, 25)


def audited(source: Path | str, **options: Any) -> list[FindingRow]:
    """The findings of an audit on a fixed day, those of the archive itself included."""
    report = imgtar.inspect(str(source), imgtar.InspectOptions(audit=True, judged_on=DAY, **options)).session
    return report.document.findings


def audited_bytes(raw: bytes, folder: Path, **options: Any) -> list[FindingRow]:
    """The findings about an archive in memory."""
    path = folder / "image.tar"
    path.write_bytes(raw)
    return audited(path, **options)


def codes(rows: list[FindingRow]) -> set[str]:
    return {row.code for row in rows}


def of(rows: list[FindingRow], code: str) -> list[FindingRow]:
    return [row for row in rows if row.code == code]


def configured(folder: Path, config: dict[str, Any] | None = None, *steps: str, name: str = "app:1") -> set[str]:
    """The codes found in an image of one empty layer, with this `config` object and further metadata-only steps."""
    content = layer(directory("d/"))
    base = {"created_by": "/bin/sh -c #(nop) ADD file:0 in / "}
    history = [base, *({"created_by": step, "empty_layer": True} for step in steps)]
    changed = image_config([content], execution=config or {}, history=history)
    return codes(audited_bytes(docker_save([content], config=changed, names=(name,)), folder))
