"""The page of `diff`, without a script: verdict, gates, layers, configuration, files, findings."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from heapq import nsmallest

from imgtar.contract.content import TextSettings
from imgtar.contract.diff import (
    ComparedPair,
    ConfigRow,
    DiffContent,
    DiffFile,
    DiffLayer,
    DiffReport,
    DiffSide,
    UnifiedDiff,
)
from imgtar.contract.judgements import CheckRule
from imgtar.report.html.findings import finding_groups
from imgtar.report.html.page import NAME, Assets, Escaped, line, page_values, rendered
from imgtar.report.html.sections import stored_path
from imgtar.report.words import check, diff
from imgtar.report.words.condition import compared_condition, source_name
from imgtar.report.words.image import UNTAGGED, counted, short
from imgtar.text import cut_middle, escape

_PAIRS = 50
_LAYERS = 1000
_CONFIG = 500
_FILES = 1000  # with --top more
_MOST_FILES = 20_000
_LINES = 5000  # of a text file
_TEXT = 4000  # characters of a step or a value


def diff_page(content: DiffContent, settings: TextSettings) -> Iterator[bytes]:
    """The page; of each pair the 1,000 largest files, or `settings.top` if that is more (0: 20,000)."""
    documents, assets = [pair.document for pair in content.pairs], Assets.load()
    first = documents[0]
    names = [source_name(side.source) for side in (first.a, first.b)]
    state = compared_condition(first)
    yield rendered(
        "diff.html.j2",
        **page_values(state, assets, f"diff {shlex.join(names)}", settings),
        document=first,
        title=Escaped(" → ".join(cut_middle(name, NAME) for name in names)),
        sides=[_source(side) for side in (first.a, first.b)],
        passed=all(map(diff.passes, documents)),
        verdict=diff.verdict_words(documents),
        pairs=[_pair(pair, settings) for pair in content.pairs[:_PAIRS]],
        unlisted=max(0, len(documents) - _PAIRS),
        groups=finding_groups(first.findings, content.explanations, None, several_images=len(documents) > 1),
    )
    yield assets.end


def _source(side: DiffSide) -> dict[str, object]:
    return {"name": Escaped(cut_middle(source_name(side.source), NAME)), "source": side.source}


def _pair(pair: ComparedPair, settings: TextSettings) -> dict[str, object]:
    document = pair.document
    files = [] if pair.layers_only else _files(pair, settings)
    total = document.counts.total
    return {
        "sides": [_side("A", document.a), _side("B", document.b)],
        "own": diff.own_words(document),
        "sizes": diff.size_words(document),
        "rules": [_rule(rule) for rule in document.rules],
        "layers": [_layer(row) for row in document.layers[:_LAYERS]],
        "more_layers": max(0, len(document.layers) - _LAYERS),
        "same": diff.same_words(document),
        "config": [_config(row) for row in document.config[:_CONFIG]],
        "more_config": max(0, len(document.config) - _CONFIG),
        "layers_only": pair.layers_only,
        "counts": diff.count_words(document),
        "files": files,
        "more_files": total - len(files),
        "notes": _notes(pair, document),
        "texts": [_text(text) for text in pair.texts],
    }


def _side(letter: str, side: DiffSide) -> dict[str, object]:
    is_root = side.source.form == "rootfs"
    return {
        "letter": letter,
        "name": Escaped(cut_middle(source_name(side.source), NAME)),
        "names": "" if is_root else line(", ".join(side.names) or UNTAGGED, NAME),
        "id": side.image or "",
        "short_id": "" if is_root else short(side.image) or "no ID",
        "facts": diff.side_words(side),
    }


def _rule(rule: CheckRule) -> dict[str, object]:
    outside = rule.rule == "allow" and isinstance(rule.value, int)
    value = f"{counted(int(rule.value or 0), 'difference')} outside" if outside else check.value_words(rule)
    return {
        "passed": rule.passed,
        "result": check.result(rule),
        "name": rule.rule,
        "value": Escaped(value),
        "limit": Escaped(check.limit_words(rule)),
        "causes": [Escaped(check.cause_words(cause)) for cause in rule.causes],
    }


def _layer(row: DiffLayer) -> dict[str, object]:
    return {
        "row": row,
        "step": line(row.text or row.instruction or "", _TEXT),
        "why": ", ".join(reversed(row.why)),  # what matters most comes first
        "largest": [{"row": path, "path": stored_path(path.path, path.path_b64)} for path in row.largest],
    }


def _config(row: ConfigRow) -> dict[str, object]:
    kind = "added" if row.a is None else "deleted" if row.b is None else "modified"
    return {"kind": kind, "key": line(row.key, NAME), "values": [_value(value) for value in (row.a, row.b)]}


def _value(value: object) -> str:
    if value is None:
        return "–"
    return line(diff.value_text(value), _TEXT)


def _files(pair: ComparedPair, settings: TextSettings) -> list[dict[str, object]]:
    most = min(max(settings.top, _FILES), _MOST_FILES) if settings.top else _MOST_FILES
    rows = nsmallest(most, pair.files(), key=lambda row: (-diff.file_bytes(row), row.path))
    return [_file(row) for row in rows]


def _file(row: DiffFile) -> dict[str, object]:
    return {
        "kind": row.kind,
        "size": diff.file_bytes(row) if diff.has_bytes(row) else None,
        "what": diff.what_words(row),
        "moved_from": None if row.moved_from is None else stored_path(row.moved_from, row.moved_from_b64),
        "path": stored_path(row.path, row.path_b64),
    }


def _notes(pair: ComparedPair, document: DiffReport) -> list[Escaped]:
    return [Escaped(words) for words in (diff.left_out_words(document), *diff.volume_words(pair)) if words]


def _text(text: UnifiedDiff) -> dict[str, object]:
    lines = text.lines or []
    return {
        "path": stored_path(text.path, text.path_b64),
        "note": text.note or ("" if lines else "the same in both"),
        "lines": [Escaped(escape(row)) for row in lines[:_LINES]],
        "unlisted": max(0, len(lines) - _LINES),
    }
