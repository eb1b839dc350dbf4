"""Secrets of services and of what deploys them."""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

from imgtar.audit.secrets.credential_files.kind import CredentialFile, values
from imgtar.audit.secrets.words import is_literal, is_secret_name, is_secret_value

_ENVIRONMENT = re.compile(rb"^[ \t]{0,8}Environment[ \t]{0,8}=([^\n]{1,4000})", re.MULTILINE)
_UNIT_VARIABLE = re.compile(
    rb"(?<![^\s\"'])(?:\"([A-Za-z_]\w{0,80}+)=([^\"]{1,400})\"|'([A-Za-z_]\w{0,80}+)=([^']{1,400})'"
    rb"|([A-Za-z_]\w{0,80}+)=[\"']?([^\s\"']{1,400}))"
)
_VAULT_PASSWORD = re.compile(rb"[!-~](?:[ -~]{4,198}[!-~])\s{0,4}")


def _any(_value: bytes) -> bool:
    return True


def _systemd(body: bytes) -> Iterator[bytes]:
    for line in _ENVIRONMENT.finditer(body):
        for match in _UNIT_VARIABLE.finditer(line[1]):
            last = match.lastindex or 0
            if is_secret_name(match[last - 1]) and is_secret_value(match[last]):
                yield match[last]


def _vault_password(body: bytes) -> Iterator[bytes]:
    """A password file is one line of text; a script that prints the password begins with `#!`."""
    if _VAULT_PASSWORD.fullmatch(body) and is_secret_value(body.strip()) and not body.startswith((b"#", b"$ANSIBLE")):
        yield body.strip()


def _terraform_state(body: bytes) -> Iterator[bytes]:
    """The sensitive outputs of a state, and the attributes of its resources whose name announces a secret."""
    try:
        state = msgspec.json.decode(body)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        return
    if isinstance(state, dict):
        yield from _strings(state.get("outputs"), sensitive=False)
        yield from _strings(state.get("resources"), sensitive=False)


def _strings(value: object, *, sensitive: bool) -> Iterator[bytes]:
    """The strings below a value that is sensitive, and those below a name that announces a secret."""
    todo = [(value, sensitive)]
    while todo:
        node, secret = todo.pop()
        if isinstance(node, dict):
            marked = secret or node.get("sensitive") is True
            # An output has a type beside its value, and the type is not a secret.
            todo += [
                (child, (marked and name != "type") or is_secret_name(str(name).encode("utf-8", "replace")))
                for name, child in node.items()
                if name != "sensitive_attributes"
            ]
        elif isinstance(node, list):
            todo += [(child, secret) for child in node]
        elif secret and isinstance(node, str):
            text = node.encode("utf-8", "replace")
            if len(text) >= 6 and is_literal(text):
                yield text


FILES = (
    CredentialFile(
        "kubeconfig",
        "a key or token of a Kubernetes cluster",
        rb"config|kubeconfig.*|.*\.(?:conf|kubeconfig|ya?ml)",
        values(
            rb"^[ \t-]{0,20}(?:client-key-data|token|password):[ \t]{1,8}[\"']?([^\s\"']{8,20000})", needs=b"clusters:"
        ),
    ),
    CredentialFile(
        "terraform-state", "a sensitive value of a Terraform state", rb".*\.tfstate(?:\.backup)?", _terraform_state
    ),
    CredentialFile(
        "azure-token-cache",
        "a token of the Azure command line",
        rb"msal_token_cache.*|accesstokens\.json|service_principal_entries\.json",
        values(rb"\"(?:secret|refreshToken|client_secret|accessToken)\"\s{0,8}:\s{0,8}\"([^\"\s]{20,8000})\""),
    ),
    CredentialFile(
        "ansible-vault-password",
        "what looks like the password of an Ansible vault by its name",
        rb"\.?(?:ansible[_-]?)?vault[_-]?pass(?:word)?(?:[_-]?file)?(?:\.txt)?",
        _vault_password,
    ),
    CredentialFile(
        "rails-key",
        "the key of a Rails application's credentials",
        rb"[\w-]+\.key",
        values(rb"\A([0-9a-f]{32}|[0-9a-f]{64})\s{0,4}\Z"),
        folder=rb"(?:^|/)config/(?:credentials/)?$",
    ),
    CredentialFile(
        "jenkins-key",
        "a key of Jenkins, which opens its credentials",
        rb"master\.key|initialAdminPassword",
        values(rb"\A([0-9a-f]{256}|[0-9a-f]{32})\s{0,4}\Z"),
        folder=rb"(?:^|/)secrets/$",
    ),
    CredentialFile(
        "jenkins-credential",
        "a credential of Jenkins, encrypted with the key of the same installation",
        rb"credentials\.xml",
        values(
            rb"<(?:password|secret|passphrase|privateKey|apiToken|secretBytes)>\s{0,40}"
            rb"(\{AQA[A-Za-z0-9+/=]{12,20000}\})",
            _any,
        ),
    ),
    CredentialFile(
        "laravel-key",
        "the key of a Laravel application",
        rb"\.env.*|.*\.env",
        values(
            rb"^[ \t]{0,8}(?:export[ \t]{1,4})?APP_KEY[ \t]{0,4}=[ \t]{0,4}[\"']?"
            rb"(base64:[A-Za-z0-9+/]{21,43}={1,2})",
            _any,
        ),
    ),
    CredentialFile(
        "redis-password",
        "a password of Redis",
        rb"(?:redis|sentinel|valkey).*\.conf",
        values(
            rb"^[ \t]{0,8}(?:requirepass|masterauth|sentinel[ \t]{1,8}auth-pass[ \t]{1,8}\S{1,80})"
            rb"[ \t]{1,8}[\"']?([^\s\"']{1,400})"
        ),
    ),
    CredentialFile(
        "erlang-cookie",
        "the cookie that lets a node join an Erlang cluster",
        rb"\.erlang\.cookie",
        values(rb"\A([A-Za-z0-9_@.-]{6,255})\s{0,4}\Z"),
    ),
    CredentialFile(
        "systemd-environment",
        "a secret in the environment of a systemd unit",
        rb".*\.(?:service|socket|timer|conf)",
        _systemd,
    ),
)
