"""Which rows are listed: by a text or a glob that the path must match, and by what the layer did to it."""

from __future__ import annotations

import msgspec

from imgtar.answers.rows import ChangeWord
from imgtar.errors import UsageError
from imgtar.explore.model.path_index import Selects
from imgtar.explore.model.views import FileView
from imgtar.filesystem.given_paths import compile_pattern, is_pattern
from imgtar.text import unescape


class PathFilter(msgspec.Struct, frozen=True):
    """The paths that `text` matches, a glob if it has a wildcard, else a part of the path; no `hidden` changes."""

    text: str = ""
    hidden: frozenset[ChangeWord] = frozenset()

    @property
    def patterns(self) -> list[str]:
        """The text as a pattern of `imgtar ls`; none without a text."""
        if not self.text:
            return []
        if is_pattern(self.text):
            return [self.text]
        start = "**" if self.text.startswith("/") else "**/*" if "/" in self.text else "*"
        return [f"{start}{self.text}*"]

    @property
    def is_empty(self) -> bool:
        """Is every row listed?"""
        return not self.text and not self.hidden

    def toggled(self, change: ChangeWord) -> PathFilter:
        """The filter that shows the rows of a change again, or leaves them out."""
        return PathFilter(self.text, self.hidden ^ {change})

    def selects(self, view: FileView) -> Selects | None:
        """The test of a path of the view; None where all pass. Raises UsageError for a glob that is not valid."""
        matches = self._matches()
        if not self.hidden:
            return matches
        hidden, change = self.hidden, view.change
        if matches is None:
            return lambda path: change(path) not in hidden
        return lambda path: matches(path) and change(path) not in hidden

    def check(self) -> None:
        """Raises UsageError for a glob that is not valid."""
        self._matches()

    def _matches(self) -> Selects | None:
        if not self.text:
            return None
        if is_pattern(self.text):
            return compile_pattern(self.text).match
        try:
            part = unescape(self.text).encode("utf-8", "surrogateescape")
        except UnicodeEncodeError:
            raise UsageError("usage.path", "no path has half a character") from None
        return lambda path: part in b"/" + path
