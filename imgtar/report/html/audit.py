"""The page of an audit: one self-contained file, whose script only searches and filters the findings."""

from __future__ import annotations

from collections.abc import Iterator

from imgtar.contract.content import AuditContent, NamedStep, TextSettings
from imgtar.contract.inspect import Image
from imgtar.report.html.findings import finding_groups
from imgtar.report.html.page import FINDINGS, NAME, Assets, Escaped, frame, line, rendered
from imgtar.report.words.image import first_name, platform_words, severity_counts, short

_IMAGES = 200
_STEP = 4000  # characters


def audit(content: AuditContent, settings: TextSettings) -> Iterator[bytes]:
    """The page."""
    document, inspected = content.document, content.report
    assets = Assets.load(FINDINGS)
    several = len(inspected.images) > 1
    images = [_image(image) for image in inspected.images[:_IMAGES]]
    context = frame(inspected, assets, None if several or not images else Escaped(images[0]["name"]), "audit", settings)
    yield rendered(
        "audit.html.j2",
        **context,
        heading=f"Audit of {len(inspected.images)} images" if several else "Audit",
        report=document,
        images=images,
        counts=list(severity_counts(inspected.findings).items()),
        groups=finding_groups(inspected.findings, content.explanations, inspected, several_images=several),
        steps=[_step(step) for step in content.steps],
    )
    yield assets.end


def _image(image: Image) -> dict[str, str]:
    return {
        "name": line(first_name(image), NAME),
        "id": image.id or "",
        "short_id": short(image.id) or "",
        "platform": line(platform_words(image), 60),
    }


def _step(step: NamedStep) -> dict[str, object]:
    return {
        "image": step.image,
        "layer": step.layer,
        "instruction": step.instruction,
        "text": line(step.text, _STEP),
    }
