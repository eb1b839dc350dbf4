"""Where a path is or was that a person gives."""

from __future__ import annotations

from collections.abc import Sequence

from imgtar.contract.file_content import Absent, Sighting, Whereabouts

_VERBS = {"added": "has", "modified": "has", "deleted": "deletes"}
_MOST = 6


def whereabouts_words(path: str, whereabouts: Whereabouts, layer: int | None, upto: int | None) -> str:
    """What a reader must know beside the listing: where links lead, and where a path was that is not listed.

    `/gone: not in the final filesystem; …`, `/lib/x is /usr/lib/x`; empty where there is nothing to say.
    """
    place = "" if whereabouts.leads_to is None else f"{path} is {whereabouts.leads_to}"
    if whereabouts.loops:
        return f"{path}: its links lead round in circles"
    if whereabouts.sightings is None:
        return place
    return f"{place or path}: {absence_words(whereabouts.sightings, layer, upto)}"


def absence_words(sightings: Sequence[Sighting], layer: int | None, upto: int | None) -> str:
    """`not in the final filesystem; layer 3 has it, layer 4 deletes it`; `layer` or `upto` chose what was listed.

    Of many sightings the last ones are named.
    """
    top = layer if upto is None else upto
    where = "not in the final filesystem"
    if upto is not None:
        where = f"not in the filesystem after layer {upto}"
    elif layer is not None:
        where = f"not in layer {layer}"
    if not sightings:
        return f"{where}; no layer {'' if top is None else f'up to {top} '}has it"
    named = [f"layer {sighting.layer} {_VERBS[sighting.kind]} it" for sighting in sightings[-_MOST:]]
    earlier = [f"{len(sightings) - _MOST} earlier layers change it"] if len(sightings) > _MOST else []
    return f"{where}; {', '.join([*earlier, *named])}"


def unread_words(absent: Absent, layer: int | None, upto: int | None, *, complete: bool = True) -> str:
    """Why a file was not read: `/x is not in the final filesystem: layer 4 (RUN) deletes it; --layer 3 reads it`.

    `complete`: every layer was read to its end.
    """
    if absent.why:
        return f"{absent.name} {absent.why}"
    top = layer if upto is None else upto
    where = "the final filesystem"
    if top is not None:
        where = f"layer {layer}" if upto is None else f"the filesystem after layer {upto}"
    if absent.is_pattern:
        return f"{absent.name} matches no regular file in {where}"
    is_not = f"{absent.name} is not in {where}"
    if absent.leads_to is not None:
        is_not = f"{absent.name} leads to {absent.leads_to}, which is not in {where}"
    reasons: list[str] = []
    if absent.deleted_by is not None:
        instruction = f" ({absent.instruction})" if absent.instruction else ""
        reasons.append(f"layer {absent.deleted_by}{instruction} deletes it")
    if absent.stored_by is not None:
        reasons.append(f"--layer {absent.stored_by} reads it")
    if not reasons:
        up_to, read = "" if top is None else f"up to {top} ", "" if complete else "that was read "
        reasons.append(f"no layer {up_to}{read}has it")
    return f"{is_not}: {'; '.join(reasons)}"
