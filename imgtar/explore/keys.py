"""The keys: one table, from which the bindings, the help screen and docs/explore.md come."""

from __future__ import annotations

from typing import NamedTuple


class Key(NamedTuple):
    """`names` are what textual calls the keys, `shown` is what a person presses, `action` the method that runs."""

    names: str
    shown: str
    action: str
    meaning: str


MOVES = (
    Key("up,k", "Up, k", "move(-1)", "one row up"),
    Key("down,j", "Down, j", "move(1)", "one row down"),
    Key("pageup", "PgUp", "page(-1)", "one page up"),
    Key("pagedown", "PgDn", "page(1)", "one page down"),
    Key("home,g", "Home, g", "first", "the first row"),
    Key("end,G", "End, G", "last", "the last row"),
)
KEYS = (
    Key("tab", "Tab", "pane(1)", "the next pane"),
    Key("shift+tab", "Shift-Tab", "pane(-1)", "the pane before"),
    Key("space", "Space", "turn", "open or close the directory"),
    Key("right,l", "Right, l", "open", "open the directory"),
    Key("left,h", "Left, h", "close", "close the directory, or go to the one above"),
    Key("enter", "Enter", "enter", "open or close the directory, or show the content of the file"),
    Key("ctrl+@,ctrl+space", "Ctrl-Space", "close_all", "close every directory"),
    Key("ctrl+f,slash", "Ctrl-F, /", "filter", "list only paths with a text, or that match a glob"),
    Key("ctrl+a", "Ctrl-A", "change('added')", "show or hide what is added; in the layers: their files stacked"),
    Key("ctrl+r", "Ctrl-R", "change('deleted')", "show or hide what is removed"),
    Key("m", "m", "change('modified')", "show or hide what is modified"),
    Key("ctrl+u", "Ctrl-U", "change('unchanged')", "show or hide what is unmodified"),
    Key("ctrl+l", "Ctrl-L", "stack", "the changes of the layer, or the files of the layers up to it"),
    Key("ctrl+b", "Ctrl-B", "attributes", "show or hide mode and owner"),
    Key("s,ctrl+o", "s, Ctrl-O", "sort", "sort by size, by net size, by name"),
    Key("b", "b", "base", "fold or list the layers of the base image"),
    Key("w", "w", "waste", "the wasted bytes"),
    Key("d", "d", "duplicates", "the files with the same content"),
    Key("p", "p", "packages", "the packages"),
    Key("equals_sign", "=", "compare", "what another archive has otherwise"),
    Key("x,ctrl+e", "x, Ctrl-E", "extract", "write the selected file or directory to a new directory"),
    Key("y", "y", "copy", "copy the command lines that print the same"),
    Key("escape", "Esc", "clear", "list all paths again"),
    Key("question_mark", "?", "help", "these keys"),
    Key("q,ctrl+c", "q, Ctrl-C", "app.quit", "end"),
)
PAGE_KEYS = (
    Key("enter", "Enter", "choose", "go to the path of the line; on a page without paths: back"),
    Key("tab", "Tab", "app.pane(1)", "the next form of the page"),
    Key("shift+tab", "Shift-Tab", "app.pane(-1)", "the form before"),
    Key("slash,ctrl+f", "/, Ctrl-F", "search", "look for a text; without a capital letter it is found in both cases"),
    Key("n", "n", "next(1)", "the next line with the text"),
    Key("N", "N", "next(-1)", "the line with the text before"),
    Key("y", "y", "copy", "copy the command lines that print the same"),
    Key("escape,q,question_mark,ctrl+c", "Esc, q", "dismiss(None)", "back"),
)
