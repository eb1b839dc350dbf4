"""How `imgtar check` goes: the policy first, then what the gates compare with, then the image."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import click
import msgspec

from imgtar.analysis.base_image import DiffIDs, read_base_image
from imgtar.answers.check import check_answer
from imgtar.answers.filters import Filtered
from imgtar.answers.session import Report
from imgtar.cli.errors import named
from imgtar.cli.policies import policy_of, stated_keys
from imgtar.cli.request import Request
from imgtar.cli.run_command import Answer, run
from imgtar.gates.baseline import BaselineImage, read_baseline
from imgtar.policy.policy import CHECK, SETTINGS, Policy
from imgtar.report.words.check import verdict_words

_KEYS = (*SETTINGS, *CHECK)
_NAMES = {"config", *(key.replace("-", "_") for key in _KEYS)}


def check(given: Mapping[str, Any]) -> int:
    """The exit code of `imgtar check` with these options. Raises click.UsageError where there is no gate."""
    policy = policy_of(given["config"], stated_keys(given, _KEYS))
    _complete(policy)
    others = {name: value for name, value in given.items() if name not in _NAMES}
    request = Request(
        command="check",
        fail_on=policy.gates.fail_on,
        min_severity=policy.min_severity,
        ignore=policy.ignore,
        ignore_path=policy.ignore_path,
        **others,
    )
    with named(request):
        if policy.audits:
            from imgtar.cli.settings import judgement  # with all rules of the audit

            request = msgspec.structs.replace(request, told=judgement(request))
        base_images = read_base_image(policy.base_image, request.reading_limits()) if policy.base_image else None
        earlier = read_baseline(policy.baseline) if policy.baseline else []
    return run(request, lambda report, shown: _answer(report, shown, policy, base_images, earlier))


def _answer(
    report: Report,
    shown: Filtered,
    policy: Policy,
    base_images: tuple[DiffIDs, ...] | None,
    earlier: list[BaselineImage],
) -> Answer:
    content = check_answer(report, shown, policy, base_images, earlier)
    document = content.document
    failed = not all(rule.passed for rule in document.rules)
    return Answer(content, found=not failed, why=verdict_words(document) if failed else "")


def _complete(policy: Policy) -> None:
    if not policy.has_gate:
        where = "" if policy.file is None else f"{policy.file} has none; "
        raise click.UsageError(
            f"check: no gate is given; {where}try --min-efficiency 0.95 or --max-size 500MB, "
            "or write imgtar.toml (docs/check.md)"
        )
    if (policy.gates.max_growth is None) != (policy.baseline is None):
        missing, given = ("--baseline", "--max-growth") if policy.baseline is None else ("--max-growth", "--baseline")
        raise click.UsageError(f"{given} needs {missing}: the growth since an earlier report; give both")
    if policy.base is not None and policy.base_image is not None:
        raise click.UsageError("--base and --base-image exclude each other; give one")
