"""What a search found, in words."""

from __future__ import annotations

from imgtar.contract.file_content import FindContent
from imgtar.contract.files import Event, Match
from imgtar.report.words.image import counted
from imgtar.text import human_size

_NAMED = 3  # patterns
_TYPES = {
    "file": "file",
    "dir": "directory",
    "symlink": "symbolic link",
    "hardlink": "hard link",
    "char": "character device",
    "block": "block device",
    "fifo": "FIFO",
    "unknown": "file of an unknown type",
}
_GONE = {"deleted": "gone", "replaced": "replaced by what is above it", "hidden": "never visible"}
LOOP = "not found: symbolic links on the way lead to one another"


def state_words(match: Match) -> str:
    """`114 B, from layer 1`, or `gone, 115 B still readable in layer 3`."""
    if match.type is None:
        return LOOP
    kind = match.type
    what = human_size(match.size) if kind == "file" else _TYPES[kind]
    if kind == "hardlink":
        what += f", {human_size(match.size)}"
    if match.layer is None:  # the root
        return what
    if match.state == "present":
        return f"{what}, from layer {match.layer}"
    gone = _GONE[match.state]
    if kind in ("file", "hardlink") and match.size:
        still = "" if match.state == "hidden" else "still "
        return f"{gone}, {human_size(match.size)} {still}readable in layer {match.layer}"
    return f"{gone}, {what} in layer {match.layer}"


def is_readable(match: Match) -> bool:
    """Has a path that is gone a content that a layer still stores at it?"""
    gone = match.state in ("deleted", "replaced") and match.size > 0
    return gone and match.type in ("file", "hardlink")


def why_words(event: Event, mode: str, time: str) -> list[str]:
    """Why a version is not the one before, with what changed; `mode` and `time` are the words for those of now."""
    if event.why == []:
        return ["stored again, nothing differs"]
    values = {
        "mode": f"mode {mode}",
        "owner": f"owner {event.uid}:{event.gid}",
        "mtime": f"mtime {time}".rstrip(),
        "type": f"type, now {_TYPES[event.type]}",
    }
    return [values.get(reason, reason) for reason in event.why or ()]


def nothing_words(content: FindContent) -> str:
    """Why nothing was found."""
    if next(iter(content.matches()), None) is not None:
        return LOOP
    layers = counted(len(content.instructions), "layer")
    unmatched = content.document.unmatched
    if not unmatched:
        return f"nothing found: in {layers} no path is what the options ask for"
    more = f" and {len(unmatched) - _NAMED:,} more" if len(unmatched) > _NAMED else ""
    return f"nothing found: {layers}, and none has {', '.join(unmatched[:_NAMED])}{more}"
