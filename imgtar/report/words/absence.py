"""Where a path is or was that a listing lacks."""

from __future__ import annotations

from collections.abc import Sequence

from imgtar.contract.content import Sighting

_VERBS = {"added": "has", "modified": "has", "deleted": "deletes"}
_MOST = 6


def absence_words(sightings: Sequence[Sighting], layer: int | None) -> str:
    """`not in the final filesystem; layer 3 has it, layer 4 deletes it`; `layer`: the one that was listed.

    Of many sightings the last ones are named.
    """
    where = "not in the final filesystem" if layer is None else f"not in layer {layer}"
    if not sightings:
        return f"{where}; no layer {'' if layer is None else f'up to {layer} '}has it"
    named = [f"layer {sighting.layer} {_VERBS[sighting.kind]} it" for sighting in sightings[-_MOST:]]
    earlier = [f"{len(sightings) - _MOST} earlier layers change it"] if len(sightings) > _MOST else []
    return f"{where}; {', '.join([*earlier, *named])}"
