"""A report as an in-toto statement: its text stays as it is, and what is not JSON is refused."""

from __future__ import annotations

import json

import pytest

from imgtar.answers.options import InspectOptions
from imgtar.answers.statement import statement_of
from imgtar.api import inspect
from imgtar.archive.catalog.records import ImageRecord
from imgtar.errors import UsageError
from tests.paths import FIXTURES


@pytest.fixture(scope="module")
def record() -> ImageRecord:
    return inspect(str(FIXTURES / "s5-oci"), InspectOptions()).session.images[0].record


@pytest.mark.parametrize(
    "report",
    [
        b"{}", b' {\n "a": 1.50\n}\n', b'\xef\xbb\xbf{"a":"\xc3\xa9"}', b'{"a":"\\ud800"}', b'{"a":1e999,"b":1E+2}',
        b'{"a":' + b"9" * 400 + b"}",
    ],
)  # fmt: skip
def test_the_text_of_the_report_stays(report: bytes, record: ImageRecord) -> None:
    raw, _ = statement_of(report, record)
    statement = json.loads(raw)
    assert statement["subject"][0]["digest"]["sha256"] == record.manifest_digest.encoded
    assert statement["predicate"] == json.loads(report.decode("utf-8-sig"))
    assert report.removeprefix(b"\xef\xbb\xbf").strip() in raw


@pytest.mark.parametrize("report", [b"", b"[]", b"{", b'{"a":NaN}', b'{"a":-Infinity}', b"\xff", b"[" * 10_000, b'"a"'])
def test_what_is_no_json_object_is_refused(report: bytes, record: ImageRecord) -> None:
    with pytest.raises(UsageError, match="takes JSON reports"):
        statement_of(report, record)
