"""Which stated licenses are expressions of SPDX."""

from __future__ import annotations

import json
from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st
from license_expression import get_spdx_licensing

from imgtar.report.sbom.licenses import LIST_VERSION, _ids, license_of

SPDX = get_spdx_licensing()


@pytest.mark.parametrize(
    ("stated", "expression"),
    [
        ("MIT", "MIT"),
        ("mit", "MIT"),
        ("Apache-2.0+", "Apache-2.0+"),
        ("GPL-2.0-or-later", "GPL-2.0-or-later"),
        ("MIT  AND (BSD-3-Clause OR ISC)", "MIT AND (BSD-3-Clause OR ISC)"),
        ("((MIT))", "((MIT))"),
        ("GPL-2.0-only WITH Classpath-exception-2.0", "GPL-2.0-only WITH Classpath-exception-2.0"),
    ],
)
def test_expressions(stated: str, expression: str) -> None:
    assert license_of(stated).expression == expression


@pytest.mark.parametrize(
    "stated",
    [
        "", "GPLv2+", "MIT License", "MIT and ISC", "MIT AND", "AND MIT", "MIT ISC", "(MIT", "MIT)", "()", "MIT OR ()",
        "MIT WITH", "MIT WITH MIT", "WITH", "MIT WITH Classpath-exception-2.0 WITH LLVM-exception", "LLVM-exception",
        "(MIT) WITH LLVM-exception", "LicenseRef-x", "+", "MIT++", "MIT AND AND ISC", ")(",
    ],
)  # fmt: skip
def test_other_texts(stated: str) -> None:
    assert license_of(stated).expression is None
    assert license_of(stated).stated == stated


def test_one_identifier_is_marked() -> None:
    assert license_of("isc").is_id
    assert not license_of("ISC+").is_id
    assert not license_of("(ISC)").is_id


def test_the_list_is_the_one_of_the_schema() -> None:
    schema = json.loads(files("cyclonedx.schema").joinpath("_res", "spdx.SNAPSHOT.schema.json").read_bytes())
    ids = _ids()
    assert {*ids.licenses.values(), *ids.exceptions.values()} <= set(schema["enum"])
    assert not ids.licenses.keys() & ids.exceptions.keys()
    assert len(ids.licenses) > 700
    assert len(ids.exceptions) > 80
    assert LIST_VERSION in schema["$comment"]


WORDS = st.sampled_from(
    ["MIT", "isc", "GPL-2.0-only", "AND", "OR", "WITH", "(", ")", "LLVM-exception", "x", "Apache-2.0+"]
)


@given(st.lists(WORDS, max_size=8).map(" ".join))
def test_what_is_an_expression_is_one_for_others(stated: str) -> None:
    found = license_of(stated).expression
    if found is not None:
        assert not SPDX.validate(found.replace("+", "")).errors  # the library knows no `+`
        assert license_of(found).expression == found
