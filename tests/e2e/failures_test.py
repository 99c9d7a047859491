"""What goes wrong is said clearly, and shows in the right metric or exit code."""

import json
import socket

import tap
from harness import CLIENT_ID, PROGRAM, SECRET, Case, Exporter, Simulator, free_port, until


class Failures(Case):
    def failing(self, exporter, reason):
        """The scrape in which the poll has failed for that reason."""
        return exporter.scrape_when(
            lambda scrape: scrape.value("acronis_exporter_poll_failures_total", account="e2e",
                                        reason=reason), f"a failed poll, reason {reason}")

    def down_for(self, reason, exporter):
        scrape = self.failing(exporter, reason)
        self.assertEqual(scrape.value("acronis_up", account="e2e"), 0)
        self.assertEqual(set(scrape.sum("acronis_exporter_poll_failures_total", by=("reason",))),
                         {(reason,)})

    def test_wrong_secret(self):
        simulator = Simulator(self)
        exporter = Exporter(self, simulator.base_url, ca_file=simulator.ca_file, secret="wrong-one")
        self.down_for("auth", exporter)
        line = exporter.process.wait_for(r"^.*level=(warn|error).*401.*$").group()
        self.assertIn("account=e2e", line)
        self.assertNotIn("wrong-one", exporter.process.output())

    def test_changed_secret_file_is_picked_up(self):
        simulator = Simulator(self)
        exporter = Exporter(self, simulator.base_url, ca_file=simulator.ca_file, secret="wrong-one")
        self.down_for("auth", exporter)
        exporter.write_secret(SECRET)
        exporter.scrape_when(lambda scrape: scrape.value("acronis_up", account="e2e") == 1,
                             "a poll with the new secret")

    def test_secret_file_that_everybody_can_read_is_warned_about(self):
        simulator = Simulator(self)
        exporter = Exporter(self, simulator.base_url, ca_file=simulator.ca_file)
        self.assertNotIn("can be read by everybody", exporter.process.output())
        exporter.process.end()
        exporter.secret_file.chmod(0o644)
        exporter.start()
        exporter.process.wait_for("level=warn.*can be read by everybody.*account=e2e")

    def test_unreachable_host(self):
        exporter = Exporter(self, f"http://127.0.0.1:{free_port()}")
        self.down_for("network", exporter)
        exporter.process.wait_for(r"level=(warn|error).*[Cc]onnection refused")

    def test_unknown_host_name(self):
        exporter = Exporter(self, "https://no-such-host.invalid")
        self.down_for("network", exporter)
        exporter.process.wait_for(r"level=(warn|error).*no-such-host\.invalid")

    def test_certificate_of_an_unknown_authority(self):
        simulator = Simulator(self)
        exporter = Exporter(self, simulator.base_url)
        self.down_for("tls", exporter)
        exporter.process.wait_for(r"level=(warn|error).*[Cc]ertificate")

    def test_server_that_speaks_no_tls(self):
        simulator = Simulator(self, tls=False)
        exporter = Exporter(self, simulator.base_url.replace("http:", "https:"))
        self.down_for("tls", exporter)

    def test_stalled_account_holds_no_other_one_up(self):
        stalled, good = Simulator(self, tls=False), Simulator(self, tls=False)
        stalled.set_fault("hang", path="tasks")
        exporter = Exporter(self, good.base_url, others=[("stalled", stalled.base_url)])
        until(lambda: stalled.struck("hang"), "the hang to strike")

        def polls(scrape):
            return scrape.value("acronis_exporter_polls_total", account="e2e", result="success")
        before = polls(exporter.scrape())
        scrape = exporter.scrape_when(lambda scrape: polls(scrape) >= before + 2, "two more polls")
        self.assertEqual(scrape.value("acronis_exporter_polls_total", account="stalled",
                                      result="success"), 0)

    def test_recovery_after_the_fault(self):
        simulator = Simulator(self)
        simulator.set_fault("status", value="500", path="tasks")
        exporter = Exporter(self, simulator.base_url, ca_file=simulator.ca_file)
        self.down_for("server_error", exporter)
        simulator.clear_faults()
        exporter.scrape_when(lambda scrape: scrape.value("acronis_up", account="e2e") == 1,
                             "a good poll after the fault")
        self.assertTrue(exporter.completed())


class Start(Case):
    """Start-up errors: one message on standard error, nothing served."""

    def refused(self, *arguments, code=1, environment=None):
        got, output, errors = self.run_program(*arguments, environment=environment)
        self.assertEqual((got, output), (code, ""), errors)
        return errors

    def config(self, text):
        path = self.folder / "bad.yml"
        path.write_text(text, encoding="utf-8")
        return f"--config.file={path}"

    def test_no_account_at_all(self):
        self.assertIn("ACRONIS_BASE_URL", self.refused())

    def test_half_of_the_environment(self):
        errors = self.refused(environment={"ACRONIS_BASE_URL": "https://eu2-cloud.example"})
        self.assertIn("ACRONIS_CLIENT_ID", errors)

    def test_unknown_key_names_file_and_line(self):
        errors = self.refused(self.config("poll:\n  interval: 60s\n  intervall: 30s\n"))
        self.assertIn("bad.yml:3", errors)
        self.assertIn("intervall", errors)

    def test_impossible_value_names_what_is_accepted(self):
        errors = self.refused(self.config(
            "accounts:\n  - name: a\n    base_url: https://a.example\n    client_id: x\n"
            "    client_secret_file: /dev/null\n    poll: {overlap: 1s}\n"))
        self.assertIn("overlap", errors)
        self.assertIn("1m", errors)

    def test_missing_config_file(self):
        self.assertIn("none.yml", self.refused(f"--config.file={self.folder / 'none.yml'}"))

    def test_broken_yaml(self):
        self.assertIn("bad.yml:", self.refused(self.config("accounts: [\n")))

    def test_plain_http_to_another_machine(self):
        errors = self.refused(environment={
            "ACRONIS_BASE_URL": "http://eu2-cloud.example", "ACRONIS_CLIENT_ID": CLIENT_ID,
            "ACRONIS_CLIENT_SECRET": SECRET})
        self.assertIn("https", errors)
        self.assertNotIn(SECRET, errors)

    def test_unknown_flag(self):
        self.assertIn("--nonsense", self.refused("--nonsense", code=2))

    def test_port_in_use(self):
        with socket.create_server(("127.0.0.1", 0)) as taken:
            address = f"127.0.0.1:{taken.getsockname()[1]}"
            errors = self.refused(f"--web.listen-address={address}", environment={
                "ACRONIS_BASE_URL": "http://127.0.0.1:1", "ACRONIS_CLIENT_ID": CLIENT_ID,
                "ACRONIS_CLIENT_SECRET": SECRET})
        self.assertIn(address, errors)
        self.assertRegex(errors, "(?i)address already in use")

    def test_config_check(self):
        secret = self.folder / "secret"
        secret.write_text(SECRET, encoding="utf-8")
        good = self.config(json.dumps({"accounts": [{
            "name": "a", "base_url": "https://a.example", "client_id": "x",
            "client_secret_file": str(secret)}]}))
        process = self.start(PROGRAM, "--config.check", good)
        self.assertEqual(process.wait(), 0, process.output())
        self.refused("--config.check", self.config("nonsense: 1\n"))


if __name__ == "__main__":
    tap.main()
