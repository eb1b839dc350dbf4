"""The source in the provenance of BuildKit: real shapes, and shapes that nobody writes."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from imgtar.formats.build_source import BuildSource, SourceFile, StepRange, build_source
from imgtar.formats.in_toto import Statement

TEXT = {"filename": "Dockerfile", "data": base64.b64encode(b"FROM a\n").decode()}
FILE = SourceFile("Dockerfile", "FROM a\n")


def _v1(metadata: Any) -> BuildSource | None:
    predicate = {"runDetails": {"metadata": {"buildkit_metadata": metadata}}}
    return build_source(Statement("https://slsa.dev/provenance/v1", (), predicate))


def _v02(metadata: Any) -> BuildSource | None:
    predicate = {"metadata": {"https://mobyproject.org/buildkit@v1#metadata": metadata}}
    return build_source(Statement("https://slsa.dev/provenance/v0.2", (), predicate))


@pytest.mark.parametrize("read", [_v1, _v02])
def test_ranges_of_one_instruction_are_one(read: Any) -> None:
    lines = [{"start": {"line": number}, "end": {"line": number}} for number in (2, 3, 5)]
    metadata = {
        "source": {"infos": [TEXT], "locations": {"step1": {"locations": [{"ranges": lines}]}}},
        "layers": {"step1:0": [[{"digest": "sha256:a"}, {"digest": "sha256:b"}]]},
    }
    chains = (("sha256:a", "sha256:b"),)
    assert read(metadata) == BuildSource((FILE,), (StepRange(0, 2, 3, chains), StepRange(0, 5, 5, chains)))


@pytest.mark.parametrize(
    "infos",
    [
        None,
        {},
        [],
        [None],
        [{"data": 1}],
        [{"data": ""}],
        [{"data": "not base64"}],
        [{"data": "YQ"}],
        [{"data": "é"}],
        [{"data": base64.b64encode(b"\n" * 20_001).decode()}],
    ],
)
def test_without_a_text_there_is_no_source(infos: Any) -> None:
    assert _v1({"source": {"infos": infos}}) is None


@pytest.mark.parametrize(
    "locations",
    [
        [],
        {"step1": None},
        {"step1": {"locations": {}}},
        {"step1": {"locations": [None, {"ranges": {}}, {"ranges": [None, {"start": 1}, {"start": {"line": "1"}}]}]}},
        {"step1": {"locations": [{"sourceIndex": "x", "ranges": [{"start": {"line": 1}, "end": {"line": 1}}]}]}},
    ],
)
def test_locations_of_another_shape_are_left_out(locations: Any) -> None:
    source = {"infos": [None, TEXT], "locations": locations}
    assert _v1({"source": source, "layers": []}) == BuildSource((None, FILE), ())


def test_bytes_that_are_not_text_are_kept() -> None:
    found = _v1({"source": {"infos": [{"filename": 7, "data": base64.b64encode(b"\xff\x00").decode()}]}})
    assert found == BuildSource((SourceFile("", "\udcff\x00"),), ())
