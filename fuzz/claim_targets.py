"""Targets for what an archive claims of an image: SBOMs, the source of the build, and the history."""

from __future__ import annotations

from collections.abc import Callable

from imgtar.analysis.dockerfile.provenance import stated_dockerfile
from imgtar.formats.build_source import build_source
from imgtar.formats.in_toto import read_statement
from imgtar.formats.json_document.document import parse
from imgtar.formats.purl import parse_purl
from imgtar.formats.sbom_packages import read_sbom, read_sbom_statement
from imgtar.limits import DEFAULT
from tests.analysis.dockerfile.oracle import lines_of


def claimed_packages(raw: bytes) -> None:
    """Any document is an SBOM, a statement about one, or neither; raises ValueError alone. A purl has type and name."""
    for read in (read_sbom, read_sbom_statement):
        try:
            read(raw)
        except ValueError as error:
            assert str(error)  # noqa: PT017 -- the reason is shown
    found = parse_purl(raw.decode("utf-8", "replace"))
    assert found is None or (found.type and found.name)


def build_sources(raw: bytes) -> None:
    """The Dockerfile of a provenance, if one is there, comes back line by line; raises nothing."""
    statement = read_statement(parse(raw, DEFAULT).value, DEFAULT)
    source = None if statement is None else build_source(statement)
    if source is not None:
        dockerfile = stated_dockerfile(source, ["sha256:0"])
        texts = [file.text.removeprefix("\ufeff") for file in source.files if file is not None]
        plain = ["\n".join(line.removesuffix("\r") for line in text.split("\n")) for text in texts]
        assert dockerfile.text in [text.removesuffix("\n") for text in plain]


def history_rows(raw: bytes) -> None:
    """Any rows become lines, each with a text, and about as long as the rows; raises nothing."""
    rows = raw.decode("utf-8", "surrogateescape").split("\n\n")[:50]
    lines = lines_of(*rows)
    assert all(line.text for line in lines)
    assert sum(len(line.text) for line in lines) <= 20 * (len(raw) + 100 * len(rows))


CLAIM_TARGETS: dict[str, Callable[[bytes], None]] = {
    "claimed_packages": claimed_packages,
    "build_sources": build_sources,
    "history_rows": history_rows,
}
