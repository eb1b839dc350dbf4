"""Layers of archives that public reports tell of, from bytes to the report."""

from __future__ import annotations

from tests.archive.forms import ran


def test_hard_links_to_an_overlay_device() -> None:
    """docker, containerd and umoci make three names of one device inode."""
    found = ran("inspect", "chardev-whiteouts-hardlinked")
    (image,) = found.images
    assert (found.code, image["totals"]["final_bytes"], image["totals"]["wasted_bytes"]) == (0, 0, 700)
    assert image["layers"][1]["whiteouts"] == 3


def test_overlay_device_after_a_file_of_its_path() -> None:
    (image,) = ran("inspect", "file-then-chardev").images
    assert [row["path"] for row in image["layers"][0]["changes"]] == ["/keep"]
    assert image["layers"][1]["changes"] == []
    assert (image["totals"]["files"], image["totals"]["wasted_bytes"]) == (1, 40)


def test_link_at_a_directory_that_only_a_marker_implied() -> None:
    found = ran("inspect", "dir-to-symlink-wh-first")
    assert not found.messages("layer.type-change")


def test_directory_that_a_layer_implies() -> None:
    """docker's overlay2 makes /tmp anew, 0755; containerd copies 1777 from below; so does imgtar."""
    found = ran("inspect", "implied-tmp")
    assert found.messages("layer.implied-parent") == [
        "tmp has no entry in this layer: containerd keeps 1777, 0:0 of the layer below, docker sets 0755, 0:0"
    ]
    entries = {row["path"]: row["mode"] for row in ran("ls", "implied-tmp").document["entries"]}
    assert entries["/tmp"] == "1777"


def test_root_as_a_hard_link() -> None:
    """kaniko writes such a layer, and engines ignore the entry."""
    found = ran("inspect", "root-hardlink")
    assert [(row["code"], row["severity"]) for row in found.document["findings"]] == [("layer.root-hardlink", "low")]
    assert found.code == 0


def test_regular_file_with_a_link_name() -> None:
    (image,) = ran("inspect", "regular-file-with-linkname").images
    (change,) = image["layers"][0]["changes"]
    (entry,) = ran("ls", "regular-file-with-linkname").document["entries"]
    for row in (change, entry):
        assert (row["type"], row["size"], row.get("link")) == ("file", 1000, None)


def test_empty_value_of_an_extended_attribute() -> None:
    """An empty value deletes a field of the header, never an attribute: engines set it."""
    (image,) = ran("inspect", "empty-pax-xattr").images
    changes = image["layers"][1]["changes"]
    assert [(row["path"], row["why"]) for row in changes] == [("/etc", ["xattrs"]), ("/etc/hostname", ["xattrs"])]
    entries = {row["path"]: row for row in ran("ls", "empty-pax-xattr").document["entries"]}
    assert entries["/etc/hostname"]["xattrs"] == {"user.overlay.origin": ""}


def test_size_of_many_digits() -> None:
    found = ran("inspect", "pax-size-25-digits")
    (image,) = found.images
    assert [(row["path"], row["size"]) for row in image["layers"][0]["changes"]] == [("/foo", 999)]
    assert found.code == 0
