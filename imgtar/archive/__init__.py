"""Where the blobs are: an input is opened, its members are indexed, and its documents name the images.

`input/` opens a file, a directory or a stream; `index/` finds the members and resolves links inside the archive;
`catalog/` reads the documents of docker and OCI and joins what they say. Layers are not interpreted
here: a layer that passes in a stream goes to the scan that the caller gives.
"""

from imgtar.archive.archive import Archive, open_archive
from imgtar.archive.catalog.catalog import Catalog
from imgtar.archive.catalog.records import ImageRecord, LayerRef, OtherRecord
from imgtar.archive.index.member_index import Member, MemberIndex
from imgtar.archive.input.source import InputName, Source, parse_input

__all__ = [
    "Archive",
    "Catalog",
    "ImageRecord",
    "InputName",
    "LayerRef",
    "Member",
    "MemberIndex",
    "OtherRecord",
    "Source",
    "open_archive",
    "parse_input",
]
