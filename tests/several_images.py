"""Archives of several images, for tests about what images have in common."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tests.builders import Member, digest, document, file, image_config, layer, members_tar


def small_layer(number: int) -> bytes:
    """A layer whose content is `number + 1` bytes, another one for each number."""
    return layer(file(f"f{number}", bytes([65 + number % 26]) * (number + 1)))


def save(images: Mapping[str, Sequence[bytes]], *, absent: Sequence[bytes] = ()) -> bytes:
    """A `docker save` of these images by name, base first; the layers of `absent` are named and not there."""
    blobs: dict[str, bytes] = {}
    configs: list[Member] = []
    entries = []
    for name, layers in images.items():
        config = document(image_config(layers, author=name))
        names = [f"{digest(content)[7:]}/layer.tar" for content in layers]
        blobs |= {path: content for path, content in zip(names, layers, strict=True) if content not in absent}
        configs.append((f"{digest(config)[7:]}.json", config))
        entries.append({"Config": configs[-1][0], "RepoTags": [name], "Layers": names})
    return members_tar([*blobs.items(), *configs, ("manifest.json", document(entries))])
