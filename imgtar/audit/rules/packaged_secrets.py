"""What looks like a secret in the files of packages: published samples, counted for each layer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from imgtar.findings import Finding, Kind, Severity, Where

_NAMED_KINDS = 5

PACKAGED = Kind(
    code="secret.packaged",
    severity=Severity.INFO,
    sentence="{files} of packages {hold} what looks like {secrets} ({types}; {kinds}); use --packaged to list {them}",
    meaning="Files that packages brought hold text that has the form of a secret: published samples, as a rule.",
    remedy="List these secrets with --packaged. Look at them where the packages are your own.",
    references=("CIS-Docker-4.10", "CIS-DI-0010"),
    is_group=True,
)
KINDS = (PACKAGED,)


class PackagedSecrets:
    """Counts what looks like a secret in the files of one layer that packages brought."""

    def __init__(self) -> None:
        self._paths: set[bytes] = set()
        self._types: Counter[str] = Counter()
        self._kinds: Counter[str] = Counter()

    def __bool__(self) -> bool:
        return bool(self._paths)

    def add(self, path: bytes, package_type: str, kinds: Sequence[Kind]) -> None:
        """Counts the secrets of a file, one of each of the kinds, by the package's type."""
        if kinds:
            self._paths.add(path)
            self._types[package_type] += len(kinds)
            self._kinds.update(kind.code.removeprefix("secret.") for kind in kinds)

    def finding(self, layer: int) -> Finding:
        """The count as a finding."""
        files, secrets = len(self._paths), self._types.total()
        rest = len(self._kinds) - _NAMED_KINDS
        finding = PACKAGED.at(
            Where(layer=layer),
            None,
            files="1 file" if files == 1 else f"{files:,} files",
            hold="holds" if files == 1 else "hold",
            secrets="a secret" if secrets == 1 else f"{secrets:,} secrets",
            them="it" if secrets == 1 else "them",
            types=_counts(self._types, len(self._types)),
            kinds=_counts(self._kinds, _NAMED_KINDS) + (f", {rest} more kinds" if rest > 0 else ""),
        )
        return finding.counted(secrets)


def _counts(counter: Counter[str], most: int) -> str:
    """`jwt 3, private-key 1`, the most frequent first."""
    ordered = sorted(counter.items(), key=lambda item: (-item[1], item[0]))
    return ", ".join(f"{name} {count:,}" for name, count in ordered[:most])
