"""Instructions, variables and labels as they may be printed: no secret is left, and nothing else is hidden."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from imgtar.audit.secrets.arguments import INTRODUCTIONS, Introduction
from imgtar.audit.secrets.redaction import announced_secrets, redact_known, redact_text
from imgtar.audit.secrets.search import secrets_in_text
from imgtar.audit.secrets.words import is_literal
from scripts.token_makers import ALNUM, BASE64, pick, with_checksum
from tests.audit.secrets.samples import SAMPLES
from tests.growth import assert_linear, bounded_work

pytestmark = pytest.mark.slow

KNOWN = {name: samples for name, samples in SAMPLES.items() if name != "generic"}


@pytest.mark.parametrize("name", sorted(KNOWN))
def test_a_text_is_redacted_and_its_secrets_are_told(name: str) -> None:
    for text, secret in KNOWN[name].true:
        if secret in (b"hunter22", b"p%40ss!word;9") and name != "url-password":
            continue
        shown = redact_text(text.decode())
        assert secret.decode() not in shown
        assert "characters)" in shown
        assert [found.kind for found in secrets_in_text(text.decode())] == [name]


def test_a_text_of_the_generic_corpus_is_redacted() -> None:
    for text, secret in SAMPLES["generic"].true:
        if text.startswith((b"define", b"<password")):
            continue  # notations of files
        assert secret.decode() not in redact_text(text.decode()), text


PASSWORD = "Tr0ub" + "4dor&3x"
SHOWN = "Tr0u\u2026 (12 characters)"


COMMANDS: list[tuple[str, str | None]] = [
    ("ENV DB_PASSWORD={}", "ENV DB_PASSWORD={}"),
    ('ENV A=b DB_PASSWORD="{}" C=d', 'ENV A=b DB_PASSWORD="{}" C=d'),
    ("ENV DB_PASSWORD {}", "ENV DB_PASSWORD {}"),
    ("/bin/sh -c #(nop)  ENV DB_PASSWORD={}", "/bin/sh -c #(nop)  ENV DB_PASSWORD={}"),
    ("ARG NPM_TOKEN={}", "ARG NPM_TOKEN={}"),
    ("|1 NPM_TOKEN={} /bin/sh -c npm ci", "|1 NPM_TOKEN={} /bin/sh -c npm ci"),
    ("RUN --build-arg API_KEY={} x", "RUN --build-arg API_KEY={} x"),
    ("RUN tool --password {} --user me", "RUN tool --password {} --user me"),
    ("RUN tool --password={} --user me", "RUN tool --password={} --user me"),
    ("RUN tool --password '{}'", "RUN tool --password '{}'"),
    ('CMD ["tool", "--password", "{}"]', 'CMD ["tool", "--password", "{}"]'),
    ('CMD ["tool" "--token={}"]', 'CMD ["tool" "--token={}"]'),
    ("RUN docker login -u me -p {} reg", "RUN docker login -u me -p {} reg"),
    ("RUN mysql -uroot -p{} db", "RUN mysql -uroot -p{} db"),
    ("RUN sshpass -p {} ssh a", "RUN sshpass -p {} ssh a"),
    ("RUN curl -u me:{} http://a", "RUN curl -u me:{} http://a"),
    ("RUN curl -H 'Authorization: Bearer {}' http://a", "RUN curl -H 'Authorization: Bearer {}' http://a"),
    ("RUN curl -H 'PRIVATE-TOKEN: {}' http://a", "RUN curl -H 'PRIVATE-TOKEN: {}' http://a"),
    ("RUN git clone https://me:{}@example.org/a", "RUN git clone https://me:{}@example.org/a"),
    ('LABEL x="{{\\"password\\":\\"{}\\"}}"', 'LABEL x="{{\\"password\\":\\"{}\\"}}"'),
    ('RUN sh -c "export PASSWORD={}; echo {}"', 'RUN sh -c "export PASSWORD={}; echo {}"'),
    ("RUN PASSWORD='{}' && login {}", "RUN PASSWORD='{}' && login {}"),
    ("RUN A_PASSWORD=$'{}' x", "RUN A_PASSWORD=$'{}' x"),
    ("RUN X_PASSWORD=${{FOO:-{}}} x", "RUN X_PASSWORD=${{FOO:-{}}} x"),
    ("RUN X_PASSWORD=$(echo {}) x", "RUN X_PASSWORD=$(echo {}) x"),
    ("RUN PASSWD=`echo {}` x", "RUN PASSWD=`echo {}` x"),
    ("RUN psql -c \"ALTER USER x WITH PASSWORD '{}'\"", "RUN psql -c \"ALTER USER x WITH PASSWORD '{}'\""),
    ("CREATE USER x IDENTIFIED BY '{}'", "CREATE USER x IDENTIFIED BY '{}'"),
    ("machine x login y password {} z", "machine x login y password {} z"),
    ("RUN mysqladmin -u root password {} x", "RUN mysqladmin -u root password {} x"),
    ("RUN npm config set //r/:_password {} x", "RUN npm config set //r/:_password {} x"),
    ("RUN aws configure set aws_secret_access_key {}", "RUN aws configure set aws_secret_access_key {}"),
    ("RUN echo {} | docker login --password-stdin", "RUN echo {} | docker login --password-stdin"),
    ("RUN echo 'root:{}' | chpasswd", None),
    ('RUN echo "{}" > /run/secrets/db_password', 'RUN echo "{}" > /run/secrets/db_password'),
    ("RUN redis-cli -a {} ping", "RUN redis-cli -a {} ping"),
    ("RUN vault login {} x", "RUN vault login {} x"),
    ("RUN zip -P {} a b", "RUN zip -P {} a b"),
    ("RUN useradd -p {} me", "RUN useradd -p {} me"),
    ("RUN keytool -storepass {} -keypass {}", "RUN keytool -storepass {} -keypass {}"),
    ("RUN curl --oauth2-bearer {} http://a", "RUN curl --oauth2-bearer {} http://a"),
    ("echo '<password>{}</password>'", "echo '<password>{}</password>'"),
    ("RUN A_PASSWORD='abc'{} x", None),
    ('RUN A_PASSWORD=abc"{}" x', None),
    ("ENV DB_PASSWORD=one\\ two\\ {}", None),
]


@pytest.mark.parametrize(("text", "shown"), COMMANDS)
def test_only_the_secret_is_replaced(text: str, shown: str | None) -> None:
    found = redact_text(text.format(PASSWORD, PASSWORD))
    assert PASSWORD not in found
    if shown is not None:  # None: more than the password alone is hidden
        assert found == shown.format(SHOWN, SHOWN)


@pytest.mark.parametrize(
    "text",
    [
        "ENV PATH=/usr/local/bin:/usr/bin LANG=C.UTF-8",
        "ENV DB_PASSWORD_FILE=/run/secrets/db",
        "ENV GPG_KEY=" + "7169605F62C751356D054A26A821E680E5FA6305",
        "RUN curl -u me:$PASSWORD http://a && tool --password ${PASSWORD} --token $(cat /t)",
        "ENV MYSQL_RANDOM_ROOT_PASSWORD=yes TOKEN=/run/secrets/token",
        "RUN mkdir -p app/data && cp -p a b",
        "EXPOSE 80/tcp",
        "RUN git clone https://example.org:8443/a@b",
        "RUN echo é \ud800 \x00",
        "",
    ],
)
def test_what_is_no_secret_stays(text: str) -> None:
    assert redact_text(text) == text


@given(
    value=st.text(
        st.characters(codec="utf-8", exclude_characters="\"'\\$\0", exclude_categories=("Z", "C")), min_size=6
    ),
    shape=st.sampled_from(["ENV A_PASSWORD='{}'", 'RUN x --token "{}" y', "A_SECRET={}", '{{"apiKey": "{}"}}']),
)
@settings(max_examples=300)
def test_no_value_of_a_secret_name_is_shown(value: str, shape: str) -> None:
    value = value.rstrip(";,)&|}")
    if is_literal(value.encode()) and len(value) >= 6:
        assert value not in redact_text(shape.format(value))


@pytest.mark.parametrize(
    "piece",
    [
        *("PASSWORD=", 'PASSWORD="', "PASSWORD='", "--token ", "--token\\", "://a:b", "://a:b@", "://a:", "a:", "A=b "),
        *(
            "ENV A ",
            "curl ",
            "echo ",
            "login a ",
            "config set ",
            "<password>",
            "curl -u ",
            "mysql ",
            "mysql -p",
            "mysql ",
            "sudo -u a ",
            "A=b",
            "htpasswd -b ",
            "composer config ",
            "bundle config a.b c",
            "a/a/",
            'a="\\"',
            "authorization:",
            "PASSWORD=\\",
        ),
    ],
)
def test_redaction_takes_linear_time(piece: str) -> None:
    text = piece * ((256 << 10) // len(piece))
    with bounded_work():
        redact_text(text)


def test_telling_many_secrets_takes_linear_work() -> None:
    def prepare(count: int) -> Callable[[], object]:
        text = " ".join(f"A_PASSWORD=Tr0ub4dor{number}x" for number in range(count))
        assert len(announced_secrets(text)) == count
        return lambda: announced_secrets(text)

    assert_linear(prepare, 200)


def test_a_token_in_the_place_of_a_user_is_hidden_and_a_user_is_not() -> None:
    token = "16c7e42f292c6912e771" * 2
    assert token not in redact_text(f"RUN git clone https://{token}@example.org/a")
    assert redact_text("RUN git clone ssh://git@example.org/a") == "RUN git clone ssh://git@example.org/a"


def test_a_sample_with_a_wrong_checksum_is_hidden_but_not_reported() -> None:
    issued = with_checksum("gh" + "p_")
    sample = issued[:-1] + ("a" if issued[-1] != "a" else "b")
    assert [secret.kind for secret in secrets_in_text(f"x {issued}")] == ["github-pat"]
    assert secrets_in_text(f"x {sample}") == []
    assert sample not in redact_text(f"RUN x {sample}")


@pytest.mark.parametrize(
    "text",
    [
        "RUN mysql -uroot -p{} db",
        "RUN mysql -uroot -p'{}' db",
        "RUN /usr/bin/mysqldump -p{} db > x",
        "RUN service x start && mysql -p{} -e 'x'",
        'CMD ["mysql", "-p{}"]',
        "RUN sudo mysqladmin -u root password {}",
        "RUN /bin/sh -c mysqladmin -u root -p{} x",
        "RUN curl -sS -u me:{} https://a.org",
        "RUN curl --user me:{} https://a.org",
        "RUN docker login -u me -p {} a.org",
        "RUN sudo -E docker login -u me -p{} a.org",
        "RUN helm registry login -u me -p {} a.org",
        "RUN sshpass -p {} ssh a.org",
        "RUN sshpass -p{} ssh a.org",
        "RUN echo root:{} | chpasswd",
        "RUN chpasswd <<< root:{}",
        "RUN htpasswd -bc /etc/.htpasswd me {}",
        "RUN htpasswd -b -B -C 12 /etc/.htpasswd me {}",
        "RUN htpasswd -nb me {} > x",
        "RUN mvn -B -Dpassword={} deploy",
        "RUN java -Dspring.datasource.password={} -jar a.jar",
        "RUN git clone https://{}7k7k7k7k7k@github.com/a/b",
        "RUN git clone https://{}7k7k7k7k7k:x-oauth-basic@github.com/a/b",
        "RUN composer config --global http-basic.repo.a.org me {}",
        "RUN composer config -g github-oauth.github.com {}",
        "RUN composer config gitlab-token.gitlab.com {}",
        "RUN npm config set //r.org/:_authToken {}",
        "RUN npm config set //r.org/:_authToken={}",
        "RUN npm set //r.org/:_authToken {}",
        "RUN bundle config set --global gems.a.org me:{}",
        "RUN bundle config gems.a.org me:{}",
        "RUN curl -H 'Authorization: Bearer {}' https://a.org",
        "RUN vault login {}",
        "RUN vault login -no-print {}",
        "RUN redis-cli -h a -a {} ping",
        "RUN useradd -m -p {} me",
        "RUN rabbitmqctl add_user me {}",
        "RUN openssl rsa -in a -passin pass:{} -out b",
        "RUN ldapsearch -x -D cn=a -w {} x",
        "RUN dotnet nuget add source https://a.org -u me -p {}",
        "RUN mongosh -u me -p {} a",
        "RUN if true; then mysql -p{}; fi",
        "RUN X=1 mysql -p{}",
    ],
)
def test_what_redaction_hides_in_a_command_is_a_secret(text: str) -> None:
    password = "Tr0ub" + "4dor3x"
    shown = redact_text(text.format(password))
    assert password not in shown
    [(_, secret)] = announced_secrets(text.format(password))
    assert password.encode() in secret


@pytest.mark.parametrize(
    "text",
    [
        "RUN find / -name mysql -print0 | xargs -0 rm",
        "RUN apt-get install -y mysql-client && find /var -name x -print0",
        "RUN rm -rf /var/lib/mysql -print0x",
        "RUN mysql -p database_one",
        "RUN mysql --port 33060 -P 33061 db",
        "RUN apt-get install -y redis-tools sshpass -a package1",
        "RUN mkdir -p /docker/login4 && cp -p source12 target34",
        "RUN docker run -p 8080:80 login-image1",
        "RUN echo 'mysql:x:999:' >> /etc/passwd",
        "RUN htpasswd -c /etc/.htpasswd somebody1",
        "RUN vault status -address=https://a.org",
        "RUN composer config platform.php 8.3.1234",
        "RUN useradd -m -u 1000001 somebody1",
        "RUN curl -u $USER:$PASSWORD https://a.org",
        "RUN git clone https://builder@a.org/b",
        "RUN echo words1 && docker login --password-stdin < file",
    ],
)
def test_a_command_without_a_secret_stays(text: str) -> None:
    assert redact_text(text) == text
    assert announced_secrets(text) == []


def test_every_secret_of_a_command_is_told_once() -> None:
    one, two = "Tr0ub" + "4dor3x", "c0rrect" + "h0rse"
    text = f"RUN mysql -p{one} && mysql -p{one} && DB_PASSWORD={two} curl -u me:{one} https://me:{two}@a.org"
    assert sorted(announced_secrets(text), key=lambda found: found[1]) == [
        (None, one.encode()),
        ("DB_PASSWORD", two.encode()),
    ]


def test_a_placeholder_is_hidden_and_is_not_a_secret() -> None:
    assert "changeme" not in redact_text("RUN mysql -pchangeme")
    assert announced_secrets("RUN mysql -pchangeme") == []


def test_beside_a_fixed_password_the_user_is_the_token() -> None:
    text = "RUN git clone https://" + "16c7e42f292c" * 3 + ":x-oauth-basic@a.org/b"
    assert secrets_in_text(text) == []
    assert announced_secrets(text) == [(None, b"16c7e42f292c" * 3)]


def test_a_key_in_base64_is_redacted_as_a_name_in_a_path() -> None:
    """A slash may belong to the key, so the name of the directory would belong to the word."""
    key = pick(BASE64, 41) + "x+AC" + "R" + pick(ALNUM, 6)
    key = key.replace("/", "x")
    assert redact_known(f"/srv/{key}/a belongs to 7").startswith(f"/srv/{key[:4]}\u2026 (42 characters)")


@pytest.mark.parametrize("introduction", INTRODUCTIONS, ids=lambda one: b" ".join(one.words).decode())
def test_an_introduction_stands_only_where_one_of_its_words_does(introduction: Introduction) -> None:
    texts = [text for samples in SAMPLES.values() for text, _ in samples.true if len(text) < 4096]
    texts += [row.format(PASSWORD, PASSWORD).encode() for row, _ in COMMANDS]
    for text in texts:
        assert introduction.may_be_in(text) or introduction.pattern.search(text) is None, text
