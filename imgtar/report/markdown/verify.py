"""Markdown of `verify`, for a pull-request comment or a job summary: the digests, the owner of every byte, findings."""

from __future__ import annotations

from collections.abc import Iterator

from imgtar.contract.content import TextSettings, VerifyContent
from imgtar.report.markdown.fit import Section, encoded
from imgtar.report.markdown.sections import (
    archive_facts,
    archive_span,
    condition_band,
    findings_table,
    foot,
    image_title,
)
from imgtar.report.markdown.verification import checks_section, kinds_section, ranges_sections
from imgtar.report.words.condition import condition
from imgtar.report.words.verification import byte_kinds, digests_words

_IMAGES = 20


def verify(content: VerifyContent, settings: TextSettings) -> Iterator[bytes]:
    """The recomputed digests in full, image by image."""
    document = content.document
    images = document.images
    sections = [
        Section(before=[*condition_band(document), f"# Verification: {archive_span(document)}", "", _summary(content)])
    ]
    for index, image in enumerate(images[:_IMAGES]):
        number = f" ({index})" if len(images) > 1 else ""
        sections.append(checks_section(f"## {image_title(image)}{number}", content.checks[index]))
    if len(images) > _IMAGES:
        sections.append(Section(before=[f"… {len(images) - _IMAGES:,} more images"]))
    kinds = None if content.ranges is None else byte_kinds(content.ranges)
    sections.append(kinds_section(kinds, document.source))
    sections.append(findings_table(document, content.explanations, settings))
    sections += ranges_sections(content.ranges)
    sections.append(foot(document, settings, f"{archive_facts(document)}.", "; `imgtar verify` shows the full report"))
    return encoded(sections)


def _summary(content: VerifyContent) -> str:
    return f"**{condition(content.document).title}**: {digests_words(content.checks)}."
