"""The JSON documents of `history` and `ids`, which the documents of an image answer alone, without its layers."""

from __future__ import annotations

from imgtar.contract.block import Block
from imgtar.contract.envelope import Envelope, FindingRow
from imgtar.contract.inspect import History


class HistoryImage(Block, frozen=True, kw_only=True):
    names: list[str]
    id: str | None
    history: list[History]


class HistoryReport(Envelope, frozen=True, kw_only=True):
    images: list[HistoryImage]
    findings: list[FindingRow]
    ignored: int = 0


class ShortIds(Block, frozen=True, kw_only=True):
    """12 digits each of what `docker pull` shows (blob digest), what `docker load` shows (diffID), and the chain ID."""

    pull: str | None
    load: str | None
    chain: str | None


class LayerIds(Block, frozen=True, kw_only=True):
    index: int
    diff_id: str | None
    chain_id: str | None
    digest: str | None
    short: ShortIds


class StoreIds(Block, frozen=True, kw_only=True):
    image_id: str | None
    rmi: list[str] | None


class DockerIds(Block, frozen=True, kw_only=True):
    graphdriver: StoreIds
    containerd: StoreIds


class IdsImage(Block, frozen=True, kw_only=True):
    names: list[str]
    id: str | None
    layers: list[LayerIds]
    docker: DockerIds


class IdsReport(Envelope, frozen=True, kw_only=True):
    images: list[IdsImage]
    findings: list[FindingRow]
    ignored: int = 0
