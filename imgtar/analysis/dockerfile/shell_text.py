"""Where the text of a shell may be wrapped: behind `&&` and `;`, outside quotes, substitutions and comments.

POSIX.1-2017, «Shell Command Language», 2.2 Quoting and 2.3 Token Recognition. The time is linear in the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_INDENT = "    "
_BEHIND = re.compile(r"\s*(\S)")
_WRAPPED = re.compile(r"(?:\S*/)?(?:ba|da|a|z|k|mk|hu)?sh(?: |$)")
_OUTSIDE = re.compile(
    r"(?P<break>&&|;(?![;&|]))"
    r"|(?P<stop>\$'|(?<![^\s;&|(])\#)"  # an ANSI string, which shells read differently, or a comment
    r"|(?P<open>\"|`|\$?\()"
    r"|(?P<close>\))"
    r"|(?P<text>;[;&|]+|\\.|'[^']*'?|[^\\'\"`$()&;#]+|.)",
    re.DOTALL,
)
_IN_QUOTES = re.compile(r"(?P<close>\")|(?P<open>\$\(|`)|(?P<text>\\.|[^\\\"$`]+|.)", re.DOTALL)
_IN_BACKTICKS = re.compile(r"(?P<close>`)|(?P<text>\\.|[^\\`]+|.)", re.DOTALL)


def is_wrapped(shell: str | None) -> bool:
    """Is it a shell whose commands can be wrapped? Others have quotes of their own; None is the usual shell."""
    return shell is None or _WRAPPED.match(shell) is not None


def wrapped(text: str) -> str:
    """A command of one line on several, each but the last with a backslash at its end, which the builder takes away.

    The parts are what they were, but for the blanks between them.
    """
    parts = []
    start = 0
    for end in _breaks(text):
        behind = _BEHIND.match(text, end)
        # BuildKit drops a line that begins with `#`, and a CI runner may take one with `::` for a command.
        if behind is None or behind[1] in ("#", ":"):
            continue
        if part := text[start:end].strip():
            parts.append(part)
            start = end
    return f" \\\n{_INDENT}".join([*parts, text[start:].strip()])


def _breaks(text: str) -> Iterator[int]:
    """The places behind `&&` and `;` that are in nothing else."""
    within: list[str] = []
    position = 0
    while position < len(text):
        inner = within[-1] if within else ""
        lexer = {'"': _IN_QUOTES, "`": _IN_BACKTICKS}.get(inner, _OUTSIDE)
        token = lexer.match(text, position)
        assert token is not None  # any character is a token
        position = token.end()
        if token.lastgroup == "stop":
            return
        if token.lastgroup == "open":
            within.append(token[0])
        elif token.lastgroup == "close" and within:
            within.pop()
        elif token.lastgroup == "break" and not within:
            yield position
