"""Secrets in texts that people write: commands, settings and programs."""

from __future__ import annotations

import re
from collections.abc import Iterator

from imgtar.audit.secrets.credential_files.kind import CredentialFile
from imgtar.audit.secrets.redaction import announced_secrets
from imgtar.audit.secrets.spans import present
from imgtar.audit.secrets.words import entropy, is_secret_in_file, is_secret_name, is_secret_value
from imgtar.severity import Severity

_SETTING = re.compile(
    rb"^[ \t]{0,20}(?:export[ \t]{1,4})?[\"']?([A-Za-z_][\w.-]{2,80}+)[\"']?[ \t]{0,8}[=:][ \t]{0,8}"
    # Without quotes four words or more are a passphrase, fewer are a sentence.
    rb"(?:\"([^\"\n]{6,200})\"|'([^'\n]{6,200})'|([A-Za-z]{6,64}|[a-z0-9]{3,12}(?: [a-z0-9]{3,12}){3,9}))"
    rb"[ \t]{0,8},?\r?$",
    re.MULTILINE,
)
_PASSWORD_NAME = re.compile(rb"(?i)pass(?:word|wd|phrase)?[0-9]{0,3}$|pwd[0-9]{0,3}$")
# Words of a sentence to a user, of a schema and of an example.
_TALK = frozenset(
    b"a an and are be bool boolean can cannot char confirm enter failed field forgot hidden incorrect input integer "
    b"invalid is login missing must new not object old or passphrase passwd password please reset secret string text "
    b"the this to token user username varchar was word wrong your".split()
)
# The value is looked for first, from its equals sign or colon on: names are everywhere.
_LITERAL = re.compile(rb"[=:][ \t]{0,4}[bru]?(?:\"([^\"\s\\]{8,100})\"|'([^'\s\\]{8,100})')")
_LITERAL_NAME = re.compile(
    rb"(?<![\w.:$-])[\"']?([A-Za-z_][\w-]{2,60}+)[\"']?[ \t]{0,4}(:[ \t]{0,4}[A-Za-z]{3,12}[ \t]{0,4})?\Z"
)
_EQUALS_SIGN = ord("=")
_NAME_SIZE = 120  # bytes before a literal that hold its name and its type
_LITERAL_WORDS = (b"assw", b"secret", b"pikey", b"pi_key", b"pi-key")  # each name that announces a secret has one
_DIGIT = re.compile(rb"[0-9]")
_LEAST_ENTROPY = 3.0  # bits per character of a literal in a program


def _commands(body: bytes) -> Iterator[bytes]:
    for _, secret in announced_secrets(body.decode("utf-8", "replace")):
        yield secret


def _plain_passwords(body: bytes) -> Iterator[bytes]:
    """Passwords of letters alone and passphrases with blanks, where the name is that of a password."""
    for match in _SETTING.finditer(body):
        value = match[match.lastindex or 0]
        words = value.lower().split()
        is_plain = value.isalpha() or (len(words) > 1 and len(value) >= 12)
        if (
            is_plain
            and _PASSWORD_NAME.search(match[1])
            and is_secret_name(match[1])
            and is_secret_value(value)
            and _TALK.isdisjoint(words)
        ):
            yield value


def _has_literal_word(body: bytes) -> bool:
    """Does the text hold a part of a name that announces a secret?"""
    return present(body.lower(), _LITERAL_WORDS) != 0


def _literals(body: bytes) -> Iterator[bytes]:
    """The text in quotes that a program gives to a name which announces a secret."""
    if not _has_literal_word(body):
        return
    for match in _LITERAL.finditer(body):
        value, start = match[match.lastindex or 0], match.start()
        if _DIGIT.search(value) is None:
            continue
        name = _LITERAL_NAME.search(body, max(0, start - _NAME_SIZE), start)
        if name is None or not is_secret_name(name[1]) or (name[2] and body[start] != _EQUALS_SIGN):
            continue
        if is_secret_in_file(value) and entropy(value) >= _LEAST_ENTROPY:
            yield value


FILES = (
    CredentialFile(
        "shell-history",
        "a secret in a command",
        rb"\.(?:bash|zsh|ash|ksh|sh|mysql|mariadb|psql|rediscli|python|node_repl|sqlite)_history|\.history|fish_history",
        _commands,
    ),
    CredentialFile(
        "build-file",
        "a secret in a build instruction",
        rb"(?:.*\.)?(?:dockerfile|containerfile)(?:\..*)?",
        _commands,
    ),
    CredentialFile(
        "plain-password",
        "what looks like a password of words",
        rb"\.env.*|.*\.(?:env|ini|cfg|conf|cnf|ya?ml|toml|properties)",
        _plain_passwords,
        Severity.MEDIUM,
    ),
    CredentialFile(
        "literal",
        "what looks like a password or key in a program",
        rb".*\.(?:py|[cm]?js|[cm]?ts|[jt]sx|rb|php|java|kt|go|cs|scala|groovy|lua|pl)",
        _literals,
        Severity.MEDIUM,
        may_hold=_has_literal_word,
    ),
)
