"""Which of an archive's images a command reads: `--image REF` and `--platform` (contract.md section 1)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Protocol

from imgtar.archive.catalog.records import ImageRecord
from imgtar.errors import InputError, UsageError
from imgtar.findings import Finding
from imgtar.formats.digest import Digest
from imgtar.formats.docker import familiar
from imgtar.formats.oci.platform import Platform
from imgtar.image import problems

_ID_PREFIX = re.compile(r"(?:sha256:)?([0-9a-f]{12,64})")
_LISTED = 10


def platform_of(record: ImageRecord) -> Platform:
    """The config's platform; what it leaves out is the descriptor's where the two do not differ."""
    config = _config_platform(record)
    return config if record.platform is None else config.completed(record.platform)


def _config_platform(record: ImageRecord) -> Platform:
    return Platform() if record.config is None else record.config.platform


def platform_findings(record: ImageRecord) -> list[Finding]:
    """A finding where config and descriptor state different platforms."""
    config, stated = _config_platform(record), record.platform
    if stated is None or not config.contradicts(stated):
        return []
    return [problems.PLATFORM_MISMATCH.at(config=config.text[:200], stated=stated.text[:200])]


def _runs_on(record: ImageRecord, wanted: Platform) -> bool:
    """Does the image's platform match, or what the index says of it?"""
    stated = record.platform
    return platform_of(record).matches(wanted) or (stated is not None and stated.matches(wanted))


def select(
    records: Sequence[ImageRecord],
    reference: str | None = None,
    platform: str | None = None,
    *,
    lost: bool = False,
) -> list[ImageRecord]:
    """The images that match both `reference` and `platform`, in order; without either all of them.

    With `lost` damage may have taken images: where none is left, none is what there is. Raises InputError where no
    image matches, with a list of those that exist, and UsageError for an invalid platform.
    """
    wanted = None if platform is None else _parse_platform(platform)
    chosen = list(records)
    if lost and not chosen:
        return chosen
    if reference is not None:
        found = set(matching(records, reference))
        chosen = [record for number, record in enumerate(records) if number in found]
        if not chosen:
            raise _no_such(f"no image matches {reference}", records)
    if wanted is not None:
        candidates, chosen = chosen, [record for record in chosen if _runs_on(record, wanted)]
        if not chosen:
            raise _no_such(f"no image for {platform}", candidates)
    return chosen


class Named(Protocol):
    """What a reference may name an image by."""

    @property
    def names(self) -> tuple[str, ...]: ...
    @property
    def image_id(self) -> str | None: ...
    @property
    def manifest_digest(self) -> Digest | None: ...
    @property
    def target_digest(self) -> Digest | None: ...
    @property
    def platform(self) -> Platform | None: ...


def matching(records: Sequence[Named], reference: str) -> list[int]:
    """The positions of the matching images: by `@N`, else by name, else by the end of a name, else by ID."""
    if reference.startswith("@") and reference[1:].isdecimal() and len(reference) < 8:
        return [number for number in range(len(records)) if number == int(reference[1:])]
    name = familiar(reference)
    for matches in (_is_named, _ends_in):
        found = [number for number, record in enumerate(records) if matches(record, name)]
        if found:
            return found
    prefix = _ID_PREFIX.fullmatch(reference)
    if prefix is None:
        return []
    return [number for number, record in enumerate(records) if _has_id(record, prefix[1])]


def _is_named(record: Named, name: str) -> bool:
    return name in record.names


def _ends_in(record: Named, name: str) -> bool:
    """Does one of the names end in `name` from a `/` on, with or without its tag?"""
    end = f"/{name}"
    for full in record.names:
        folder, slash, last = (full if "/" in full else f"docker.io/library/{full}").rpartition("/")
        untagged = last.partition("@")[0].partition(":")[0]
        if any(f"/{folder}{slash}{part}".endswith(end) for part in (last, untagged)):
            return True
    return False


def _has_id(record: Named, digits: str) -> bool:
    identities = (record.image_id, record.manifest_digest, record.target_digest)
    return any(str(identity).removeprefix("sha256:").startswith(digits) for identity in identities if identity)


def _parse_platform(text: str) -> Platform:
    """The platform. Raises UsageError where the text is not os/architecture[/variant]."""
    try:
        return Platform.parse(text)
    except ValueError:
        what = f"not a valid platform: {text}"
        raise UsageError("usage.platform", what, "write os/architecture[/variant], or an architecture alone") from None


def choices(records: Sequence[Named]) -> str:
    """The images that a person can choose from: `@0 mysql:8 (linux/amd64), @1 app:1`; `no images` where none is.

    Of a long list the first ten and a count.
    """
    listed = ", ".join(_choice(number, record) for number, record in enumerate(records[:_LISTED]))
    more = f" and {len(records) - _LISTED} more" if len(records) > _LISTED else ""
    return f"{listed or 'no images'}{more}"


def _choice(number: int, record: Named) -> str:
    stated = platform_of(record) if isinstance(record, ImageRecord) else record.platform
    platform = "" if stated is None else stated.text
    name = record.names[0] if record.names else (record.image_id or "<none>")[:19]
    return f"@{number} {name[:100]}" + (f" ({platform[:50]})" if platform else "")


def _no_such(message: str, records: Sequence[ImageRecord]) -> InputError:
    return InputError("image.not-found", message, f"the archive has {choices(records)}")
