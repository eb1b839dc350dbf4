"""Where the blobs are: the input, its members, and the catalog of images that it names."""

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
