"""`imgtar cat`: the bytes of files and nothing else, and what it says of files that it cannot give."""

from __future__ import annotations

import gzip as gzip_module
import os
import pty
import subprocess
from pathlib import Path

import pytest

from imgtar.cli.main import run
from tests.builders import (
    COMPRESS,
    device,
    directory,
    docker_save,
    fifo,
    file,
    hardlink,
    image_config,
    oci_archive,
    opaque,
    sparse_1_0,
    symlink,
    tar,
    whiteout,
)
from tests.cli.command import IMGTAR, environment, imgtar, one_line
from tests.paths import FIXTURES

MYSQL = FIXTURES / "mysql.tar"
MIB = 1 << 20
NOISE = bytes(range(256)) * 4096  # a MiB with every byte
LAYERS = [
    tar(
        directory("etc/"),
        file("etc/a", b"first\n"),
        file("etc/secret", b"hunter2\n"),
        file("etc/b\xe9".encode("latin-1"), b"latin\n"),
        file("noise", NOISE),
        symlink("lib", "usr/lib"),
        file("usr/lib/x", b"library\n"),
        symlink("round", "round"),
        symlink("out", "../../etc/a"),
        hardlink("broken", "nowhere"),
        hardlink("hard", "etc/a"),
        fifo("pipe"),
        device("null", 1, 3),
        file("d/one", b"1"),
    ),
    tar(
        file("etc/a", b"second\n"),
        whiteout("etc/secret"),
        hardlink("low", "noise"),
        sparse_1_0("sparse", 3 * MIB, [(MIB, b"data")]),
        opaque("d"),
    ),
    tar(file("etc/secret", b"again\n"), file("etc/c", b"third\n")),
    tar(whiteout("etc/secret"), whiteout("etc/c")),
]


@pytest.fixture(scope="module", params=COMPRESS)
def image(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("cat") / "image.tar"
    path.write_bytes(oci_archive(LAYERS, compression=request.param))
    return path


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("cat") / "plain.tar"
    path.write_bytes(docker_save(LAYERS))
    return path


SPARSE = bytes(MIB) + b"data" + bytes(2 * MIB - 4)
FOUND = {
    "/etc/a": b"second\n",
    "etc/../etc//a": b"second\n",
    "/out": b"second\n",
    "/lib/x": b"library\n",
    "/hard": b"first\n",
    "/noise": NOISE,
    "/low": NOISE,
    "/sparse": SPARSE,
    r"/etc/b\xe9": b"latin\n",
    "/etc/*": b"second\nlatin\n",
}


def test_a_file_of_the_final_filesystem(image: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    for name, content in FOUND.items():
        assert run(["cat", str(image), name]) == 0, name
        assert capfdbinary.readouterr() == (content, b""), name


def test_several_files_come_in_the_order_in_which_they_are_named(
    image: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    assert run(["cat", str(image), "/sparse", "/etc/a", "/noise", "/etc/a", "/hard"]) == 0
    assert capfdbinary.readouterr() == (SPARSE + b"second\n" + NOISE + b"second\n" + b"first\n", b"")


@pytest.mark.parametrize("way", [[], ["--verify"]])
def test_compressed_as_a_whole_and_from_a_pipe_it_gives_the_same(way: list[str], image: Path, tmp_path: Path) -> None:
    names = ["/noise", "/etc/a", "/low"]
    packed = tmp_path / "packed"
    packed.write_bytes(gzip_module.compress(image.read_bytes(), 1))
    for source, stdin in ((packed, b""), ("-", image.read_bytes()), ("-", packed.read_bytes())):
        done = imgtar("cat", source, *names, *way, stdin=stdin)
        assert (done.returncode, done.stdout) == (0, NOISE + b"second\n" + NOISE)
        assert done.stderr.startswith(f"copying {source} to a temporary file without a name in ".encode())
        assert imgtar("cat", source, *names, "-q", stdin=stdin).stderr == b""


@pytest.mark.parametrize(
    ("options", "content"),
    [
        (["/etc/secret", "--layer", "0"], b"hunter2\n"),
        (["/etc/secret", "--layer", "2"], b"again\n"),
        (["/etc/secret", "--upto", "0"], b"hunter2\n"),
        (["/etc/secret", "--upto", "2"], b"again\n"),
        (["/etc/a", "--layer", "1"], b"second\n"),
        (["/etc/a", "--upto", "0"], b"first\n"),
        (["/low", "--layer", "1"], NOISE),
        (["/d/one", "--layer", "0"], b"1"),
        (["/lib/x", "--layer", "0"], b"library\n"),
        (["/etc/*", "--layer", "2"], b"third\nagain\n"),
    ],
)
def test_what_a_layer_stores_and_the_filesystem_after_it(
    options: list[str], content: bytes, plain: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    assert run(["cat", str(plain), *options]) == 0
    assert capfdbinary.readouterr() == (content, b"")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["/etc/secret"], "/etc/secret is not in the final filesystem: layer 3 (RUN) deletes it; --layer 2 reads it"),
        (["/etc/c"], "/etc/c is not in the final filesystem: layer 3 (RUN) deletes it; --layer 2 reads it"),
        (["/d/one"], "/d/one is not in the final filesystem: layer 1 (RUN) deletes it; --layer 0 reads it"),
        (["/nope"], "/nope is not in the final filesystem: no layer has it"),
        (["/no*pe"], "/no*pe matches no regular file in the final filesystem"),
        (
            ["/etc/secret", "--upto", "1"],
            "/etc/secret is not in the filesystem after layer 1: layer 1 (RUN) deletes it; --layer 0 reads it",
        ),
        (["/etc/c", "--upto", "1"], "/etc/c is not in the filesystem after layer 1: no layer up to 1 has it"),
        (["/noise", "--layer", "1"], "/noise is not in layer 1: --layer 0 reads it"),
        (
            ["/etc/secret", "--layer", "1"],
            "/etc/secret is not in layer 1: layer 1 (RUN) deletes it; --layer 0 reads it",
        ),
        (["/lib/nope"], "/lib/nope leads to /usr/lib/nope, which is not in the final filesystem: no layer has it"),
        (["/round"], "/round is a path whose symbolic links lead round in circles"),
        (["/broken"], "/broken is a hard link to /nowhere, which does not exist, so it has no content"),
    ],
)
def test_what_is_not_there_says_where_it_is(options: list[str], said: str, plain: Path) -> None:
    done = imgtar("cat", plain, *options)
    assert (done.returncode, done.stdout) == (1, b"")
    assert one_line(done) == f"imgtar: {plain}: {said}"


def test_no_layer_is_said_to_lack_what_an_unread_one_may_have(tmp_path: Path) -> None:
    cut = tar(file("etc/a", b"1"), file("etc/b", b"2"))[:1536]
    (tmp_path / "cut.tar").write_bytes(docker_save([cut, tar(file("etc/c", b"3"))]))
    done = imgtar("cat", tmp_path / "cut.tar", "/etc/nope")
    assert done.returncode == 4
    assert "/etc/nope is not in the final filesystem: no layer that was read has it" in done.stderr.decode()
    done = imgtar("find", tmp_path / "cut.tar", "nope")
    assert (done.returncode, done.stdout.decode().splitlines()[-1]) == (4, "nothing found in what was read")


def test_what_is_there_is_written_beside_what_is_not(plain: Path) -> None:
    done = imgtar("cat", plain, "/nope", "/etc/a", "/gone\x07")
    assert (done.returncode, done.stdout) == (1, b"second\n")
    lines = done.stderr.decode().splitlines()
    assert [
        f"imgtar: {plain}: {name} is not in" in line for name, line in zip(("/nope", r"/gone\x07"), lines, strict=True)
    ]
    assert len(lines) == 2
    assert imgtar("cat", plain, "/nope", "-q").stderr == b""


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("/etc", "/etc is a directory, not a file"),
        ("/", "/ is a directory, not a file"),
        ("/lib", "/lib is a directory (through /lib), not a file"),
        ("/pipe", "/pipe is a named pipe, not a file"),
        ("/null", "/null is a character device, not a file"),
        ("/a[", "not a valid pattern"),
        (r"/a\x00", "NUL"),
    ],
)
def test_what_has_no_content_is_wrong_usage(name: str, said: str, plain: Path) -> None:
    done = imgtar("cat", plain, "/etc/a", name)
    assert (done.returncode, done.stdout) == (2, b"")
    assert said in one_line(done)


@pytest.mark.parametrize(
    "options",
    [["-o", "json"], ["--format", "json"], ["--layer", "0", "--upto", "1"], ["--head", "x"], ["--head", "-1"]],
)
def test_wrong_usage(options: list[str], plain: Path) -> None:
    done = imgtar("cat", plain, "/etc/a", *options)
    assert (done.returncode, done.stdout) == (2, b"")
    one_line(done)
    assert imgtar("cat", plain).returncode == 2


def test_a_layer_that_is_not_there(plain: Path) -> None:
    done = imgtar("cat", plain, "/etc/a", "--layer", "4")
    assert (done.returncode, done.stdout) == (3, b"")
    assert "layers 0 to 3" in one_line(done)


def test_several_images_must_be_chosen_from() -> None:
    done = imgtar("cat", FIXTURES / "d20-two-images-shared.tar", "/etc/passwd")
    assert done.returncode == 2
    assert "@1" in one_line(done)
    assert imgtar("cat", FIXTURES / "d20-two-images-shared.tar", "/x", "--image", "@1").returncode == 1


def test_the_first_bytes_of_each_file(plain: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    for head, content in (("3", NOISE[:3] + b"sec"), ("1KiB", NOISE[:1024] + b"second\n"), ("0", b"")):
        assert run(["cat", str(plain), "/noise", "/etc/a", "--head", head]) == 0
        assert capfdbinary.readouterr().out == content


def test_the_head_of_a_file_reads_no_more(tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    """The zeros of the file would reach the limit."""
    path = tmp_path / "image.tar"
    path.write_bytes(docker_save([tar(sparse_1_0("s", 1 << 50, [(0, b"x" * 512)]))]))
    assert run(["cat", str(path), "/s", "--head", "600"]) == 0
    assert capfdbinary.readouterr() == (b"x" * 512 + bytes(88), b"")
    assert run(["cat", str(path), "/s", "--limit", "total-bytes=3MiB"]) == 5
    written = capfdbinary.readouterr()
    assert written.out == b"x" * 512 + bytes(3 * MIB)
    assert b"limit total-bytes" in written.err


@pytest.mark.parametrize("compression", ["none", "gzip", "zstd"])
def test_a_body_that_is_cut_gives_what_is_there_and_exit_4(compression: str, tmp_path: Path) -> None:
    layer = tar(file("a", b"whole"), file("b", NOISE[:40_000]))
    cut = COMPRESS[compression](layer[: 512 * 3 + 20_000])
    path = tmp_path / "image.tar"
    manifest = [{"Config": "c.json", "RepoTags": ["a:1"], "Layers": ["l.tar"]}]
    path.write_bytes(
        docker_save([cut], layer_names=["l.tar"], config=image_config([layer]), config_name="c.json", manifest=manifest)
    )
    done = imgtar("cat", path, "/a", "/b")
    assert (done.returncode, done.stdout) == (4, b"whole" + NOISE[:20_000])
    assert "what can be read was written" in one_line(done)


def test_verifying_writes_nothing_of_a_layer_that_is_not_what_the_image_says(tmp_path: Path) -> None:
    path = tmp_path / "image.tar"
    path.write_bytes(docker_save(LAYERS, config=image_config([LAYERS[0], LAYERS[0], *LAYERS[2:]])))
    assert imgtar("cat", path, "/etc/a").stdout == b"second\n"
    done = imgtar("cat", path, "/noise", "/etc/a", "--verify")
    assert (done.returncode, done.stdout) == (4, b"")
    assert "layer 1: " in one_line(done)
    assert "image.diffid-mismatch" in one_line(done)
    # The layers that nothing comes from are not checked.
    assert imgtar("cat", path, "/noise", "--verify").returncode == 0


def test_a_terminal_shows_control_characters_escaped(tmp_path: Path) -> None:
    path = tmp_path / "image.tar"
    path.write_bytes(docker_save([tar(file("a", b"x\x1b[31mred\tz\r\n\xff\xc3\xa9\xe2\x80\xae\n"))]))
    shown = _on_terminal("cat", str(path), "/a")
    assert shown == "x\\x1b[31mred\tz\\x0d\n\\xffé\\u202e\n"
    assert "\x1b[31m" in _on_terminal("cat", str(path), "/a", "--raw")
    assert imgtar("cat", path, "/a").stdout.startswith(b"x\x1b[31m")


def _on_terminal(*arguments: str) -> str:
    """What `imgtar ARGUMENTS…` prints on a terminal."""
    ours, theirs = pty.openpty()
    subprocess.run([*IMGTAR, *arguments], env=environment(), stdout=theirs, stdin=theirs, check=True)
    os.close(theirs)
    shown = os.read(ours, 1 << 16)
    os.close(ours)
    return shown.decode("utf-8", "replace").replace("\r\n", "\n")


def test_a_reader_that_closes_early_is_no_error(plain: Path) -> None:
    with subprocess.Popen(
        [*IMGTAR, "cat", plain, *["/noise"] * 8], env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.read(100) == NOISE[:100]
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 141


def test_the_deleted_key_of_a_real_image() -> None:
    done = imgtar("cat", MYSQL, "/root/.ssh/id_rsa")
    assert done.returncode == 1
    assert one_line(done) == (
        f"imgtar: {MYSQL}: /root/.ssh/id_rsa is not in the final filesystem: "
        "layer 4 (RUN) deletes it; --layer 3 reads it"
    )
    done = imgtar("cat", MYSQL, "/root/.ssh/id_rsa", "--layer", "3")
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.startswith(b"-----BEGIN OPENSSH PRIVATE KEY-----\n")
    assert len(done.stdout) == 115


@pytest.mark.parametrize(
    ("limit", "code", "content"),
    [("spool-bytes=1000", 5, b""), ("total-bytes=2MiB", 5, NOISE), ("metadata-bytes=1", 5, b""), ("ratio=1", 0, None)],
)
def test_limits_count(limit: str, code: int, content: bytes | None, plain: Path) -> None:
    done = imgtar("cat", "-", "/noise", "/sparse", "--limit", limit, stdin=plain.read_bytes())
    assert done.returncode == code
    assert done.stdout[: len(NOISE)] == (NOISE if content is None else content)
    assert code == 0 or limit.partition("=")[0] in done.stderr.decode()


def test_a_time_out(plain: Path) -> None:
    done = imgtar("cat", plain, "/noise", "--timeout", "0.000001")
    assert (done.returncode, done.stdout) == (5, b"")
    assert (
        one_line(done)
        == f"imgtar: {plain}: the time is up; allow more with --timeout (limit.time); nothing was written"
    )


@pytest.mark.parametrize(
    ("stdin", "code", "said"),
    [
        (b"", 3, "the file is empty"),
        (b"no archive\n", 3, "less than one tar header"),
        (docker_save(LAYERS)[:5000], 4, "nothing was written"),
    ],
)
def test_a_pipe_that_is_no_image(stdin: bytes, code: int, said: str) -> None:
    done = imgtar("cat", "-", "/etc/a", stdin=stdin)
    assert (done.returncode, done.stdout) == (code, b"")
    notice, error = done.stderr.decode().splitlines()
    assert notice.startswith("copying - to a temporary file")
    assert error.startswith("imgtar: -: ")
    assert said in error


def test_where_no_temporary_file_can_be_written(plain: Path) -> None:
    done = imgtar("cat", "-", "/etc/a", stdin=plain.read_bytes(), env={"TMPDIR": "/nowhere/at/all"})
    assert (done.returncode, done.stdout) == (6, b"")
    assert "the temporary file for the archive, in /nowhere/at/all: cannot be written" in one_line(done)


def test_an_output_that_is_full(plain: Path) -> None:
    with open("/dev/full", "wb") as full:
        done = subprocess.run(
            [*IMGTAR, "cat", plain, "/noise"], env=environment(), stdout=full, stderr=subprocess.PIPE, check=False
        )
    assert done.returncode == 6
    assert b"standard output: cannot be written" in done.stderr
