"""`imgtar audit`: the security risks of an image."""

from __future__ import annotations

from typing import Any

import click

from imgtar.cli import options
from imgtar.cli.command import Command, Example, ReportType, declared

AUDIT = ReportType(
    name="audit",
    content="imgtar.answers.audit:audit_content",
    line="imgtar.report.words.outcome:audit_words",
    renderers={
        "table": "imgtar.report.table.audit:audit",
        "json": "imgtar.report.json_document:whole",
        "jsonl": "imgtar.report.json_lines:audit",
        "markdown": "imgtar.report.markdown.audit:audit",
        "html": "imgtar.report.html.audit:audit",
        "sarif": "imgtar.report.sarif:audit",
        "csv": "imgtar.report.csv.audit:findings",
    },
    schema="imgtar.contract.judgements:AuditReport",
    redacts=True,
)
RULES = ReportType(
    name="rules",
    content="imgtar.answers.audit:rules_content",
    renderers={"table": "imgtar.report.table.audit:rules", "json": "imgtar.report.json_document:whole"},
    schema="imgtar.contract.judgements:RulesReport",
    reads="nothing",
)


@declared(
    Command(
        name="audit",
        summary="Find security risks: secrets, privileges, leftovers, bad practice.",
        examples=(
            Example("imgtar audit app.tar", "Find risks in every layer"),
            Example("imgtar audit app.tar --fail-on high -o sarif=audit.sarif", "Fail a CI job and write SARIF"),
            Example("imgtar audit --list-rules", "List the rules"),
        ),
        report_types=(AUDIT, RULES),
    )
)
@click.argument("images", metavar="IMAGE...", nargs=-1, type=click.UNPROCESSED)
@options.format_options(AUDIT)
@options.verify_option
@click.option("--list-rules", is_flag=True, help="Print the rules and read no image (formats: table, json).")
@options.secret_options
@options.config_option
@options.ignore_file_option
@options.text_options
@options.finding_options
@options.choice_options
@options.reading_options
@options.common_options
def command(images: tuple[str, ...], list_rules: bool, config: str | None, **given: Any) -> int:
    """Find security risks in the final filesystem and in every layer, even in files that a later layer deletes.

    The report never shows a secret in full. Findings name the IDs of dockle, Trivy, hadolint and the CIS Docker
    Benchmark.
    """
    from imgtar.cli.errors import errors_name
    from imgtar.cli.request import Request
    from imgtar.cli.run_command import write_content
    from imgtar.cli.run_each import run_each
    from imgtar.cli.settings import audited, policy_of, stated_keys
    from imgtar.policy.policy import SETTINGS

    keys = stated_keys(given, SETTINGS)
    for key in ("all_places", "packaged", "rules"):
        given.pop(key)  # a key of the policy, and no part of a request
    if list_rules:
        return write_content(Request(report_type=RULES, **given))
    if not images:
        raise click.UsageError("give an image: imgtar audit IMAGE (or list the rules: imgtar audit --list-rules)")
    policy = policy_of(config, keys)
    request = Request(report_type=AUDIT, **given)
    with errors_name(images[0], wants_json=request.json_on_stdout):
        request = audited(request, policy)
    return run_each(request, images, settings=request.audit_settings)
