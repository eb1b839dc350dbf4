"""What every page is made of: text escaped once, its own style and script, the policy that lets nothing else run.

The frame around a report has the title, that policy, the band of a damaged archive and the foot.
"""

from __future__ import annotations

import functools
import hashlib
import shlex
from base64 import b64encode
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import msgspec

from imgtar.contract.content import TextSettings
from imgtar.contract.inspect import InspectReport
from imgtar.report.words.condition import Condition, condition, located_message, source_name
from imgtar.report.words.image import removal_words, short
from imgtar.text import cut, cut_middle, escape, escape_lines, human_size, neutralise

if TYPE_CHECKING:
    from jinja2 import Environment
    from markupsafe import Markup

NAME = 200  # characters of a name
PATH = 400  # characters of a path
_CAUSES = 5
_STYLES = ("page.css", "explorer.css")
VERIFICATION_STYLES = ("page.css", "verification.css")
_MAP = "map.js"  # it needs d3-hierarchy
_D3 = "vendor/d3-hierarchy.min.js"
EXPLORER = (
    *("text.js", "globs.js", "search.js", "address.js", "archive.js", _MAP, "marks.js", "table.js"),
    *("columns.js", "beside.js", "explorer.js", "layers.js", "page.js"),
)
FINDINGS = ("text.js", "findings.js")


class Escaped(str):
    """Text that is escaped already; the template only adds the escapes of HTML."""

    __slots__ = ()


def finalize(value: object) -> object:
    """The text of a value in the page: a string passes the one escape unless it is `Escaped`."""
    if value is None:
        return ""
    if isinstance(value, Escaped) or hasattr(value, "__html__"):
        return value
    return Escaped(escape(value)) if isinstance(value, str) else value


def line(text: str, columns: int) -> Escaped:
    """A stored text of one or more lines on one line, at most `columns` wide."""
    return Escaped(cut(escape_lines(text), columns))


def lines(text: str, most: int) -> list[Escaped]:
    """A stored text of several lines, line by line, at most `most` characters of it."""
    shown = text[:most]
    rest = [Escaped(f"… {len(text) - most:,} more characters")] if len(text) > most else []
    return [*(Escaped(escape(part)) for part in shown.split("\n")), *rest]


def sentence(message: str) -> Escaped:
    """A finding's sentence, whose parts are escaped already."""
    return Escaped(neutralise(message))


class Assets(msgspec.Struct, frozen=True, kw_only=True):
    """Style and script as the page has them between their tags."""

    style: str
    script: str

    @classmethod
    def load(cls, scripts: Sequence[str] = (), styles: Sequence[str] = _STYLES) -> Assets:
        """Reads these styles and scripts (`EXPLORER`, `FINDINGS`) from the package."""
        style = "\n" + "".join(map(_text, styles))
        own = "".join(_text(f"script/{name}") for name in scripts)
        script = f'(function () {{\n"use strict";\n{own}}})();\n' if own else ""
        if _MAP in scripts:  # the licence of d3-hierarchy must be in every copy
            licence = _text("vendor/d3-hierarchy.LICENSE").replace("*/", "")
            script = f"\n/*\n{licence}*/\n{_text(_D3)}\n{script}"
        return cls(style=style, script=script)

    @property
    def end(self) -> bytes:
        """The end of the page, with the script where it has one."""
        return (f"<script>{self.script}</script>\n{_END}" if self.script else _END).encode()

    @property
    def policy(self) -> str:
        """The Content-Security-Policy: no request of any kind, no style and no script but these two."""
        allowed = f"'{_hash(self.script)}'" if self.script else "'none'"
        return (
            f"default-src 'none'; img-src data:; style-src '{_hash(self.style)}'; script-src {allowed}; "
            "base-uri 'none'; form-action 'none'"
        )

    @staticmethod
    def markup(text: str) -> Markup:
        """Text of the program itself, which the template does not escape."""
        from markupsafe import Markup

        return Markup(text)  # noqa: S704 - our own style, nothing of the image is in it


def _hash(text: str) -> str:
    return "sha256-" + b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _text(name: str) -> str:
    from importlib.resources import files

    return files("imgtar.report").joinpath("assets", *name.split("/")).read_text(encoding="utf-8")


_END = "</body>\n</html>\n"


def rendered(template: str, **values: object) -> bytes:
    """The page up to its end, which may have a script."""
    return _environment().get_template(template).render(values).encode("utf-8", "backslashreplace")


@functools.cache  # templates take longer to compile than to fill
def _environment() -> Environment:
    """Renders the templates: everything is escaped for HTML, strings of the image also by the one escape."""
    from jinja2 import Environment, FunctionLoader, StrictUndefined

    rendering = Environment(
        loader=FunctionLoader(_text),
        autoescape=True,
        finalize=finalize,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    filters: dict[str, Callable[..., str]] = {
        "size": human_size,
        "exact": lambda size: f"{size:,} bytes",
        "grouped": lambda number: f"{number:,}",
        "count": lambda number: f"{number:,}" if number else "·",
        "short": lambda digest: short(digest) or "",
        "removal": removal_words,
        "capitalised": lambda words: Escaped(f"{words[:1].upper()}{words[1:]}"),
    }
    rendering.filters.update(filters)
    return rendering


def frame(
    document: InspectReport, assets: Assets, title: Escaped | None, command: str, settings: TextSettings
) -> dict[str, object]:
    """The values of `frame.html.j2`; the archive's name replaces a missing title."""
    archive = Escaped(cut_middle(source_name(document.source), NAME))
    words = f"{command} {shlex.quote(source_name(document.source))}"
    values = page_values(condition(document), assets, words, settings)
    return {**values, "document": document, "title": archive if title is None else title, "archive": archive}


def page_values(state: Condition, assets: Assets, command: str, settings: TextSettings) -> dict[str, object]:
    """The values of `frame.html.j2` that are not about one archive; `command` has its operands, escaped."""
    return {
        "tone": "bad" if state.damaged else "good" if state.verified else "plain",
        "condition": state,
        "causes": [sentence(located_message(cause)) for cause in state.causes[:_CAUSES]],
        "command": Escaped(" ".join(filter(None, ("imgtar", command, settings.options, "-o html=report.html")))),
        "policy": assets.policy,
        "style": assets.markup(assets.style),
    }
