"""`imgtar completion`: the completion script of a shell."""

from __future__ import annotations

import click

from imgtar.cli import options
from imgtar.cli.command import Command, Example, declared

SHELLS = ("bash", "zsh", "fish")


@declared(
    Command(
        name="completion",
        summary="Print the completion script of bash, zsh or fish.",
        examples=(
            Example("imgtar completion bash > ~/.local/share/bash-completion/completions/imgtar", "Install it in bash"),
            Example("imgtar completion zsh > ~/.zfunc/_imgtar", "Install it in zsh, where ~/.zfunc is in fpath"),
            Example("imgtar completion fish > ~/.config/fish/completions/imgtar.fish", "Install it in fish"),
        ),
    )
)
@click.argument("shell", metavar="SHELL", type=click.Choice(SHELLS))
@options.common_options
def command(shell: str, **_common: object) -> int:
    """Print the script that completes commands, options, their values and files of imgtar in SHELL.

    The script has all words in it: nothing runs while you press TAB, and no image is read.
    """
    from importlib import import_module

    from imgtar.cli.completion.words import command_words
    from imgtar.cli.errors import errors_name
    from imgtar.cli.outputs import write_stdout

    script: str = getattr(import_module(f"imgtar.cli.completion.{shell}"), shell)(command_words())
    with errors_name("completion"):
        write_stdout([script.encode()])
    return 0
