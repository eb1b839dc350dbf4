"""RUN lines: the shell form, wrapped, a heredoc, or the exec form, which can say any command exactly."""

from __future__ import annotations

import re

from imgtar.analysis.dockerfile.shell_text import is_wrapped, wrapped
from imgtar.analysis.dockerfile.syntax import Draft, ends_open, has_controls, impossible, json_list, string_list
from imgtar.image.history.instruction import Command, heredoc
from imgtar.image.history.shells import shell_end

DEFAULT_SHELL = "/bin/sh -c"
# A document for a program, `python3 <<EOF`, in a line in which nothing else could be one for BuildKit.
_HEREDOC = re.compile(
    r"(?P<line>[\w\s./=:,+@%|>&()\[\]-]*(?<=\s)<<-?(?P<name>[A-Za-z_]\w{0,32})(?:\s[\w\s./=:,+@%|>&-]*)?)"
)
_HERE = re.compile(r"<<+")
_FLAGS = re.compile(
    r"(?:--(?:mount=[\w=,./:@+-]+|network=(?:default|none|host)|security=(?:sandbox|insecure))[ \t]+)+(?!--)(?=\S)"
)
_ARGUMENTS = re.compile(r"\|\d+ ")


def run_line(command: Command, shell: str | None, *, wrap: bool = True) -> Draft:
    """The RUN line of a command, where `shell` is what a RUN uses at this place (None: the builder's own)."""
    text = command.text.strip()
    if not text:
        return impossible("RUN", "the history has no command here")
    if has_controls(text, "\t\n"):
        return impossible(f"RUN {text}", "control characters cannot be written in a command")
    if command.shell is None:
        return _words(text)
    if command.shell != (shell or DEFAULT_SHELL) and not (shell is None and command.shell.lower() == "cmd /s /c"):
        note = f"exec form: it ran with {command.shell}, which is not the shell of this place"
        return _exec(command.shell, text, note)
    return shell_form(text, command.shell, wrap=wrap)


def shell_form(text: str, shell: str, *, wrap: bool = True) -> Draft:
    """A command for the shell of its place; where BuildKit would read something else, the exec form says it."""
    first, line_break, _ = text.partition("\n")
    if line_break:
        return _several_lines(text, first, shell)
    flags = _FLAGS.match(text)
    command = text[flags.end() :] if flags else text
    if command.startswith("["):
        listed = string_list(command)
        if listed is not None:
            return Draft(f"RUN {text[: len(text) - len(command)]}{json_list(listed)}")
    is_list = command.startswith("[") and _is_json(command)
    is_document = any(len(mark) != len("<<<") for mark in _HERE.findall(text))
    if command.startswith("--") or is_list or is_document or ends_open(text):
        return _exec(shell, text, "exec form: a Dockerfile would read the command in another way")
    if wrap and is_wrapped(shell):
        return Draft(f"RUN {wrapped(text)}")
    return Draft(f"RUN {text}")


def _several_lines(text: str, first: str, shell: str) -> Draft:
    """A heredoc: the whole command is one, or its first line begins one for a program."""
    if text.startswith("#!"):
        return _exec(shell, text, "exec form: a heredoc that begins with #! would run as a file")
    document = _HEREDOC.fullmatch(first)
    lines = text.split("\n")
    if document is not None:
        name = document["name"]
        if lines.count(name) == 1 and lines[-1] == name:
            return Draft(f"RUN {text}")
        if name not in (line.lstrip("\t") for line in lines):
            return Draft(f"RUN {text}\n{name}", notes=("the history lacks the end of the heredoc",))
    return Draft(f"RUN {heredoc(text)}")


def _words(text: str) -> Draft:
    """An exec form, whose words the history has with blanks between."""
    if _ARGUMENTS.match(text):
        return impossible(f"RUN {text}", "where its build arguments end is not known")
    start = shell_end(f"/{text}") - 1
    if start > 0:  # a shell without a path: all behind its options is one word
        return Draft(f"RUN {json_list([*text[: start - 1].split(' '), text[start:]])}")
    note = "exec form: the history does not say where its words end"
    return Draft(f"RUN {json_list(text.split())}", certain=len(text.split()) == 1, notes=(note,))


def _exec(shell: str, text: str, note: str) -> Draft:
    return Draft(f"RUN {json_list([*shell.split(' '), text])}", notes=(note,))


def _is_json(text: str) -> bool:
    """Might BuildKit read it as a list of JSON, which it then refuses? Two blanks say no: a test, `[ -f x ]`."""
    return not re.match(r"\[\s+[^\s\"\[{\d]", text)
