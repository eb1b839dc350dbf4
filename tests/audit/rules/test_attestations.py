"""Attestations: what they claim, and whether they are about this image."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from tests.audit.audited import audited, audited_bytes, of
from tests.builders import digest, document, file, layer, oci_layout
from tests.paths import FIXTURES

STATEMENT = "application/vnd.in-toto+json"


def attested(statement: object, *, media_type: str = STATEMENT, present: bool = True) -> bytes:
    """An OCI archive with a BuildKit-like attestation manifest that holds this statement."""
    layout = oci_layout([layer(file("a", b"x"))])
    image = layout.manifests[0]
    filled = json.loads(json.dumps(statement).replace("SUBJECT", image["digest"].partition(":")[2]))
    if media_type != STATEMENT:
        filled = {"payloadType": STATEMENT, "payload": base64.b64encode(document(filled)).decode(), "signatures": []}
    blob = document(filled)
    body = document(
        {
            "schemaVersion": 2,
            "mediaType": "application/vnd.oci.image.manifest.v1+json",
            "config": {"mediaType": "application/vnd.oci.image.config.v1+json", "digest": digest(b"{}"), "size": 2},
            "layers": [
                {
                    "mediaType": media_type,
                    "digest": digest(blob),
                    "size": len(blob),
                    "annotations": {"in-toto.io/predicate-type": "https://slsa.dev/provenance/v1"},
                }
            ],
        }
    )
    layout.blobs["blobs/sha256/" + digest(body)[7:]] = body
    layout.blobs["blobs/sha256/" + digest(b"{}")[7:]] = b"{}"
    if present:
        layout.blobs["blobs/sha256/" + digest(blob)[7:]] = blob
    layout.manifests.append(
        {
            "mediaType": "application/vnd.oci.image.manifest.v1+json",
            "digest": digest(body),
            "size": len(body),
            "platform": {"os": "unknown", "architecture": "unknown"},
            "annotations": {
                "vnd.docker.reference.type": "attestation-manifest",
                "vnd.docker.reference.digest": image["digest"],
            },
        }
    )
    return layout.tar()


def statement(subject: str = "SUBJECT") -> dict[str, Any]:
    return {
        "_type": "https://in-toto.io/Statement/v1",
        "predicateType": "https://spdx.dev/Document",
        "subject": [{"name": "app", "digest": {"sha256": subject}}],
        "predicate": {},
    }


@pytest.mark.parametrize("media_type", [STATEMENT, "application/vnd.dsse.envelope.v1+json"])
def test_about_this_image(media_type: str, tmp_path: Path) -> None:
    [row] = of(audited_bytes(attested(statement(), media_type=media_type), tmp_path), "supply.attestation")
    assert row.message == "an attestation is attached: https://spdx.dev/Document, and its subject is this image"
    assert row.where.image == 0


def test_about_another_image(tmp_path: Path) -> None:
    rows = audited_bytes(attested(statement("0" * 64)), tmp_path)
    [row] = of(rows, "supply.attestation-subject")
    assert "0" * 64 in row.message
    assert not of(rows, "supply.attestation")


@pytest.mark.parametrize("odd", [{}, [], {"subject": 3}, {"payload": "%%"}, {"payload": "e30="}, {"subject": [3, {}]}])
def test_statements_that_are_none(odd: object, tmp_path: Path) -> None:
    rows = audited_bytes(attested(odd), tmp_path)
    assert of(rows, "supply.attestation") or of(rows, "supply.attestation-subject")


def test_a_statement_that_is_not_here(tmp_path: Path) -> None:
    [row] = of(audited_bytes(attested(statement(), present=False), tmp_path), "supply.attestation")
    assert row.message.endswith("but its statement is not in the archive")


def test_the_recorded_ones() -> None:
    rows = of(audited(FIXTURES / "d26c-buildx-oci-multiplatform.tar"), "supply.attestation")
    assert [row.where.image for row in rows] == [0, 1, 2]
    assert all(row.message.endswith("its subject is this image") for row in rows)
    assert all("slsa.dev/provenance" in row.message for row in rows)
