"""Keys and tokens of clouds, registries and models: the kinds of secrets that open machines and data."""

from __future__ import annotations

from imgtar.audit.secrets.kind import ALNUM, EQUALS, HEX, TOKEN, SecretKind, phrase, token


def _inner(name: str, description: str, length: int, mark: bytes, tail: bytes, alphabet: bytes = ALNUM) -> SecretKind:
    """A key with a mark inside: `length` characters, the mark, `tail`. The secret is what stands before the mark.

    The pattern starts with the mark and looks back, which `re` does quickly.
    """
    escaped = mark.replace(b"+", rb"\+").replace(b".", rb"\.")
    before = rb"(?<=(?<!" + alphabet + rb")(" + alphabet + rb"{%d})" % length + escaped + rb")"
    return phrase(name, description, escaped + before + tail + rb"(?!" + alphabet + rb")", near=(mark,))


CLOUD_KINDS = (
    token("aws-bedrock-key", "an Amazon Bedrock key", b"ABSK", rb"[A-Za-z0-9+/]{109,269}={0,2}"),
    phrase("azure-client-secret", "an Azure client secret",
           rb"Q~(?<=(?<![A-Za-z0-9_~.-])[A-Za-z0-9_~.]{3}[78]Q~)([A-Za-z0-9_~.-]{31,34})(?![A-Za-z0-9_~.-])",
           near=(b"7Q~", b"8Q~"), entropy=3.5),
    phrase("azure-sas-signature", "the signature of an Azure shared access link",
           rb"[?&;]sig=(?<=[?&;]sig=)([A-Za-z0-9%+/]{40,70}(?:%3[Dd]|=))(?![A-Za-z0-9%])", near=(b"sig=",),
           entropy=3.5),
    phrase("azure-shared-access-key", "an Azure Service Bus, Event Hub or IoT key",
           rb"SharedAccessKey=([A-Za-z0-9+/]{43}=)(?![A-Za-z0-9=])", near=(b"SharedAccessKey=",), entropy=3.5),
    phrase("azure-app-configuration", "the secret of an Azure App Configuration store",
           rb"\.azconfig\.io;Id=[^;\s]{1,80}+;Secret=([A-Za-z0-9+/]{43,84}={0,2})", near=(b"Secret=",),
           needs=(b".azconfig.io;Id=",), entropy=3.5),
    _inner("azure-devops-token", "an Azure DevOps token", 76, b"AZDO", rb"[A-Za-z0-9]{4}"),
    _inner("azure-ai-key", "an Azure OpenAI or cognitive services key", 52, b"JQQJ99", rb"[A-Za-z0-9]{26}"),
    _inner("azure-registry-key", "the key of an Azure container registry", 42, b"+ACR", rb"[A-Za-z0-9]{6}",
           rb"[A-Za-z0-9+/]"),
    token("tencent-secret-id", "a Tencent Cloud secret ID", b"AKID", ALNUM + rb"{32}"),
    token("cloudflare-origin-key", "a Cloudflare origin CA key", rb"v1\.0-", rb"[a-f0-9]{24}-[a-f0-9]{146}", b"v1.0-"),
    phrase("fly-token", "a Fly.io token", rb"FlyV1 (fm[12][ar]?_(?=[A-Za-z0-9+/=_-]{32})[A-Za-z0-9+/=,_-]{80,}+)",
           near=(b"FlyV1 ",)),
    token("scalingo-token", "a Scalingo token", b"tk-us-", TOKEN + rb"{48}(?!-)"),
    token("planetscale-token", "a PlanetScale token or password", b"pscale_",
          rb"(?:tkn|pw|oauth)_[A-Za-z0-9_=.-]{32,64}"),
    token("supabase-token", "a Supabase token", b"sb",
          rb"(?:p_[0-9a-f]{40}|_secret_[A-Za-z0-9_-]{22}_[A-Za-z0-9_-]{8})",
          b"sbp_", b"sb_secret_"),
    token("neon-key", "a Neon key", b"napi_", rb"[a-z0-9]{64}"),
    token("tailscale-key", "a Tailscale key", b"tskey-",
          rb"(?:api|auth|client|scim|webhook)-[A-Za-z0-9]{8,24}-[A-Za-z0-9]{20,64}"),
    phrase("vault-legacy-token", "a Vault token",
           rb"(?:VAULT|[Vv]ault)[\w.-]{0,30}" + EQUALS + rb"(s\.[A-Za-z0-9]{24})(?![A-Za-z0-9.])", words=(b"s.",),
           needs=(b"VAULT", b"ault")),
    token("infisical-token", "an Infisical service token", rb"st\.",
          rb"[a-f0-9]{24}\.[a-f0-9]{32}\.[a-f0-9]{32}", b"st."),
    token("one-password-service-token", "a 1Password service account token", b"ops_eyJ",
          rb"[A-Za-z0-9+/_-]{200,}+={0,3}"),
    token("one-password-secret-key", "a 1Password secret key", b"A3-",
          rb"[A-Z0-9]{6}-(?:[A-Z0-9]{11}|[A-Z0-9]{6}-[A-Z0-9]{5})-[A-Z0-9]{5}-[A-Z0-9]{5}-[A-Z0-9]{5}"),
    token("dynatrace-token", "a Dynatrace token", rb"dt0[a-z][0-9]{2}\.", rb"[A-Z0-9]{24}\.[A-Z0-9]{64}", b"dt0"),
    token("grafana-api-key", "a Grafana API key", b"eyJrIjoi", rb"[A-Za-z0-9]{70,400}={0,3}"),
    _inner("new-relic-license", "a New Relic licence key", 36, b"NRAL", b""),
    token("xai-key", "an xAI key", b"xai-", ALNUM + rb"{70,84}"),
    token("perplexity-key", "a Perplexity key", b"pplx-", ALNUM + rb"{48,56}"),
    token("replicate-token", "a Replicate token", b"r8_", ALNUM + rb"{37}"),
    token("openrouter-key", "an OpenRouter key", b"sk-or-v1-", HEX + rb"{64}"),
    token("model-key", "the key of a service for language models", b"sk-",
          rb"(?:[0-9a-f]{32}|(?!.{20}T3BlbkFJ)[A-Za-z0-9]{48})"),
    token("langsmith-key", "a LangSmith key", b"lsv2_", rb"(?:pt|sk)_[0-9a-f]{32}_[0-9a-f]{10}"),
    token("groq-key", "a Groq key", b"gsk_", ALNUM + rb"{52}"),
    token("nvidia-key", "an NVIDIA key", b"nvapi-", TOKEN + rb"{60,70}(?!-)"),
    token("wandb-key", "a Weights & Biases key", b"wandb_v1_", rb"[A-Za-z0-9_]{60,100}"),
    phrase("datadog-key", "a Datadog key",
           rb"(?:DD|DATADOG|[Dd]atadog|dd)[_-]?(?:API|APP|APPLICATION|[Aa]pi|[Aa]pp)[_-]?(?:KEY|[Kk]ey)" + EQUALS
           + rb"([0-9a-f]{40}|[0-9a-f]{32})(?![0-9A-Za-z])",
           near=(b"DD_A", b"DATADOG_A", b"atadog", b"dd_ap", b"dd_AP", b"dd_Ap")),
)  # fmt: skip
