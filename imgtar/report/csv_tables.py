"""CSV for spreadsheets and databases: one row for each change of a file, layer, rule or finding.

UTF-8, a heading, `\\n` at the end of a line; a spreadsheet takes no cell for a formula. The first rows of a damaged
image say so: `kind` is the effect of a finding (`incomplete`, `inconsistent`, `limit`), `note` the finding.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from imgtar.contract.content import AuditContent, CheckContent, DuContent, FindContent, InspectContent, TextSettings
from imgtar.contract.envelope import FindingRow
from imgtar.contract.files import DuReport, Event, FindReport
from imgtar.contract.inspect import Change, Image, InspectReport, Layer
from imgtar.contract.judgements import CheckRule
from imgtar.report.csv_rows import Value, cell, encoded_rows
from imgtar.report.words.check import cause_words, image_words, top_causes
from imgtar.report.words.condition import condition
from imgtar.report.words.image import image_name, step_text, steps
from imgtar.text import csv_cell, escape_lines, escape_stored

if TYPE_CHECKING:  # only the commands of these documents load them
    from imgtar.contract.diff import DiffContent, FileState

CHANGES = (
    "image", "layer", "instruction", "kind", "why", "path", "type", "size", "mode", "uid", "gid", "mtime", "link",
    "previous_layer", "note",
)  # fmt: skip
LAYERS = (
    "image", "layer", "kind", "digest", "diff_id", "chain_id", "media_type", "compression", "blob_size", "tar_size",
    "content_size", "entries", "added", "added_bytes", "modified", "modified_bytes", "deleted", "deleted_bytes",
    "whiteouts", "opaque_dirs", "instruction", "step", "note",
)  # fmt: skip
FINDINGS = (
    "severity", "code", "effect", "image", "layer", "removed_in", "path", "member", "offset", "count", "message",
    "references",
)  # fmt: skip
DIRECTORIES = ("layer", "kind", "path", "bytes", "files", "note")
MATCHES = (
    "path", "state", "via", "layer", "instruction", "kind", "why", "type", "size", "mode", "uid", "gid", "mtime",
    "link", "previous_layer", "sha256", "note",
)  # fmt: skip
DIFFERENCES = (
    "pair", "kind", "why", "path", "moved_from", "type_a", "type_b", "size_a", "size_b", "mode_a", "mode_b", "owner_a",
    "owner_b", "mtime_a", "mtime_b", "link_a", "link_b", "layer_a", "layer_b", "note",
)  # fmt: skip
RULES = ("image", "kind", "rule", "value", "limit", "unit", "causes", "note")


def changes(content: InspectContent, _settings: TextSettings) -> Iterator[bytes]:
    """One row per path that a layer adds, modifies or deletes."""
    return encoded_rows(_change_rows(content))


def layers(content: InspectContent, _settings: TextSettings) -> Iterator[bytes]:
    """One row per layer, base first."""
    return encoded_rows(_layer_rows(content.document))


def directories(content: DuContent, _settings: TextSettings) -> Iterator[bytes]:
    """One row per directory, largest first; `kind` is `dir`, or `file` where PATH is one."""
    return encoded_rows(_directory_rows(content))


def rules(content: CheckContent, settings: TextSettings) -> Iterator[bytes]:
    """One row per rule and image; `kind` is `passed` or `failed`; `settings.top` causes of a failure (0: all)."""
    return encoded_rows(_rule_rows(content, settings))


def findings(content: AuditContent, _settings: TextSettings) -> Iterator[bytes]:
    """One row per finding, the worst first."""
    return encoded_rows(_finding_rows(content.report))


def matches(content: FindContent, _settings: TextSettings) -> Iterator[bytes]:
    """One row per event of each path that was found."""
    return encoded_rows(_match_rows(content))


def differences(content: DiffContent, _settings: TextSettings) -> Iterator[bytes]:
    """One row per path that differs between two images."""
    return encoded_rows(_difference_rows(content))


def _image_cell(image: Image) -> Value:
    return cell(image_name(image))


def _damage(
    document: InspectReport | DuReport | FindReport, columns: Sequence[str], images: Sequence[Image] = ()
) -> Iterator[Sequence[Value]]:
    """The findings that make the archive damaged; these rows stand before all others."""
    for cause in condition(document).causes:
        cells: dict[str, Value] = {"kind": cause.effect, "note": csv_cell(cause.message, escaped=True)}
        where = cause.where
        cells["layer"] = where.layer
        if where.image is not None:
            cells["image"] = _image_cell(images[where.image])
        if where.path is not None:
            cells["path"] = csv_cell(escape_stored(where.path, where.path_b64), escaped=True)
        yield [cells.get(column) for column in columns]


def _change_rows(content: InspectContent) -> Iterator[Sequence[Value]]:
    yield CHANGES
    yield from _damage(content.document, CHANGES, content.document.images)
    for index, image in enumerate(content.document.images):
        name = _image_cell(image)
        for layer in image.layers:
            instruction = cell(layer.instruction)
            for change in content.changes(index, layer.index):
                yield (name, layer.index, instruction, *_change(change))


def _change(change: Change) -> Sequence[Value]:
    link = None if change.link is None else csv_cell(escape_stored(change.link, change.link_b64), escaped=True)
    return (
        change.kind,
        # An empty list (rewritten, nothing differs) and no list (not modified) get different cells.
        None if change.why is None else " ".join(change.why) or "nothing",
        csv_cell(escape_stored(change.path, change.path_b64), escaped=True),
        change.type,
        change.size,
        change.mode,
        change.uid,
        change.gid,
        change.mtime,
        link,
        change.previous_layer,
        "implied" if change.implied else None,
    )


def _match_rows(content: FindContent) -> Iterator[Sequence[Value]]:
    yield MATCHES
    yield from _damage(content.document, MATCHES)
    for match in content.matches():
        path = csv_cell(escape_stored(match.path, match.path_b64), escaped=True)
        via = None if match.via is None else csv_cell(escape_stored(match.via, match.via_b64), escaped=True)
        if not match.events:
            yield (path, match.state, via, *[None] * (len(MATCHES) - 3))
        for event in match.events:
            yield (path, match.state, via, event.layer, cell(event.instruction), *_event(event))


def _event(event: Event) -> Sequence[Value]:
    link = None if event.link is None else csv_cell(escape_stored(event.link, event.link_b64), escaped=True)
    return (
        event.kind,
        None if event.why is None else " ".join(event.why) or "nothing",
        event.type,
        event.size,
        event.mode,
        event.uid,
        event.gid,
        event.mtime,
        link,
        event.previous_layer,
        event.sha256,
        "has the text" if event.contains else "implied" if event.implied else None,
    )


def _layer_rows(document: InspectReport) -> Iterator[Sequence[Value]]:
    yield LAYERS
    yield from _damage(document, LAYERS, document.images)
    for image in document.images:
        name = _image_cell(image)
        with_layer = [(step.layer, step) for step in steps(image) if step.layer is not None]
        for layer, step in sorted(with_layer, key=lambda pair: pair[0].index):
            keyword, text = step_text(step, whole=True)
            shown = csv_cell(escape_lines(f"{keyword} {text}".strip()), escaped=True)
            yield (name, *_layer(layer), cell(layer.instruction), shown, _note(layer))


def _layer(layer: Layer) -> Sequence[Value]:
    tallies = (
        number for tally in (layer.added, layer.modified, layer.deleted) for number in (tally.count, tally.bytes)
    )
    return (
        layer.index,
        "layer",
        cell(layer.digest),
        cell(layer.diff_id),
        cell(layer.chain_id),
        cell(layer.media_type),
        layer.compression,
        layer.blob_size,
        layer.tar_size,
        layer.content_size,
        layer.entry_count,
        *tallies,
        layer.whiteouts,
        layer.opaque_dirs,
    )


def _note(layer: Layer) -> Value:
    if not layer.present:
        return "absent"
    if layer.complete:
        return None
    return "unread" if layer.stopped_at is None else f"cut at byte {layer.stopped_at} of the uncompressed layer"


def _directory_rows(content: DuContent) -> Iterator[Sequence[Value]]:
    yield DIRECTORIES
    yield from _damage(content.document, DIRECTORIES)
    for row in content.directories():
        path = csv_cell(escape_stored(row.path, row.path_b64), escaped=True)
        yield (row.layer, row.type, path, row.bytes, row.files, None)


def _difference_rows(content: DiffContent) -> Iterator[Sequence[Value]]:
    yield DIFFERENCES
    for finding in content.pairs[0].document.findings:
        if finding.effect != "none":
            yield (None, finding.effect, *[None] * (len(DIFFERENCES) - 3), csv_cell(finding.message, escaped=True))
    for number, pair in enumerate(content.pairs):
        for row in pair.files():
            moved = row.moved_from and csv_cell(escape_stored(row.moved_from, row.moved_from_b64), escaped=True)
            path = csv_cell(escape_stored(row.path, row.path_b64), escaped=True)
            sides = zip(_state(row.a), _state(row.b), strict=True)
            why, states = " ".join(row.why or ()), [cell for side in sides for cell in side]
            yield (number, row.kind, why, path, moved, *states, None)


def _state(state: FileState | None) -> Sequence[Value]:
    if state is None:
        return (None,) * 7
    link = state.link and csv_cell(escape_stored(state.link, state.link_b64), escaped=True)
    return (state.type, state.size, state.mode, f"{state.uid}:{state.gid}", state.mtime, link, state.layer)


def _rule_rows(content: CheckContent, settings: TextSettings) -> Iterator[Sequence[Value]]:
    yield RULES
    yield from _damage(content.report, RULES, content.report.images)
    for rule in content.document.rules:
        yield _rule(content, rule, settings)


def _rule(content: CheckContent, rule: CheckRule, settings: TextSettings) -> Sequence[Value]:
    images = content.document.images
    causes = "; ".join(cause_words(cause) for cause in top_causes(rule, settings.top, content.explanations))
    return (
        None if rule.image is None else csv_cell(image_words(images[rule.image]), escaped=True),
        "passed" if rule.passed else "failed",
        rule.rule,
        cell(rule.value) if isinstance(rule.value, str) else rule.value,
        cell(rule.limit) if isinstance(rule.limit, str) else rule.limit,
        rule.unit,
        csv_cell(causes, escaped=True),
        None,
    )


def _finding_rows(document: InspectReport) -> Iterator[Sequence[Value]]:
    yield FINDINGS
    for row in document.findings:
        yield _finding(row, document)


def _finding(row: FindingRow, document: InspectReport) -> Sequence[Value]:
    where = row.where
    return (
        row.severity,
        row.code,
        row.effect,
        None if where.image is None else _image_cell(document.images[where.image]),
        where.layer,
        where.removed_in,
        None if where.path is None else csv_cell(escape_stored(where.path, where.path_b64), escaped=True),
        None if where.member is None else csv_cell(escape_stored(where.member, where.member_b64), escaped=True),
        where.offset,
        row.count,
        csv_cell(row.message, escaped=True),
        " ".join(row.references),
    )
