"""Logins of build programs: NuGet, Bundler, Maven."""

from __future__ import annotations

import re
from collections.abc import Iterator

from imgtar.audit.secrets.credential_files.kind import CredentialFile, values
from imgtar.audit.secrets.words import is_secret_value

_GEM_SERVER = re.compile(
    rb"^BUNDLE_[A-Z0-9_-]{1,80}__[A-Z0-9_-]{1,80}:[ \t]{1,8}[\"']?([^\s:\"']{1,400}):([^\s\"']{1,400})", re.MULTILINE
)


_SERVER_PASSWORD = values(rb"<(?:password|passphrase)>\s{0,40}([^<>\s]{1,400})\s{0,40}</", needs=b"<server")


def _maven(body: bytes) -> Iterator[bytes]:
    """The passwords of the servers; the file that Maven brings has examples in comments."""
    before, *others = body.split(b"<!--")
    yield from _SERVER_PASSWORD(b"".join((before, *(part.partition(b"-->")[2] for part in others))))


def _bundler(body: bytes) -> Iterator[bytes]:
    """The login of a gem server is `user:password`, or `token:x-oauth-basic`."""
    for user, password in _GEM_SERVER.findall(body):
        secret = user if password == b"x-oauth-basic" else password
        if is_secret_value(secret) and not password.startswith(b"//"):
            yield secret


FILES = (
    CredentialFile(
        "nuget-password",
        "a password of a NuGet source",
        rb"nuget\.config",
        values(rb"(?i:key=\"ClearTextPassword\")\s{1,40}(?i:value)=\"([^\"]{1,400})\""),
    ),
    CredentialFile("bundler-login", "a login of a gem server", rb"config", _bundler, folder=rb"(?:^|/)\.bundle/"),
    CredentialFile(
        "maven-password",
        "a password of a Maven server",
        rb"settings\.xml",
        _maven,
    ),
    CredentialFile(
        "maven-master",
        "Maven's master password, which opens the passwords in settings.xml",
        rb"settings-security\.xml",
        values(rb"<master>\s{0,40}(\{[A-Za-z0-9+/=\\]{16,400}\})\s{0,40}</master>", lambda _value: True),
    ),
)
