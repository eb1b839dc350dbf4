"""JSON lines: one object on each line with its `record`, for databases and for images of a million files.

The order is `source`; for each image `image`, `history`…, each `layer` with its `change`…, `waste`…, `waste_group`…,
`advice`…; then `other`…, `finding`… and `end`. Every record except `source`, `other`, `finding` and `end` has the index
of its `image`, a `change` also the index of its `layer`. A file without `end` was cut.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Protocol

import msgspec

from imgtar.contract.content import AuditContent, CheckContent, InspectContent, TextSettings
from imgtar.contract.envelope import Envelope, FindingRow
from imgtar.contract.file_content import FindContent
from imgtar.contract.inspect import Image, Layer
from imgtar.contract.judgements import AuditImage
from imgtar.report.batches import batches
from imgtar.text import disarm_json

if TYPE_CHECKING:  # only the commands of these documents load them
    from imgtar.contract.diff import DiffContent
    from imgtar.contract.duplicates import DuplicatesContent
    from imgtar.contract.packages import PackagesContent

_ENCODER = msgspec.json.Encoder()


class _Document(Protocol):
    """A document about one archive, with its findings."""

    @property
    def complete(self) -> bool: ...
    @property
    def integrity(self) -> str: ...
    @property
    def findings(self) -> Sequence[FindingRow]: ...
    @property
    def ignored(self) -> int: ...


def inspect(content: InspectContent, _settings: TextSettings) -> Iterator[bytes]:
    """The records of `inspect`."""
    document = content.document
    yield _source(document)
    for index, image in enumerate(document.images):
        yield from _image(content, index, image)
    yield from _rows("other", {}, document.other)
    yield from _end(document, images=len(document.images))


def audit(content: AuditContent, _settings: TextSettings) -> Iterator[bytes]:
    """The records of `audit`; `source` also has the day, the configuration and the ignore file."""
    document = content.document
    yield _source(document, "config", "judged_on", "ignore_file", "ignores")
    for index, image in enumerate(document.images):
        yield _line("image", {"image": index} | _without(image))
    yield from _end(document, images=len(document.images))


def _source(document: Envelope, *more: str) -> bytes:
    stated = {name: getattr(document, name) for name in (*Envelope.__struct_fields__, *more)}
    return _line("source", {name: value for name, value in stated.items() if value is not msgspec.UNSET})


def _end(document: _Document, **between: object) -> Iterator[bytes]:
    """The findings, and the last record, with what is `between` the state of the archive and the counts."""
    yield from _rows("finding", {}, document.findings)
    state = {"complete": document.complete, "integrity": document.integrity}
    yield _line("end", state | between | {"findings": len(document.findings), "ignored": document.ignored})


def find(content: FindContent, _settings: TextSettings) -> Iterator[bytes]:
    """The records of `find`: `source`, `match`…, `finding`… and `end`."""
    document = content.document
    yield _source(document, "image", "layer", "upto", "unmatched")
    yield from _rows("match", {}, content.matches())
    yield from _end(document, paths=content.paths)


def duplicates(content: DuplicatesContent, _settings: TextSettings) -> Iterator[bytes]:
    """The records of `duplicates`: `source`, `group`…, `finding`… and `end`."""
    document = content.document
    yield _source(document, "image", "all_layers", "min_size", "within")
    yield from _rows("group", {}, content.groups())
    yield from _end(document, passed=document.passed, rules=document.rules, totals=document.totals)


def diff(content: DiffContent, _settings: TextSettings) -> Iterator[bytes]:
    """The records of `diff`: for each pair of images `source`, `config`…, `layer`…, `left_out`…, `file`…
    and `unified`…; then `finding`… and `end`.

    All but the last two have the number of their `pair`.
    """
    for number, pair in enumerate(content.pairs):
        document, place = pair.document, {"pair": number}
        names = ("schema_version", "generator", "a", "b", "level", "equal", "pull", "growth", "counts", "times_only")
        yield _line("source", place | {name: getattr(document, name) for name in (*names, "rules", "passed")})
        yield from _rows("config", place, document.config)
        yield from _rows("layer", place, document.layers)
        yield from _rows("left_out", place, document.left_out)
        yield from _rows("file", place, () if pair.layers_only else pair.files())
        yield from _rows("unified", place, pair.texts)
    several, findings = content.several(), content.pairs[0].document.findings
    yield from _rows("finding", {}, findings)
    ending = {"equal": several.equal, "passed": several.passed, "pairs": len(content.pairs), "findings": len(findings)}
    yield _line("end", ending)


def packages(content: PackagesContent, _settings: TextSettings) -> Iterator[bytes]:
    """The records of `packages`: `source`, `coverage`…, `layer`…, `package`…, `unowned`…, `finding`… and `end`.

    With a comparison also `sbom`…, `uncompared`… and `claim`… before the findings, and its result in `end`.
    """
    document = content.document
    yield _source(document, "image", "layer", "upto", "base", "base_layers", "os", "totals")
    yield from _rows("coverage", {}, document.coverage)
    yield from _rows("layer", {}, document.layers)
    yield from _rows("package", {}, document.packages)
    yield from _rows("unowned", {}, document.unowned)
    attested = document.attested
    if attested is msgspec.UNSET:
        yield from _end(document, packages=len(document.packages))
        return
    yield from _rows("sbom", {}, attested.sboms)
    yield from _rows("uncompared", {}, attested.uncompared)
    yield from _rows("claim", {}, attested.differences)
    yield from _end(document, packages=len(document.packages), equal=attested.equal, counts=attested.counts)


def check(content: CheckContent, _settings: TextSettings) -> Iterator[bytes]:
    """The records of `check`: `source`, `image`…, `rule`…, `finding`… and `end`."""
    document = content.document
    yield _source(document)
    for index, image in enumerate(document.images):
        yield from _rows("image", {"image": index}, [image])
    yield from _rows("rule", {}, document.rules)
    yield from _end(document, passed=document.passed, config=document.config, rules=len(document.rules))


def _image(content: InspectContent, index: int, image: Image) -> Iterator[bytes]:
    place = {"image": index}
    yield _line("image", place | _without(image, "layers", "history", "waste", "waste_groups", "advice"))
    yield from _rows("history", place, image.history)
    for layer in image.layers:
        yield _line("layer", place | _without(layer, "changes"))
        yield from _rows("change", place | {"layer": layer.index}, content.changes(index, layer.index))
    yield from _rows("waste", place, image.waste_rows)
    yield from _rows("waste_group", place, image.waste_group_rows)
    yield from _rows("advice", place, image.advice_rows)


def _without(value: Image | Layer | AuditImage, *lists: str) -> dict[str, object]:
    return {name: getattr(value, name) for name in value.__struct_fields__ if name not in lists}


def _encode(value: object) -> bytes:
    return disarm_json(_ENCODER.encode(value))


def _line(record: str, fields: Mapping[str, object]) -> bytes:
    return _encode({"record": record, **fields}) + b"\n"


def _rows(record: str, place: Mapping[str, int], rows: Iterable[msgspec.Struct]) -> Iterator[bytes]:
    """A line for each row: record and place first, then the row's own fields."""
    opening = _encode({"record": record, **place})[:-1] + b","
    for batch in batches(rows):
        yield b"".join(opening + _encode(row)[1:] + b"\n" for row in batch)
