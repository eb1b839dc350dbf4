"""How an archive is opened, and which of its images are read how far."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from imgtar.archive.index.spooled_index import Announce
    from imgtar.cache.scan_cache import ScanCache
    from imgtar.image.twins import Twins
    from imgtar.progress import Progress


class ReadOptions(msgspec.Struct, frozen=True, kw_only=True):
    """`image` and `platform` are `--image` and `--platform`; `spool` is that of `open_archive`.

    With `verify` the digests of everything that is here are recomputed. `allow_missing`: what the form allows to be
    absent is not damage. `jobs` layers are scanned at once, by default as many as there are cores. With `twins` the
    digest of every file in a compressed layer is taken, for a comparison with the archive of these layers; what is
    among them is not read, unless `verify` asks for that. With `root_filesystem` the input may be one: the form
    `rootfs`, with one image of one layer, whatever is chosen. With a `cache` a layer may come from an earlier run,
    which changes nothing of what is said.
    """

    image: str | None = None
    platform: str | None = None
    verify: bool = False
    allow_missing: bool = False
    jobs: int | None = None
    twins: Twins | None = None
    spool: Announce | None = None
    root_filesystem: bool = False
    progress: Progress | None = None
    cache: ScanCache | None = None


PLAIN = ReadOptions()
