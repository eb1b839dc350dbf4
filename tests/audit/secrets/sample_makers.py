"""Makes true samples and near misses of secrets at run time: no file here holds a secret."""

from __future__ import annotations

import msgspec

from scripts.token_makers import ALNUM, UPPER, pick, with_checksum


class Samples(msgspec.Struct, frozen=True):
    """Texts that hold a secret of the kind, with the secret; and texts that only look like it."""

    true: list[tuple[bytes, bytes]]
    near: list[bytes]
    path: bytes = b"opt/app/notes"  # not the name of a configuration file, or the generic rule would also speak


def in_contexts(*secrets: str) -> list[tuple[bytes, bytes]]:
    """Each secret in every notation: JSON, YAML, INI, shell, in quotes, in a long line, at the very end."""
    shapes = (
        '{{"user": "me", "value": "{}"}}\n',
        "value: {}\n",
        "[main]\r\nvalue = {}\r\nother = 1\r\n",
        "export VALUE='{}'; run\n",
        'VALUE="{}"\n',
        "run --value={}",
        "x," * 40_000 + "{}" + ",y" * 3000,
        "{}",
    )
    return [(shape.format(secret).encode(), secret.encode()) for secret in secrets for shape in shapes]


def token(
    prefix: str,
    alphabet: str,
    length: int,
    *,
    shorter: int | None = None,
    longer: int | None = None,
    suffix: str = "",
) -> Samples:
    """A prefix and so many characters. `shorter` and `longer` are too few and too many: by one, if nothing is said."""
    first, second = (prefix + pick(alphabet, length) + suffix for _ in range(2))
    body = first[len(prefix) :]
    middle = len(prefix) + min(length, shorter or length) // 2
    near = [
        prefix + pick(alphabet, shorter or length - 1) + suffix,
        prefix + pick(alphabet, longer or length + 1) + suffix,
        first[:middle] + "!" + first[middle + 1 :],
        first[:middle] + " " + first[middle:],
        "x" + first,
        "my_" + first,
        prefix.swapcase() + body,
        prefix[:4] + alphabet[0] * (len(prefix) - 4 + length) + suffix,
        prefix + f"[A-Za-z0-9]{{{length}}}",
        prefix + "..." + suffix,
        prefix + ("EXAMPLE" + body)[: len(body)] if set(UPPER) <= set(alphabet) and len(body) > 6 else prefix,
        body,
    ]
    return Samples(in_contexts(first, second), [f"value = '{text}'\n".encode() for text in near])


def also(samples: Samples, more: Samples) -> Samples:
    return Samples(samples.true + more.true, samples.near + more.near, samples.path)


def phrase(true: list[tuple[str, str]], near: list[str], path: bytes = b"opt/app/notes") -> Samples:
    return Samples([(text.encode(), secret.encode()) for text, secret in true], [text.encode() for text in near], path)


def checked_token(prefix: str) -> Samples:
    """Tokens with a right checksum, and ones that are one character off."""
    good = with_checksum(prefix)
    wrong = good[:-1] + ("a" if good[-1] != "a" else "b")
    near = [wrong, good[:-1], good + "a", "x" + good, prefix + pick(ALNUM, 36)]
    return Samples(in_contexts(good, with_checksum(prefix)), [f"value = '{text}'\n".encode() for text in near])


def inside(length: int, mark: str, tail: int, alphabet: str = ALNUM, end: str = "") -> Samples:
    """Keys with a mark inside; the secret is what stands before it."""
    keys = [(pick(alphabet, length), (pick(ALNUM, tail) if tail else "") + end) for _ in range(2)]
    true = [
        (text.replace(b"@@", f"{before}{mark}{after}".encode()), before.encode())
        for before, after in keys
        for text, _ in in_contexts("@@")
    ]
    before, after = keys[0]
    near = [
        before[1:] + mark + after,
        "a" + before + mark + after,
        before + mark + after + "a",
        before[:5] + "!" + before[6:] + mark + after,
        before + mark.swapcase() + after,
        alphabet[0] * length + mark + after,
        before + after,
    ]
    return Samples(true, [f"value = '{text}'\n".encode() for text in near])


def after(lead: str, secret: str, *near: str, second: str = "") -> Samples:
    """A secret that is known by the text before it, in three notations; `near` are whole texts that are no secrets."""
    texts = [(lead + one, one) for one in (secret, second or secret)]
    true = [(shape.format(text).encode(), one.encode()) for text, one in texts for shape in ("x {}\n", '"{}"', "{}")]
    cut = [lead + secret[:3], lead + secret[:4] + "!" + secret[5:], lead + secret[0] * len(secret), secret, lead]
    return Samples(true, [f" {text} \n".encode() for text in (*cut, *near)])
