"""Probes: what watches the bodies of a layer's files while the layer passes.

Several probes watch one pass. Each says which bodies it wants, takes their bytes in pieces as they come, and keeps
typed answers within a budget of its own. The answers are values of the scan, so they travel with it.
"""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Generic, Protocol, TypeVar, cast, runtime_checkable

import msgspec

from imgtar.formats.tar import ReadAt, TarMember
from imgtar.formats.tar.path import clean

_UNCLEAN = (b"/", b".")  # how names may end that end otherwise when they are cleaned

A = TypeVar("A")
A_co = TypeVar("A_co", covariant=True)


class Topic(msgspec.Struct, Generic[A_co], frozen=True):
    """The name under which a scan keeps the answers of a probe, and, for the type checker, the type of an answer."""

    name: str


class Watcher(Protocol[A_co]):
    """Takes the stored bytes of one body: those of a sparse file come without its holes, unless it takes holes, too."""

    def feed(self, chunk: bytes, /) -> bool:
        """Takes the next bytes; False when no more are needed."""

    def finish(self) -> A_co | None:
        """The answer to the bytes so far, None where there is nothing to keep. A cut tar may have ended early."""


@runtime_checkable
class SparseWatcher(Watcher[A_co], Protocol[A_co]):
    """A watcher that also hears of the holes of a sparse file, where they lie between the stored bytes."""

    def hole(self, length: int, /) -> None:
        """Takes zeros that are not stored."""


@runtime_checkable
class PartsWatcher(Watcher[A_co], Protocol[A_co]):
    """A watcher that may need only parts of a body."""

    def look(self, read: ReadAt, /) -> bool:
        """Reads parts where the bytes can be read by offset; False when the body need not pass. Then it finishes."""


class Interest(msgspec.Struct, frozen=True):
    """Which bodies a probe may want, as far as name and size tell at a glance.

    That is a file whose name has one of the `endings` or lies below one of the `folders`, which are parts of a path
    without a slash, or that has at least `size` bytes.
    """

    endings: tuple[bytes, ...] = ()
    folders: tuple[bytes, ...] = ()
    size: int = sys.maxsize

    def __or__(self, other: Interest) -> Interest:
        """What one of two probes may want."""
        return Interest(self.endings + other.endings, self.folders + other.folders, min(self.size, other.size))


_ANYTHING = Interest(size=0)


class Probe(Protocol[A_co]):
    """Watches the bodies of all layers of a run, within one budget."""

    @property
    def topic(self) -> Topic[A_co]:
        """Where the answers are kept."""

    def wants(self, path: bytes, size: int, /) -> bool:
        """Is the body of a regular file of interest? `path` is cleaned, `size` counts the stored bytes, never 0."""

    def watch(self, path: bytes, size: int, /) -> Watcher[A_co] | None:
        """A watcher for a wanted body; None when the budget is spent. Raises LimitReached when the time is up."""


@runtime_checkable
class NarrowProbe(Probe[A_co], Protocol[A_co]):
    """A probe that wants few bodies. Layers have many thousands: the others are left out without asking for each."""

    @property
    def interest(self) -> Interest:
        """What `wants` may agree to."""


class Answers(msgspec.Struct, Generic[A_co], frozen=True):
    """What a probe keeps of one layer: its answers by the offset of the body in the tar (`TarMember.offset`).

    `complete` is False where the budget was spent before a wanted body.
    """

    by_offset: Mapping[int, A_co]
    complete: bool = True


@runtime_checkable
class LastingAnswers(Protocol[A]):
    """A probe, or a reader of places, whose answers to a layer may be kept for a later run."""

    @property
    def topic(self) -> Topic[A]:
        """Where the answers are kept."""

    @property
    def settings(self) -> bytes:
        """What decides the answers, besides the bytes of the layer and the code."""

    def pack(self, answers: Answers[A], /) -> bytes | None:
        """The answers as bytes; None where they depend on what passed before."""

    def unpack(self, packed: bytes, /) -> Answers[A] | None:
        """The answers in bytes that `pack` made; None where there are none."""

    def fits(self, answers: Answers[A], /) -> bool:
        """Would what is left of the budget have sufficed for these answers, and for the bodies that they are about?"""

    def take(self, answers: Answers[A], /) -> Answers[A]:
        """Spends of the budget what these answers cost; returns them, or equal ones that take less memory."""


class ProbeAnswers(msgspec.Struct, frozen=True):
    """The answers of all probes that watched a layer, by the name of their topic."""

    by_topic: dict[str, Answers[object]]

    def of(self, topic: Topic[A]) -> Answers[A]:
        """The answers of the probe of this topic; none where no such probe watched."""
        # `LayerWatch` puts answers only under the topic of the probe that gives them.
        return cast("Answers[A]", self.by_topic.get(topic.name, Answers({})))


class LayerWatch:
    """All probes on one layer. A tar walk calls it for each body and feeds what it returns."""

    def __init__(self, probes: Sequence[Probe[object]]) -> None:
        self._probes = [(probe, dict[int, object]()) for probe in probes]
        self._incomplete: set[str] = set()
        interests = [probe.interest if isinstance(probe, NarrowProbe) else _ANYTHING for probe in probes]
        self._interest = functools.reduce(Interest.__or__, interests, Interest(_UNCLEAN))

    def candidates(self, members: Sequence[TarMember]) -> Sequence[TarMember]:
        """Those of the members whose bodies a probe may want, by name and size alone."""
        endings, folders, least = self._interest.endings, self._interest.folders, self._interest.size
        return [
            one
            for one in members
            if (size := one.size)
            and (size >= least or (name := one.name).endswith(endings) or any(map(name.__contains__, folders)))
        ]

    def __call__(self, name: bytes, size: int, offset: int) -> WatchedBody | None:
        """The watchers of a body of `size` stored bytes at `offset`; None where no probe wants it."""
        path = clean(name)
        watchers: list[tuple[Watcher[object], dict[int, object]]] = []
        for probe, answers in self._probes:
            if not probe.wants(path, size):
                continue
            watcher = probe.watch(path, size)
            if watcher is None:
                self._incomplete.add(probe.topic.name)
            else:
                watchers.append((watcher, answers))
        return WatchedBody(watchers, offset) if watchers else None

    def answers(self) -> ProbeAnswers:
        """What the probes keep of the bodies so far."""
        return ProbeAnswers(
            {
                probe.topic.name: Answers(answers, probe.topic.name not in self._incomplete)
                for probe, answers in self._probes
            }
        )


class WatchedBody:
    """One body on its way to the watchers that want it."""

    __slots__ = ("_hungry", "_offset", "_watchers")

    def __init__(self, watchers: list[tuple[Watcher[object], dict[int, object]]], offset: int) -> None:
        self._watchers = watchers
        self._hungry = [watcher for watcher, _ in watchers]
        self._offset = offset

    def feed(self, chunk: bytes, /) -> bool:
        """Passes the next bytes on; False when no watcher needs more."""
        self._hungry = [watcher for watcher in self._hungry if watcher.feed(chunk)]
        return bool(self._hungry)

    def look(self, read: ReadAt, /) -> bool:
        """Lets those watchers read parts that may need no more; False when the body need not pass."""
        self._hungry = [one for one in self._hungry if not isinstance(one, PartsWatcher) or one.look(read)]
        return bool(self._hungry)

    def hole(self, length: int, /) -> None:
        """Tells those watchers of a hole that want to hear of it."""
        for watcher in self._hungry:
            if isinstance(watcher, SparseWatcher):
                watcher.hole(length)

    def finish(self) -> None:
        """Takes the answers."""
        for watcher, answers in self._watchers:
            answer = watcher.finish()
            if answer is not None:
                answers[self._offset] = answer


_DOCUMENTS = msgspec.msgpack.Decoder(dict[int, bytes])


class DocumentProbe:
    """Keeps the whole bodies of the files whose path `is_wanted`, together at most `budget` bytes.

    Its answers last (`LastingAnswers`): a topic stands for one kind of files.
    """

    settings = b""

    def __init__(
        self,
        topic: Topic[bytes],
        is_wanted: Callable[[bytes], bool],
        budget: int,
        interest: Interest = _ANYTHING,
    ) -> None:
        self.topic = topic
        self.interest = interest
        self._is_wanted = is_wanted
        self._left = budget

    def wants(self, path: bytes, _size: int, /) -> bool:
        return self._is_wanted(path)

    def watch(self, _path: bytes, size: int, /) -> Watcher[bytes] | None:
        if size > self._left:
            return None
        self._left -= size
        return _WholeBody()

    def pack(self, answers: Answers[bytes], /) -> bytes | None:
        return msgspec.msgpack.encode(answers.by_offset) if answers.complete else None

    def unpack(self, packed: bytes, /) -> Answers[bytes] | None:
        try:
            return Answers(_DOCUMENTS.decode(packed))
        except msgspec.MsgspecError:
            return None

    def fits(self, answers: Answers[bytes], /) -> bool:
        return sum(map(len, answers.by_offset.values())) <= self._left

    def take(self, answers: Answers[bytes], /) -> Answers[bytes]:
        self._left -= sum(map(len, answers.by_offset.values()))
        return answers


class _WholeBody:
    def __init__(self) -> None:
        self._chunks: list[bytes] = []

    def feed(self, chunk: bytes, /) -> bool:
        self._chunks.append(chunk)
        return True

    def finish(self) -> bytes:
        return b"".join(self._chunks)
