"""The completion script of bash. Files are left to readline, which quotes their names."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from imgtar.cli.completion.words import CommandWords, Value

_SCRIPT = """\
# Completion of imgtar for bash; `imgtar completion bash` prints this script.
_imgtar() {{
    local current=${{COMP_WORDS[COMP_CWORD]}} previous=${{COMP_WORDS[COMP_CWORD - 1]}} command=inspect words=none i
    COMPREPLY=()
    # bash makes three words of --option=value.
    if [[ $current == = ]]; then
        current=
    elif [[ $previous == = && $COMP_CWORD -gt 2 ]]; then
        previous=${{COMP_WORDS[COMP_CWORD - 2]}}
    fi
    for ((i = 1; i < COMP_CWORD; i++)); do
        case ${{COMP_WORDS[i]}} in
        --color)
            [[ ${{COMP_WORDS[i + 1]}} == = ]] && ((i++))
            ((i++))
            ;;
        -*) ;;
        {names})
            command=${{COMP_WORDS[i]}}
            break
            ;;
        *) break ;;
        esac
    done
    case $command,$previous in
{values}
    *)
        if [[ $current == -* ]]; then
            case $command in
{flags}
            esac
        elif ((i >= COMP_CWORD)); then
            words='{commands}'
        else
            case $command,$previous in
{arguments}
            *) words=files ;;
            esac
        fi
        ;;
    esac
    # Without an answer readline completes files; `none` and words that do not fit forbid it.
    [[ $words == files ]] && return
    if [[ $words != none ]]; then
        COMPREPLY=($(compgen -W "$words" -- "$current"))
        [[ ${{COMPREPLY[0]}} == *= ]] && compopt -o nospace 2>/dev/null
        ((i >= COMP_CWORD)) && return
        [[ $previous == -o ]] && return
    fi
    compopt +o default +o bashdefault 2>/dev/null
}}
complete -o bashdefault -o default -F _imgtar imgtar
"""


def bash(commands: Sequence[CommandWords]) -> str:
    """The script; `source <(imgtar completion bash)` loads it."""
    names = [command.name for command in commands]
    return _SCRIPT.format(
        names="|".join(names),
        commands=" ".join([*names, "--help", "--version"]),
        values="\n".join(_values(commands)),
        flags="\n".join(f"            {command.name}) words='{_flags(command)}' ;;" for command in commands),
        arguments="\n".join(case for command in commands for case in _arguments(command)),
    )


def _values(commands: Sequence[CommandWords]) -> list[str]:
    """A case for each kind of value, with the options of all commands that take it."""
    cases: dict[str, list[str]] = {}
    for command in commands:
        for option in command.options:
            if option.value is not None:
                patterns = cases.setdefault(_words(option.value), [])
                patterns += [f"{command.name},{flag}" for flag in option.flags]
    return [f"    {'|'.join(patterns)}) words='{words}' ;;" for words, patterns in cases.items()]


def _arguments(command: CommandWords) -> Iterator[str]:
    """Cases for the words of the first argument, and for a command that takes no file."""
    if command.words:
        yield f"            {command.name},{command.name}) words='{' '.join(command.words)}' ;;"
    if not command.takes_files:
        yield f"            {command.name},*) words=none ;;"


def _flags(command: CommandWords) -> str:
    return " ".join(flag for option in command.options for flag in option.flags)


def _words(value: Value) -> str:
    return " ".join(value.words) or ("files" if value.files else "none")
