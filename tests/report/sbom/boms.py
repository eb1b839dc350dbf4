"""SBOMs of images in tests, each checked by the library of its format."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from spdx_tools.spdx.parser.jsonlikedict.json_like_dict_parser import JsonLikeDictParser
from spdx_tools.spdx.validation.document_validator import validate_full_spdx_document

from imgtar.cli.registry import report_types
from imgtar.contract.content import TextSettings
from imgtar.contract.packages import PackagesContent
from tests.answers.inventories import content_asked, dpkg, status
from tests.builders import file, layer

Json = Mapping[str, Any]
OS = file("etc/os-release", b'ID=debian\nVERSION_ID="12"\nPRETTY_NAME="Debian 12"\n')
# deb in layer 0 and 1, one of them brings a package of python, one is removed; two of npm with one purl
LAYERS = [
    layer(OS, dpkg("libc6=2.36", "old=1")),
    layer(
        file("var/lib/dpkg/status", status("libc6=2.36-9", "python3-six=1.16")),
        file("var/lib/dpkg/info/python3-six.list", b"/usr/lib/python3/six-1.16.dist-info/METADATA\n"),
        file(
            "usr/lib/python3/six-1.16.dist-info/METADATA",
            b"Metadata-Version: 2.1\nName: six\nVersion: 1.16\nLicense: MIT\n\n",
        ),
        file("a/node_modules/x/package.json", b'{"name":"x","version":"1","license":"(MIT OR Apache-2.0)"}'),
        file("b/node_modules/x/package.json", b'{"name":"x","version":"1","license":"as you like"}'),
    ),
]


def text_of(content: PackagesContent, form: str) -> str:
    """The document as text."""
    return b"".join(report_types()["packages"].renderer(form)(content, TextSettings())).decode()


def bom(archive: bytes | Path | list[bytes], folder: Path, form: str, **choice: Any) -> Any:
    """The document of an archive as a value, valid by the library of its format."""
    text = text_of(content_asked(archive, folder, **choice), form)
    return valid(text, form)


def valid(text: str, form: str) -> Any:
    """The value of a document; fails where the library of its format finds something wrong."""
    if form == "cyclonedx":
        assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(text) is None
        return json.loads(text)
    value = json.loads(text)
    assert not validate_full_spdx_document(JsonLikeDictParser().parse(json.loads(text)))
    return value


def properties(part: Json) -> dict[str, str]:
    """The properties of a part of CycloneDX, without `imgtar:`."""
    return {one["name"].removeprefix("imgtar:"): one["value"] for one in part.get("properties", ())}


def annotations(package: Json) -> dict[str, str]:
    """The annotations of a package of SPDX, without `imgtar:`."""
    texts = (one["comment"].removeprefix("imgtar:") for one in package["annotations"])
    return dict(text.split(": ", 1) for text in texts)


def named(parts: list[Any], name: str) -> Any:
    """The one part of this name."""
    [found] = [part for part in parts if part["name"] == name]
    return found
