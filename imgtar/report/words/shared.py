"""The sentences about images that share layers."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from imgtar.contract.judgements import CheckRule
from imgtar.contract.shared import CommonFilesRow, Removal, SharedImage, SharedLayer, SharedReport, SharedSource
from imgtar.report.words.amounts import number_words
from imgtar.report.words.check import value_words
from imgtar.report.words.image import UNTAGGED, counted, platform_words, short
from imgtar.text import escape, escape_stored, human_size

_NAMED = 2  # images that a list names before it counts the rest
_FAILED = 3  # gates that the verdict names


def size_words(size: int | None, *, at_least: bool = False) -> str:
    """`1.54 MB`, `at least 1.54 MB`, or `not known`."""
    if size is None:
        return "not known"
    return f"at least {human_size(size)}" if at_least else human_size(size)


def image_label(image: SharedImage, *, ascii_only: bool = False) -> str:
    """The names of an image, else its ID; escaped."""
    return escape(", ".join(image.names) or short(image.id) or UNTAGGED, ascii_only=ascii_only)


def short_label(document: SharedReport, number: int, *, ascii_only: bool = False) -> str:
    """The first name of an image, else its ID, and its platform where the images are of several; escaped."""
    image = document.images[number]
    name = escape(next(iter(image.names), None) or short(image.id) or UNTAGGED, ascii_only=ascii_only)
    return f"{name}{_of_platform(document, image, ascii_only=ascii_only)}"


def _of_platform(document: SharedReport, image: SharedImage, *, ascii_only: bool) -> str:
    return f" ({escape(platform_words(image), ascii_only=ascii_only)})" if document.several_platforms else ""


def images_words(document: SharedReport, numbers: Sequence[int], *, ascii_only: bool = False) -> str:
    """`both images`, `all 12 images`, `api:1, worker:1 and 3 more`; escaped."""
    total = len(document.images)
    if len(numbers) == total > 1:
        return "both images" if total == 2 else f"all {total:,} images"
    named = [short_label(document, number, ascii_only=ascii_only) for number in numbers[:_NAMED]]
    more = f" and {len(numbers) - _NAMED:,} more" if len(numbers) > _NAMED else ""
    return (", " if more else " and ").join(named) + more


def headline(document: SharedReport) -> str:
    """`2 images, 14 layers, 12 of them different: 1.54 MB on docker's disk, 392 kB less than alone`."""
    totals = document.totals
    taken = f"{size_words(totals.together, at_least=totals.at_least)} on docker's disk"
    images = f"{counted(len(document.images), 'image')}, {counted(totals.count, 'layer')}"
    if totals.count == totals.distinct:
        nothing = "; they share no layer" if len(document.images) > 1 else ""
        return f"{images}: {taken}{nothing}"
    return f"{images}, {totals.distinct:,} of them different: {taken}, {human_size(totals.saved)} less than alone"


def registry_words(document: SharedReport) -> str:
    """What the blobs take in a registry, or why that is not known."""
    totals = document.registry
    if totals is None:
        return "In a registry: not known, as the archives do not state the digest of every blob."
    if not totals.count:
        return "In a registry: no blobs."
    taken = size_words(totals.together, at_least=totals.at_least)
    if totals.count == totals.distinct:
        blobs = f"{counted(totals.count, 'blob')} of {taken}, as the archives store them"
        return f"In a registry: {blobs}, and none is shared."
    return (
        f"In a registry: {counted(totals.count, 'blob')}, {totals.distinct:,} of them different: {taken}, "
        f"{human_size(totals.saved)} less than alone, as the archives store them."
    )


def removal_words(document: SharedReport, removal: Removal, *, ascii_only: bool = False) -> str:
    """`Removing r/sibling:bk frees 8 B and 2 layers; 1.54 MB stay.`"""
    images = [document.images[number] for number in removal.images]
    if not images:
        return "No image is removed, so nothing is freed."
    what = images_words(document, removal.images, ascii_only=ascii_only)
    frees = size_words(removal.frees, at_least=removal.at_least)
    verb = "frees" if len(images) == 1 else "together frees"
    names = sum(len(image.names) for image in images)
    each = f" docker rmi needs all {names:,} names." if names > len(images) else ""
    stay = size_words(removal.keeps, at_least=removal.at_least)
    return f"Removing {what} {verb} {frees} and {counted(len(removal.layers), 'layer')}, and {stay} stay.{each}"


def same_content_words(document: SharedReport) -> str:
    """What equal layers over different lower layers cost; empty without any."""
    rows = document.same_content
    if not rows:
        return ""
    unknown = any(row.bytes is None for row in rows)
    size = size_words(sum(row.bytes or 0 for row in rows), at_least=unknown)
    return (
        f"{counted(len(rows), 'layer')} with equal content over different lower layers: one blob each in a registry, "
        f"{size} more on docker's disk."
    )


def files_words(document: SharedReport) -> str:
    """What equal files in layers that are not shared take; empty without `--files`."""
    rows = document.files
    if isinstance(rows, msgspec.UnsetType):
        return ""
    if not rows:
        return "Files: no two images store the same content in layers that they do not share."
    files, saves = sum(row.files for row in rows), sum(row.saves for row in rows)
    return (
        f"Files: {counted(files, 'content')} are in layers that images do not share; a common base would save "
        f"{human_size(saves)}."
    ).replace("1 content are", "1 content is")


def holder_words(document: SharedReport, row: CommonFilesRow, *, ascii_only: bool = False) -> str:
    """`a:1 layer 5, b:1 layer 6 and 3 more`; `all files of` such layers; escaped."""
    named = [_layer_words(document, number, ascii_only=ascii_only) for number in row.layers[:_NAMED]]
    more = f" and {len(row.layers) - _NAMED:,} more" if len(row.layers) > _NAMED else ""
    return ("all files of " if row.whole else "") + ", ".join(named) + more


def _layer_words(document: SharedReport, number: int, *, ascii_only: bool) -> str:
    holder = document.layers[number].images[0]
    place = document.images[holder].layers.index(number)
    return f"{short_label(document, holder, ascii_only=ascii_only)} layer {place}"


def source_words(source: SharedSource, *, ascii_only: bool = False) -> str:
    """The name of an archive, escaped."""
    b64 = source.path_b64 if isinstance(source.path_b64, str) else None
    return escape_stored(source.path, b64, ascii_only=ascii_only)


def rule_words(document: SharedReport, rule: CheckRule, *, ascii_only: bool = False) -> str:
    """`max-unique r/mysqlish:bk 1.15 MB > 1 MB`; escaped."""
    assert rule.image is not None
    image = document.images[rule.image]
    name = image_label(image, ascii_only=ascii_only) + _of_platform(document, image, ascii_only=ascii_only)
    if rule.causes:
        return f"{rule.rule} {name} not known"
    assert not isinstance(rule.limit, str)
    sign = "≤≥><"[2 * (not rule.passed) + (rule.rule == "min-shared")]
    sign = {"≤": "<=", "≥": ">="}.get(sign, sign) if ascii_only else sign
    return f"{rule.rule} {name} {value_words(rule)} {sign} {number_words(rule.limit, rule)}"


def gate_words(document: SharedReport) -> str:
    """`2 of 4 gates failed`."""
    broken = sum(not rule.passed for rule in document.rules)
    return f"{broken:,} of {counted(len(document.rules), 'gate')} failed"


def verdict_words(document: SharedReport, *, ascii_only: bool = False) -> str:
    """`verdict: ok`, or `verdict: failed` and the gates that did."""
    broken = [rule for rule in document.rules if not rule.passed]
    if not broken:
        return "verdict: ok"
    named = "; ".join(rule_words(document, rule, ascii_only=ascii_only) for rule in broken[:_FAILED])
    more = f"; and {len(broken) - _FAILED:,} more" if len(broken) > _FAILED else ""
    return f"verdict: failed {named}{more}"


def layer_words(layer: SharedLayer) -> str:
    """The Dockerfile line of a layer, or what else its step says; not escaped yet."""
    text = layer.text or (f"({layer.comment})" if layer.comment else "")
    if layer.instruction and not text.startswith(layer.instruction):
        text = f"{layer.instruction} {text}".rstrip()
    return text or "(no history)"
