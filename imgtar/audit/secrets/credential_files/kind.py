"""A kind of credential file: which paths it has, and how the secrets are taken from its bytes."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import msgspec

from imgtar.audit.secrets.words import is_secret_value
from imgtar.severity import Severity

Finder = Callable[[bytes], Iterator[bytes]]


class CredentialFile(msgspec.Struct, frozen=True):
    """A kind of file that holds secrets.

    `name` is a pattern that the last part of the path must match as a whole, `folder` one that must be found in the
    rest of the path, which ends with a slash; both ignore case. `find` takes the whole body and gives its secrets: none
    where `may_hold` is there and says no, which is fast.
    """

    code: str
    description: str
    name: bytes
    find: Finder
    severity: Severity = Severity.HIGH
    folder: bytes = b""
    may_hold: Callable[[bytes], bool] | None = None


def values(pattern: bytes, accepts: Callable[[bytes], bool] = is_secret_value, *, needs: bytes = b"") -> Finder:
    """The values that the last matched group of a multi-line pattern takes, if they can be secrets.

    `needs` is a text that the body must have.
    """
    compiled = re.compile(pattern, re.MULTILINE)

    def find(body: bytes) -> Iterator[bytes]:
        if needs in body:
            for match in compiled.finditer(body):
                value = match[match.lastindex or 0]
                if accepts(value):
                    yield value

    return find
