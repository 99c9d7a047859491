"""The search for secrets finds what is planted, wherever it is, and nothing else."""

import http.server
import subprocess
import sys
import threading
import unittest

import secrecy
import tap
import trials
from certificates import Authority
from harness import CLIENT_ID, ROOT, SECRET, Case, Exporter, Simulator, fetch

PLANTED = "planted-by-the-harness-test"
secrecy.hide_pair("somebody", PLANTED, "the planted secret")
TOKEN = "eyJ" "hbGciOiJSUzI1NiJ9.eyJ" "zdWIiOiJhIn0.c2lnbmVk" "LWJ5LXNpbXVsYXRvcjphYmM"
HASH = "$2y$04$" + "abcdefghijklmnopqrstuujydOTSfIH/d5oUHpsygqV5X9xJLQc6e"


def told_by(act):
    """What a case that does `act` says of secrets, and whether it passed."""
    class Inner(Case):
        def runTest(self):
            act(self)
    inner, result = Inner(), unittest.TestResult()
    inner.run(result)
    return inner.told, result.wasSuccessful()


def shell(case, script, *arguments, environment=None):
    return case.start("/bin/sh", "-c", script, case.folder / "sh", *arguments,
                      environment=environment)


def waiting_shell(case, *arguments, environment=None):
    """It runs until it is ended."""
    return shell(case, 'mkfifo "$0.fifo"; echo up; read -r line <"$0.fifo"', *arguments,
                 environment=environment)


class Processes(Case):
    def finds(self, act, *places):
        told, passed = told_by(act)
        self.assertFalse(passed)
        for place in places:
            self.assertIn(place, "\n".join(told))
        self.assertNotIn(PLANTED, "\n".join(told))

    def test_a_secret_on_either_output(self):
        for stream in ("1", "2"):
            script = f"echo {PLANTED} >&{stream}"
            self.finds(lambda case, does=script: shell(case, does).wait(),
                       "the planted secret in the output")

    def test_a_secret_on_the_command_line_of_what_still_runs(self):
        self.finds(lambda case: waiting_shell(case, PLANTED).wait_for("up"),
                   "the planted secret in the cmdline")

    def test_a_secret_in_the_environment_of_what_still_runs(self):
        planted = {"ACRONIS_CLIENT_SECRET": "another-planted-one"}
        self.finds(lambda case: waiting_shell(case, environment=planted).wait_for("up"),
                   "ACRONIS_CLIENT_SECRET in the environ")

    def test_every_part_of_a_token(self):
        for part, what in zip(TOKEN.split("."), ("head", "payload", "signature")):
            self.finds(lambda case, word=part: shell(case, f"echo {word}").wait(),
                       f"the {what} of a token")

    def test_a_hash_and_a_key(self):
        certificate, key = Authority(self.folder).issue("server")
        line = key.read_text(encoding="ascii").splitlines()[2]
        for text, what in ((HASH, "a bcrypt hash"), (line, "a line of server.key")):
            self.finds(lambda case, word=text: shell(case, f"echo '{word}'").wait(), what)
        self.assertEqual(secrecy.found(certificate.read_text(encoding="ascii")), [])
        self.assertIn("a private key", secrecy.found(key.read_text(encoding="ascii")))

    def test_nothing_is_found_where_nothing_is(self):
        told, passed = told_by(lambda case: shell(case, "echo nothing of the kind").wait())
        self.assertEqual((told, passed), ([], True))

    def test_a_trial_fails_too(self):
        class Telling(trials.Trial):
            def attempt(self):
                shell(self, f"echo {PLANTED}").wait()
        self.assertIn("the planted secret in the output", Telling("telling").outcome())


class Pages(Case):
    def serve(self, text):
        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                self.send_response(200 if self.path == "/" else 404)
                self.send_header("X-Header", text if self.path == "/header" else "-")
                self.end_headers()
                self.wfile.write(b"-" if self.path == "/header" else text.encode())

            def log_message(self, *_):
                pass
        server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        return f"http://127.0.0.1:{server.server_port}"

    def test_a_secret_in_a_page(self):
        url = self.serve(PLANTED)
        for path in ("/", "/error", "/header"):
            with self.assertRaisesRegex(AssertionError, "shows the planted secret$"):
                fetch(url + path)

    def test_a_page_without_one(self):
        self.assertEqual(fetch(self.serve("nothing of the kind")).status, 200)


class Simulated(Case):
    def test_a_real_token_is_known_for_one(self):
        simulator = Simulator(self, tls=False)
        answer = subprocess.run(
            ["curl", "--silent", "--noproxy", "*", "--config", "-",
             f"{simulator.base_url}/api/2/idp/token"],
            input=f'user = "{CLIENT_ID}:{SECRET}"\ndata = "grant_type=client_credentials"\n',
            capture_output=True, text=True, check=True).stdout
        self.assertEqual(set(secrecy.found(answer)), {
            "the head of a token", "the payload of a token", "the signature of a token"})

    def test_the_keys_and_secrets_of_the_programs_are_known(self):
        simulator = Simulator(self)
        key = (simulator.directory / "server.key").read_text(encoding="ascii").splitlines()
        self.assertEqual(secrecy.found(key[1]), ["a line of server.key"])
        Exporter(self, simulator.base_url, ca_file=simulator.ca_file, secret="another-wrong-one",
                 begin=False)
        self.assertEqual(secrecy.found("another-wrong-one"), ["a client secret"])


class Logs(Case):
    """The log of a whole run of tests is searched as well."""

    def sweep(self, text):
        logs = self.folder / "meson-logs"
        logs.mkdir(exist_ok=True)
        (logs / "testlog.txt").write_text(text, encoding="utf-8")
        swept = subprocess.run([sys.executable, "-B", ROOT / "tests/lib/sweep.py", self.folder],
                               capture_output=True, text=True, check=True)
        return swept.stdout

    def test_what_is_planted_is_found_with_its_line(self):
        for secret in ("hunter2", SECRET, TOKEN, HASH, "-----BEGIN PRIVATE " "KEY-----"):
            said = self.sweep(f"one\ntwo: {secret}.\nthree\n")
            self.assertRegex(said, r"(?m)^not ok - secrets: line 2 of the test log shows ")
            self.assertNotIn(secret, said)

    def test_what_is_clean_is_called_so(self):
        self.assertEqual(self.sweep("level=info msg=\"poll began\"\n"),
                         "ok - secrets: none in the test log\n")

    def test_no_log_is_no_good_log(self):
        self.assertRegex(self.sweep(""), "^not ok - secrets: the test log is empty")


if __name__ == "__main__":
    tap.main()
