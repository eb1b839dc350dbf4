"""The kinds of secrets that are looked for: a literal that must be there, and a linear pattern around it."""

from __future__ import annotations

import math
import re
from collections import Counter

import msgspec

_TOKEN = rb"[A-Za-z0-9_-]"


class SecretKind(msgspec.Struct, frozen=True):
    """One of `literals` is in every secret of the kind; group 1 of `pattern` (or all of it) is the secret itself.

    `entropy` is the least number of bits per character that the secret must have.
    """

    name: str
    what: str
    literals: tuple[bytes, ...]
    pattern: re.Pattern[bytes]
    entropy: float = 0.0


def _kind(
    name: str, what: str, literals: bytes | tuple[bytes, ...], pattern: bytes, entropy: float = 0.0
) -> SecretKind:
    given = (literals,) if isinstance(literals, bytes) else literals
    return SecretKind(name, what, given, re.compile(pattern), entropy)


def _bounded(pattern: bytes) -> bytes:
    """The pattern with no letter, digit or underscore right before or behind it."""
    return rb"(?<![A-Za-z0-9_])(?:" + pattern + rb")(?![A-Za-z0-9_])"


SECRET_KINDS = (
    _kind("private-key", "a private key", b"PRIVATE KEY",
          rb"-----BEGIN (?:[A-Z]{2,10} ){0,2}PRIVATE KEY(?: BLOCK)?-----"),
    _kind("putty-key", "a PuTTY private key", b"PuTTY-User-Key-File-", rb"PuTTY-User-Key-File-[23]: [a-z0-9-]{6,30}"),
    _kind("age-key", "an age secret key", b"AGE-SECRET-KEY-1", rb"AGE-SECRET-KEY-1[0-9A-Z]{58}"),
    _kind("aws-access-key-id", "an AWS access key ID", b"A", _bounded(rb"(?:AKIA|ASIA)[0-9A-Z]{16}"), 3.0),
    _kind("aws-secret-access-key", "an AWS secret access key", (b"secret_access_key", b"SECRET_ACCESS_KEY"),
          rb"(?i:aws_secret_access_key)[\"']?\s{0,4}[=:]\s{0,4}[\"']?([A-Za-z0-9/+]{40})(?![A-Za-z0-9/+=])", 3.5),
    _kind("gcp-service-account", "a Google service account key", b"service_account",
          rb"\"type\"\s{0,4}:\s{0,4}\"service_account\""),
    _kind("google-api-key", "a Google API key", b"AIza", _bounded(rb"AIza" + _TOKEN + rb"{35}"), 3.0),
    _kind("google-oauth-secret", "a Google OAuth secret", b"GOCSPX-", _bounded(rb"GOCSPX-" + _TOKEN + rb"{28}"), 3.0),
    _kind("azure-storage-key", "an Azure storage key", b"AccountKey=", rb"AccountKey=([A-Za-z0-9+/]{86}==)", 4.0),
    _kind("github-pat", "a GitHub token", b"ghp_", _bounded(rb"ghp_[A-Za-z0-9]{36}"), 3.0),
    _kind("github-fine-grained-pat", "a GitHub token", b"github_pat_", _bounded(rb"github_pat_[A-Za-z0-9_]{82}"), 3.0),
    _kind("github-oauth", "a GitHub OAuth token", b"gho_", _bounded(rb"gho_[A-Za-z0-9]{36}"), 3.0),
    _kind("github-app-token", "a GitHub app token", b"gh", _bounded(rb"gh[us]_[A-Za-z0-9]{36}"), 3.0),
    _kind("github-refresh-token", "a GitHub refresh token", b"ghr_", _bounded(rb"ghr_[A-Za-z0-9]{36,76}"), 3.0),
    _kind("gitlab-pat", "a GitLab token", b"glpat-", _bounded(rb"glpat-" + _TOKEN + rb"{20}"), 3.0),
    _kind("gitlab-runner-token", "a GitLab runner token", b"glrt-", _bounded(rb"glrt-" + _TOKEN + rb"{20}"), 3.0),
    _kind("slack-token", "a Slack token", b"xox", _bounded(rb"xox[abprs]-[0-9]{8,14}-[A-Za-z0-9-]{16,80}"), 3.0),
    _kind("slack-webhook", "a Slack webhook", b"hooks.slack.com/services/",
          rb"hooks\.slack\.com/services/T[A-Z0-9]{8,12}/B[A-Z0-9]{8,12}/[A-Za-z0-9]{24}"),
    _kind("stripe-key", "a Stripe live key", b"k_live_", _bounded(rb"[sr]k_live_[A-Za-z0-9]{24,99}"), 3.0),
    _kind("twilio-key", "a Twilio API key", b"SK", _bounded(rb"SK[0-9a-f]{32}"), 3.0),
    _kind("sendgrid-key", "a SendGrid key", b"SG.", _bounded(rb"SG\." + _TOKEN + rb"{22}\." + _TOKEN + rb"{43}"), 3.0),
    _kind("mailgun-key", "a Mailgun key", b"key-", _bounded(rb"key-[0-9a-f]{32}"), 3.0),
    _kind("npm-token", "an npm token", b"npm_", _bounded(rb"npm_[A-Za-z0-9]{36}"), 3.0),
    _kind("npmrc-auth", "an npm registry login", b"_auth",
          rb"_auth(?:Token)?\s{0,4}=\s{0,4}([A-Za-z0-9+/=_-]{16,200})", 3.0),
    _kind("pypi-token", "a PyPI token", b"pypi-AgEI", _bounded(rb"pypi-AgEI" + _TOKEN + rb"{50,200}"), 3.0),
    _kind("rubygems-token", "a RubyGems token", b"rubygems_", _bounded(rb"rubygems_[0-9a-f]{48}"), 3.0),
    _kind("docker-hub-token", "a Docker Hub token", b"dckr_pat_", _bounded(rb"dckr_pat_" + _TOKEN + rb"{27}"), 3.0),
    _kind("docker-config-auth", "a registry login", b"\"auth\"",
          rb"\"auth\"\s{0,8}:\s{0,8}\"([A-Za-z0-9+/]{12,400}={0,2})\"", 2.5),
    _kind("digitalocean-token", "a DigitalOcean token", b"do", _bounded(rb"do[opr]_v1_[0-9a-f]{64}"), 3.0),
    _kind("shopify-token", "a Shopify token", b"shp", _bounded(rb"shp(?:at|ca|pa|ss)_[0-9a-fA-F]{32}"), 3.0),
    _kind("vault-token", "a Vault token", b"hvs.", _bounded(rb"hvs\." + _TOKEN + rb"{24,200}"), 3.0),
    _kind("hugging-face-token", "a Hugging Face token", b"hf_", _bounded(rb"hf_[A-Za-z]{34}"), 3.0),
    _kind("telegram-bot-token", "a Telegram bot token", b":AA", _bounded(rb"[0-9]{8,10}:AA" + _TOKEN + rb"{33}"), 3.0),
    _kind("jwt", "a JSON Web Token", b"eyJ",
          _bounded(rb"eyJ[A-Za-z0-9_-]{10,2000}\.eyJ[A-Za-z0-9_-]{10,4000}\.[A-Za-z0-9_-]{20,1000}"), 3.5),
    _kind("url-password", "a password in a URL", b"://",
          rb"://[A-Za-z0-9._%-]{1,60}:([^\s:/@$<{\"'*]{4,100})@[A-Za-z0-9.-]{1,100}", 2.0),
)  # fmt: skip

_WORDS = rb"password|passwd|pwd|secret|token|api[_-]?key|access[_-]?key|private[_-]?key|credentials?"
GENERIC = SecretKind(
    "generic",
    "a password or token",
    (),
    re.compile(
        rb"(?im)^[ \t\"']{0,20}(?:export[ \t]+)?([A-Za-z0-9_.-]{0,40}?(?:" + _WORDS + rb")[A-Za-z0-9_]{0,10})[\"']?"
        rb"[ \t]{0,8}[=:][ \t]{0,8}[\"']?([^\s\"'#;,<>{}$()\[\]]{6,200})"
    ),
    2.5,
)
# A name with one of these words tells where a secret is, or that it is none.
_NO_SECRET_NAME = re.compile(
    rb"(?i)file|path|dir|public|url|uri|length|policy|prompt|min|max|field|header|name|type|expire|algo"
)
_NO_SECRET_VALUE = re.compile(
    rb"(?i)(?:true|false|null|none|yes|no|on|off|changeme|example|placeholder|redacted|required|optional|x{4,}|\*+"
    rb"|[a-z]+\(.*|/.*|\./.*|[0-9.]+|.*\.(?:com|org|txt|json|ya?ml|conf|pem|key)|your.*|my.*|the.*|some.*|test.*|dummy.*)"
)


def entropy(secret: bytes) -> float:
    """Shannon entropy in bits per character."""
    total = len(secret)
    return -sum(count / total * math.log2(count / total) for count in Counter(secret).values()) if total else 0.0


def is_secret_name(name: bytes) -> bool:
    """Does a variable of this name hold a secret, by its words?"""
    words = re.split(rb"[^A-Za-z0-9]+|(?<=[a-z])(?=[A-Z])", name)
    found = re.search(rb"(?i)(?:^|[^a-z])(?:" + _WORDS + rb"|pass|auth)s?(?:$|[^a-z])", b"_".join(words))
    return found is not None and _NO_SECRET_NAME.search(name) is None


def is_secret_value(value: bytes) -> bool:
    """Could it be a secret, and not a switch, a path, a reference or a word of documentation?"""
    return len(value) >= 6 and not value.startswith(b"$") and _NO_SECRET_VALUE.fullmatch(value) is None


def redacted(secret: bytes) -> str:
    """What may be shown of a secret: its first four characters and its length."""
    shown = secret[:4].decode("ascii", "replace")
    return f"{shown}… ({len(secret)} characters)"
