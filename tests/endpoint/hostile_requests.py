"""Requests that no scraper sends, to the finished program, in plain HTTP and inside TLS: each gets
its status, ends its connection where it must, and another client is served meanwhile.
"""

import os

import certificates
import siege
import trials

AT_A_TIME = 4
KIB = 1 << 10


def get(*fields, target="/metrics", method="GET", version="HTTP/1.1", host="Host: x", end="\r\n"):
    lines = [f"{method} {target} {version}", *([host] if host else []), *fields, "", ""]
    return end.join(lines).encode("latin-1")


SMUGGLED = get(target="/-/reload", method="POST").decode()
HEALTHY, UNKNOWN = get(target="/-/healthy"), get(target="/unknown")

# Each row: what is sent, the statuses that come back.
# What is understood: the connection goes on, and the next request on it is answered.
UNDERSTOOD = {
    "pipelined requests, answered in their order": (
        (get() + HEALTHY + UNKNOWN) * 40, [200, 200, 404] * 40),
    "an empty line before": (b"\r\n" + get(), [200]),
    "absolute-form target": (get(target="http://x/metrics"), [200]),
    "absolute-form target of a foreign host": (get(target="http://other.example/metrics"), [200]),
    "foreign Host": (get(host="Host: elsewhere.example"), [200]),
    "asterisk-form target": (get(target="*", method="OPTIONS"), [404]),
    "TRACE": (get(method="TRACE"), [405]),
    "CONNECT": (get(target="x:443", method="CONNECT"), [405]),
    "DELETE": (get(method="DELETE"), [405]),
    "an unknown method": (get(method="BREW"), [405]),
    "POST": (get("Content-Length: 0", method="POST"), [405]),
    "a method in lower case": (get(method="get"), [405]),
    "/-/reload, which is off": (get("Content-Length: 0", method="POST", target="/-/reload"), [403]),
    "..": (get(target="/-/../metrics"), [404]),
    ".. beyond the top": (get(target="/../../../../etc/passwd"), [404]),
    "%2e%2e": (get(target="/-/%2e%2e/metrics"), [404]),
    "..%2f": (get(target="/..%2f..%2fetc%2fpasswd"), [404]),
    "%00": (get(target="/metrics%00"), [404]),
    "//metrics": (get(target="//metrics"), [404]),
    "/metrics/": (get(target="/metrics/"), [404]),
    "/metricsfoo": (get(target="/metricsfoo"), [404]),
    "/METRICS": (get(target="/METRICS"), [404]),
    "/%6detrics": (get(target="/%6detrics"), [404]),
    "a query with everything": (get(target="/metrics?name[]=a&&=&%00=%ff;x?y"), [200]),
    "a path that is just short enough": (get(target="/" + "a" * (8 * KIB - 1)), [404]),
    "100 fields": (get(*["A: b"] * 100), [200]),
    "a field of 64 KiB": (get("A: " + "b" * 64 * KIB), [200]),
    "an Accept of 64 KiB": (get("Accept: " + "text/plain;q=0.1," * 3800), [200]),
    "a range, which is ignored": (get("Range: bytes=" + "0-1," * 1000 + "5-"), [200]),
    "a condition, which is ignored": (get("If-None-Match: *"), [200]),
    "an upgrade, which is declined": (get("Connection: Upgrade", "Upgrade: h2c"), [200]),
    "a body on GET": (get("Content-Length: 5") + b"hello", [200]),
    "a request inside a body": (
        get(f"Content-Length: {len(SMUGGLED)}", method="POST") + SMUGGLED.encode(), [405]),
    "a body of 64 KiB on GET": (get(f"Content-Length: {64 * KIB}") + b"x" * 64 * KIB, [200]),
}
# What is answered, but leaves nothing to go on with.
LAST = {
    "HTTP/1.0": (get(version="HTTP/1.0"), [200]),
    "Connection: close": (get("Connection: close"), [200]),
    "a body of more than 64 KiB on GET": (get(f"Content-Length: {64 * KIB + 1}"), [200]),
    "a body of 10 GB on GET": (get("Content-Length: 10000000000") + b"x" * (4 << 20), [200]),
    "a body that never comes": (get("Content-Length: 10") + b"hello", [200]),
    "a chunked body on GET": (
        get("Transfer-Encoding: chunked") + b"5\r\nhello\r\n0\r\n\r\n", [200]),
    "an endless chunk": (get("Transfer-Encoding: chunked") + b"ffffffffffffffff\r\nhello", [200]),
    "a body announced by Expect": (get("Content-Length: 5", "Expect: 100-continue"), [200]),
}
# What is not understood, or too much.
REFUSED = {
    "HTTP/0.9": (b"GET /metrics\r\n\r\n", [400]),
    "HTTP/0.9, a single line": (b"GET /metrics\r\n", [408]),
    "half a head": (get()[:-2], [408]),
    "no version": (b"GET /metrics\r\nHost: x\r\n\r\n", [400]),
    "HTTP/2 preface": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", [505]),
    "HTTP/3.0": (get(version="HTTP/3.0"), [505]),
    "HTTP/1.10": (get(version="HTTP/1.10"), [400]),
    "authority-form target of GET": (get(target="x:443"), [400]),
    "a relative target": (get(target="metrics"), [400]),
    "an invalid escape": (get(target="/metrics%zz"), [400]),
    "a space in the target": (get(target="/metrics x"), [400]),
    "a fragment": (get(target="/metrics#x"), [400]),
    "a byte beyond ASCII in the target": (get(target="/m\xe9trics"), [400]),
    "NUL in the target": (get(target="/metrics\0"), [400]),
    "NUL at once": (b"\0" * 100, [400]),
    "noise": (bytes(range(128, 256)) * 8 + b"\r\n\r\n", [400]),
    "a ClientHello": (b"\x16\x03\x01\x00\xa5\x01\x00\x00\xa1\x03\x03" + b"\x5a" * 154, [400]),
    "missing Host": (get(host=""), [400]),
    "two Hosts": (get("Host: y"), [400]),
    "Host with a path": (get(host="Host: x/y"), [400]),
    "Content-Length and Transfer-Encoding": (
        get("Content-Length: 5", "Transfer-Encoding: chunked") + b"0\r\n\r\n" + HEALTHY, [400]),
    "Transfer-Encoding and Content-Length": (
        get("Transfer-Encoding: chunked", "Content-Length: 5") + b"0\r\n\r\n" + HEALTHY, [400]),
    "two Content-Lengths, the same": (get("Content-Length: 0", "Content-Length: 0"), [400]),
    "two Content-Lengths, different": (get("Content-Length: 0", "Content-Length: 5"), [400]),
    "a list of Content-Lengths": (get("Content-Length: 5, 5"), [400]),
    "Content-Length: -1": (get("Content-Length: -1"), [400]),
    "Content-Length: +5": (get("Content-Length: +5"), [400]),
    "Content-Length: 0x5": (get("Content-Length: 0x5"), [400]),
    "Content-Length: 2^64": (get("Content-Length: 18446744073709551616"), [400]),
    "Transfer-Encoding: gzip, chunked": (get("Transfer-Encoding: gzip, chunked"), [501]),
    "Transfer-Encoding: xchunked": (get("Transfer-Encoding: xchunked"), [501]),
    "chunked twice": (get(*["Transfer-Encoding: chunked"] * 2), [400]),
    "an unknown expectation": (get("Expect: a-miracle"), [417]),
    "a folded field": (get("A: b\r\n c"), [400]),
    "a folded first field": (get(host=" Host: x"), [400]),
    "bare LF": (get(end="\n"), [400]),
    "bare LF inside": (get("A: b\nC: d"), [400]),
    "bare CR": (get("A: b\rC: d"), [400]),
    "CR for every line": (get(end="\r"), [408]),
    "NUL in a field": (get("A: b\0c"), [400]),
    "a control character in a field": (get("A: \x01"), [400]),
    "a space before the colon": (get("A : b"), [400]),
    "a field without a name": (get(": b"), [400]),
    "a field without a colon": (get("A"), [400]),
    "a path that is too long": (get(target="/" + "a" * 8 * KIB), [414]),
    "a path without an end": (b"GET /" + b"a" * (4 << 20), [414]),
    "200 fields": (get(*["A: b"] * 200), [431]),
    "100,000 fields": (get(*["A: b"] * 100_000), [431]),
    "a field of 1 MiB": (get("A: " + "b" * (1 << 20)), [431]),
    "a field without an end": (get()[:-2] + b"A: " + b"b" * (4 << 20), [431]),
    "a name without an end": (get()[:-2] + b"A" * (4 << 20), [431]),
    "a good request, then noise": (HEALTHY + b"\0\1\2\3\r\n\r\n", [200, 400]),
    "pipelined requests, a bad one among them": (
        HEALTHY * 3 + get("A : b") + HEALTHY, [200, 200, 200, 400]),
}


class Hostile(trials.Trial):
    """One row, to a program that the rows share."""

    def __init__(self, name, fortress, sent, statuses, goes_on, shake=True):
        super().__init__(f"hostile {'TLS' if fortress.context else 'HTTP'}: {name}")
        self.fortress, self.sent, self.statuses = fortress, sent, statuses
        self.goes_on, self.shake = goes_on, shake

    def attempt(self):
        with self.fortress.connect(shake=self.shake) as client:
            client.send(self.sent)
            got = [client.answer() for _ in self.statuses]
            self.assertEqual([status for status, _ in got], self.statuses, got[-1])
            self.fortress.scrape()
            if self.goes_on:
                client.send(HEALTHY)
                self.assertEqual(client.answer(), (200, b"Healthy\n"))
            else:
                closed = client.is_closed() if self.shake else client.ends()
                self.assertTrue(closed, client.received)
        self.fortress.scrape()


def rows(fortress):
    return [Hostile(name, fortress, *row, goes_on) for table, goes_on in (
        (UNDERSTOOD, True), (LAST, False), (REFUSED, False)) for name, row in table.items()]


def unshaken(fortress):
    """To a server that waits for a handshake."""
    return [Hostile(name, fortress, *row, goes_on=False, shake=False) for name, row in {
        "plain HTTP": (get(), [400]),
        "noise for a ClientHello": (os.urandom(256), [0]),
        "NUL for a ClientHello": (b"\0" * 256, [0]),
        "a ClientHello that is none": (REFUSED["a ClientHello"][0], [0]),
        "a record that is too long": (b"\x16\x03\x03\xff\xff" + b"x" * 65535, [0]),
    }.items()]


def check_growth(name, fortress):
    trouble = ""
    try:
        fortress.check_descriptors()
    except AssertionError as found:
        trouble = str(found)
    threads = fortress.threads() - fortress.threads_before
    trials.report(f"hostile {name}: alive, no descriptor and no thread too many",
                  not trouble and threads <= siege.SPARE_THREADS,
                  f"{threads} threads more {trouble}")


def run():
    for name, kind in (("HTTP", None), ("TLS", certificates.ELLIPTIC)):
        with trials.stage() as case:
            fortress = siege.Fortress(case, siege.quick_simulator(case), kind=kind)
            trials.run(rows(fortress) + (unshaken(fortress) if kind else []), AT_A_TIME)
            check_growth(name, fortress)
