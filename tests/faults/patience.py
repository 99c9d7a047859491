"""Servers that refuse, or ask for patience: how often they are asked, and when."""

import signal
import time

import harness
import scene
from harness import until
from scene import polls, value


class RefusedToken(scene.Trial):
    """401 for whatever token: one fresh one is tried, then there is a minute of silence."""

    def attempt(self):
        self.begin()
        self.switch("unauthorized")
        begin = time.monotonic()
        self.exporter.scrape_when(lambda page: self.failed(page) >= 4, "four failed polls")
        page, seen = self.agree()
        self.check_page(page.text)
        self.assertEqual(self.added(page, "poll_failures_total", "reason"),
                         {"auth": self.failed(page)})
        self.assertEqual(seen.struck() - self.seen.struck(), 2)
        self.assertEqual(seen.tokens(True), 2)
        self.assertEqual(self.added(page, "api_retries_total", "reason"), {"auth": 1})
        self.simulator.clear_faults()
        self.recover()
        self.assertGreater(time.monotonic() - begin, 55)
        self.assertEqual(self.traffic().tokens(True), 3)
        self.check_log(failures=1)
        self.end()


class RefusedAtStart(scene.Trial):
    """The same from the first request on."""

    readable = False

    def attempt(self):
        self.simulator = harness.Simulator(self, tls=False)
        self.simulator.set_fault("unauthorized")
        self.exporter = scene.Watched(self, self.simulator.base_url)
        self.exporter.scrape_when(lambda page: polls(page, "error") >= 4, "four failed polls")
        page, seen = self.agree()
        self.check_page(page.text)
        self.assertEqual((seen.struck(), seen.tokens(True)), (2, 2))
        self.assertEqual(self.exporter.log()["error", "poll failed"], 1)
        self.end()


class RefusedSecret(scene.Trial):
    """The token endpoint refuses the credentials: it is asked once, and again when they change."""

    def __init__(self, status):
        super().__init__(f"A14: {status} for the credentials")
        self.status = status

    def attempt(self):
        self.begin()

        def refuse():
            self.simulator.set_fault("status", value=self.status, path="token")
            self.simulator.revoke_tokens()
        self.strike(refuse)
        self.exporter.scrape_when(lambda page: self.failed(page) >= 4, "four failed polls")
        page, seen = self.agree()
        self.check_page(page.text)
        self.assertEqual(self.added(page, "poll_failures_total", "reason"),
                         {"auth": self.failed(page)})
        self.assertEqual(seen.struck() - self.seen.struck(), 1)
        self.assertEqual(value(page, "token_refreshes_total", result="error"), 1)
        self.simulator.clear_faults()
        self.exporter.exporter.write_secret("wrong-one")
        until(lambda: self.traffic().count(endpoint="token", struck=False, status=401) == 1,
              "the changed secret to be tried")
        self.exporter.exporter.write_secret(harness.SECRET)
        self.recover()
        self.assertEqual(self.traffic().count(endpoint="token"), 4)
        self.check_log(failures=1)
        self.assertNotIn("wrong-one", self.exporter.process.output())
        self.end()


class ExpiredWhileReading(scene.Trial):
    """The token ends in the middle of a walk over pages: one new token, and the walk goes on."""

    def attempt(self):
        self.begin(page_size=5)
        # So that there is a middle.
        self.simulator.set_fault("latency", value="30", path="tasks")
        self.base, self.line = self.exporter.scrape(), len(self.exporter.process.stderr)
        tokens, asked = self.traffic().tokens(True), self.traffic().count(endpoint="tasks")
        until(lambda: self.traffic().count(endpoint="tasks") >= asked + 10, "pages", every=0.02)
        done = self.exporter.polls()
        self.simulator.revoke_tokens()
        until(lambda: self.exporter.polls() >= done + 2, "two polls more")
        page, seen = self.agree()
        self.assertEqual(seen.tokens(True), tokens + 1)
        self.assertEqual(self.added(page, "api_retries_total", "reason"), {"auth": 1})
        self.assertEqual(seen.count(endpoint="tasks", status=401), 1)
        self.assertEqual(self.failed(page), 0)
        self.simulator.clear_faults()
        self.recover()
        self.check_log()
        self.end()


class SlowedDown(scene.Trial):
    """Refusals that only a person can mend: the interval doubles each time, and is back at once."""

    def attempt(self):
        self.begin(interval="400ms")
        self.switch("status", value="403")
        ends = []
        for number in (1, 2, 3, 4):
            until(lambda number=number: self.failed(self.exporter.scrape()) >= number, "a failure",
                  every=0.05)
            ends.append(time.monotonic())
        pauses = [after - before for before, after in zip(ends, ends[1:])]
        for pause, wanted in zip(pauses, (0.8, 1.6, 3.2)):
            self.assertGreater(pause, wanted - 0.35)
            self.assertLess(pause, wanted + 1.5)
        page, seen = self.agree()
        self.assertEqual(self.failed(page), 4)
        self.assertEqual(seen.struck() - self.seen.struck(), 8)
        self.simulator.clear_faults()
        self.recover()
        done, begin = self.exporter.polls(), time.monotonic()
        until(lambda: self.exporter.polls() >= done + 3, "three polls", every=0.05)
        self.assertLess(time.monotonic() - begin, 3.2)
        self.check_log(failures=1)
        self.end()


class AskedToWait(scene.Trial):
    """Retry-After is waited for, once, and the poll goes on."""

    def __init__(self, fault, wait, seconds):
        super().__init__(f"A16: {fault} with Retry-After {wait}")
        self.fault, self.wait, self.seconds = fault, wait, seconds

    def attempt(self):
        self.begin()
        self.switch(self.fault, value=self.wait, count=1)
        begin = time.monotonic()
        page = self.exporter.scrape_when(lambda page: self.good(page) >= 1, "the poll to end")
        took = time.monotonic() - begin
        self.assertGreater(took, self.seconds - 1)
        self.assertLess(took, self.seconds + 3)
        throttled = value(page, "api_throttled_seconds_total")
        self.assertAlmostEqual(throttled, self.seconds, delta=1)
        page, seen = self.agree()
        self.assertEqual(seen.struck() - self.seen.struck(), 1)
        self.assertEqual(self.added(page, "api_retries_total", "reason"), {"rate_limited": 1})
        self.assertEqual(self.failed(page), 0)
        self.recover()
        self.check_log()
        self.end()


class AskedToWaitForEver(scene.Trial):
    """A wait beyond reason is cut to five minutes, in which nothing is sent; a stop ends it."""

    def attempt(self):
        self.begin()
        self.switch("rate_limit", value="1000000000")
        until(lambda: self.traffic().struck() > self.seen.struck(), "the refusal")
        begin = time.monotonic()
        until(lambda: time.monotonic() > begin + 5, "five seconds to pass")
        page, seen = self.agree()
        self.check_page(page.text)
        self.assertEqual(seen.struck() - self.seen.struck(), 1)
        self.assertEqual(self.failed(page) + self.good(page), 0)
        self.simulator.clear_faults()
        code, took = self.exporter.process.signal(signal.SIGTERM)
        self.assertEqual(code, 0)
        self.assertLess(took, 3)
        seen = self.traffic()
        self.exporter.exporter.start()
        self.exporter.before = {}
        self.exporter.scrape_when(lambda page: polls(page, "success") >= 1, "a good poll")
        until(lambda: self.counted() == self.simulator.shown(), "the counts")
        self.end()


def cases():
    return [RefusedToken("A14: 401 for ever"), RefusedAtStart("A14: 401 at start"),
            ExpiredWhileReading("A14: a token that ends in the middle of a walk"),
            *(RefusedSecret(status) for status in ("401", "403", "400")),
            SlowedDown("A15: the interval doubles"),
            AskedToWait("rate_limit", "3", 3), AskedToWait("unavailable", "3", 3),
            AskedToWait("rate_limit", "date", 30),
            AskedToWaitForEver("A16: rate_limit with Retry-After 1000000000")]
