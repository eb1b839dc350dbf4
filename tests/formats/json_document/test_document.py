"""Strict JSON: image-formats.md 4.1, the row of JSON."""

from __future__ import annotations

import sys

import msgspec
import pytest

from imgtar.findings import Effect
from imgtar.formats.json_document.document import Document, parse
from imgtar.formats.json_document.fields import Reading, top_object
from imgtar.limits import DEFAULT


def codes(document: Document) -> list[str]:
    return [finding.code for finding in document.findings]


def test_a_plain_document_keeps_its_bytes() -> None:
    raw = b' {"a": [1, 2.5, null, true, "x"]}\n'
    document = parse(raw, DEFAULT)
    assert document.raw == raw
    assert document.value == {"a": [1, 2.5, None, True, "x"]}
    assert document.usable
    assert not document.findings


@pytest.mark.parametrize("raw", [b"", b" \n", b"\0\0"])
def test_an_empty_document_is_a_wrong_type(raw: bytes) -> None:
    document = parse(raw, DEFAULT)
    assert codes(document) == ["json.wrong-type"]
    assert not document.usable
    assert document.findings[0].effect is Effect.INCOMPLETE


def test_bad_utf8_names_the_offset() -> None:
    document = parse(b'["\xff"]', DEFAULT)
    assert codes(document) == ["json.not-utf8"]
    assert document.findings[0].where.offset == 2


def test_a_bom_is_skipped() -> None:
    document = parse(b"\xef\xbb\xbf[]", DEFAULT)
    assert (document.value, codes(document)) == ([], ["json.bom"])


def test_the_last_of_two_equal_keys_wins() -> None:
    document = parse(b'{"L": [], "L": [1]}', DEFAULT)
    assert (document.value, codes(document)) == ({"L": [1]}, ["json.duplicate-key"])


@pytest.mark.parametrize("text", ["[NaN]", "[Infinity]", "[-Infinity]", "[1,]", "{'a':1}", '["\t"]', "[1 2]", "[01]"])
def test_damage_has_a_line_or_a_reason(text: str) -> None:
    document = parse(text.encode(), DEFAULT)
    assert codes(document) == ["json.invalid"]
    assert not document.usable


def test_damage_names_line_and_column() -> None:
    finding = parse(b'{\n  "a": x}', DEFAULT).findings[0]
    assert str(finding.arguments["reason"]).endswith(" (line 2, column 8)")


def test_nesting_is_bounded_before_parsing() -> None:
    document = parse(b"[" * 100_000, DEFAULT)
    assert codes(document) == ["limit.json-depth"]
    assert document.findings[0].effect is Effect.LIMIT


def test_brackets_in_strings_do_not_count() -> None:
    assert parse(b'["' + b'[\\"' * 1000 + b'"]', DEFAULT).usable


def test_values_are_bounded_before_parsing() -> None:
    assert codes(parse(b"[" + b"1," * 300_000 + b"1]", DEFAULT)) == ["limit.json-nodes"]


def test_size_is_bounded() -> None:
    limits = msgspec.structs.replace(DEFAULT, json_size=10)
    assert codes(parse(b" " * 11, limits)) == ["limit.json-size"]


def test_an_unfinished_string_with_many_escapes_is_linear() -> None:
    assert not parse(b"[" * 60 + b"[,[,[,[,[" + b'"' + b'\\"' * 1_000_000, DEFAULT).usable


@pytest.mark.parametrize(("digits", "sign"), [("9" * 5000, 1), ("-" + "9" * 5000, -1), ("1e999", 1), ("-1e999", -1)])
def test_a_number_beyond_every_range_is_legal_and_the_largest_one(digits: str, sign: int) -> None:
    document = parse(f'{{"a": {digits}, "b": 1}}'.encode(), DEFAULT)
    assert document.usable
    assert document.value == {"a": sign * sys.float_info.max, "b": 1}
    assert [(finding.code, finding.effect) for finding in document.findings] == [("json.huge-number", Effect.NONE)]


@pytest.mark.parametrize("text", ["NaN", "[-Infinity]", "{", "x"])
def test_the_sentence_about_invalid_json_has_no_gaps(text: str) -> None:
    (finding,) = parse(text.encode(), DEFAULT).findings
    assert finding.code == "json.invalid"
    assert None not in finding.arguments.values()
    assert "?" not in finding.kind.sentence.format(**finding.arguments)


def test_integers_beyond_64_bits_are_floats() -> None:
    document = parse(b"[18446744073709551615, 18446744073709551616, -9223372036854775808]", DEFAULT)
    assert document.value == [2**64 - 1, 2.0**64, -(2**63)]
    assert not document.findings


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (r'["\ud800"]', ["\ufffd"]),
        (r'["\udc00x"]', ["\ufffdx"]),
        (r'["\ud83d\ude00"]', ["😀"]),
        (r'["\\ud800"]', ["\\ud800"]),
        (r'["\ud800\ud83d\ude00"]', ["\ufffd😀"]),
    ],
)
def test_half_surrogate_pairs_become_replacement_characters(text: str, value: list[str]) -> None:
    assert parse(text.encode(), DEFAULT).value == value


def test_a_cut_surrogate_escape_does_not_swallow_the_quote() -> None:
    assert not parse(rb'["\ud8", "x"]', DEFAULT).usable


def test_trailing_bytes_are_a_finding_and_padding_is_none() -> None:
    assert codes(parse(b"[] {}", DEFAULT)) == ["json.trailing-data"]
    assert codes(parse(b"[] \n\0\0", DEFAULT)) == []


def test_keys_match_without_case_and_the_last_wins() -> None:
    document = parse(b'{"config": "a", "CONFIG": "b", "x": 1}', DEFAULT)
    reading = Reading(document)
    fields = top_object(document, reading)
    assert fields is not None
    assert fields.string("Config") == "b"
    assert [finding.code for finding in reading.log] == ["json.key-case"]


def test_a_wrong_type_shows_what_is_stored() -> None:
    document = parse(b'{"Env": {"A": 1}, "User": 7, "Cmd": ["a", null]}', DEFAULT, member=b"c.json")
    reading = Reading(document)
    fields = top_object(document, reading)
    assert fields is not None
    assert fields.strings("Env") == []
    assert fields.string("User") is None
    assert fields.strings("Cmd") == ["a"]
    first, second, third = reading.log
    assert first.arguments == {"key": "Env", "expected": "a list", "found": "an object", "stored": '{"A": 1}'} | {
        "consequence": ""
    }
    assert first.where.member == b"c.json"
    assert (second.arguments["key"], third.arguments["key"]) == ("User", "Cmd[1]")
