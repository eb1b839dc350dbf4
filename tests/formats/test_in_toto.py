"""in-toto statements by people who write what they like."""

from __future__ import annotations

import base64
import json

import pytest

from imgtar.formats.in_toto import Material, materials, read_statement
from imgtar.formats.json_document.document import Json
from imgtar.limits import DEFAULT

PREDICATE = "https://slsa.dev/provenance/v0.2"


def statement(subject: Json, materials: Json) -> dict[str, Json]:
    return {"predicateType": PREDICATE, "subject": subject, "predicate": {"materials": materials}}


def test_digests_are_those_that_are_texts() -> None:
    digests: Json = {"sha256": "ab", "sha512": 5, "md5": None, "sha1": ["c"]}
    read = read_statement(statement([{"digest": digests}], [{"uri": "git:x", "digest": digests}]), DEFAULT)
    assert read is not None
    assert read.subjects == ("sha256:ab",)
    assert materials(read) == (Material("git:x", ("sha256:ab",)),)


def test_an_envelope_holds_the_statement() -> None:
    inner = json.dumps(statement([{"digest": {"sha256": "ab"}}], [])).encode()
    read = read_statement({"payload": base64.b64encode(inner).decode()}, DEFAULT)
    assert read is not None
    assert read.is_provenance
    assert read.subjects == ("sha256:ab",)


@pytest.mark.parametrize("value", [None, [], "x", {"subject": 1}, {"payload": "%"}, {"payload": "e30="}], ids=repr)
def test_what_is_no_statement_is_none(value: Json) -> None:
    assert read_statement(value, DEFAULT) is None


@pytest.mark.parametrize("listed", [None, 5, [5], [{"uri": 5}], [{"digest": {"sha256": "ab"}}]], ids=repr)
def test_materials_of_another_shape_are_left_out(listed: Json) -> None:
    read = read_statement(statement([], listed), DEFAULT)
    assert read is not None
    assert materials(read) == ()
