"""What layers do to one another, one rule a test (image-spec layer.md; the overlay engines where it is silent)."""

from __future__ import annotations

import pytest

from imgtar.answers.rows import change_rows
from tests.builders import GNU, device, directory, file, gnu_long, gzip, hardlink, opaque, pax, symlink, tar, whiteout
from tests.filesystem.stack import Stack, scan
from tests.growth import bounded_work


def xattrs(stack: Stack, path: bytes) -> object:
    extra = stack.tree.entry(path).member.extra
    return extra and extra.xattrs


def test_first_layer_is_all_added() -> None:
    stack = Stack(tar(directory("d/"), file("d/f", b"abc"), symlink("l", "d/f")))
    assert stack.rows() == {"d": "added", "d/f": "added", "l": "added"}
    assert (stack.top.added_bytes, stack.scans[0].content_size) == (3, 3 + len("d/f"))


def test_directory_that_is_merely_listed_is_no_change() -> None:
    stack = Stack(tar(directory("d/"), file("d/f", b"abc")), tar(directory("d/"), file("d/g", b"x")))
    assert stack.rows() == {"d/g": "added"}
    assert stack.tree.entry(b"d").layer == 0


@pytest.mark.parametrize(
    ("new", "why"),
    [
        ({"content": b"abd"}, "content"),
        ({"content": b"ab"}, "content"),
        ({"mode": 0o600}, "mode"),
        ({"uid": 7}, "owner"),
        ({"gid": 7}, "owner"),
        ({"mtime": 5}, "mtime"),
        ({"content": b"xyz", "mode": 0o4755, "uid": 3, "mtime": 9}, "content,mode,owner,mtime"),
        ({}, ""),
    ],
)
def test_why_a_file_is_modified(new: dict[str, object], why: str) -> None:
    stack = Stack(tar(file("f", b"abc")), tar(file("f", **({"content": b"abc"} | new))))
    assert stack.rows() == {"f": f"modified:{why}"}
    assert stack.top.modified[b"f"].previous_layer == 0


def test_content_is_compared_across_plain_and_compressed_layers() -> None:
    same, other = tar(file("f", b"abc" * 1000)), tar(file("f", b"abd" * 1000))
    for upper, why in ((same, ""), (other, "content")):
        for first, second in ((same, gzip(upper)), (gzip(same), upper), (gzip(same), gzip(upper)), (same, upper)):
            assert Stack(first, second).rows() == {"f": f"modified:{why}"}


def test_xattrs_and_fractions_of_a_second_count() -> None:
    lower = tar(pax({"SCHILY.xattr.user.a": "1", "mtime": "5.5"}) + file("f", b"a"))
    stack = Stack(lower, tar(pax({"SCHILY.xattr.user.a": "2", "mtime": "5.25"}) + file("f", b"a")))
    assert stack.rows() == {"f": "modified:mtime,xattrs"}


def test_attribute_with_an_empty_value_counts() -> None:
    stack = Stack(tar(file("f", b"a")), tar(file("f", b"a", xattrs={"user.origin": b""})))
    assert stack.rows() == {"f": "modified:xattrs"}


def test_symlink_target_counts_and_its_mode_does_not() -> None:
    stack = Stack(tar(symlink("l", "a", mode=0o777)), tar(symlink("l", "b", mode=0o700)))
    assert stack.rows() == {"l": "modified:link"}


def test_device_numbers_count() -> None:
    assert Stack(tar(device("n", 1, 3)), tar(device("n", 1, 5))).rows() == {"n": "modified:device"}


def test_type_change_stands_alone_and_children_vanish() -> None:
    stack = Stack(tar(directory("d/"), file("d/a", b"aa"), file("d/b", b"b")), tar(file("d", b"new", mode=0o600)))
    assert stack.rows() == {"d": "modified:type", "d/a": "deleted", "d/b": "deleted"}
    assert sorted(stack.deaths()) == [("d/a", 2, "replaced", 0, 1), ("d/b", 1, "replaced", 0, 1)]


def test_whiteout_of_a_directory_is_expanded() -> None:
    stack = Stack(tar(directory("d/"), directory("d/e/"), file("d/e/f", b"abc")), tar(whiteout("d")))
    assert stack.rows() == {"d": "deleted", "d/e": "deleted", "d/e/f": "deleted"}
    assert (stack.top.deleted_bytes, stack.deaths()) == (3, [("d/e/f", 3, "deleted", 0, 1)])
    assert stack.paths() == []


@pytest.mark.parametrize("flip", [False, True])
def test_opaque_marker_hides_lower_children_only(flip: bool) -> None:
    members = [opaque("d"), file("d/new", b"n")]
    upper = tar(directory("d/"), *(reversed(members) if flip else members))
    stack = Stack(tar(directory("d/"), file("d/old", b"o")), upper)
    assert stack.rows() == {"d/new": "added", "d/old": "deleted"}
    assert stack.paths() == ["d", "d/new"]


def test_opaque_root_clears_everything_below() -> None:
    stack = Stack(tar(file("a", b"1"), file("d/b", b"2")), tar(opaque(""), file("c", b"3")))
    assert stack.paths() == ["c"]
    assert "layer.opaque-root" in stack.codes


@pytest.mark.parametrize("flip", [False, True])
def test_whiteout_never_hits_its_own_layer(flip: bool) -> None:
    members = [file("a", b"new"), whiteout("a")]
    stack = Stack(tar(file("a", b"old")), tar(*(reversed(members) if flip else members)))
    assert stack.rows() == {"a": "modified:content"}
    assert stack.deaths() == [("a", 3, "overwritten", 0, 1)]
    assert "layer.whiteout-same-layer" in stack.codes


def test_directory_whited_out_and_made_anew_loses_its_lower_children() -> None:
    stack = Stack(tar(directory("d/"), file("d/old", b"o")), tar(whiteout("d"), directory("d/"), file("d/new", b"n")))
    assert stack.rows() == {"d/old": "deleted", "d/new": "added"}
    assert "layer.whiteout-recreated-dir" in stack.codes


def test_directory_that_a_marker_removed_and_that_is_only_implied_keeps_its_metadata() -> None:
    stack = Stack(tar(directory("d/", mode=0o700), file("d/old", b"o")), tar(whiteout("d"), file("d/new", b"n")))
    assert stack.rows() == {"d/old": "deleted", "d/new": "added"}
    assert stack.tree.entry(b"d").member.mode == 0o700


def test_implied_parent_is_added_once_and_listing_it_later_is_no_change() -> None:
    stack = Stack(tar(file("a/b", b"x")), tar(directory("a/", mode=0o755)), tar(directory("a/", mode=0o700)))
    assert stack.rows(0) == {"a": "added", "a/b": "added"}
    assert stack.rows(1) == {}
    assert stack.rows(2) == {"a": "modified:mode"}


@pytest.mark.parametrize(
    ("below", "told"),
    [
        (directory("tmp/", mode=0o1777), "1777, 0:0"),
        (directory("tmp/", uid=3, gid=4), "0755, 3:4"),
        (directory("tmp/", xattrs={"user.a": b""}), "0755, 0:0, attributes"),
        (directory("tmp/"), None),
        (file("tmp/x"), None),
    ],
)
@pytest.mark.parametrize("upper", [file("tmp/f"), whiteout("tmp/f"), opaque("tmp")])
def test_engines_disagree_about_a_directory_that_is_only_implied(below: bytes, told: str | None, upper: bytes) -> None:
    stack = Stack(tar(below), tar(upper))
    kinds = [finding for finding in stack.findings if finding.code == "layer.implied-parent"]
    assert [finding.arguments["below"] for finding in kinds] == ([told] if told else [])
    assert "layer.implied-parent" not in Stack(tar(below), tar(directory("tmp/"), upper)).codes


def test_findings_about_implied_directories_are_in_the_order_of_their_paths() -> None:
    names = [f"d{number:03}" for number in range(300)]
    lower, upper = (directory(f"{name}/", mode=0o700) for name in names), (file(f"{name}/f") for name in names)
    stack = Stack(tar(*lower), tar(*upper))
    told = [finding.where.path for finding in stack.findings if finding.code == "layer.implied-parent"]
    assert told == [name.encode() for name in names[:100]] + [None]


def test_marker_implies_its_parent() -> None:
    stack = Stack(tar(file("x", b"")), tar(whiteout("q/nosuch")))
    assert stack.rows() == {"q": "added"}
    assert "layer.useless-whiteout" in stack.codes


def test_whiteout_inside_a_removed_directory_is_not_useless() -> None:
    for order in ((whiteout("D"), whiteout("D/x")), (whiteout("D/x"), whiteout("D"))):
        stack = Stack(tar(directory("D/"), file("D/x", b"1"), file("D/y", b"2")), tar(*order))
        assert "layer.useless-whiteout" not in stack.codes
        assert stack.paths() == ["D"]


def test_symlinked_parent_of_a_lower_layer_becomes_a_directory() -> None:
    stack = Stack(tar(symlink("lib", "usr/lib"), file("usr/lib/x", b"x")), tar(file("lib/foo", b"f")))
    assert stack.rows() == {"lib": "modified:type", "lib/foo": "added"}
    assert stack.tree.entry(b"lib").implied
    assert "layer.parent-not-dir" in stack.codes


def test_symlinked_parent_of_the_same_layer_is_followed() -> None:
    stack = Stack(tar(symlink("lib", "/usr/lib"), directory("usr/lib/"), file("lib/foo", b"f")))
    assert stack.paths() == ["lib", "usr", "usr/lib", "usr/lib/foo"]
    assert "layer.write-through-link" in stack.codes


def test_parent_that_loops_has_no_place() -> None:
    stack = Stack(tar(symlink("a", "b"), symlink("b", "a"), file("a/x", b"abc"), whiteout("a/y")))
    assert stack.paths() == ["a", "b"]
    assert (stack.scans[0].entry_count, stack.scans[0].whiteout_count, stack.scans[0].stored_bytes) == (4, 1, 0)


def test_lower_file_that_gets_a_child_becomes_a_directory() -> None:
    stack = Stack(tar(file("F", b"abc")), tar(file("F/child", b"c")))
    assert stack.rows() == {"F": "modified:type", "F/child": "added"}
    assert stack.deaths() == [("F", 3, "replaced", 0, 1)]


def test_overlay_device_is_a_whiteout() -> None:
    stack = Stack(tar(file("a", b"abc")), tar(device("a", 0, 0)))
    assert stack.rows() == {"a": "deleted"}
    assert (stack.scans[1].whiteout_count, stack.codes) == (1, {"layer.overlay-whiteout"})


@pytest.mark.parametrize("order", [("a", "b", "c"), ("c", "a", "b")])
def test_hard_links_to_an_overlay_device_are_whiteouts(order: tuple[str, str, str]) -> None:
    first, *others = order
    upper = tar(device(first, 0, 0), *(hardlink(name, first) for name in others), hardlink("d", others[-1]))
    stack = Stack(tar(*(file(name, name.encode()) for name in "abcde")), upper)
    assert stack.rows() == dict.fromkeys("abcd", "deleted")
    assert stack.scans[1].whiteout_count == 4
    assert [str(finding.arguments["what"]) for finding in stack.findings] == ["device 0:0"] + [
        "hard link to a whiteout"
    ] * 3


def test_hard_link_to_a_path_that_a_marker_removes_is_a_whiteout() -> None:
    lower = tar(file("a", b"abc"), file("b", b"b"))
    assert Stack(lower, tar(whiteout("a"), hardlink("b", "a"))).rows() == {"a": "deleted", "b": "deleted"}
    stored = Stack(lower, tar(whiteout("a"), file("a", b"new"), hardlink("b", "a")))
    assert stored.rows() == {"a": "modified:content", "b": "modified:content"}


def test_overlay_device_replaces_what_its_layer_stored_before() -> None:
    stack = Stack(tar(file("x", b"abc"), device("x", 0, 0)))
    assert (stack.paths(), stack.deaths()) == ([], [("x", 3, "replaced", 0, 0)])
    assert stack.codes == {"layer.overlay-whiteout", "layer.type-change", "layer.useless-whiteout"}
    directories = Stack(tar(file("d/f", b"abc"), device("d", 0, 0)))
    assert (directories.paths(), directories.deaths()) == ([], [("d/f", 3, "replaced", 0, 0)])


def test_what_comes_after_an_overlay_device_replaces_it() -> None:
    lower = tar(directory("d/"), file("d/old", b"o"), file("f", b"abc"))
    assert Stack(lower, tar(device("f", 0, 0), file("f", b"abc"))).rows() == {"f": "modified:"}
    assert Stack(lower, tar(device("d", 0, 0), directory("d/"))).rows() == {}
    assert Stack(lower, tar(device("d", 0, 0), file("d/new", b"n"))).rows() == {"d/new": "added"}
    stack = Stack(lower, tar(device("f", 0, 0), hardlink("g", "f"), file("f", b"abc")))
    assert "layer.overlay-whiteout" in stack.codes  # of g alone
    assert (stack.rows(), stack.scans[1].whiteouts.keys()) == ({"f": "modified:"}, {b"g"})


def test_link_group_that_loses_a_name_to_an_overlay_device_keeps_the_others() -> None:
    stack = Stack(tar(file("a", b"abc"), hardlink("b", "a"), device("a", 0, 0)))
    assert (stack.paths(), stack.deaths(), stack.tree.entry(b"b").member.size) == (["b"], [], 3)
    gone = Stack(tar(file("a", b"abc"), hardlink("b", "a"), device("a", 0, 0), device("b", 0, 0)))
    assert (gone.paths(), gone.deaths()) == ([], [("a", 3, "replaced", 0, 0)])


def test_overlay_attribute_is_an_opaque_marker() -> None:
    upper = tar(pax({"SCHILY.xattr.trusted.overlay.opaque": "y"}) + directory("d/"))
    stack = Stack(tar(directory("d/"), file("d/a", b"a")), upper)
    assert stack.rows()["d/a"] == "deleted"
    assert stack.scans[1].opaque_count == 1


@pytest.mark.parametrize("name", [".wh.", ".wh..", ".wh...", "d/.wh..wh.x"])
def test_names_that_only_look_like_whiteouts(name: str) -> None:
    stack = Stack(tar(directory("d/"), file("d/a", b"a")), tar(file(name)))
    assert stack.rows() == {}
    assert stack.codes == {"layer.bad-whiteout"}
    assert "imgtar ignores it" in str(stack.findings[0].arguments["why"])
    assert stack.scans[1].whiteout_count == 0


def test_whiteout_that_is_no_empty_file_deletes_all_the_same() -> None:
    markers = [hardlink(".wh.a", ".wh..wh.aufs"), file(".wh.b", b"xy"), directory(".wh.c/")]
    stack = Stack(tar(file("a"), file("b"), file("c")), tar(*markers))
    assert stack.rows() == dict.fromkeys("abc", "deleted")
    assert [str(finding.arguments["why"]).split(" and ")[0] for finding in stack.findings] == [
        "it is a hardlink",
        "it has 2 bytes",
        "it is a dir",
    ]


def test_whiteout_prefix_on_a_parent_is_an_ordinary_name() -> None:
    assert Stack(tar(file("D/x", b"")), tar(file(".wh.D/child", b""))).rows() == {
        ".wh.D": "added",
        ".wh.D/child": "added",
    }


def test_aufs_leftovers_are_hidden_and_their_links_resolved() -> None:
    stack = Stack(tar(file(".wh..wh.aufs"), file(".wh..wh.plnk/12.3", b"abcd"), hardlink("f", ".wh..wh.plnk/12.3")))
    assert stack.paths() == ["f"]
    assert (stack.tree.entry(b"f").member.size, stack.scans[0].stored_bytes, stack.top.added_bytes) == (4, 4, 4)


def test_aufs_payload_that_a_link_took_up_has_its_own_waste() -> None:
    payload, link = file(".wh..wh.plnk/1.2", b"abcd"), hardlink("f", ".wh..wh.plnk/1.2")
    twice = Stack(tar(payload, file("f", b"x"), link), tar(whiteout("f")))
    assert sorted(twice.deaths()) == [("f", 1, "duplicate", 0, 0), ("f", 4, "deleted", 0, 1)]
    over = Stack(tar(payload, link, file("f", b"x")))
    assert (over.deaths(), over.scans[0].stored_bytes) == ([("f", 4, "duplicate", 0, 0)], 5)
    as_directory = Stack(tar(payload, link, directory("f/")))
    assert as_directory.deaths() == [("f", 4, "replaced", 0, 0)]
    kept = Stack(tar(payload, link, hardlink("g", "f"), file("f", b"x")), tar(whiteout("g")), tar(whiteout("f")))
    assert kept.deaths() == [("f", 4, "deleted", 0, 1), ("f", 1, "deleted", 0, 2)]


# Hard links


def test_hard_link_counts_its_bytes_once() -> None:
    stack = Stack(tar(file("a", b"abc"), hardlink("b", "./a"), symlink("s", "a")))
    assert (stack.top.added_bytes, stack.scans[0].content_size, stack.scans[0].stored_bytes) == (3, 4, 3)
    assert stack.tree.entry(b"b").link == b"a"
    assert stack.tree.counts() == (2, 0, 1)


def test_file_has_the_metadata_that_its_last_hard_link_states() -> None:
    """docker, containerd and podman apply every header to the one inode; a link can make a file setuid."""
    link = hardlink("b", "a", mode=0o4755, uid=7, gid=8, mtime=9)
    stack = Stack(tar(file("a", b"abc"), link), tar(file("a", b"abc", mode=0o4755, uid=7, gid=8, mtime=9)))
    for path in (b"a", b"b"):
        member = stack.tree.entry(path).member
        assert (member.mode, member.uid, member.gid, member.mtime, member.size) == (0o4755, 7, 8, 9, 3)
    assert stack.rows() == {"a": "modified:"}
    gone = Stack(tar(file("a", b"abc"), link, device("b", 0, 0), hardlink("c", "a", mode=0o600, mtime=5)))
    assert (gone.tree.entry(b"a").member.mode, gone.tree.entry(b"a").member.mtime) == (0o600, 5)


def test_link_keeps_the_attributes_of_the_file_and_not_its_capability() -> None:
    """The kernel forgets a capability when the owner is set, which engines do for every link."""
    stack = Stack(
        tar(
            file("a", xattrs={"user.a": b"1", "user.b": b"", "security.capability": b"cap"}),
            hardlink("b", "a", xattrs={"user.b": b"2"}),
            file("c", xattrs={"security.capability": b"cap"}),
            hardlink("d", "c", xattrs={"security.capability": b"cap"}),
        )
    )
    assert xattrs(stack, b"a") == {b"user.a": b"1", b"user.b": b"2"}
    assert xattrs(stack, b"d") == {b"security.capability": b"cap"}


def test_hard_link_gives_a_symlink_its_owner_alone() -> None:
    stack = Stack(tar(symlink("s", "x", mode=0o777, mtime=5), hardlink("h", "s", mode=0o600, uid=3, mtime=9)))
    member = stack.tree.entry(b"s").member
    assert (member.mode, member.uid, member.mtime) == (0o777, 3, 5)


def test_inode_dies_with_its_last_name() -> None:
    stack = Stack(tar(file("a", b"abc"), hardlink("b", "a")), tar(whiteout("a")), tar(whiteout("b")))
    assert stack.deaths() == [("a", 3, "deleted", 0, 2)]
    assert (stack.changes[1].deleted_bytes, stack.changes[2].deleted_bytes) == (0, 3)


def test_surviving_name_is_the_file() -> None:
    stack = Stack(tar(file("a", b"abc"), hardlink("b", "a"), hardlink("c", "a")), tar(whiteout("a")))
    assert stack.tree.entry(b"b").link is None
    assert stack.tree.entry(b"c").link == b"b"


def test_deleted_names_of_one_file_are_what_they_were() -> None:
    names = tar(file("b", b"abc"), hardlink("a", "b"), hardlink("c", "b"))
    gone = {"/a": ("hardlink", "/b"), "/b": ("file", None), "/c": ("hardlink", "/b")}
    assert Stack(names, tar(whiteout("a"), whiteout("b"), whiteout("c"))).deleted() == gone
    assert Stack(names, tar(whiteout("c"), whiteout("b"), whiteout("a"))).deleted() == gone
    assert Stack(names, tar(opaque(""))).deleted() == gone
    replaced = Stack(names, tar(file("b", b"other"), whiteout("a"), hardlink("d", "c")))
    assert replaced.deleted() == {"/a": ("hardlink", "/b")}
    assert replaced.tree.entry(b"d").link is None or replaced.tree.entry(b"d").link in replaced.tree


def test_deleted_link_names_what_was_there_below_its_layer() -> None:
    stack = Stack(
        tar(file("b", b"abc"), hardlink("c", "b"), hardlink("d", "b")),
        tar(whiteout("b"), hardlink("a", "c")),
        tar(whiteout("a"), whiteout("c"), whiteout("d")),
    )
    assert stack.deleted(1) == {"/b": ("file", None)}
    assert stack.deleted(2) == {"/a": ("file", None), "/c": ("hardlink", "/a"), "/d": ("hardlink", "/a")}
    assert stack.deaths() == [("b", 3, "deleted", 0, 2)]


def test_chain_of_links_over_three_layers_names_what_exists() -> None:
    stack = Stack(tar(file("a", b"abc")), tar(hardlink("b", "a")), tar(hardlink("c", "b"), whiteout("a")))
    assert stack.changes[1].linked[b"b"].link == b"a"
    assert {path: stack.tree.entry(path.encode()).link for path in stack.paths()} == {"b": None, "c": b"b"}
    assert stack.deleted() == {"/a": ("file", None)}


@pytest.mark.parametrize("target", ["f", "./d/../f", "missing", "d/" * 60 + "f"])
def test_link_is_the_same_however_its_header_states_it(target: str) -> None:
    stored = pax({"path": "d/" * 60 + "f"}) + file("x", b"y") + file("f", b"abc")
    pax_link = pax({"linkpath": target}) + hardlink("h", "short")
    forms = [
        pax_link,
        gnu_long(target, typeflag=b"K") + hardlink("h", target[:100], magic=GNU),
        gnu_long(target, typeflag=b"K") + gnu_long("h") + hardlink("other", "other", magic=GNU),
        *([hardlink("h", target), gnu_long("h") + hardlink("other", target)] if len(target) <= 100 else []),
    ]
    rows = [list(change_rows(stack.top, stack.scans[0])) for stack in (Stack(tar(stored, form)) for form in forms)]
    assert all(row == rows[0] for row in rows)
    link = next(row for row in rows[0] if row.path == "/h").link
    assert link == {"./d/../f": "/f"}.get(target, "/" + target)


def test_link_keeps_the_inode_of_its_moment() -> None:
    stack = Stack(tar(file("a", b"A"), hardlink("b", "a"), file("a", b"A22")))
    assert stack.tree.entry(b"b").member.size == 1
    assert stack.tree.entry(b"a").member.size == 3
    assert (stack.scans[0].stored_bytes, stack.scans[0].content_size, stack.deaths()) == (4, 4, [])


def test_link_to_a_file_of_a_lower_layer_shares_it() -> None:
    stack = Stack(tar(file("a", b"abc")), tar(hardlink("b", "a"), whiteout("a")))
    assert stack.rows() == {"a": "deleted", "b": "added"}
    assert (stack.top.added_bytes, stack.top.deleted_bytes, stack.deaths()) == (0, 0, [])
    assert stack.tree.entry(b"b").member.size == 3
    assert "layer.bad-link" in stack.codes


@pytest.mark.parametrize("target", ["nowhere", "b", "d", ""])
def test_broken_links_have_no_size(target: str) -> None:
    stack = Stack(tar(directory("d/"), hardlink("b", target)))
    assert stack.tree.entry(b"b").broken
    assert "layer.bad-link" in stack.codes
    assert stack.tree.counts() == (0, 1, 0)


def test_file_and_hard_link_are_one_type() -> None:
    stack = Stack(tar(file("a", b"abc"), file("b", b"abc")), tar(file("a", b"abc"), hardlink("b", "a")))
    assert stack.rows() == {"a": "modified:", "b": "modified:"}


def test_hard_link_to_a_symlink_is_a_name_of_the_symlink() -> None:
    stack = Stack(tar(symlink("s", "x"), hardlink("h", "s")))
    assert stack.tree.entry(b"h").member.type == "symlink"
    assert stack.tree.counts() == (0, 0, 2)


# Within one layer


def test_repeated_path_counts_the_last_and_wastes_the_others() -> None:
    stack = Stack(tar(file("a", b"1"), file("a", b"22"), file("a", b"333")))
    assert (stack.scans[0].stored_bytes, stack.top.added_bytes, stack.scans[0].entry_count) == (6, 3, 3)
    assert stack.deaths() == [("a", 1, "duplicate", 0, 0), ("a", 2, "duplicate", 0, 0)]
    assert "layer.duplicate-entry" in stack.codes


def test_directory_listed_again_keeps_its_attributes() -> None:
    again = directory("d/", mode=0o700, xattrs={"user.b": b"2"})
    stack = Stack(tar(directory("d/", xattrs={"user.a": b"", "user.b": b"1"}), again, file("d/f")))
    assert (stack.tree.entry(b"d").member.mode, xattrs(stack, b"d")) == (0o700, {b"user.a": b"", b"user.b": b"2"})


def test_file_then_directory_in_one_layer() -> None:
    stack = Stack(tar(file("f", b"abc"), directory("f/"), file("f/x", b"x")))
    assert stack.paths() == ["f", "f/x"]
    assert (stack.codes, stack.deaths()) == ({"layer.type-change"}, [("f", 3, "replaced", 0, 0)])


def test_file_that_becomes_a_directory_and_a_file_again_is_stored_twice() -> None:
    again = Stack(tar(file("f", b"abc"), directory("f/"), file("f", b"xy")))
    assert (again.deaths(), again.top.added_bytes) == ([("f", 3, "duplicate", 0, 0)], 2)
    implied = Stack(tar(file("f", b"abc"), file("f/x", b"1234"), file("f", b"xy")))
    assert sorted(implied.deaths()) == [("f", 3, "duplicate", 0, 0), ("f/x", 4, "replaced", 0, 0)]
    below = Stack(tar(file("d/f", b"abc"), file("d", b"1234"), file("d/f", b"xy")))
    assert sorted(below.deaths()) == [("d", 4, "replaced", 0, 0), ("d/f", 3, "duplicate", 0, 0)]


def test_directory_then_file_in_one_layer_drops_the_children() -> None:
    stack = Stack(tar(directory("d/"), file("d/x", b"xx"), file("d", b"f")))
    assert (stack.paths(), stack.deaths()) == (["d"], [("d/x", 2, "replaced", 0, 0)])


def test_child_of_a_file_of_the_same_layer_keeps_the_child() -> None:
    stack = Stack(tar(file("f", b"abc"), file("f/x", b"x")))
    assert stack.paths() == ["f", "f/x"]
    assert "layer.parent-not-dir" in stack.codes


def test_directory_that_only_a_marker_implied_is_stored_nowhere() -> None:
    stack = Stack(tar(file("a/x", b"abc")), tar(whiteout("a/b/c"), opaque("a"), symlink("a", "b")))
    assert stack.rows() == {"a": "modified:type", "a/x": "deleted"}
    assert "layer.type-change" not in stack.codes
    assert "layer.type-change" in Stack(tar(whiteout("a/b"), file("a/c"), symlink("a", "b"))).codes


def test_names_are_cleaned_to_one_form() -> None:
    stack = Stack(tar(file("/a", b""), file("./b", b""), file("c//d", b""), file("e/../f", b""), file("../g", b"")))
    assert stack.paths() == ["a", "b", "c", "c/d", "f", "g"]
    assert stack.codes == {"layer.absolute-name", "layer.unsafe-name"}


def test_names_that_differ_in_case_only() -> None:
    assert "layer.case-collision" in Stack(tar(file("d/Passwd"), file("d/passwd"))).codes
    assert "layer.case-collision" in Stack(tar(file("d/SS"), file("d/ß"))).codes
    assert "layer.case-collision" not in Stack(tar(file("d/README"), file("e/readme"))).codes


# What the previous layer of a row is


def test_previous_layer_is_the_last_with_a_change() -> None:
    stack = Stack(tar(directory("d/")), tar(directory("d/")), tar(directory("d/", mode=0o700)), tar(whiteout("d")))
    assert stack.changes[2].modified[b"d"].previous_layer == 0
    assert stack.changes[3].deleted[b"d"].layer == 2


def test_scan_of_a_stream_equals_the_scan_by_offset() -> None:
    raw = tar(directory("d/"), file("d/f", b"abc" * 400), symlink("l", "d/f"), hardlink("h", "d/f"), whiteout("z"))
    plain, streamed = scan(raw), scan(gzip(raw))
    assert list(plain.entries) == list(streamed.entries)
    assert (plain.tar_size, plain.content_size, plain.entry_count) == (
        streamed.tar_size,
        streamed.content_size,
        streamed.entry_count,
    )


def test_hard_link_through_a_link_to_the_root() -> None:
    stack = Stack(tar(symlink("root", "/"), file("f", b"abc"), hardlink("h", "root/f")))
    assert stack.tree.entry(b"h").link == b"f"
    assert not stack.codes


def test_names_of_one_file_go_one_after_the_other_in_linear_time() -> None:
    names = [f"f{number:05}" for number in range(30_000)]
    links = tar(file("a", b"x"), *(hardlink(name, "a") for name in names))
    gone = tar(whiteout("a"), *map(whiteout, names[:-1]))
    with bounded_work():
        stack = Stack(links, gone)
    last = stack.tree.entry(names[-1].encode())
    assert (list(stack.tree), last.link, last.member.size) == ([names[-1].encode()], None, 1)
    assert len(stack.top.deleted) == len(names)


def test_a_tree_that_was_emptied_and_filled_again_is_known_below_each_directory() -> None:
    stack = Stack(tar(file("a/a")), tar(whiteout("a")), tar(file("a/a")), tar(file("a")))
    assert stack.rows() == {"a": "modified:type", "a/a": "deleted"}


def test_nothing_is_said_to_lack_what_an_unread_layer_may_have() -> None:
    lower = tar(file("a", b"1"), file("seen", b"2"))
    for damaged in (lower[:1536], lower[:1024] + b"\xff" * 512 + lower[1536:]):
        stack = Stack(damaged, tar(whiteout("z"), hardlink("link", "y")))
        assert "layer.useless-whiteout" not in stack.codes
        [link] = [finding for finding in stack.findings if finding.code == "layer.bad-link"]
        assert link.arguments["why"] == "its target is in no layer that was read"
    stack = Stack(lower, tar(whiteout("z"), hardlink("link", "y")))
    assert "layer.useless-whiteout" in stack.codes
    assert "its target does not exist" in [finding.arguments.get("why") for finding in stack.findings]
