"""The rows: every fault of the simulator's catalogue, with all that it may do to a poll.

A poll asks for what is in flight; if that cannot be had, for the server's time, which fails as well.
So most failures come in pairs of requests, unless the first one says already that nothing works.
"""

from matrix import Row

PAIR = {"requests": 2}
# Polls that last for seconds end at any moment, and the next one must not follow at once.
LONG = {"polls": 1, "interval": "2s"}
SERVER_ERROR = {"reason": "server_error", "requests": 6, "retries": {"server_error": 4}, **LONG}
BROKEN = {"reason": "invalid_response", **PAIR}
SILENT = {"reason": "timeout", **PAIR}
REFUSED = {"reason": "bad_request", **PAIR}
# What is in flight takes more than one page, too, and is not to be had; all else fails beside it.
CURSOR = {"reason": "cursor", "requests": 0, "warnings": {
    "in-flight listing refused, its gauges are left out": 1}}
THROTTLED = {"reason": "rate_limited", "requests": 5, "retries": {"rate_limited": 4}, **LONG}

ROWS = [
    Row("A1", "refuse", None, "network"),
    Row("A1", "reset", None, "network"),
    Row("A1", "reset_in_headers", None, "network"),
    *(Row("A3", "tls", flaw, "tls") for flaw in
      ("expired", "not_yet_valid", "self_signed", "unknown_ca", "wrong_host", "weak_key")),
    Row("A4", "tls", "tls11", "tls"),
    Row("A4", "tls", "plain", "tls"),
    Row("A5", "drip_headers", None, **SILENT),
    Row("A5", "drip", None, **SILENT),
    Row("A5", "latency", "200"),
    Row("A6", "hang", None, **SILENT),
    Row("A6", "stall", None, **SILENT),
    Row("A7", "cut_body", None, **BROKEN),
    Row("A7", "cut_chunk", None, **BROKEN),
    Row("A7", "bad_chunk", None, **BROKEN),
    Row("A7", "huge_chunk", None, **BROKEN),
    Row("A7", "trailing_garbage", None, **BROKEN),
    Row("A8", "gzip"),
    Row("A8", "gzip_bomb", "16", memory=140, **BROKEN),
    Row("A8", "wrong_encoding", None, **BROKEN),
    Row("A8", "nested_encoding", None, **BROKEN),
    Row("A9", "huge_body", None, **BROKEN),
    Row("A9", "endless_body", None, memory=140, polls=1, settings={"request_timeout": "20s"},
        **BROKEN),
    Row("A9", "endless_header", None, **BROKEN),
    Row("A9", "many_headers", None, **BROKEN),
    Row("A9", "huge_header", None, **BROKEN),
    *(Row("A10", "invalid_json", kind, **BROKEN) for kind in
      ("cut", "deep", "nan", "infinity", "bom", "lone_surrogate", "huge_number",
       "exponent", "empty", "garbage", "trailing", "array", "items_object", "duplicate_keys")),
    Row("A10", "invalid_json", "invalid_utf8", disguised=True, warnings={
        "task page was not valid UTF-8 and was repaired": 1}),
    Row("A12", "unknown_enum", "result.code", disguised=True,
        warnings={"new result code, counted as unknown": 1}),
    Row("A12", "new_fields"),
    Row("A13", "many_queues", "50", disguised=True),
    Row("A14", "expire_tokens", count=1, retries_at_first={"auth": 1}, readable=True),
    *(Row("A14", "token_expiry", value, "invalid_response", revoke=True, renewals=-1)
      for value in ("0", "-5", "negative", "missing", "string", "expires_in")),
    Row("A14", "token_expiry", "huge", revoke=True, retries_at_first={"auth": 1}),
    Row("A14", "status", "500", "server_error", requests=3, retries={"server_error": 2},
        path="token", revoke=True, renewals=-1, **LONG),
    Row("A14", "reset", None, "network", path="token", revoke=True, renewals=-1),
    Row("A14", "hang", None, "timeout", path="token", revoke=True, renewals=-1),
    Row("A14", "html_ok", None, "invalid_response", path="token", revoke=True, renewals=-1),
    Row("A15", "status", "403", "forbidden", **PAIR),
    Row("A15", "status", "404", "not_found", **PAIR),
    *(Row("A15", "status", status, **REFUSED) for status in
      ("400", "405", "409", "410", "413", "422")),
    Row("A15", "no_order", refusals=1, warnings={
        "server does not take 'order', asked without it from now on": 1}),
    Row("A15", "small_limit", "7", refusals=2, warnings={
        "server does not take this 'limit', halved until it does": 1}),
    *(Row("A16", "rate_limit", value, **THROTTLED) for value in ("none", "past", "garbage", "1")),
    *(Row("A17", "status", status, **SERVER_ERROR) for status in ("500", "502", "504", "520")),
    Row("A17", "unavailable", "none", "server_error", requests=10, retries={"server_error": 8},
        **LONG),
    Row("A17", "unavailable", "1", **THROTTLED),
    Row("A17", "html_error", None, **SERVER_ERROR),
    Row("A17", "html_ok", None, **BROKEN),
    *(Row("A18", "redirect", value, **BROKEN) for value in
      ("301 http://example.invalid/", "302", "302 loop", "307 file:///etc/passwd",
       "308 https://example.invalid/")),
    Row("A19", "cursor_self", None, readable=True, **CURSOR),
    Row("A19", "cursor_loop", None, readable=True, **CURSOR),
    Row("A19", "cursor_loop", "5", readable=True, **CURSOR),
    Row("A19", "endless_cursors", None, "cursor", requests=0, readable=True, **LONG),
    Row("A19", "empty_page", count=1),
    Row("A19", "repeated_page", count=1),
    Row("A19", "skipped_page", count=1),
    Row("A19", "cursor_expired", None, **CURSOR),
    Row("A19", "cursor_expired", "410", **CURSOR),
    Row("A19", "foreign_cursor", None, readable=True, **CURSOR),
    Row("A20", "insert_between_pages"),
    Row("A20", "remove_between_pages"),
    Row("A20", "reversed_page"),
    Row("A20", "time_format", "seconds"),
    Row("A20", "time_format", "offset"),
    Row("A21", "late_task", "300", count=1),
    Row("A21", "future_task", count=1),
    Row("A21", "changed_result", count=1),
    Row("A21", "changed_time", count=1),
    Row("A22", "duplicate_in_page"),
    Row("A22", "duplicate_across_pages"),
    Row("A23", "date_shift", "600", warnings={
        "server clock jumped ahead, not believed until three polls agree": 1}),
    Row("A23", "date_shift", "-600"),
    Row("A23", "date_missing"),
    Row("A23", "date_absurd"),
    Row("A23", "timestamp_missing"),
    Row("A24", "frozen"),
    Row("A24", "empty"),
    Row("A25", "idle_close"),
    Row("A25", "stale"),
]
