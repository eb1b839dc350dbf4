"""A program of a user, which mypy checks in its strict mode; it is run, too."""

from __future__ import annotations

import io
from pathlib import Path

import imgtar
from imgtar import api


def largest_layer(archive: Path) -> tuple[int, int]:
    """The index and the size of the largest layer."""
    report: imgtar.InspectedReport = imgtar.inspect(archive, imgtar.InspectOptions(verify=True))
    layers = report.document.images[0].layers
    sizes = {layer.index: layer.content_size or 0 for layer in layers}
    index = max(sizes, key=sizes.__getitem__)
    added: list[str] = [change.path for change in report.changes(0, index) if change.kind == "added"]
    assert len(added) == layers[index].added.count
    return index, sizes[index]


def risks(raw: bytes) -> list[str]:
    """The codes of what is risky."""
    report = api.audit(io.BytesIO(raw))
    return sorted({finding.code for finding in report.document.findings})


def facts(archive: str) -> dict[str, object]:
    """One value of every function."""
    with open(archive, "rb") as file:
        verified: str = api.verify(file).document.integrity
    differs: bool | None = api.diff(archive, archive).document.equal
    rows: list[dict[str, object]] = api.packages(archive).rows()
    return {
        "verified": verified,
        "equal": differs,
        "packages": len(rows),
        "steps": [step.instruction for step in api.history(archive).document.images[0].history],
        "rmi": api.ids(archive).document.images[0].docker.graphdriver.rmi,
        "files": len(api.ls(archive, "/etc").document.entries),
        "found": [match.state for match in api.find(archive, "/opt/secret.env").document.matches],
        "groups": api.duplicates(archive, min_size=0).document.totals.groups,
        "lines": [line.text for line in api.dockerfile(archive).document.lines],
        "passed": api.check(archive, {"max-layers": 5}).document.passed,
        "saved": api.shared([archive, Path(archive)]).document.totals.saved,
        "json": api.history(archive).to_json(),
    }


def explain(archive: str) -> str:
    """What is wrong with the input."""
    try:
        imgtar.inspect(archive)
    except imgtar.ImgtarError as error:
        return f"{error.code} ({error.exit_code}): {error}"
    return "nothing"
