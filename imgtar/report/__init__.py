"""Content of the contract → bytes: one renderer for each format.

A renderer is a pure function `(content, settings) -> Iterator[bytes]`; it reads no archive and looks up no finding.
The room imports `contract/` and `text.py` only; renderers share `words/` and do not import each other.
"""
