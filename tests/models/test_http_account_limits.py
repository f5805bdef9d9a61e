"""What waiting does not help against: each stops at once, and says what to do."""

import json

import pytest

from selfinstruct.errors import (
    AccessDeniedError,
    AccountLimitError,
    AuthenticationError,
    EndpointUnavailableError,
    RateLimitedError,
    UnknownModelError,
)
from selfinstruct.models.http.endpoint import Endpoint
from selfinstruct.models.http.error_mapping import refusal

ENDPOINT = Endpoint("https://api.example.com/v1/", "tiny", "sk-secret-0123456789", "Set EXAMPLE_KEY.")


def error(message="", code=None, param=None, **rest):
    return json.dumps({"error": {"message": message, "type": "x", "code": code, "param": param, **rest}})


def judge(status, body="", headers=None):
    return refusal(status, headers or {}, body, ENDPOINT)


def google(*quotas, message="You exceeded your current quota, please check your plan and billing details."):
    violations = [{"quotaMetric": "x", "quotaId": quota} for quota in quotas]
    details = [
        {"@type": "type.googleapis.com/google.rpc.QuotaFailure", "violations": violations},
        {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "4s"},
    ]
    return error(message, 429, status="RESOURCE_EXHAUSTED", details=details)


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (402, ""),
        (402, "<html>402 Payment Required</html>"),
        (429, error("Free allocated quota exceeded.", "Throttling.AllocationQuota")),
        (402, error("Insufficient Balance", "invalid_request_error")),
        (402, error("This request requires more credits, or fewer max_tokens.")),
        (429, error("You exceeded your current quota, please check your plan", "insufficient_quota")),
        (429, error("You exceeded your current quota, please check your plan and billing details.")),
        (429, error("Your account is not active, please check your billing details", "billing_not_active")),
        (429, error("Your account org-x is suspended, check your plan", type="exceeded_current_quota_error")),
        (429, error("您的账户已欠费，请充值后重试", "1113")),
        (400, error("Billing hard limit has been reached", "billing_hard_limit_reached")),
        (400, error("Your credit balance is too low to access the API. Please go to Plans & Billing.")),
        (400, error("Access denied, please make sure your account is in good standing.", "Arrearage")),
        (400, error("Budget has been exceeded! Current cost: 10.1, Max budget: 10", type="budget_exceeded")),
        (401, error("You have run out of credits")),
        (403, error("Your team doesn't have any credits yet.")),
        (403, error("The free tier of the model has been exhausted.", "AllocationQuota.FreeTierOnly")),
        (403, error("Key limit exceeded (total limit).")),
    ],
)
def test_credit_used_up(status, body):
    found = judge(status, body)
    assert type(found) is EndpointUnavailableError
    assert found.exit_code == 4
    assert "credit is used up" in found.message
    assert "Top it up" in found.hint


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (
            429,
            error("Rate limit reached for tiny on requests per day (RPD): Limit 200, Used 200, Requested 1."),
        ),
        (429, error("on tokens per day (TPD): Limit 100000, Used 99950, Requested 900. Try again in 7m12s.")),
        (429, google("GenerateRequestsPerDayPerProjectPerModel-FreeTier")),
        (429, google("GenerateRequestsPerMinutePerProject", "GenerateRequestsPerDayPerProject-FreeTier")),
        (429, error("Number of request tokens has exceeded your daily rate limit")),
        (429, error("Rate limit exceeded: free-models-per-day. Add 10 credits to unlock 1000 a day")),
        (429, error("Rate limit of 50 per 86400s exceeded for UserByModelByDay.")),
        (429, error("该 API 已达今日调用次数限额", "1304")),
        (429, error("You have reached your weekly limit", "1310")),
        (403, error("Key limit exceeded (daily limit).")),
        (
            400,
            error("You have reached your specified API usage limits. You will regain access on 2026-12-01."),
        ),
    ],
)
def test_a_quota_of_a_day_or_longer(status, body):
    found = judge(status, body)
    assert type(found) is EndpointUnavailableError
    assert "quota of the account is used up" in found.message
    assert "Run the same command again" in found.hint


def test_the_end_of_a_quota_is_told_where_it_is_known():
    body = error("You have used all requests per day")
    assert "UTC, as it says" in judge(429, body, {"Retry-After": "7200"}).hint
    assert "tomorrow" in judge(429, body).hint
    assert "week or month" in judge(429, error("monthly quota is used up")).hint


@pytest.mark.parametrize(
    "body",
    [
        google("GenerateRequestsPerMinutePerProjectPerModel-FreeTier"),
        error("You exceeded your current quota, per minute", "rate_limit_exceeded"),
        error("Rate limit reached on tokens per min (TPM): Limit 30000, Used 29999, Requested 1443."),
        error("This request would exceed your organization's rate limit of 30,000 input tokens per minute"),
        error("60 requests per minute are allowed; daily limits are told in the console"),
        error("Resource has been exhausted (e.g. check quota).", 429, status="RESOURCE_EXHAUSTED"),
        error("您当前使用该 API 的并发数过高，请降低并发", "1302"),
        error("Too many concurrent requests"),
        error("Allocated quota exceeded, please increase your quota limit.", "insufficient_quota"),
        error(
            "You exceeded your current quota, please check your plan and billing details. For details, see: "
            "https://help.aliyun.com/zh/model-studio/error-code#token-limit",
            "insufficient_quota",
        ),
        error("Flurb gronk"),
        "",
    ],
)
def test_a_rate_is_waited_for(body):
    assert type(judge(429, body)) is RateLimitedError


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (429, error("Request too large for tiny in organization org-x on tokens per min (TPM): Limit 30000, "
                    "Requested 40123. The input or output tokens must be reduced.", "rate_limit_exceeded")),
        (413, error("Request too large for model `tiny` in organization `org_x` service tier `on_demand` on "
                    "tokens per minute (TPM): Limit 30,000, Requested 40,123, please reduce it.")),
        (429, error("Rate limit reached: Limit 30000, Used 0, Requested 40123. Please try again in 20s.")),
        (429, error("Requested 40123 tokens, limit is 30000 tokens per minute")),
    ],
)  # fmt: skip
def test_a_request_above_the_accounts_limit(status, body):
    found = judge(status, body)
    assert type(found) is AccountLimitError
    assert found.exit_code == 2
    assert "40,123 tokens requested, 30,000 allowed" in found.message
    assert "`context_window` below 30,000" in found.hint
    assert "higher tier" in found.hint


def test_other_requests_above_the_accounts_limit():
    assert type(judge(429, error("Request too large for this organization"))) is AccountLimitError
    nothing = judge(429, google(message="Quota exceeded for metric: x_requests, limit: 0, model: tiny"))
    assert type(nothing) is AccountLimitError
    assert "no quota for this model" in nothing.message


@pytest.mark.parametrize(
    ("status", "body", "what"),
    [
        (403, error("Your organization must be verified to use the model `tiny`. Please go to: https://x"),
         "has to be verified first"),
        (400, error("Your organization must be verified to stream this model.", "x", "stream"),
         "has to be verified first"),
        (403, error("Country, region, or territory not supported", "unsupported_country_region_territory"),
         "does not serve the country or region"),
        (400, error("User location is not supported for the API use.", 400, status="FAILED_PRECONDITION"),
         "does not serve the country or region"),
        (400, error("The model `tiny` requires terms acceptance. Please have the org admin accept the terms",
                    "model_terms_required"), "terms accepted"),
        (403, error("You need to accept the license agreement of the model first"), "terms accepted"),
        (403, error("Access to model tiny is restricted: it is gated"), "terms accepted"),
        (403, error("IP address 1.2.3.4 is not allowed"), "from this IP address"),
        (403, error("Access denied due to Virtual Network/Firewall rules."), "from this IP address"),
        (404, error("No endpoints found matching your data policy. Configure: https://x"), "data policy"),
        (403, error("Gronk API has not been used in project 1 before or it is disabled"), "is not enabled"),
        (401, error("The OpenAI account associated with this API key has been deactivated."), "suspended"),
        (401, error("You have insufficient permissions for this operation. Missing scopes: model.x"),
         "no permission for this"),
        (403, error("Project `proj_x` does not have access to model `tiny`", "model_not_found"),
         "no permission for this"),
        (403, error("Model access denied.", "Model.AccessDenied"), "no permission for this"),
        (403, error("Your project has been denied access. Contact support."), "no permission for this"),
    ],
)  # fmt: skip
def test_access_that_is_not_given_is_not_a_wrong_key(status, body, what):
    found = judge(status, body)
    assert type(found) is AccessDeniedError
    assert what in found.message
    assert json.loads(body)["error"]["message"][:60] in found.message
    assert "does not accept the API key" not in found.message


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (401, error("Incorrect API key provided: sk-x. You can find your API key at https://x")),
        (401, error("Access denied due to invalid subscription key or wrong API endpoint.")),
        (401, error("Flurb gronk")),
        (401, ""),
        (403, error("Invalid authentication credentials")),
    ],
)
def test_a_wrong_key_is_a_wrong_key(status, body):
    found = judge(status, body)
    assert type(found) is AuthenticationError
    assert "does not accept the API key" in found.message
    assert found.hint == "Set EXAMPLE_KEY."


def test_a_model_that_may_not_be_there_for_this_key_is_an_unknown_model():
    body = error("The model `tiny` does not exist or you do not have access to it.", "model_not_found")
    assert type(judge(404, body)) is UnknownModelError
