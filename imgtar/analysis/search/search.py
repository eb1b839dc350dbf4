"""The search of one image: the paths that are asked for, and the layers that did something to each."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set

import msgspec

from imgtar.analysis.search.contents import TEXT_FOUND, DigestProbe, TextProbe
from imgtar.analysis.search.hashing import Hashing, ReadBodies
from imgtar.analysis.search.holders import Content, Stored, content_of, files_of, holders
from imgtar.analysis.search.query import Query
from imgtar.analysis.search.selector import Hops, Selector
from imgtar.analysis.stacked_image import StackedImage
from imgtar.filesystem.tree import FileEntry
from imgtar.findings import Finding
from imgtar.formats.tar.path import clean
from imgtar.layer.probes import Probe
from imgtar.limits import LimitReached, Limits

Layers = int | tuple[int, ...]  # nearly always one; a million paths are in memory
_FEW = 16  # directories, for each of which every path is compared


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """What was found: `paths` in their order, and for each the `layers` that did something to it, base first.

    In those of `unchanged` a directory is only listed again. `hidden` has what layers store at no path: it was stored
    over in the same layer, or its name has no place. `via` and `loops` are those of `Selector`; `below` says how many
    paths are or were below a directory that was asked for. `digests` has the SHA-256 of the contents of which it is
    known, `with_text` the contents that have the text. `unmatched` are the patterns for which there is nothing.
    """

    stacked: StackedImage
    query: Query
    paths: Sequence[bytes]
    layers: Mapping[bytes, Layers]
    unchanged: Set[tuple[bytes, int]]
    hidden: Mapping[bytes, Sequence[Stored]]
    via: Mapping[bytes, Hops]
    loops: Mapping[bytes, Hops]
    below: Mapping[bytes, int]
    digests: Mapping[Content, bytes]
    with_text: Set[Content]
    unmatched: Sequence[str]
    findings: tuple[Finding, ...]

    def layers_of(self, path: bytes) -> tuple[int, ...]:
        """The layers that did something to a path, base first."""
        return _several(self.layers.get(path, ()))

    def contents(self) -> Iterator[Stored]:
        """The regular files among all versions of all paths, as they are stored."""
        for path in self.paths:
            versions = (self.stacked.version(path, layer) for layer in self.layers_of(path))
            yield from ((one.scan_layer, one.member) for one in versions if content_of(one) is not None)
            yield from self.hidden.get(path, ())


def _several(layers: Layers) -> tuple[int, ...]:
    return (layers,) if isinstance(layers, int) else layers


class Search:
    """A query on its way through an archive: its `probes` watch the layers pass, then `of` looks at an image.

    Where digests are looked for, `wants_contents` asks for the digest of every file. It is unknown for sparse files;
    they are read again, or seen by the `passing_probes` where the archive passes once.
    """

    def __init__(self, query: Query, limits: Limits) -> None:
        self.query = query
        self._limits = limits
        wanted = query.patterns.digests
        self.wants_contents = bool(wanted)
        self.probes: tuple[Probe[object], ...] = () if query.text is None else (TextProbe(query.text),)
        self._passing = DigestProbe(None if query.digests else wanted, limits)
        self.passing_probes: tuple[Probe[object], ...] = (self._passing,) if wanted or query.digests else ()

    def of(self, stacked: StackedImage, read: ReadBodies) -> Found:
        """What is found in an image whose layers, up to the last that matters, were read with the probes.

        `read` gives the bodies of members whose digests are asked for and were not taken in passing. Raises InputError.
        """
        hashing = Hashing(stacked, read, self._passing)
        if self.wants_contents:
            hashing.take(files_of(stacked, self.query.top), self.query.patterns.digests)
        found = _ImageSearch(stacked, self.query).run(hashing.digests, self._limits)
        if self.query.digests:
            hashing.take(found.contents())
        findings = (*found.findings, *hashing.findings)
        return msgspec.structs.replace(found, digests=hashing.digests, findings=findings)


class _ImageSearch:
    """One image while it is searched."""

    def __init__(self, stacked: StackedImage, query: Query) -> None:
        self._stacked = stacked
        self._query = query
        self._first = query.layer or 0
        self._last = len(stacked.changes) if query.top is None else query.top + 1
        self._scans = stacked.tree.scans[: self._last]
        self._layers: dict[bytes, Layers] = {}
        self._hidden: defaultdict[bytes, list[Stored]] = defaultdict(list)
        self._unchanged: set[tuple[bytes, int]] = set()
        self._with_text = frozenset(
            (layer, offset)
            for layer, scan in enumerate(self._scans)
            if scan is not None
            for offset in scan.answers.of(TEXT_FOUND).by_offset
        )

    def run(self, digests: Mapping[Content, bytes], limits: Limits) -> Found:
        patterns = self._query.patterns
        asked = {content for content, digest in digests.items() if digest in patterns.digests}
        selector = self._select(asked)
        paths = sorted(path for path in self._layers.keys() | self._hidden.keys() if self._holds(path))
        if b"" in selector.given and self._holds(b""):
            paths.insert(0, b"")
        reached: tuple[Finding, ...] = ()
        if len(paths) > limits.find_matches:
            del paths[limits.find_matches :]
            reached = (LimitReached("find-matches", limits.find_matches).finding(),)
        matched = selector.matched | {patterns.digests[digests[content]] for content in asked}
        return Found(
            stacked=self._stacked,
            query=self._query,
            paths=paths,
            layers=self._layers,
            unchanged=self._unchanged,
            hidden=self._hidden,
            via=selector.via,
            loops=selector.loops,
            below=self._below(selector.given),
            digests=digests,
            with_text=self._with_text,
            unmatched=[text for text in patterns.texts if text not in matched],
            findings=reached,
        )

    def _select(self, asked: set[Content]) -> Selector:
        """Takes in what each layer did to each path that is asked for, itself or by its content."""
        query = self._query
        by_text = query.patterns.every_path and query.text is not None  # the text alone says which paths
        if by_text:
            asked = asked | self._with_text
        held, hidden = holders(self._stacked, self._scans, asked)
        held |= {clean(member.name) for _, member in hidden}
        selector = Selector(query.patterns, self._stacked, held, everything=query.patterns.every_path and not by_text)
        for layer in range(self._first, self._last):
            self._take(selector.changed(layer), layer)
            if query.all_events:
                changed = set(selector.changed(layer))
                unchanged = [path for path in selector.listed(layer) if path not in changed]
                self._unchanged.update((path, layer) for path in unchanged)
                self._take(unchanged, layer)
        others = holders(self._stacked, self._scans, self._with_text - asked)[1]
        hidden += (stored for stored in others if selector.means(clean(stored[1].name)))
        for layer, member in hidden:
            if layer >= self._first:
                self._hidden[clean(member.name)].append((layer, member))
        return selector

    def _take(self, paths: Iterable[bytes], layer: int) -> None:
        for path in dict.fromkeys(paths):
            before = self._layers.get(path)
            self._layers[path] = layer if before is None else (*_several(before), layer)

    def _holds(self, path: bytes) -> bool:
        """Is a path, one of its versions at least, what is asked for besides its name?"""
        query, tree = self._query, self._stacked.tree
        stands = path in tree or not path
        if query.standing is not None and stands != (query.standing == "present"):
            return False
        if query.text is None and query.criteria.ask_nothing:
            return True
        return any(
            query.criteria.hold(version) and (query.text is None or content_of(version) in self._with_text)
            for version in self._versions(path)
        )

    def _versions(self, path: bytes) -> Iterable[FileEntry]:
        """The versions of a path; the one that stands where only that is asked for."""
        if self._query.standing == "present":
            return (self._stacked.tree.entry(path),) if path else ()
        own = (self._stacked.version(path, layer) for layer in _several(self._layers.get(path, ())))
        hidden = (FileEntry(member, layer, layer) for layer, member in self._hidden.get(path, ()))
        return (*own, *hidden)

    def _below(self, asked: Set[bytes]) -> dict[bytes, int]:
        """How many paths the layers have below each of the directories that are asked for by their path."""
        version = self._stacked.version
        directories = [
            path
            for path in asked
            if not path or any(version(path, layer).type == "dir" for layer in _several(self._layers.get(path, ())))
        ]
        if not directories:
            return {}
        prefixes = tuple(path + b"/" if path else b"" for path in directories)
        prefixes = prefixes if len(prefixes) < _FEW else (b"",)
        layers = (
            self._stacked.changes[: self._last]
            if self._query.layer is None
            else [self._stacked.changes[self._query.layer]]
        )
        below = {
            path
            for changes in layers
            for rows in (changes.added, changes.modified, changes.deleted)
            for path in rows
            if path.startswith(prefixes)
        }
        ordered = sorted(below)
        # What is below `d` lies between `d/` and `d0`, the next byte.
        return {
            path: bisect_left(ordered, path + b"0") - bisect_left(ordered, path + b"/") if path else len(ordered)
            for path in directories
        }
