"""Tokens, keys and passwords in the forms in which services issue them today, made at run time.

A template has parts in braces: a letter for the alphabet and a number of characters. `A` letters and digits, `a` small
letters and digits, `B` base58, `C` capitals and digits, `D` digits, `T` base32, `h` and `X` hexadecimal digits, `u`
base64 in URLs, `b` base64; `{uuid}`, `{crc}` (a body and its checksum), `{jwt}` and `{pem}` are whole.
"""

from __future__ import annotations

import base64
import json
import re
from typing import NamedTuple

from scripts.token_makers import (
    ALNUM,
    BASE32,
    BASE58,
    BASE64,
    DIGITS,
    HEX,
    LOWER,
    UPPER,
    URLSAFE,
    login,
    pick,
    with_checksum,
)

_PART = re.compile(r"\{(?:([AaBCDThXub])([0-9]+)|(uuid|crc|jwt|pem|login))\}")
_ALPHABETS = {
    "A": ALNUM, "a": LOWER + DIGITS, "B": BASE58, "C": UPPER + DIGITS,
    "D": DIGITS, "T": BASE32, "h": HEX, "X": HEX.upper(), "u": URLSAFE, "b": BASE64,
}  # fmt: skip


class Issued(NamedTuple):
    """A kind of secret with its template. `bare`: nothing in the secret itself tells what it is."""

    kind: str
    template: str
    bare: bool = False


def made(template: str) -> str:
    """A secret by a template."""
    return _PART.sub(_part, template)


def _part(match: re.Match[str]) -> str:
    alphabet, length, whole = match.groups()
    if alphabet:
        return pick(_ALPHABETS[alphabet], int(length))
    return {"uuid": _uuid, "crc": lambda: with_checksum(""), "jwt": _jwt, "pem": _pem, "login": _login}[whole]()


def _uuid() -> str:
    return "-".join(pick(HEX, length) for length in (8, 4, 4, 4, 12))


def _login() -> str:
    return login("robot", pick(ALNUM, 20))


def _encoded(document: dict[str, object]) -> str:
    return base64.urlsafe_b64encode(json.dumps(document, separators=(",", ":")).encode()).decode().rstrip("=")


def _jwt() -> str:
    head, claims = _encoded({"alg": "HS256", "typ": "JWT"}), _encoded({"sub": pick(DIGITS, 10), "n": "x"})
    return f"{head}.{claims}.{pick(URLSAFE, 43)}"


def _pem() -> str:
    lines = [pick(BASE64, 64) for _ in range(8)]
    return "\\n".join(lines)


def _armoured(kind: str) -> str:
    """The template of a key between its lines."""
    return f"-----BEGIN {kind}PRIVATE " + f"KEY-----\\n{{pem}}\\n-----END {kind}PRIVATE KEY-----"


ISSUED = (
    # Code hosts
    Issued("GitHub personal token", "ghp_{crc}"),
    Issued("GitHub OAuth token", "gho_{crc}"),
    Issued("GitHub user-to-server token", "ghu_{crc}"),
    Issued("GitHub server-to-server token", "ghs_{crc}"),
    Issued("GitHub installation token, JWT", "ghs_{D7}_{jwt}"),
    Issued("GitHub refresh token", "ghr_{A76}"),
    Issued("GitHub fine-grained token", "github_pat_{A22}_{A59}"),
    Issued("GitLab personal token", "glpat-{u20}"),
    Issued("GitLab personal token, routable", "glpat-{u40}.01.{a9}"),
    Issued("GitLab runner token", "glrt-{u20}"),
    Issued("GitLab runner token, routable", "glrt-t1_{u40}.01.{a9}"),
    Issued("GitLab runner registration", "GR1348941{u20}"),
    Issued("GitLab deploy token", "gldt-{u20}"),
    Issued("GitLab trigger token", "glptt-{h40}"),
    Issued("GitLab CI job token", "glcbt-64_{u20}"),
    Issued("GitLab OAuth secret", "gloas-{h64}"),
    Issued("GitLab feed token", "glft-{u20}"),
    Issued("GitLab SCIM token", "glsoat-{u20}"),
    Issued("GitLab mail token", "glimt-{a25}"),
    Issued("GitLab agent token", "glagent-{u50}"),
    Issued("GitLab feature flag token", "glffct-{u20}"),
    Issued("GitLab workspace token", "glwt-{u20}"),
    Issued("Bitbucket app password", "ATBB{A32}"),
    Issued("Bitbucket Data Center token", "BBDC-{A44}"),
    Issued("Atlassian API token", "ATATT3{u180}={X8}"),
    Issued("Atlassian Connect token", "ATCTT3{u180}"),
    Issued("Sourcegraph token", "sgp_{h16}_{h40}"),
    # Chat
    Issued("Slack bot token", "xoxb-{D12}-{D13}-{A24}"),
    Issued("Slack user token", "xoxp-{D12}-{D12}-{D12}-{h32}"),
    Issued("Slack app token", "xapp-1-A{C10}-{D13}-{h64}"),
    Issued("Slack configuration token", "xoxe.xoxp-1-{A166}"),
    Issued("Slack browser token", "xoxc-{D12}-{D12}-{D13}-{h64}"),
    Issued("Slack cookie", "xoxd-{A80}%2B{A60}%3D%3D"),
    Issued("Slack webhook", "https://hooks.slack.com/services/T{C10}/B{C10}/{A24}"),
    Issued("Discord webhook", "https://discord.com/api/webhooks/{D18}/{u68}"),
    Issued("Discord bot token", "MTE{A23}.{A6}.{u38}"),
    Issued("Microsoft Teams webhook", "https://a.webhook.office.com/webhookb2/{uuid}@{uuid}/IncomingWebhook/{h32}/{uuid}"),
    Issued("Telegram bot token", "{D10}:AAF{u32}"),
    # Clouds
    Issued("AWS access key ID", "AKIA{T16}"),
    Issued("AWS temporary access key ID", "ASIA{T16}"),
    Issued("AWS secret access key", "{b40}", bare=True),
    Issued("AWS Bedrock key, long", "ABSK{b128}"),
    Issued("AWS Bedrock key, short", "bedrock-api-key-YmVkcm9jay5hbWF6b25hd3MuY29t{b200}"),
    Issued("Google service account", '{"private_key_id": "{h40}", "private_key": "' + _armoured("") + '"}'),
    Issued("Google API key", "AIza{u35}"),
    Issued("Google OAuth secret", "GOCSPX-{u28}"),
    Issued("Google OAuth access token", "ya29.{u120}"),
    Issued("Google OAuth refresh token", "1//0{u100}"),
    Issued("Gemini API key", "AQ.Ab8RN6{u44}"),
    Issued("Azure storage key", "DefaultEndpointsProtocol=https;AccountName=a;AccountKey={b86}==;"),
    Issued("Azure Cosmos DB key", "AccountEndpoint=https://a.documents.azure.com:443/;AccountKey={b86}==;"),
    Issued("Azure AD client secret", "{A3}8Q~{A34}"),
    Issued("Azure shared access signature", "https://a.blob.core.windows.net/c?sv=2024-01-01&sig={A43}%3D"),
    Issued("Azure Service Bus key", "Endpoint=sb://a.servicebus.windows.net/;SharedAccessKeyName=n;SharedAccessKey={b43}="),
    Issued("Azure DevOps token", "{A76}AZDO{A4}"),
    Issued("Azure OpenAI key", "{A52}JQQJ99{A26}"),
    Issued("Azure container registry key", "{b42}+ACR{A6}"),
    Issued("Azure App Configuration", "Endpoint=https://a.azconfig.io;Id=ab-l0-s0:{A20};Secret={b43}="),
    Issued("Azure Functions key", "{A44}AzFu{A6}=="),
    Issued("Azure Search key", "{A42}AzSe{A6}"),
    Issued("Alibaba access key ID", "LTAI{A20}"),
    Issued("Alibaba secret", "{A30}", bare=True),
    Issued("Tencent secret ID", "AKID{A32}"),
    Issued("DigitalOcean token", "dop_v1_{h64}"),
    Issued("DigitalOcean OAuth token", "doo_v1_{h64}"),
    Issued("DigitalOcean refresh token", "dor_v1_{h64}"),
    Issued("Linode token", "{h64}", bare=True),
    Issued("Hetzner token", "{A64}", bare=True),
    Issued("Scaleway secret key", "{uuid}", bare=True),
    Issued("Cloudflare API token", "{u40}", bare=True),
    Issued("Cloudflare user token", "cfut_{A40}{h8}"),
    Issued("Cloudflare origin CA key", "v1.0-{h24}-{h146}"),
    Issued("Heroku API key", "HRKU-AA{u58}"),
    Issued("Fly.io token", "FlyV1 fm2_{b160}"),
    Issued("Render key", "rnd_{A28}"),
    Issued("Vercel token", "vcp_{A56}"),
    Issued("Vercel AI gateway key", "vck_{A56}"),
    Issued("Netlify token", "nfp_{A36}"),
    Issued("Scalingo token", "tk-us-{u48}"),
    Issued("Exoscale key", "EXO{A27}"),
    Issued("Supabase token", "sbp_{h40}"),
    Issued("Supabase secret key", "sb_secret_{A22}_{A8}"),
    Issued("PlanetScale token", "pscale_tkn_{A43}"),
    Issued("PlanetScale password", "pscale_pw_{A43}"),
    Issued("PlanetScale OAuth token", "pscale_oauth_{A43}"),
    Issued("Neon key", "napi_{a64}"),
    Issued("MongoDB Atlas secret", "mdb_sa_sk_{u40}"),
    Issued("CockroachDB Cloud key", "CCDB1_{A22}_{A40}"),
    Issued("ClickHouse Cloud key", "4b1d{A38}"),
    Issued("Tailscale auth key", "tskey-auth-{A16}-{A32}"),
    Issued("Tailscale API key", "tskey-api-{A16}-{A32}"),
    # Vaults
    Issued("Vault service token", "hvs.{u95}"),
    Issued("Vault batch token", "hvb.{u150}"),
    Issued("Vault recovery token", "hvr.{u24}"),
    Issued("Vault token, legacy", "s.{A24}", bare=True),
    Issued("Terraform Cloud token", "{A14}.atlasv1.{u67}"),
    Issued("Pulumi token", "pul-{h40}"),
    Issued("Doppler token", "dp.pt.{A43}"),
    Issued("Doppler service token", "dp.st.prd.{A43}"),
    Issued("Infisical token", "st.{h24}.{h32}.{h32}"),
    Issued("1Password service token", "ops_eyJ{b300}"),
    Issued("1Password secret key", "A3-{C6}-{C11}-{C5}-{C5}-{C5}"),
    Issued("age key", "AGE-SECRET-KEY-1" + pick("QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L", 58)),
    Issued("age key, post-quantum", "AGE-SECRET-KEY-PQ-1" + pick("QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L", 58)),
    Issued("Docker Swarm join token", "SWMTKN-1-{a50}-{a25}"),
    Issued("Docker Swarm unlock key", "SWMKEY-1-{b43}"),
    Issued("OpenShift token", "sha256~{u43}"),
    # Observability
    Issued("Dynatrace token", "dt0c01.{C24}.{C64}"),
    Issued("Datadog key", "{h32}", bare=True),
    Issued("New Relic user key", "NRAK-{C27}"),
    Issued("New Relic licence", "{h36}NRAL"),
    Issued("Grafana service token", "glsa_{A32}_{h8}"),
    Issued("Grafana Cloud token", "glc_eyJ{A100}="),
    Issued("Grafana API key", "eyJrIjoi{A90}"),
    Issued("Sentry user token", "sntryu_{h64}"),
    Issued("Sentry organisation token", "sntrys_eyJpYXQiO{A60}InJlZ2lvbl91cmwi{A60}_{b43}"),
    Issued("Honeycomb key", "hcaik_{a58}"),
    Issued("Splunk token", "{uuid}", bare=True),
    Issued("Opsgenie key", "{uuid}", bare=True),
    Issued("LaunchDarkly SDK key", "sdk-{uuid}"),
    Issued("PostHog key", "phx_{A43}"),
    # Models
    Issued("OpenAI project key", "sk-proj-{u74}T3BlbkFJ{u74}"),
    Issued("OpenAI service key", "sk-svcacct-{u74}T3BlbkFJ{u74}"),
    Issued("OpenAI key, legacy", "sk-{A20}T3BlbkFJ{A20}"),
    Issued("Anthropic key", "sk-ant-api03-{u93}AA"),
    Issued("Anthropic admin key", "sk-ant-admin01-{u93}AA"),
    Issued("Hugging Face token", "hf_{A34}"),
    Issued("xAI key", "xai-{A80}"),
    Issued("Groq key", "gsk_{A52}"),
    Issued("Perplexity key", "pplx-{A48}"),
    Issued("Replicate token", "r8_{A37}"),
    Issued("OpenRouter key", "sk-or-v1-{h64}"),
    Issued("DeepSeek key", "sk-{h32}"),
    Issued("Moonshot key", "sk-{A48}"),
    Issued("LangSmith token", "lsv2_pt_{h32}_{h10}"),
    Issued("LangSmith service key", "lsv2_sk_{h32}_{h10}"),
    Issued("Langfuse key", "sk-lf-{uuid}"),
    Issued("NVIDIA key", "nvapi-{u64}"),
    Issued("Weights & Biases key", "{h40}", bare=True),
    Issued("Weights & Biases key, v1", "wandb_v1_{A77}"),
    Issued("Cohere key", "{A40}", bare=True),
    Issued("Mistral key", "{A32}", bare=True),
    Issued("Together key", "tgp_v1_{u43}"),
    Issued("Fireworks key", "fw_{A22}"),
    Issued("ElevenLabs key", "sk_{h48}"),
    Issued("Cerebras key", "csk-{a48}"),
    Issued("Pinecone key", "pcsk_{A5}_{A63}"),
    Issued("Voyage key", "pa-{u43}"),
    Issued("Tavily key", "tvly-{A32}"),
    Issued("Firecrawl key", "fc-{h32}"),
    Issued("LlamaCloud key", "llx-{A48}"),
    Issued("RunPod key", "rpa_{C40}{A6}"),
    Issued("Databricks token", "dapi{h32}"),
    Issued("Zhipu key", "{h32}.{A16}"),
    # Packages and builds
    Issued("npm token", "npm_{crc}"),
    Issued("npm registry token", "//registry.example.org/:_authToken={uuid}"),
    Issued("PyPI token", "pypi-AgEIcHlwaS5vcmc{u140}"),
    Issued("RubyGems token", "rubygems_{h48}"),
    Issued("NuGet key", "oy2{a43}"),
    Issued("crates.io token", "cio{A32}"),
    Issued("Clojars token", "CLOJARS_{h60}"),
    Issued("Packagist token", "packagist_out_{h68}"),
    Issued("Docker Hub token", "dckr_pat_{u27}"),
    Issued("Docker Hub organisation token", "dckr_oat_{u32}"),
    Issued("Registry login", '{"auths": {"a.b": {"auth": "{login}"}}}'),
    Issued("Artifactory key", "AKCp{A69}"),
    Issued("Artifactory reference token", "cmVmdGtu{A56}"),
    Issued("Cloudsmith key", "csa_{h30}{A6}"),
    Issued("Deno Deploy token", "ddp_{A36}"),
    Issued("Deno Deploy organisation token", "ddo_{A36}"),
    Issued("CircleCI token", "CCIPAT_{A22}_{h40}"),
    Issued("CircleCI project token", "CCIPRJ_{A22}_{h40}"),
    Issued("Buildkite token", "bkua_{h40}"),
    Issued("Harness token", "pat.{A22}.{h24}.{A20}"),
    Issued("SonarQube token", "sqp_{h40}"),
    Issued("Codecov token", "{uuid}", bare=True),
    Issued("Octopus Deploy key", "API-{C26}"),
    Issued("Infracost key", "ico-{A32}"),
    Issued("Prefect key", "pnu_{a36}"),
    # Payment and shops
    Issued("Stripe live key", "sk_live_{A99}"),
    Issued("Stripe restricted key", "rk_live_{A99}"),
    Issued("Stripe test key", "sk_test_{A99}"),
    Issued("Stripe webhook secret", "whsec_{A32}"),
    Issued("Square token", "EAAA{u60}"),
    Issued("Square OAuth secret", "sq0csp-{u43}"),
    Issued("Braintree token", "access_token$production${a16}${h32}"),
    Issued("Razorpay key", "rzp_live_{A14}"),
    Issued("Shopify token", "shpat_{h32}"),
    Issued("Shopify shared secret", "shpss_{h32}"),
    Issued("Shippo token", "shippo_live_{h40}"),
    Issued("Duffel token", "duffel_live_{u43}"),
    Issued("EasyPost key", "EZAK{A54}"),
    Issued("Flutterwave key", "FLWSECK-{h32}-X"),
    Issued("Paddle key", "pdl_live_apikey_{a26}_{A22}_{A3}"),
    Issued("Xendit key", "xnd_production_{A60}"),
    # Mail, work and other services
    Issued("SendGrid key", "SG.{u22}.{u43}"),
    Issued("Mailgun key", "key-{h32}"),
    Issued("Mailchimp key", "{h32}-us12"),
    Issued("Brevo key", "xkeysib-{h64}-{A16}"),
    Issued("Postmark token", "{uuid}", bare=True),
    Issued("Resend key", "re_{B8}_{B24}"),
    Issued("MailerSend key", "mlsn.{h64}"),
    Issued("Twilio key", "SK{h32}"),
    Issued("Linear key", "lin_api_{A40}"),
    Issued("Notion token", "ntn_{D11}{A35}"),
    Issued("Notion token, legacy", "secret_{A43}"),
    Issued("Figma token", "figd_{u42}"),
    Issued("HubSpot token", "pat-na1-{uuid}"),
    Issued("Airtable token", "pat{A14}.{h64}"),
    Issued("Apify token", "apify_api_{A36}"),
    Issued("Typeform token", "tfp_{A44}_{A14}"),
    Issued("Contentful token", "CFPAT-{u43}"),
    Issued("Mapbox token", "sk.eyJ{A80}.{A22}"),
    Issued("Okta token", "00{u40}", bare=True),
    Issued("Salesforce token", "00D{A12}!{A96}"),
    Issued("Facebook token", "EAA{A180}"),
    Issued("Twitter bearer token", "AAAAAAAAAAAAAAAAAAAAAA{A46}%3D{A40}"),
    Issued("ReadMe key", "rdme_{a70}"),
    Issued("Postman key", "PMAK-{h24}-{h34}"),
    Issued("Postman collection token", "PMAT-{C26}"),
    Issued("Adafruit key", "aio_{A28}"),
    Issued("Frame.io token", "fio-u-{u64}"),
    Issued("Adobe client secret", "p8e-{a32}"),
    Issued("Canva secret", "cnvca{A51}"),
    # Forms without a service
    Issued("JSON Web Token", "{jwt}"),
    Issued("Private key, PKCS #8", _armoured("")),
    Issued("Private key, RSA", _armoured("RSA ")),
    Issued("Private key, OpenSSH", _armoured("OPENSSH ")),
    Issued("Private key, EC", _armoured("EC ")),
    Issued("Password in a URL", "https://robot:{A16}@db.internal.net/a.git"),
    Issued("Password in a PostgreSQL URL", "postgres://app:{A16}@db.internal.net:5432/app"),
    Issued("Password in a MongoDB URL", "mongodb+srv://app:{A16}@a.b.mongodb.net/app"),
    Issued("Password in a Redis URL", "redis://:{A24}@cache.internal.net:6379/0"),
    Issued("Password in a JDBC URL", "jdbc:mysql://db.internal.net/app?user=app&password={A16}"),
    Issued("Basic authorization header", "Authorization: Basic {login}"),
    Issued("Bearer authorization header", "Authorization: Bearer {u43}"),
)  # fmt: skip
