"""Redaction: an instruction, a variable or a label as it may be printed, without its secrets."""

from __future__ import annotations

import re
from collections.abc import Iterator

from imgtar.audit.secrets.search import candidates
from imgtar.audit.secrets.words import is_literal, is_secret_name, redacted

# The text before a value. Group 1, if there is one, is the name that says whether the value is a secret.
_NAME = rb"([A-Za-z_][\w.-]{0,80}+)"
_GAP = rb"[ \t]{1,8}"
_WITH_PASSWORD = (  # programs that take a password after -p, -P or -a
    rb"mysql\w*|mariadb\w*|sshpass|login|mongo\w*|htpasswd|sqlcmd|useradd|usermod|zip|unzip|nuget|redis-cli"
)
_INTRODUCTIONS = tuple(
    re.compile(lead)
    for lead in (
        rb"(?<![\w.-])-{0,2}" + _NAME + rb"(?:\\{0,3}[\"'])?[ \t]{0,8}(?:=>|:=|[=:])[ \t]{0,8}",
        rb"(?<![\w-])--?" + _NAME + rb"(?:[ \t]{1,8}|\\{0,3}[\"'],?[ \t]{0,8})",
        rb"(?<!\S)(?:ENV|ARG|LABEL)" + _GAP + _NAME + _GAP,
        _NAME + rb"[ \t]{0,4}=[ \t]{0,4}[\"']?(?:\$\(|`)[ \t]{0,4}(?:echo|printf)" + _GAP,
        rb"\bconfig(?:ure)?" + _GAP + rb"set" + _GAP + rb"(?:[^\s=]{0,200}[:/])?" + _NAME + _GAP,
        rb"\b(?:" + _WITH_PASSWORD + rb")\b[^\n;&|]{0,200}?\s-[apP][ \t]{0,8}",
        rb"\b(?:vault" + _GAP + rb"login|mysqladmin\b[^\n;&|]{0,200}?\spassword)" + _GAP,
        rb"(?i:\blogin" + _GAP + rb"\S{1,80}\s{1,4}password)\s{1,4}",
        rb"(?i:\b(?:password|identified\s{1,4}by))\s{1,4}(?=[\"'])",
        rb"\b(?:echo|printf)(?:"
        + _GAP
        + rb"-[neE]{1,3})?"
        + _GAP
        + rb"(?=[^\n;]{1,400}?(?:--password-stdin|--stdin|\bchpasswd\b|>\s{0,4}[\w./-]{0,200}(?:secret|passw|token)))",
        rb"\bcurl\b[^\n;&|]{0,400}?\s(?:-u|--user|--proxy-user)[ =]{0,2}[\"']?[^\s:\"'/]{1,80}+:",
        rb"(?i:authorization)[\"']?\s{0,4}[:=]\s{0,4}[\"']?(?:(?i:bearer|basic|token)\s{1,4})?",
    )
)
_USERINFO = re.compile(rb"://(?:[^\s:/@\"']{0,80}+:([^\s/@\"']{1,400}+)|([A-Za-z0-9_-]{16,400}))@")
_ELEMENT = re.compile(rb"<([A-Za-z_][\w.-]{0,80}+)>([^<>\s]{1,400}+)</")
_DEFAULT = re.compile(rb"\$\{\w{1,80}+:?[-=+]([^}]{1,400}+)")
_JOINED = rb"[\w$'\"./@%+~^!#*-]"  # characters that a shell joins to the quoted text before them
_VALUE = re.compile(
    rb"\\{1,3}[\"']([^\"'\\\s]++)"
    rb"|\$?\"((?:[^\"\\]|\\.)++)\"(?!" + _JOINED + rb")|\$?'([^']++)'(?!" + _JOINED + rb")"
    rb"|((?:\$?\"[^\"\s\\]*+\"|\$?'[^'\s]*+'|[^\s\"'\\]|\\[^\"'\s]|\\ )++)"
    rb"|\$?\"((?:[^\"\\]|\\.)++)\"|\$?'([^']++)'",
    re.DOTALL,
)
_QUOTED = re.compile(rb"\$?([\"'])([^\"']*)\1")
_WORD = 4  # the group of a value that is a word of the shell, which may have several pieces
_AFTER_VALUE = b";,)&|}`"  # characters of a shell or a list that may follow an unquoted value
_REPEATED = 64  # secrets that are also searched for elsewhere in the text


def redact_text(text: str) -> str:
    """The text of an instruction, variable or label, every secret redacted.

    Redacted are secrets of a known kind, and every value of a name, an option or a login that announces a secret. This
    includes values that the audit takes for placeholders: it is better to hide too much. References to variables,
    switches and paths stay.
    """
    data = text.encode("utf-8", "surrogatepass")
    spans = [
        *_known_spans(data),
        *(span for introduction in _INTRODUCTIONS for span in _value_spans(data, introduction)),
    ]
    secrets = sorted({data[start:end] for start, end in spans if end - start >= 8})
    for secret in secrets[:_REPEATED]:
        spans += (match.span() for match in re.finditer(re.escape(secret), data))
    return _replaced(data, spans)


def redact_known(text: str) -> str:
    """The text, every secret of a known kind redacted: for a sentence of imgtar that quotes text of the image."""
    data = text.encode("utf-8", "surrogatepass")
    return _replaced(data, list(_known_spans(data)))


def _replaced(data: bytes, spans: list[tuple[int, int]]) -> str:
    shown: list[bytes] = []
    position = 0
    for start, end in _merged(spans):
        shown += (data[position:start], redacted(data[start:end]).encode())
        position = end
    return b"".join((*shown, data[position:])).decode("utf-8", "surrogatepass")


def _known_spans(data: bytes) -> Iterator[tuple[int, int]]:
    for kind in candidates(data):
        for match in kind.pattern.finditer(data):
            group = match.lastindex or 0
            if kind.is_secret(match[group]):
                yield match.span(group)
    for match in _USERINFO.finditer(data):
        group = match.lastindex or 0
        if is_literal(match[group]):
            yield match.span(group)
    for match in _ELEMENT.finditer(data):
        if is_secret_name(match[1]) and is_literal(match[2]):
            yield match.span(2)


def _value_spans(data: bytes, introduction: re.Pattern[bytes]) -> Iterator[tuple[int, int]]:
    position = 0
    while match := introduction.search(data, position):
        position = match.end()
        if match.lastindex is not None and not is_secret_name(match[1]):
            continue
        if value := _VALUE.match(data, position):
            position = value.end()
            start, end = _literal_part(value)
            bare = data[start:end].translate(None, b"\"'\\")
            if is_literal(bare) and bare not in (b"`echo", b"`printf"):
                yield start, end


def _literal_part(value: re.Match[bytes]) -> tuple[int, int]:
    """The start and end of the secret in a value: the text within quotes, or the default of a shell variable."""
    group = value.lastindex or 0
    start, end = value.span(group)
    if group == _WORD:
        end = start + len(value[group].rstrip(_AFTER_VALUE))
        if quoted := _QUOTED.fullmatch(value[group]):
            return start + quoted.start(2), start + quoted.end(2)
    default = _DEFAULT.match(value[group])
    return (start + default.start(1), start + default.end(1)) if default else (start, end)


def _merged(spans: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """The spans in order; spans that overlap are merged."""
    last: tuple[int, int] | None = None
    for start, end in sorted(spans):
        if last is not None and start < last[1]:
            last = last[0], max(last[1], end)
            continue
        if last is not None:
            yield last
        last = start, end
    if last is not None:
        yield last
