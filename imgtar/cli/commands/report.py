"""`imgtar report`: everything about an archive on one page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from imgtar.cli import options
from imgtar.cli.command import Command, Example, ReportType, declared

if TYPE_CHECKING:
    from imgtar.cli.run_command import Outcome
    from imgtar.contract.content import ReportContent

REPORT = ReportType(
    name="report",
    content="imgtar.answers.report:report_content",
    renderers={
        "html": "imgtar.report.html.report:report",
        "markdown": "imgtar.report.markdown.report:report",
        "json": "imgtar.report.json_document:whole",
    },
    schema="imgtar.contract.report:WholeReport",
    redacts=True,
)


@declared(
    Command(
        name="report",
        summary="Write one page with everything: layers, waste, packages, verification, audit, gates.",
        examples=(
            Example("imgtar report app.tar -o html=report.html", "Write the page"),
            Example(
                "imgtar report app.tar --fail-on high -o html=report.html", "Write it, and exit 1 for a serious finding"
            ),
            Example("imgtar report app.tar --format markdown", "Print it for a pull request or a job summary"),
        ),
        report_types=(REPORT,),
    )
)
@options.image_argument
@options.format_options(REPORT)
@options.secret_options
@options.config_option
@options.ignore_file_option
@options.text_options
@options.finding_options
@options.choice_options
@options.reading_options
@options.common_options
def command(config: str | None, **given: Any) -> int:
    """Write one page about an archive, which is read once.

    The page has the layers, waste, packages and digests of each image, the findings of the audit, and what every byte
    belongs to. Gates are those of the configuration file: the first of imgtar.toml, [tool.imgtar] of pyproject.toml and
    .dive-ci in the current directory. Digests are always recomputed, and no secret is shown in full. Exit 0: no gate
    failed. Exit 1: a gate failed, or a finding reaches --fail-on. Exit 4: the archive is damaged.
    """
    from functools import partial

    from imgtar.answers.report import report_work
    from imgtar.cli.errors import errors_name
    from imgtar.cli.run_command import run
    from imgtar.cli.settings import audited, check_comparison, policy_of, policy_request, stated_keys
    from imgtar.gates.baseline import read_baseline
    from imgtar.packages.inventories import TYPES
    from imgtar.policy.policy import SETTINGS

    policy = policy_of(config, stated_keys(given, SETTINGS))
    check_comparison(policy)
    everything = {"verify": True, "one_pass": True, "package_types": TYPES}
    request = policy_request(policy, SETTINGS, given, report_type=REPORT, **everything)
    with errors_name(request.image, wants_json=request.json_on_stdout, redacts=True):
        request = audited(request, policy)
        earlier = read_baseline(policy.baseline) if policy.baseline else []
    return run(
        request,
        work=partial(report_work, limits=request.reading_limits()),
        outcome=_outcome,
        settings=request.audit_settings,
        policy=policy,
        earlier=earlier,
    )


def _outcome(content: ReportContent) -> Outcome:
    from imgtar.cli.run_command import Outcome
    from imgtar.report.words.check import verdict_words

    if content.check is None or all(rule.passed for rule in content.check.rules):
        return Outcome()
    return Outcome(passed=False, reason=f"{verdict_words(content.check)}; see the report")
