"""Tokens of further clouds, databases, models, payment and developer services, each known by its prefix."""

from __future__ import annotations

from imgtar.audit.secrets.kind import ALNUM, HEX, TOKEN, SecretKind, inner, phrase, token

_UUID = rb"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
_BASE58 = rb"[1-9A-HJ-NP-Za-km-z]"


def _encoded(name: str, description: str, prefix: bytes, rest: bytes) -> SecretKind:
    """A prefix and text in base64: its plus and slash end a word, so the prefix alone is looked up.

    A slash may also follow it, as in the text of a platform.
    """
    pattern = prefix + rb"(?<![A-Za-z0-9_]" + prefix + rb")" + rest + rb"(?![A-Za-z0-9+=])"
    return phrase(name, description, pattern, near=(prefix.replace(b"\\", b""),))


PLATFORM_KINDS = (
    # Clouds and hosting
    _encoded("aws-bedrock-session-key", "a short-lived Amazon Bedrock key", b"bedrock-api-key-",
             rb"[A-Za-z0-9+/]{60,4000}={0,2}"),
    token("google-oauth-token", "a Google OAuth access token", rb"ya29\.", TOKEN + rb"{60,400}(?!-)", b"ya29."),
    _encoded("google-refresh-token", "a Google OAuth refresh token", b"1//0", TOKEN + rb"{60,120}"),
    token("gemini-key", "a Gemini API key", rb"AQ\.Ab8RN6", TOKEN + rb"{44}(?!-)", b"AQ.Ab8RN6"),
    inner("azure-functions-key", "an Azure Functions key", 44, b"AzFu", rb"[A-Za-z0-9_-]{6}==", rb"[A-Za-z0-9_-]"),
    inner("azure-search-key", "an Azure Search key", 42, b"AzSe", rb"[A-Za-z0-9]{6}"),
    token("cloudflare-token", "a Cloudflare token", rb"cf[ua]t_", rb"[A-Za-z0-9]{40}[a-f0-9]{8}", b"cfut_", b"cfat_"),
    token("render-key", "a Render key", b"rnd_", ALNUM + rb"{28}"),
    token("vercel-token", "a Vercel token", rb"vc[acikpr]_", TOKEN + rb"{56}(?!-)",
          b"vca_", b"vcc_", b"vci_", b"vck_", b"vcp_", b"vcr_"),
    token("exoscale-key", "an Exoscale API key", b"EXO", ALNUM + rb"{24,30}", entropy=4.0),
    token("upcloud-token", "an UpCloud token", b"ucat_", ALNUM + rb"{24,32}"),
    token("mongodb-atlas-secret", "a secret of MongoDB Atlas", b"mdb_sa_sk_", TOKEN + rb"{40}(?!-)"),
    token("cockroach-key", "a CockroachDB Cloud key", b"CCDB1_", ALNUM + rb"{22}_" + ALNUM + rb"{40}"),
    token("clickhouse-key", "a ClickHouse Cloud key", b"4b1d", ALNUM + rb"{38}", entropy=4.2),
    phrase("astra-token", "a DataStax Astra token", rb"AstraCS:([A-Za-z0-9]{20,}+(?::[0-9a-f]{20,64})?)",
           b"AstraCS:"),
    token("swarm-join-token", "a Docker Swarm join token", b"SWMTKN-1-", rb"[a-z0-9]{50,60}-[a-z0-9]{24,30}"),
    _encoded("swarm-unlock-key", "a Docker Swarm unlock key", b"SWMKEY-1-", rb"[A-Za-z0-9+/]{40,50}"),
    phrase("openshift-token", "an OpenShift token", rb"(?<![\w-])sha256~([A-Za-z0-9_-]{43})(?![\w-])",
           near=(b"sha256~",)),
    # Code, builds and packages
    _encoded("bitbucket-server-token", "a Bitbucket Data Center token", b"BBDC-", rb"[A-Za-z0-9+/]{40,60}={0,2}"),
    token("packagist-token", "a Packagist token", b"packagist_", rb"(?:ort|out|acs|uut|ust)_[0-9a-f]{64,96}"),
    token("cloudsmith-key", "a Cloudsmith key", b"csa_", rb"[a-f0-9]{30}[A-Za-z0-9]{6}"),
    token("harness-token", "a Harness token", rb"[ps]at\.", ALNUM + rb"{22}\.[0-9a-f]{24}\.[A-Za-z0-9]{20}",
          b"pat.", b"sat."),
    token("infracost-key", "an Infracost key", b"ico-", ALNUM + rb"{32}"),
    token("ionic-token", "an Ionic token", b"ion_", ALNUM + rb"{42}"),
    token("mergify-key", "a Mergify key", b"mergify_application_key_", TOKEN + rb"{40,200}(?!-)"),
    token("aikido-secret", "an Aikido secret", b"AIK_", rb"(?:CI_[A-Za-z0-9]{20,44}|SECRET_[A-Za-z0-9]{64})"),
    token("devcycle-key", "a DevCycle server key", b"dvc_server_", rb"[A-Za-z0-9_]{20,64}"),
    token("launchdarkly-key", "a LaunchDarkly key", b"sdk-", _UUID),
    phrase("configcat-key", "a ConfigCat key", rb"configcat-sdk-1/([A-Za-z0-9_-]{22}/[A-Za-z0-9_-]{22})(?![\w-])",
           near=(b"configcat-sdk-1/",)),
    token("buildkite-service-token", "a Buildkite service token", b"bk",
          rb"(?:a[ajr]|ct|pt|pat)_[A-Za-z0-9_-]{50,340}(?!-)",
          b"bkaa_", b"bkaj_", b"bkar_", b"bkct_", b"bkpt_", b"bkpat_"),
    token("wakatime-key", "a WakaTime key", b"waka_", rb"[a-z0-9-]{36,64}"),
    token("val-town-token", "a Val Town token", b"vtwn_", TOKEN + rb"{20,80}(?!-)"),
    token("unkey-key", "an Unkey root key", b"unkey_", ALNUM + rb"{20,32}"),
    token("zuplo-key", "a Zuplo key", b"zpka_", rb"[a-z0-9]{32}_[0-9a-f]{8}"),
    token("rootly-key", "a Rootly key", b"rootly_", HEX + rb"{64}"),
    token("honeycomb-key", "a Honeycomb key", b"hcaik_", rb"[a-z0-9]{58}"),
    token("posthog-key", "a PostHog personal key", b"phx_", rb"[A-Za-z0-9_-]{41,49}"),
    token("workato-token", "a Workato token", b"wrka",
          rb"(?:[a-z]{2})?-eyJ[A-Za-z0-9_-]{8,}+\.[A-Za-z0-9_-]{16,}+\.[A-Za-z0-9_-]{64,}+"),
    # Models
    token("langfuse-key", "a Langfuse secret key", b"sk-lf-", _UUID),
    token("together-key", "a Together key", b"tgp_v1_", TOKEN + rb"{43}(?!-)"),
    token("fireworks-key", "a Fireworks key", b"fw_", ALNUM + rb"{22,24}", entropy=3.6),
    token("elevenlabs-key", "an ElevenLabs key", b"sk_", HEX + rb"{48}"),
    token("cartesia-key", "a Cartesia key", b"sk_car_", ALNUM + rb"{20,24}"),
    token("cerebras-key", "a Cerebras key", b"csk-", rb"[a-z0-9]{48}"),
    token("pinecone-key", "a Pinecone key", b"pcsk_", rb"[A-Za-z0-9]{5,6}_[A-Za-z0-9]{63}"),
    token("voyage-key", "a Voyage AI key", rb"(?:pa|al)-", TOKEN + rb"{43}(?!-)", b"pa-", b"al-", entropy=4.2),
    token("tavily-key", "a Tavily key", b"tvly-", rb"(?:dev-|prod-)?[A-Za-z0-9]{32}"),
    token("firecrawl-key", "a Firecrawl key", b"fc-", HEX + rb"{32}"),
    token("llama-cloud-key", "a LlamaCloud key", b"llx-", ALNUM + rb"{44,52}"),
    token("runpod-key", "a RunPod key", b"rpa_", rb"[A-Z0-9]{40}[A-Za-z0-9]{6}"),
    token("minimax-key", "a MiniMax key", b"sk-api-", TOKEN + rb"{119}(?!-)"),
    token("devin-key", "a Devin key", b"cog_", rb"[a-z2-7]{52}"),
    # Payment and shops
    token("flutterwave-key", "a Flutterwave secret key", b"FLWSECK", rb"(?:_TEST)?-[0-9a-h]{32}-X"),
    token("paddle-key", "a Paddle key", b"pdl_", rb"(?:live|sdbx)_apikey_[a-z0-9]{26}_[A-Za-z0-9]{22}_[A-Za-z0-9]{3}"),
    token("xendit-key", "a Xendit key", b"xnd_", rb"(?:production|development)_[A-Za-z0-9]{56,72}"),
    token("ramp-secret", "a Ramp secret", b"ramp_sec_", ALNUM + rb"{48}"),
    token("mercury-token", "a Mercury token", b"mercury_production_", rb"[a-z]{3,6}_[A-Za-z0-9]{40,50}_yrucrem"),
    token("polar-token", "a Polar token", b"polar_", rb"(?:at|oat|pat)_[A-Za-z0-9_-]{20,100}"),
    phrase("asaas-key", "an Asaas key", rb"\$aact_(?:prod|hmlg)_([A-Za-z0-9_-]{20,200}+)", near=(b"$aact_",)),
    token("persona-key", "a Persona key", b"persona_production_", rb"[a-z0-9_-]{20,80}"),
    token("onfido-token", "an Onfido token", b"api_live", rb"(?:_ca|_us)?\.[A-Za-z0-9_-]{20,80}"),
    # Mail, chat, documents and devices
    token("discord-bot-token", "a Discord bot token", rb"[MNO][DTjz]", rb"[A-Za-z0-9_-]{22,26}\.[A-Za-z0-9_-]{6}\."
          + TOKEN + rb"{27,38}(?!-)", *(a + b for a in (b"MT", b"Mj", b"Mz", b"ND", b"NT", b"Nj", b"Nz", b"OD", b"OT")
          for b in (b"A", b"E", b"I", b"M", b"Q", b"U", b"Y", b"c", b"g", b"k")), entropy=4.0),
    token("resend-key", "a Resend key", b"re_", _BASE58 + rb"{8}_" + _BASE58 + rb"{24}"),
    token("mailersend-key", "a MailerSend key", rb"mlsn\.", HEX + rb"{64}", b"mlsn."),
    token("onesignal-key", "a OneSignal key", b"os_v2_", rb"(?:app|org)_[a-z2-7]{103}"),
    token("nylas-key", "a Nylas key", b"nyk_", ALNUM + rb"{67}"),
    token("miro-token", "a Miro token", b"eyJtaXJv", rb"[A-Za-z0-9-]{10,64}_[A-Za-z0-9_-]{20,64}"),
    token("apify-token", "an Apify token", b"apify_api_", ALNUM + rb"{34,38}"),
    token("postman-collection-token", "the token of a Postman collection", b"PMAT-", rb"[A-Z0-9]{26}"),
    token("segment-token", "a Segment token", b"sgp_", ALNUM + rb"{64}"),
    token("adobe-secret", "an Adobe client secret", b"p8e-", rb"[A-Za-z0-9_-]{32}(?!-)"),
    token("canva-secret", "a Canva client secret", b"cnvca", TOKEN + rb"{51}(?!-)"),
    token("pinterest-token", "a Pinterest token", b"pina_", rb"[A-Z0-9]{40,100}"),
    token("samsara-token", "a Samsara token", b"samsara_api_", ALNUM + rb"{26,32}"),
    token("settlemint-token", "a SettleMint token", b"sm_", rb"[aps]at_[A-Za-z0-9]{16}",
          b"sm_aat_", b"sm_pat_", b"sm_sat_"),
    token("lichess-token", "a Lichess token", b"lip_", rb"[A-Za-z0-9]{20,60}"),
    token("intra42-secret", "a 42 client secret", b"s-s4t2", rb"(?:ud|af)-[0-9a-f]{64}"),
    token("hugging-face-organisation-token", "a Hugging Face organisation token", b"api_org_", ALNUM + rb"{34}"),
    token("defined-networking-token", "a Defined Networking token", b"dnkey-",
          TOKEN + rb"{26}-" + TOKEN + rb"{52}(?!-)"),
    phrase("maxmind-key", "a MaxMind licence key", rb"_mmk(?<=(?<![\w-])([A-Za-z0-9]{6}_[A-Za-z0-9]{29})_mmk)(?!\w)",
           near=(b"_mmk",)),
)  # fmt: skip
