"""Path patterns: equal to pathspec on short strings, linear in hostile names, and the few readings of our own."""

from __future__ import annotations

import warnings
from fnmatch import fnmatchcase

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from pathspec import GitIgnoreSpec

from imgtar.globs import BadGlob, Globs
from tests.growth import bounded_work

PARTS = st.lists(st.text("ab.!# \\-]", min_size=1, max_size=4), min_size=1, max_size=5)
PATHS = st.builds(lambda parts, end: "/".join(parts) + end, PARTS, st.sampled_from(["", "", "/"]))
TOKENS = (
    *("a", "b", ".", "!", "#", "]", "/", "/", "**", "**/", "/**", "*", "*", "?", "\\", "\\*", " ", "\\ "),
    *("[ab]", "["),
)
# Only where there is no slash in the path does pathspec mean by these what git and imgtar do.
TOKENS_WITHOUT_SLASHES = (*TOKENS, "-", "[!a]", "[^b]", "[a-b]")


def patterns_for(path: str) -> st.SearchStrategy[list[str]]:
    """Up to three patterns that pathspec reads as imgtar does where they meet this path."""
    tokens = st.sampled_from(TOKENS if "/" in path else TOKENS_WITHOUT_SLASHES)
    return st.lists(st.lists(tokens, min_size=1, max_size=9).map("".join), min_size=1, max_size=3)


def oracle(patterns: list[str], path: str) -> bool | None:
    """What pathspec says; None where a pattern is invalid or a no-op."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            spec = GitIgnoreSpec.from_lines(patterns, backend="simple")
        except Exception:  # re.error too: what Python's expressions do not take
            return None
    if any(pattern.include is None for pattern in spec.patterns) or len(spec.patterns) != len(patterns):
        return None
    return spec.match_file(path)


def ours(patterns: list[str], path: str) -> bool | None:
    try:
        globs = Globs(patterns)
    except BadGlob:
        return None
    return globs.match(path.removesuffix("/"), directory=path.endswith("/"))


def brackets_meet_slashes(patterns: list[str], path: str) -> bool:
    """Here pathspec lets `[!a]` match a slash, which git and imgtar do not."""
    return "/" in path and any("[!" in pattern or "[^" in pattern or "-" in pattern for pattern in patterns)


@settings(max_examples=3000)
@given(case=PATHS.flatmap(lambda path: st.tuples(patterns_for(path), st.just(path))))
def test_the_dialect_is_pathspecs(case: tuple[list[str], str]) -> None:
    patterns, path = case
    assume(not brackets_meet_slashes(patterns, path) and not path.startswith("./"))
    assert ours(patterns, path) == oracle(patterns, path)


@settings(max_examples=2000)
@given(pattern=st.text("ab*?/", min_size=1, max_size=10), path=st.text("ab/", min_size=1, max_size=12))
def test_wildcards_and_slashes_are_pathspecs(pattern: str, path: str) -> None:
    assume("//" not in path and not path.startswith("/"))
    assert ours([pattern], path) == oracle([pattern], path)
    assert ours([pattern, "!a", "*b"], path) == oracle([pattern, "!a", "*b"], path)


@pytest.mark.parametrize(
    ("pattern", "path", "matches"),
    [
        ("*.pem", "etc/ssl/a.pem", True), ("*.pem", "a.pem/below", True), ("*.pem", "a.pem.bak", False),
        ("/etc/*.pem", "etc/a.pem", True), ("/etc/*.pem", "etc/ssl/a.pem", False), ("/a", "b/a", False),
        ("etc/ssl", "etc/ssl/a", True), ("etc/ssl", "x/etc/ssl", False), ("**/etc/ssl", "x/etc/ssl", True),
        ("a/**/b", "a/b", True), ("a/**/b", "a/x/y/b", True), ("a/**/b", "a/xb", False), ("a/**", "a", False),
        (".git/", "x/.git/HEAD", True), (".git/", ".git", False), ("a?c", "a/c", False), ("a[!b]c", "a/c", False),
        ("[!a]*", "b", True), ("[]-]", "-", True), ("a\\*", "a*", True), ("a\\*", "ab", False), ("\\#a", "#a", True),
        ("\\!a", "!a", True), ("a\\ ", "a ", True), ("a  ", "a", True), ("*", "any/thing", True),
        ("a*b", "a\nb", True), ("*.pem", "\n/x.pem", True), ("a", "a\n", False), ("?", "\udcff", True),
    ],
)  # fmt: skip
def test_what_a_pattern_means(pattern: str, path: str, *, matches: bool) -> None:
    assert Globs([pattern]).match(path) == matches
    assert Globs([pattern]).match(path.encode("utf-8", "surrogateescape")) == matches


def test_a_directory_is_matched_by_a_slash_at_the_end() -> None:
    assert Globs([".git/"]).match(b"x/.git", directory=True)
    assert not Globs([".git/"]).match(b"x/.git")


def test_a_pattern_with_an_exclamation_mark_takes_back() -> None:
    globs = Globs(["*.pem", "!/etc/ssl/**", "root.pem"])
    assert globs.match("a.pem")
    assert not globs.match("etc/ssl/a.pem")
    assert globs.match("etc/ssl/root.pem")
    assert not Globs(["!a"]).match("a")
    assert not Globs([]).match("a")


def test_the_path_itself_counts_more_than_a_directory_above_it() -> None:
    assert Globs(["!a/b", "a/"]).match("a/c")
    assert not Globs(["!a/b", "a/"]).match("a/b")
    assert not Globs(["!a/", "a/b/"]).match("a/c")


@pytest.mark.parametrize(
    ("pattern", "says"),
    [
        ("", "is empty, a comment"), ("  ", "is empty, a comment"), ("# x", "a comment"), ("/", "a slash alone"),
        ("!", "no pattern after !"), ("a\\", "a backslash has no character"), ("a\\/b", "a backslash has no"),
        ("[", "[ has no ]"), ("a/[]", "[ has no ]"), ("[a/b]", "[ has no ]"), ("[z-a]", "the range z-a is empty"),
        ("[[:digit:]]", "write [0-9]"),
    ],
)  # fmt: skip
def test_what_cannot_match_is_refused(pattern: str, says: str) -> None:
    with pytest.raises(BadGlob) as raised:
        Globs(["a", pattern])
    assert says in str(raised.value)


NAME = 200_000  # characters of a hostile name; work that grows with their square would take hours
HOSTILE = {
    "*a" * 30 + "*b": "a" * NAME,
    "*.key*.pem": ".key" * (NAME // 4),
    "*a*[ab]*?*a*c": "a" * NAME,
    "**/secret/**/secret/**/x": "secret/" * (NAME // 7) + "y",
    "**/*a/**/*a/**/*a/**/*b": "a/" * (NAME // 2) + "a",
    "**/a/a/a/b": "a/" * (NAME // 2),
    "a/**/a/**/b/**": "a/" * (NAME // 2),
    "*/*/*/*b": "a" * NAME + "/" + "a" * NAME,
    "**/*?*?*?*z/": "/".join(["y" * 500] * (NAME // 500)),
}


@pytest.mark.parametrize("pattern", HOSTILE)
def test_no_name_costs_more_than_its_length(pattern: str) -> None:
    path = HOSTILE[pattern]
    with bounded_work():
        assert not Globs([pattern]).match(path)
        assert not Globs([pattern, "!" + pattern]).match(path)


def test_a_long_pattern_costs_no_more_than_its_length() -> None:
    with bounded_work():
        assert not Globs(["*a" * 20_000 + "*b"]).match("a" * 10_000)
        assert not Globs(["**/a/" * 5_000 + "b"]).match("a/" * 2_000)


def test_a_pattern_of_a_label_has_no_hostile_value_either() -> None:
    """Labels are no paths; they are matched by the standard library, which keeps the first place of a part as well."""
    with bounded_work():
        assert not fnmatchcase("a" * NAME, "*a" * 30 + "*b")


@pytest.mark.parametrize(
    ("pattern", "meant"),
    [
        ("a", [b"a", b"d/a"]),
        ("/a", [b"a"]),
        ("d", [b"d"]),
        ("d/**", [b"d/a", b"d/e/\xff"]),
        ("**", [b"a", b"d", b"d/a", b"d/e/\xff"]),
        ("d/*", [b"d/a"]),
        ("e/", []),
        ("!a", []),
    ],
)
def test_select_takes_what_a_pattern_means_itself(pattern: str, meant: list[bytes]) -> None:
    assert [*Globs([pattern]).select([b"a", b"d", b"d/a", b"d/e/\xff"])] == meant
