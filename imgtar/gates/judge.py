"""May it ship? Every gate of a policy over every image: pure functions of answers that are there already."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from imgtar.analysis.stacked_image import Stacked
from imgtar.findings import Severity
from imgtar.gates import config as gate_config
from imgtar.gates import sizes as gate_sizes
from imgtar.gates.base_image import Base
from imgtar.gates.baseline import Earlier, counterpart
from imgtar.gates.verdict import LISTED, Cause, Verdict
from imgtar.policy.policy import Gates


def judge(
    gates: Gates,
    answers: Sequence[Stacked],
    bases: Sequence[Base],
    findings: Sequence[Severity],
    earlier: Sequence[Earlier] = (),
) -> list[Verdict]:
    """The verdicts, image by image and in a fixed order; those on the whole archive come last.

    `bases` has the base of each image, `findings` the severity of each finding that counts, `earlier` the images of the
    baseline.
    """
    found = [
        verdict for number, answer in enumerate(answers) for verdict in _image(number, answer, gates, bases[number])
    ]
    if gates.max_growth is not None:
        found += [
            gate_sizes.growth(number, answer, gates.max_growth, counterpart(answer.image, len(answers), earlier))
            for number, answer in enumerate(answers)
        ]
    found.sort(key=lambda verdict: verdict.image or 0)
    if gates.require_platform:
        found.append(gate_config.platforms([answer.image for answer in answers], gates.require_platform))
    if gates.max_severity is not None:
        found.append(_severity("max-severity", findings, gates.max_severity, gates.max_severity.rank + 1))
    if gates.fail_on is not None:
        found.append(_severity("fail-on", findings, gates.fail_on, gates.fail_on.rank))
    return found


def _image(number: int, answer: Stacked, gates: Gates, base: Base) -> Iterator[Verdict]:
    yield from gate_sizes.sizes(number, answer, gates, base.layers)
    if gates.forbid_path or gates.require_path:
        from imgtar.gates import paths as gate_paths

        if gates.forbid_path:
            yield gate_paths.forbidden(number, answer, gates.forbid_path)
        if gates.require_path:
            yield gate_paths.required(number, answer, gates.require_path)
    yield from gate_config.configured(number, answer, gates)


def _severity(rule: str, findings: Sequence[Severity], limit: Severity, least: int) -> Verdict:
    """Fails where a finding has at least the rank `least`."""
    worst = max(findings, key=lambda severity: severity.rank, default=None)
    wrong = [number for number, severity in enumerate(findings) if severity.rank >= least]
    return Verdict(
        rule=rule,
        image=None,
        passed=not wrong,
        value=None if worst is None else worst.value,
        limit=limit.value,
        unit="text",
        causes=tuple(Cause(finding=number) for number in wrong[:LISTED]),
    )
