"""Where a file stands: samples are usual in tests, examples, documentation, translations, copies and minified code."""

from __future__ import annotations

import re

# The words for a place, the folders that are such a place, and the names of files. All in small letters.
_PLACES: tuple[tuple[str, bytes, bytes], ...] = (
    (
        "a test",
        (
            rb"_{0,2}tests?_{0,2}|testing|test[_-]?(?:data|cases?|fixtures?|suites?|utils?|helpers?|keys?|certs?)|specs?"
            rb"|fixtures?|_{0,2}mocks?_{0,2}|e2e"
        ),
        rb"(?:test_.*|conftest|.*_tests?|.*[._-](?:test|spec))\.[a-z]{1,5}",
    ),
    (
        "an example",
        rb"_?examples?|samples?|demos?|tutorials?|snippets|[a-z]+[_-](?:examples?|samples?)",
        rb".*[._-](?:example|sample|tmpl)s?|(?:.*[._-])?(?:example|sample)s?[._-].*",
    ),
    (
        "documentation",
        rb"docs?|documentation|man|manpages|doc-base|help",
        (
            rb"(?:readme|changes|changelog|history|news|upgrading|migration)(?:[._-].*)?"
            rb"|.*\.(?:md|mdx|rst|adoc|pod|rdoc|ri|txt\.gz)"
        ),
    ),
    ("a translation", rb"locales?|i18n|l10n|translations?", rb".*\.(?:po|pot|mo|xlf|xliff)"),
    ("a vendored copy", rb"_?vendor(?:ed|s)?|third[_-]?party", rb""),
    ("minified code", rb"", rb".*[.-]min\.(?:m?js|cjs|css)(?:\.map)?|.*\.(?:m?js|cjs|css|ts)\.map"),
)
_FOLDERS = [(words, re.compile(rb"(?:^|/)(?:" + folders + rb")(?=/)")) for words, folders, _ in _PLACES if folders]
_NAMES = [(words, re.compile(names)) for words, _, names in _PLACES if names]


def sample_place(path: bytes) -> str | None:
    """The words for the place, such as `a test`, where a secret in the file at `path` is usually a sample; else None.

    Folders decide before the name of the file.
    """
    lower = path.lower()
    for words, folders in _FOLDERS:
        if folders.search(lower) is not None:
            return words
    name = lower.rpartition(b"/")[2]
    for words, names in _NAMES:
        if names.fullmatch(name) is not None:
            return words
    return None
