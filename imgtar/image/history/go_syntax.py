"""Go's printed values inside history rows (`%q`, `%v`, `%+v`) → the text of a Dockerfile.

Whatever does not parse comes back unchanged. All functions are linear in the length of their text.
"""

from __future__ import annotations

import json
import re

_STRING = re.compile(r'"((?:[^"\\]|\\.)*+)"', re.DOTALL)
_RUNE = re.compile(r"'(\\.[^']{0,8}|[^'\\])'\}?")
_ESCAPE = re.compile(
    r"\\(?:([abfnrtv\\'\"/])|x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-3][0-7]{2})|(.?))", re.DOTALL
)
_SIMPLE = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}
_UNSET = ("", "0s", "0")
_SHELL_FORM = "/bin/sh -c "


def unquote(quoted: str) -> str | None:
    """The text of a Go string without its quotes; None where an escape is invalid or a surrogate.

    A byte that is not UTF-8 stays as `\\xNN`.
    """
    invalid = False

    def character(escape: re.Match[str]) -> str:
        nonlocal invalid
        simple, byte, short, long, octal, _ = escape.groups()
        if simple is not None:
            return _SIMPLE.get(simple, simple)
        digits, base = (octal, 8) if octal else (byte or short or long, 16)
        number = int(digits, base) if digits else -1
        if number > 0x7F and (byte or octal):
            return escape[0] if byte else f"\\x{number:02x}"
        if not 0 <= number <= 0x10FFFF or 0xD800 <= number <= 0xDFFF:
            invalid = True
            return ""
        return chr(number)

    text = _ESCAPE.sub(character, quoted)
    return None if invalid else text


def _strings(text: str, start: int) -> tuple[list[str], int] | None:
    """The quoted strings from `start` on, parted by blanks or commas, and where they end; None where one is invalid."""
    found: list[str] = []
    while (quoted := _STRING.match(text, start)) is not None:
        string = unquote(quoted[1])
        if string is None:
            return None
        found.append(string)
        start = quoted.end()
        while text[start : start + 1] in (" ", ","):
            start += 1
    return found, start


def word_list(value: str) -> list[str] | None:
    """The words of `["a" "b"]`, `[a b]`, `&{["a"]}` or a JSON list; None where it is not a list.

    Blanks inside a word of `[a b]` cannot be recovered; the command of PowerShell is known to be one word.
    """
    if value.startswith("&{[") and value.endswith("]}"):
        value = value[2:-1]
    if not (value.startswith("[") and value.endswith("]")):
        return None
    inner = value[1:-1].strip()
    if inner.startswith('"'):
        parsed = _strings(inner, 0)
        return parsed[0] if parsed and parsed[1] == len(inner) else None
    head, command, tail = inner.partition(" -Command ")
    if command and head.lower().startswith(("powershell", "pwsh")):
        return [*head.split(), "-Command", tail]
    return inner.split()


def json_list(value: str) -> str:
    """`["a" "b"]`, `[a b]` → `["a", "b"]`; the shell form where it can be recognised."""
    words = word_list(value)
    if words is None:
        return value
    if value.startswith("[" + _SHELL_FORM) and len(words) > len(_SHELL_FORM.split()):
        return value[1 + len(_SHELL_FORM) : -1].strip()
    return json.dumps(words, ensure_ascii=False)


def plain_list(value: str) -> str:
    """`[80/tcp]`, `map[80/tcp:{}]` → `80/tcp`."""
    listed = value.removeprefix("map")
    if '"' in value or not (listed.startswith("[") and listed.endswith("]")):
        return value
    return " ".join(word.removesuffix(":{}") for word in listed[1:-1].split())


def health_check(value: str) -> str:
    """The struct of a HEALTHCHECK in both of Go's spellings → its options and command."""
    return _quoted_health_check(value) or _named_health_check(value) or value


def _quoted_health_check(value: str) -> str | None:
    """`&{["CMD" "x"] "15s" "1s" "20s" '\\x0A'}`: the test, two to four durations, the retries as a rune."""
    if not value.startswith("&{["):
        return None
    test = _strings(value, 3)
    if test is None or value[test[1] : test[1] + 2] != "] ":
        return None
    durations = _strings(value, test[1] + 2)
    if durations is None or not 2 <= len(durations[0]) <= 4:
        return None
    rune = _RUNE.fullmatch(value, durations[1])
    retries = unquote(rune[1]) if rune else None
    if retries is None or len(retries) != 1:
        return None
    interval, timeout, *starts = durations[0]
    # Go prints a number above its last character as U+FFFD: it is unknown then.
    count = "" if retries == "\ufffd" else str(ord(retries))
    options = {"interval": interval, "timeout": timeout, "retries": count}
    options |= dict(zip(("start-period", "start-interval"), starts, strict=False))
    return _health_line(test[0], options)


def _named_health_check(value: str) -> str | None:
    """`{Test:[CMD-SHELL x] Interval:30s Timeout:3s StartPeriod:0s StartInterval:0s Retries:3}`."""
    value = value.removeprefix("&")
    head, end = "{Test:[", value.rfind("] Interval:")
    if not value.startswith(head) or end < 0 or not value.endswith("}") or len(value) - end > 256:
        return None
    fields = dict(field.partition(":")[::2] for field in value[end + 2 : -1].split())
    names = {
        "interval": "Interval",
        "timeout": "Timeout",
        "start-period": "StartPeriod",
        "start-interval": "StartInterval",
        "retries": "Retries",
    }
    kind, _, command = value[len(head) : end].partition(" ")
    test = [kind, command] if kind == "CMD-SHELL" else [kind, *command.split()]
    return _health_line(test, {option: fields.get(name, "") for option, name in names.items()})


def _health_line(test: list[str], options: dict[str, str]) -> str | None:
    """The Dockerfile's spelling; None for a test of no known kind."""
    order = ("interval", "timeout", "start-period", "start-interval", "retries")
    words = [f"--{name}={options[name]}" for name in order if options.get(name, "") not in _UNSET]
    match test:
        case ["NONE", *_]:
            return "NONE"
        case ["CMD-SHELL", *command]:
            return " ".join([*words, "CMD", *command])
        case ["CMD", *command]:
            return " ".join([*words, "CMD", json.dumps(command, ensure_ascii=False)])
        case _:
            return None
