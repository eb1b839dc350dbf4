"""The text of `shared`: the tree of the layers, and the sentences."""

from __future__ import annotations

from pathlib import Path

from tests.cli.command import imgtar
from tests.paths import FIXTURES
from tests.several_images import save, small_layer

LAYERS = [small_layer(number) for number in range(9)]


def text(path: Path, *options: str, columns: int = 80) -> list[str]:
    run = imgtar("shared", str(path), *options, env={"COLUMNS": str(columns)})
    assert run.returncode == 0, run.stderr
    return run.stdout.decode().splitlines()


def test_layers_of_the_same_images_are_one_line() -> None:
    lines = text(FIXTURES / "d20-two-images-shared.tar")
    assert "2 images, 14 layers, 12 of them different: 1.54 MB on docker's disk, 392 kB less" in lines
    at = lines.index("     SIZE  LAYERS  NEEDED BY")
    assert lines[at + 1 : at + 4] == [
        "   392 kB       2  both images",
        "  1.15 MB       8  ├ r/mysqlish:bk",
        "      8 B       2  └ r/sibling:bk",
    ]


def test_the_tree_has_every_layer_and_each_image_over_its_last_one() -> None:
    lines = text(FIXTURES / "d20-two-images-shared.tar", "--tree")
    at = lines.index("     SIZE  CHAIN ID      LAYER")
    tree = lines[at + 1 : lines.index("", at)]
    assert len(tree) == 14
    assert tree[0] == "   392 kB  4a5c60db0fd4  FROM (tiny base)"
    assert tree[-1].strip() == "→ r/sibling:bk"


def test_a_deep_tree_stays_within_the_terminal(tmp_path: Path) -> None:
    names = {f"image-{number}-with-a-rather-long-name:1": LAYERS[: number + 1] for number in range(9)}
    (tmp_path / "x.tar").write_bytes(save(names))
    for options in ((), ("--tree",), ("--top", "0")):
        assert all(len(line) <= 60 for line in text(tmp_path / "x.tar", *options, columns=60)[1:])


def test_removing_images_is_one_sentence() -> None:
    path = FIXTURES / "d20-two-images-shared.tar"
    assert text(path, "--rm", "sibling")[-1] == "Removing r/sibling:bk frees 8 B and 2 layers, and 1.54 MB stay."
    both = text(path, "--rm", "@0", "--rm", "@1", columns=120)[-1]
    assert both == "Removing both images together frees 1.54 MB and 12 layers, and 0 B stay."
    assert text(path, "--keep", "sibling", "--keep", "mysqlish")[-1] == "No image is removed, so nothing is freed."


def test_an_image_with_two_names_needs_both_removed() -> None:
    lines = " ".join(text(FIXTURES / "d26-multi-tags.tar", "--rm", "@0"))
    assert "docker rmi needs all 2 names." in lines


def test_images_of_several_platforms_are_told_apart_by_them() -> None:
    path = FIXTURES / "d26c-buildx-oci-multiplatform.tar"
    lines = text(path, "--rm", "@1")
    assert [line.split()[:2] for line in lines if line.startswith("  r/multi:1")] == [
        ["r/multi:1", f"linux/{name}"] for name in ("amd64", "arm64", "s390x")
    ]
    assert lines[-1].startswith("Removing r/multi:1 (linux/arm64) frees")
    assert [line.split("→ ")[1] for line in text(path, "--tree") if "→" in line] == [
        f"r/multi:1 (linux/{name})" for name in ("amd64", "arm64", "s390x")
    ]
    assert all(len(line) <= 60 for line in text(path, columns=60)[1:])
    assert "linux/" not in "".join(text(path, "--platform", "arm64"))
    markdown = text(path, "-f", "markdown")
    assert sum("| `r/multi:1` | `linux/" in line for line in markdown) == 3
    rows = [line.split(",") for line in text(path, "-f", "csv")]
    assert [row[-1] for row in rows if row[0] == "image"] == ["linux/amd64", "linux/arm64", "linux/s390x"]
    unknown = imgtar("shared", str(path), "--rm", "nothing")
    assert b"@1 r/multi:1 (linux/arm64)" in unknown.stderr
    failed = imgtar("shared", str(path), "--max-unique", "1")
    assert b"max-unique r/multi:1 (linux/amd64)" in failed.stdout


def test_equal_files_are_named_by_their_layers() -> None:
    lines = text(FIXTURES / "mysql.tar", "--files")
    assert lines[-1] == "Files: no two images store the same content in layers that they do not share."
    lines = text(FIXTURES / "p5-multi.tar", str(FIXTURES / "mysql.tar"), "--files", columns=120)
    at = lines.index("    SAVES  FILES  LAYERS, AND SOME PATHS")
    assert lines[at + 1 : at + 3] == [
        "  1.05 MB     11  all files of localhost/r/mysqlish:layers layer 3, r/mysqlish:classic layer 3",
        "                  /opt/sparse.img, /root/.ssh/id_rsa, /opt/secret.env",
    ]
