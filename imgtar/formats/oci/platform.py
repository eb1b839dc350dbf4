"""Platforms (OCI image-spec, image-index.md, «platform»; config.md): read, written as text, and matched."""

from __future__ import annotations

import msgspec

from imgtar.formats.json_document.fields import Fields


class Platform(msgspec.Struct, frozen=True):
    """What an image runs on; None where nothing is stated."""

    os: str | None = None
    architecture: str | None = None
    variant: str | None = None

    @classmethod
    def parse(cls, text: str) -> Platform:
        """The platform that `os/architecture[/variant]` spells. Raises ValueError for any other text."""
        parts = text.split("/")
        if not 2 <= len(parts) <= 3 or not all(parts):
            raise ValueError("not os/architecture[/variant]")
        return cls(*parts)

    @property
    def text(self) -> str:
        """`linux/arm64/v8`: the parts that are stated; "" where nothing is."""
        return "/".join(part for part in (self.os, self.architecture, self.variant) if part)

    def matches(self, wanted: Platform) -> bool:
        """Is this the wanted platform? One without a variant stands for every variant."""
        same = (self.os, self.architecture) == (wanted.os, wanted.architecture)
        return same and wanted.variant in (None, self.variant)


def read_platform(fields: Fields) -> Platform:
    """The keys `os`, `architecture` and `variant` of a platform object or of a config."""
    return Platform(fields.string("os"), fields.string("architecture"), fields.string("variant"))
