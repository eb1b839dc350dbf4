"""Advice: each kind where it is certain, and none for its near misses."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

import imgtar
from imgtar.analysis.advice.package_caches import package_cache
from imgtar.contract.inspect import Advice
from tests.builders import directory, docker_save, file, hardlink, image_config, layer, opaque, symlink, whiteout

BODY = b"x" * 5000
BASE = ("/bin/sh -c #(nop) ADD file:0 in / ", layer(directory("usr/"), file("usr/base", BODY)))
Step = tuple[str, bytes]


def run(command: str, *members: bytes) -> Step:
    return f"/bin/sh -c {command}", layer(*members)


def copy(*members: bytes, words: str = "COPY") -> Step:
    return f"/bin/sh -c #(nop) {words} dir:0 in /app ", layer(*members)


def advised(folder: Path, *steps: Step, history: Sequence[str] | None = None) -> list[Advice]:
    """The advice on an image of a base and these steps; `history` replaces the commands of the steps."""
    layers = [content for _, content in (BASE, *steps)]
    commands = [command for command, _ in (BASE, *steps)] if history is None else history
    config = image_config(layers, history=[{"created_by": command} for command in commands])
    path = folder / "image.tar"
    path.write_bytes(docker_save(layers, config=config))
    [image] = imgtar.inspect(path).document.images
    assert sum(one.bytes for one in image.advice_rows) <= image.totals.wasted_bytes
    return image.advice_rows


# A package cache that is deleted one layer too late.


def test_package_lists_that_a_later_step_deletes(tmp_path: Path) -> None:
    [one] = advised(
        tmp_path,
        run("apt-get update", file("var/lib/apt/lists/a", BODY), file("var/lib/apt/lists/partial/b", BODY)),
        run("rm -rf /var/lib/apt/lists/*", opaque("var/lib/apt/lists")),
    )
    assert (one.kind, one.layer, one.added_in, one.removed_in) == ("late-cache-removal", 1, 1, 2)
    assert (one.path, one.files, one.bytes) == ("/var/lib/apt/lists", 2, 10_000)
    where = "the package lists of apt in /var/lib/apt/lists"
    assert one.message == f"layer 1 keeps {where}: deleted too late, in layer 2"
    assert one.remedy == "end the RUN of layer 1 with: rm -rf /var/lib/apt/lists/*"


def test_a_cache_that_a_package_manager_can_avoid(tmp_path: Path) -> None:
    steps = run("pip install x", file("home/app/.cache/pip/http/a", BODY)), run("rm", whiteout("home/app/.cache"))
    [one] = advised(tmp_path, *steps)
    assert (one.path, one.remedy) == ("/home/app/.cache/pip", "use in the RUN of layer 1: pip install --no-cache-dir")


@pytest.mark.parametrize(
    "path",
    [
        "opt/var/cache/apt/a",
        "var/cache/aptitude/a",
        "var/lib/apt/a",
        "home/.cache/pip/a",
        "root/.cache/pipx/a",
        "srv/.npm/a",
    ],
)
def test_a_path_that_only_looks_like_a_cache(path: str, tmp_path: Path) -> None:
    assert advised(tmp_path, run("x", file(path, BODY)), run("rm", whiteout(path))) == []


def test_a_cache_that_no_RUN_filled(tmp_path: Path) -> None:
    cached = file("var/cache/apt/a", BODY)
    assert advised(tmp_path, copy(cached), run("rm", whiteout("var/cache/apt/a"))) == []


def test_a_cache_that_is_overwritten_and_not_deleted(tmp_path: Path) -> None:
    """A later step may read what the first one left."""
    steps = run("apt-get update", file("var/lib/apt/lists/a", BODY)), run("y", file("var/lib/apt/lists/a", BODY * 2))
    assert advised(tmp_path, *steps) == []


def test_less_than_a_block_is_not_worth_a_change(tmp_path: Path) -> None:
    gone = run("rm", whiteout("var/cache/apt/a"))
    assert advised(tmp_path, run("x", file("var/cache/apt/a", b"x" * 4095)), gone) == []
    assert advised(tmp_path, run("x", file("var/cache/apt/a", b"x" * 4096)), gone) != []


# A change of owner or mode that copied files.


def test_a_new_owner_of_copied_files(tmp_path: Path) -> None:
    [one] = advised(
        tmp_path,
        copy(directory("app/"), file("app/a", BODY), file("app/b/c", BODY)),
        run("chown -R 1000:50 /app", file("app/a", BODY, uid=1000, gid=50), file("app/b/c", BODY, uid=1000, gid=50)),
    )
    assert (one.kind, one.layer, one.path, one.files, one.bytes) == ("metadata-copy", 1, "/app", 2, 10_000)
    assert one.message == "chown in layer 2 copies 2 files of layer 1 below /app, only to change the owner"
    assert one.remedy == "make layer 1 with: COPY --chown=1000:50"


def test_several_owners_have_no_number_and_a_mode_neither(tmp_path: Path) -> None:
    changed = file("app/a", BODY, uid=1, mode=0o600), file("app/b", BODY, uid=2, mode=0o600)
    steps = copy(file("app/a", BODY), file("app/b", BODY)), run("chown 1 /app/a; /bin/chmod -R 600 /app", *changed)
    [one] = advised(tmp_path, *steps)
    copied = "copies 2 files of layer 1 below /app, only to change the owner and mode"
    assert one.message == f"chmod and chown in layer 2 {copied}"
    assert one.remedy == "make layer 1 with: COPY --chown=USER:GROUP --chmod=MODE"


def test_files_that_a_RUN_wrote_change_there(tmp_path: Path) -> None:
    steps = run("make", file("app/a", BODY)), run("sh -c 'chmod 700 /app/a'", file("app/a", BODY, mode=0o700))
    [one] = advised(tmp_path, *steps)
    assert one.remedy == "change the mode in the RUN of layer 1"


def test_chown_resets_bits_of_the_mode(tmp_path: Path) -> None:
    steps = copy(file("app/a", BODY, mode=0o4755)), run("chown 1 /app/a", file("app/a", BODY, uid=1, mode=0o755))
    [one] = advised(tmp_path, *steps)
    assert one.message.startswith("chown in layer 2 copies 1 file of layer 1")


@pytest.mark.parametrize(
    ("command", "fields"),
    [
        ("usermod -u 1000 app", {"uid": 1}),  # no command that the evidence needs
        ("./chown.sh", {"uid": 1}),
        ("x --chown=1", {"uid": 1}),
        ("chmod 600 /app/a", {"uid": 1}),  # another command than the one that changes an owner
        ("chown 1 /app/a", {"mode": 0o600}),
        ("chown 1 /app/a && touch /app/a", {"uid": 1, "mtime": 5}),  # more than the owner changed
        ("chown 1 /app/a && touch /app/a", {"mtime": 5}),
    ],
)
def test_a_change_that_chown_or_chmod_alone_does_not_explain(
    command: str, fields: dict[str, int], tmp_path: Path
) -> None:
    assert advised(tmp_path, copy(file("app/a", BODY)), run(command, file("app/a", BODY, **fields))) == []


def test_other_content_is_no_copy(tmp_path: Path) -> None:
    steps = copy(file("app/a", BODY)), run("chown 1 /app/a", file("app/a", BODY[1:] + b"y", uid=1))
    assert advised(tmp_path, *steps) == []


def test_files_of_an_imported_base_have_no_step_to_change(tmp_path: Path) -> None:
    assert advised(tmp_path, run("chown -R 1 /usr", file("usr/base", BODY, uid=1))) == []


# A file that is stored again.


def test_a_file_that_is_copied_again_unchanged(tmp_path: Path) -> None:
    [one] = advised(tmp_path, copy(file("app/a", BODY), file("app/b", BODY)), run("x"), copy(file("app/a", BODY)))
    assert (one.kind, one.layer, one.added_in, one.removed_in, one.bytes) == ("stored-again", 3, 1, 3, 5000)
    assert one.message == "the COPY of layer 3 stores 1 file of layer 1 below /app again, unchanged"
    assert one.remedy == "leave the files out of the COPY of layer 3"


def test_a_file_that_is_copied_again_with_another_owner(tmp_path: Path) -> None:
    [one] = advised(tmp_path, copy(file("app/a", BODY)), copy(file("app/a", BODY, uid=1), words="ADD"))
    assert (one.kind, one.layer, one.removed_in) == ("stored-again", 1, 2)
    assert one.remedy == "leave the files out of the COPY of layer 1, unless a step in between needs them"


def test_a_file_that_a_RUN_stores_again(tmp_path: Path) -> None:
    """What the command did is not known."""
    assert advised(tmp_path, copy(file("app/a", BODY)), run("x", file("app/a", BODY))) == []
    assert advised(tmp_path, run("x", file("app/a", BODY)), copy(file("app/a", BODY, uid=1))) == []


def test_a_file_that_one_layer_stores_twice_has_no_step(tmp_path: Path) -> None:
    assert advised(tmp_path, copy(file("app/a", BODY), file("app/a", BODY))) == []


# What is not known.


def test_a_history_that_does_not_match_the_layers(tmp_path: Path) -> None:
    steps = run("apt-get update", file("var/cache/apt/a", BODY)), run("rm", whiteout("var/cache/apt/a"))
    commands = [BASE[0], *(command for command, _ in steps)]
    assert advised(tmp_path, *steps, history=commands) != []
    assert advised(tmp_path, *steps, history=commands[:-1]) == []
    assert advised(tmp_path, *steps, history=[*commands, "/bin/sh -c more"]) == []
    assert advised(tmp_path, *steps, history=[BASE[0], "something", "/bin/sh -c rm"]) == []


def test_a_layer_that_was_not_read_to_its_end(tmp_path: Path) -> None:
    filled = run("apt-get update", file("var/cache/apt/a", BODY))
    gone = "/bin/sh -c rm", layer(whiteout("var/cache/apt/a"), file("z", BODY))[:2000]
    assert advised(tmp_path, filled, gone) == []


def test_another_name_of_a_file_that_changed(tmp_path: Path) -> None:
    """The bytes came under a name that has been another file since: what changed of that one says nothing."""
    steps = (
        copy(file("app/a", BODY), hardlink("app/b", "app/a")),
        copy(file("app/a", b"other")),
        run("chown 1 /app/a; chmod 1 /app/b", file("app/a", b"other", uid=1), file("app/b", BODY, mode=1)),
    )
    assert advised(tmp_path, *steps) == []


def test_advice_is_ordered_by_what_it_saves_and_bounded(tmp_path: Path) -> None:
    homes = [f"home/{number:02}/.npm/a" for number in range(60)]
    steps = (
        run("x", *(file(path, BODY + b"x" * number) for number, path in enumerate(homes))),
        run("rm", *(whiteout(path) for path in homes)),
    )
    found = advised(tmp_path, *steps)
    assert [one.path for one in found[:2]] == ["/home/59/.npm", "/home/58/.npm"]
    assert len(found) == 50


def test_a_path_is_escaped_in_the_sentences(tmp_path: Path) -> None:
    steps = run("x", file("home/\x1b[31m/.npm/a", BODY)), run("rm", whiteout("home/\x1b[31m/.npm"))
    [one] = advised(tmp_path, *steps)
    assert one.path == "/home/\x1b[31m/.npm"
    assert r"/home/\x1b[31m/.npm" in one.message


def test_links_are_no_cache(tmp_path: Path) -> None:
    assert advised(tmp_path, run("x", symlink("var/cache/apt/a", "b" * 5000)), run("rm", whiteout("var/cache"))) == []


@pytest.mark.parametrize(
    ("path", "cache"),
    [
        (b"var/cache/apt/pkgcache.bin", b"var/cache/apt"),
        (b"root/.npm/_cacache/x", b"root/.npm"),
        (b"home/a/go/pkg/mod/x/y", b"home/a/go/pkg/mod"),
        (b"go/pkg/mod/x", b"go/pkg/mod"),
        (b"var/cache/apt", None),  # the directory itself
        (b"root", None),
        (b"home/a", None),
        (b"", None),
    ],
)
def test_the_directory_of_a_cache(path: bytes, cache: bytes | None) -> None:
    found = package_cache(path)
    assert (None if found is None else found[0]) == cache
