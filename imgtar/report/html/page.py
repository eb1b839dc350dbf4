"""The page's own files: templates, style and script, and the policy that lets nothing else run."""

from __future__ import annotations

import hashlib
from base64 import b64encode
from collections.abc import Callable
from typing import TYPE_CHECKING

import msgspec

from imgtar.report.html_text import finalize
from imgtar.report.words.image import short
from imgtar.text import human_size

if TYPE_CHECKING:
    from jinja2 import Environment
    from markupsafe import Markup

_STYLES = ("page.css", "explorer.css")
_SCRIPTS = ("text.js", "archive.js", "map.js", "table.js", "columns.js", "explorer.js", "page.js")
_D3 = "vendor/d3-hierarchy.min.js"


class Assets(msgspec.Struct, frozen=True, kw_only=True):
    """Style and script as they stand between their tags."""

    style: str
    script: str

    @classmethod
    def load(cls, *, scripted: bool = True) -> Assets:
        """Reads them from the package; a page without a script has only the style."""
        style = "\n" + "".join(map(_text, _STYLES))
        if not scripted:
            return cls(style=style, script="")
        own = "".join(_text(f"script/{name}") for name in _SCRIPTS)
        licence = _text("vendor/d3-hierarchy.LICENSE").replace("*/", "")
        # d3-hierarchy's licence asks to stand in every copy.
        script = f'\n/*\n{licence}*/\n{_text(_D3)}\n(function () {{\n"use strict";\n{own}}})();\n'
        return cls(style=style, script=script)

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
        """Text of our own that the template takes as it is."""
        from markupsafe import Markup

        return Markup(text)  # noqa: S704 - our own style, nothing of the image is in it


def _hash(text: str) -> str:
    return "sha256-" + b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _text(name: str) -> str:
    from importlib.resources import files

    return files("imgtar.report").joinpath("assets", *name.split("/")).read_text(encoding="utf-8")


def environment() -> Environment:
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
    }
    rendering.filters.update(filters)
    return rendering
