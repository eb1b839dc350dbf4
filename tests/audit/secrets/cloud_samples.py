"""Samples of the kinds in cloud_kinds."""

from __future__ import annotations

from scripts.token_makers import ALNUM, DIGITS, HEX, LOWER, UPPER, URLSAFE, pick
from tests.audit.secrets.sample_makers import Samples, after, also, inside, token

B64 = ALNUM + "+/"
CODE = UPPER + DIGITS
_BUS = "Endpoint=sb://a.servicebus.windows.net/;SharedAccessKeyName=all;SharedAccess" + "Key="
_STORE = "Endpoint=https://mine.azconfig" + ".io;Id=ab-l0-s0:abc;Secret="


def _one_password() -> Samples:
    made = token(f"A3-{pick(CODE, 6)}-{pick(CODE, 11)}-{pick(CODE, 5)}-{pick(CODE, 5)}-", CODE, 5)
    return Samples(made.true, [text for text in made.near if b"EXAMP" not in text])  # five characters hold no EXAMPLE


CLOUD_SAMPLES: dict[str, Samples] = {
    "aws-bedrock-key": token("AB" + "SK", ALNUM, 128, shorter=108, longer=280),
    "azure-client-secret": after(pick(ALNUM, 3) + "8Q" + "~", pick(URLSAFE, 34), "aQ~" + pick(ALNUM, 34)),
    "azure-sas-signature": after("https://a.blob.core.windows.net/c?sv=2024-01-01&se=2030-01-01&sig" + "=",
                                 pick(ALNUM, 43) + "%3D", "https://a/c?signature=" + pick(ALNUM, 43) + "%3D"),
    "azure-shared-access-key": after(_BUS, pick(B64, 43) + "="),
    "azure-app-configuration": after(_STORE, pick(B64, 43) + "="),
    "azure-devops-token": inside(76, "AZ" + "DO", 4),
    "azure-ai-key": inside(52, "JQQ" + "J99", 26),
    "azure-registry-key": inside(42, "+AC" + "R", 6, B64),
    "tencent-secret-id": token("AK" + "ID", ALNUM, 32),
    "cloudflare-origin-key": token("v1" + ".0-" + pick(HEX, 24) + "-", HEX, 146),
    "fly-token": after("Fly" + "V1 ", "fm2_" + pick(ALNUM, 120), "FlyV1 fm2_short", "FlyV2 fm2_" + pick(ALNUM, 120)),
    "scalingo-token": token("tk-" + "us-", URLSAFE, 48),
    "planetscale-token": also(token("pscale" + "_tkn_", ALNUM, 43, shorter=31, longer=65),
                              token("pscale" + "_pw_", ALNUM, 43, shorter=31, longer=65)),
    "supabase-token": also(token("sb" + "p_", HEX, 40), token("sb" + "_secret_" + pick(ALNUM, 22) + "_", ALNUM, 8)),
    "neon-key": token("na" + "pi_", LOWER + DIGITS, 64),
    "tailscale-key": token("tskey" + "-api-" + pick(ALNUM, 12) + "-", ALNUM, 32, shorter=19, longer=65),
    "vault-legacy-token": after("VAULT" + "_TOKEN=", "s." + pick(ALNUM, 24), "const s." + pick(ALNUM, 24)),
    "infisical-token": token("s" + f"t.{pick(HEX, 24)}.{pick(HEX, 32)}.", HEX, 32),
    "one-password-service-token": token("ops" + "_eyJ", ALNUM, 300, shorter=180, longer=180),
    "one-password-secret-key": _one_password(),
    "dynatrace-token": token("dt0" + f"c01.{pick(CODE, 24)}.", CODE, 64),
    "grafana-api-key": token("eyJr" + "Ijoi", ALNUM, 90, shorter=69, longer=401),
    "new-relic-license": inside(36, "NR" + "AL", 0),
    "xai-key": token("xa" + "i-", ALNUM, 80, shorter=69, longer=85),
    "perplexity-key": token("pp" + "lx-", ALNUM, 48, longer=57),
    "replicate-token": token("r" + "8_", ALNUM, 37),
    "openrouter-key": token("sk-" + "or-v1-", HEX, 64),
    "model-key": also(token("s" + "k-", HEX, 32), token("s" + "k-", ALNUM, 48)),
    "langsmith-key": token("ls" + "v2_pt_" + pick(HEX, 32) + "_", HEX, 10),
    "groq-key": token("gs" + "k_", ALNUM, 52),
    "nvidia-key": token("nv" + "api-", ALNUM, 64, shorter=59, longer=71),
    "wandb-key": token("wandb" + "_v1_", ALNUM, 80, shorter=59, longer=101),
    "datadog-key": after("DD_API" + "_KEY=", pick(HEX, 32), "DD_API_KEY_FILE=" + pick(HEX, 32),
                         "MY_API_KEY=" + pick(HEX, 32)),
}  # fmt: skip
