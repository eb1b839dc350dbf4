"""The lines in which two texts differ, as a unified diff (POSIX `diff -u`), at a bounded cost."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher

Code = tuple[str, int, int, int, int]  # as of SequenceMatcher: what happens, and the ranges of lines on both sides

_CONTEXT = 3  # lines around a change
_MOST_MATCHED = 1000  # lines of a side; comparing each with each other costs their product, at least
_NO_END = "\\ No newline at end of file"


def unified_lines(before: str, after: str) -> list[str]:
    """The hunks that make `after` of `before`, each line with its sign and without its end; none where both are equal.

    Equal lines at both ends are left out first. Where more than 1000 lines of a side are left, they are one hunk that
    replaces all of them.
    """
    a, b = _lines(before), _lines(after)
    if a == b:
        return []
    return [line for group in _groups(_opcodes(a, b)) for line in _hunk(group, a, b)]


def _lines(text: str) -> list[str]:
    """The lines, each with its newline, so that a last line without one differs from one that has it."""
    lines = text.split("\n")
    last = lines.pop()
    return [f"{line}\n" for line in lines] + ([last] if last else [])


def _opcodes(a: Sequence[str], b: Sequence[str]) -> list[Code]:
    shortest = min(len(a), len(b))
    start = next((number for number in range(shortest) if a[number] != b[number]), shortest)
    room = shortest - start
    end = next((number for number in range(room) if a[-1 - number] != b[-1 - number]), room)
    middle_a, middle_b = a[start : len(a) - end], b[start : len(b) - end]
    codes: list[Code] = [("equal", 0, start, 0, start)] if start else []
    if max(len(middle_a), len(middle_b)) > _MOST_MATCHED or not (middle_a and middle_b):
        codes.append(("replace", start, len(a) - end, start, len(b) - end))
    else:
        for tag, a1, a2, b1, b2 in SequenceMatcher(None, middle_a, middle_b).get_opcodes():
            codes.append((tag, a1 + start, a2 + start, b1 + start, b2 + start))
    if end:
        codes.append(("equal", len(a) - end, len(a), len(b) - end, len(b)))
    return codes


def _groups(codes: Sequence[Code]) -> Iterator[list[Code]]:
    """The codes by hunk: equal lines between two changes part them where they are more than their contexts."""
    group: list[Code] = []
    for number, (tag, a1, a2, b1, b2) in enumerate(codes):
        if tag != "equal":
            group.append((tag, a1, a2, b1, b2))
            continue
        before = 0 if number == 0 else _CONTEXT  # equal lines that belong to the change before
        behind = 0 if number == len(codes) - 1 else _CONTEXT
        if a2 - a1 <= before + behind:
            group.append((tag, a1, a2, b1, b2))
            continue
        if group:
            yield [*group, (tag, a1, a1 + before, b1, b1 + before)]
        group = [(tag, a2 - behind, a2, b2 - behind, b2)]
    if any(code[0] != "equal" for code in group):
        yield group


def _hunk(group: Sequence[Code], a: Sequence[str], b: Sequence[str]) -> Iterator[str]:
    first, last = group[0], group[-1]
    yield f"@@ -{_range(first[1], last[2])} +{_range(first[3], last[4])} @@"
    for tag, a1, a2, b1, b2 in group:
        if tag == "equal":
            yield from _signed(" ", a[a1:a2])
        else:
            yield from _signed("-", a[a1:a2])
            yield from _signed("+", b[b1:b2])


def _range(start: int, stop: int) -> str:
    """Lines from 1, as POSIX says: a range of one line is its number, an empty one begins at the line before."""
    length = stop - start
    if length == 1:
        return str(start + 1)
    return f"{start + 1 if length else start},{length}"


def _signed(sign: str, lines: Sequence[str]) -> Iterator[str]:
    for line in lines:
        yield sign + line.removesuffix("\n")
        if not line.endswith("\n"):
            yield _NO_END
