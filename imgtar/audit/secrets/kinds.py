"""The kinds of secrets: for each a literal that the text must have, and a pattern that runs in linear time."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable

import msgspec

from imgtar.audit.secrets.words import entropy, is_secret_value

_TOKEN = rb"[A-Za-z0-9_-]"
_ALNUM = rb"[A-Za-z0-9]"
_HEX = rb"[0-9a-f]"
_EQUALS = rb"[\"']?[ \t]{0,4}[=:][ \t]{0,4}[\"']?"  # between a name and its value, in every notation


_EXAMPLE_PASSWORDS = frozenset((b"password", b"passwd", b"secret", b"passphrase", b"username", b"token_value"))


class SecretKind(msgspec.Struct, frozen=True):
    """A text that holds such a secret holds one of `literals`, or a long word that starts with one of `words`.

    A long word is one of 20 or more letters, digits, underscores, hyphens and dots. Group 1 of `pattern` (or all of
    it) is the secret itself, if it has at least `entropy` bits per character and is accepted. `references` are the
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

    def is_secret(self, secret: bytes) -> bool:
        """Is the match a secret? Keys in the documentation of vendors contain EXAMPLE and are not."""
        return (
            b"EXAMPLE" not in secret
            and entropy(secret) >= self.entropy
            and (self.accepts is None or self.accepts(secret))
        )


def _token(
    name: str, description: str, prefix: bytes, rest: bytes, *words: bytes, entropy: float = 3.0, reference: str = ""
) -> SecretKind:
    """A token that is a long word: a prefix of fixed length, which starts with one of `words`, and the rest.

    The pattern starts with the prefix itself and then looks back: `re` finds a leading literal quickly.
    """
    pattern = prefix + rb"(?<![A-Za-z0-9_]" + prefix + rb")" + rest + rb"(?![A-Za-z0-9_])"
    references = (reference,) if reference else ()
    starts = words or (prefix.replace(b"\\", b""),)
    return SecretKind(name, description, re.compile(pattern), words=starts, entropy=entropy, references=references)


def _phrase(
    name: str,
    description: str,
    pattern: bytes,
    *literals: bytes,
    words: tuple[bytes, ...] = (),
    entropy: float = 3.0,
    reference: str = "",
    accepts: Callable[[bytes], bool] | None = None,
) -> SecretKind:
    """A secret that is known by the text before it."""
    references = (reference,) if reference else ()
    return SecretKind(name, description, re.compile(pattern), literals, words, entropy, references, accepts)


def _decoded(encoded: bytes) -> bytes:
    try:
        return base64.urlsafe_b64decode(encoded.rstrip(b"=") + b"=" * (-len(encoded.rstrip(b"=")) % 4))
    except binascii.Error:
        return b""


def _is_login(encoded: bytes) -> bool:
    """`user:password` in base64."""
    user, colon, password = _decoded(encoded).partition(b":")
    return bool(user and colon and password) and user.isascii()


def _is_npm_login(value: bytes) -> bool:
    return any(character in b"0123456789" for character in value) and is_secret_value(value)


def _is_url_password(password: bytes) -> bool:
    return is_secret_value(password) and password.lower() not in _EXAMPLE_PASSWORDS


def _is_jwt(token: bytes) -> bool:
    """Does the header of the token name an algorithm? The example token of the tutorials is not a secret."""
    header = _decoded(token.partition(b".")[0])
    return (
        b".eyJzdWIiOiIxMjM0NTY3ODkwIiwibmFtZSI6IkpvaG4gRG9lI" not in token
        and header.startswith(b"{")
        and b'"alg"' in header
    )


# The text between the lines of a PEM file, which may be in a string of JSON or of a program.
_GAP = rb"(?:\\[nrt]|[\s\"'+|>,;])"
_PEM = (
    rb"-----BEGIN (?:[A-Z0-9]{2,10} ){0,2}PRIVATE KEY(?: BLOCK)?-----" + _GAP + rb"{1,60}"
    rb"(?:[A-Z][A-Za-z-]{2,20}: [^\r\n\\]{0,100}" + _GAP + rb"{1,20}){0,5}"
    rb"([A-Za-z0-9+/]{24,}+(?:" + _GAP + rb"*+[A-Za-z0-9+/=]++)*+)"
)  # fmt: skip

SECRET_KINDS = (
    _phrase("gcp-service-account", "the key of a Google service account",
            rb"\"private_key_id\"\s{0,8}:\s{0,8}\"\w{8,64}\",\s{0,32}\"private_key\"\s{0,8}:\s{0,8}\"" + _PEM,
            b" PRIVATE KEY", entropy=4.0, reference="gcp-service-account"),
    _phrase("private-key", "a private key", _PEM, b" PRIVATE KEY", entropy=4.0, reference="private-key"),
    _phrase("putty-key", "a PuTTY private key", rb"Private-Lines: [0-9]{1,3}\r?\n([A-Za-z0-9+/=\r\n]{32,}+)",
            words=(b"PuTTY-User-Key-File-",), entropy=4.0),
    _token("age-key", "an age secret key", b"AGE-SECRET-KEY-1", rb"[02-9AC-HJ-NP-Z]{58}", reference="age-secret-key"),
    _token("aws-access-key-id", "an AWS access key ID", rb"A[KSBC][IC]A", rb"[A-Z2-7]{16}",
           b"AKIA", b"ASIA", b"ABIA", b"ACCA", reference="aws-access-key-id"),
    _phrase("aws-secret-access-key", "an AWS secret access key",
            rb"(?:_secret_access_key|_SECRET_ACCESS_KEY|ecretAccessKey)" + _EQUALS
            + rb"([A-Za-z0-9/+]{40})(?![A-Za-z0-9/+=])",
            b"ecretAccessKey", b"_secret_access_key", b"_SECRET_ACCESS_KEY",
            entropy=3.5, reference="aws-secret-access-key"),
    _token("alibaba-access-key-id", "an Alibaba Cloud access key ID", b"LTAI", _ALNUM + rb"{20}",
           reference="alibaba-access-key-id"),
    _token("google-api-key", "a Google API key", b"AIza", _TOKEN + rb"{35}(?!-)"),
    _token("google-oauth-secret", "a Google OAuth secret", b"GOCSPX-", _TOKEN + rb"{28}(?!-)"),
    _phrase("azure-storage-key", "an Azure storage key", rb"AccountKey=([A-Za-z0-9+/]{86}==)", b"AccountKey=",
            entropy=4.0),
    _token("github-pat", "a GitHub token", b"ghp_", _ALNUM + rb"{36}", reference="github-pat"),
    _token("github-fine-grained-pat", "a GitHub token", b"github_pat_", _ALNUM + rb"{22}_" + _ALNUM + rb"{59}",
           reference="github-fine-grained-pat"),
    _token("github-oauth", "a GitHub OAuth token", b"gho_", _ALNUM + rb"{36}", reference="github-oauth"),
    _token("github-app-token", "a GitHub app token", rb"gh[us]_", _ALNUM + rb"{36}", b"ghu_", b"ghs_",
           reference="github-app-token"),
    _token("github-refresh-token", "a GitHub refresh token", b"ghr_", rb"(?:[A-Za-z0-9]{40})?" + _ALNUM + rb"{36}",
           reference="github-refresh-token"),
    _token("gitlab-pat", "a GitLab token", b"glpat-",
           rb"(?:[A-Za-z0-9_-]{27,300}\.[0-9a-z]{2}\.?[0-9a-z]{7}|[A-Za-z0-9_-]{20})(?!-)", reference="gitlab-pat"),
    _token("gitlab-runner-token", "a GitLab runner token", b"glrt-",
           rb"(?:[A-Za-z0-9_-]{27,300}\.[0-9a-z]{2}\.?[0-9a-z]{7}|(?:t[0-9]_)?[A-Za-z0-9_-]{20})(?!-)"),
    _token("gitlab-token", "a GitLab deploy, trigger, job or OAuth token", b"gl",
           rb"(?:dt-[A-Za-z0-9_-]{20}|ptt-[0-9a-f]{40}|cbt-[A-Za-z0-9]{1,5}_[A-Za-z0-9_-]{20}|oas-[0-9a-f]{64})(?!-)",
           b"gldt-", b"glptt-", b"glcbt-", b"gloas-"),
    _token("slack-token", "a Slack token", b"x",
           rb"(?:ox[abpr]-(?:2-)?(?:[0-9]{8,14}-){1,3}[A-Za-z0-9]{16,80}|oxe(?:\.xox[bp])?-1-[A-Za-z0-9]{140,180}"
           rb"|app-[0-9]-A[A-Z0-9]{8,12}-[0-9]{10,14}-[0-9a-f]{64})(?!-)", b"xox", b"xapp-",
           reference="slack-access-token"),
    _phrase("slack-webhook", "a Slack webhook",
            rb"hooks\.slack\.com/(?:services/T[A-Z0-9]{8,12}/B[A-Z0-9]{8,12}|workflows/T[A-Z0-9]{8,12}/A[A-Z0-9]{8,12}"
            rb"/[0-9]{15,20})/([A-Za-z0-9]{24})(?![A-Za-z0-9])",
            b"hooks.slack.com/", reference="slack-web-hook"),
    _token("stripe-key", "a Stripe live key", rb"[sr]k_live_", _ALNUM + rb"{24,107}", b"sk_live_", b"rk_live_",
           reference="stripe-secret-token"),
    _token("twilio-key", "a Twilio API key", b"SK", _HEX + rb"{32}",
           *(b"SK%x" % digit for digit in range(16)), reference="twilio-api-key"),
    _token("sendgrid-key", "a SendGrid key", rb"SG\.", _TOKEN + rb"{22}\." + _TOKEN + rb"{43}(?!-)",
           reference="sendgrid-api-token"),
    _phrase("mailgun-key", "a Mailgun key",
            rb"(?:AILGUN|ailgun)[\w.-]{0,30}" + _EQUALS + rb"(key-[0-9a-f]{32})(?![A-Za-z0-9_-])",
            words=(b"key-",), reference="mailgun-token"),
    _token("npm-token", "an npm token", b"npm_", _ALNUM + rb"{36}", reference="npm-access-token"),
    _phrase("npmrc-auth", "an npm registry login",
            rb"_auth(?<![\w.]_auth)(?:Token)?" + _EQUALS + rb"([A-Za-z0-9+/_-]{16,200}+={0,2})(?![\w.(\[+/=-])",
            b"_auth", accepts=_is_npm_login),
    _token("pypi-token", "a PyPI token", b"pypi-AgE",
           rb"(?:IcHlwaS5vcmc|NdGVzdC5weXBpLm9yZ)" + _TOKEN + rb"{50,1000}(?!-)",
           reference="pypi-upload-token"),
    _token("rubygems-token", "a RubyGems token", b"rubygems_", _HEX + rb"{48}", reference="rubygems-api-token"),
    _token("docker-hub-token", "a Docker Hub token", b"dckr_",
           rb"(?:pat_[A-Za-z0-9_-]{27}|oat_[A-Za-z0-9_-]{32})(?!-)"),
    _phrase("docker-config-auth", "a registry login", rb"\"auth\"\s{0,8}:\s{0,8}\"([A-Za-z0-9+/]{8,4000}={0,2})\"",
            b"\"auth\"", entropy=2.5, accepts=_is_login, reference="dockerconfig-secret"),
    _token("digitalocean-token", "a DigitalOcean token", rb"do[opr]_v1_", _HEX + rb"{64}",
           b"dop_v1_", b"doo_v1_", b"dor_v1_"),
    _token("shopify-token", "a Shopify token", b"shp", rb"(?:at|ca|pa|ss)_[0-9a-fA-F]{32}",
           reference="shopify-token"),
    _token("vault-token", "a Vault token", rb"hv[sb]\.", _TOKEN + rb"{24,300}(?!-)", b"hvs.", b"hvb."),
    _phrase("terraform-token", "a Terraform Cloud token",
            rb"(?<![\w.-])[A-Za-z0-9]{14}\.atlasv1\.[A-Za-z0-9_=-]{60,70}(?![\w-])", b".atlasv1.",
            reference="hashicorp-tf-api-token"),
    _token("hugging-face-token", "a Hugging Face token", b"hf_", _ALNUM + rb"{34,40}",
           reference="hugging-face-access-token"),
    _token("anthropic-key", "an Anthropic API key", b"sk-ant-", rb"[a-z]{3,8}[0-9]{2}-" + _TOKEN + rb"{93}AA(?!-)"),
    _token("openai-key", "an OpenAI API key", b"sk-",
           rb"(?:proj-|svcacct-|admin-|None-)?[A-Za-z0-9_-]{20,100}T3BlbkFJ[A-Za-z0-9_-]{20,100}(?!-)"),
    _token("databricks-token", "a Databricks token", b"dapi", _HEX + rb"{32}(?:-[0-9])?",
           reference="databricks-api-token"),
    _token("atlassian-token", "an Atlassian API token", b"ATATT3", _TOKEN + rb"{170,190}=[0-9A-F]{8}",
           reference="atlassian-api-token"),
    _token("sentry-token", "a Sentry token", b"sntry",
           rb"(?:u_[0-9a-f]{64}|s_eyJ[A-Za-z0-9+/]{80,400}={0,2}_[A-Za-z0-9+/]{43})", b"sntry"),
    _token("grafana-token", "a Grafana token", b"gl",
           rb"(?:sa_[A-Za-z0-9]{32}_[0-9a-fA-F]{8}|c_eyJ[A-Za-z0-9+/]{60,400}={0,2})", b"glsa_", b"glc_",
           reference="grafana-api-token"),
    _token("new-relic-key", "a New Relic user key", b"NRAK-", rb"[A-Z0-9]{27}", reference="new-relic-user-api-key"),
    _token("doppler-token", "a Doppler token", rb"dp\.",
           rb"(?:pt|ct|sa|scim|audit|st(?:\.[a-z0-9_-]{2,35})?)\.[A-Za-z0-9]{40,44}", b"dp.",
           reference="doppler-api-token"),
    _token("pulumi-token", "a Pulumi token", b"pul-", _HEX + rb"{40}", reference="pulumi-api-token"),
    _token("postman-key", "a Postman API key", b"PMAK-", rb"[0-9a-f]{24}-[0-9a-f]{34}", reference="postman-api-token"),
    _token("heroku-key", "a Heroku API key", b"HRKU-", rb"AA" + _TOKEN + rb"{58}(?!-)", reference="heroku-api-key"),
    _phrase("telegram-bot-token", "a Telegram bot token",
            rb":(AA[E-H](?<=[0-9]{8}:AA[E-H])[A-Za-z0-9_-]{32})(?![A-Za-z0-9_-])",
            words=(b"AAE", b"AAF", b"AAG", b"AAH")),
    _phrase("jwt", "a JSON Web Token",
            rb"eyJ(?<![A-Za-z0-9_-]eyJ)[A-Za-z0-9_-]{14,}+\.eyJ[A-Za-z0-9_-]{10,}+\.[A-Za-z0-9_-]{20,}+",
            words=(b"eyJ",), entropy=3.5, accepts=_is_jwt, reference="jwt-token"),
    _phrase("url-password", "a password in a URL",
            rb"://[\w.%+~-]{0,60}+:([^\s:/@$<{\"'*#?\\]{4,200}+)@(?!localhost\b|127\.|\[::1\]|example\.)[A-Za-z0-9\[]", b"://",
            entropy=2.0, accepts=_is_url_password),
)  # fmt: skip

GENERIC = SecretKind(
    "generic",
    "a password or token",
    # A name, and a value: text in quotes without blanks, or a bare word that no code follows. Between them is a
    # comma, as in define('DB_PASSWORD', '…'), a colon or an equals sign.
    re.compile(
        rb"(?<![\w.$-])(?<!\$\{)([A-Za-z_][\w.-]{2,80}+)(?:\\?[\"'])?[ \t]{0,8}"
        rb"(?:=>|:=|[=:>]|(?<=[A-Z][\"']),)[ \t]{0,8}"
        rb"(?:\"([^\s\"]{6,200})\"|'([^\s']{6,200})'|([^\s\"'`#;,<>{}$()\[\]\\]{6,200}+)(?=[\s\"';,<}&]|$))"
    ),
    entropy=2.5,
)
