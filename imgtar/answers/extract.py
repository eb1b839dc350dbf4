"""What `extract` writes of an archive, and what it says afterwards."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence

import msgspec

from imgtar.analysis.stacked_image import StackedImage
from imgtar.answers.envelope import fields_of
from imgtar.answers.filters import Filtered
from imgtar.answers.one_image import only_image, without_image
from imgtar.answers.session import Session
from imgtar.answers.view import View
from imgtar.contract.file_content import AbsentPath, ExtractContent, Sighting
from imgtar.contract.files import ExtractedEntry, ExtractReport, SkippedEntry
from imgtar.extraction import choice, problems
from imgtar.extraction.links import Links
from imgtar.extraction.plan import Item, Manner, Plan, Skipped, Written, plan_of
from imgtar.filesystem.given_paths import is_pattern, matching, parse_path, resolve
from imgtar.findings import Finding
from imgtar.image.image import ImageOutline
from imgtar.layer.scan import LayerScan
from imgtar.limits import LimitReached, Limits
from imgtar.text import json_text


class Extraction(msgspec.Struct, frozen=True, kw_only=True):
    """What `extract` is asked for: of a view, of the deleted files or of all layers what is at and below `paths`.

    `output` is the directory or tar as it was given, `is_tar` says which. `listing`: the report lists what is written.
    """

    output: str
    is_tar: bool
    paths: Sequence[str] = ()
    view: View = View()
    deleted: bool = False
    all_layers: bool = False
    links: Links = "keep"
    special: bool = False
    listing: bool = False


class Planned(msgspec.Struct, frozen=True):
    """The plan, the paths that are not there, and the scans of the layers, whose files the plan has.

    `empty`: nothing of what was asked for is there, so nothing is written. `reached` is the limit that the plan passes.
    """

    plan: Plan
    absent: tuple[AbsentPath, ...]
    scans: Sequence[LayerScan | None]
    empty: bool
    reached: Finding | None = None

    @property
    def is_written(self) -> bool:
        """Is there something to write, within the limits?"""
        return not self.empty and self.reached is None


_NOTHING = Planned(Plan((), (), ()), (), (), empty=True)


def plan_extraction(session: Session, extraction: Extraction, limits: Limits) -> Planned:
    """What will be written of the one image of the session.

    Raises UsageError where there are several images or a path cannot be one, InputError for a layer that the image
    lacks.
    """
    image = only_image(session)
    if image is None:
        return _NOTHING
    extraction.view.check(image)
    stacked = session.stacked(0, upto=extraction.view.top)
    wanted, absent = _wanted(stacked, extraction)
    manner = Manner(links=extraction.links, special=extraction.special, is_tar=extraction.is_tar)
    documents = ((b"layers.jsonl", b"".join(_layer_rows(stacked, image))),) if extraction.all_layers else ()
    empty = bool(extraction.paths) and not wanted
    plan = Plan((), (), ()) if empty else plan_of(_choice(stacked, extraction, wanted), manner, documents)
    if extraction.deleted and not plan.items and not plan.skipped:
        empty = True
    return Planned(plan, tuple(absent), stacked.tree.scans, empty, _limit_reached(plan, limits))


def _limit_reached(plan: Plan, limits: Limits) -> Finding | None:
    for name, amount, limit in (
        ("extract-entries", len(plan.items), limits.extract_entries),
        ("extract-bytes", plan.content_bytes, limits.extract_bytes),
    ):
        if amount > limit:
            return LimitReached(name, limit).finding()
    return None


def _choice(stacked: StackedImage, extraction: Extraction, wanted: list[bytes]) -> choice.Choice:
    layer = extraction.view.layer
    if layer is not None:
        scan = stacked.tree.scans[layer]
        return tuple if scan is None else choice.of_layer(scan, stacked.changes[layer], layer, wanted)
    if extraction.deleted or extraction.all_layers:
        lacking = stacked.tree if extraction.deleted else None
        return choice.of_layers(_layers(stacked), wanted, lacking_in=lacking)
    return choice.of_tree(stacked.tree, wanted)


def _layers(stacked: StackedImage) -> list[choice.StackedLayer]:
    scans = enumerate(stacked.tree.scans)
    return [(layer, scan, stacked.changes[layer]) for layer, scan in scans if scan is not None]


def _wanted(stacked: StackedImage, extraction: Extraction) -> tuple[list[bytes], list[AbsentPath]]:
    """The paths that were given and are there, and the ones that are not.

    In a filesystem the links above a path are followed; what a layer stores is found by its own path. What is not a
    path there may be a pattern.
    """
    wanted: list[bytes] = []
    absent: list[AbsentPath] = []
    in_tree = extraction.view.layer is None and not extraction.deleted and not extraction.all_layers
    for text in extraction.paths:
        path = parse_path(text)
        if in_tree:
            found = resolve(stacked.tree, path, last=False)
            path = found.path
            is_there = found.exists
        else:
            is_there = any(
                choice.has(choice.stored_paths(scan), path, stacked.tree.owner if extraction.deleted else ())
                for layer, scan, _ in _layers(stacked)
                if extraction.view.layer in (None, layer)
            )
        if is_there:
            wanted.append(path)
        elif is_pattern(text) and (matched := matching(_paths(stacked, extraction), text)):
            wanted += matched
        else:
            absent.append(AbsentPath(path=text, sightings=_sightings(stacked, path)))
    return wanted, absent


def _paths(stacked: StackedImage, extraction: Extraction) -> Iterable[bytes]:
    """All paths that the extraction may write."""
    layer = extraction.view.layer
    if layer is None and not extraction.deleted and not extraction.all_layers:
        return stacked.tree
    scans = [scan for number, scan, _ in _layers(stacked) if layer in (None, number)]
    paths = {path for scan in scans for path in choice.stored_paths(scan)}
    return paths.difference(stacked.tree) if extraction.deleted else paths


def _sightings(stacked: StackedImage, path: bytes) -> list[Sighting]:
    """The layers that change the path, base first."""
    found: list[Sighting] = []
    for layer, changes in enumerate(stacked.changes):
        if path in changes.modified:
            found.append(Sighting(layer=layer, kind="modified"))
        elif path in changes.deleted:
            found.append(Sighting(layer=layer, kind="deleted"))
        elif path in changes.added:
            found.append(Sighting(layer=layer, kind="added"))
    return found


def _layer_rows(stacked: StackedImage, image: ImageOutline) -> Iterator[bytes]:
    """The lines of layers.jsonl: each layer, then what it hides of the layers below."""
    encode = msgspec.json.encode
    for layer, scan in enumerate(stacked.tree.scans):
        outline = image.layers[layer]
        digests = {"digest": _text(outline.digest), "diff_id": _text(outline.diff_id)}
        folder = None if scan is None else choice.layer_folder(layer).decode()
        yield encode({"layer": layer, "directory": folder, **digests}) + b"\n"
        for key, paths in (("whiteout", scan.whiteouts), ("opaque", scan.opaque)) if scan is not None else ():
            for path in sorted(paths):
                text, raw = json_text(b"/" + path)
                yield encode({"layer": layer, key: text} | ({} if raw is None else {f"{key}_b64": raw})) + b"\n"


def _text(digest: object) -> str | None:
    return None if digest is None else str(digest)


def extract_content(
    session: Session, filtered: Filtered, extraction: Extraction, planned: Planned, written: Written | None
) -> ExtractContent:
    """What was written, None where nothing was, and what was not."""
    image = only_image(session)
    items = () if written is None else written.items
    counts = Counter(item.type for item in items)
    skipped = planned.plan.skipped if written is None else written.skipped
    document = ExtractReport(
        **fields_of(session.envelope, without_image(filtered)),
        image=None if image is None else image.record.image_id,
        layer=extraction.view.layer,
        upto=extraction.view.upto,
        output=None if written is None else extraction.output,
        files=counts["file"],
        directories=counts["dir"],
        symlinks=counts["symlink"],
        hardlinks=counts["hardlink"],
        others=counts["char"] + counts["block"] + counts["fifo"],
        bytes=sum(item.member.size for item in items if item.type == "file"),
        skipped=[skipped_row(one) for one in skipped],
    )
    deleted = image is not None and extraction.deleted
    stacked = session.stacked(0, upto=extraction.view.top) if deleted else None
    return ExtractContent(
        document=document,
        entries=_entries(items, stacked),
        listing=extraction.listing,
        steps=None if image is None or not deleted else _steps(image),
        links_out=sum(finding.count for finding in session.findings if finding.kind is problems.LINK_LEAVES_TREE),
        absent=planned.absent,
        refused=written is not None and written.refused,
    )


def _steps(image: ImageOutline) -> list[str]:
    steps = (image.pairing.step_of(layer.index) for layer in image.layers)
    return ["" if step is None else step.instruction or "" for step in steps]


def skipped_row(one: Skipped) -> SkippedEntry:
    """A path that was not written."""
    path, path_b64 = json_text(b"/" + one.path)
    return SkippedEntry(path=path, path_b64=path_b64, type=one.type, reason=one.reason)


def _entries(items: Iterable[Item], stacked: StackedImage | None) -> Callable[[], Iterator[ExtractedEntry]]:
    def entries() -> Iterator[ExtractedEntry]:
        for item in items:
            if item.image_path or not item.root:
                yield _entry(item, None if stacked is None else _deleted_in(stacked, item))

    return entries


def _deleted_in(stacked: StackedImage, item: Item) -> int | None:
    """The layer that deletes the version of the file that an item has."""
    later = range(item.layer + 1, len(stacked.changes))
    return next((layer for layer in later if item.image_path in stacked.changes[layer].deleted), None)


def _entry(item: Item, deleted_in: int | None) -> ExtractedEntry:
    path, path_b64 = json_text(b"/" + item.image_path)
    file, file_b64 = json_text(item.path)
    link, link_b64 = json_text(item.target) if item.target or item.type == "symlink" else (None, None)
    return ExtractedEntry(
        path=path,
        file=file,
        type=item.type,
        size=item.member.size if item.type in ("file", "hardlink") else len(item.target),
        layer=item.layer,
        link=link,
        deleted_in=deleted_in,
        path_b64=path_b64,
        file_b64=file_b64,
        link_b64=link_b64,
    )
