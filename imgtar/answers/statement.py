"""A report as an in-toto Statement v1 about the image, ready to be signed (in-toto: spec/v1/statement.md)."""

from __future__ import annotations

import json

from imgtar.archive.catalog.records import ImageRecord
from imgtar.errors import UsageError

STATEMENT_TYPE = "application/vnd.in-toto+json"
PREDICATE_TYPE = "urn:imgtar:report:v1"


def statement_of(report: bytes, record: ImageRecord) -> tuple[bytes, str]:
    """The statement whose subject is the image's manifest and whose predicate is the report; and the predicate's type.

    Raises UsageError for a report that is no JSON object.
    """
    try:
        predicate = json.loads(report)
    except (ValueError, RecursionError):
        predicate = None
    if not isinstance(predicate, dict) or record.manifest_digest is None:
        raise UsageError("usage.statement", "--statement takes JSON reports", "make one with -o json=FILE")
    digest = record.manifest_digest
    statement = {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [{"name": record.names[0] if record.names else "", "digest": {digest.algorithm: digest.encoded}}],
        "predicateType": PREDICATE_TYPE,
        "predicate": predicate,
    }
    return json.dumps(statement, ensure_ascii=False, separators=(",", ":")).encode(), PREDICATE_TYPE
