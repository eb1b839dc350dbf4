"""Every gate of a policy over every image: pure functions of what the images are known to hold."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from imgtar.analysis.stacked_image import MeasuredImage
from imgtar.findings import Severity
from imgtar.gates import config as config_gates
from imgtar.gates import sizes as size_gates
from imgtar.gates.baseline import BaselineImage
from imgtar.gates.verdict import Cause, Verdict
from imgtar.image.counterparts import Counterparts
from imgtar.image.image import Image
from imgtar.policy.policy import Gates


def evaluate(
    gates: Gates,
    images: Iterable[MeasuredImage],
    own_from: Sequence[int],
    severities: Sequence[Severity],
    baseline: Sequence[BaselineImage] = (),
    *,
    own: bool = False,
) -> list[Verdict]:
    """The verdicts, image by image and in a fixed order; those on the whole archive come last.

    `own_from` has the first layer of each image that is not its base's, `severities` the severity of each finding that
    counts, `baseline` the images of the earlier report. With `own` the gates on sizes, waste, layers and forbidden
    paths judge these layers alone.
    """
    verdicts: list[Verdict] = []
    judged: list[Image] = []
    counterparts = Counterparts(baseline)
    for number, stacked in enumerate(images):  # once, because each may be stacked anew
        judged.append(stacked.image)
        verdicts += _image(number, stacked, gates, own_from[number], own=own)
        if gates.max_growth is not None:
            earlier = counterparts.of(stacked.image, len(own_from))
            before = None if earlier is None else baseline[earlier]
            verdicts.append(size_gates.growth(number, stacked, gates.max_growth, before))
    if gates.require_platform:
        verdicts.append(config_gates.required_platforms(judged, gates.require_platform))
    if gates.max_severity is not None:
        verdicts.append(_severity("max-severity", severities, gates.max_severity, gates.max_severity.rank + 1))
    if gates.fail_on is not None:
        verdicts.append(_severity("fail-on", severities, gates.fail_on, gates.fail_on.rank))
    return verdicts


def _image(number: int, stacked: MeasuredImage, gates: Gates, own_from: int, *, own: bool) -> Iterator[Verdict]:
    first = own_from if own else 0
    yield from size_gates.size_verdicts(number, stacked, gates, own_from, first)
    if gates.forbid_path or gates.require_path:
        from imgtar.gates import paths as path_gates

        if gates.forbid_path:
            yield path_gates.forbidden_paths(number, stacked, gates.forbid_path, first)
        if gates.require_path:
            yield path_gates.required_paths(number, stacked, gates.require_path)
    yield from config_gates.config_verdicts(number, stacked.image, gates)


def _severity(rule: str, severities: Sequence[Severity], limit: Severity, failing_rank: int) -> Verdict:
    """The verdict of a gate on findings: it fails if a finding has the rank `failing_rank` or a higher one."""
    worst = max(severities, key=lambda severity: severity.rank, default=None)
    failing = [number for number, severity in enumerate(severities) if severity.rank >= failing_rank]
    return Verdict(
        rule=rule,
        image=None,
        passed=not failing,
        value=None if worst is None else worst.value,
        limit=limit.value,
        unit="text",
        causes=tuple(Cause(finding=number) for number in failing),
    )
