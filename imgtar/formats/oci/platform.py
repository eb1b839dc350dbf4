"""Platforms (OCI image-spec, image-index.md, «platform»; config.md): read, written as text, and matched."""

from __future__ import annotations

import msgspec

from imgtar.formats.json_document.fields import Fields

_SYSTEMS = frozenset({"linux", "windows", "darwin", "freebsd", "unknown"})  # names that are not an architecture


class Platform(msgspec.Struct, frozen=True):
    """What an image runs on; None where nothing is stated."""

    os: str | None = None
    architecture: str | None = None
    variant: str | None = None

    @classmethod
    def parse(cls, text: str) -> Platform:
        """The platform that `os/architecture[/variant]` spells; a bare architecture is one of linux.

        Raises ValueError for any other text.
        """
        parts = text.split("/")
        if len(parts) > 3 or not all(parts) or text in _SYSTEMS:
            raise ValueError("not os/architecture[/variant]")
        return cls("linux", *parts) if len(parts) == 1 else cls(*parts)

    @property
    def text(self) -> str:
        """`linux/arm64/v8`: the parts that are stated; "" where nothing is."""
        return "/".join(part for part in (self.os, self.architecture, self.variant) if part)

    def contradicts(self, stated: Platform) -> bool:
        """Do the two state something different? What one of them leaves out contradicts nothing."""
        pairs = zip(_keys(self), _keys(stated), strict=True)
        return any(ours and theirs and ours != theirs for ours, theirs in pairs)

    def completed(self, stated: Platform) -> Platform:
        """This platform with what `stated` adds; where they differ in os or architecture, it adds nothing.

        So the result is never a platform that nobody stated.
        """
        if msgspec.structs.replace(self, variant=None).contradicts(stated):
            return self
        variant = stated.variant if not self.architecture or stated.architecture else None
        return Platform(
            os=self.os or stated.os,
            architecture=self.architecture or stated.architecture,
            variant=self.variant or variant,
        )

    def matches(self, wanted: Platform) -> bool:
        """Is this the wanted platform? One without a variant stands for every variant."""
        same = (self.os, self.architecture) == (wanted.os, wanted.architecture)
        return same and wanted.variant in (None, self.variant)


def _keys(platform: Platform) -> tuple[str | None, str | None, str | None]:
    return platform.os, platform.architecture, platform.variant


def read_platform(fields: Fields) -> Platform:
    """The keys `os`, `architecture` and `variant` of a platform object or of a config."""
    return Platform(fields.string("os"), fields.string("architecture"), fields.string("variant"))
