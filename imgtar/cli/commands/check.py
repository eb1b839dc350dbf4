"""`imgtar check`: an image against limits, for CI."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from imgtar.cli import options
from imgtar.cli.command import Command, Example, ReportType, declared

if TYPE_CHECKING:
    from imgtar.cli.run_command import Outcome
    from imgtar.contract.content import CheckContent
    from imgtar.policy.policy import Policy

CHECK = ReportType(
    name="check",
    content="imgtar.answers.check:check_content",
    line="imgtar.report.words.outcome:check_words",
    renderers={
        "table": "imgtar.report.table.check:check",
        "json": "imgtar.report.json_document:whole",
        "jsonl": "imgtar.report.json_lines:check",
        "markdown": "imgtar.report.markdown.check:check",
        "html": "imgtar.report.html.check:check",
        "csv": "imgtar.report.csv.check:rules",
        "junit": "imgtar.report.junit:check",
        "sarif": "imgtar.report.sarif:check",
    },
    schema="imgtar.contract.judgements:CheckReport",
    redacts=True,
)

# Each option is the key of the same name in the configuration file; docs/check.md describes them.
_SINGLE: tuple[tuple[str, str, str], ...] = (
    ("min-efficiency", "SHARE", "Smallest allowed share of the stored bytes that is in use: 0.95 or 95%."),
    ("max-wasted-bytes", "SIZE", "Largest allowed number of wasted bytes: 20MB."),
    ("max-own-waste", "SHARE", "Largest allowed wasted share of what the image's own layers store: 0.1 or 10%."),
    ("max-size", "SIZE", "Largest allowed total size of all layers."),
    ("max-layer-size", "SIZE", "Largest allowed size of a layer."),
    ("max-layers", "N", "Largest allowed number of layers."),
    ("max-growth", "SIZE|PERCENT", "Largest allowed growth since --baseline: 10MB or 5%."),
    ("max-severity", "L", "Worst allowed severity of a finding, including audit findings."),
)
_REPEATABLE: tuple[tuple[str, str, str], ...] = (
    ("forbid-path", "GLOB", "No layer may have a matching path (.gitignore syntax)."),
    ("require-path", "GLOB", "The final filesystem must have a matching path."),
    ("allow-user", "USER", "The image must run as this user."),
    ("allow-port", "PORT", "The image may expose only this port: 8080, 53/udp, 8000-8010."),
    ("forbid-port", "PORT", "The image must not expose this port."),
    ("require-label", "NAME[=GLOB]", "The image must have this label."),
    ("forbid-label", "GLOB", "The image must not have a matching label."),
    ("require-platform", "OS/ARCH", "The archive must have an image for this platform."),
    ("allow-platform", "OS/ARCH", "Every image must be for this platform."),
)
_REFERENCES: tuple[tuple[str, str, str], ...] = (
    ("baseline", "FILE", "JSON report of an earlier build, for --max-growth."),
)
_Function = Callable[..., Any]


def _gate_options(function: _Function) -> _Function:
    declared_options = [click.option(f"--{name}", metavar=metavar, help=text) for name, metavar, text in _SINGLE]
    declared_options += [
        click.option(f"--{name}", metavar=metavar, multiple=True, help=f"{text} Repeatable.")
        for name, metavar, text in _REPEATABLE
    ]
    declared_options.append(click.option("--require-user", is_flag=True, help="The image must not run as root."))
    declared_options += [click.option(f"--{name}", metavar=metavar, help=text) for name, metavar, text in _REFERENCES]
    for option in reversed(declared_options):
        function = option(function)
    return function


@declared(
    Command(
        name="check",
        summary="Check the image against limits (exit 1 if one fails).",
        examples=(
            Example("imgtar check app.tar --max-size 500MB --min-efficiency 95%", "Limit size and waste"),
            Example("imgtar check app.tar --require-user --forbid-path '*.pem'", "Require a user, forbid key files"),
            Example("imgtar check app.tar --config ci/imgtar.toml -o junit=check.xml", "Use a configuration file"),
        ),
        report_types=(CHECK,),
    )
)
@options.images_argument
@options.format_options(CHECK)
@options.config_option
@_gate_options
@options.base_options
@options.secret_options
@options.ignore_file_option
@options.verify_option
@options.text_options
@options.finding_options
@options.choice_options
@options.reading_options
@options.common_options
def command(images: tuple[str, ...], config: str | None, **given: Any) -> int:
    """Check every image against gates (limits on sizes, waste, layers, paths, users, ports, labels and findings).

    Gates come from options or from a configuration file: imgtar reads only the first of imgtar.toml, [tool.imgtar] of
    pyproject.toml and .dive-ci in the current directory, and options replace its keys. Exit 0: every gate passed.
    Exit 1: a gate failed. Exit 2: no gate is given. Exit 4: the archive is damaged.
    """
    import msgspec

    from imgtar.cli.errors import errors_name
    from imgtar.cli.run_each import run_each
    from imgtar.cli.settings import audit_settings, policy_of, policy_request, stated_keys
    from imgtar.gates.baseline import read_baseline
    from imgtar.policy import policy as policies

    keys = (*policies.SETTINGS, *policies.CHECK)
    policy = policy_of(config, stated_keys(given, keys))
    _check_complete(policy)
    request = policy_request(policy, keys, given, report_type=CHECK)
    with errors_name(images[0], wants_json=request.json_on_stdout, redacts=True):
        if policy.audits:
            request = msgspec.structs.replace(request, audit_settings=audit_settings(request, policy))
        earlier = read_baseline(policy.baseline) if policy.baseline else []
    return run_each(request, images, outcome=_outcome, policy=policy, earlier=earlier)


def _outcome(content: CheckContent) -> Outcome:
    from imgtar.cli.run_command import Outcome
    from imgtar.report.words.check import verdict_words

    if all(rule.passed for rule in content.document.rules):
        return Outcome()
    return Outcome(passed=False, reason=f"{verdict_words(content.document)}; see the report")


def _check_complete(policy: Policy) -> None:
    """Raises click.UsageError for a policy without a gate, or with one that lacks what it compares with."""
    from imgtar.cli.settings import check_comparison

    if not policy.has_gate:
        where = "" if policy.file is None else f"{policy.file} has none; "
        raise click.UsageError(
            f"check: no gate is given; {where}try --min-efficiency 0.95 or --max-size 500MB, "
            "or write imgtar.toml (docs/check.md)"
        )
    check_comparison(policy)
