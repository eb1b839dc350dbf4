"""The completion script of fish."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from imgtar.cli.completion.words import CommandWords, OptionWords, Value

_SCRIPT = """\
# Completion of imgtar for fish; `imgtar completion fish` prints this script.

# Is the command on the line one of these? It is empty before the first word, and inspect where no command is named.
function __imgtar_runs
    set -l words (commandline -opc)
    set -e words[1]
    while set -q words[1]
        switch $words[1]
            case --color
                set -e words[1]
            case '-*'
            case {names}
                contains -- $words[1] $argv
                return
            case '*'
                contains -- inspect $argv
                return
        end
        set -e words[1]
    end
    contains -- '' $argv
end

{lines}
"""


def fish(commands: Sequence[CommandWords]) -> str:
    """The script; `imgtar completion fish | source` loads it."""
    return _SCRIPT.format(
        names=" ".join(command.name for command in commands),
        lines="\n".join([*_commands(commands), *_arguments(commands), *_options(commands)]),
    )


def _commands(commands: Sequence[CommandWords]) -> Iterator[str]:
    for command in commands:
        yield f"complete -c imgtar -n '__imgtar_runs \\'\\'' -a {command.name} -d {_quoted(command.summary)}"
    yield "complete -c imgtar -n '__imgtar_runs \\'\\'' -l version -d 'Show the version.'"


def _arguments(commands: Sequence[CommandWords]) -> Iterator[str]:
    """The commands whose argument is a word or no file; files fish completes itself."""
    for command in commands:
        if command.words or not command.takes_files:
            files = "" if command.takes_files else " -f"
            words = f" -a {_quoted(' '.join(command.words))}" if command.words else ""
            yield f"complete -c imgtar -n '__imgtar_runs {command.name}'{files}{words}"


def _options(commands: Sequence[CommandWords]) -> Iterator[str]:
    """A line for each option, with all commands that have it."""
    having: dict[OptionWords, list[str]] = {}
    for command in commands:
        for option in command.options:
            having.setdefault(option, []).append(command.name)
    for option, names in having.items():
        before = " \\'\\'" if "inspect" in names else ""
        flags = " ".join(f"-l {flag[2:]}" if flag.startswith("--") else f"-s {flag[1:]}" for flag in option.flags)
        yield (
            f"complete -c imgtar -n '__imgtar_runs {' '.join(names)}{before}' {flags}{_value(option.value)}"
            f" -d {_quoted(option.help)}"
        )


def _value(value: Value | None) -> str:
    if value is None:
        return ""
    words = f" -a {_quoted(' '.join(value.words))}" if value.words else ""
    return f" {'-r' if value.files else '-x'}{words}"


def _quoted(text: str) -> str:
    """The text as one word of fish."""
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
