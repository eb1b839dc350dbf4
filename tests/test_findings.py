"""The log of findings: how many it keeps, and that what a user leaves out takes no place of another finding."""

from __future__ import annotations

import re

from imgtar.answers import catalogue
from imgtar.answers.filters import Filter
from imgtar.audit.auditor import RULE_FAMILIES
from imgtar.audit.rules.entries import SETUID
from imgtar.findings import Effect, Finding, FindingLog, Where
from imgtar.layer.scan import scan_layer
from imgtar.limits import Meter
from tests.builders import file, tar
from tests.filesystem.stack import Bytes

STREAMS = ("gzip", "zstd", "xz", "bzip2")


def setuid(path: str, layer: int = 0, effect: Effect = Effect.NONE) -> Finding:
    return SETUID.at(Where(layer=layer, path=path.encode()), effect, path=path, mode="", runs_as="", removal="")


def shape(log: FindingLog) -> list[tuple[int | None, int]]:
    """Layer and count of each finding."""
    return [(finding.where.layer, finding.count) for finding in log]


def test_of_each_layer_a_hundred_are_kept() -> None:
    log = FindingLog(setuid(f"f{number}", layer) for layer in (0, 1) for number in range(131))
    assert shape(log) == [*[(0, 1)] * 100, *[(1, 1)] * 100, (0, 31), (1, 31)]
    assert list(log)[-1].where.path is None


def test_a_log_of_logs_counts_all() -> None:
    first = FindingLog(setuid(f"f{number}") for number in range(131))
    joined = FindingLog([*first, *first])
    assert sum(finding.count for finding in joined) == 262
    assert sum(finding.count == 1 for finding in joined) == 100


def test_a_count_that_comes_first_is_not_counted_again() -> None:
    *_, rest = FindingLog(setuid(f"f{number}") for number in range(1000))
    joined = FindingLog([rest, *(setuid(f"g{number}") for number in range(131))])
    assert sum(finding.count for finding in joined) == 900 + 131


def test_ignored_findings_take_no_place() -> None:
    ignores = Filter.of(None, (), ["first/"])
    findings = [*(setuid(f"first/{number}") for number in range(1000)), *(setuid(f"f{number}") for number in range(31))]
    log = FindingLog(findings, ignores=ignores)
    kept = [finding for finding in log if ignores.taking(finding) is None]
    assert [finding.where.path for finding in kept] == [f"f{number}".encode() for number in range(31)]
    assert sum(finding.count for finding in log if ignores.taking(finding) == 0) == 1000


def test_an_effect_of_an_ignored_finding_stays() -> None:
    log = FindingLog([setuid("a", effect=Effect.INCOMPLETE)], ignores=Filter.of(None, (), ["a"]))
    assert log.has(Effect.INCOMPLETE)
    assert not log.has(Effect.LIMIT)


def test_a_log_keeps_no_more_of_a_million() -> None:
    ignores = Filter.of(None, (), ["a/", "b/"])
    kept = {
        count: sum(
            1 for _ in FindingLog((setuid(f"{'ab'[number % 2]}/{number}") for number in range(count)), ignores=ignores)
        )
        for count in (1000, 2000, 4000)
    }
    assert set(kept.values()) == {101}


def test_a_layer_of_odd_names_keeps_as_many_findings_whatever_their_number() -> None:
    def kept(count: int) -> int:
        raw = tar(*(file(f"{'ab'[number % 2]}/{number}\x01") for number in range(count)))
        return len(scan_layer(Bytes(raw), Meter(ignores=Filter.of(None, (), ["a/"]))).findings)

    assert kept(500) == kept(1000) == kept(2000) == 2 * 101


def test_secrets_and_nothing_else_are_always_listed() -> None:
    counts = ("secret.packaged", "secret.unread-inside")  # one finding that stands for many
    for kind in (kind for kinds in RULE_FAMILIES.values() for kind in kinds if kind.code not in counts):
        assert kind.always_listed == (kind.code.startswith("secret.") or kind.code == "config.secret"), kind.code


def test_every_number_of_bytes_has_its_digits_grouped() -> None:
    found = {
        (kind.code, place)
        for kind in catalogue.kinds().values()
        for before, place, after in re.findall(r"(\w*\s?)\{(\w+(?::,)?)\}(?=(.{0,12}))", kind.sentence)
        if not place.endswith(":,")
        and (before in ("byte ", "bytes ", "offset ") or re.match(r" (?:NUL )?bytes", after))
    }
    assert found == set()
    assert "{size:,} bytes" in catalogue.kinds()["gzip.truncated"].sentence


def test_what_is_cut_has_one_remedy() -> None:
    codes = ("tar.truncated", "image.cut-before-manifest", "layer.body-cut", *(f"{form}.truncated" for form in STREAMS))
    assert {catalogue.kinds()[code].remedy for code in codes} == {
        "Copy or save the image again and compare the file size."
    }
