"""The contract names its values itself; they are the values of the findings."""

from __future__ import annotations

from typing import get_args, get_type_hints

from imgtar.contract.envelope import SEVERITIES, Envelope, FindingRow, Generator, Source
from imgtar.contract.inspect import InspectReport
from imgtar.findings import Effect, Severity


def test_severities_are_those_of_findings_in_their_order() -> None:
    assert tuple(severity.value for severity in Severity) == SEVERITIES


def test_effects_are_those_of_findings() -> None:
    assert set(get_args(get_type_hints(FindingRow)["effect"])) == {effect.value for effect in Effect}


def test_every_field_of_the_envelope_is_passed_on() -> None:
    source = Source(path="a.tar", size=1, form="oci-archive", container="tar", compression="gzip")
    report = InspectReport(
        generator=Generator(version="1"),
        source=source,
        complete=False,
        integrity="failed",
        images=[],
        other=[],
        findings=[],
    )
    assert Envelope(**report.envelope()) == Envelope(
        generator=Generator(version="1"), source=source, complete=False, integrity="failed"
    )
    assert set(report.envelope()) == set(Envelope.__struct_fields__) - {"schema_version"}
