"""Logins of command-line programs: netrc, PostgreSQL, registries, git, web servers, clouds."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator

from imgtar.audit.secrets.credential_files.kind import CredentialFile, values
from imgtar.audit.secrets.words import is_secret_value
from imgtar.severity import Severity

_ASSIGNED = rb"[ \t]{0,8}[=:][ \t]{0,8}[\"']?([^\s\"']{4,400})"
_MYLOGIN_HEADER = 24  # bytes: four zeros and the key of the lines that follow


def _is_encoded_password(value: bytes) -> bool:
    """The password of an .npmrc is in base64."""
    try:
        decoded = base64.b64decode(value, validate=True)
    except binascii.Error:
        return False
    return len(decoded) >= 4 and is_secret_value(decoded.ljust(6))


def _is_url_login(value: bytes) -> bool:
    return is_secret_value(value) and value.lower() not in (b"password", b"username", b"passwd")


def _mylogin(body: bytes) -> Iterator[bytes]:
    """MySQL's login path file: each line is encrypted with a key that is in the same file."""
    length = int.from_bytes(body[_MYLOGIN_HEADER : _MYLOGIN_HEADER + 4], "little")
    if body[:4] == bytes(4) and 16 <= length <= len(body) - _MYLOGIN_HEADER - 4 and length % 16 == 0:
        yield body[_MYLOGIN_HEADER + 4 :]


FILES = (
    CredentialFile(
        "netrc",
        "a password of a .netrc",
        rb"[._]netrc",
        values(rb"(?:^|\s)password\s{1,80}(?:\"((?:[^\"\\\n]|\\.){1,400})\"|([^\s\"]\S{0,400}))", needs=b"password"),
    ),
    CredentialFile(
        "pgpass",
        "a PostgreSQL password",
        rb"\.pgpass|pgpass\.conf",
        values(rb"^(?!#)(?:(?:[^:\\\n]|\\.){0,200}:){4}((?:[^:\\\n]|\\.){1,400})$"),
    ),
    CredentialFile(
        "docker-config-token",
        "a token of a registry login",
        rb"config\.json|\.dockercfg|\.dockerconfigjson",
        values(rb"\"(?:identitytoken|registrytoken)\"\s{0,8}:\s{0,8}\"([^\"\s]{8,8000})\""),
    ),
    CredentialFile(
        "npmrc-password",
        "a password of an npm registry",
        rb"\.?npmrc",
        values(rb"_password[ \t]{0,8}=[ \t]{0,8}\"?([A-Za-z0-9+/]{6,400}={0,2})", _is_encoded_password),
    ),
    CredentialFile(
        "pypirc", "a password of a Python package index", rb"\.pypirc", values(rb"^[ \t]{0,8}password" + _ASSIGNED)
    ),
    CredentialFile(
        "index-login",
        "a login in the URL of a package index",
        rb"pip\.(?:conf|ini)|uv\.toml|\.condarc|pyproject\.toml",
        values(rb"://(?:[^\s:/@\"']{0,80}:)?([^\s:/@\"'$]{8,400})@[A-Za-z0-9\[]", _is_url_login),
    ),
    CredentialFile(
        "git-login",
        "a login in a git configuration",
        rb"config|\.?gitconfig|\.git-credentials|\.gitmodules",
        values(
            rb"(?i:extraheader[ \t]{0,8}=[ \t]{0,8}\"?authorization:[ \t]{0,8}(?:basic|bearer|token)[ \t]{1,8})"
            rb"([^\s\"]{8,4000})|://([A-Za-z0-9_-]{16,400})(?::x-oauth-basic)?@"
        ),
    ),
    CredentialFile(
        "htpasswd",
        "the hash of a password",
        rb"\.?htpasswd(?:[._-].*)?",
        values(
            rb"^[^\s:#]{1,200}:(\$(?:apr1|2[abxy]?|1|5|6|y)\$[^\s:]{10,200}|\{SHA\}[A-Za-z0-9+/=]{28}"
            rb"|[./A-Za-z0-9]{13})\r?$",
            lambda _value: True,
        ),
        Severity.MEDIUM,
    ),
    CredentialFile(
        "mysql-login-path", "MySQL logins, encrypted with a key in the same file", rb"\.mylogin\.cnf", _mylogin
    ),
    CredentialFile(
        "boto",
        "a key of a boto configuration",
        rb"\.boto|boto\.cfg",
        values(rb"^[ \t]{0,8}(?:\w{1,40}_secret_access_key|\w{1,40}_refresh_token|proxy_pass)" + _ASSIGNED),
    ),
    CredentialFile(
        "kaggle-key", "a Kaggle API key", rb"kaggle\.json", values(rb"\"key\"\s{0,8}:\s{0,8}\"([0-9a-f]{32})\"")
    ),
    CredentialFile(
        "filezilla",
        "a password of FileZilla",
        rb"(?:sitemanager|recentservers|filezilla)\.xml",
        values(rb"<Pass(?:[ ]encoding=\"(?:base64|plain)\")?>([^<>\s]{4,400})</Pass>"),
    ),
)
