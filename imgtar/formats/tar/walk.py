"""The walk from header to header: one walker, whatever the cursor.

Where the compiled walker is installed it reads the ordinary headers, and this one all others.

Follows Go's archive/tar, the reader that decides what runs: what Go refuses stops the walk with a finding, what Go
reads is yielded with the same values. Each turn moves forward by at least a block, so time is linear in the input.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from zlib import adler32

from imgtar.findings import Argument, Kind, Where
from imgtar.formats.tar import problems, sparse
from imgtar.formats.tar.bodies import Bodies, Want, Watch
from imgtar.formats.tar.cursor import Cursor
from imgtar.formats.tar.extended import Draft, Pending, extended_cost
from imgtar.formats.tar.header import (
    ZERO_BLOCK,
    Tail,
    checksum_matches,
    expected_sum,
    parse_number,
    parse_owner,
    parse_tail,
    remember,
)
from imgtar.formats.tar.member import BLOCK, TYPES, ExactMember, TarMember
from imgtar.formats.tar.oddities import odd_global, odd_type, trailing_data
from imgtar.formats.tar.ordinary import compiled
from imgtar.formats.tar.pax import BadPax
from imgtar.limits import EXTENDED_HEADER_SIZE, EXTENDED_HEADERS_IN_A_ROW, EXTENDED_HEADERS_PENDING, Meter

_EXTENDED = b"xgLK"
_ORDINARY = b"0512"
_HAS_BODY = frozenset({"file", "unknown"})


class _Stop(Exception):
    """The walk cannot go on; carries the kind of finding and its arguments."""

    def __init__(self, kind: Kind, **arguments: Argument) -> None:
        super().__init__(kind.code)
        self.kind = kind
        self.arguments = arguments


class TarWalk:
    """Iterates over the members of a tar, once. Raises LimitReached at `metadata-bytes` and when the time is up.

    `want(name, size)` says whether the body of a regular file is hashed in passing, and `watch` which stored bodies
    are watched. After the iteration: `complete` (False: it stopped at the byte `stopped_at`), `tar_size` (all bytes,
    also behind the end marker), `end_offset` (where the end marker begins), `trailing_offset` (the first byte behind
    it that is not NUL, None without one), `headers` (headers with a right checksum), `recognised` (any such header, or
    an end marker), `truncated` (the body of the last member is cut) and `findings`, whose offsets are bytes of the tar.
    """

    def __init__(self, cursor: Cursor, meter: Meter, want: Want | None = None, watch: Watch | None = None) -> None:
        self._cursor = cursor
        self._meter = meter
        self._bodies = Bodies(cursor, meter, want, watch)
        self._body_end = 0
        self.findings = meter.finding_log()
        self.complete = True
        self.truncated = False
        self.stopped_at: int | None = None
        self.tar_size = 0
        self.end_offset = 0
        self.trailing_offset: int | None = None
        self.headers = 0
        self.recognised = False

    def body(self, member: TarMember) -> Iterator[bytes]:
        """The stored body of the member that was yielded last, in pieces; shorter where the tar is cut."""
        return self._cursor.chunks(member.offset, member.stored_size)

    def __iter__(self) -> Iterator[TarMember]:
        for batch in self.batches():
            yield from batch

    def batches(self) -> Iterator[Sequence[TarMember]]:
        """The members in their order, as many at once as the compiled walker reads from one window."""
        try:
            yield from self._batches()
        except _Stop as stop:
            self._stop(stop)
        finally:
            self._meter.headers += self.headers
            self.recognised = self.recognised or self.headers > 0

    def _stop(self, stop: _Stop) -> None:
        self.complete = False
        self.tar_size = self._cursor.end()
        at = self.end_offset
        self.stopped_at = self.tar_size if stop.kind is problems.CUT else at
        arguments: dict[str, Argument] = {"at": at, "unread": max(0, self.tar_size - at), "end": self.tar_size}
        self.findings.add(stop.kind.at(Where(offset=self.stopped_at), None, **(arguments | stop.arguments)))

    def _batches(self) -> Iterator[Sequence[TarMember]]:  # noqa: C901 -- the hot loop: calls would double its cost
        """Yields the members; the ordinary ones are made here, all others in `_unusual`.

        What most headers share is remembered by its raw bytes: everything from the magic on, the three numbers
        of mode and owner, the checksum field.
        """
        cursor = self._cursor
        checks: dict[bytes, int] = {}
        tails: dict[bytes, Tail] = {}
        tail: Tail
        last_tail = b""
        owners: dict[bytes, tuple[int, int, int]] = {}
        mtimes: dict[bytes, int] = {}
        bodies, passes = self._bodies, self._bodies.passes
        pending: Pending | None = None
        window = b""
        start = offset = 0  # of the window; of the next header
        while True:
            first = offset - start
            block = window[first : first + BLOCK]
            if len(block) < BLOCK or (
                compiled is not None and block[156] in b"xL" and first and len(window) < first + 3 * BLOCK
            ):  # what the compiled walker reads together is wanted in one window
                self._meter.limits.check_deadline()
                window, start = cursor.window(offset)
                first = offset - start
                block = window[first : first + BLOCK]
            self.end_offset = offset
            if len(block) < BLOCK:
                return self._end_of_file(len(block), pending)
            if compiled is not None and pending is None:
                batch, following, headers = compiled.read(window, first, start)
                if batch:
                    self.headers += headers
                    if passes:  # of a batch only the last body may end outside the window
                        batch = bodies.pass_batch(batch, window, start)
                    self._body_end = batch[-1].offset + batch[-1].size
                    yield batch
                    offset = following
                    continue
            field = block[148:156]
            expected = checks.get(field)
            if expected is None:
                expected = remember(checks, field, expected_sum(field))
            # Of an all-ASCII block Adler-32's low half is its sum and 1: at most 512 × 127, below 65521.
            total = (adler32(block) & 0xFFFF) - 1 if block.isascii() else sum(block)
            if total != expected and not checksum_matches(block):
                if block == ZERO_BLOCK:
                    return self._end_marker(offset, pending)
                raise _Stop(problems.BAD_CHECKSUM)
            self.headers += 1
            try:
                digits = block[124:135]
                size = int(digits, 8) if block[135] == 0 and digits.isdigit() else parse_number(block[124:136])
            except ValueError:
                raise _Stop(problems.BAD_SIZE) from None
            try:
                field = block[257:]
                if field != last_tail:  # neighbours share it: comparing is faster than hashing it
                    tail = tails.get(field) or remember(tails, field, parse_tail(field))
                    last_tail = field
                field = block[100:124]
                owner = owners.get(field) or remember(owners, field, parse_owner(field))
                field = block[136:148]
                mtime = mtimes.get(field)
                if mtime is None:
                    mtime = remember(mtimes, field, parse_number(field))
            except ValueError:
                raise _Stop(problems.BAD_NUMBER) from None
            flag = block[156]
            if flag in _EXTENDED:
                pending = self._extended(pending, flag, offset, size)
                offset += BLOCK + size + -size % BLOCK
                continue
            kind = TYPES.get(flag, "unknown")
            name = block[:100].partition(b"\0")[0]
            if tail.prefix:
                name = tail.prefix + b"/" + name
            link = b"" if block[157] == 0 else block[157:257].partition(b"\0")[0]
            offset += BLOCK
            if pending is None and flag in _ORDINARY and (size == 0 or (size > 0 and flag == 0x30)):
                member: TarMember = ExactMember(name, kind, size, owner[0], owner[1], owner[2], mtime, link, offset)
                if passes and size:
                    member = bodies.pass_ordinary(member, window, start)
                self._body_end = stop = offset + size
                yield (member,)
                offset = stop + -size % BLOCK
            else:
                draft = Draft(name, kind, size, owner, mtime, link)
                offset = yield from self._unusual(block, tail, draft, pending, offset)
                pending = None

    def _extended(self, pending: Pending | None, flag: int, offset: int, size: int) -> Pending | None:
        """Takes in the `x`, `g`, `L` or `K` header at `offset`; a `g` makes Go forget what was pending."""
        if size < 0:
            raise _Stop(problems.BAD_SIZE)
        if size > EXTENDED_HEADER_SIZE:
            raise _Stop(problems.EXT_TOO_BIG, size=size, limit=EXTENDED_HEADER_SIZE)
        body = b"".join(self._cursor.chunks(offset + BLOCK, size))
        self._body_end = offset + BLOCK + size
        if len(body) < size:
            raise _Stop(problems.CUT, what="an extended header")
        pending = pending or Pending()
        pending.count += 1
        pending.size += size
        if pending.count > EXTENDED_HEADERS_IN_A_ROW or pending.size > EXTENDED_HEADERS_PENDING:
            raise _Stop(problems.EXT_CHAIN, limit=EXTENDED_HEADERS_IN_A_ROW)
        self._meter.keep(extended_cost(body))
        try:
            if flag == 0x67:  # g
                self.findings.extend(odd_global(body, offset))
                return None
            self.findings.extend(pending.take(flag, body, offset))
        except BadPax as error:
            raise _Stop(problems.BAD_PAX, reason=str(error)) from None
        return pending

    def _unusual(
        self, block: bytes, tail: Tail, draft: Draft, pending: Pending | None, offset: int
    ) -> Generator[tuple[TarMember], None, int]:
        """Yields a member that has extended headers, an odd type or an odd size; returns the next header's offset."""
        flag = block[156:157]
        header_size, has_body = draft.size, draft.type in _HAS_BODY
        try:
            if pending is not None:
                pending.apply(draft)
        except BadPax as error:
            raise _Stop(problems.BAD_PAX, reason=str(error)) from None
        if flag == b"\0" and draft.name.endswith(b"/"):
            draft.type = "dir"
        if draft.type in ("char", "block"):
            draft.device = tail.device
        if (header_size < 0 and has_body) or (draft.size < 0 and draft.type in _HAS_BODY):
            raise _Stop(problems.BAD_SIZE)
        stated = draft.size
        if draft.type not in _HAS_BODY:
            draft.size = 0
        self._body_end = offset + draft.size
        following = self._body_end + -draft.size % BLOCK
        records = (pending and pending.records) or {}
        try:
            map_size, broken = sparse.describe(block, tail.dialect, draft, records, offset, self._block), False
        except sparse.BadSparse:
            map_size, broken = 0, True
        if flag == b"S":  # the stated size of this type leaves the map out
            following += map_size
            self._body_end += map_size
        member: TarMember = draft.member(offset + map_size, map_size, flag)
        odd = odd_type(member, flag, stated, self.end_offset)
        if odd is not None:
            self.findings.add(odd)
        if member.type == "file" and not broken:
            member = self._bodies.passed(member)
        yield (member,)
        if broken:
            raise _Stop(problems.BAD_SPARSE, name=member.name)
        return following

    def _block(self, offset: int) -> bytes:
        return b"".join(self._cursor.chunks(offset, BLOCK))

    def _end_of_file(self, have: int, pending: Pending | None) -> None:
        """The tar ends without an end marker: inside a body, a header, the padding or right behind it."""
        self.tar_size = self._cursor.end()
        if self.tar_size < self._body_end:
            self.truncated = True
            raise _Stop(problems.CUT, what="an entry")
        if have:
            raise _Stop(problems.CUT, what="a header")
        self._dangling(pending)
        if self.tar_size:
            self.findings.add(problems.NO_END_MARKER.at(Where(offset=self.tar_size), end=self.tar_size))

    def _end_marker(self, offset: int, pending: Pending | None) -> None:
        """A zero block: the second one, nothing at all, or something that must not follow."""
        self.recognised = True
        second = self._block(offset + BLOCK)
        if second == ZERO_BLOCK:
            self._dangling(pending)
            trailing = trailing_data(self._cursor, offset + 2 * BLOCK)
            if trailing is not None:
                self.trailing_offset = trailing.where.offset
                self.findings.add(trailing)
            self.tar_size = self._cursor.end()
            return
        self.tar_size = self._cursor.end()
        if second:
            if len(second) < BLOCK:
                raise _Stop(problems.CUT, what="the end marker")
            raise _Stop(problems.DATA_AFTER_END, unread=self.tar_size - offset - BLOCK)
        self._dangling(pending)
        self.findings.add(problems.NO_END_MARKER.at(Where(offset=self.tar_size), end=self.tar_size))

    def _dangling(self, pending: Pending | None) -> None:
        if pending is not None:
            self.findings.add(problems.DANGLING_EXT.at(Where(offset=self.end_offset), at=self.end_offset))
