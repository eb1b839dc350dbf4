"""True samples and near misses of every kind of secret, put together at run time: no file here holds a secret."""

from __future__ import annotations

import base64
import json

from scripts.token_makers import ALNUM, BASE32, BECH32, DIGITS, HEX, LOWER, UPPER, URLSAFE, login, pick
from tests.audit.secrets.cloud_samples import CLOUD_SAMPLES
from tests.audit.secrets.platform_samples import PLATFORM_SAMPLES
from tests.audit.secrets.sample_makers import Samples, also, checked_token, in_contexts, phrase, token
from tests.audit.secrets.service_samples import SERVICE_SAMPLES

__all__ = ["SAMPLES", "Samples"]


def _private_key() -> Samples:
    def begin(words: str) -> str:
        return "-----BEGIN " + words + "-----"

    def end(words: str) -> str:
        return "-----END " + words + "-----"

    lines = ["MII" + pick(ALNUM + "+/", 61), *(pick(ALNUM + "+/", 64) for _ in range(19))]
    body = "\n".join(lines)
    true = []
    for words in ("PRIVATE KEY", "RSA PRIVATE KEY", "OPENSSH PRIVATE KEY", "DSA PRIVATE KEY", "EC PRIVATE KEY"):
        true.append((f"{begin(words)}\n{body}\n{end(words)}\n", body))
    openssh = _openssh("none", "none")
    true.append((openssh, openssh.split("-----")[2].strip()))
    words = "PGP PRIVATE KEY BLOCK"
    true.append((f"{begin(words)}\nVersion: GnuPG v2\nComment: mine\n\n{body}\n=abCD\n{end(words)}\n", body))
    words = "PRIVATE KEY"
    escaped = body.replace("\n", "\\n")
    true.append((json.dumps({"key": f"{begin(words)}\n{body}\n{end(words)}\n"}), escaped))
    true.append((f"key: |\n    {begin(words)}\n    " + "\n    ".join(lines) + f"\n    {end(words)}\n", lines[0]))
    true.append((f'K = "{begin(words)}\\n"\n' + "".join(f'    "{line}\\n"\n' for line in lines), lines[0]))
    true.append((f"{begin(words)}\r\n{lines[0]}\r\n{end(words)}", lines[0]))
    public, certificate = "PUBLIC KEY", "CERTIFICATE"
    near = [
        f"{begin(public)}\n{body}\n{end(public)}\n",
        f"{begin('RSA ' + public)}\n{body}\n{end('RSA ' + public)}\n",
        f"{begin(certificate)}\n{body}\n{end(certificate)}\n",
        f"if line == '{begin(words)}':\n    return read(line, until='{end(words)}')\n",
        f'HEADERS = (b"{begin(words)}", b"{begin("RSA " + words)}", b"{begin("EC " + words)}")\n',
        f"A key starts with {begin(words)} and ends with {end(words)}; between them stands base64.\n",
        f"{begin(words)}\n...\n{end(words)}\n",
        f"{begin(words)}\n{'x' * 64}\n{end(words)}\n",
        f"{begin(words)}\nMIIE\n{end(words)}\n",
        f"{begin(words)}\n<your key>\n{end(words)}\n",
        f"BEGIN {words}\n{body}\n",
        f"{begin(words)[:-1]}\n{body}\n",
        *(text for text, _ in _encrypted_pem()),
    ]
    return phrase(true, near)


def _openssh(cipher: str, kdf: str) -> str:
    """The private key of OpenSSH with the names of its cipher and of the function that derives the key."""
    names = b"".join(len(name).to_bytes(4, "big") + name.encode() for name in (cipher, kdf))
    body = base64.b64encode(b"openssh-key-v1\0" + names).decode().rstrip("=")[:-1] + pick(ALNUM + "+/", 400)
    lines = "\n".join(body[start : start + 70] for start in range(0, len(body), 70))
    return "-----BEGIN OPENSSH " + f"PRIVATE KEY-----\n{lines}\n-----END OPENSSH " + "PRIVATE KEY-----\n"


def _encrypted_pem() -> list[tuple[str, str]]:
    body = "\n".join(pick(ALNUM + "+/", 64) for _ in range(20))
    escaped = body.replace("\n", "\\n")
    words = "ENCRYPTED PRIVATE" + " KEY-----"
    pkcs8 = f"-----BEGIN {words}\n{body}\n-----END {words}\n"
    words = "RSA PRIVATE" + " KEY-----"
    info = f"Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,{pick(HEX, 32)}\n\n"
    legacy = f"-----BEGIN {words}\n{info}{body}\n-----END {words}\n"
    openssh = _openssh("aes256-ctr", "bcrypt")
    return [
        (pkcs8, body),
        (pkcs8.replace("\n", "\r\n"), body.replace("\n", "\r\n")),
        (json.dumps({"key": pkcs8}), escaped),
        (legacy, body),
        (legacy.replace("RSA", "EC"), body),
        (json.dumps({"key": legacy}), escaped),
        (openssh, openssh.split("-----")[2].strip()),
    ]


def _encrypted_key() -> Samples:
    public = _encrypted_pem()[0][0].replace("ENCRYPTED PRIVATE", "PUBLIC")
    words = "ENCRYPTED PRIVATE" + " KEY-----"
    near = [
        public,
        f"-----BEGIN {words}\n...\n-----END {words}\n",
        f"-----BEGIN {words}\n{'x' * 64}\n-----END {words}\n",
        f"if line == '-----BEGIN {words}':\n    return 1\n",
        "Proc-Type: 4,ENCRYPTED\n",
        _encrypted_pem()[0][0].replace("ENCRYPTED ", ""),
        _encrypted_pem()[3][0].replace("4,ENCRYPTED", "4,MIC-ONLY"),
        _openssh("none", "none"),
    ]
    return phrase(_encrypted_pem(), near)


def _google() -> Samples:
    body = "\\n".join(pick(ALNUM + "+/", 64) for _ in range(26))
    pem = "-----BEGIN " + "PRIVATE KEY-----\\n" + body + "\\n-----END " + "PRIVATE KEY-----\\n"

    def account(between: str, key: str) -> str:
        return (
            f'{{{between}"type":{between}"service_account",{between}"private_key_id":{between}"{pick(HEX, 40)}",'
            f'{between}"private_key":{between}"{key}",{between}"client_email":{between}"a@b.gserviceaccount.com"}}'
        )

    true = [(account(between, pem), body) for between in ("", " ", "\n  ", "\r\n\t")]
    near = [
        account("\n  ", ""),
        account("\n  ", "REDACTED"),
        account("\n  ", "-----BEGIN " + "PRIVATE KEY-----\\n...\\n-----END " + "PRIVATE KEY-----\\n"),
        account("\n  ", "-----BEGIN " + "PUBLIC KEY-----\\n" + body),
        account("\n  ", pem).replace("private_key_id", "key_id"),
        '{"type": "service_account", "client_email": "a@b.gserviceaccount.com"}',
        '{"type": "external_account", "private_key_id": "1234567890"}',
    ]
    return phrase(true, near)


DERIVATION = "Key-Derivation: Argon2id\nArgon2-Memory: 8192\nArgon2-Passes: 22\nArgon2-Parallelism: 1\nArgon2-Salt: "


def _putty_file(version: str, private: str, encryption: str = "none") -> str:
    public = "\n".join(pick(ALNUM + "+/", 64) for _ in range(3))
    derivation = f"{DERIVATION}{pick(HEX, 32)}\n" if version == "3" and encryption != "none" else ""
    return (
        f"PuTTY-User-Key-File-{version}: ssh-ed25519\nEncryption: {encryption}\nComment: mine\nPublic-Lines: 3\n"
        f"{public}\n{derivation}{private}Private-MAC: {pick(HEX, 40)}\n"
    )


def _putty(encryption: str, other: str) -> Samples:
    true, bodies = [], ["\n".join(pick(ALNUM + "+/", 64) for _ in range(lines)) for lines in (1, 8, 14)]
    for version, body in zip("233", bodies, strict=True):
        true.append((_putty_file(version, f"Private-Lines: 8\n{body}\n", encryption), body))
    with_crlf = _putty_file("3", "Private-Lines: 8\n" + bodies[1] + "\n", encryption).replace("\n", "\r\n")
    true.append((with_crlf, bodies[1].replace("\n", "\r\n")))
    near = [
        _putty_file("3", "", encryption),
        _putty_file("3", "Private-Lines: 0\n", encryption),
        _putty_file("3", "Private-Lines: 2\n<redacted>\n", encryption),
        _putty_file("3", "Private-Lines: 2\n" + ("A" * 64 + "\n") * 2, encryption),
        *(_putty_file(version, f"Private-Lines: 8\n{bodies[0]}\n", other) for version in "23"),
        f"Private-Lines: 8\n{bodies[0]}\n",
        'if not line.startswith("PuTTY-User-Key-File-3"):\n    raise NoKey("Private-Lines: none")\n',
    ]
    return phrase(true, near)


def _aws_secret() -> Samples:
    keys = [pick(ALNUM + "/+", 40) for _ in range(3)]
    key = keys[0]
    true = [
        ("[default]\naws_" + f"secret_access_key = {key}\n", key),
        ("export AWS_" + f"SECRET_ACCESS_KEY='{keys[1]}'\n", keys[1]),
        (json.dumps({"Credentials": {"SecretAccessKey": keys[2]}}), keys[2]),
        ("aws:\n  secretAccessKey: " + key, key),
        (
            "aws:\n  secretAccessKey: " + (broken := pick(ALNUM, 15) + "/" + pick(ALNUM, 12) + "+" + pick(ALNUM, 11)),
            broken,
        ),
        ('  my_aws_secret_access_key="' + key + '"; x', key),
    ]
    name = "AWS_" + "SECRET_ACCESS_KEY"
    near = [
        f"{name}={key[1:]}\n",
        f"{name}={key}a\n",
        f"{name}={key}==\n",
        f"{name}={key[:20]}!{key[21:]}\n",
        f"{name}={'a' * 40}\n",
        f"{name}=wJalrXUtnFEMI/K7MDENG/bPxRfiCY" + "EXAMPLEKEY\n",
        f"{name}=${{SECRET}}\n",
        f"{name}_FILE=/run/secrets/aws\n",
        f"AWS_SESSION={key}\n",
        f"key.secretAccessKey = get_secret({key!r})\n",
    ]
    return phrase(true, near)


def _azure_storage() -> Samples:
    keys = [pick(ALNUM + "+/", 86) + "==" for _ in range(3)]
    lead = "DefaultEndpointsProtocol=https;AccountName=mine;Account"
    true = [
        (f"{shape}{lead}Key={key};EndpointSuffix=core.windows.net", key) for shape in ("", "X=", '"') for key in keys
    ]
    key = keys[0]
    near = [
        f"{lead}Key={key[1:]};",
        f"{lead}Key=a{key};",
        f"{lead}Key={key[:40]}.{key[41:]};",
        f"{lead}Key={'a' * 86}==;",
        f"{lead}Key=<key>;",
        f"{lead}Name={key}",
        f"AccountKey: {key[:20]}",
    ]
    return phrase(true, near)


def _slack_webhook() -> Samples:
    lead = "https://hooks." + "slack.com/services/"
    team, bot, key = "T" + pick(UPPER + DIGITS, 10), "B" + pick(UPPER + DIGITS, 10), pick(ALNUM, 24)
    url = f"{lead}{team}/{bot}/{key}"
    near = [
        url[:-1],
        url + "a",
        f"{lead}{team}/{bot}/{'X' * 24}",
        f"{lead}T00000000/B00000000/{'X' * 24}",
        f"{lead}{team}/{key}",
        f"{lead}{team.lower()}/{bot}/{key}",
        f"https://slack.com/services/{team}/{bot}/{key}",
        lead,
    ]
    return Samples([(text.replace(url.encode(), url.encode()), key.encode()) for text, _ in in_contexts(url)],
                   [f"url: {text}\n".encode() for text in near])  # fmt: skip


def _mailgun() -> Samples:
    keys = ["key-" + pick(HEX, 32) for _ in range(3)]
    true = [
        (f"MAILGUN_API_KEY={keys[0]}\n", keys[0]),
        (f'"mailgun_key": "{keys[1]}"', keys[1]),
        (f"mailgun.api.key = {keys[2]}\n", keys[2]),
        (f"mailgun: '{keys[0]}'", keys[0]),
    ]
    near = [
        f"MAILGUN_API_KEY={keys[0][:-1]}\n",
        f"MAILGUN_API_KEY={keys[0]}a\n",
        f"MAILGUN_API_KEY={keys[0].upper()}\n",
        f"MAILGUN_API_KEY=key-{'0' * 32}\n",
        f"MAILGUN_API_KEY=pub{keys[0]}\n",
        f"cache-{keys[0]}\n",
        f"CACHE={keys[0]}\n",
    ]
    return phrase(true, near)


def _npmrc() -> Samples:
    uuid = "-".join(pick(HEX, length) for length in (8, 4, 4, 4, 12))
    basic = login("robot", "s3cr3t-" + pick(ALNUM, 12))
    lead = "//registry.example.org/:_auth"
    true = [
        (f"{lead}Token={uuid}\n", uuid),
        (f"registry=https://registry.example.org/\n_auth = {basic}\nalways-auth=true\n", basic),
        (f"RUN echo '{lead}Token={uuid}' > .npmrc\n", uuid),
        (f'{lead}="{basic}"', basic),
    ]
    near = [
        f"{lead}Token=${{NPM_TOKEN}}\n",
        f"{lead}Token=$NPM_TOKEN_FOR_THE_REGISTRY\n",
        f"{lead}Token={uuid[:12]}\n",
        f"{lead}Type={uuid}\n",
        "proxy_auth = get_proxy_auth_value_01(url)\n",
        "self._auth = HTTPBasicAuth2Handler01(user)\n",
        f"x_auth={basic}\n",
        "_auth=YourTokenOfTheRegistry\n",
    ]
    return phrase(true, near)


def _docker_auth() -> Samples:
    logins = [login("robot$app", pick(ALNUM, 20)), login("me", "hunter22"), login("user", pick(URLSAFE, 60))]
    true = [
        (json.dumps({"auths": {"registry.example.org": {"auth": entry}}}, indent=indent), entry)
        for entry in logins for indent in (None, "\t")
    ]  # fmt: skip
    true.append((f'{{"auth":"{logins[0]}"}}', logins[0]))
    nobody = base64.b64encode(b"onlyatoken1234567").decode()
    near = [
        '{"auth": "basic"}',
        '{"auth": "authorization"}',
        '{"auth": "authenticated/users"}',
        '{"auth": ""}',
        '{"auth": "${REGISTRY_LOGIN}"}',
        f'{{"auth": "{nobody}"}}',
        f'{{"auth": "{login("", "password12")}"}}',
        f'{{"author": "{logins[0]}"}}',
        f'{{"auth": {{"user": "{logins[0]}"}}}}',
    ]
    return phrase(true, near)


def _telegram() -> Samples:
    keys = ["AA" + start + pick(URLSAFE, 32) for start in "EFGH"]
    true = [(f"{lead}{pick(DIGITS, 10)}:{key}{trail}", key)
            for lead, trail in (("BOT=", "\n"), ('"', '"'), ("https://api.telegram.org/bot", "/getMe"), ("bot: ", ""))
            for key in keys]  # fmt: skip
    key = keys[0]
    near = [
        f"BOT={pick(DIGITS, 10)}:{key[:-1]}\n",
        f"BOT={pick(DIGITS, 10)}:{key}x\n",
        f"BOT={pick(DIGITS, 5)}:{key}\n",
        f"BOT={pick(DIGITS, 10)}:BB{key[2:]}\n",
        f"BOT={pick(DIGITS, 10)}:AAE{'a' * 32}\n",
        f"BOT={pick(DIGITS, 10)}={key}\n",
        f"BOT=name:{key}\n",
    ]
    return phrase(true, near)


def _jwt() -> Samples:
    def part(document: dict[str, object]) -> str:
        return base64.urlsafe_b64encode(json.dumps(document, separators=(",", ":")).encode()).decode().rstrip("=")

    claims = part({"sub": "1234567890", "name": "Jo Doe", "iat": 1516239022})
    heads = [
        part({"alg": "HS256", "typ": "JWT"}),
        part({"alg": "RS256"}),
        part({"typ": "JWT", "alg": "ES256", "kid": "7"}),
    ]
    tokens = [f"{head}.{claims}.{pick(URLSAFE, length)}" for head, length in zip(heads, (43, 342, 86), strict=True)]
    tokens.append(f"{heads[0]}.{part({'sub': 'jane', 'name': 'John Doe', 'exp': 1577836800})}.{pick(URLSAFE, 43)}")
    head, signature = heads[0], pick(URLSAFE, 43)
    near = [
        f"{head}.{claims}",
        f"{head}.{claims}.",
        f"{head}.{claims}.short",
        f"{part({'k': pick(ALNUM, 30)})}.{claims}.{signature}",
        f"{head}.{signature}.{signature}",
        f"{head} {claims} {signature}",
        f"x{head}.{claims}.{signature}",
        f"eyJ{'a' * 30}.eyJ{'a' * 30}.{'a' * 43}",
        "eyJhbGciOi...",
        *(
            f"{head}.{part(sample)}.{signature}"
            for sample in (
                {"sub": "1234567890", "name": "John Doe", "iat": 1516239022},
                {"iss": "joe", "exp": 4102444800, "http://example.com/is_root": True},
                {"some": "payload"},
                {"sub": "jane", "exp": 1577836799},
            )
        ),
    ]
    return Samples(in_contexts(*tokens), [f"value: {text}\n".encode() for text in near])


def _url() -> Samples:
    secrets = [pick(ALNUM, 16), "hunter22", "p%40ss!word;9", "MY_KEY_7", "a%20secret7", "P%40ssw0rd"]
    true = []
    for secret in secrets:
        true += [
            (f"DATABASE_URL=postgres://app:{secret}@db.example.org:5432/app\n", secret),
            (f'"url": "redis://:{secret}@cache"', secret),
            (f"git clone https://robot-1:{secret}@git.example.org/a.git", secret),
        ]
    near = [
        "https://example.org:8443/path@1.2.3\n",
        "https://me@example.org/\n",
        "https://user:password@example.org/\n",
        "https://user:${PASSWORD}@example.org/\n",
        "https://user:<password>@example.org/\n",
        "https://user:$PASSWORD@example.org/\n",
        "https://user:{password}@example.org/\n",
        "https://user:***@example.org/\n",
        "https://user:%(password)s@example.org/\n",
        "https://user:your-password@example.org/\n",
        "https://user:aaaaaaaaaa@example.org/\n",
        "azureservicebus://SAS_POLICY_NAME:SAS_KEY@SERVICE\n",
        "https://user:a%20secret@db.example.org/\n",
        "https://user:p%40ssword@db.example.org/\n",
        "https://user:My%20Pass@db.example.org/\n",
        "https://user:somepassword@db.example.org/\n",
        "see http://example.org/a:b and mail a:bcdef12@example.org\n",
    ]
    return phrase(true, near)


def _terraform() -> Samples:
    tokens = [f"{pick(ALNUM, 14)}.atlasv1.{pick(URLSAFE, 67)}" for _ in range(2)]
    token = tokens[0]
    near = [token[1:], "x" + token, token[:60], token + "abcdef", token.replace("atlasv1", "atlasv2"),
            token[:23] + "a" * 67, token.replace(".atlas", "atlas")]  # fmt: skip
    return Samples(in_contexts(*tokens), [f"value = '{text}'\n".encode() for text in near])


def _generic() -> Samples:
    secrets = [pick(ALNUM, 24), "hunter2", "Tr0ub4dor&3", pick(HEX, 40), "s3cr3t-pass"]
    shapes = ("DB_PASSWORD={}\n", "export API_TOKEN='{}'\n", '  "client_secret": "{}",\n', "admin_password: {}",
              "  password = {}  # of the database\r\n", "spring.datasource.password={}\n", "<password>{}</password>\n",
              "define('DB_PASSWORD', '{}');\n", '{{"user": "me", "password":"{}"}}', "apiKey: \"{}\"\n",
              "SECRET_KEY_BASE={}\n", "PGPASSWORD={} psql\n", "REDIS_AUTH={}\n", "secret_key => '{}'\n")  # fmt: skip
    true = [(shape.format(secret), secret) for secret in secrets for shape in shapes]
    true += [
        (f"{name} = {value}\n", value)
        for value in ("pass:insta7", "pass:hunter2", "jobs-1.jobid", ".hunter2", "V1secret")
        for name in ("secret", "client_token", "request_token", "next_password")
    ]
    uuid = "-".join(pick(HEX, length) for length in (8, 4, 4, 4, 12))
    true.append((f"CLIENT_SECRET={uuid}\n", uuid))
    true.append(('"secret": "Jobs[a1.JobId"', "Jobs[a1.JobId"))
    secret = secrets[0]
    near = [
        f"PASSWORD_FILE=/run/secrets/{secret}\n",
        f"PUBLIC_TOKEN={secret}\n",
        f"publicApiKey: {secret}\n",
        f"PASSWORD_PATH={secret}\n",
        f"tokenizer={secret}\n",
        f"secretary: {secret}\n",
        f"bypass = {secret}\n",
        f"keyboard.layout = {secret}\n",
        f"PASSWORD_MIN_LENGTH={secret}\n",
        f"password_policy = {secret}\n",
        f"token_endpoint: {secret}\n",
        f"AWS_ACCESS_KEY_ID={secret}\n",
        f"# password = {secret}\n",
        f"; password = {secret}\n",
        "password=$DB_PASSWORD_1\n",
        "password: ${DB_PASSWORD_1}\n",
        "password: ${DB_PASSWORD_1:-}\n",
        "password: {{ vault_password_1 }}\n",
        "password = %(db_password_1)s\n",
        "password = <your-password-1>\n",
        "password = your-password-1\n",
        "password = changeme123\n",
        "password = xxxxxxxx1\n",
        "password: true\n",
        "PasswordAuthentication yes\nPasswordAuthentication = disabled\n",
        "password = /etc/app/password1\n",
        "token = https://example.org/token1\n",
        "password = getpass.getpass1()\n",
        "password = get_password1(user)\n",
        "password = settings.db1.password\n",
        "token: Optional[str1]\n",
        "token: AccessToken\n",
        "password = Passwort\n",
        "password = Mot de passe 1\n",
        "secret: db-credentials\n",
        "token = 3600\ntoken = 86400s\n",
        "password = 2024-01-31\n",
        "password = sha256\npassword = argon2id\n",
        "password = admin1@example.org\n",
        "password = $6$" + pick(ALNUM, 8) + "$" + pick(ALNUM + "./", 86) + "\n",
        "password = {SSHA}" + pick(ALNUM, 32) + "\n",
        "password = pbkdf2_sha256$" + pick(ALNUM, 40) + "\n",
        "password = aaaaaaaa1\n",
        "password = abc12\n",
        "secret: vault:kv/data/app1\n",
        "password: !vault |\n",
        "password=\ntoken:\n",
        '{"Action":"pass","Test":"TestOf1/sub"}\n',
        "token: '#976806'\n",
        "output_token = Jobs[-1].JobId\n",
        '"secret": "Jobs[-1].JobId"\n',
        '"secret": "Shards[*].Items[].Key1"\n',
        '"secret": "List[V1ObjectReference]"\n',
        '"secret": "V1SecretProjection"\n',
        '"secret": ".models.v1_secret"\n',
        f'"ClientRequestToken": "{uuid}"\n',
        f'"LifecycleActionToken": "{uuid}"\n',
        f'"idempotencyToken": "{uuid}"\n',
        f'"nextToken": "{secret}"\n',
        f'"NextContinuationToken": "{secret}"\n',
        f'"paginationToken": "{secret}"\n',
        '"PasswordLastUsed": "2016-09-08T21:47:36Z"\n',
        '"password": "2016-09-08T21:47:36.123+02:00"\n',
        '"password": "PassWordMustBeAtLeast6Chars."\n',
        "secret = pass:insta # OpenSSL's own\n",
        "=== RUN\n    --- PASS: TestOf1/sub (0.00s)\n",
        f"password: ENC[AES256_GCM,data:{pick(ALNUM, 20)},iv:{pick(ALNUM, 12)},tag:{pick(ALNUM, 12)},type:str]\n",
        f"password: 'ENC[AES256_GCM,data:{pick(ALNUM, 20)}=]'\n",
        f"password=ENC({pick(ALNUM, 32)}=)\n",
        f"password: '{{cipher}}{pick(HEX, 64)}'\n",
        f"password: !vault |\n  $ANSIBLE_VAULT;1.1;AES256\n  {pick(HEX, 80)}\n",
        f"kind: SealedSecret\nspec:\n  encryptedData:\n    password: AgB{pick(ALNUM, 640)}\n",
        f"secret: |\n  -----BEGIN AGE ENCRYPTED FILE-----\n  {pick(ALNUM, 64)}\n",
    ]
    return phrase(true, near, b"etc/app/.env")


SAMPLES: dict[str, Samples] = {
    "private-key": _private_key(),
    "encrypted-key": _encrypted_key(),
    "gcp-service-account": _google(),
    "putty-key": _putty("none", "aes256-cbc"),
    "encrypted-putty-key": _putty("aes256-cbc", "none"),
    "age-key": token("AGE-SECRET-KEY-1", BECH32, 58),
    "aws-access-key-id": also(token("AK" + "IA", BASE32, 16), also(token("AS" + "IA", BASE32, 16),
                                                                   token("AB" + "IA", BASE32, 16))),
    "aws-secret-access-key": _aws_secret(),
    "alibaba-access-key-id": token("LT" + "AI", ALNUM, 20),
    "google-api-key": token("AI" + "za", URLSAFE, 35),
    "google-oauth-secret": token("GOC" + "SPX-", URLSAFE, 28),
    "azure-storage-key": _azure_storage(),
    "github-pat": checked_token("gh" + "p_"),
    "github-fine-grained-pat": token("github" + "_pat_" + pick(ALNUM, 22) + "_", ALNUM, 59),
    "github-oauth": checked_token("gh" + "o_"),
    "github-app-token": also(token("gh" + "s_", ALNUM, 36), token("gh" + "u_", ALNUM, 36)),
    "github-refresh-token": also(token("gh" + "r_", ALNUM, 76), token("gh" + "r_", ALNUM, 36)),
    "gitlab-pat": also(token("gl" + "pat-", URLSAFE, 20),
                       token("gl" + "pat-", URLSAFE, 40, shorter=26, longer=301, suffix=".01." + pick(LOWER, 9))),
    "gitlab-runner-token": also(token("gl" + "rt-", URLSAFE, 20), token("gl" + "rt-t1_", URLSAFE, 20)),
    "gitlab-runner-registration": token("GR134" + "8941", URLSAFE, 20),
    "gitlab-token": also(also(token("gl" + "dt-", URLSAFE, 20), token("gl" + "ptt-", HEX, 40)),
                         also(token("gl" + "cbt-64_", URLSAFE, 20), token("gl" + "oas-", HEX, 64))),
    "slack-token": also(token("xo" + f"xb-{pick(DIGITS, 12)}-{pick(DIGITS, 13)}-", ALNUM, 24, shorter=15, longer=81),
                        token("xa" + f"pp-1-A{pick(UPPER + DIGITS, 10)}-{pick(DIGITS, 13)}-", HEX, 64)),
    "slack-webhook": _slack_webhook(),
    "stripe-key": also(token("sk" + "_live_", ALNUM, 24, longer=108),
                       token("rk" + "_live_", ALNUM, 99, shorter=23, longer=108)),
    "twilio-key": token("S" + "K", HEX, 32),
    "sendgrid-key": token("S" + "G." + pick(URLSAFE, 22) + ".", URLSAFE, 43),
    "mailgun-key": _mailgun(),
    "npm-token": checked_token("np" + "m_"),
    "npmrc-auth": _npmrc(),
    "pypi-token": also(token("py" + "pi-AgEIcHlwaS5vcmc", URLSAFE, 140, shorter=49, longer=1001),
                       token("py" + "pi-AgENdGVzdC5weXBpLm9yZ", URLSAFE, 150, shorter=49, longer=1001)),
    "rubygems-token": token("ruby" + "gems_", HEX, 48),
    "docker-hub-token": also(token("dck" + "r_pat_", URLSAFE, 27), token("dck" + "r_oat_", URLSAFE, 32)),
    "docker-config-auth": _docker_auth(),
    "digitalocean-token": also(token("do" + "p_v1_", HEX, 64), token("do" + "o_v1_", HEX, 64)),
    "shopify-token": also(token("shp" + "at_", HEX, 32), token("shp" + "ss_", HEX, 32)),
    "vault-token": also(token("hv" + "s.", URLSAFE, 24, longer=301),
                        token("hv" + "b.", URLSAFE, 138, shorter=23, longer=301)),
    "terraform-token": _terraform(),
    "hugging-face-token": token("h" + "f_", ALNUM, 34, longer=41),
    "anthropic-key": token("sk-" + "ant-api03-", URLSAFE, 93, suffix="AA"),
    "openai-key": also(token(f"sk-proj-{pick(URLSAFE, 74)}T3Blbk" + "FJ", URLSAFE, 74, shorter=19, longer=101),
                       token("sk-" + pick(ALNUM, 20) + "T3Blbk" + "FJ", ALNUM, 20, longer=101)),
    "databricks-token": token("da" + "pi", HEX, 32),
    "atlassian-token": token("ATA" + "TT3", URLSAFE, 177, shorter=169, longer=191, suffix="=" + pick(HEX, 8).upper()),
    "sentry-token": also(token("sntr" + "yu_", HEX, 64),
                         token("sntr" + "ys_eyJ" + pick(ALNUM, 120) + "_", ALNUM + "+/", 43)),
    "grafana-token": token("gl" + "sa_", ALNUM, 32, suffix="_" + pick(HEX, 8)),
    "new-relic-key": token("NR" + "AK-", UPPER + DIGITS, 27),
    "doppler-token": also(token("dp" + ".pt.", ALNUM, 40, longer=45), token("dp" + ".st.prd.", ALNUM, 40, longer=45)),
    "pulumi-token": token("pu" + "l-", HEX, 40),
    "postman-key": token("PM" + "AK-" + pick(HEX, 24) + "-", HEX, 34),
    "heroku-key": token("HR" + "KU-AA", URLSAFE, 58),
    "telegram-bot-token": _telegram(),
    "jwt": _jwt(),
    "url-password": _url(),
    "generic": _generic(),
    **CLOUD_SAMPLES,
    **SERVICE_SAMPLES,
    **PLATFORM_SAMPLES,
}  # fmt: skip
