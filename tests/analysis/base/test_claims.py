"""Provenance: its shapes, when it names the base, and documents that mean harm."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import pytest

from imgtar.analysis.base.base import Base
from tests import builders
from tests.analysis.base.archives import DIGEST, LAYERS, attested, base, provenance, pulling, purl

DEBIAN = purl("debian@12-slim")


@pytest.mark.parametrize("version", ["v0.2", "v1"])
@pytest.mark.parametrize(
    ("materials", "name"),
    [
        ([DEBIAN], "debian:12-slim"),
        ([DEBIAN, DEBIAN], "debian:12-slim"),
        ([purl("docker.io/library/debian@12")], "debian:12"),
        ([purl("ghcr.io/org%2Fteam/app")], "ghcr.io/org/team/app"),
        ([purl(f"debian@{DIGEST}")], f"debian@{DIGEST}"),
        ([{"uri": "pkg:oci/debian@12"}], "debian:12"),
        ([DEBIAN, {"uri": "https://github.com/org/app.git", "digest": {"sha1": "0"}}], "debian:12-slim"),
        ([DEBIAN, purl("docker/dockerfile@1", "6" * 64)], "debian:12-slim"),
        ([DEBIAN, purl("golang@1.24")], None),
        ([DEBIAN, purl("debian@12-slim", "6" * 64)], None),
        ([], None),
        ([None, 5, {"uri": 7}, {"digest": {}}, {"uri": "pkg:docker/"}, {"uri": "pkg:npm/x@1"}], None),
    ],
)  # fmt: skip
def test_the_base_is_the_only_image_that_the_build_used(
    version: str, materials: list[Any], name: str | None, tmp_path: Path
) -> None:
    statement = provenance(materials, version=version, frontend="docker.io/docker/dockerfile:1@" + DIGEST)
    found = base(tmp_path, attested(statement))
    assert found is not None
    assert (found.name, found.confidence) == (name, "guess")


BLOBS = [{"digest": builders.digest(builders.gzip(content))} for content in LAYERS]


@pytest.mark.parametrize("version", ["v0.2", "v1"])
@pytest.mark.parametrize(
    ("chains", "layers"),
    [
        ([BLOBS[:2]], 2),
        ([BLOBS[1:], BLOBS[:1]], 1),
        ([BLOBS[:1], BLOBS[:2]], 2),
        ([BLOBS], 3),
        ([BLOBS[1:]], None),
        ([[*BLOBS, BLOBS[0]]], None),
        ([[{"digest": 5}, *BLOBS[:1]]], None),
        ([[]], None),
        ([None, [[]], {}], None),
        ({}, None),
        (None, None),
    ],
)
def test_the_layers_that_the_build_pulled_are_those_of_the_base(
    version: str, chains: object, layers: int | None, tmp_path: Path
) -> None:
    images = [("golang:1.24@" + DIGEST, [[{"digest": DIGEST}]]), (f"docker.io/library/debian:12@{DIGEST}", chains)]
    found = base(tmp_path, attested(pulling(images, version=version)))
    if layers is None:
        assert found == Base(layers=1, by="history", confidence="guess"), "two images, of which none fits, name no base"
    else:
        named = {"name": "debian:12", "digest": DIGEST}
        expected = Base(layers=layers, by="provenance", confidence="stated", named_by="provenance", **named)
        assert found == expected


def test_statements_that_disagree_name_no_base(tmp_path: Path) -> None:
    same = provenance([DEBIAN], version="v1")
    for other, name in ((same, "debian:12-slim"), (provenance([purl("golang@1.24")]), None)):
        found = base(tmp_path, attested(provenance([DEBIAN]), other))
        assert found is not None
        assert found.name == name


def test_a_statement_about_another_image_proves_nothing(tmp_path: Path) -> None:
    found = base(tmp_path, attested(provenance([DEBIAN]), subject=DIGEST))
    assert found is not None
    assert found.name is None


def test_a_signed_statement_is_read_in_its_envelope(tmp_path: Path) -> None:
    layout = builders.Layout()
    image = layout.add_image(builders.good_layers())
    subject = [{"name": "_", "digest": {"sha256": image["digest"][7:]}}]
    payload = base64.b64encode(builders.document({**provenance([DEBIAN]), "subject": subject})).decode()
    found = base(
        tmp_path, attested(builders.document({"payload": payload, "payloadType": "x"}), layers=builders.good_layers())
    )
    assert found is not None
    assert found.name == "debian:12-slim"


def test_another_predicate_names_no_base(tmp_path: Path) -> None:
    found = base(tmp_path, attested({**provenance([DEBIAN]), "predicateType": "https://spdx.dev/Document"}))
    assert found is not None
    assert found.name is None


@pytest.mark.parametrize(
    "document",
    [
        b"", b"{", b"[]", b"null", b"[" * 100_000, b'{"subject":1}', b'{"subject":[1,{"digest":5}],"predicate":[]}',
        b'{"payload":"%"}', b'{"payload":"AAAA"}', b'{"payload":"eyJwYXlsb2FkIjoiIn0="}',
    ],
)  # fmt: skip
def test_a_hostile_statement_is_no_claim(document: bytes, tmp_path: Path) -> None:
    found = base(tmp_path, attested(document))
    assert found is not None
    assert (found.name, found.by) == (None, "history")


def test_hostile_shapes_of_a_predicate_are_no_claim(tmp_path: Path) -> None:
    for predicate in (None, [], {"materials": {}}, {"materials": [[[]]]}, {"buildDefinition": []}, {"invocation": 1}):
        found = base(tmp_path, attested({**provenance([]), "predicate": predicate}))
        assert found is not None
        assert found.name is None
