"""The literal messages of public reports, each with the kind that it is."""

import json

import pytest

from autopack.llm.providers.error_body import LONGEST_MESSAGE, read_error_body
from autopack.llm.providers.failures import from_status, from_stream_error
from autopack.llm.wire import WireKind

TOO_LONG = {
    "llama.cpp": (400, {"error": {"code": 400, "message": "request (14429 tokens) exceeds the available context size (8192 tokens), try increasing it", "type": "exceed_context_size_error", "n_prompt_tokens": 14429, "n_ctx": 8192}}),
    "llama.cpp before that": (500, {"error": {"code": 500, "message": "the request exceeds the available context size. try increasing the context size or enable context shift", "type": "server_error"}}),
    "llama-cpp-python": (400, {"error": {"message": "Requested tokens (516) exceed context window of 512", "type": "invalid_request_error", "code": None}}),
    "Anthropic": (400, {"type": "error", "error": {"type": "invalid_request_error", "message": "prompt is too long: 210194 tokens > 200000 maximum"}}),
    "Anthropic with max_tokens": (400, {"type": "error", "error": {"type": "invalid_request_error", "message": "input length and `max_tokens` exceed context limit: 178959 + 64000 > 200000, decrease input length or `max_tokens` and try again"}}),
    "Anthropic in bytes": (413, {"type": "error", "error": {"type": "request_too_large", "message": "Request exceeds the maximum allowed number of bytes."}}),
    "OpenAI": (400, {"error": {"message": "This model's maximum context length is 128000 tokens. However, your messages resulted in 204308 tokens. Please reduce the length of the messages.", "type": "invalid_request_error", "param": "messages", "code": "context_length_exceeded"}}),
    "OpenAI Responses": (400, {"error": {"type": "invalid_request_error", "code": "context_length_exceeded", "message": "Your input exceeds the context window of this model. Please adjust your input and try again.", "param": "input"}}),
    "OpenAI Responses without its code": (400, {"error": {"message": "Your input exceeds the context window of this model. Please adjust your input and try again."}}),
    "OpenAI's longest string": (400, {"error": {"message": "Invalid 'input[0].content': string too long. Expected a string with maximum length 10485760, but got a string with length 62114761 instead.", "type": "invalid_request_error", "param": "input[0].content", "code": "string_above_max_length"}}),
    "vLLM": (400, {"object": "error", "message": "This model's maximum context length is 16384 tokens. However, you requested 19591 tokens (9591 in the messages, 10000 in the completion). Please reduce the length of the messages or completion. None", "type": "BadRequestError", "param": None, "code": 400}),
    "vLLM of today": (400, {"error": {"message": "This model's maximum context length is 262144 tokens. However, you requested 128000 output tokens and your prompt contains at least 134145 input tokens, for a total of at least 262145 tokens. Please reduce the length of the input prompt or the number of requested output tokens. (parameter=input_tokens, value=134145)", "type": "BadRequestError", "code": 400}}),
    "vLLM's engine": (400, {"object": "error", "message": "The prompt (total length 25938) is too long to fit into the model (context length 4096). Make sure that `max_model_len` is no smaller than the number of text tokens plus multimodal tokens.", "code": 400}),
    "vLLM's older engine": (400, {"object": "error", "message": "Prompt length of 4834 is longer than the maximum model length of 4096.", "code": 400}),
    "SGLang": (400, {"object": "error", "message": "The input (61709 tokens) is longer than the model's context length (40960 tokens).", "type": "BadRequestError", "param": None, "code": 400}),
    "SGLang's memory": (400, {"object": "error", "message": "Input length (160062 tokens) exceeds the maximum allowed length (59862 tokens). Use a shorter input or enable --allow-auto-truncate.", "code": 400}),
    "TGI": (422, {"error": "Input validation error: `inputs` tokens + `max_new_tokens` must be <= 2048. Given: 3474 `inputs` tokens and 60 `max_new_tokens`", "error_type": "validation"}),
    "TGI's inputs": (422, {"error": "Input validation error: `inputs` must have less than 1024 tokens. Given: 1168", "error_type": "validation"}),
    "LM Studio": (400, {"error": "The number of tokens to keep from the initial prompt is greater than the context length (n_keep: 13055>= n_ctx: 4096). Try to load the model with a larger context length, or provide a shorter input."}),
    "LM Studio before that": (400, {"error": "Trying to keep the first 10136 tokens when context the overflows. However, the model is loaded with context length of only 7866 tokens, which is not enough. Try to load the model with a larger context length, or provide a shorter input."}),
    "LM Studio's oldest": (400, {"error": "Input length 6491 exceeds context length 1500"}),
    "Ollama": (400, {"error": {"message": "prompt too long; exceeded max context length by 100918 tokens", "type": "invalid_request_error"}}),
    "Ollama's runner": (400, {"error": "the input length exceeds the context length"}),
    "OpenRouter": (400, {"error": {"code": 400, "message": "This endpoint's maximum context length is 131072 tokens. However, you requested about 138956 tokens (7884 of text input, 131072 in the output). Please reduce the length of either one, or use the \"middle-out\" transform to compress your prompt automatically."}}),
    "OpenRouter's provider": (400, {"error": {"code": 400, "message": "Provider returned error", "metadata": {"provider_name": "Inference", "raw": "{\"error\":{\"message\":\"This model's maximum context length is 8192 tokens. However, you requested 8246 tokens (54 in the messages, 8192 in the completion).\",\"type\":\"invalid_request_error\",\"param\":null,\"code\":400}}"}}}),
    "Gemini": (400, {"error": {"code": 400, "message": "The input token count (1200293) exceeds the maximum number of tokens allowed (1048576).", "status": "INVALID_ARGUMENT"}}),
    "Gemini in a message": (400, {"error": {"message": '{\n  "error": {\n    "code": 400,\n    "message": "The input token count (3475108) exceeds the maximum number of tokens allowed (1048576).",\n    "status": "INVALID_ARGUMENT"\n  }\n}\n', "code": 400, "status": "Bad Request"}}),
    "xAI": (400, {"code": "Client specified an invalid argument", "error": "This model's maximum prompt length is 131072 but the request contains 136973 tokens."}),
    "DashScope": (400, {"error": {"code": "invalid_parameter_error", "message": "<400> InternalError.Algo.InvalidParameter: Range of input length should be [1, 983616]", "param": None, "type": "invalid_request_error"}}),
    "Kimi": (400, {"error": {"message": "Invalid request: Your request exceeded model token limit: 262144 (requested: 269030)", "type": "invalid_request_error"}}),
    "Moonshot": (400, {"error": {"message": "model max length exceeded, max length:8192", "type": "invalid_request_error"}}),
    "GLM": (400, {"error": {"code": "1261", "message": "Prompt exceeds max length"}}),
    "GLM in Chinese": (400, {"error": {"code": "1261", "message": "Prompt 超长"}}),
    "Mistral": (400, {"object": "error", "message": "Prompt contains 300000 tokens, too large for model with 131072 maximum context length", "type": "invalid_request_error", "code": 3051}),
    "Groq": (400, {"error": {"message": "Please reduce the length of the messages or completion.", "type": "invalid_request_error", "param": "messages", "code": "context_length_exceeded"}}),
    "Cerebras": (400, {"message": "Please reduce the length of the messages or completion. Current length is 42328 while limit is 40000", "type": "invalid_request_error", "param": "messages", "code": "context_length_exceeded"}),
    "Together": (422, {"error": {"message": "Input validation error: `inputs` tokens + `max_new_tokens` must be <= 2048. Given: 2019 `inputs` tokens and 30 `max_new_tokens`", "type": "invalid_request_error", "code": None}}),
    "DeepSeek": (400, {"error": {"message": "This model's maximum context length is 65536 tokens. However, you requested 72814 tokens (68718 in the messages, 4096 in the completion). Please reduce the length of the messages or completion.", "type": "invalid_request_error", "param": None, "code": "invalid_request_error"}}),
    "Bedrock through LiteLLM": (400, {"error": {"message": 'litellm.ContextWindowExceededError: litellm.BadRequestError: BedrockException: Context Window Error - {"message":"Input is too long for requested model."}', "type": None, "param": None, "code": "400"}}),
    "MiniMax": (400, {"type": "error", "error": {"type": "invalid_request_error", "message": "invalid params, context window exceeds limit (2013)"}}),
    "Copilot": (400, {"error": {"message": "prompt token count of 93854 exceeds the limit of 90000", "param": "", "code": "model_max_prompt_tokens_exceeded", "type": ""}}),
    "Copilot without its code": (400, {"error": {"message": "prompt token count of 93854 exceeds the limit of 90000", "param": "", "code": "", "type": ""}}),
    "mlx": (400, {"error": "Prompt exceeds maximum context length"}),
    "a proxy": (413, "<html><head><title>413 Request Entity Too Large</title></head></html>"),
}  # fmt: skip

REFUSED = {
    "Anthropic": (400, {"type": "error", "error": {"type": "invalid_request_error", "message": "Output blocked by content filtering policy"}}),
    "Anthropic's safeguards": (400, {"type": "error", "error": {"type": "invalid_request_error", "message": "Sonnet 5 has safety measures that flagged this message for a cybersecurity topic."}}),
    "Azure": (400, {"error": {"message": "The response was filtered due to the prompt triggering Azure OpenAI's content management policy. Please modify your prompt and retry.", "type": None, "param": "prompt", "code": "content_filter", "status": 400, "innererror": {"code": "ResponsibleAIPolicyViolation", "content_filter_result": {"jailbreak": {"filtered": True, "detected": True}}}}}),
    "Azure's inner error alone": (400, {"error": {"message": "filtered", "code": None, "innererror": {"code": "ResponsibleAIPolicyViolation"}}}),
    "Azure through LiteLLM": (400, {"error": {"message": "litellm.BadRequestError: litellm.ContentPolicyViolationError: AzureException - The response was filtered", "type": None, "code": "400"}}),
    "OpenAI": (400, {"error": {"message": "Invalid prompt: your prompt was flagged as potentially violating our usage policy. Please try again with a different prompt: https://platform.openai.com/docs/guides/reasoning#advice-on-prompting", "type": "invalid_request_error", "param": None, "code": "invalid_prompt"}}),
    "OpenAI's safety system": (400, {"error": {"code": "content_policy_violation", "message": "Your request was rejected as a result of our safety system.", "type": "invalid_request_error"}}),
    "OpenAI on security": (400, {"error": {"code": "cyber_policy", "message": "This request was declined.", "type": "invalid_request_error"}}),
    "DeepSeek": (400, {"error": {"message": "Content Exists Risk", "type": "invalid_request_error", "param": None, "code": "invalid_request_error"}}),
    "DeepSeek before that": (400, {"detail": "Content Exists Risk"}),
    "DashScope": (400, {"error": {"code": "data_inspection_failed", "message": "Input data may contain inappropriate content.", "type": "data_inspection_failed"}}),
    "xAI": (403, {"code": "The caller does not have permission to execute the specified operation", "error": "Content violates usage guidelines."}),
    "Moonshot": (400, {"error": {"code": 400, "message": "The request was rejected because it was considered high risk", "param": "prompt", "type": "content_filter"}}),
    "OpenRouter": (403, {"error": {"code": 403, "message": "Your chosen model requires moderation and your input was flagged", "metadata": {"reasons": ["violence"], "flagged_input": "..."}}}),
    "GLM": (400, {"contentFilter": [{"level": 1, "role": "user"}], "error": {"code": "1301", "message": "系统检测到输入或生成内容可能包含不安全或敏感内容"}}),
}  # fmt: skip

NEITHER = {
    "tokens a minute": (429, {"error": {"message": "Request too large for gpt-4o in organization org-1 on tokens per min (TPM): Limit 30000, Requested 30601. The input or output tokens must be reduced in order to run successfully.", "type": "tokens", "param": None, "code": "rate_limit_exceeded"}}, WireKind.RATE_LIMITED),
    "tokens a minute as 413": (413, {"error": {"message": "Request too large for model `moonshotai/kimi-k2-instruct` in organization `org_01` service tier `on_demand` on tokens per minute (TPM): Limit 10000, Requested 21247, please reduce your message size and try again.", "type": "tokens", "code": "rate_limit_exceeded"}}, WireKind.RATE_LIMITED),
    "tokens a minute as 413 without a code": (413, {"error": {"message": "Request too large for model `m` on tokens per minute (TPM): Limit 10000, Requested 21247"}}, WireKind.RATE_LIMITED),
    "a limit of the account": (429, {"type": "error", "error": {"type": "rate_limit_error", "message": "This request would exceed your account's rate limit. Please try again later."}}, WireKind.RATE_LIMITED),
    "Bedrock's throttling": (429, {"message": "Too many tokens, please wait before trying again."}, WireKind.RATE_LIMITED),
    "Groq's most output": (400, {"error": {"message": "max_tokens must be less than or equal to 16384, the maximum value for max_tokens is less than the context_window for this model", "type": "invalid_request_error"}}, WireKind.BAD_REQUEST),
    "OpenAI's most output": (400, {"error": {"message": "max_tokens is too large: 100000. This model supports at most 16384 completion tokens, whereas you provided 100000.", "type": "invalid_request_error", "code": "invalid_value"}}, WireKind.BAD_REQUEST),
    "Anthropic's most output": (400, {"type": "error", "error": {"type": "invalid_request_error", "message": "max_tokens: 64000 > 8192, which is the maximum allowed number of output tokens for claude-3-5-sonnet"}}, WireKind.BAD_REQUEST),
    "DashScope's most output": (400, {"error": {"message": "<400> InternalError.Algo.InvalidParameter: Range of max_tokens should be [1, 8192]"}}, WireKind.BAD_REQUEST),
    "a schema": (400, {"error": {"message": "Invalid schema for response_format 'builder_reply'", "type": "invalid_request_error", "param": "response_format", "code": None}}, WireKind.BAD_REQUEST),
    "a data policy": (404, {"error": {"message": "No endpoints found matching your data policy", "code": 404}}, WireKind.NOT_FOUND),
    "a key": (403, {"error": {"message": "Your organization must be verified to use the model", "type": "permission_error"}}, WireKind.KEY_REFUSED),
    "no credit": (400, {"type": "error", "error": {"type": "invalid_request_error", "message": "Your credit balance is too low to access the Anthropic API."}}, WireKind.QUOTA),
    "no quota": (429, {"error": {"message": "You exceeded your current quota, please check your plan and billing details.", "type": "insufficient_quota", "param": None, "code": "insufficient_quota"}}, WireKind.QUOTA),
    "Moonshot's balance": (403, {"error": {"message": "Your account is not active, organization exceeded current quota, please check your plan and billing details", "type": "exceeded_current_quota_error"}}, WireKind.QUOTA),
    "a prompt that is quoted": (422, {"detail": [{"loc": ["body", "foo"], "msg": "extra fields not permitted", "input": "prompt is too long"}]}, WireKind.BAD_REQUEST),
}  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "said"), [*((WireKind.TOO_LONG, row) for row in TOO_LONG.items()), *((WireKind.REFUSED, row) for row in REFUSED.items())]
)
def test_what_public_reports_quote_is_about_the_prompt(kind, said):
    who, (status, body) = said
    assert from_status(status, body, {}, 0.0).kind is kind, who
    if status != 413 or isinstance(body, dict):
        inside = body.get("error", body) if isinstance(body, dict) else body
        assert from_stream_error(inside, is_definite=True).kind is kind, f"{who}, told inside a stream"


@pytest.mark.parametrize("who", NEITHER)
def test_what_sounds_like_it_and_is_something_else_stays_so(who):
    status, body, kind = NEITHER[who]
    assert from_status(status, body, {}, 0.0).kind is kind


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}, ("Overloaded", "overloaded_error")),
        ({"error": {"message": "no", "code": "x", "type": "y"}}, ("no", "x")),
        ({"message": "flat", "code": 7}, ("flat", "7")),
        ({"detail": "fastapi"}, ("fastapi", None)),
        ({"error": "plain"}, ("plain", None)),
        ("<html>\n  502 </html>", ("<html> 502 </html>", None)),
        (None, ("", None)),
        ([1], ("[1]", None)),
        ({"error": {"message": {"a": 1}, "code": ["x"]}}, ("", None)),
        ({"error": {"code": True, "detail": [7, {"msg": 8}]}}, ("8", None)),
    ],
)
def test_error_bodies_of_any_shape_are_read(body, expected):
    said = read_error_body(body)
    assert (said.message, said.code) == expected


def test_a_page_of_html_does_not_become_a_message_of_its_length():
    assert len(read_error_body("x" * 1_000_000).message) <= LONGEST_MESSAGE + 3


def test_a_body_that_wraps_itself_without_end_is_read_in_no_time():
    body: object = "prompt is too long"
    for _ in range(300):
        body = {"error": body, "message": body, "metadata": body} if isinstance(body, str) else {"error": body}
    assert read_error_body(body).message == ""
    assert (
        read_error_body(json.dumps({"error": json.dumps({"error": json.dumps({"message": "prompt is too long"})})})).text.count("too long")
        > 0
    )
