"""Names of archives in a network: which they are, and what of them may be shown."""

from __future__ import annotations

import re

SCHEMES = ("https", "http", "s3", "gs")
_URL = re.compile(rf"\b((?:{'|'.join(SCHEMES)})://)([^\s/?#]*@)?([^\s?#]*)([?#]\S*)?", re.IGNORECASE)


def is_remote(path: str) -> bool:
    """Is it the URL of an archive, and no path? A scheme has two letters at least and no path begins with `//` so."""
    scheme, separator, _ = path.partition("://")
    return bool(separator) and scheme.lower() in SCHEMES


def public_name(text: str) -> str:
    """The text without logins, signatures and other parameters of the URLs in it; other text stays as it is."""
    return _URL.sub(_public, text) if "://" in text else text


def _public(url: re.Match[str]) -> str:
    scheme, login, rest, parameters = url.groups()
    return f"{scheme}{'…@' if login else ''}{rest}{'?…' if parameters else ''}"
