"""Samples of the kinds in platform_kinds."""

from __future__ import annotations

from scripts.token_makers import ALNUM, BASE58, BASE64, DIGITS, HEX, LOWER, UPPER, URLSAFE, pick
from tests.audit.secrets.sample_makers import Samples, after, also, in_contexts, inside, token

SMALL = LOWER + DIGITS
CODE = UPPER + DIGITS
SMALL32 = LOWER + "234567"


def _uuid() -> str:
    return "-".join(pick(HEX, length) for length in (8, 4, 4, 4, 12))


def _encoded(prefix: str, alphabet: str, length: int, shorter: int, longer: int) -> Samples:
    """A prefix and text whose alphabet has a slash."""
    secrets = [prefix + pick(alphabet, length) for _ in range(2)]
    near = [
        prefix + pick(ALNUM, shorter),
        prefix + pick(ALNUM, longer),
        "x" + secrets[0],
        secrets[0][:30] + "!" + secrets[0][31:],
        prefix + "a" * length,
        prefix.swapcase() + secrets[0][len(prefix) :],
    ]
    near = [text for text in near if text != secrets[0]]
    return Samples(in_contexts(*secrets), [f"value = '{text}'\n".encode() for text in near])


def _google_refresh() -> Samples:
    made = _encoded("1/" + "/0", URLSAFE, 100, 59, 121)
    return Samples(made.true, made.near[:5])


def _uuids(prefix: str) -> Samples:
    secrets = [prefix + _uuid() for _ in range(2)]
    near = [
        secrets[0][:-1],
        "x" + secrets[0],
        secrets[0] + "a",
        secrets[0].replace("-", "_"),
        prefix + "0" * 8,
        secrets[0][:20],
    ]
    return Samples(in_contexts(*secrets), [f"value = '{text}'\n".encode() for text in near])


def _maxmind() -> Samples:
    keys = [f"{pick(ALNUM, 6)}_{pick(ALNUM, 29)}" for _ in range(2)]
    true = [
        (text.replace(b"@@", (key + "_mmk").encode()), key.encode()) for key in keys for text, _ in in_contexts("@@")
    ]
    key = keys[0]
    near = [key, key + "_mm", "a" + key + "_mmk", key + "_mmk1", key[:4] + "_mmk", "a" * 36 + "_mmk"]
    return Samples(true, [f"value = '{text}'\n".encode() for text in near])


PLATFORM_SAMPLES: dict[str, Samples] = {
    "aws-bedrock-session-key": _encoded("bedrock-api" + "-key-", BASE64, 200, 59, 4001),
    "google-oauth-token": token("ya" + "29.", URLSAFE, 120, shorter=59, longer=401),
    "google-refresh-token": _google_refresh(),
    "gemini-key": token("AQ" + ".Ab8RN6", URLSAFE, 44),
    "azure-functions-key": inside(44, "Az" + "Fu", 6, URLSAFE, "=="),
    "azure-search-key": inside(42, "Az" + "Se", 6),
    "cloudflare-token": token("cf" + "ut_" + pick(ALNUM, 40), HEX, 8),
    "render-key": token("rn" + "d_", ALNUM, 28),
    "vercel-token": also(token("vc" + "p_", ALNUM, 56), token("vc" + "k_", ALNUM, 56)),
    "exoscale-key": token("EX" + "O", ALNUM, 27, shorter=23, longer=31),
    "upcloud-token": token("uc" + "at_", ALNUM, 26, shorter=23, longer=33),
    "mongodb-atlas-secret": token("mdb_sa" + "_sk_", URLSAFE, 40),
    "cockroach-key": token("CCD" + f"B1_{pick(ALNUM, 22)}_", ALNUM, 40),
    "clickhouse-key": token("4b" + "1d", ALNUM, 38),
    "astra-token": after("Astra" + "CS:", pick(ALNUM, 24), "AstraCS:short", "Astra " + pick(ALNUM, 24)),
    "swarm-join-token": token("SWM" + f"TKN-1-{pick(SMALL, 50)}-", SMALL, 25, shorter=23, longer=31),
    "swarm-unlock-key": _encoded("SWM" + "KEY-1-", BASE64, 43, 39, 51),
    "openshift-token": after(
        "sha" + "256~", pick(URLSAFE, 43), "sha256~" + pick(URLSAFE, 42), "sha256:" + pick(HEX, 64)),
    "bitbucket-server-token": _encoded("BB" + "DC-", BASE64, 44, 39, 61),
    "packagist-token": token("packagist" + "_out_", HEX, 68, shorter=63, longer=97),
    "cloudsmith-key": token("cs" + "a_" + pick(HEX, 30), ALNUM, 6),
    "harness-token": also(token("pa" + f"t.{pick(ALNUM, 22)}.{pick(HEX, 24)}.", ALNUM, 20),
                          token("sa" + f"t.{pick(ALNUM, 22)}.{pick(HEX, 24)}.", ALNUM, 20)),
    "infracost-key": token("ic" + "o-", ALNUM, 32),
    "ionic-token": token("io" + "n_", ALNUM, 42),
    "mergify-key": token("mergify_application" + "_key_", URLSAFE, 80, shorter=39, longer=201),
    "aikido-secret": also(
        token("AIK" + "_SECRET_", ALNUM, 64), token("AIK" + "_CI_", ALNUM, 30, shorter=19, longer=45)),
    "devcycle-key": token("dvc_" + "server_", ALNUM, 30, shorter=19, longer=65),
    "launchdarkly-key": _uuids("sd" + "k-"),
    "configcat-key": after("configcat" + "-sdk-1/", f"{pick(URLSAFE, 22)}/{pick(URLSAFE, 22)}", "configcat-sdk-1/a/b"),
    "buildkite-service-token": also(token("bk" + "pat_", URLSAFE, 54, shorter=49, longer=341),
                                    token("bk" + "aa_", URLSAFE, 75, shorter=49, longer=341)),
    "wakatime-key": token("wak" + "a_", SMALL, 36, longer=65),
    "val-town-token": token("vt" + "wn_", ALNUM, 40, shorter=19, longer=81),
    "unkey-key": token("unk" + "ey_", ALNUM, 26, shorter=19, longer=33),
    "zuplo-key": token("zp" + f"ka_{pick(SMALL, 32)}_", HEX, 8),
    "rootly-key": token("root" + "ly_", HEX, 64),
    "honeycomb-key": token("hca" + "ik_", SMALL, 58),
    "posthog-key": token("ph" + "x_", ALNUM, 43, shorter=40, longer=50),
    "workato-token": token("wrk" + f"aeu-eyJ{pick(ALNUM, 30)}.{pick(ALNUM, 60)}.", URLSAFE, 86, shorter=63, longer=63),
    "langfuse-key": _uuids("sk" + "-lf-"),
    "together-key": token("tgp" + "_v1_", URLSAFE, 43),
    "fireworks-key": token("fw" + "_", ALNUM, 24, shorter=21),
    "elevenlabs-key": token("s" + "k_", HEX, 48),
    "cartesia-key": token("sk_" + "car_", ALNUM, 22, shorter=19, longer=25),
    "cerebras-key": token("cs" + "k-", SMALL, 48),
    "pinecone-key": token("pc" + f"sk_{pick(ALNUM, 5)}_", ALNUM, 63),
    "voyage-key": token("p" + "a-", URLSAFE, 43),
    "tavily-key": also(token("tv" + "ly-", ALNUM, 32), token("tv" + "ly-dev-", ALNUM, 32)),
    "firecrawl-key": token("f" + "c-", HEX, 32),
    "llama-cloud-key": token("ll" + "x-", ALNUM, 48, shorter=43, longer=53),
    "runpod-key": token("rp" + "a_" + pick(CODE, 40), ALNUM, 6),
    "minimax-key": token("sk" + "-api-", URLSAFE, 119),
    "devin-key": token("co" + "g_", SMALL32, 52),
    "flutterwave-key": token("FLW" + "SECK-", HEX, 32, suffix="-X"),
    "paddle-key": token("pd" + f"l_live_apikey_{pick(SMALL, 26)}_{pick(ALNUM, 22)}_", ALNUM, 3),
    "xendit-key": token("xn" + "d_production_", ALNUM, 60, shorter=55, longer=73),
    "ramp-secret": token("ramp" + "_sec_", ALNUM, 48),
    "mercury-token": token("mercury" + "_production_wma_", ALNUM, 45, shorter=39, longer=51, suffix="_yrucrem"),
    "polar-token": token("polar" + "_oat_", ALNUM, 43, shorter=19, longer=101),
    "asaas-key": after("$aac" + "t_prod_", pick(ALNUM, 60), "$aact_prod_short", "aact_prod_" + pick(ALNUM, 60)),
    "persona-key": token("persona" + "_production_", SMALL, 36, shorter=19, longer=81),
    "onfido-token": also(token("api" + "_live.", ALNUM, 40, shorter=19, longer=81),
                         token("api" + "_live_us.", ALNUM, 40, shorter=19, longer=81)),
    "discord-bot-token": token("MT" + f"E{pick(ALNUM, 23)}.{pick(ALNUM, 6)}.", URLSAFE, 38, shorter=26),
    "resend-key": token("r" + f"e_{pick(BASE58, 8)}_", BASE58, 24),
    "mailersend-key": token("ml" + "sn.", HEX, 64),
    "onesignal-key": token("os_" + "v2_app_", SMALL32, 103),
    "nylas-key": token("ny" + "k_", ALNUM, 67),
    "miro-token": token("eyJta" + f"XJv{pick(ALNUM, 30)}_", ALNUM, 27, shorter=19, longer=65),
    "apify-token": token("apify" + "_api_", ALNUM, 36, shorter=33, longer=39),
    "postman-collection-token": token("PM" + "AT-", CODE, 26),
    "segment-token": token("sg" + "p_", ALNUM, 64),
    "adobe-secret": token("p8" + "e-", URLSAFE, 32),
    "canva-secret": token("cn" + "vca", URLSAFE, 51),
    "pinterest-token": token("pi" + "na_", CODE, 60, shorter=39, longer=101),
    "samsara-token": token("samsara" + "_api_", ALNUM, 30, shorter=25, longer=33),
    "settlemint-token": token("sm_" + "pat_", ALNUM, 16),
    "lichess-token": token("li" + "p_", ALNUM, 30, shorter=19, longer=61),
    "intra42-secret": token("s-s4" + "t2ud-", HEX, 64),
    "hugging-face-organisation-token": token("api_" + "org_", ALNUM, 34),
    "defined-networking-token": token("dn" + f"key-{pick(URLSAFE, 26)}-", URLSAFE, 52),
    "maxmind-key": _maxmind(),
}  # fmt: skip
