"""What a kind of secret is, and how to declare one: a token that is a long word, a phrase, a key with a mark inside."""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable

import msgspec

from imgtar.audit.secrets.words import entropy
from imgtar.severity import Severity

TOKEN = rb"[A-Za-z0-9_-]"
ALNUM = rb"[A-Za-z0-9]"
HEX = rb"[0-9a-f]"
EQUALS = rb"[\"']?[ \t]{0,4}[=:][ \t]{0,4}[\"']?"  # between a name and its value, in every notation
_BASE62 = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_STRONG = 4  # fixed bytes that do not stand in a program by chance
_CHECKSUM = 6  # characters at the end of a token that has a checksum


class SecretKind(msgspec.Struct, frozen=True):
    """A text that holds such a secret holds one of `literals`, or a long word that starts with one of `words`, or a
    long run of characters that holds one of `near` or follows it within 40 bytes. It also holds one of `needs`, if any,
    and what `begins` the pattern, where few texts hold that which hold the literal.

    A long word is one of 20 or more letters, digits, underscores, hyphens and dots, a long run one of 32 or more of
    these and `~+/=%`. Group 1 of `pattern` (or all of
    it) is the secret itself, if it has at least `entropy` bits per character and is accepted. Of a secret that was not
    `issued`, by its checksum, nothing is reported, but it is redacted all the same. `references` are the
    ids of Trivy's rules.
    """

    name: str
    description: str
    pattern: re.Pattern[bytes]
    literals: tuple[bytes, ...] = ()
    words: tuple[bytes, ...] = ()
    entropy: float = 0.0
    references: tuple[str, ...] = ()
    accepts: Callable[[bytes], bool] | None = None
    near: tuple[bytes, ...] = ()
    needs: tuple[bytes, ...] = ()
    issued: Callable[[bytes], bool] | None = None
    severity: Severity = Severity.CRITICAL
    begins: re.Pattern[bytes] | None = None

    @property
    def is_strong(self) -> bool:
        """Is the kind told from other text by its form alone: by a checksum, or by first bytes of which four are fixed?

        In the bytes of programs shorter ones stand by chance.
        """
        return self.issued is not None or (bool(self.words) and all(len(word) >= _STRONG for word in self.words))

    def is_secret(self, secret: bytes) -> bool:
        """Is the match a secret? Keys in the documentation of vendors contain EXAMPLE and are not."""
        return (
            b"EXAMPLE" not in secret
            and entropy(secret) >= self.entropy
            and (self.accepts is None or self.accepts(secret))
        )

    def is_issued(self, secret: bytes) -> bool:
        """Can the match have been issued? A token with a wrong checksum is a sample."""
        return self.issued is None or self.issued(secret)


def token(
    name: str,
    description: str,
    prefix: bytes,
    rest: bytes,
    *words: bytes,
    entropy: float = 3.0,
    reference: str = "",
    issued: Callable[[bytes], bool] | None = None,
) -> SecretKind:
    """A token that is a long word: a prefix of fixed length, which starts with one of `words`, and the rest.

    The pattern starts with the prefix itself and then looks back: `re` finds a leading literal quickly.
    """
    pattern = prefix + rb"(?<![A-Za-z0-9_]" + prefix + rb")" + rest + rb"(?![A-Za-z0-9_])"
    references = (reference,) if reference else ()
    starts = words or (prefix.replace(b"\\", b""),)
    return SecretKind(
        name,
        description,
        re.compile(pattern),
        words=starts,
        entropy=entropy,
        references=references,
        issued=issued,
    )


def phrase(
    name: str,
    description: str,
    pattern: bytes,
    *literals: bytes,
    words: tuple[bytes, ...] = (),
    entropy: float = 3.0,
    reference: str = "",
    accepts: Callable[[bytes], bool] | None = None,
    near: tuple[bytes, ...] = (),
    needs: tuple[bytes, ...] = (),
    severity: Severity = Severity.CRITICAL,
    begins: bytes = b"",
) -> SecretKind:
    """A secret that is known by the text before it."""
    return SecretKind(
        name,
        description,
        re.compile(pattern),
        literals,
        words,
        entropy,
        references=(reference,) if reference else (),
        accepts=accepts,
        near=near,
        needs=needs,
        severity=severity,
        begins=re.compile(begins) if begins else None,
    )


def inner(name: str, description: str, length: int, mark: bytes, tail: bytes, alphabet: bytes = ALNUM) -> SecretKind:
    """A key with a mark inside: `length` characters, the mark, `tail`. The secret is what stands before the mark.

    The pattern starts with the mark and looks back, which `re` does quickly.
    """
    escaped = mark.replace(b"+", rb"\+").replace(b".", rb"\.")
    before = rb"(?<=(?<!" + alphabet + rb")(" + alphabet + rb"{%d})" % length + escaped + rb")"
    return phrase(name, description, escaped + before + tail + rb"(?!" + alphabet + rb")", near=(mark,))


def has_right_checksum(value: bytes) -> bool:
    """Do the last six characters hold the CRC-32 of what stands between the prefix and them, in base 62?

    GitHub's and npm's tokens are made so. A token with a wrong checksum was never issued: it is a sample.
    """
    body, stated = value.rpartition(b"_")[2][:-_CHECKSUM], value[-_CHECKSUM:]
    number, digits = zlib.crc32(body), b""
    while number:
        number, digit = divmod(number, len(_BASE62))
        digits = _BASE62[digit : digit + 1] + digits
    return digits.rjust(_CHECKSUM, b"0") == stated
