"""The table of arguments that are secrets: what redaction hides in a command is what the audit reports in it.

An entry is the text before a value. Its group 1, if there is one, is a name that says whether the value is a secret.
An entry of a program starts where a command starts: `-p` means a password to the programs that read it so, and only in
their own command.
"""

from __future__ import annotations

import re

import msgspec

_NAME = rb"([A-Za-z_][\w.-]{0,80}+)"
_GAP = rb"[ \t]{1,8}"
_REST = rb"[^\n;&|]{0,200}?"  # of the same command
# Where a command starts: at a separator, after an instruction or a shell's option, after a program that runs another.
_COMMAND = (
    rb"(?:\A|[;&|(`\n{!\[\"']|\b(?:RUN|CMD|ENTRYPOINT|CMD-SHELL|exec|then|do|else|time|xargs|nohup|env)(?=[ \t])"
    rb"|(?<=[\s\"])-[a-z]{0,4}c(?=[ \t])|\bsudo(?:[ \t]{1,4}-\w{1,20}(?:[ \t]{1,4}\w{1,32})??){0,3}(?=[ \t])"
    rb"|(?<=\s)[A-Za-z_]\w{0,80}+=\S{0,200}+(?=[ \t]))[ \t\"']{0,8}(?:[\w.-]{0,40}/){0,8}"
)
_OPTION = rb"[\s\"',]"  # before an option, also in a list of JSON
_VALUE_GAP = rb"(?:[\"'],[ \t]{0,8}(?=[\"'])|[ \t]{0,8})"  # between an option and its value

_WITH_B = rb"(?=" + _REST + rb"[ \t]-[A-Za-z]{0,8}b)"
_WITH_N = _REST + rb"[ \t]-[A-Za-z]{0,8}n"
_FLAGS = rb"(?:" + _GAP + rb"-\w{1,8}(?:" + _GAP + rb"[0-9]{1,2}(?=[ \t]))?){1,5}"


def _program(names: bytes, lead: bytes) -> bytes:
    return _COMMAND + rb"(?:" + names + rb")(?![\w-])" + lead


_NAMED = (
    rb"(?<![\w.-])(?:-D)?-{0,2}" + _NAME + rb"(?:\\{0,3}[\"'])?[ \t]{0,8}(?:=>|:=|=|:(?!:))[ \t]{0,8}",
    rb"(?<![\w-])--?" + _NAME + rb"(?:[ \t]{1,8}|\\{0,3}[\"'],?[ \t]{0,8})",
    rb"(?<!\S)(?:ENV|ARG|LABEL)" + _GAP + _NAME + _GAP,
    _NAME + rb"[ \t]{0,4}=[ \t]{0,4}[\"']?(?:\$\(|`)[ \t]{0,4}(?:echo|printf)" + _GAP,
    rb"\b(?:config(?:ure)?|npm|pnpm|yarn)" + _GAP + rb"set" + _GAP + rb"(?:[^\s=]{0,200}[:/])?" + _NAME + _GAP,
)
# The words of which a text must have one, and the command.
_PROGRAMS = (
    # The password of mysql has no blank before it: after a blank comes the database.
    (b"mysql mariadb", _program(
        rb"(?:mysql|mariadb)[\w-]{0,20}+", _REST + _OPTION + rb"-p(?![\s,]|[\"'](?:[\s,\])]|$))")),
    (b"mysqladmin mariadb-admin", _program(rb"mysqladmin|mariadb-admin", _REST + rb"\spassword" + _GAP)),
    (b"7z", _program(rb"7z[arz]?", _REST + _OPTION + rb"-p(?=[^\s,])")),
    (b"sshpass mongo useradd usermod", _program(
        rb"sshpass|mongo\w{0,10}+|useradd|usermod", _REST + _OPTION + rb"-p" + _VALUE_GAP)),
    (b"login", _program(
        rb"\w[\w.-]{0,20}+" + _GAP + rb"(?:[\w.-]{1,20}" + _GAP + rb")?login", _REST + _OPTION + rb"-p" + _VALUE_GAP)),
    (b"dotnet", _program(rb"dotnet" + _GAP + rb"nuget", _REST + _OPTION + rb"-p" + _VALUE_GAP)),
    (b"sqlcmd bcp zip", _program(rb"sqlcmd|bcp|zip|unzip", _REST + _OPTION + rb"-P" + _VALUE_GAP)),
    (b"redis-cli valkey-cli", _program(rb"redis-cli|valkey-cli", _REST + _OPTION + rb"-a" + _VALUE_GAP)),
    (b"ldap", _program(rb"ldap[a-z]{3,10}", _REST + _OPTION + rb"-w" + _VALUE_GAP)),
    (b"openssl", _program(rb"openssl", _REST + _OPTION + rb"-pass(?:in|out)?" + _GAP + rb"[\"']?pass:")),
    (b"vault", _program(rb"vault" + _GAP + rb"login", rb"(?:" + _GAP + rb"-[\w=-]{1,40})*+" + _GAP + rb"(?:token=)?")),
    (b"rabbitmqctl", _program(
        rb"rabbitmqctl", _REST + rb"\s(?:add_user|change_password)" + _GAP + rb"\S{1,80}" + _GAP)),
    # `-b` takes the password from the command line, `-n` writes to no file.
    (b"htpasswd", _program(
        rb"htpasswd" + _WITH_B + rb"(?!" + _WITH_N + rb")",
        _FLAGS + _GAP + rb"[^\s-]\S{0,200}" + _GAP + rb"\S{1,80}" + _GAP)),
    (b"htpasswd", _program(
        rb"htpasswd" + _WITH_B + rb"(?=" + _WITH_N + rb")", _FLAGS + _GAP + rb"[^\s-]\S{0,80}" + _GAP)),
    (b"composer", _program(
        rb"composer",
        _REST + rb"\sconfig\s" + _REST + rb"(?:http-basic\.\S{1,80}[ \t]{1,8}\S{1,80}"
        rb"|(?:github-oauth|gitlab-oauth|gitlab-token|bearer)\.\S{1,80})" + _GAP)),
    (b"bundle", _program(
        rb"bundle",
        _GAP + rb"config\s" + _REST + rb"\s?[\w-]{1,60}\.[\w.-]{1,80}[ \t]{1,8}[^\s:/\"']{1,80}:(?!//)")),
    (b"chpasswd", _program(rb"chpasswd", _REST + rb"<<<[ \t]{0,4}")),
    (b"echo printf",
        rb"\b(?:echo|printf)(?:" + _GAP + rb"-[neE]{1,3})?" + _GAP
        + rb"(?=(?:[^\n;&]|&(?!&)){1,400}?(?:--password-stdin|--stdin|\bchpasswd\b"
        rb"|\|[ \t]{0,4}(?:sudo[ \t]{1,4})?passwd\b"
        rb"|>\s{0,4}(?!/etc/passwd\b)[\w./-]{0,200}(?:secret|passw|token)))"),
    (b"curl", rb"\bcurl\b[^\n;&|]{0,400}?\s(?:-u|--user|--proxy-user)[ =]{0,2}[\"']?[^\s:\"'/]{1,80}+:"),
)  # fmt: skip
_PHRASES = (
    rb"(?i:\blogin" + _GAP + rb"\S{1,80}\s{1,4}password)\s{1,4}",
    rb"(?i:\b(?:password|identified\s{1,4}by))\s{1,4}(?=[\"'])",
    rb"(?i:authorization)[\"']?\s{0,4}[:=]\s{0,4}[\"']?(?:(?i:bearer|basic|token)\s{1,4})?",
)


class Introduction(msgspec.Struct, frozen=True):
    """The text before a secret. It can only stand in a text that has one of `words`; no words: in any text."""

    pattern: re.Pattern[bytes]
    words: tuple[bytes, ...] = ()

    def may_be_in(self, text: bytes) -> bool:
        """Is it worth searching the text? A word is found much faster than the pattern."""
        return not self.words or any(word in text for word in self.words)


INTRODUCTIONS = (
    *(Introduction(re.compile(lead)) for lead in _NAMED),
    *(Introduction(re.compile(lead), tuple(words.split())) for words, lead in _PROGRAMS),
    *(Introduction(re.compile(lead)) for lead in _PHRASES),
)
# The login of a URL: a token in place of the password, of the user beside a fixed password, or of both.
USERINFO = re.compile(
    rb"://(?:([^\s:/@\"']{8,400}+):(?:x-oauth-basic)?@|[^\s:/@\"']{0,80}+:([^\s/@\"']{1,400}+)@|([A-Za-z0-9_-]{16,400})@)"
)
