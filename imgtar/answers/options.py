"""What to read of an archive and how far: the options of a session, and what a question needs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

import msgspec

from imgtar.findings import Ignores
from imgtar.image.read_options import ReadOptions
from imgtar.limits import DEFAULT, Limits

if TYPE_CHECKING:
    from imgtar.analysis.expectation import Expectation
    from imgtar.analysis.recent_stacks import RecentStacks
    from imgtar.analysis.search.query import Query


class InspectOptions(ReadOptions, frozen=True, kw_only=True):
    """What to read of an archive and how far. `image` and `platform` choose as the options of that name do.

    `timeout` is in seconds; `jobs` layers are read at once, by default as many as there are cores. `allow_missing`:
    what the form allows to be absent does not make the report incomplete. `expected` is what was stated of the archive
    elsewhere; `search` is looked for while the layers pass. With `digests` the SHA-256 of any file may be asked for
    afterwards: where the archive passes once they are taken in passing. With `audit` the rules of `imgtar.audit` are
    among the findings; `judged_on` is the day that they compare times with (today without one), and `all_places` keeps
    the severity of secrets in tests, examples and the like, and `packaged` lists what looks like a secret in the files
    of packages. `kingfisher` searches for secrets with its rules too, which raises UsageError where the extra is not
    installed. Findings that `ignores` leaves out do not count towards the 100 of a code and layer that are kept one by
    one. A `summary` has no long lists, and the filesystem of one image at a time is in memory. With `audit` or
    `redacts` no finding quotes a secret of the image in full. With `spool` an archive that passes once (a pipe, a
    compressed file) goes to a temporary file without a name, so that `Session.bodies` can read it; `spool` is called
    with the directory of that file. `base` is the number of layers that the base image has, `base_images` are archives
    of it, or folders of archives, as `--base` and `--base-image` take them; at most one of the two. With `own` the
    document has the sums of the layers above the base. With `twins` the files are compared with those of another
    archive, whose layers these are: a layer that is among them is not read.
    With `root_filesystem` the input may be one instead of an archive of images.
    The databases of packages of `package_types` are read while the layers pass, for `imgtar.analysis.inventory`; with
    `sbom_files` the SBOMs among the files are kept then, too. With `layer_packages` the document says which packages of
    the system each layer brings; not where something else watches. From the `cache` come the scans of layers that an
    earlier run read, from `stacks` those that earlier sessions made with the same `cache` and `ignores`; neither
    changes a report. With `one_pass` no layer is read twice: every file is hashed while its layer passes, so no two
    have to be compared later.
    """

    limits: Limits = DEFAULT
    timeout: float | None = None
    expected: Expectation | None = None
    search: Query | None = None
    digests: bool = False
    audit: bool = False
    judged_on: date | None = None
    summary: bool = False
    all_places: bool = False
    kingfisher: bool = False
    packaged: bool = False
    redacts: bool = False
    ignores: Ignores | None = None
    base: int | None = None
    base_images: Sequence[str] = ()
    own: bool = False
    package_types: Sequence[str] = ()
    sbom_files: bool = False
    layer_packages: bool = True
    one_pass: bool = False
    stacks: RecentStacks | None = None


class Needs(msgspec.Struct, frozen=True, kw_only=True):
    """What a question reads of an archive: the catalog alone, or also the layers from 0 to `top` (None: all).

    `rows`: it asks for the document of `inspect`, which measures all layers.
    """

    layers: bool = True
    top: int | None = None
    rows: bool = True


DEFAULT_OPTIONS = InspectOptions()
CATALOG = Needs(layers=False)
EVERYTHING = Needs()
FILES = Needs(rows=False)
