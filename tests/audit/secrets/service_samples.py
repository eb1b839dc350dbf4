"""Samples of the kinds in service_kinds."""

from __future__ import annotations

from scripts.token_makers import ALNUM, DIGITS, HEX, LOWER, UPPER, URLSAFE, pick
from tests.audit.secrets.sample_makers import Samples, after, also, phrase, token

SMALL = LOWER + DIGITS


def _uuid() -> str:
    return "-".join(pick(HEX, length) for length in (8, 4, 4, 4, 12))


def _mailchimp() -> Samples:
    keys = [pick(HEX, 32) for _ in range(3)]
    true = [
        (shape.format(key + "-us12").encode(), key.encode()) for key in keys for shape in ("k = {}\n", '"{}"', "{}")
    ]
    key = keys[0]
    near = [
        key[1:] + "-us12",
        "a" + key + "-us12",
        key + "-us",
        key + "-us123",
        key + "-uk12",
        "a" * 32 + "-us12",
        "en-us",
    ]
    return Samples(true, [f"k = {text}\n".encode() for text in near])


_TEAMS = "https://mine.webhook" + f".office.com/webhookb2/{_uuid()}@{_uuid()}/IncomingWebhook/"
_DISCORD = "https://discord.com/api/" + f"webhooks/{pick(DIGITS, 18)}/"
_JDBC = "jdbc:" + "mysql://db.example.org/app?user=me&pass" + "word="

SERVICE_SAMPLES: dict[str, Samples] = {
    "bitbucket-password": token("AT" + "BB", ALNUM, 32),
    "atlassian-connect-token": token("ATC" + "TT3", ALNUM, 180, shorter=159, longer=201),
    "sourcegraph-token": also(token("sg" + "p_", HEX, 40), token("sg" + "p_local_", HEX, 40)),
    "circleci-token": token("CCI" + "PAT_" + pick(ALNUM, 22) + "_", HEX, 40),
    "buildkite-token": token("bk" + "ua_", HEX, 40),
    "sonar-token": also(token("sq" + "p_", HEX, 40), token("sq" + "u_", HEX, 40)),
    "clojars-token": token("CLO" + "JARS_", HEX, 60),
    "cargo-token": token("ci" + "o", ALNUM, 32),
    "nuget-key": token("oy" + "2", SMALL, 43),
    "artifactory-key": token("AK" + "Cp", ALNUM, 69),
    "artifactory-reference-token": token("cmVm" + "dGtu", ALNUM, 56),
    "deno-token": token("dd" + "p_", ALNUM, 36),
    "netlify-token": token("nf" + "p_", ALNUM, 36),
    "stripe-webhook-secret": token("whs" + "ec_", ALNUM, 32),
    "stripe-test-key": token("sk" + "_test_", ALNUM, 24, longer=108),
    "square-token": token("EA" + "AA", URLSAFE, 60),
    "square-secret": token("sq" + "0csp-", ALNUM, 43, shorter=21),
    "braintree-token": after("access_token$" + f"production${pick(SMALL, 16)}$", pick(HEX, 32)),
    "razorpay-key": token("rzp" + "_live_", ALNUM, 14),
    "shippo-token": token("ship" + "po_live_", HEX, 40),
    "duffel-token": token("duf" + "fel_live_", ALNUM, 43),
    "easypost-key": token("EZ" + "AK", ALNUM, 54),
    "discord-webhook": after(_DISCORD, pick(URLSAFE, 68), "https://discord.com/api/webhooks/"),
    "teams-webhook": after(_TEAMS, pick(HEX, 32) + "/" + _uuid()),
    "linear-token": token("lin" + "_api_", ALNUM, 40, longer=65),
    "notion-token": token("nt" + "n_" + pick(DIGITS, 11), ALNUM, 35),
    "notion-legacy-token": token("sec" + "ret_", ALNUM, 43),
    "figma-token": token("fi" + "gd_", ALNUM, 40, longer=51),
    "hubspot-token": token("pa" + f"t-na1-{pick(HEX, 8)}-{pick(HEX, 4)}-{pick(HEX, 4)}-{pick(HEX, 4)}-", HEX, 12),
    "mapbox-token": token("s" + "k.eyJ" + pick(ALNUM, 70) + ".", ALNUM, 22),
    "okta-token": after("SS" + "WS ", "00" + pick(URLSAFE, 40), "SSWS token"),
    "typeform-token": token("tf" + "p_", ALNUM, 59, shorter=39, longer=65),
    "contentful-token": token("CF" + "PAT-", URLSAFE, 43),
    "octopus-key": token("AP" + "I-", UPPER + DIGITS, 26, shorter=24, longer=33),
    "readme-key": token("rd" + "me_", SMALL, 70),
    "sendinblue-key": token("xkey" + "sib-" + pick(HEX, 64) + "-", ALNUM, 16),
    "mailchimp-key": _mailchimp(),
    "facebook-token": token("EA" + "A", ALNUM, 160, shorter=99, longer=401),
    "twitter-bearer": token("A" * 22 + pick(ALNUM, 20) + "%2B", ALNUM, 60, shorter=40, longer=90),
    "airtable-token": token("pa" + "t" + pick(ALNUM, 14) + ".", HEX, 64),
    "adafruit-key": token("ai" + "o_", ALNUM, 28),
    "prefect-key": token("pn" + "u_", SMALL, 36),
    "frameio-token": token("fio" + "-u-", URLSAFE, 64),
    "bearer-header": after("Authorization: " + "Bearer ", pick(ALNUM, 40), "Authorization: Bearer <token>",
                           "Authorization: Bearer $TOKEN"),
    "jdbc-password": phrase(
        [(_JDBC + key + end, key) for key in (pick(ALNUM, 20), "hunter44") for end in ("\n", "&x=1", '"')],
        [_JDBC + "${PASSWORD}", _JDBC + "<password>", _JDBC, _JDBC + "aaaaaaaa", "jdbc:mysql://db/app?user=hunter44"],
    ),
}  # fmt: skip
