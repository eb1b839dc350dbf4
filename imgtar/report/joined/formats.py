"""The joiner of each format that can hold the reports about several archives."""

from __future__ import annotations

from collections.abc import Mapping

from imgtar.contract.several import JoinerType
from imgtar.report.joined.data import CsvTables, JsonLines, JsonReports, JunitSuites, SarifRuns
from imgtar.report.joined.texts import MarkdownTexts, Texts

# An HTML page is about one archive, and so is an SBOM.
JOINERS: Mapping[str, JoinerType] = {
    "table": Texts,
    "markdown": MarkdownTexts,
    "json": JsonReports,
    "jsonl": JsonLines,
    "csv": CsvTables,
    "csv-layers": CsvTables,
    "sarif": SarifRuns,
    "junit": JunitSuites,
}
