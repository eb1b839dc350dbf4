"""`find`: which paths and contents are found, what the layers did to them, and what became of them."""

from __future__ import annotations

import hashlib
from pathlib import Path

import msgspec
import pytest

from imgtar.analysis.search.query import Criteria, parse_mode, parse_owner, parse_size
from imgtar.answers.opening import open_session
from imgtar.answers.options import EVERYTHING, InspectOptions
from imgtar.limits import DEFAULT, MIB
from tests.answers.searching import facts, matches, searched, story
from tests.builders import (
    device,
    directory,
    docker_save,
    fifo,
    file,
    gzip,
    hardlink,
    layer,
    oci_archive,
    sparse_1_0,
    symlink,
    whiteout,
)
from tests.paths import FIXTURES

LAYERS = [
    layer(
        directory("usr/"), directory("usr/lib/"), file("usr/lib/x", b"x1"), symlink("lib", "usr/lib"), file("a", b"1")
    ),
    layer(file("a", b"22", mode=0o600), file("key.pem", b"secret"), directory("d/"), file("d/key.pem", b"s")),
    layer(whiteout("key.pem"), whiteout("usr/lib/x"), file("d", b"file")),
]
ENDINGS = (".tar", ".tar.gz", ".tar.zst", "-dir", "-oci")
WITHOUT_IMAGE = {"d20-export.tar"}
RECORDED = sorted(path for path in FIXTURES.iterdir() if path.name.endswith(ENDINGS) and path.name not in WITHOUT_IMAGE)


def digest(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


@pytest.mark.slow
@pytest.mark.parametrize("archive", RECORDED, ids=lambda path: path.name)
def test_events_are_the_rows_of_inspect_and_the_last_ones_those_of_ls(archive: Path, tmp_path: Path) -> None:
    for number in range(len(open_session(archive).outlines)):
        session, content = searched(archive, tmp_path, "/**", image=f"@{number}", all_events=True)
        found = {match.path: match for match in content.matches()}
        told: dict[tuple[int, str], object] = {
            (event.layer, path): (event.kind, event.why, event.previous_layer, facts(event))
            for path, match in found.items()
            for event in match.events
            if event.kind != "unchanged"
        }
        changes = {
            (index, row.path): (row.kind, row.why, row.previous_layer, facts(row))
            for index in range(len(session.outlines[0].layers))
            for row in session.changes(0, index)
        }
        assert told == changes
        entries = {entry.path: entry for entry in session.files(0)}
        assert {path for path, match in found.items() if match.state == "present"} == set(entries)
        for path, entry in entries.items():
            last = facts(found[path].events[-1])
            if "hardlink" not in (entry.type, last["type"]):
                assert last == facts(entry)
            assert (found[path].layer, found[path].size) == (entry.layer, entry.size)
        some = sorted(found)[:: max(1, len(found) // 50)]
        for path in some:
            again = searched(archive, tmp_path, path, image=f"@{number}", all_events=True)[1]
            assert [match.events for match in again.matches() if match.path == path] == [found[path].events]


def test_a_path_has_the_events_of_every_layer_and_its_state(tmp_path: Path) -> None:
    found = matches(docker_save(LAYERS), tmp_path, "/a", "key.pem", "/d")
    assert {path: (match.state, match.size, match.layer) for path, match in found.items()} == {
        "/a": ("present", 2, 1),
        "/d": ("present", 4, 2),
        "/d/key.pem": ("replaced", 1, 1),
        "/key.pem": ("deleted", 6, 1),
    }
    assert story(found["/a"]) == ["0 added", "1 modified"]
    assert found["/a"].events[1].why == ["content", "mode"]
    assert story(found["/d"]) == ["1 added", "2 modified"]
    assert story(found["/d/key.pem"]) == ["1 added", "2 deleted"]
    assert story(found["/key.pem"]) == ["1 added", "2 deleted"]
    assert found["/d"].below == 1


def test_the_instruction_of_each_layer_stands_beside_its_event(tmp_path: Path) -> None:
    steps = [{"created_by": "/bin/sh -c #(nop) ADD file:0 in / "}, {"created_by": "RUN x # buildkit"}]
    found = matches(docker_save(LAYERS[:2], history=steps), tmp_path, "/a")
    assert [event.instruction for event in found["/a"].events] == ["ADD", "RUN"]


@pytest.mark.parametrize(
    ("pattern", "paths"),
    [
        ("a", ["/a"]),
        ("./a", ["/a"]),
        ("/usr/../a/", ["/a"]),
        ("*.pem", ["/d/key.pem", "/key.pem"]),
        ("/*.pem", ["/key.pem"]),
        ("/d/**", ["/d/key.pem"]),
        ("lib/", ["/usr/lib"]),
        ("l*/", ["/usr/lib"]),
        ("l*", ["/lib", "/usr/lib"]),
        ("/usr/lib", ["/usr/lib"]),
        ("KEY.PEM", []),
    ],
)
def test_a_pattern_is_a_path_a_name_or_a_glob(pattern: str, paths: list[str], tmp_path: Path) -> None:
    _, content = searched(docker_save(LAYERS), tmp_path, pattern)
    assert [match.path for match in content.matches()] == paths
    assert content.document.unmatched == ([] if paths else [pattern])


def test_a_pattern_with_an_exclamation_mark_takes_back(tmp_path: Path) -> None:
    assert set(matches(docker_save(LAYERS), tmp_path, "*.pem", "!/d/")) == {"/key.pem"}
    assert set(matches(docker_save(LAYERS), tmp_path, "!/d/", "*.pem")) == {"/key.pem"}
    found = matches(docker_save(LAYERS), tmp_path, "/**", "!/usr/", "!*.pem")
    assert {path: story(match) for path, match in found.items()} == {
        "/a": ["0 added", "1 modified"],
        "/d": ["1 added", "2 modified"],
        "/lib": ["0 added"],
    }


@pytest.mark.parametrize(
    "name", [b"new\nline", b"bad-\xff", b"back\\slash", b"\\x41", b"a*b", b"[", b"[x", b"a?", b"!x", b"#x"]
)
def test_a_path_that_was_printed_finds_that_file_alone(name: bytes, tmp_path: Path) -> None:
    from imgtar.text import escape

    archive = docker_save([layer(file(b"n/" + name, b"x"), file(b"n/axb", b"y"), file(b"n/A", b"z"))])
    found = matches(archive, tmp_path, escape(b"/n/" + name))
    assert [match.path.encode("utf-8", "surrogateescape") for match in found.values()] in (
        [b"/n/" + name],
        [b"/n/bad-\\xff"],
    )


def test_a_path_through_a_link_is_found_where_it_is(tmp_path: Path) -> None:
    archive = docker_save(LAYERS)
    for pattern in ("/lib/x", "/lib/*"):
        found = matches(archive, tmp_path, pattern)
        assert {path: (match.via, match.state) for path, match in found.items()} == {
            "/usr/lib/x": ("/lib → usr/lib", "deleted")
        }
    assert matches(archive, tmp_path, "/lib")["/lib"].via is None  # the link itself
    assert {path: match.via for path, match in matches(archive, tmp_path, "/lib/").items()} == {
        "/usr/lib": "/lib → usr/lib"
    }


def test_links_that_lead_to_one_another_are_a_loop_and_nothing_is_found(tmp_path: Path) -> None:
    archive = docker_save([layer(symlink("a", "b"), symlink("b", "/a"), file("c", b"c"))])
    _, content = searched(archive, tmp_path, "/a/x")
    [match] = content.matches()
    assert (match.path, match.state, match.via, match.events) == ("/a/x", "loop", "/a → b, /b → /a", [])
    assert content.paths == 0
    _, content = searched(archive, tmp_path, "/a/x", "/c")
    assert [match.path for match in content.matches()] == ["/a/x", "/c"]
    assert content.paths == 1


def test_a_directory_says_how_many_paths_are_below(tmp_path: Path) -> None:
    archive = docker_save([layer(*(file(f"d/e/{number}") for number in range(3)), file("d-"), file("d0"))])
    found = matches(archive, tmp_path, "/d", "/d/e", "/d/e/1", "/")
    assert {path: match.below for path, match in found.items()} == {"/": 7, "/d": 4, "/d/e": 3, "/d/e/1": None}
    many = [f"/d/{number}" for number in range(20)]
    archive = docker_save([layer(*(file(f"d/{number}/f") for number in range(20)))])
    assert {match.below for match in matches(archive, tmp_path, *many).values()} == {1}


def test_a_directory_that_is_listed_again_is_an_event_of_all_events_alone(tmp_path: Path) -> None:
    archive = docker_save([layer(directory("d/"), file("d/f", b"f")), layer(directory("d/"), file("d/f", b"f"))])
    found = matches(archive, tmp_path, "/d", "/d/f")
    assert story(found["/d"]) == ["0 added"]
    assert story(found["/d/f"]) == ["0 added", "1 modified"]
    assert found["/d/f"].events[1].why == []
    assert story(matches(archive, tmp_path, "/d", all_events=True)["/d"]) == ["0 added", "1 unchanged"]


def test_views_leave_out_the_layers_above_and_the_others(tmp_path: Path) -> None:
    archive = docker_save(LAYERS)
    upto = matches(archive, tmp_path, "*.pem", upto=1)
    assert {path: (match.state, story(match)) for path, match in upto.items()} == {
        "/d/key.pem": ("present", ["1 added"]),
        "/key.pem": ("present", ["1 added"]),
    }
    assert story(matches(archive, tmp_path, "/a", layer=1)["/a"]) == ["1 modified"]
    assert matches(archive, tmp_path, "/a", layer=2) == {}
    assert story(matches(archive, tmp_path, "*.pem", layer=2)["/key.pem"]) == ["2 deleted"]


SPECIAL = docker_save(
    [
        layer(
            *(
                directory("dir/", mode=0o1777),
                file("file", b"x" * 10, mode=0o4755, uid=5, gid=6),
                hardlink("hard", "file", mode=0o4755, uid=5, gid=6),
            ),
            *(symlink("soft", "file"), fifo("fifo"), device("char", 1, 3), device("block", 1, 3, typeflag=b"4")),
        ),
        layer(file("file", b"y", mode=0o644), whiteout("fifo")),
    ]
)


@pytest.mark.parametrize(
    ("asked", "paths"),
    [
        ({"criteria": Criteria(types=frozenset({"dir"}))}, {"/dir"}),
        ({"criteria": Criteria(types=frozenset({"file"}))}, {"/file"}),
        ({"criteria": Criteria(types=frozenset({"hardlink"}))}, {"/hard"}),
        ({"criteria": Criteria(types=frozenset({"symlink", "fifo"}))}, {"/soft", "/fifo"}),
        ({"criteria": Criteria(types=frozenset({"char"}))}, {"/char"}),
        ({"criteria": Criteria(types=frozenset({"block"}))}, {"/block"}),
        ({"criteria": Criteria(size=parse_size("10"))}, {"/file", "/hard"}),
        ({"criteria": Criteria(size=parse_size("+4"))}, {"/file", "/hard"}),
        ({"criteria": Criteria(size=parse_size("-2"), types=frozenset({"file"}))}, {"/file"}),
        ({"criteria": Criteria(mode=parse_mode("4755"))}, {"/file", "/hard"}),
        ({"criteria": Criteria(mode=parse_mode("-4001"))}, {"/file", "/hard"}),
        ({"criteria": Criteria(mode=parse_mode("/5000"))}, {"/file", "/hard", "/dir"}),
        ({"criteria": Criteria(owner=parse_owner("5"))}, {"/file", "/hard"}),
        ({"criteria": Criteria(owner=parse_owner("5:7"))}, set()),
        ({"criteria": Criteria(size=parse_size("10")), "standing": "present"}, {"/hard"}),
        ({"standing": "deleted"}, {"/fifo"}),
    ],
)
def test_one_of_the_versions_must_be_what_is_asked_for(
    asked: dict[str, object], paths: set[str], tmp_path: Path
) -> None:
    found = set(matches(SPECIAL, tmp_path, **asked))
    assert found == paths


def packed(form: str, layers: list[bytes]) -> bytes:
    """The layers in an archive of this form."""
    if form == "plain":
        return docker_save(layers)
    return oci_archive(layers, compression="gzip") if form == "gzip" else gzip(docker_save(layers))


ZEROS = bytes(200_000)
HOLED = b"begin" + bytes(99_995) + b"end"
HOLDING = [
    layer(
        *(file("bad", b"known bad"), hardlink("second", "bad"), file("again", b"once"), file("again", b"known bad")),
        *(file("over", b"known bad"), file("over", b"good"), file("empty", b"")),
        *(sparse_1_0("holed", len(HOLED), [(0, b"begin"), (100_000, b"end")]), sparse_1_0("zeros", len(ZEROS), [])),
    ),
    layer(whiteout("bad"), file(".wh.payload", b"known bad"), file("copy", b"known bad")),
    layer(file("copy", b"harmless"), hardlink("third", "second")),
]


@pytest.mark.parametrize("form", ["plain", "gzip", "outer gzip"])
def test_a_content_is_found_wherever_a_layer_stores_it(form: str, tmp_path: Path) -> None:
    archive = packed(form, HOLDING)
    found = matches(archive, tmp_path, digest(b"known bad"))
    assert {path: (match.state, story(match)) for path, match in found.items()} == {
        "/.wh.payload": ("hidden", ["1 hidden"]),
        "/again": ("present", ["0 added"]),
        "/bad": ("deleted", ["0 added", "1 deleted"]),
        "/copy": ("present", ["1 added", "2 modified"]),
        "/over": ("present", ["0 hidden", "0 added"]),
        "/second": ("present", ["0 added"]),
        "/third": ("present", ["2 added"]),
    }
    known = digest(b"known bad").removeprefix("sha256:")
    assert [event.sha256 for event in found["/copy"].events] == [known, None]
    assert [event.sha256 for event in found["/over"].events] == [known, None]
    assert [event.sha256 for event in found["/third"].events] == [known]


@pytest.mark.parametrize("form", ["plain", "gzip", "outer gzip"])
@pytest.mark.parametrize(("path", "content"), [("/holed", HOLED), ("/zeros", ZEROS), ("/empty", b"")])
def test_a_sparse_or_empty_content_is_found_as_it_reads(form: str, path: str, content: bytes, tmp_path: Path) -> None:
    assert set(matches(packed(form, HOLDING), tmp_path, digest(content))) == {path}


def test_a_thousand_digests_are_looked_for_at_once(tmp_path: Path) -> None:
    unknown = [digest(b"%d" % number) for number in range(1000)]
    _, content = searched(docker_save(HOLDING), tmp_path, *unknown, digest(b"harmless"), "/again")
    assert [match.path for match in content.matches()] == ["/again", "/copy"]
    assert content.document.unmatched == unknown


@pytest.mark.parametrize("form", ["plain", "gzip", "outer gzip"])
def test_digests_are_those_of_every_version(form: str, tmp_path: Path) -> None:
    found = matches(packed(form, HOLDING), tmp_path, "/copy", "/third", "/empty", digests=True)
    told = {path: [event.sha256 for event in match.events] for path, match in found.items()}
    known, harmless, empty = (digest(content)[7:] for content in (b"known bad", b"harmless", b""))
    assert told == {"/copy": [known, harmless], "/third": [known], "/empty": [empty]}


def test_digests_of_sparse_files_are_those_of_what_they_read(tmp_path: Path) -> None:
    found = matches(docker_save(HOLDING), tmp_path, "/holed", "/zeros", digests=True)
    assert {path: match.events[0].sha256 for path, match in found.items()} == {
        "/holed": digest(HOLED)[7:],
        "/zeros": digest(ZEROS)[7:],
    }


def test_without_a_question_about_contents_no_body_is_read(tmp_path: Path) -> None:
    path = tmp_path / "image.tar"
    path.write_bytes(docker_save([layer(file("large", b"x" * (4 * MIB)), file("b", b"y"))]))
    plain = open_session(path, InspectOptions(summary=True))
    plain.read(EVERYTHING)
    session, _ = searched(path, tmp_path, "/**", criteria=Criteria(size=("+", 5)))
    assert session._reader.meter.bytes_read <= plain._reader.meter.bytes_read < 2 * MIB


@pytest.mark.parametrize("form", ["plain", "gzip", "outer gzip"])
def test_a_text_is_found_in_any_file_of_any_layer(form: str, tmp_path: Path) -> None:
    archive = packed(form, HOLDING)
    found = matches(archive, tmp_path, text=b"known bad")
    assert set(found) == {"/.wh.payload", "/again", "/bad", "/copy", "/over", "/second", "/third"}
    assert [event.contains for event in found["/copy"].events] == [True, False]
    assert set(matches(archive, tmp_path, "/copy", "/holed", text=b"known bad")) == {"/copy"}
    assert set(matches(archive, tmp_path, text=b"known bad", standing="present")) == {"/again", "/second", "/third"}


def test_a_text_does_not_reach_across_a_hole(tmp_path: Path) -> None:
    archive = docker_save(HOLDING)
    assert matches(archive, tmp_path, text=b"beginend") == {}
    assert set(matches(archive, tmp_path, text=b"begin")) == {"/holed"}
    assert set(matches(archive, tmp_path, text=b"end")) == {"/holed"}


def test_the_first_matches_are_listed_up_to_the_limit(tmp_path: Path) -> None:
    archive = docker_save([layer(*(file(f"{number:02}") for number in range(20)))])
    limits = msgspec.structs.replace(DEFAULT, find_matches=5)
    _, content = searched(archive, tmp_path, "/**", limits=limits)
    assert [match.path for match in content.matches()] == ["/00", "/01", "/02", "/03", "/04"]
    assert [finding.code for finding in content.document.findings] == ["limit.find-matches"]
    assert not content.document.complete


def test_holes_are_hashed_up_to_the_limit(tmp_path: Path) -> None:
    huge = sparse_1_0("huge", 1 << 50, [(0, b"x")])
    archive = docker_save([layer(huge, file("f", b"x"))])
    limits = msgspec.structs.replace(DEFAULT, hole_bytes=MIB)
    _, content = searched(archive, tmp_path, digest(b"x"), limits=limits)
    assert [match.path for match in content.matches()] == ["/f"]
    assert [finding.code for finding in content.document.findings] == ["limit.hole-bytes"]


def test_many_names_are_looked_for_as_few_are(tmp_path: Path) -> None:
    archive = docker_save(LAYERS)
    names = ["a", "key.pem", "x", "n1", "n2", "n3"]
    few = {path for name in names for path in matches(archive, tmp_path, name)}
    _, content = searched(archive, tmp_path, *names)
    assert {match.path for match in content.matches()} == few == {"/a", "/d/key.pem", "/key.pem", "/usr/lib/x"}
    assert content.document.unmatched == ["n1", "n2", "n3"]


def test_a_sparse_file_with_an_invalid_map_has_no_digest(tmp_path: Path) -> None:
    records = {"GNU.sparse.numblocks": "1", "GNU.sparse.map": "0,-1", "GNU.sparse.size": "2000"}
    archive = docker_save([layer(file("s", b"four", pax_records=records), file("after", b"x"))])
    _, content = searched(archive, tmp_path, "/s", digests=True)
    [match] = content.matches()
    assert [event.sha256 for event in match.events] == [None]
    codes = {finding.code for finding in content.document.findings}
    assert codes == {"tar.bad-sparse", "layer.body-cut"}
