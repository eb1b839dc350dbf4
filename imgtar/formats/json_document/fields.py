"""Typed, lenient reading of JSON objects: a value of the wrong type is a finding and reads as absent.

Keys match as Go's encoding/json matches the fields of a struct: without regard to case, the last one wins. `null`
equals absent (OCI image-spec, config.md). Keys of maps (labels, annotations) match exactly.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator

from imgtar.findings import Effect, Finding, FindingLog
from imgtar.formats.json_document import problems
from imgtar.formats.json_document.document import Document, Json, JsonObject

_STORED = 200  # characters of a wrong value that its finding shows
_NAMES = {bool: "a boolean", int: "a number", float: "a number", str: "a string", list: "a list", dict: "an object"}


def type_name(value: Json) -> str:
    """The JSON type of a value in words."""
    return "null" if value is None else _NAMES[type(value)]


class Reading:
    """Collects the findings of reading one document; `consequence` says what a wrong type means for engines."""

    def __init__(self, document: Document, consequence: str = "") -> None:
        self.member = document.member
        self._consequence = consequence
        self.log = FindingLog()
        self.log.extend(document.findings)

    def add(self, finding: Finding) -> None:
        self.log.add(finding.within(member=self.member))

    def wrong(self, key: str, expected: str, value: Json, effect: Effect = Effect.NONE) -> None:
        """Notes a wrong type at the place `key`, with what is stored there."""
        stored = "" if value is None else json.dumps(value, ensure_ascii=False)
        if len(stored) > _STORED:
            stored = f"{stored[:_STORED]}…"
        found = type_name(value)
        finding = problems.WRONG_TYPE.at(effect=effect, key=key, expected=expected, found=found, stored=stored)
        finding.arguments["consequence"] = self._consequence
        self.add(finding)

    def missing(self, key: str, effect: Effect = Effect.NONE) -> None:
        self.add(problems.MISSING_KEY.at(effect=effect, key=key))


class Fields:
    """An object, its keys found without regard to case. `place` is its JSON path, for findings."""

    def __init__(self, value: JsonObject, reading: Reading, place: str = "") -> None:
        self.value = value
        self.reading = reading
        self._place = place
        self._folded: dict[str, tuple[str, Json]] = {}
        for key, item in value.items():
            # pop first: of two spellings the last in the text wins, and `dict` keeps the first position
            self._folded.pop(folded := key.casefold(), None)
            self._folded[folded] = (key, item)

    def place(self, name: str) -> str:
        """The JSON path of the key `name`."""
        return f"{self._place}.{name}" if self._place else name

    def get(self, name: str) -> Json:
        """The value as stored, None where it is absent or null."""
        found = self._folded.get(name.casefold())
        if found is None:
            return None
        if found[0] != name:
            self.reading.add(problems.KEY_CASE.at(key=found[0], expected=self.place(name)))
        return found[1]

    def has(self, name: str) -> bool:
        """Is there a value that is not null?"""
        found = self._folded.get(name.casefold())
        return found is not None and found[1] is not None

    def string(self, name: str, effect: Effect = Effect.NONE, *, required: bool = False) -> str | None:
        value = self.get(name)
        if isinstance(value, str):
            return value
        self._absent_or_wrong(name, "a string", value, effect, required)
        return None

    def boolean(self, name: str) -> bool | None:
        value = self.get(name)
        if isinstance(value, bool):
            return value
        self._absent_or_wrong(name, "true or false", value, Effect.NONE, False)
        return None

    def object(self, name: str, effect: Effect = Effect.NONE, *, required: bool = False) -> Fields | None:
        value = self.get(name)
        if isinstance(value, dict):
            return Fields(value, self.reading, self.place(name))
        self._absent_or_wrong(name, "an object", value, effect, required)
        return None

    def items(self, name: str, effect: Effect = Effect.NONE, *, required: bool = False) -> list[Json]:
        """The items of a list, as stored; [] where there is none."""
        value = self.get(name)
        if isinstance(value, list):
            return value
        self._absent_or_wrong(name, "a list", value, effect, required)
        return []

    def strings(self, name: str) -> list[str]:
        """The strings of a list; other items are findings and left out."""
        return list(self._only_strings(name, enumerate(self.items(name))))

    def string_map(self, name: str) -> dict[str, str]:
        """A map of strings; other values are findings and left out."""
        value = self.get(name)
        if not isinstance(value, dict):
            self._absent_or_wrong(name, "an object", value, Effect.NONE, False)
            return {}
        strings: dict[str, str] = {}
        for key, item in value.items():
            if isinstance(item, str):
                strings[key] = item
            elif item is not None:
                self.reading.wrong(f"{self.place(name)}.{key[:_STORED]}", "a string", item)
        return strings

    def keys(self, name: str) -> list[str]:
        """The keys of an object that is used as a set, sorted."""
        value = self.get(name)
        if isinstance(value, dict):
            return sorted(value)
        self._absent_or_wrong(name, "an object", value, Effect.NONE, False)
        return []

    def objects(self, name: str, effect: Effect = Effect.NONE, *, required: bool = False) -> list[Fields | None]:
        """The objects of a list by position; None where an item is not an object."""
        place = self.place(name)
        return list(each_object(self.items(name, effect, required=required), self.reading, place, effect))

    def _only_strings(self, name: str, items: Iterable[tuple[int, Json]]) -> Iterator[str]:
        for position, item in items:
            if isinstance(item, str):
                yield item
            else:
                self.reading.wrong(f"{self.place(name)}[{position}]", "a string", item)

    def _absent_or_wrong(self, name: str, expected: str, value: Json, effect: Effect, required: bool) -> None:
        if value is not None:
            self.reading.wrong(self.place(name), expected, value, effect)
        elif required:
            self.reading.missing(self.place(name), effect)


def each_object(items: Iterable[Json], reading: Reading, place: str, effect: Effect) -> Iterator[Fields | None]:
    """Each item of a list as an object, None (and a finding with `effect`) where an item is not an object."""
    for position, item in enumerate(items):
        here = f"{place}[{position}]"
        if isinstance(item, dict):
            yield Fields(item, reading, here)
        else:
            reading.wrong(here, "an object", item, effect)
            yield None


def top_object(document: Document, reading: Reading, effect: Effect = Effect.INCOMPLETE) -> Fields | None:
    """The document as an object; None (and, where it has a value, a finding with `effect`) where it is not one."""
    if isinstance(document.value, dict):
        return Fields(document.value, reading)
    if document.usable:
        reading.wrong("the document", "an object", document.value, effect)
    return None
