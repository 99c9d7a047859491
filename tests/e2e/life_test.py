"""Starting, the demo, ending, and keeping secrets meanwhile."""

import base64
import os
import pathlib
import re
import signal
import socket
import subprocess
import tempfile
import unittest

import tap
from harness import (CLIENT_ID, DEADLINE, LISTENING, PROGRAM, SECRET, Case, Exporter, Simulator, fetch,
                     read_if_allowed, until)

# Two seconds are promised; a busy machine may need some more.
PROMPT = 6.0


NOBODY = "65534"


def pending(pid, sign):
    """Whether a process has a signal that nobody has taken yet."""
    status = pathlib.Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    return int(re.search(r"^ShdPnd:\s*(\w+)", status, re.M).group(1), 16) >> (sign - 1) & 1


class Ending(Case):
    def ends_well(self, process, sign):
        code, seconds = process.signal(sign)
        self.assertEqual(code, 0, process.output())
        self.assertLess(seconds, PROMPT, process.output())

    def polling(self, **poll):
        simulator = Simulator(self)
        exporter = Exporter(self, simulator.base_url, ca_file=simulator.ca_file, **poll)
        exporter.scrape_when(lambda scrape: scrape.value("acronis_up", account="e2e") == 1, "a poll")
        return simulator, exporter

    def test_terminate_between_polls(self):
        _, exporter = self.polling(interval="1h")
        self.ends_well(exporter.process, signal.SIGTERM)

    def test_interrupt_between_polls(self):
        _, exporter = self.polling(interval="1h")
        self.ends_well(exporter.process, signal.SIGINT)

    def stalled(self, sign, fault, path):
        simulator = Simulator(self)
        simulator.set_fault(fault, path=path)
        exporter = Exporter(self, simulator.base_url, ca_file=simulator.ca_file)
        until(lambda: simulator.struck(fault), f"{fault} to strike")
        self.ends_well(exporter.process, sign)

    def test_terminate_while_the_reply_stalls(self):
        self.stalled(signal.SIGTERM, "hang", "tasks")

    def test_interrupt_while_the_body_stalls(self):
        self.stalled(signal.SIGINT, "stall", "tasks")

    def test_terminate_while_the_token_stalls(self):
        self.stalled(signal.SIGTERM, "hang", "token")

    def silent_resolver(self):
        """The port 53 of a resolver that never answers, and what goes before a command that asks it."""
        unshare = subprocess.run(["unshare", "--mount", "true"], capture_output=True, text=True)
        if os.geteuid() != 0 or unshare.returncode != 0:
            self.skipTest("needs root and mount namespaces, for port 53 and a resolv.conf of its own")
        silent = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.addCleanup(silent.close)
        silent.bind(("127.0.0.77", 53))
        silent.settimeout(DEADLINE)
        resolver = self.folder / "resolv.conf"
        resolver.write_text("nameserver 127.0.0.77\noptions timeout:30 attempts:5\n")
        return silent, ("unshare", "--mount", "sh", "-c",
                        'mount --bind "$1" /etc/resolv.conf && shift && exec "$@"', "sh", resolver)

    def looking_up(self):
        """An exporter that waits for a resolver, which nothing can interrupt."""
        silent, prefix = self.silent_resolver()
        exporter = Exporter(self, "https://nobody-answers.test", begin=False)
        exporter.start(*prefix)
        try:
            silent.recv(512)
        except TimeoutError:
            self.fail(f"nothing was looked up: {exporter.process.output()}")
        return exporter

    def test_stream_ends_with_its_input_while_the_name_of_the_exporter_is_looked_up(self):
        silent, prefix = self.silent_resolver()
        stream = subprocess.Popen([*prefix, PROGRAM, "stream", "--format=influx",
                                   "--from=http://nobody-answers.test"], stdin=subprocess.PIPE)
        self.addCleanup(stream.kill)
        stream.stdin.write(b"\n")
        stream.stdin.flush()
        silent.recv(512)
        stream.stdin.close()
        self.assertEqual(stream.wait(PROMPT), 0)

    def test_terminate_while_a_name_is_looked_up(self):
        process = self.looking_up().process
        self.ends_well(process, signal.SIGTERM)
        self.assertIn("left behind", process.output())

    def test_terminate_while_a_reload_waits_for_an_account_that_looks_up_a_name(self):
        exporter = self.looking_up()
        text = exporter.config.read_text(encoding="utf-8")
        self.assertIn('"interval": "1s"', text)
        exporter.config.write_text(text.replace('"interval": "1s"', '"interval": "2s"'), encoding="utf-8")
        exporter.process.process.send_signal(signal.SIGHUP)
        until(lambda: not pending(exporter.process.pid, signal.SIGHUP), "the signal to be taken")
        self.ends_well(exporter.process, signal.SIGTERM)
        self.assertIn("left behind", exporter.process.output())
        self.assertFalse(exporter.process.said("configuration reloaded"))

    def test_simulator_ends(self):
        self.ends_well(Simulator(self).process, signal.SIGTERM)


class Demo(Case):
    def test_demo_serves_and_ends_on_interrupt(self):
        process = self.start(PROGRAM, "demo", "--web.listen-address=127.0.0.1:0")
        address = process.wait_for(LISTENING).group(1)
        until(lambda: "acronis_tasks_completed_total{" in fetch(f"http://{address}/metrics").body,
              "tasks in the demo's scrape")
        process.wait_for(r"^Simulated Task Manager +https://")
        process.wait_for("scrape_configs")
        process.wait_for(rf"http://{address}/metrics")
        code, seconds = process.signal(signal.SIGINT)
        self.assertEqual(code, 0, process.output())
        self.assertLess(seconds, PROMPT)


class Environment(Case):
    def polls(self, simulator, **environment):
        process = self.start(PROGRAM, "--web.listen-address=127.0.0.1:0", environment={
            "ACRONIS_BASE_URL": simulator.base_url, "ACRONIS_CLIENT_ID": CLIENT_ID,
            "ACRONIS_CLIENT_SECRET": SECRET, **environment})
        address = process.wait_for(LISTENING).group(1)
        until(lambda: 'acronis_up{account="default"} 1' in fetch(f"http://{address}/metrics").body,
              "a good poll")

    def test_three_variables_are_enough(self):
        self.polls(Simulator(self, tls=False))

    def test_authorities_of_the_system_are_trusted(self):
        simulator = Simulator(self)
        self.polls(simulator, SSL_CERT_FILE=str(simulator.ca_file))


class Secrets(Case):
    def test_secret_and_token_are_nowhere_to_be_seen(self):
        simulator = Simulator(self, tls=False)
        simulator.set_fault("status", value="403", path="tasks", count=1)  # The listing.
        process = self.start(
            PROGRAM, "--web.listen-address=127.0.0.1:0", "--log.level=debug",
            environment={"ACRONIS_BASE_URL": simulator.base_url, "ACRONIS_CLIENT_ID": CLIENT_ID,
                         "ACRONIS_CLIENT_SECRET": SECRET})
        address = process.wait_for(LISTENING).group(1)
        until(lambda: 'acronis_up{account="default"} 1' in fetch(f"http://{address}/metrics").body,
              "a good poll")
        process.wait_for("level=warn.*403")
        proc = pathlib.Path("/proc", str(process.pid))
        places = {
            "scrape": fetch(f"http://{address}/metrics").body,
            "page": fetch(f"http://{address}/").body,
            "command line": read_if_allowed(proc / "cmdline"),
            "environment": read_if_allowed(proc / "environ"),
        }
        self.assertEqual(process.signal(signal.SIGTERM)[0], 0)
        places["log"] = process.output()
        basic = base64.b64encode(f"{CLIENT_ID}:{SECRET}".encode()).decode()
        for place, text in places.items():
            for hidden in (SECRET, basic, "Bearer ", "eyJ"):
                self.assertNotIn(hidden, text, place)

    @unittest.skipUnless(os.geteuid() == 0, "only root can become somebody else")
    def test_its_own_user_cannot_look_into_it(self):
        # What may be dumped belongs to the user of the process, what may not, to root.
        with tempfile.TemporaryDirectory(prefix="e2e-") as folder:
            os.chmod(folder, 0o777)
            process = self.start(
                "setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups",
                PROGRAM, "--web.listen-address=127.0.0.1:0", environment={
                    "XDG_STATE_HOME": folder, "ACRONIS_BASE_URL": "http://127.0.0.1:9",
                    "ACRONIS_CLIENT_ID": CLIENT_ID, "ACRONIS_CLIENT_SECRET": SECRET})
            process.wait_for(LISTENING)
            self.assertEqual(os.stat(f"/proc/{process.pid}/environ").st_uid, 0)
            self.assertIn(f"Uid:\t{NOBODY}",
                          pathlib.Path(f"/proc/{process.pid}/status").read_text(encoding="utf-8"))
            self.assertEqual(process.signal(signal.SIGTERM)[0], 0)


if __name__ == "__main__":
    tap.main()
