"""Credential files, made at run time: for each kind true samples with their secret, and near misses."""

from __future__ import annotations

import base64
import random
import string

import msgspec

_CHANCE = random.Random(20261128)
ALNUM = string.ascii_letters + string.digits


class FileSamples(msgspec.Struct, frozen=True):
    """`true` has paths, bodies and the secrets in them, `near` has paths and bodies without a secret."""

    true: tuple[tuple[str, bytes, tuple[bytes, ...]], ...]
    near: tuple[tuple[str, bytes], ...]

    def __add__(self, more: FileSamples) -> FileSamples:
        return FileSamples(self.true + more.true, self.near + more.near)


def word(length: int = 14, letters: str = ALNUM) -> bytes:
    """A random word that has a letter and a digit."""
    return ("".join(_CHANCE.choices(letters, k=length - 2)) + "7k").encode()


def _hex(length: int) -> bytes:
    return "".join(_CHANCE.choices("0123456789abcdef", k=length)).encode()


def _sealed(length: int = 40) -> bytes:
    return b"{" + b"AQA" + base64.b64encode(_CHANCE.randbytes(length)) + b"}"


def _texts(path: str, near: tuple[bytes, ...], *forms: bytes, secret: bytes | None = None) -> FileSamples:
    """Samples of one path: `@` in a form is the secret."""
    secrets = [word() if secret is None else secret for _ in forms]
    true = tuple((path, form.replace(b"@@", value), (value,)) for form, value in zip(forms, secrets, strict=True))
    return FileSamples(true, tuple((path, body) for body in near))


def der(content: bytes, tag: int = 0x30) -> bytes:
    """An ASN.1 value with a length of two bytes, or of one where it is small."""
    size = len(content)
    length = bytes([size]) if size < 128 else b"\x82" + size.to_bytes(2, "big")
    return bytes([tag]) + length + content


_RSA = der(bytes.fromhex("06092a864886f70d0101010500"))
_BODY = _CHANCE.randbytes(600)
PKCS8 = der(b"\x02\x01\x00" + _RSA + der(_BODY, 4))
PKCS1 = der(b"\x02\x01\x00" + der(_BODY, 2))
SEC1 = der(b"\x02\x01\x01" + der(_BODY[:32], 4) + bytes.fromhex("a00a06082a8648ce3d030107"))
ENCRYPTED = der(der(bytes.fromhex("06092a864886f70d01050d") + der(_BODY[:60])) + der(_BODY, 4))
CERTIFICATE = der(der(b"\xa0\x03\x02\x01\x02" + der(_BODY[:8], 2) + _BODY[:200]) + _BODY[:100])
_SHROUDED = bytes.fromhex("060b2a864886f70d010c0a0102")
_CERT_BAG = bytes.fromhex("060b2a864886f70d010c0a0103")
STORE = der(b"\x02\x01\x03" + der(_SHROUDED + _BODY))
TRUST_STORE = der(b"\x02\x01\x03" + der(_CERT_BAG + _BODY))


def java(magic: str, *tags: int) -> bytes:
    """A Java key store with entries of these tags: 1 is a private key, 2 a certificate."""
    entries = b""
    for tag in tags:
        body = b"\x00\x05X.509" + len(_BODY).to_bytes(4, "big") + _BODY if tag == 2 else b"\x00\x00\x02\x58" + _BODY
        entries += tag.to_bytes(4, "big") + b"\x00\x03own" + bytes(8) + body
    return bytes.fromhex(magic) + b"\0\0\0\2" + len(tags).to_bytes(4, "big") + entries


def keyring(usage: int, algorithm: int = 1, *, tag: int = 5, new: bool = False) -> bytes:
    """A keyring with one key packet, whose secret part is protected if `usage` is not 0."""
    integers = b"\x08\x00" + _BODY[:256] + b"\x00\x11\x01\x00\x01"
    if algorithm == 22:
        integers = b"\x09" + _BODY[:9] + b"\x01\x07" + _BODY[:33]
    content = b"\x04" + _BODY[:4] + bytes([algorithm]) + integers + bytes([usage]) + _BODY[:80]
    if not new:
        return bytes([0x80 | tag << 2 | 1]) + len(content).to_bytes(2, "big") + content
    size = len(content)
    length = bytes([size]) if size < 192 else bytes([192 + (size - 192 >> 8), size - 192 & 255])
    return bytes([0xC0 | tag]) + length + content


_PASSWORD, _TOKEN, _SECOND = word(), word(40), word()
_LONG = base64.b64encode(b"-----BEGIN EC " + b"PRIVATE KEY-----\n" + base64.b64encode(_CHANCE.randbytes(120)))
_CLUSTER = b"apiVersion: v1\nkind: Config\nclusters:\n- name: a\nusers:\n- name: me\n  user:\n    "
_STATE = b'{"version": 4, "outputs": {"a": {"value": "@@", "type": "string", "sensitive": true}}}'

FILE_SAMPLES = {
    "netrc": FileSamples(
        (
            ("root/.netrc", b"machine a.org login me password " + _PASSWORD + b"\n", (_PASSWORD,)),
            ("home/b/.netrc", b"machine a.org\n  login me\n  password\n  " + _PASSWORD + b"\n", (_PASSWORD,)),
            ("Users/a/_netrc", b"default login me password " + _PASSWORD, (_PASSWORD,)),
            (
                "root/.netrc",
                b"machine a login me password " + _PASSWORD + b"\nmachine b login me password " + _SECOND,
                (_PASSWORD, _SECOND),
            ),
        ),
        (
            ("root/.netrc", b"machine a.org login me password $TOKEN\n"),
            ("root/.netrc", b"machine a.org login me\n"),
            ("root/netrc.txt", b"machine a.org login me password " + _PASSWORD),
        ),
    ),
    "pgpass": _texts(
        "root/.pgpass",
        (b"# host:5432:db:user:" + _PASSWORD, b"host:5432:db:" + _PASSWORD, b"a:1:b:c:$PASSWORD"),
        b"*:*:*:app:@@\n",
        b"db:5432:app:app:@@\nother:5432:a:b:$X",
        b"# comment\na\\:b:5432:*:me:@@",
    ),
    "docker-config-token": _texts(
        "home/c/.docker/config.json",
        (b'{"auths": {"a": {}}}', b'{"credsStore": "identitytoken"}', b'{"auths":{"a":{"identitytoken":""}}}'),
        b'{"auths": {"a.azurecr.io": {"identitytoken": "@@"}}}',
        b'{"auths":{"a":{"registrytoken":"@@"}}}',
    ),
    "npmrc-password": FileSamples(
        (
            ("home/a/.npmrc", b"//r.org/:_password=" + base64.b64encode(_PASSWORD), (base64.b64encode(_PASSWORD),)),
            ("etc/npmrc", b'_password = "' + base64.b64encode(_SECOND) + b'"\n', (base64.b64encode(_SECOND),)),
        ),
        (("home/a/.npmrc", b"//r.org/:_password=${NPM_PASSWORD}"), ("home/a/.npmrc", b"always-auth=true\n")),
    ),
    "pypirc": _texts(
        "root/.pypirc",
        (b"[pypi]\nusername = me\n", b"password = %(secret)s\n"),
        b"[pypi]\nusername = me\npassword = @@\n",
        b"[a]\npassword: @@",
    ),
    "index-login": _texts(
        "etc/pip.conf",
        (
            b"index-url = https://pypi.org/simple",
            b"index-url = https://u:${TOKEN}@a.org/simple",
            b"index-url = https://username:password@a.org",
        ),
        b"[global]\nindex-url = https://me:@@@a.org/simple\n",
        b"[global]\nextra-index-url = https://@@@a.org/simple",
    )
    + _texts(
        "root/.config/uv/uv.toml",
        (b'[[index]]\nurl = "https://a.org/simple"\n',),
        b'[[index]]\nurl = "https://me:@@@a.org/simple"\n',
    ),
    "git-login": _texts(
        "app2/.git/config",
        (
            b"[remote]\n url = https://github.com/a/b.git",
            b"[remote]\n url = git@github.com:a/b.git",
            b"[http]\n extraheader = X-Trace: 1",
            b"url = ssh://builder@a.org/b",
        ),
        b'[http "https://github.com/"]\n\textraheader = AUTHORIZATION: basic @@\n',
        b"[remote]\n url = https://@@@github.com/a/b\n",
        b"[remote]\n url = https://@@:x-oauth-basic@github.com/a/b",
        secret=_TOKEN,
    ),
    "htpasswd": FileSamples(
        (
            ("etc/nginx/.htpasswd", b"me:$apr1$" + word(8) + b"$" + word(22) + b"\n", ()),
            ("srv/htpasswd", b"me:$2y$05$" + word(53), ()),
            ("srv/.htpasswd", b"me:{SHA}" + base64.b64encode(_CHANCE.randbytes(20)), ()),
        ),
        (("etc/nginx/.htpasswd", b"# user:hash\n"), ("etc/nginx/.htpasswd", b"me:\n")),
    ),
    "mysql-login-path": FileSamples(
        (("root/.mylogin.cnf", bytes(4) + _BODY[:20] + b"\x20\0\0\0" + _BODY[:32], ()),),
        (("root/.mylogin.cnf", b"[client]\nuser=me\n" + bytes(30)), ("root/.mylogin.cnf", bytes(10))),
    ),
    "boto": _texts(
        "root/.boto",
        (b"[Credentials]\naws_access_key_id = A\n", b"[Boto]\nproxy_pass = $PASS\n"),
        b"[Credentials]\ngs_oauth2_refresh_token = @@\n",
        b"[Boto]\nproxy_pass=@@",
        b"[Credentials]\ngs_secret_access_key = @@",
    ),
    "kaggle-key": _texts(
        "root/.kaggle/kaggle.json",
        (b'{"username":"me","key":"' + _hex(31) + b'"}', b'{"key":""}'),
        b'{"username":"me","key":"@@"}',
        secret=_hex(32),
    ),
    "filezilla": _texts(
        "root/.config/filezilla/sitemanager.xml",
        (b"<Pass></Pass>", b"<User>" + _PASSWORD + b"</User>"),
        b'<Pass encoding="base64">@@</Pass>',
        b"<Server><Pass>@@</Pass></Server>",
    ),
    "nuget-password": _texts(
        "root/.nuget/NuGet/NuGet.Config",
        (b'<add key="Username" value="' + _PASSWORD + b'" />', b'<add key="ClearTextPassword" value="%PASSWORD%" />'),
        b'<add key="ClearTextPassword" value="@@" />',
        b'<add key="cleartextpassword"   value="@@"/>',
    ),
    "bundler-login": _texts(
        "root/.bundle/config",
        (b'BUNDLE_PATH: "vendor/bundle"', b'BUNDLE_MIRROR__HTTPS://A.ORG/: "https://b.org/"'),
        b'---\nBUNDLE_GEMS__A__ORG: "me:@@"\n',
        b'BUNDLE_GITHUB__COM: "@@:x-oauth-basic"\n',
    ),
    "maven-password": _texts(
        "root/.m2/settings.xml",
        (
            b"<servers><!-- <server><password>repopwd7</password></server> --></servers>",
            b"<servers><server><password>${env.P}</password></server></servers>",
            b"<password>" + _PASSWORD + b"</password>",
        ),
        b"<servers><server><password>@@</password></server></servers>",
        b"<server><privateKey>k</privateKey><passphrase> @@ </passphrase></server>",
    ),
    "maven-master": _texts(
        "root/.m2/settings-security.xml",
        (b"<master></master>", b"<relocation>/a</relocation>"),
        b"<settingsSecurity><master>@@</master></settingsSecurity>",
        secret=_sealed(),
    ),
    "kubeconfig": _texts(
        "etc/kubernetes/admin.conf",
        (
            _CLUSTER + b"client-key: /a/key.pem\n",
            b"token: " + _TOKEN,
            _CLUSTER + b"token: $TOKEN\n",
            _CLUSTER + b"client-certificate-data: " + _TOKEN,
        ),
        _CLUSTER + b"token: @@\n",
        _CLUSTER + b"client-key-data: @@\n",
        _CLUSTER + b"password: '@@'\n",
        secret=_LONG,
    ),
    "terraform-state": _texts(
        "srv/terraform.tfstate",
        (
            _STATE.replace(b"true", b"false"),
            b"{" * 90_000,
            b'{"outputs": {"a": ',
            b'{"outputs": {"password": {"value": ""}}}',
        ),
        _STATE,
        b'{"resources": [{"instances": [{"attributes": {"master_password": "@@"}}]}]}',
        b'{"outputs": {"a": {"sensitive": true, "type": ["object"], "value": {"b": ["@@"]}}}}',
    ),
    "azure-token-cache": _texts(
        "root/.azure/msal_token_cache.json",
        (b'{"secret": "short"}', b'{"home_account_id": "' + _TOKEN + b'"}'),
        b'{"RefreshToken": {"a": {"credential_type": "RefreshToken", "secret": "@@"}}}',
        b'{"secret":"@@"}',
        secret=_TOKEN,
    ),
    "ansible-vault-password": FileSamples(
        (
            ("app/.vault_pass", _PASSWORD + b"\n", (_PASSWORD,)),
            ("srv/vault-password.txt", b"four words of mine", (b"four words of mine",)),
            ("srv/ansible_vault_pass", _SECOND, (_SECOND,)),
        ),
        (
            ("app/.vault_pass", b"#!/bin/sh\npass show vault\n"),
            ("app/.vault_pass", b"a\nb\nc\n"),
            ("app/vault_pass.py", _PASSWORD),
            ("app/.vault_pass", b"$ANSIBLE_VAULT;1.1;AES256"),
        ),
    ),
    "rails-key": FileSamples(
        (("app/config/master.key", _hex(32), ()), ("app/config/credentials/production.key", _hex(32) + b"\n", ())),
        (
            ("app/master.key", _hex(32)),
            ("app/config/master.key", _hex(31)),
            ("app/config/master.key", _hex(32) + b" x"),
        ),
    ),
    "jenkins-key": FileSamples(
        (
            ("var/jenkins_home/secrets/master.key", _hex(256), ()),
            ("j/secrets/initialAdminPassword", _hex(32) + b"\n", ()),
        ),
        (("var/jenkins_home/master.key", _hex(256)), ("var/jenkins_home/secrets/master.key", _hex(250))),
    ),
    "jenkins-credential": _texts(
        "var/jenkins_home/credentials.xml",
        (b"<password></password>", b"<id>" + _sealed() + b"</id>"),
        b"<password>@@</password>",
        b"<secret> @@</secret>",
        b"<privateKey>@@</privateKey>",
        secret=_sealed(),
    ),
    "laravel-key": _texts(
        "lar/.env",
        (b"APP_KEY=\n", b"APP_KEY=base64:\n", b"APP_URL=base64:" + _TOKEN),
        b"APP_ENV=local\nAPP_KEY=@@\n",
        b'export APP_KEY="@@"',
        secret=b"base64:" + base64.b64encode(_CHANCE.randbytes(32)),
    ),
    "redis-password": _texts(
        "etc/redis/redis.conf",
        (b"# requirepass " + _PASSWORD, b"requirepass\n", b"bind 127.0.0.1\n"),
        b"port 1\nrequirepass @@\n",
        b'masterauth "@@"',
        b"sentinel auth-pass main @@",
    ),
    "erlang-cookie": FileSamples(
        (("var/lib/rabbitmq/.erlang.cookie", _TOKEN, (_TOKEN,)), ("root/.erlang.cookie", _SECOND + b"\n", (_SECOND,))),
        (("var/lib/rabbitmq/.erlang.cookie", b"two words"), ("var/lib/rabbitmq/erlang.cookie", _TOKEN)),
    ),
    "systemd-environment": _texts(
        "etc/systemd/system/a.service",
        (
            b"Environment=LANG=C PATH=/bin",
            b"Environment=DB_PASSWORD=$X",
            b"Environment=DB_PASSWORD_FILE=/run/x",
            b"# DB_PASSWORD=" + _PASSWORD,
        ),
        b"[Service]\nEnvironment=LANG=C DB_PASSWORD=@@\n",
        b'Environment="API_TOKEN=@@" "A=b"',
        b"Environment='API_TOKEN=@@'",
    ),
    "der-key": FileSamples(
        tuple((path, body, ()) for path in ("app/key.der", "app/blob") for body in (PKCS8, PKCS1, SEC1)),
        (
            ("app/key.der", CERTIFICATE),
            ("app/key.der", PKCS8[:-40]),
            ("app/key.der", PKCS8 + bytes(40)),
            ("a", b"\x30" * 700),
        ),
    ),
    "encrypted-der-key": FileSamples(
        (("app/key.p8", ENCRYPTED, ()),), (("app/key.p8", CERTIFICATE), ("app/key.p8", PKCS8))
    ),
    "pkcs12": FileSamples(
        (("app/keys.dat", STORE, ()), ("app/keys.p12", STORE, ())),
        (("app/trust.p12", TRUST_STORE), ("app/keys.p12", STORE[:-30])),
    ),
    "java-key-store": FileSamples(
        (("app/keystore", java("feedfeed", 1), ()), ("a.jceks", java("cececece", 2, 2, 1), ())),
        (
            ("etc/ssl/certs/java/cacerts", java("feedfeed", 2, 2)),
            ("a.jks", java("feedfeed")),
            ("a.class", java("cafebabe", 1)),
        ),
    ),
    "gpg-key": FileSamples(
        (
            ("root/.gnupg/secring.gpg", keyring(0), ()),
            ("a", keyring(0, 22), ()),
            ("a", keyring(0, 22, new=True), ()),
            ("root/.gnupg/private-keys-v1.d/A.key", b"(11:private-key(3:rsa(1:n" + _BODY, ()),
            (
                "root/.gnupg/private-keys-v1.d/A.key",
                b"Created: 20260101T000000\nKey: (private-key (ecc (curve Ed25519)",
                (),
            ),
        ),
        (
            ("a.gpg", keyring(0, tag=6)),
            ("a.gpg", keyring(254)),
            ("root/.gnupg/private-keys-v1.d/A.key", b"(20:shadowed-private-key(3:rsa"),
        ),
    ),
    "gpg-protected-key": FileSamples(
        (
            ("root/.gnupg/secring.gpg", keyring(254), ()),
            ("a", keyring(255, new=True), ()),
            ("root/.gnupg/private-keys-v1.d/A.key", b"(21:protected-private-key(3:rsa(1:n" + _BODY, ()),
            ("root/.gnupg/private-keys-v1.d/A.key", b"Key: (protected-private-key (ecc (curve Ed25519)", ()),
        ),
        (("a.gpg", keyring(254, tag=6)), ("a.gpg", keyring(0)), ("a", b"Key: (public-key (rsa")),
    ),
    "jwk": _texts(
        "app/key.json",
        (b'{"kty":"OKP","crv":"Ed25519","x":"' + _TOKEN + b'"}', b'{"d":"' + _TOKEN + b'"}'),
        b'{"kty":"EC","crv":"P-256","d":"@@"}',
        b'[{"kty": "RSA", "d" : "@@"}]',
        b'{"keys":[{"d":"@@","kty":"OKP"}]}',
        secret=word(43),
    ),
    "shell-history": _texts(
        "root/.bash_history",
        (b"ls -l\nfind / -name mysql -print0\n", b"mysql -p db\n", b"export DB_PASSWORD=$X\n"),
        b"ls\nmysql -uroot -p@@ db\nexit\n",
        b": 1700000000:0;curl -u me:@@ https://a.org\n",
        b"export DB_PASSWORD=@@\n",
    )
    + _texts("root/.python_history", (b"password = input()\n",), b"import db\ndb.connect(password='@@')\n"),
    "build-file": _texts(
        "app/Dockerfile",
        (b"FROM a\nENV DB_PASSWORD_FILE /run/a\n", b"ARG DB_PASSWORD\n", b"RUN mysql -p db\n"),
        b"FROM a\nENV DB_PASSWORD @@\n",
        b"RUN docker login -u me -p @@ a.org\n",
    ),
    "plain-password": FileSamples(
        (
            ("app4/.env", b"DB_PASSWORD=hunterhunter\n", (b"hunterhunter",)),
            ("app3/.env", b'DB_PASSWORD="four quiet brown horses"\n', (b"four quiet brown horses",)),
            ("app/a.yml", b"db:\n  password: 'CorrectHorse'\n", (b"CorrectHorse",)),
            ("root/.gradle/gradle.properties", b"signing.password=hunterhunter\n", (b"hunterhunter",)),
            ("app2/a.yml", b"password: four quiet brown horses\n", (b"four quiet brown horses",)),
        ),
        (
            ("app/.env", b"DB_PASSWORD=changeme\nPASSWORD_HASHER=bcryptlike\n"),
            ("app/a.yml", b"password: string\ntoken: bearer\n"),
            ("app/a.properties", b"login.password=Enter your password\n"),
            ("app/a.yml", b"password: 'Enter the new one'\n"),
            ("app/a.yml", b"password:\n  required: always\n"),
            ("app/a.yml", b"password: quiet brown horses\n"),
            ("app/a.yml", b"password: enter here the new one\n"),
            ("app/a.yml", b"password: ${DB}\n"),
        ),
    ),
    "literal": _texts(
        "app/x/db.py",
        (
            b'connect(password=os.environ["DB_PASSWORD1"])',
            b'password = "password"\n',
            b'password_field = "x9-input-7k"\n',
            b'api_key = "changeme1234"\n',
            b'secret = get_secret("name12345")\n',
            b'x = {"AWS::MSK::BatchScramSecret": "ff2b807a577495b0"}\n',
        ),
        b'connect(user="me", password="@@")\n',
        b"const a = {apiKey: '@@'}\n",
        b'API_KEY: str = "@@"\n',
        b'{"client_secret": "@@"}',
    ),
}
