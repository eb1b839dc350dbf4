"""What `find` says of an image: each path that is asked for, with everything that its layers did to it."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from typing import Any

from imgtar.analysis.search.holders import Stored, content_of
from imgtar.analysis.search.markers import Markers
from imgtar.analysis.search.search import Found
from imgtar.analysis.search.selector import Hops
from imgtar.answers.envelope import fields_of
from imgtar.answers.filters import Filtered
from imgtar.answers.one_image import only_image, without_image
from imgtar.answers.rows import file_fields
from imgtar.answers.session import Session
from imgtar.answers.view import View
from imgtar.contract.file_content import FindContent
from imgtar.contract.files import Event, EventKind, FindReport, Match, State
from imgtar.filesystem.tree import IMPLIED, FileEntry
from imgtar.report.words.image import short
from imgtar.text import json_text

_ROOT = FileEntry(IMPLIED, 0, 0, implied=True)  # has no row of its own


def find_content(session: Session, filtered: Filtered, view: View) -> FindContent:
    """What the search of the session finds in its one image, in the layers of this view.

    Raises UsageError where there are several images, InputError for a layer that the image lacks.
    """
    image = only_image(session)
    if image is not None:
        view.check(image)
    found = session.found
    document = FindReport(
        **fields_of(session.envelope, without_image(filtered)),
        image=None if image is None else image.record.image_id,
        layer=view.layer,
        upto=view.upto,
        matches=[],
        unmatched=[] if found is None else [json_text(os.fsencode(text))[0] for text in found.unmatched],
    )
    if found is None or image is None:
        return FindContent(document=document, matches=tuple, paths=0, layers=0, instructions=())
    steps = (image.pairing.step_of(layer.index) for layer in image.layers)
    instructions = [None if step is None else step.instruction for step in steps]
    return FindContent(
        document=document,
        matches=MatchRows(found, instructions).matches,
        paths=len(found.paths),
        layers=len({layer for path in found.paths for layer in found.layers_of(path)}),
        instructions=[instruction or "" for instruction in instructions],
        choice="" if len(session.archive.catalog.images) == 1 else short(image.record.image_id),
    )


class MatchRows:
    """Makes the rows of what was found, one at a time."""

    def __init__(self, found: Found, instructions: Sequence[str | None]) -> None:
        self._found = found
        self._stacked = found.stacked
        self._instructions = instructions
        self._markers: dict[int, Markers] = {}  # by layer, as they are asked for

    def matches(self) -> Iterator[Match]:
        """The rows, sorted by the bytes of their paths."""
        found = self._found
        loops = found.loops.keys() - set(found.paths) if found.loops else ()
        for path in sorted((*found.paths, *loops)) if loops else found.paths:
            yield self._loop(path) if path in loops else self._match(path)

    def _loop(self, path: bytes) -> Match:
        return Match(**_texts("path", b"/" + path), state="loop", size=0, events=[], **_via(self._found.loops[path]))

    def _match(self, path: bytes) -> Match:
        found = self._found
        state, version = self._state(path)
        hidden = [self._hidden(stored) for stored in found.hidden.get(path, ())]
        events = [*hidden, *(self._event(path, layer) for layer in found.layers_of(path))]
        events.sort(key=lambda event: event.layer)
        hops = found.via.get(path)
        return Match(
            **_texts("path", b"/" + path),
            state=state,
            type=version.type,
            size=version.size,
            layer=version.layer if path else None,
            below=found.below.get(path),
            events=events,
            **({} if hops is None else _via(hops)),
        )

    def _state(self, path: bytes) -> tuple[State, FileEntry]:
        """What became of a path, and the version that stands at it or was the last to do so."""
        tree = self._stacked.tree
        if not path:
            return "present", _ROOT
        if path in tree:
            return "present", tree.entry(path)
        layers = self._found.layers_of(path)
        if not layers:
            layer, member = self._found.hidden[path][-1]
            return "hidden", FileEntry(member, layer, layer)
        last = layers[-1]
        if last not in self._markers:
            self._markers[last] = Markers(tree.scans[last])
        state: State = "deleted" if self._markers[last].hide(path) else "replaced"
        return state, self._stacked.version(path, last)

    def _event(self, path: bytes, layer: int) -> Event:
        changes = self._stacked.changes[layer]
        modified = changes.modified.get(path)
        version = self._stacked.version(path, layer)
        if modified is not None:
            why = list(modified.why)
            return self._row(path, version, layer, "modified", why=why, previous_layer=modified.previous_layer)
        if path in changes.deleted:
            return self._row(path, version, layer, "deleted", previous_layer=version.layer)
        return self._row(path, version, layer, "unchanged" if (path, layer) in self._found.unchanged else "added")

    def _hidden(self, stored: Stored) -> Event:
        layer, member = stored
        return self._row(b"", FileEntry(member, layer, layer), layer, "hidden")

    def _row(self, path: bytes, version: FileEntry, layer: int, kind: EventKind, **more: Any) -> Event:
        fields = file_fields(path, version)
        del fields["path"], fields["path_b64"]
        content = content_of(version)
        digest = None if content is None else self._found.digests.get(content)
        return Event(
            layer=layer,
            instruction=self._instructions[layer],
            kind=kind,
            sha256=None if digest is None else digest.hex(),
            contains=content in self._found.with_text,
            **more,
            **fields,
        )


def _via(hops: Hops) -> dict[str, Any]:
    """`/lib → usr/lib` for each link, as the field of the match."""
    return _texts("via", b", ".join(b"/%b \xe2\x86\x92 %b" % hop for hop in hops))


def _texts(name: str, raw: bytes) -> dict[str, Any]:
    """A text of the image as the fields of a row."""
    text, b64 = json_text(raw)
    return {name: text, f"{name}_b64": b64}
