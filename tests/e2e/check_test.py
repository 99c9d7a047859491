"""`check` says what the simulator knows, whether it asks the API or an exporter."""

import json
import os
import re
import signal

import tap
from certificates import Authority
from harness import Case, Exporter, Simulator, counts, seconds_ago, until

SUCCESS = {"ok", "warning"}
UP = {(): 1}
PATIENT = "--timeout=50s"


class Check(Case):
    simulation = {"rate": 0}

    def setUp(self):
        super().setUp()
        self.simulator = Simulator(self, **self.simulation)
        # The configuration of `serve` is that of `check`.
        self.exporter = Exporter(self, self.simulator.base_url, ca_file=self.simulator.ca_file,
                                 begin=False)

    def check(self, *arguments, code):
        """The lines of a check that asks the API."""
        return self.run_check(f"--config.file={self.exporter.config}", PATIENT, *arguments,
                              code=code)

    def check_exporter(self, *arguments, code):
        return self.run_check(f"--from=http://{self.exporter.address}", PATIENT, *arguments,
                              code=code)

    def run_check(self, *arguments, code):
        got, output, errors = self.run_program("check", *arguments)
        self.assertEqual(got, code, output + errors)
        self.assertEqual(errors, "")
        self.assertTrue(output.endswith("\n"), output)
        return output.splitlines()

    def start_exporter(self):
        """Waits until it has counted all that is completed."""
        self.exporter.start()
        truth = self.simulator.truth()
        self.exporter.scrape_when(lambda page: page.sum(
            "acronis_tasks_completed_total", by=("queue", "result_code")) == truth
            and page.sum("acronis_up") == UP, f"{truth}")

    def truth(self, seconds):
        """{(queue, result code): tasks} that completed in so many seconds."""
        stamp = seconds_ago(seconds).replace("+00:00", "Z")
        return counts(self.simulator.control("GET", f"/truth?from={stamp}")["truth"])


def performance(line):
    """{label: value}"""
    pairs = re.findall(r"(?:'([^']+)'|(\S+))=(\d+);", line.partition(" | ")[2])
    return {quoted or bare: int(value) for quoted, bare, value in pairs}


class Api(Check):
    simulation = {"rate": 0.2, "history": "2h"}

    def test_window_is_the_truth(self):
        def both():
            """Tasks leave and enter the window all the time."""
            before = self.truth(3600)
            said = performance(self.check("-c", "~:", code=0)[0])
            return (before, said) if before == self.truth(3600) else None
        truth, said = until(both, "a moment in which nothing happens")
        failed = {key: tasks for key, tasks in truth.items() if key[1] not in SUCCESS}
        self.assertGreater(sum(failed.values()), 5)
        self.assertEqual(said.pop("completed"), sum(truth.values()))
        self.assertEqual(said.pop("failed"), sum(failed.values()))
        rest = said.pop("_other", 0)
        self.assertEqual(said, {f"{queue}/{code}": tasks
                                for (queue, code), tasks in failed.items()
                                if f"{queue}/{code}" in said})
        self.assertEqual(sum(said.values()) + rest, sum(failed.values()))


class Questions(Check):
    def setUp(self):
        super().setUp()
        self.simulator.add_tasks(queue="backup", result_code="error", count=3,
                                 completed_at=seconds_ago(600))
        self.simulator.add_tasks(queue="backup", result_code="ok", count=2,
                                 completed_at=seconds_ago(600))
        self.simulator.add_tasks(queue="restore", result_code="error", count=7,
                                 completed_at=seconds_ago(7200))

    def test_states(self):
        for arguments, code, said in (
                ((), 2, "CRITICAL - 3 of 5 tasks failed in 1h"),
                (("-w", "2", "-c", "3"), 1, "WARNING - 3 of 5 tasks failed in 1h"),
                (("-c", "3"), 0, "OK - 3 of 5 tasks failed in 1h"),
                (("--since=3h",), 2, "CRITICAL - 10 of 12 tasks failed in 3h"),
                (("--queue=restore",), 0, "OK - 0 of 0 tasks failed in 1h"),
                (("--queue=backup", "--result-code=ok", "-c", "1:"), 0, "OK - 2 of 5 tasks ended"),
                (("--queue=restore", "--since=3h", "--result-code=ok", "-c", "1:"), 2,
                 "CRITICAL - 0 of 7 tasks ended with ok in 3h"),
                (("-c", "3:2"), 3, "UNKNOWN - --critical"),
                (("--account=other",), 3, "UNKNOWN - --account: there is no 'other'")):
            with self.subTest(arguments):
                line = self.check(*arguments, code=code)[0]
                self.assertTrue(line.startswith(f"ACRONIS_TASKS {said}"), line)

    def test_exporter_says_the_same_as_the_api(self):
        self.start_exporter()
        self.check_exporter("-c", "~:", code=0)
        self.simulator.add_tasks(queue="backup", result_code="timedout", count=4)
        self.simulator.add_tasks(queue="restore", result_code="ok")
        self.exporter.scrape_when(
            lambda page: page.sum("acronis_tasks_completed_total") == {(): 17}, "all 17 tasks")
        line = self.check_exporter(code=2)[0]
        self.assertRegex(line, r"^ACRONIS_TASKS CRITICAL - [45] of \d tasks failed in the last "
                               r"\d+s, since the first check")
        said = performance(line)
        self.assertEqual(said["backup/timedout"], 4)
        asked = performance(self.check("--since=1m", code=2)[0])
        self.assertEqual(asked["backup/timedout"], 4)

    def test_first_check_of_an_exporter_tells_what_failed(self):
        self.start_exporter()
        lines = self.check_exporter(code=2)
        self.assertIn("1 of 2 tasks failed in the last 0s, since the first check", lines[0])
        self.assertIn("series 2", lines[-1])

    def test_restart_of_the_exporter_loses_nothing(self):
        self.start_exporter()
        self.check_exporter("--since=5m", code=0)
        self.exporter.process.signal(signal.SIGTERM)
        self.simulator.add_tasks(queue="backup", result_code="error", count=6)
        port = self.exporter.address
        self.exporter.command[2] = f"--web.listen-address={port}"
        self.start_exporter()
        line = self.check_exporter("--since=5m", code=2)[0]
        self.assertIn(" 6 of 6 tasks failed in the last ", line)

    def test_zabbix_gets_numbers_and_series(self):
        self.assertEqual(self.check("--value", code=0), ["3"])
        rows = json.loads("".join(self.check("--lld", code=0)))
        self.assertEqual({(row["{#ACCOUNT}"], row["{#QUEUE}"]) for row in rows},
                         {("e2e", "backup")})
        self.assertEqual(len(rows), 7)
        self.start_exporter()
        rows = json.loads("".join(self.check_exporter("--lld", code=0)))
        self.assertEqual({row["{#QUEUE}"] for row in rows}, {"backup", "restore"})
        self.assertEqual(len(rows), 2 * 7)

    def test_hostile_names_stay_names(self):
        name = "a|b='c\"d\\e\n\x1b[2J ü"
        self.simulator.add_tasks(queue=name, result_code="error")
        for lines in (self.check(code=2), self.from_exporter()):
            self.assertIn("'a_b__c_d_e; \ufffd[2J ü/error'=1;;;0", lines[0])
            self.assertEqual(lines[0].count("|"), 1)
            self.assertNotRegex("\n".join(lines[1:]), r"[|\x1b]")
        rows = json.loads("".join(self.check("--lld", code=0)))
        self.assertIn(name, {row["{#QUEUE}"] for row in rows})

    def from_exporter(self):
        self.start_exporter()
        return self.check_exporter(code=2)


class Trouble(Check):
    def unknown(self, said, *arguments):
        lines = self.run_check(*arguments, code=3)
        self.assertEqual(len(lines), 1, lines)
        self.assertTrue(lines[0].startswith("ACRONIS_TASKS UNKNOWN - "), lines)
        self.assertIn(said, lines[0])

    def config(self):
        return f"--config.file={self.exporter.config}"

    def test_api_that_hangs(self):
        self.simulator.set_fault("hang")
        self.unknown("timed out after 2s", self.config(), "--timeout=2s")

    def test_system_that_has_nothing_to_spare(self):
        """Without a descriptor more than the standard ones, nothing can be asked."""
        if "UBSAN_OPTIONS" in os.environ:
            self.skipTest("the sanitizer needs descriptors of its own to look at objects")
        process = self.start("prlimit", "--nofile=4", *self.command(self.config()))
        self.assertEqual(process.wait(), 3, process.output())
        self.assertRegex("".join(process.stdout), r"\AACRONIS_TASKS UNKNOWN - .*Too many open files\n\Z")

    def test_interrupt(self):
        self.simulator.set_fault("hang")
        process = self.start(*self.command(self.config(), "--timeout=60s"))
        until(lambda: self.simulator.struck("hang"), "a request that hangs")
        self.assertEqual(process.signal(signal.SIGINT)[0], 3)
        self.assertEqual("".join(process.stdout), "ACRONIS_TASKS UNKNOWN - interrupted\n")

    def command(self, *arguments):
        return [self.exporter.command[0], "check", *arguments]

    def test_wrong_secret(self):
        self.exporter.write_secret("s3cret-that-is-wrong")
        self.unknown("account e2e: ", self.config())

    def test_broken_configuration(self):
        self.exporter.config.write_text("accounts: [{name: a}, {name: b}]\npoll: 7\n")
        self.unknown("exporter.yml", self.config())

    def test_exporter_that_is_gone(self):
        self.exporter.start()
        address = self.exporter.address
        self.exporter.process.signal(signal.SIGKILL)
        self.unknown("Connection refused", f"--from=http://{address}")
        code, output, errors = self.run_program("check", "--value", f"--from=http://{address}")
        self.assertEqual((code, output), (1, ""))
        self.assertIn("Connection refused", errors)

    def test_exporter_that_wants_a_password(self):
        web = self.folder / "web.yml"
        # Of the password "correct horse", at the cost of 10.
        web.write_text(json.dumps({"basic_auth_users": {
            "prom": "$2y$10$abcdefghijklmnopqrstuu23JPZtHcGhwXSF41f93o/7vBdDut3Xu"}}))
        self.exporter.command.append(f"--web.config.file={web}")
        self.exporter.start()
        url = f"--from=http://{self.exporter.address}"
        self.unknown("HTTP 401", url)
        password = self.folder / "password"
        credentials = ("--from.username=prom", f"--from.password-file={password}")
        password.write_text("wrong battery\n")
        self.unknown("HTTP 401", url, *credentials)
        password.write_text("correct horse\n")
        until(lambda: self.run_program("check", url, *credentials)[0] == 0, "a good check")

    def test_exporter_that_wants_a_certificate(self):
        authority = Authority(self.folder)
        certificate, key = authority.issue("server")
        web = self.folder / "web.yml"
        web.write_text(json.dumps({"tls_server_config": {
            "cert_file": str(certificate), "key_file": str(key),
            "client_auth_type": "RequireAndVerifyClientCert",
            "client_ca_file": str(authority.certificate)}}))
        self.exporter.command.append(f"--web.config.file={web}")
        self.exporter.start()
        url = (f"--from=https://{self.exporter.address}", f"--from.ca-file={authority.certificate}")
        self.unknown("certificate required", *url)
        certificate, key = authority.issue("client", "extendedKeyUsage=clientAuth")
        identity = (f"--from.cert-file={certificate}", f"--from.key-file={key}")
        until(lambda: self.run_program("check", *url, *identity)[0] == 0, "a good check")

    def test_blind_exporter(self):
        self.exporter.start()
        self.exporter.scrape_when(lambda page: page.sum("acronis_up") == UP, "a poll")
        url = f"--from=http://{self.exporter.address}"
        self.run_check(url, code=0)
        self.simulator.set_fault("status", value="500")
        self.exporter.scrape_when(lambda page: page.sum("acronis_up") == {}, "a poll that failed")
        lines = self.run_check(url, code=3)
        self.assertIn("account e2e: its last poll failed", lines[0])


if __name__ == "__main__":
    tap.main()
