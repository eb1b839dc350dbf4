"""`imgtar audit`: what is risky in it?"""

from __future__ import annotations

from typing import Any

import click
import msgspec

from imgtar.cli import options


@click.command("audit", short_help="Find what is risky: secrets, privileges, leftovers, bad habits.")
@click.argument("image", metavar="IMAGE", required=False, type=click.UNPROCESSED)
@options.format_options("audit")
@options.verify_option
@click.option("--list-rules", is_flag=True, help="Print the rules and read no image (table or json).")
@options.config_option
@options.ignore_file_option
@options.text_options
@options.finding_options
@options.choice_options
@options.reading_options
@options.common_options
def command(image: str | None, list_rules: bool, config: str | None, **given: Any) -> int:
    """Find what is risky, in the final filesystem and in every layer, also where a later one deletes it.

    Secrets are never printed in full. Findings name dockle's, Trivy's, hadolint's and the CIS Docker Benchmark's ids.
    """
    from imgtar.answers.audit import audit_answer, rules_answer
    from imgtar.cli.errors import named
    from imgtar.cli.policies import policy_of, stated_keys
    from imgtar.cli.request import Request
    from imgtar.cli.run_command import Answer, run, write_content
    from imgtar.cli.settings import judgement
    from imgtar.policy.policy import SETTINGS

    if list_rules:
        return write_content(Request(command="rules", **given), rules_answer())
    if image is None:
        raise click.UsageError("no image is named; try imgtar audit IMAGE, or imgtar audit --list-rules")
    policy = policy_of(config, stated_keys(given, SETTINGS))
    request = msgspec.structs.replace(
        Request(command="audit", image=image, **given),
        min_severity=policy.min_severity,
        fail_on=policy.gates.fail_on,
        ignore=policy.ignore,
        ignore_path=policy.ignore_path,
    )
    with named(request):
        told = judgement(request, policy.file)
    request = msgspec.structs.replace(request, told=told)
    return run(request, lambda report, shown: Answer(audit_answer(report, shown, told)))
