"""The lists of an image about its waste: files, groups of files, advice (contract.md section 4)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from msgspec import UNSET, UnsetType

from imgtar.contract import inspect as model
from imgtar.text import json_text

if TYPE_CHECKING:  # a question about documents alone needs none of them
    from imgtar.analysis.advice.advice import Advice
    from imgtar.analysis.stacked_image import MeasuredImage
    from imgtar.analysis.waste_groups import WasteGroup
    from imgtar.filesystem.changes import Death


class WasteLists(msgspec.Struct, frozen=True):
    """The lists as the report has them; absent where the report leaves out long lists."""

    rows: list[model.WasteRow] | UnsetType = UNSET
    groups: list[model.WasteGroup] | UnsetType = UNSET
    advice: list[model.Advice] | UnsetType = UNSET


NO_LISTS = WasteLists()


def waste_lists(stacked: MeasuredImage) -> WasteLists:
    """The wasted files of an image and their groups, the largest first; both depend on its layers alone."""
    from imgtar.analysis.waste_groups import waste_groups

    rows = stacked.waste.rows
    return WasteLists([_row(death) for death in rows], [_group(group) for group in waste_groups(rows)])


def with_advice(lists: WasteLists, stacked: MeasuredImage) -> WasteLists:
    """The lists with the advice on an image, which depends on its history too."""
    from imgtar.analysis.advice.advice import advice

    return msgspec.structs.replace(lists, advice=[_advice(one) for one in advice(stacked)])


def _row(death: Death) -> model.WasteRow:
    path, path_b64 = json_text(b"/" + death.path)
    return model.WasteRow(
        path=path,
        path_b64=path_b64,
        bytes=death.size,
        kind=death.kind,
        added_in=death.added_in,
        removed_in=death.removed_in,
    )


def _group(group: WasteGroup) -> model.WasteGroup:
    path, path_b64 = json_text(b"/" + group.directory)
    return model.WasteGroup(
        path=path,
        path_b64=path_b64,
        bytes=group.size,
        files=group.files,
        kind=group.kind,
        added_in=group.added_in,
        removed_in=group.removed_in,
    )


def _advice(one: Advice) -> model.Advice:
    path, path_b64 = json_text(b"/" + one.directory)
    return model.Advice(
        kind=one.kind,
        layer=one.layer,
        message=one.message,
        remedy=one.remedy,
        path=path,
        path_b64=path_b64,
        bytes=one.size,
        files=one.files,
        added_in=one.added_in,
        removed_in=one.removed_in,
    )
