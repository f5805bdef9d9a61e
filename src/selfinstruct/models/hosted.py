"""The providers that are reached over the network, each as its own documentation has it in November 2026.

A quirk stands here only where that documentation says so, which is named beside it. Everything else is left
to negotiation: the first requests of a run find out. Examples are cheap models without a date of retirement.
"""

from __future__ import annotations

from selfinstruct.models.base import Capabilities
from selfinstruct.models.batching import BatchTerms
from selfinstruct.models.provider import Provider

__all__ = ["HOSTED"]

HOSTED = (
    Provider(
        "openai", "OpenAI", "openai/gpt-6-luna", "network",
        base_url="https://api.openai.com/v1", keys=("OPENAI_API_KEY",), needs_key=True,
        # API reference, chat: max_tokens is deprecated, and refused by reasoning models. The completions
        # call knows max_tokens alone.
        chat=Capabilities(api="chat", max_tokens_field="max_completion_tokens"),
        # platform.openai.com/docs/guides/batch: 50,000 requests and 200 MB a file, half the price
        batch=BatchTerms(price_factor=0.5),
    ),
    Provider(
        "azure", "Azure OpenAI", "azure/DEPLOYMENT", "network",
        # learn.microsoft.com, “API version lifecycle”: /openai/v1 takes the deployment's name as the model
        # and no api-version. An address with /openai/deployments/NAME and ?api-version= works too.
        base_url="{AZURE_OPENAI_ENDPOINT}", root="/openai/v1",
        hosts=r".+\.(openai|services\.ai|cognitiveservices)\.azure\.(com|us|cn)",
        path=r"/openai/deployments/",  # behind API Management, or under a domain of one's own
        keys=("AZURE_OPENAI_API_KEY", "AZURE_API_KEY"), key_header="api-key",
        needs_key=True,
        chat=Capabilities(api="chat", max_tokens_field="max_completion_tokens"),
        # learn.microsoft.com, “Getting started with Azure OpenAI batch deployments”: at /openai/v1, and for
        # deployments of a batch type
        batch=BatchTerms(price_factor=0.5),
    ),
    Provider(
        "anthropic", "Anthropic", "anthropic/claude-haiku-5-5", "network",
        base_url="https://api.anthropic.com/v1", keys=("ANTHROPIC_API_KEY",), needs_key=True, api="chat",
        # platform.claude.com/docs, “OpenAI SDK compatibility”: these are ignored, and a temperature above 1
        # counts as 1. Left out, so that the run records what had an effect.
        chat=Capabilities(
            api="chat",
            unsupported=("frequency_penalty", "presence_penalty", "response_format", "seed"),
            bounds={"temperature": (None, 1.0)},
        ),
        # “Batch processing” there: half the price, 100,000 requests or 256 MB a batch; less here, since the
        # names of rows grow when they are sent
        batch=BatchTerms(price_factor=0.5, lines=100_000, megabytes=250, kind="anthropic"),
    ),
    Provider(
        "gemini", "Google Gemini", "gemini/gemini-3.5-flash-lite", "network",
        # ai.google.dev/gemini-api/docs/openai: chat, images, audio and embeddings; no completions
        base_url="https://generativelanguage.googleapis.com/v1beta/openai",
        keys=("GEMINI_API_KEY", "GOOGLE_API_KEY"), needs_key=True, api="chat",
        # “Batch API” there, and /docs/batch-api: half the price, 2 GB a file; no limit of requests is told
        batch=BatchTerms(price_factor=0.5, megabytes=2_000, kind="gemini"),
    ),
    Provider(
        "mistral", "Mistral AI", "mistral/mistral-small-latest", "network",
        # Its API reference has chat and fill-in-the-middle, calls the seed `random_seed`, and refuses
        # fields that it does not know (422, extra_forbidden).
        base_url="https://api.mistral.ai/v1", keys=("MISTRAL_API_KEY",), needs_key=True,
        api="chat", renamed={"seed": "random_seed"},
        # docs.mistral.ai/capabilities/batch: half the price, a million requests a job
        batch=BatchTerms(price_factor=0.5, lines=1_000_000, megabytes=500, kind="mistral"),
    ),
    Provider(
        "deepseek", "DeepSeek", "deepseek/deepseek-flash", "network",
        # api-docs.deepseek.com: completions only as a beta, for fill-in-the-middle, at another address
        base_url="https://api.deepseek.com", keys=("DEEPSEEK_API_KEY",), needs_key=True, api="chat",
    ),
    Provider(
        "xai", "xAI (Grok)", "xai/grok-4.7", "network",
        # docs.x.ai: chat completions, and no call that continues a text; “Reasoning”: presencePenalty,
        # frequencyPenalty and stop are errors for reasoning models.
        base_url="https://api.x.ai/v1", keys=("XAI_API_KEY",), needs_key=True, api="chat",
        hosts=r".+\.api\.x\.ai",
        chat=Capabilities(api="chat", unsupported=("frequency_penalty", "presence_penalty", "stop")),
    ),
    Provider(
        "moonshot", "Moonshot AI (Kimi)", "moonshot/kimi-k3", "network",
        # platform.kimi.ai/docs, “Model parameter reference”: temperature, top_p and penalties are fixed, any
        # other value is an error. Its second address is China's, with keys of its own.
        base_url="https://api.moonshot.ai/v1", hosts=r"api\.moonshot\.cn",
        keys=("MOONSHOT_API_KEY", "KIMI_API_KEY"), needs_key=True, api="chat",
        chat=Capabilities(
            api="chat", unsupported=("frequency_penalty", "presence_penalty", "temperature", "top_p")
        ),
    ),
    Provider(
        "dashscope", "Alibaba (Qwen)", "dashscope/qwen-flash", "network",
        # alibabacloud.com/help/model-studio/base-url: Singapore's; other regions and workspaces have others,
        # each with its own keys
        base_url="https://dashscope-intl.aliyuncs.com/compatible-mode/v1",
        hosts=r"(.+\.)?(dashscope(-\w+)?|maas)\.aliyuncs\.com",
        keys=("DASHSCOPE_API_KEY",), needs_key=True, api="chat",
        # alibabacloud.com/help/model-studio/error-code: the open Qwen3 models that may think or
        # not are refused without a stream, unless `enable_thinking` is false
        extra_body={r"qwen3-\d+b(-a\d+b)?": {"enable_thinking": False}},
    ),
    Provider(
        "zai", "Z.ai (GLM)", "zai/glm-5.3-flash", "network",
        # docs.z.ai/guides/develop/openai/python
        base_url="https://api.z.ai/api/paas/v4", keys=("ZAI_API_KEY",), needs_key=True, api="chat",
    ),
    Provider(
        "zhipu", "Zhipu AI (GLM, in China)", "zhipu/glm-5.3-flash", "network",
        # docs.bigmodel.cn; the key's name is that of the zhipuai package
        base_url="https://open.bigmodel.cn/api/paas/v4", keys=("ZHIPUAI_API_KEY", "ZHIPU_API_KEY"),
        needs_key=True, api="chat",
    ),
    Provider(
        "openrouter", "OpenRouter", "openrouter/openai/gpt-oss-20b", "network",
        base_url="https://openrouter.ai/api/v1", keys=("OPENROUTER_API_KEY",), needs_key=True,
    ),
    Provider(
        "huggingface", "Hugging Face Inference Providers", "huggingface/openai/gpt-oss-120b", "network",
        # huggingface.co/docs/inference-providers: the OpenAI-compatible endpoint is for chat only
        base_url="https://router.huggingface.co/v1", keys=("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN"),
        needs_key=True, api="chat",
    ),
    Provider(
        "together", "Together AI", "together/openai/gpt-oss-120b", "network",
        # docs.together.ai, “OpenAI compatibility”: formerly api.together.xyz
        base_url="https://api.together.ai/v1", keys=("TOGETHER_API_KEY",), needs_key=True,
        # docs.together.ai/docs/batch-inference: up to half the price, depending on the model
        batch=BatchTerms(megabytes=100, purpose="batch-api", upload="/files/upload"),
    ),
    Provider(
        "groq", "Groq", "groq/openai/gpt-oss-20b", "network",
        # console.groq.com/docs/openai and its API reference: chat and responses, no completions
        base_url="https://api.groq.com/openai/v1", keys=("GROQ_API_KEY",), needs_key=True, api="chat",
        # console.groq.com/docs/batch: 50,000 lines and 200 MB a file, half the price
        batch=BatchTerms(price_factor=0.5),
    ),
    Provider(
        "fireworks", "Fireworks AI", "fireworks/accounts/fireworks/models/gpt-oss-20b", "network",
        base_url="https://api.fireworks.ai/inference/v1", keys=("FIREWORKS_API_KEY",), needs_key=True,
    ),
    Provider(
        "cerebras", "Cerebras", "cerebras/gpt-oss-120b", "network",
        base_url="https://api.cerebras.ai/v1", keys=("CEREBRAS_API_KEY",), needs_key=True,
        # inference-docs.cerebras.ai/resources/openai: among what is refused with a 400
        chat=Capabilities(api="chat", unsupported=("frequency_penalty", "presence_penalty")),
    ),
    Provider(
        "deepinfra", "DeepInfra", "deepinfra/openai/gpt-oss-20b", "network",
        # deepinfra.com/docs: both calls
        base_url="https://api.deepinfra.com/v1/openai", keys=("DEEPINFRA_API_KEY", "DEEPINFRA_TOKEN"),
        needs_key=True,
    ),
    Provider(
        "nebius", "Nebius Token Factory", "nebius/openai/gpt-oss-120b", "network",
        # docs.tokenfactory.nebius.com: formerly api.studio.nebius.ai
        base_url="https://api.tokenfactory.nebius.com/v1", keys=("NEBIUS_API_KEY",), needs_key=True,
    ),
    Provider(
        "nvidia", "NVIDIA", "nvidia/openai/gpt-oss-20b", "network",
        # build.nvidia.com: what NIM serves elsewhere goes by --base-url
        base_url="https://integrate.api.nvidia.com/v1", keys=("NVIDIA_API_KEY", "NVIDIA_NIM_API_KEY"),
        needs_key=True,
    ),
    Provider(
        "bedrock", "Amazon Bedrock", "bedrock/openai.gpt-oss-20b-1:0", "network",
        # docs.aws.amazon.com/bedrock, “Endpoints supported by Amazon Bedrock”: bedrock-runtime is for new
        # applications, bedrock-mantle for what it lacks. Of OpenAI's calls it has chat and responses. The key
        # is a Bedrock API key; AWS credentials sign requests, and are not used here.
        base_url="https://bedrock-runtime.{AWS_REGION|AWS_DEFAULT_REGION}.amazonaws.com/openai/v1",
        hosts=r"bedrock-(runtime|mantle)\..+\.(amazonaws\.com|api\.aws)",
        keys=("AWS_BEARER_TOKEN_BEDROCK",), needs_key=True, api="chat",
    ),
    Provider(
        "http", "any other OpenAI-compatible endpoint", "--base-url URL --model NAME", "network",
        keys=("OPENAI_API_KEY",),
    ),
)  # fmt: skip
