"""The completion script of zsh."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from imgtar.cli.completion.words import CommandWords, OptionWords, Value

_SCRIPT = """\
#compdef imgtar
# Completion of imgtar for zsh; `imgtar completion zsh` prints this script.

_imgtar_commands() {{
    local -a commands=(
{commands}
    )
    _describe command commands
}}

# Words that end in =, and a file behind one of them.
_imgtar_pairs() {{
    if compset -P '*='; then
        _files
    else
        compadd -S '' -- "$@"
        _files
    fi
}}

_imgtar() {{
    local command=inspect curcontext=$curcontext state line
    typeset -A opt_args
    integer i
    for ((i = 2; i < CURRENT; i++)); do
        case ${{words[i]}} in
        --color) ((i++)) ;;
        -*) ;;
        {names})
            command=${{words[i]}}
            words=("imgtar-$command" "${{(@)words[2,i-1]}}" "${{(@)words[i+1,-1]}}")
            ((CURRENT--))
            break
            ;;
        *) break ;;
        esac
    done
    if ((i == CURRENT)) && [[ ${{words[CURRENT]}} != -* && ${{words[1]}} != imgtar-* ]]; then
        _alternative 'commands:command:_imgtar_commands' 'images:image:_files'
        return
    fi
    case $command in
{cases}
    esac
}}

if [[ ${{funcstack[1]}} == _imgtar ]]; then
    _imgtar "$@"
else
    compdef _imgtar imgtar
fi
"""


def zsh(commands: Sequence[CommandWords]) -> str:
    """The script; a file `_imgtar` in a folder of `fpath`, or `source <(imgtar completion zsh)` after compinit."""
    return _SCRIPT.format(
        names="|".join(command.name for command in commands),
        commands="\n".join(
            f"        {_quoted(command.name + ':' + _escaped(command.summary))}" for command in commands
        ),
        cases="\n".join(line for command in commands for line in _case(command)),
    )


def _case(command: CommandWords) -> Iterator[str]:
    yield f"    {command.name})"
    yield "        _arguments -s -S : \\"
    specs = [spec for option in command.options for spec in _option(option)]
    specs += [f"{number}:argument:{_action(value)}" for number, value in enumerate(command.arguments[:-1], 1)]
    specs += [f"*:argument:{_action(value)}" for value in command.arguments[-1:]]
    yield " \\\n".join(f"            {_quoted(spec)}" for spec in specs)
    yield "        ;;"


def _option(option: OptionWords) -> Iterator[str]:
    """A spec of `_arguments` for each way to write the option; one that is given is offered no more."""
    for flag in option.flags:
        before = "*" if option.repeatable else f"({' '.join(option.flags)})"
        value = "" if option.value is None else f":value:{_action(option.value)}"
        joined = "" if option.value is None else "=" if flag.startswith("--") else "+"
        yield f"{before}{flag}{joined}[{_escaped(option.help)}]{value}"


def _action(value: Value) -> str:
    if any(word.endswith("=") for word in value.words):
        return f"{{_imgtar_pairs {' '.join(value.words)}}}"
    if value.words:
        return f"({' '.join(value.words)})"
    return "_files" if value.files else " "


def _escaped(text: str) -> str:
    """The text inside a spec."""
    for character in "\\:[]":
        text = text.replace(character, f"\\{character}")
    return text


def _quoted(text: str) -> str:
    """The text as one word of zsh."""
    return "'" + text.replace("'", "'\\''") + "'"
