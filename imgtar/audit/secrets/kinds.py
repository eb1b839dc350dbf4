"""The kinds of secrets: for each a literal that the text must have, and a pattern that runs in linear time."""

from __future__ import annotations

import base64
import binascii
import re

from imgtar.audit.secrets.cloud_kinds import CLOUD_KINDS
from imgtar.audit.secrets.kind import ALNUM, EQUALS, HEX, TOKEN, SecretKind, has_right_checksum, phrase, token
from imgtar.audit.secrets.platform_kinds import PLATFORM_KINDS
from imgtar.audit.secrets.service_kinds import SERVICE_KINDS
from imgtar.audit.secrets.words import is_secret_value
from imgtar.severity import Severity

# A password in the URL of an example says that it is one, or is the name of a variable.
_EXAMPLE_PASSWORD = re.compile(
    rb"(?i:(?:a|my|some|the)?[ _-]?(?:p[a@]ss|p[a@]ssword|passwd|passphrase|secret)|username|token_value|x-oauth-basic)"
    rb"|[A-Z]+(?:_[A-Z]+)+"
)

_EXPIRY = re.compile(rb"\"exp\"\s{0,4}:\s{0,4}([0-9]{9,10})(?![0-9])")
_OLD = 1_577_836_800  # 2020-01-01: a token that expired before opens nothing
_SAMPLE_CLAIMS = re.compile(
    rb"\A(?=.*\"sub\":\s?\"1234567890\").*\"name\":\s?\"John Doe\"|\"http://example\.com/is_root\"|\{\"some\":\s?\"payload\"\}"
)


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


def _unquoted(text: bytes) -> bytes:
    """The text of a URL, its percent-encoded bytes decoded (RFC 3986, 2.1)."""
    return re.sub(rb"%([0-9A-Fa-f]{2})", lambda match: bytes.fromhex(match[1].decode()), text)


def _is_url_password(password: bytes) -> bool:
    return is_secret_value(password) and _EXAMPLE_PASSWORD.fullmatch(_unquoted(password)) is None


def _is_jwt(token: bytes) -> bool:
    """Does the header of the token name an algorithm, and can the token open anything?

    It opens nothing with the claims of jwt.io, RFC 7519 or a tutorial, or if it expired long ago.
    """
    header, claims = (_decoded(part) for part in token.split(b".")[:2])
    expiry = _EXPIRY.search(claims)
    return (
        header.startswith(b"{")
        and b'"alg"' in header
        and _SAMPLE_CLAIMS.search(claims) is None
        and (expiry is None or int(expiry[1]) >= _OLD)
    )


# The text between the lines of a PEM file, which may be in a string of JSON or of a program.
_GAP = rb"(?:\\[nrt]|[\s\"'+|>,;])"
_BEGIN = rb"-----BEGIN (?!ENCRYPTED )(?:[A-Z0-9]{2,10} ){0,2}PRIVATE KEY(?: BLOCK)?-----" + _GAP + rb"{1,60}"
_HEADERS = rb"(?:[A-Z][A-Za-z-]{2,20}: [^\r\n\\]{0,100}" + _GAP + rb"{1,20}){0,5}"
_BODY = rb"([A-Za-z0-9+/]{24,}+(?:" + _GAP + rb"*+[A-Za-z0-9+/=]++)*+)"
# OpenSSH's file names a cipher and a function that derives the key from the passphrase (PROTOCOL.key); without a
# passphrase both are `none`.
_ENCRYPTED_OPENSSH = rb"b3BlbnNzaC1rZXktdjEA(?!AAAABG5vbmUAAAAEbm9uZ)"
_ENCRYPTED_HEADER = rb"Proc-Type: 4,ENCRYPTED"  # RFC 1421, 4.6.1.1
_PEM = _BEGIN + rb"(?!" + _ENCRYPTED_HEADER + rb")" + _HEADERS + rb"(?!" + _ENCRYPTED_OPENSSH + rb")" + _BODY
_ENCRYPTED_PEM = (
    rb"(?:-----BEGIN ENCRYPTED PRIVATE KEY-----" + _GAP + rb"{1,60}|" + _BEGIN
    + rb"(?=" + _ENCRYPTED_HEADER + rb"|" + _ENCRYPTED_OPENSSH + rb"))" + _HEADERS + _BODY
)  # fmt: skip

# PuTTY's file says first what encrypts its private lines; its lines have a fixed order (PuTTY's manual, appendix C).
_PUTTY = (
    rb"PuTTY-User-Key-File-[0-9]: [\w@.-]{1,60}\r?\nEncryption: %b\r?\nComment: [^\r\n]{0,400}\r?\n"
    rb"Public-Lines: [0-9]{1,4}\r?\n(?:[A-Za-z0-9+/=]{1,64}\r?\n){1,400}+"
    rb"(?:[A-Z][\w-]{1,40}: [^\r\n]{0,200}\r?\n){0,8}?Private-Lines: [0-9]{1,4}\r?\n([A-Za-z0-9+/=\r\n]{32,}+)"
)

# GitLab's routable tokens end in .01., two characters of length and seven of checksum; the older ones in 20 characters,
# an agent's in 50.
_ROUTABLE = rb"[A-Za-z0-9_-]{27,300}\.[0-9a-z]{2}\.(?:[0-9a-z]{9}|[0-9a-z]{7})"
_GITLAB = rb"(?:" + _ROUTABLE + rb"|(?:t[0-9]_)?(?:[A-Za-z0-9_-]{50}|[A-Za-z0-9_-]{20}))(?!-)"

_URL_USER = rb"://[\w.%+~-]{0,60}+:"  # and the colon before a password; most URLs have none

SECRET_KINDS = (
    *CLOUD_KINDS,
    *SERVICE_KINDS,
    *PLATFORM_KINDS,
    phrase("gcp-service-account", "the key of a Google service account",
            rb"\"private_key_id\"\s{0,8}:\s{0,8}\"\w{8,64}\",\s{0,32}\"private_key\"\s{0,8}:\s{0,8}\"" + _PEM,
            b" PRIVATE KEY", entropy=4.0, reference="gcp-service-account"),
    phrase("private-key", "a private key", _PEM, b" PRIVATE KEY", entropy=4.0, reference="private-key"),
    phrase("encrypted-key", "a private key that is encrypted with a passphrase", _ENCRYPTED_PEM, b" PRIVATE KEY",
           entropy=4.0, reference="private-key", severity=Severity.LOW),
    phrase("putty-key", "a PuTTY private key", _PUTTY % rb"none", words=(b"PuTTY-User-Key-File-",), entropy=4.0),
    phrase("encrypted-putty-key", "a PuTTY private key that is encrypted with a passphrase",
           _PUTTY % rb"(?!none\s)[\w.-]{1,40}", words=(b"PuTTY-User-Key-File-",), entropy=4.0, severity=Severity.LOW),
    token("age-key", "an age secret key", b"AGE-SECRET-KEY-", rb"(?:PQ-)?1[02-9AC-HJ-NP-Z]{58}",
          reference="age-secret-key"),
    token("aws-access-key-id", "an AWS access key ID", rb"A[KSBC][IC]A", rb"[A-Z2-7]{16}",
           b"AKIA", b"ASIA", b"ABIA", b"ACCA", reference="aws-access-key-id"),
    phrase("aws-secret-access-key", "an AWS secret access key",
            rb"(?:_secret_access_key|_SECRET_ACCESS_KEY|ecretAccessKey)" + EQUALS
            + rb"([A-Za-z0-9/+]{40})(?![A-Za-z0-9/+=])",
            near=(b"ecretAccessKey", b"_secret_access_key", b"_SECRET_ACCESS_KEY"),
            entropy=3.5, reference="aws-secret-access-key"),
    token("alibaba-access-key-id", "an Alibaba Cloud access key ID", b"LTAI", ALNUM + rb"{20}",
           reference="alibaba-access-key-id"),
    token("google-api-key", "a Google API key", b"AIza", TOKEN + rb"{35}(?!-)"),
    token("google-oauth-secret", "a Google OAuth secret", b"GOCSPX-", TOKEN + rb"{28}(?!-)"),
    phrase("azure-storage-key", "an Azure storage key", rb"AccountKey=([A-Za-z0-9+/]{86}==)", near=(b"AccountKey=",),
            entropy=4.0),
    token("github-pat", "a GitHub token", b"ghp_", ALNUM + rb"{36}", reference="github-pat",
          issued=has_right_checksum),
    token("github-fine-grained-pat", "a GitHub token", b"github_pat_", ALNUM + rb"{22}_" + ALNUM + rb"{59}",
           reference="github-fine-grained-pat"),
    token("github-oauth", "a GitHub OAuth token", b"gho_", ALNUM + rb"{36}", reference="github-oauth",
          issued=has_right_checksum),
    token("github-app-token", "a GitHub app token", rb"gh[us]_",
           rb"(?:[A-Za-z0-9]{36}|[A-Za-z0-9]{1,20}_eyJ[A-Za-z0-9_-]{10,}+\.eyJ[A-Za-z0-9_-]{10,}+\.[A-Za-z0-9_-]{20,}+)",
          b"ghu_", b"ghs_",
           reference="github-app-token"),
    token("github-refresh-token", "a GitHub refresh token", b"ghr_", rb"(?:[A-Za-z0-9]{40})?" + ALNUM + rb"{36}",
           reference="github-refresh-token"),
    token("gitlab-pat", "a GitLab token", b"glpat-", _GITLAB, reference="gitlab-pat"),
    token("gitlab-runner-token", "a GitLab runner token", b"gl", rb"(?:rt|rtr)-" + _GITLAB, b"glrt-", b"glrtr-"),
    token("gitlab-runner-registration", "a GitLab registration token", b"GR1348941", TOKEN + rb"{20}(?!-)"),
    token("gitlab-token", "a GitLab token of another kind", b"gl",
          rb"(?:(?:dt|ft|soat|imt|ffct|wt|agent)-" + _GITLAB + rb"|ptt-(?:[0-9a-f]{40}|" + _ROUTABLE
          + rb")|imt-[A-Za-z0-9_-]{25}|cbt-(?:[A-Za-z0-9]{1,5}_)?[A-Za-z0-9_-]{20}|oas-[0-9a-f]{64})(?!-)",
          b"gldt-", b"glptt-", b"glcbt-", b"gloas-", b"glft-", b"glsoat-", b"glimt-", b"glffct-", b"glwt-",
          b"glagent-"),
    token("slack-token", "a Slack token", b"x",
           rb"(?:ox[abceprs]-(?:2-)?(?:[0-9]{8,14}-){1,3}[A-Za-z0-9]{16,80}|oxe(?:\.xox[bp])?-1-[A-Za-z0-9]{140,180}"
           rb"|oxd-[A-Za-z0-9%+/=_-]{40,300}|app-[0-9]-A[A-Z0-9]{8,12}-[0-9]{10,14}-[0-9a-f]{64})(?!-)",
          b"xox", b"xapp-",
           reference="slack-access-token"),
    phrase("slack-webhook", "a Slack webhook",
            rb"hooks\.slack\.com/(?:services/T[A-Z0-9]{8,12}/B[A-Z0-9]{8,12}|workflows/T[A-Z0-9]{8,12}/A[A-Z0-9]{8,12}"
            rb"/[0-9]{15,20})/([A-Za-z0-9]{24})(?![A-Za-z0-9])",
            near=(b"hooks.slack.com/",), reference="slack-web-hook"),
    token("stripe-key", "a Stripe live key", rb"[sr]k_live_", ALNUM + rb"{24,107}", b"sk_live_", b"rk_live_",
           reference="stripe-secret-token"),
    token("twilio-key", "a Twilio API key", b"SK", HEX + rb"{32}",
           *(b"SK%x" % digit for digit in range(16)), reference="twilio-api-key"),
    token("sendgrid-key", "a SendGrid key", rb"SG\.", TOKEN + rb"{22}\." + TOKEN + rb"{43}(?!-)",
           reference="sendgrid-api-token"),
    phrase("mailgun-key", "a Mailgun key",
            rb"(?:AILGUN|ailgun)[\w.-]{0,30}" + EQUALS + rb"(key-[0-9a-f]{32})(?![A-Za-z0-9_-])",
            words=(b"key-",), reference="mailgun-token"),
    token("npm-token", "an npm token", b"npm_", ALNUM + rb"{36}", reference="npm-access-token",
          issued=has_right_checksum),
    phrase("npmrc-auth", "an npm registry login",
            rb"_auth(?<![\w.]_auth)(?:Token)?" + EQUALS + rb"([A-Za-z0-9+/_-]{16,200}+={0,2})(?![\w.(\[+/=-])",
            b"_auth", accepts=_is_npm_login),
    token("pypi-token", "a PyPI token", b"pypi-AgE",
           rb"(?:IcHlwaS5vcmc|NdGVzdC5weXBpLm9yZ)" + TOKEN + rb"{50,1000}(?!-)",
           reference="pypi-upload-token"),
    token("rubygems-token", "a RubyGems token", b"rubygems_", HEX + rb"{48}", reference="rubygems-api-token"),
    token("docker-hub-token", "a Docker Hub token", b"dckr_",
           rb"(?:pat_[A-Za-z0-9_-]{27}|oat_[A-Za-z0-9_-]{32})(?!-)"),
    phrase("docker-config-auth", "a registry login", rb"\"auth\"\s{0,8}:\s{0,8}\"([A-Za-z0-9+/]{8,4000}={0,2})\"",
            b"\"auth\"", entropy=2.5, accepts=_is_login, reference="dockerconfig-secret"),
    token("digitalocean-token", "a DigitalOcean token", rb"do[opr]_v1_", HEX + rb"{64}",
           b"dop_v1_", b"doo_v1_", b"dor_v1_"),
    token("shopify-token", "a Shopify token", b"shp", rb"(?:at|ca|pa|ss)_[0-9a-fA-F]{32}",
           reference="shopify-token"),
    token("vault-token", "a Vault token", rb"hv[sbr]\.", TOKEN + rb"{24,300}(?!-)", b"hvs.", b"hvb.", b"hvr."),
    phrase("terraform-token", "a Terraform Cloud token",
            rb"(?<![\w.-])[A-Za-z0-9]{14}\.atlasv1\.[A-Za-z0-9_=-]{60,70}(?![\w-])", near=(b".atlasv1.",),
            reference="hashicorp-tf-api-token"),
    token("hugging-face-token", "a Hugging Face token", b"hf_", ALNUM + rb"{34,40}",
           reference="hugging-face-access-token"),
    token("anthropic-key", "an Anthropic API key", b"sk-ant-", rb"[a-z]{3,8}[0-9]{2}-" + TOKEN + rb"{93}AA(?!-)"),
    token("openai-key", "an OpenAI API key", b"sk-",
           rb"(?:proj-|svcacct-|admin-|None-)?[A-Za-z0-9_-]{20,100}T3BlbkFJ[A-Za-z0-9_-]{20,100}(?!-)"),
    token("databricks-token", "a Databricks token", b"dapi", HEX + rb"{32}(?:-[0-9])?",
           reference="databricks-api-token"),
    token("atlassian-token", "an Atlassian API token", b"ATATT3", TOKEN + rb"{170,190}=[0-9A-F]{8}",
           reference="atlassian-api-token"),
    token("sentry-token", "a Sentry token", b"sntry",
           rb"(?:u_[0-9a-f]{64}|s_eyJ[A-Za-z0-9+/]{80,400}={0,2}_[A-Za-z0-9+/]{43})", b"sntry"),
    token("grafana-token", "a Grafana token", b"gl",
           rb"(?:sa_[A-Za-z0-9]{32}_[0-9a-fA-F]{8}|c_eyJ[A-Za-z0-9+/]{60,400}={0,2})", b"glsa_", b"glc_",
           reference="grafana-api-token"),
    token("new-relic-key", "a New Relic user key", b"NRAK-", rb"[A-Z0-9]{27}", reference="new-relic-user-api-key"),
    token("doppler-token", "a Doppler token", rb"dp\.",
           rb"(?:pt|ct|sa|scim|audit|st(?:\.[a-z0-9_-]{2,35})?)\.[A-Za-z0-9]{40,44}", b"dp.",
           reference="doppler-api-token"),
    token("pulumi-token", "a Pulumi token", b"pul-", HEX + rb"{40}", reference="pulumi-api-token"),
    token("postman-key", "a Postman API key", b"PMAK-", rb"[0-9a-f]{24}-[0-9a-f]{34}", reference="postman-api-token"),
    token("heroku-key", "a Heroku API key", b"HRKU-", rb"AA" + TOKEN + rb"{58}(?!-)", reference="heroku-api-key"),
    phrase("telegram-bot-token", "a Telegram bot token",
            rb":(AA[E-H](?<=[0-9]{8}:AA[E-H])[A-Za-z0-9_-]{32})(?![A-Za-z0-9_-])",
            words=(b"AAE", b"AAF", b"AAG", b"AAH")),
    phrase("jwt", "a JSON Web Token",
            rb"eyJ(?<![A-Za-z0-9_-]eyJ)[A-Za-z0-9_-]{14,}+\.eyJ[A-Za-z0-9_-]{10,}+\.[A-Za-z0-9_-]{20,}+",
            words=(b"eyJ",), entropy=3.5, accepts=_is_jwt, reference="jwt-token"),
    phrase("url-password", "a password in a URL",
            _URL_USER + rb"([^\s:/@$<{\"'*#?\\]{4,200}+)@(?!localhost\b|127\.|\[::1\]|example\.)[A-Za-z0-9\[]", b"://",
            entropy=2.0, accepts=_is_url_password, begins=_URL_USER),
)  # fmt: skip

GENERIC = SecretKind(
    "generic",
    "a password or token",
    # A name, and a value: text in quotes without blanks, or a bare word that no code follows. Between them is a
    # comma, as in define('DB_PASSWORD', '…'), a colon or an equals sign. `--- PASS: …` is the verdict of a Go test.
    re.compile(
        rb"(?<![\w.$-])(?<!\$\{)(?<!--- )([A-Za-z_][\w.-]{2,80}+)(?:\\?[\"'])?[ \t]{0,8}"
        rb"(?:=>|:=|[=:>]|(?<=[A-Z][\"']),)[ \t]{0,8}"
        rb"(?:\"([^\s\"]{6,200})\"|'([^\s']{6,200})'|([^\s\"'`#;,<>{}$()\[\]\\]{6,200}+)(?=[\s\"';,<}&]|$))"
    ),
    entropy=2.5,
    severity=Severity.HIGH,
)

DESCRIPTIONS = {kind.name: kind.description for kind in (*SECRET_KINDS, GENERIC)}
