"""How SBOMs are recognised."""

from __future__ import annotations

import pytest

from imgtar.formats.sbom import sbom_format


@pytest.mark.parametrize(
    ("content", "form"),
    [
        (b'{"bomFormat":"CycloneDX"}', "cyclonedx"),
        (b'\xef\xbb\xbf{"$schema":"x","bomFormat":"CycloneDX"}', "cyclonedx"),
        (b'{"components":[[[]]],"bomFormat":"CycloneDX"}', "cyclonedx"),
        (b'{"spdxVersion":"SPDX-2.3"}', "spdx"),
        (b'{"spdxVersion":2.3}', None),
        (b'{"spdxVersion":"3"}', None),
        (b'{"a":{"bomFormat":"CycloneDX"}}', None),
        (b'["CycloneDX"]', None),
        (b'{"bomFormat":["CycloneDX"]}', None),
        (b'{"bomFormat":"CycloneDX"', None),
        (b'{"bomFormat":"\xff"}', None),
        (b'{"a":' + b"[" * 1_000_000, None),
        (b"", None),
    ],
)
def test_a_document_says_what_it_is(content: bytes, form: str | None) -> None:
    assert sbom_format(content) == form
