"""Findings as rows of the contract: worst first, each with its sentence, the longest lists cut."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby

from msgspec.structs import replace

from imgtar.contract.content import Explanation
from imgtar.contract.envelope import FindingRow, Place
from imgtar.findings import LISTED_PER_CODE, Argument, Finding, Input, Where
from imgtar.text import cut, escape, json_text

ARGUMENT_COLUMNS = 200  # of one argument in a sentence; `where` has the whole


class _Text(str):
    """A text in a sentence, also in the place of a number: `{at:,}` groups the digits of numbers alone."""

    __slots__ = ()

    def __format__(self, spec: str) -> str:
        return str(self)


class _Arguments(dict[str, _Text | int | float]):
    """The arguments of a sentence; one that the finding lacks reads `?` instead of raising KeyError."""

    def __missing__(self, name: str) -> _Text:
        return _Text("?")


def sentence(finding: Finding) -> str:
    """What is wrong, in one printable line of escaped text."""
    if finding.count > 1 and not finding.kind.is_group:
        return f"{finding.count} more: {finding.kind.meaning}"
    return filled(finding.kind.sentence, finding.arguments, finding.where)


def filled(template: str, arguments: Mapping[str, Argument], where: Where) -> str:
    """The template with its arguments, escaped and of bounded length, and with the words for its `{place}`.

    `{of}`, behind an offset, says what it counts where that is not the file as it is.
    """
    words = _Arguments({name: _word(value) for name, value in arguments.items()})
    words["place"] = _Text(place_words(where))
    words["of"] = _Text(" of the decompressed archive" if where.decompressed else "")
    return template.format_map(words)


def _word(value: Argument) -> _Text | int | float:
    if value is None:
        return _Text("?")
    return _Text(cut(escape(value), ARGUMENT_COLUMNS)) if isinstance(value, (str, bytes)) else value


def place_words(where: Where) -> str:
    """` in layer 3 at byte 1536`, or nothing where no place is known."""
    parts = [] if where.layer is None else [f" in layer {where.layer}"]
    if where.offset is not None:
        parts.append(f" at byte {where.offset:,}")
    return "".join(parts)


def _place(where: Where) -> Place:
    member, member_b64 = (None, None) if where.member is None else json_text(where.member)
    path, path_b64 = (None, None) if where.path is None else json_text(b"/" + where.path.lstrip(b"/"))
    return Place(
        input=where.input,
        image=where.image,
        layer=where.layer,
        member=member,
        path=path,
        offset=where.offset,
        removed_in=where.removed_in,
        member_b64=member_b64,
        path_b64=path_b64,
    )


def explanations(findings: Iterable[Finding]) -> dict[str, Explanation]:
    """What each code of these findings means and what to do about it, by code."""
    kinds = {finding.code: finding.kind for finding in findings}
    return {code: Explanation(kind.meaning, kind.remedy, kind.always_listed) for code, kind in kinds.items()}


def finding_row(finding: Finding) -> FindingRow:
    """The finding as the report lists it."""
    return FindingRow(
        code=finding.kind.code,
        severity=finding.kind.severity.value,
        effect=finding.effect.value,
        message=sentence(finding),
        count=finding.count,
        where=_place(finding.where),
        references=list(finding.kind.references),
    )


def finding_rows(findings: Iterable[Finding]) -> list[FindingRow]:
    """All findings as the report lists them: worst first, then by code and place, whatever their order was.

    Of one code at most 100 per layer are listed, unless its kind is always listed; the others are one row (one for
    each effect) with their count.
    """
    ordered = sorted(_once_per_image(findings), key=_order)
    return [finding_row(finding) for _, scope in groupby(ordered, key=_scope) for finding in _limited(list(scope))]


def _once_per_image(findings: Iterable[Finding]) -> Iterator[Finding]:
    """The findings; of a kind that is reported once per image the first of each image, which counts the others."""
    first: dict[tuple[str, Input | None, int | None], Finding] = {}
    counts: Counter[tuple[str, Input | None, int | None]] = Counter()
    for finding in findings:
        if finding.kind.per_image:
            scope = (finding.code, finding.where.input, finding.where.image)
            first.setdefault(scope, finding)
            counts[scope] += finding.count
        else:
            yield finding
    for scope, finding in first.items():
        rest = counts[scope] - 1
        more = f", and so {'is' if rest == 1 else 'are'} {rest} more of the image" if rest else ""
        yield replace(finding, count=1, arguments={**finding.arguments, "more": more})


def _limited(scope: list[Finding]) -> Iterator[Finding]:
    """The findings of one code in one layer: single ones first, then what is counted, together by effect."""
    single = [finding for finding in scope if finding.count == 1 or finding.kind.is_group]
    if len(single) == len(scope) <= LISTED_PER_CODE or scope[0].kind.always_listed:
        yield from scope
        return
    yield from single[:LISTED_PER_CODE]
    counted: dict[str, Finding] = {}
    for finding in (*single[LISTED_PER_CODE:], *(finding for finding in scope if finding.count > 1)):
        earlier = counted.get(finding.effect)
        count = finding.count + (0 if earlier is None else earlier.count)
        where = Where(input=finding.where.input, image=finding.where.image, layer=finding.where.layer)
        counted[finding.effect] = replace(finding, where=where, count=count)
    yield from counted.values()


def _number(value: int | None) -> int:
    return -1 if value is None else value


_Scope = tuple[int, str, str, int, int]


def _scope(finding: Finding) -> _Scope:
    where = finding.where
    severity = -finding.kind.severity.rank
    return (severity, finding.kind.code, where.input or "", _number(where.image), _number(where.layer))


def _order(finding: Finding) -> tuple[_Scope, bytes, bytes, int, str]:
    where = finding.where
    return (_scope(finding), where.member or b"", where.path or b"", _number(where.offset), repr(finding.arguments))
