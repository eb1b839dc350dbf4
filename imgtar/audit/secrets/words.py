"""Names and values: does this name announce a secret, and can this value be one?"""

from __future__ import annotations

import itertools
import math
import re
from collections import Counter
from functools import lru_cache

# Whole words that announce a secret, and compounds that are often written as one word.
_SECRET_WORDS = frozenset(
    b"password passwd pwd passphrase secret token credential apikey apitoken accesskey accesstoken authtoken "
    b"bearer "
    b"clientsecret dbpassword dbpasswd pgpassword privatekey rootpassword secretkey userpassword".split()
)
_SECRET_LAST_WORDS = frozenset((b"pass", b"auth", b"storepass", b"keypass"))  # but not in "bypass" or "auth_method"
_SECRET_KEYS = frozenset(b"access account admin api auth encryption master private secret signing storage".split())
# A name with one of these words says where a secret is or how it must look; its value is not a secret.
_NON_SECRET_WORDS = frozenset(
    b"age algo algorithm allow allowed arn attempts audience authentication cert certificate change changed class "
    b"cmd column command continuation count dir directory digest disable disabled enable enabled encoder encoding "
    b"endpoint env error expiration expire expired expires expiry field file files folder format hash hashed "
    b"hasher hashing header help helper hint history host id idempotency ids interval issuer kind label len length "
    b"lifetime limit manager max maximum message method min minimum minlen mode name names page pagination path "
    b"paths pattern placeholder policy port prefix program prompt provider pub public ref reference regex require "
    b"required reset retries rotation scope size socket stdin store strength suffix template text timeout ttl type "
    b"uri url used validation validator version".split()
)
# The end of a name that is an idempotency token or a position in a list, as API models and their examples have them.
_REQUEST_NAMES = ("client request token", "lifecycle action token", "next token", "input token", "output token")
_REQUEST_NAME_ENDS = tuple(name.encode().split() for name in _REQUEST_NAMES)
_WORD_BORDER = re.compile(rb"[^A-Za-z0-9]+|(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")

_REFERENCE = re.compile(
    rb"\$[\w{(\[].*|.*(?:\$\{|\$\(|\{\{|%\(|<%).*|<.*>|\[.*\]|%\w+%|@\w+@|(?i:env|vault|secret|file|arn|ref):.*"
    rb"|!(?i:vault|ref|reference|sub|getatt|env|env_var|secret|include)\b.*",
    re.DOTALL,
)
_SWITCH = re.compile(
    rb"(?i)true|false|null|none|nil|yes|no|on|off|undefined|default|disabled|enabled|optional|required|prompt"
)
# Digits end a part of a path; text with digits elsewhere may be base64 that starts with a slash.
_PATH = re.compile(rb"(?:/|\./|\.\./|~/)(?:[A-Za-z._-]++(?:[0-9.]{1,8}+(?=/|$))?+/?)*+")
_FILE = re.compile(rb"(?:/|\./|\.\./|~/|[A-Za-z]:\\|\\\\).*|[\w./-]*\.(?:com|org|txt|json|ya?ml|conf|pem|key|crt|p12)")
_PLACEHOLDER = re.compile(
    rb"(?i).*(?:change.?me|change.?this|example|placeholder|redacted|replace.?me|your[_.-]|dummy|insert[_.-]|x{4,}"
    rb"|\*{3,}|\.{3}|<|>|must.?be.?at.?least).*|test|testing|your.{0,40}here|pass:insta",
    re.DOTALL,
)
_NUMBER = re.compile(
    rb"[0-9][0-9.,:_/+-]*[a-zA-Z]{0,2}|#[0-9A-Fa-f]{3,8}"  # or a colour
    rb"|[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.,]+(?:Z|[+-][0-9:]+)?"  # or a time
)
# Sealed by SOPS, Spring Cloud or Jasypt: only who has the key can read it.
_SEALED = re.compile(rb"(?i:ENC)\[AES256_GCM,.*|\{cipher\}.*|ENC\(.*", re.DOTALL)
_CALL = re.compile(rb"[A-Za-z_][\w.]*\(.*")
_URL = re.compile(rb"[A-Za-z][A-Za-z0-9+.-]{1,20}://.*")
# Not a secret in a file: a word, an identifier, an attribute or a path expression as in `Jobs[-1].JobId`, the name of
# a relative module or of a type, the name of an algorithm, an e-mail address, the hash of
# a password, a range of versions, the name of an argument.
_CODE = re.compile(
    rb"[A-Za-z_.-]+|[A-Za-z_]\w*(?:(?:\.|->|::)[A-Za-z_]\w*|\[(?:-?[0-9]{1,4}|\*)?\])+"
    rb"|(?:\.[a-z]\w*)*\.[a-z]\w*_\w+|[A-Z][A-Za-z]*\[[\w., \[\]]*\]|V[0-9](?:(?:alpha|beta)[0-9])?(?:[A-Z][a-z]+){2,}"
    rb"|(?i:md5|sha[0-9-]+|bcrypt|scrypt|argon2\w*|aes[0-9a-z-]*)"
    rb"|[\w.+-]+@[\w-]+\.[\w.-]+|(?i:\{?(?:pbkdf2|ssha|sha|md5|bcrypt|crypt)[_0-9a-z-]*[}:$].*)"
    rb"|[\^~<>=v]{0,2}[0-9]++(?:\.[0-9xX*]++){1,3}(?:[+-][\w.-]*)?|[a-z_]{2,20}="
)


def entropy(secret: bytes) -> float:
    """Shannon entropy in bits per character."""
    total = len(secret)
    return -sum(count / total * math.log2(count / total) for count in Counter(secret).values()) if total else 0.0


@lru_cache(4096)
def is_secret_name(name: bytes) -> bool:
    """Does a variable of this name hold a secret, by its whole words? `DB_PASSWORD` does, `PASSWORD_FILE` does not."""
    words = [word.lower().rstrip(b"0123456789") for word in _WORD_BORDER.split(name) if word]
    if not words or not _NON_SECRET_WORDS.isdisjoint(words):
        return False
    singular = [word.removesuffix(b"s") if word not in _SECRET_LAST_WORDS else word for word in words]
    if any(singular[-len(end) :] == end for end in _REQUEST_NAME_ENDS):
        return False
    return (
        not _SECRET_WORDS.isdisjoint(singular)
        or words[-1] in _SECRET_LAST_WORDS
        or any(before in _SECRET_KEYS and word == b"key" for before, word in itertools.pairwise(singular))
    )


def is_literal(value: bytes) -> bool:
    """Is the value literal, so not a reference to a variable or a store, not a switch and not a path?"""
    return bool(value) and not any(pattern.fullmatch(value) for pattern in (_REFERENCE, _SWITCH, _PATH))


def is_secret_value(value: bytes) -> bool:
    """Can the value be a secret, so not a switch, a path, a reference, a number or a placeholder? A plain word can.

    The hash of a password, as in `$6$…`, is not a secret: nobody can log in with it.
    """
    return (
        len(value) >= 6
        and is_literal(value)
        and not any(pattern.fullmatch(value) for pattern in (_FILE, _PLACEHOLDER, _NUMBER, _SEALED, _CALL, _URL))
    )


def is_secret_in_file(value: bytes) -> bool:
    """`is_secret_value` for text with words and code: a plain word, an identifier or a hash is not a secret."""
    return is_secret_value(value) and _CODE.fullmatch(value) is None


def redacted(secret: bytes) -> str:
    """The text that may be shown of a secret: its first four characters and its length.

    If it has fewer than 12 characters, only a quarter is shown. Characters other than
    printable ASCII are shown as `?`.
    """
    text = secret.decode("utf-8", "replace")
    shown = text[: 4 if len(text) >= 12 else len(text) // 4]
    clean = "".join(character if " " <= character <= "~" else "?" for character in shown)
    return f"{clean}… ({len(text)} characters)"
