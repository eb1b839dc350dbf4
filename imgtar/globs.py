"""The one dialect of path patterns: .gitignore's, matched in time that is linear in the name.

A pattern becomes a regular expression without backtracking between its wildcards: what stands between two `*` (or two
`**`) takes its first place and keeps it, which is enough because only the last such part is tied to an end. The work
is bounded by the length of the pattern times the length of the name, whatever the name is.

Git's documentation (gitignore, «Pattern format») with the readings of `pathspec`: a pattern with `!` can take back a
file below a matched directory, and a backslash in brackets is a backslash. Brackets never match a slash, as in git.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

_SHOWN = 60  # characters of a pattern in an error
_END = r"(?=/|\Z)"  # of a name in a path


class BadGlob(ValueError):
    """A pattern that cannot match anything; the text says why."""


class Globs:
    """Patterns as in .gitignore, compiled once and tested against many paths; of several, the last match decides.

    Raises BadGlob for a pattern that cannot match: empty, a comment, an escape without a character, bad brackets.
    """

    __slots__ = ("_patterns", "_takes_back")

    def __init__(self, patterns: Iterable[str]) -> None:
        self._patterns = tuple(map(_Pattern, patterns))
        self._takes_back = any(not pattern.includes for pattern in self._patterns)

    def match(self, path: str | bytes, *, directory: bool = False) -> bool:
        """Does a path (relative, without empty parts) match, or a directory above it?

        Bytes are read as UTF-8, and each byte that is not UTF-8 is one character. `directory`: the path is a directory,
        so that patterns with a slash at their end match it.
        """
        text = path if isinstance(path, str) else path.decode("utf-8", "surrogateescape")
        if directory:
            text += "/"
        if self._takes_back:
            return self._decide(text)
        for pattern in self._patterns:  # noqa: SIM110 (any() takes twice the time, and there are a million paths)
            if pattern.literal in text and pattern.anywhere(text) is not None:
                return True
        return False

    def select(self, paths: Iterable[bytes]) -> Iterator[bytes]:
        """The paths that a pattern means itself: what is only below such a path is left out. `!` takes nothing back."""
        for pattern in self._patterns:
            if pattern.includes:
                literal = pattern.literal.encode("utf-8", "surrogateescape")
                likely = (path for path in paths if literal in path)
                yield from (path for path in likely if pattern.itself(path.decode("utf-8", "surrogateescape")))

    def _decide(self, text: str) -> bool:
        """The last pattern that matches the path itself decides; without one, the last that matches a directory."""
        above: bool | None = None
        for pattern in reversed(self._patterns):
            if pattern.literal in text and pattern.anywhere(text) is not None:
                if pattern.itself(text) is not None:
                    return pattern.includes
                if above is None:
                    above = pattern.includes
        return bool(above)


class _Pattern:
    """One pattern: `anywhere` matches paths that it means or that are below one, `itself` the paths that it means.

    No text without `literal` can match.
    """

    __slots__ = ("anywhere", "includes", "itself", "literal")

    def __init__(self, line: str) -> None:
        text = line if line.endswith("\\ ") else line.rstrip()
        if not text or text.startswith("#") or text == "/":
            raise BadGlob(f"{line[:_SHOWN]!r} matches nothing: it is empty, a comment, or a slash alone")
        self.includes = not text.startswith("!")
        parts = _parts(text if self.includes else text[1:])
        if not parts:
            raise BadGlob(f"{line[:_SHOWN]!r} matches nothing: there is no pattern after !")
        try:
            anywhere, itself, self.literal = _translated(parts, is_directory=text.endswith("/"))
        except BadGlob as problem:
            raise BadGlob(f"{line[:_SHOWN]!r} is not a valid pattern: {problem}") from None
        self.anywhere = re.compile(anywhere, re.DOTALL).match
        self.itself = re.compile(itself, re.DOTALL).match


def _parts(text: str) -> list[str]:
    """The parts between the slashes, with the `**` that a slash at the end, or none but that, stands for."""
    parts = text.split("/")
    if not parts[0]:
        del parts[0]
    elif len(parts) == 1 or (len(parts) == 2 and not parts[1]):
        parts.insert(0, "**")
    if parts and not parts[-1]:
        parts[-1] = "**"
    return [part for number, part in enumerate(parts) if part != "**" or not number or parts[number - 1] != "**"]


def _translated(parts: list[str], *, is_directory: bool) -> tuple[str, str, str]:
    """The expressions for `anywhere` and `itself`, and the literal.

    Where a slash ends the pattern, it means directories: a path below one, or one with its slash, is not the path
    itself. `a/**` means what is below `a`.
    """
    nothing = r"(?!)"
    if parts in (["**"], ["**", "*"], ["**", "*", "**"]):
        below = is_directory or len(parts) == 3
        expression = ".*/" if below else "."
        return expression, nothing if is_directory else expression, "/" if below else ""
    runs, literal = _runs(parts)
    head = "".join(f"(?>{run}{_END})" for run in runs[:-1])
    if parts[-1] == "**":
        expression = f"{head}(?>{runs[-1]}{_END})/"
        return expression, nothing if is_directory else expression, literal
    return f"{head}{runs[-1]}{_END}", rf"{head}{runs[-1]}\Z", literal


def _runs(parts: list[str]) -> tuple[list[str], str]:
    """The expressions of the runs of parts between `**`, each with what may stand before it; the longest literal."""
    runs: list[str] = []
    literals = [""]
    before = ""
    for number, part in enumerate(parts):
        if part != "**":
            pieces = list(_pieces(part))
            literals += (literal for _, literal in pieces)
            expression = "[^/]+" if part == "*" else _part([expression for expression, _ in pieces])
            if not runs or before != "/":
                runs.append(before + expression)
            else:
                runs[-1] += before + expression
            before = "/"
        elif number == 0:
            before = "(?:|.+?/)"
        else:
            before = "(?:|/.+?)/"
    return runs, max(literals, key=len)


def _part(pieces: list[str]) -> str:
    """One part of a path from what stands between its `*`; only the last piece is tied to the end of the part."""
    if len(pieces) == 1:
        return pieces[0]
    middle = "".join(f"(?>[^/]*?{piece})" for piece in pieces[1:-1] if piece)
    return f"{pieces[0]}{middle}[^/]*{pieces[-1]}"


def _pieces(part: str) -> Iterator[tuple[str, str]]:
    """The expression of each piece between two `*`, of a fixed number of characters, and its longest literal."""
    expression, literals, at = "", [""], 0
    while at < len(part):
        character, at = part[at], at + 1
        if character == "*":
            yield expression, max(literals, key=len)
            expression, literals = "", [""]
        elif character == "?":
            expression += "[^/]"
            literals.append("")
        elif character == "[":
            content, at = _bracket(part, at)
            expression += content
            literals.append("")
        else:
            if character == "\\":
                if at == len(part):
                    raise BadGlob("a backslash has no character behind it")
                character, at = part[at], at + 1
            expression += re.escape(character)
            literals[-1] += character
    yield expression, max(literals, key=len)


def _bracket(part: str, start: int) -> tuple[str, int]:
    """The expression of a bracket whose content starts at `start`, and where the text behind it starts."""
    negated = part.startswith(("!", "^"), start)
    first = start + negated
    end = part.find("]", first + 1)
    if end < 0:
        raise BadGlob("[ has no ]; write \\[ for the character")
    if "[:" in part[first:end]:
        raise BadGlob("classes such as [:digit:] are not known; write [0-9]")
    choices, at = "", first
    while at < end:
        if at + 2 < end and part[at + 1] == "-":
            low, high = part[at], part[at + 2]
            if low > high:
                raise BadGlob(f"the range {low}-{high} is empty")
            choices += f"{re.escape(low)}-{re.escape(high)}"
            at += 3
        else:
            choices += re.escape(part[at])
            at += 1
    return f"(?!/)[{'^' * negated}{choices}]", end + 1
