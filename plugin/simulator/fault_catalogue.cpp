#include <array>

#include "plugin/simulator/fault_board.h"

namespace acronis::simulator {

namespace {

constexpr auto kFaults = std::to_array<FaultKind>({
    // Connections and bytes.
    {"refuse", "", "any", -1, false, "resets new connections before anything is read"},
    {"tls", "expired", "any", -1, false,
     "new connections meet a bad certificate (expired, not_yet_valid, self_signed, unknown_ca, "
     "wrong_host, weak_key), TLS 1.1 at most (tls11) or no TLS (plain)"},
    {"reset", "", "any", -1, false, "resets the connection instead of an answer"},
    {"reset_in_headers", "", "any", -1, false, "resets the connection within the headers"},
    {"drip_headers", "1000", "tasks", -1, false, "one byte every VALUE ms, from the status line"},
    {"drip", "1000", "tasks", -1, false, "one byte every VALUE ms, from the body on"},
    {"hang", "", "tasks", -1, false, "never answers"},
    {"stall", "", "tasks", -1, false, "half of the body, then nothing more"},
    {"latency", "1000", "any", -1, false, "waits VALUE ms before the answer"},
    {"cut_body", "", "tasks", -1, false, "hangs up after half of the announced body"},
    {"cut_chunk", "", "tasks", -1, false, "chunked, hangs up within a chunk"},
    {"bad_chunk", "", "tasks", -1, false, "chunked, with a size that is no number"},
    {"huge_chunk", "", "tasks", -1, false, "chunked, with a size beyond 64 bits"},
    {"trailing_garbage", "", "tasks", -1, false, "bytes behind the end of the answer"},
    {"idle_close", "", "any", -1, false, "closes the kept-alive connection after the answer"},
    {"stale", "", "any", -1, false,
     "hangs up on every request that is not the first of its connection"},
    // Sizes and encodings.
    {"gzip", "", "any", -1, false, "packs answers for clients that accept gzip"},
    {"gzip_bomb", "64", "tasks", -1, false, "gzip that unpacks to VALUE MiB"},
    {"wrong_encoding", "gzip", "tasks", -1, false, "Content-Encoding VALUE on a plain body"},
    {"nested_encoding", "", "tasks", -1, false,
     "Content-Encoding gzip, gzip on a body packed twice"},
    {"huge_body", "1024", "tasks", -1, false, "a body of VALUE MiB"},
    {"endless_body", "", "tasks", -1, false, "a chunked body that never ends"},
    {"endless_header", "", "tasks", -1, false, "a header line that never ends"},
    {"many_headers", "10000", "tasks", -1, false, "VALUE headers"},
    {"huge_header", "1048576", "tasks", -1, false, "one header of VALUE bytes"},
    // Contents.
    {"invalid_json", "cut", "tasks", -1, false,
     "VALUE: cut deep duplicate_keys nan infinity bom invalid_utf8 lone_surrogate huge_number "
     "exponent empty garbage trailing array items_object"},
    {"wrong_type", "completedAt=number", "tasks", -1, false,
     "FIELD=KIND in the first item; kinds: missing null string number array object empty long "
     "bool; FIELD=each: the n-th item has the n-th kind"},
    {"wrong_envelope", "items=null", "tasks", -1, false,
     "FIELD=KIND in the envelope: items size timeStamp paging paging.cursors paging.cursors.after"},
    {"unreadable", "100", "tasks", -1, false,
     "one completed task in VALUE spoils every page that shows it"},
    {"unknown_enum", "result.code", "tasks", -1, false, "a new value in field VALUE, first item"},
    {"many_queues", "queue-", "tasks", -1, false,
     "every task in a queue of its own, named VALUE and its id; or VALUE distinct names"},
    {"time_format", "seconds", "tasks", -1, false,
     "times of the items cut to whole `seconds`, or written in a zone of India (`offset`)"},
    {"new_fields", "", "tasks", -1, false, "unknown fields in the envelope and in every item"},
    // Authentication.
    {"unauthorized", "", "tasks", -1, false, "401, whatever the token"},
    {"expire_tokens", "", "tasks", 1, false, "all tokens end with the next request"},
    {"token_expiry", "0", "token", -1, false,
     "expires_on is now + VALUE s; or: missing string expires_in negative huge"},
    // Statuses.
    {"status", "500", "tasks", -1, false, "status VALUE with an error body"},
    {"rate_limit", "", "tasks", -1, false,
     "429; VALUE: none, seconds, `date`, `past`, or any text as Retry-After"},
    {"unavailable", "", "tasks", -1, false, "503; VALUE as for rate_limit"},
    {"html_error", "502", "tasks", -1, false, "status VALUE with a page of nginx"},
    {"html_ok", "", "tasks", -1, false, "200 with an HTML page"},
    {"no_order", "", "tasks", -1, false, "400 for a request that asks for an order"},
    {"small_limit", "10", "tasks", -1, false, "400 for a limit above VALUE"},
    {"redirect", "302", "tasks", -1, false,
     "STATUS and a location; without one: no Location; `loop`: to itself"},
    // Pages.
    {"cursor_self", "", "tasks", -1, true, "the next page token is the one just used"},
    {"cursor_loop", "2", "tasks", -1, false, "page tokens repeat after VALUE pages"},
    {"endless_cursors", "", "tasks", -1, false, "there is always one more page, empty at last"},
    {"empty_page", "", "tasks", 1, false, "an empty page with a token to the same place"},
    {"cursor_expired", "400", "tasks", -1, true, "page tokens are refused with status VALUE"},
    {"foreign_cursor", "", "tasks", -1, false, "page tokens are those of another API client"},
    {"long_page", "100000", "tasks", -1, false, "VALUE items on a page, whatever the limit"},
    {"reversed_page", "", "tasks", -1, false, "the items of each page in reverse"},
    {"repeated_page", "", "tasks", 1, true, "the previous page once more"},
    {"skipped_page", "", "tasks", 1, true, "a page is left out"},
    {"insert_between_pages", "3", "tasks", -1, true, "VALUE tasks appear among those shown"},
    {"remove_between_pages", "3", "tasks", -1, true, "VALUE tasks that were shown are removed"},
    {"duplicate_in_page", "", "tasks", -1, false, "the first item again at the end"},
    {"duplicate_across_pages", "", "tasks", -1, true, "the last item of the page before again"},
    // Tasks.
    {"late_task", "3600", "tasks", 1, false, "a task completed VALUE s ago appears"},
    {"future_task", "3600", "tasks", 1, false, "a task completed in VALUE s appears"},
    {"changed_result", "error", "tasks", 1, false, "the newest finished task gets result VALUE"},
    {"changed_time", "1", "tasks", 1, false, "the newest finished task moves by VALUE s"},
    // The service as a whole.
    {"date_shift", "3600", "any", -1, false, "Date and timeStamp are off by VALUE s"},
    {"date_missing", "", "any", -1, false, "no Date header"},
    {"date_absurd", "soon", "any", -1, false, "the Date header is VALUE"},
    {"timestamp_missing", "", "tasks", -1, false, "no timeStamp in the envelope"},
    {"frozen", "", "tasks", -1, false, "nothing new happens any more, not even the time"},
    {"forgetful", "3600", "tasks", -1, false, "what completed more than VALUE s ago is gone"},
    {"empty", "", "tasks", -1, false, "no tasks at all"},
});

}  // namespace

std::span<const FaultKind> KnownFaults() {
  return kFaults;
}

}  // namespace acronis::simulator
