"""A report as an in-toto Statement v1 about the image, ready to be signed (in-toto: spec/v1/statement.md)."""

from __future__ import annotations

import json

from imgtar.archive.catalog.records import ImageRecord
from imgtar.errors import UsageError
from imgtar.formats.sbom import PREDICATE_TYPES, sbom_format

STATEMENT_TYPE = "application/vnd.in-toto+json"
PREDICATE_TYPE = "urn:imgtar:report:v1"


def statement_of(report: bytes, record: ImageRecord) -> tuple[bytes, str]:
    """The statement whose subject is the image's manifest and whose predicate is the report; and the predicate's type.

    An SBOM has the type that in-toto knows. The text of the report stays as it is: Python's numbers and strings cannot
    hold all that JSON can.
    Raises UsageError for a report that is not a JSON object.
    """
    try:
        text = report.decode("utf-8-sig")
        predicate = json.loads(text, parse_constant=_refuse)
    except (ValueError, RecursionError):
        text, predicate = "", None
    if not isinstance(predicate, dict) or record.manifest_digest is None:
        raise UsageError("usage.statement", "--statement takes JSON reports", "make one with -o json=FILE")
    digest = record.manifest_digest
    sbom = sbom_format(report)
    predicate_type = PREDICATE_TYPE if sbom is None else PREDICATE_TYPES[sbom]
    statement = {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [{"name": record.names[0] if record.names else "", "digest": {digest.algorithm: digest.encoded}}],
        "predicateType": predicate_type,
    }
    head = json.dumps(statement, ensure_ascii=False, separators=(",", ":"))
    return f'{head[:-1]},"predicate":{text.strip()}}}'.encode(), predicate_type


def _refuse(constant: str) -> object:
    """NaN and Infinity are not JSON, although Python reads them."""
    raise ValueError(constant)
