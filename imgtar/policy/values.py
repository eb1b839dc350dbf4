"""One parser per kind of value, for keys of the configuration file and for options.

Each parser takes a value of TOML or of the command line. It raises ValueError, whose text says what is expected.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from fractions import Fraction

import msgspec

from imgtar import amounts
from imgtar.findings import Severity
from imgtar.formats.oci.platform import Platform
from imgtar.globs import BadGlob, Globs

Parser = Callable[[object], object]

_SHARE = re.compile(r"(\d{1,18}(?:\.\d{0,18})?|\.\d{1,18})\s*(%?)", re.ASCII)
_PORTS = re.compile(r"(\d{1,5})(?:-(\d{1,5}))?(?:/([a-z]{1,10}))?", re.IGNORECASE | re.ASCII)
_LAST_PORT = 65535
KINGFISHER = "kingfisher"
RULES = ("imgtar", KINGFISHER)  # the second adds its rules to those of imgtar


class Ports(msgspec.Struct, frozen=True):
    """The ports from `first` to `last` of `protocol` (None: any)."""

    first: int
    last: int
    protocol: str | None
    text: str

    def covers(self, other: Ports) -> bool:
        """Are all ports of `other` among these?"""
        return self._same_protocol(other) and self.first <= other.first and other.last <= self.last

    def meets(self, other: Ports) -> bool:
        """Do the two have a port in common?"""
        return self._same_protocol(other) and self.first <= other.last and other.first <= self.last

    def _same_protocol(self, other: Ports) -> bool:
        return self.protocol is None or self.protocol == (other.protocol or "tcp")


class Label(msgspec.Struct, frozen=True):
    """A label by its name, and the glob that its value must match (None: any value)."""

    name: str
    value: str | None
    text: str


class Growth(msgspec.Struct, frozen=True):
    """How much an image may grow: by `size` bytes, or by a `share` of its earlier size; the other one is None."""

    size: int | None = None
    share: float | None = None


def share(value: object) -> float:
    """A share from 0 to 1: 0.95, or "95%"."""
    found = value if isinstance(value, (int, float)) and not isinstance(value, bool) else _share(value)
    if not 0 <= found <= 1:  # before the conversion: no float is as large as a whole number can be
        raise ValueError("a share from 0 to 1, or a percentage such as 95%")
    return float(found)


def _share(value: object) -> float:
    """The share that a text states; -1 for anything else."""
    match = _SHARE.fullmatch(value.strip()) if isinstance(value, str) else None
    return -1 if match is None else float(Fraction(match[1]) / (100 if match[2] else 1))


def size(value: object) -> int:
    """Bytes: a whole number, or a text with an SI or IEC unit such as "1.5GB" or "64MiB"."""
    wrong = ValueError("a size such as 500MB or 64MiB, or a whole number of bytes")
    if isinstance(value, str):
        try:
            return amounts.size(value)
        except ValueError:
            raise wrong from None
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= amounts.LARGEST:
        raise wrong
    return value


def count(value: object) -> int:
    """A whole number, 0 or larger."""
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 10:
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= amounts.LARGEST:
        raise ValueError("a whole number, 0 or larger")
    return value


def base_layers(value: object) -> int | None:
    """How many layers the base image has: a whole number, `none` for 0; None for `auto`, which finds the base."""
    if value in ("auto", "none"):
        return None if value == "auto" else 0
    try:
        return count(value)
    except ValueError:
        raise ValueError("a whole number, 0 or larger, auto or none") from None


def flag(value: object) -> bool:
    """True or false."""
    if not isinstance(value, bool):
        raise ValueError("true or false")
    return value


def rules(value: object) -> str:
    """Whose rules search for secrets: RULES has the names."""
    if value not in RULES:
        raise ValueError(f"one of {', '.join(RULES)}")
    return str(value)


def text(value: object) -> str:
    """A text that is not empty."""
    if not isinstance(value, str) or not value.strip():
        raise ValueError("a text")
    return value


def severity(value: object) -> Severity:
    """A severity by its name."""
    if not isinstance(value, str) or value.lower() not in set(Severity):
        raise ValueError(f"a severity: {', '.join(Severity)}")
    return Severity(value.lower())


def texts(value: object) -> tuple[str, ...]:
    """One text or a list of texts; the list may be empty."""
    given = [value] if isinstance(value, str) else value
    if not isinstance(given, (list, tuple)) or not all(isinstance(one, str) and one.strip() for one in given):
        raise ValueError("a text or a list of texts")
    return tuple(given)


def non_empty_texts(value: object) -> tuple[str, ...]:
    """One text or a list of texts; the list must not be empty, or the gate could never fail."""
    given = texts(value)
    if not given:
        raise ValueError("a text or a list of texts that is not empty; omit the key for no gate")
    return given


def globs(value: object) -> tuple[str, ...]:
    """Patterns as in .gitignore; each must be able to match."""
    given = non_empty_texts(value)
    try:
        Globs(given)
    except BadGlob as problem:
        raise ValueError(f"a list of patterns as in .gitignore: {problem}") from None
    return given


def exposed(text: str) -> Ports | None:
    """The ports of `8080`, `8080/tcp` or `8000-8010/udp`; None for any other text."""
    match = _PORTS.fullmatch(text)
    if match is None:
        return None
    first, last = int(match[1]), int(match[2] or match[1])
    valid = first <= last <= _LAST_PORT
    return Ports(first, last, match[3].lower() if match[3] else None, text) if valid else None


def ports(value: object) -> tuple[Ports, ...]:
    """Ports or ranges of ports; without a protocol, every protocol is meant."""
    given = value if isinstance(value, (list, tuple)) else [value]
    found = [exposed(one) for one in non_empty_texts([_port_text(one) for one in given])]
    if None in found:
        raise ValueError("a port such as 8080, 8080/tcp or 8000-8010, or a list of them")
    return tuple(one for one in found if one is not None)


def _port_text(value: object) -> object:
    """The text of a number; one that is not a port stays outside, whatever its size: Python prints no huge number."""
    if not isinstance(value, int) or isinstance(value, bool):
        return value
    return str(max(-1, min(value, _LAST_PORT + 1)))


def labels(value: object) -> tuple[Label, ...]:
    """`NAME`, or `NAME=VALUE` with a glob for the value."""
    found = [(name, equals, glob) for name, equals, glob in (one.partition("=") for one in non_empty_texts(value))]
    if not all(name.strip() for name, _, _ in found):
        raise ValueError("a label NAME or NAME=VALUE, or a list of them")
    return tuple(Label(name, glob if equals else None, name + equals + glob) for name, equals, glob in found)


def platforms(value: object) -> tuple[Platform, ...]:
    """`os/architecture[/variant]`; without a variant, every variant is meant."""
    texts = non_empty_texts(value)
    try:
        return tuple(Platform.parse(text) for text in texts)
    except ValueError:
        raise ValueError("a platform such as linux/arm64 or linux/arm/v7, or a list of them") from None


def growth(value: object) -> Growth:
    """A size, or a percentage of the earlier size."""
    try:
        if isinstance(value, str) and value.rstrip().endswith("%"):
            found = _share(value)
            if found >= 0:
                return Growth(share=found)
        return Growth(size=size(value))
    except ValueError:
        raise ValueError("a size such as 10MB or a percentage such as 5%") from None
