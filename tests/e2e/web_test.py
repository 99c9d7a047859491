"""The endpoint as a web configuration wants it, its reload, and what a service manager sees."""

import base64
import http.client
import json
import os
import re
import select
import signal
import socket
import ssl
import unittest

import secrecy
import tap
import vmagent
from certificates import Authority
from harness import LISTENING, Case, Exporter, Simulator, fetch, until
from prometheus import Prometheus

# Of the password "correct horse", at the cost of 10.
HASH = "$2y$10$abcdefghijklmnopqrstuu23JPZtHcGhwXSF41f93o/7vBdDut3Xu"
PASSWORD = "correct horse"
WRONG = "wrong battery"


def basic(user, password):
    secrecy.hide_pair(user, password, "a password")
    return {"Authorization": "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()}


class Web(Case):
    def setUp(self):
        super().setUp()
        self.simulator = Simulator(self, rate=0)
        self.simulator.add_tasks(queue="fresh", result_code="error", count=17)
        self.web = self.folder / "web.yml"

    def write_web(self, **keys):
        fresh = self.folder / "web.yml.new"
        fresh.write_text(json.dumps(keys), encoding="utf-8")  # JSON is YAML.
        os.replace(fresh, self.web)

    def serve(self, *flags, **poll):
        self.exporter = Exporter(self, self.simulator.base_url, f"--web.config.file={self.web}", *flags,
                                 ca_file=self.simulator.ca_file, **poll)
        return self.exporter

    def check_vmagent(self, **scrape):
        """It scrapes as told, and what it has of us is what the service has completed."""
        truth = self.simulator.truth()
        self.assertTrue(truth)
        until(lambda: self.simulator.shown() == truth, "all tasks to be read")
        agent = vmagent.VmAgent(self, self.exporter.address, **scrape)
        until(lambda: 1 in agent.query("up").values(), agent.process.output)

        def counted():
            sums = agent.query("sum by (queue, result_code) (acronis_tasks_completed_total) > 0")
            return {(dict(labels)["queue"], dict(labels)["result_code"]): value
                    for labels, value in sums.items()}
        until(lambda: counted() == truth, lambda: f"{counted()} to be {truth}")

    def get(self, path="/metrics", context=None, headers=None, method="GET"):
        """(status, headers, body) over a connection of its own."""
        host, _, port = self.exporter.address.rpartition(":")
        make = http.client.HTTPConnection if context is None else http.client.HTTPSConnection
        tls = {} if context is None else {"context": context}
        connection = make(host, int(port), timeout=30, **tls)
        try:
            connection.request(method, path, headers=headers or {})
            reply = connection.getresponse()
            status, headers, body = reply.status, reply.headers, reply.read().decode()
            secrecy.check(f"{headers}{body}", path)
            return status, headers, body
        finally:
            connection.close()


class InTheOpen(Web):
    @unittest.skipUnless(vmagent.tool("vmagent"), "this Debian has no vmagent")
    def test_vmagent_scrapes(self):
        self.write_web()
        self.serve()
        self.check_vmagent()


class Passwords(Web):
    def test_every_path_wants_the_password(self):
        self.write_web(basic_auth_users={"prom": HASH},
                       http_server_config={"headers": {"X-Frame-Options": "deny"}})
        self.serve("--web.enable-lifecycle")
        for path in ("/metrics", "/", "/-/healthy", "/-/ready", "/-/reload", "/unknown"):
            status, headers, _ = self.get(path)
            self.assertEqual((status, headers["WWW-Authenticate"], headers["X-Frame-Options"]),
                             (401, "Basic", "deny"), path)
        self.assertEqual(self.get(headers=basic("prom", PASSWORD))[0], 200)
        self.assertEqual(self.get(headers=basic("prom", WRONG))[0], 401)
        self.assertEqual(self.get(headers=basic("other", PASSWORD))[0], 401)
        self.assertEqual(self.get("/unknown", headers=basic("prom", PASSWORD))[0], 404)

    def test_changed_users_hold_at_once(self):
        self.write_web(basic_auth_users={"prom": HASH})
        self.serve()
        self.assertEqual(self.get(headers=basic("prom", PASSWORD))[0], 200)
        self.write_web(basic_auth_users={"other": HASH})
        self.assertEqual(self.get(headers=basic("prom", PASSWORD))[0], 401)
        self.assertEqual(self.get(headers=basic("other", PASSWORD))[0], 200)

    def test_a_file_that_breaks_closes_the_door_until_it_is_mended(self):
        self.write_web(basic_auth_users={"prom": HASH})
        self.serve()
        self.web.write_text("basic_auth_users: {prom: no-hash}\n", encoding="utf-8")
        self.assertEqual(self.get(headers=basic("prom", PASSWORD))[0], 500)
        self.assertEqual(self.get(headers=basic("prom", PASSWORD))[0], 500)
        self.write_web(basic_auth_users={"prom": HASH})
        self.assertEqual(self.get(headers=basic("prom", PASSWORD))[0], 200)
        self.assertEqual(self.exporter.process.output().count("level=error"), 1,
                         self.exporter.process.output())

    def test_rate_limit(self):
        self.write_web(rate_limit={"interval": "1h", "burst": 2})
        self.serve()
        self.assertEqual([self.get("/-/healthy")[0] for _ in range(3)], [200, 200, 429])


class Encrypted(Web):
    def setUp(self):
        super().setUp()
        self.authority = Authority(self.folder)
        self.certificate, self.key = self.authority.issue("server")

    def tls(self, **more):
        return {"cert_file": str(self.certificate), "key_file": str(self.key), **more}

    def context(self, certificate=None, ca=None):
        context = ssl.create_default_context(cafile=(ca or self.authority).certificate)
        context.check_hostname = False
        if certificate:
            context.load_cert_chain(*certificate)
        return context

    def serve_to_whom_it_knows(self):
        """Wants a certificate and a password. Returns what a scraper needs to have both."""
        self.write_web(tls_server_config=self.tls(client_auth_type="RequireAndVerifyClientCert",
                                                  client_ca_file=str(self.authority.certificate)),
                       basic_auth_users={"prom": HASH})
        self.serve("--log.level=debug")
        certificate, key = self.authority.issue("client", "extendedKeyUsage=clientAuth")
        return {"scheme": "https", "basic_auth": {"username": "prom", "password": PASSWORD},
                "tls_config": {"ca_file": str(self.authority.certificate),
                               "cert_file": str(certificate), "key_file": str(key)}}

    def test_prometheus_scrapes_with_client_certificate_and_password(self):
        scrape = self.serve_to_whom_it_knows()
        prometheus = Prometheus(self, self.exporter.address, **scrape)
        until(lambda: 1 in prometheus.query("up").values(), lambda: "up to be 1: " + str(
            prometheus.targets()))
        with self.assertRaises((ssl.SSLError, ConnectionError)):
            self.get(context=self.context())
        self.exporter.process.wait_for(
            r'msg="TLS handshake failed" peer=\S+ reason="peer did not return a certificate"')

    def test_a_client_that_is_refused_learns_why(self):
        self.serve_to_whom_it_knows()
        host, _, port = self.exporter.address.rpartition(":")
        with socket.create_connection((host, int(port)), timeout=30) as plain:
            with self.context().wrap_socket(plain, server_hostname=host) as connection:
                # In TLS 1.3 the client is done before the server looks at its certificate.
                ended = select.poll()
                ended.register(connection, select.POLLRDHUP)
                self.assertTrue(ended.poll(30_000))
                for _ in range(2):  # The first would bring a reset, the second meet it.
                    connection.sendall(b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n")
                with self.assertRaisesRegex(ssl.SSLError, "(?i)certificate.required"):
                    connection.recv(1)

    @unittest.skipUnless(vmagent.tool("vmagent"), "this Debian has no vmagent")
    def test_vmagent_scrapes_with_client_certificate_and_password(self):
        self.check_vmagent(**self.serve_to_whom_it_knows())

    def test_plain_http_is_told_so(self):
        self.write_web(tls_server_config=self.tls())
        self.serve()
        status, _, body = self.get()
        self.assertEqual((status, body), (400, "Client sent an HTTP request to an HTTPS server.\n"))

    def test_a_new_certificate_holds_from_the_next_handshake_on(self):
        self.write_web(tls_server_config=self.tls())
        self.serve()
        self.assertEqual(self.get(context=self.context())[0], 200)
        other = Authority(self.folder, "other")
        certificate, key = other.issue("fresh")
        os.replace(certificate, self.certificate)
        os.replace(key, self.key)
        self.assertEqual(self.get(context=self.context(ca=other))[0], 200)
        with self.assertRaises(ssl.SSLError):
            self.get(context=self.context())

    def test_a_certificate_that_breaks_ends_no_connection_and_begins_none(self):
        self.write_web(tls_server_config=self.tls())
        self.serve()
        host, _, port = self.exporter.address.rpartition(":")
        old = http.client.HTTPSConnection(host, int(port), context=self.context(), timeout=30)
        self.addCleanup(old.close)
        old.request("GET", "/-/healthy")
        self.assertEqual(old.getresponse().read(), b"Healthy\n")
        good = self.certificate.read_bytes()
        self.certificate.write_text("no certificate\n", encoding="ascii")
        with self.assertRaises((ssl.SSLError, ConnectionError, http.client.HTTPException)):
            self.get(context=self.context())
        self.certificate.write_bytes(good)
        self.assertEqual(self.get(context=self.context())[0], 200)
        self.assertIsNone(self.exporter.process.process.poll())


class Reload(Case):
    def serve(self, *flags):
        self.simulator = Simulator(self)
        self.exporter = Exporter(self, self.simulator.base_url, *flags, ca_file=self.simulator.ca_file)
        self.url = f"http://{self.exporter.address}"
        self.exporter.scrape_when(lambda page: page.value("acronis_up", account="e2e") == 1, "a poll")

    def change(self, change):
        config = json.loads(self.exporter.config.read_text(encoding="utf-8"))
        change(config)
        self.exporter.config.write_text(json.dumps(config), encoding="utf-8")

    def accounts(self):
        return {dict(labels)["account"] for name, labels in self.exporter.scrape().samples
                if name == "acronis_up"}

    def test_it_is_off_unless_enabled(self):
        self.serve()
        self.assertEqual(fetch(f"{self.url}/-/reload").status, 405)
        self.assertEqual(fetch(f"{self.url}/-/reload", "POST").status, 403)

    def test_an_account_is_added_and_removed(self):
        self.serve("--web.enable-lifecycle")
        before = self.exporter.completed()
        self.change(lambda config: config["accounts"].append(
            {**config["accounts"][0], "name": "second"}))
        answer = fetch(f"{self.url}/-/reload", "POST")
        self.assertEqual((answer.status, answer.body), (200, "configuration reloaded\n"))
        self.assertEqual(self.accounts(), {"e2e", "second"})
        self.exporter.scrape_when(lambda page: page.value("acronis_up", account="second") == 1,
                                  "the second to be polled")
        self.change(lambda config: config["accounts"].pop())
        self.exporter.process.process.send_signal(signal.SIGHUP)
        until(lambda: self.accounts() == {"e2e"}, "the second to leave")
        after = self.exporter.completed()
        self.assertEqual({key: after.get(key, 0) >= count for key, count in before.items()},
                         {key: True for key in before})

    def test_a_bad_file_keeps_the_old_one(self):
        self.serve("--web.enable-lifecycle")
        good = self.exporter.config.read_text(encoding="utf-8")
        page = self.exporter.scrape()
        name = "acronis_exporter_config_last_reload_success_timestamp_seconds"
        loaded = page.value(name)
        self.assertEqual(page.value("acronis_exporter_config_last_reload_successful"), 1)
        self.change(lambda config: config["poll"].update(interval="often"))
        answer = fetch(f"{self.url}/-/reload", "POST")
        self.assertEqual(answer.status, 500)
        self.assertIn("poll.interval", answer.body)
        page = self.exporter.scrape()
        self.assertEqual((page.value("acronis_exporter_config_last_reload_successful"),
                          page.value(name)), (0, loaded))
        self.assertIn("the old one goes on", self.exporter.process.output())
        self.exporter.config.write_text(good, encoding="utf-8")
        self.assertEqual(fetch(f"{self.url}/-/reload", "POST").status, 200)
        self.assertEqual(self.exporter.scrape().value("acronis_exporter_config_last_reload_successful"), 1)

    def test_another_store_is_refused_as_such(self):
        self.serve("--web.enable-lifecycle")
        self.change(lambda config: config["store"].update(path=str(self.folder / "other.db")))
        answer = fetch(f"{self.url}/-/reload", "POST")
        self.assertEqual(answer.status, 500)
        self.assertRegex(answer.body, r"store\.path.*restart")


class StartPage(Case):
    def test_it_shows_what_each_account_does(self):
        simulator = Simulator(self)
        exporter = Exporter(self, simulator.base_url, ca_file=simulator.ca_file)

        def shows(*texts):
            page = fetch(f"http://{exporter.address}/").body
            return all(text in page for text in texts) and page

        page = until(lambda: shows(">e2e</th>", "good</span> <time ", ">none</td>"), "a good poll to show")
        counted = sum(exporter.completed().values())
        self.assertIn(f">{counted:,.0f}</td>", page)
        simulator.set_fault("status", value="403", path="tasks")
        until(lambda: shows("failed</span> <time ", "HTTP 403"), "the failure to show")
        self.assertNotIn("<script", page)


class ServiceManager(Case):
    def test_it_is_told_how_things_go(self):
        simulator = Simulator(self)
        address = self.folder / "notify"
        manager = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.addCleanup(manager.close)
        manager.bind(str(address))
        manager.settimeout(60)
        exporter = Exporter(self, simulator.base_url, ca_file=simulator.ca_file, begin=False)
        process = self.start(*exporter.command, environment={
            "NOTIFY_SOCKET": str(address), "WATCHDOG_USEC": "200000"})
        said = []

        def hear(pattern):
            while not re.search(pattern, "\n".join(said), re.M):
                said.append(manager.recv(65536).decode())

        hear(r"^READY=1$")
        hear(r"^STATUS=polling 1 accounts, 1 up, 0 stuck$")
        hear(r"^WATCHDOG=1$")
        process.process.send_signal(signal.SIGHUP)
        hear(r"^RELOADING=1\nMONOTONIC_USEC=\d+$")
        hear(r"(?s)RELOADING=1.*READY=1")
        process.process.send_signal(signal.SIGTERM)
        hear(r"^STOPPING=1$")
        self.assertEqual(process.wait(), 0)

    def test_it_serves_on_a_socket_that_is_passed_on_start_after_start(self):
        simulator = Simulator(self)
        exporter = Exporter(self, simulator.base_url, "--web.systemd-socket",
                            ca_file=simulator.ca_file, begin=False)
        listener = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(listener.close)
        port = listener.getsockname()[1]
        for _ in range(2):
            process = self.pass_on(listener, exporter.command)
            process.wait_for(LISTENING)
            self.assertEqual(fetch(f"http://127.0.0.1:{port}/-/healthy").body, "Healthy\n")
            process.signal(signal.SIGTERM)

    def pass_on(self, listener, command):
        """What a service manager does: descriptor 3, and the number of the process that gets it."""
        script = ("import os, sys; os.dup2(int(sys.argv[1]), 3); os.set_inheritable(3, True); "
                  "os.environ.update(LISTEN_FDS='1', LISTEN_PID=str(os.getpid())); "
                  "os.execv(sys.argv[2], sys.argv[2:])")
        return self.start("/usr/bin/python3", "-c", script, str(listener.fileno()), *command,
                          pass_fds=[listener.fileno()])

    def test_without_one_it_does_not_start(self):
        simulator = Simulator(self)
        exporter = Exporter(self, simulator.base_url, "--web.systemd-socket",
                            ca_file=simulator.ca_file, begin=False)
        exporter.launch()
        self.assertEqual(exporter.process.wait(), 1)
        self.assertIn("--web.systemd-socket", exporter.process.output())


if __name__ == "__main__":
    tap.main()
