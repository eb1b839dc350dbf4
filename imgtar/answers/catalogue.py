"""Every kind of finding, by its code: for `--ignore CODE`, the documentation and the list of rules.

Each room declares the kinds that it raises; only here are they all imported. A report needs no such list: a finding
carries its kind.
"""

from __future__ import annotations

import functools
from itertools import chain

from imgtar import limits
from imgtar.analysis import expectation
from imgtar.analysis.inventory import problems as inventory
from imgtar.archive import problems as archive
from imgtar.audit.auditor import RULE_FAMILIES
from imgtar.extraction import problems as extraction
from imgtar.findings import Kind
from imgtar.formats.compression import problems as compression
from imgtar.formats.json_document import problems as json_document
from imgtar.formats.oci import problems as oci
from imgtar.formats.tar import problems as tar
from imgtar.image import problems as image
from imgtar.image.history import pairing
from imgtar.layer import problems as layer

_DECLARED = (
    limits.KINDS.values(),
    compression.KINDS,
    tar.KINDS,
    json_document.KINDS,
    oci.KINDS,
    archive.KINDS,
    layer.KINDS,
    image.KINDS,
    pairing.KINDS,
    extraction.KINDS,
    expectation.KINDS,
    inventory.KINDS,
    *RULE_FAMILIES.values(),
)


@functools.cache
def kinds() -> dict[str, Kind]:
    """All kinds by their code, in the order of the codes."""
    return {kind.code: kind for kind in sorted(chain(*_DECLARED), key=lambda kind: kind.code)}
