"""`imgtar check`: may it ship?"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from imgtar.cli import options

# Each option is the key of the same name in the configuration file; docs/check.md tells more.
_ONE: tuple[tuple[str, str, str], ...] = (
    ("min-efficiency", "SHARE", "At least this part of the stored bytes is in use: 0.95 or 95%."),
    ("max-wasted-bytes", "SIZE", "At most this much is stored and not in use: 20MB."),
    ("max-own-waste", "SHARE", "At most this part of what the image's own layers store is wasted by them."),
    ("max-size", "SIZE", "All layers together."),
    ("max-layer-size", "SIZE", "Each layer."),
    ("max-layers", "N", "How many layers."),
    ("max-growth", "SIZE|PERCENT", "How much larger than in --baseline: 10MB or 5%."),
    ("max-severity", "L", "The worst finding allowed; the audit's findings count."),
)
_MANY: tuple[tuple[str, str, str], ...] = (
    ("forbid-path", "GLOB", "No layer holds such a path (as in .gitignore)."),
    ("require-path", "GLOB", "The final filesystem has such a path."),
    ("allow-user", "USER", "It runs as this user."),
    ("allow-port", "PORT", "Only such ports are exposed: 8080, 53/udp, 8000-8010."),
    ("forbid-port", "PORT", "No such port is exposed."),
    ("require-label", "NAME[=GLOB]", "It has this label."),
    ("forbid-label", "GLOB", "It has no such label."),
    ("require-platform", "OS/ARCH", "The archive has an image for it."),
    ("allow-platform", "OS/ARCH", "Every image is for one of these."),
)
_REFERENCES: tuple[tuple[str, str, str], ...] = (
    ("base", "N", "The lowest N layers are the base image's, not its own."),
    ("base-image", "FILE", "The archive of the base image, instead of --base."),
    ("baseline", "FILE", "The JSON report of an earlier build, for --max-growth."),
)
_Command = Callable[..., Any]


def _gates(function: _Command) -> _Command:
    declared = [click.option(f"--{name}", metavar=metavar, help=text) for name, metavar, text in _ONE]
    declared += [
        click.option(f"--{name}", metavar=metavar, multiple=True, help=f"{text} Repeatable.")
        for name, metavar, text in _MANY
    ]
    declared.append(click.option("--require-user", is_flag=True, help="It runs as another user than root."))
    declared += [click.option(f"--{name}", metavar=metavar, help=text) for name, metavar, text in _REFERENCES]
    for option in reversed(declared):
        function = option(function)
    return function


@click.command("check", short_help="Judge it by gates: sizes, waste, layers, paths, users, ports, findings.")
@options.image_argument
@options.format_options("check")
@options.config_option
@_gates
@options.ignore_file_option
@options.verify_option
@options.text_options
@options.finding_options
@options.choice_options
@options.reading_options
@options.common_options
def command(**given: Any) -> int:
    """May it ship? Judge every image by gates: from options, from imgtar.toml or pyproject.toml, or from a .dive-ci.

    The first of imgtar.toml, [tool.imgtar] of pyproject.toml and .dive-ci in the current directory is read; options
    replace its keys. Exit 0: all gates passed. Exit 1: one failed. Exit 2: no gate is given. Exit 4: it is damaged.
    """
    from imgtar.cli.commands.check_run import check

    return check(given)
