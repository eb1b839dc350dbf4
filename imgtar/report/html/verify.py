"""The page of `verify`, without a script: the digests, the owner of every byte, the findings."""

from __future__ import annotations

from collections.abc import Iterator

from imgtar.contract.content import TextSettings, VerifyContent
from imgtar.report.html.findings import finding_groups
from imgtar.report.html.page import NAME, VERIFICATION_STYLES, Assets, frame, line, rendered
from imgtar.report.html.verification import byte_table, check_table
from imgtar.report.words.image import first_name, platform_words, severity_words
from imgtar.report.words.verification import byte_kinds, digests_words

_IMAGES = 200


def verify(content: VerifyContent, settings: TextSettings) -> Iterator[bytes]:
    """The page."""
    document, ranges, assets = content.document, content.ranges, Assets.load(styles=VERIFICATION_STYLES)
    several = len(document.images) > 1
    images = [_image(content, index) for index in range(min(len(document.images), _IMAGES))]
    yield rendered(
        "verify.html.j2",
        **frame(document, assets, None, "verify", settings),
        images=images,
        unlisted=len(document.images) - len(images),
        digests=digests_words(content.checks),
        bytes=byte_table(None if ranges is None else byte_kinds(ranges), document.source, ranges or ()),
        findings=severity_words(document),
        groups=finding_groups(document.findings, content.explanations, document, several_images=several),
    )
    yield assets.end


def _image(content: VerifyContent, index: int) -> dict[str, object]:
    image = content.document.images[index]
    return {
        "number": index,
        "name": line(first_name(image), NAME),
        "platform": line(platform_words(image), 60),
        "checks": check_table(content.checks[index]),
    }
