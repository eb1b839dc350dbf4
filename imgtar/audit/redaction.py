"""What may be printed of an instruction, a variable or a label: all of it but its secrets."""

from __future__ import annotations

import re
from collections.abc import Iterator

from imgtar.audit.secret_kinds import is_secret_name, redacted
from imgtar.audit.secret_words import is_literal
from imgtar.audit.secrets import candidates

# What a value stands behind: group 1, where there is one, is the name that tells whether it is a secret.
_NAME = rb"([A-Za-z_][\w.-]{0,80}+)"
_LEADS = tuple(
    re.compile(lead)
    for lead in (
        rb"(?<![\w.-])-{0,2}" + _NAME + rb"(?:\\{0,3}[\"'])?[ \t]{0,8}(?:=>|:=|[=:])[ \t]{0,8}",
        rb"(?<![\w-])--?" + _NAME + rb"(?:[ \t]{1,8}|\\{0,3}[\"'],?[ \t]{0,8})",
        rb"(?<!\S)(?:ENV|ARG|LABEL)[ \t]{1,8}" + _NAME + rb"[ \t]{1,8}",
        rb"\b(?:mysql\w*|mariadb\w*|sshpass|login|mongo\w*|htpasswd|sqlcmd)\b[^\n;&|]{0,200}?\s-[pP][ \t]{0,8}",
        rb"\bcurl\b[^\n;&|]{0,400}?\s(?:-u|--user|--proxy-user)[ =]{0,2}[\"']?[^\s:\"'/]{1,80}+:",
        rb"(?i:authorization)[\"']?\s{0,4}[:=]\s{0,4}[\"']?(?:(?i:bearer|basic|token)\s{1,4})?",
    )
)
_USERINFO = re.compile(rb"://[^\s:/@\"']{0,80}+:([^\s/@\"']{1,400}+)@")
_VALUE = re.compile(rb"\"((?:[^\"\\]|\\.)++)\"|'([^']++)'|\\{0,3}[\"']?([^\s\"'\\]++(?:\\++[^\s\"'\\]++)*+)", re.DOTALL)
_AFTER_VALUE = b";,)&|}"  # of a shell or a list, behind a value without quotes
_ECHOED = 64  # secrets that are also looked for elsewhere in the text


def redact_text(text: str) -> str:
    """The text of an instruction, variable or label with what may be shown in place of every secret.

    Secrets are those of a known kind, and every value of a name, option or login that tells of one: also values that
    the audit would take for a placeholder, for here hiding too much is the lesser harm. References to variables,
    switches and paths stay.
    """
    data = text.encode("utf-8", "surrogatepass")
    spans = [*_known_spans(data), *(span for lead in _LEADS for span in _led_spans(data, lead))]
    secrets = sorted({data[start:end] for start, end in spans if end - start >= 8})
    for secret in secrets[:_ECHOED]:
        spans += (match.span() for match in re.finditer(re.escape(secret), data))
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
        if is_literal(match[1]):
            yield match.span(1)


def _led_spans(data: bytes, lead: re.Pattern[bytes]) -> Iterator[tuple[int, int]]:
    position = 0
    while match := lead.search(data, position):
        position = match.end()
        if match.lastindex is not None and not is_secret_name(match[1]):
            continue
        if value := _VALUE.match(data, position):
            group = value.lastindex or 0
            secret = value[group] if group < 3 else value[group].rstrip(_AFTER_VALUE)
            position = value.end()
            if is_literal(secret):
                yield value.start(group), value.start(group) + len(secret)


def _merged(spans: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """In order, those that overlap made one."""
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
