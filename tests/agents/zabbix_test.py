"""The real Zabbix agent 2 with the shipped parameters."""

import contextlib
import json
import random
import socket

from scene import AgentCase
import tap
from harness import until


def free_low_port():
    """Free, and of those that the agent accepts: 1024 to 32767."""
    for port in random.sample(range(20000, 32000), 100):
        with contextlib.suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port
    raise AssertionError("no free port")


class Zabbix(AgentCase):
    further = ("twin",)

    def setUp(self):
        super().setUp()
        self.port = free_low_port()
        sockets = self.folder_of_agent("sockets")
        config = self.give("zabbix_agent2.conf", "\n".join((
            "LogType=console", "Server=127.0.0.1", "Hostname=backup", "ListenIP=127.0.0.1",
            f"ListenPort={self.port}", "Timeout=5", f"PidFile={sockets}/pid",
            f"ControlSocket={sockets}/control", f"PluginSocket={sockets}/plugin",
            f"Include={self.example('zabbix/userparameter.conf')}", "")))
        self.agent = self.start_agent("zabbix_agent2", "-c", config)
        until(lambda: self.get("agent.ping") == "1", self.agent.output)

    def get(self, key):
        process = self.start("zabbix_get", "-s", "127.0.0.1", "-p", self.port, "-k", key)
        process.wait()
        return "".join(process.stdout).strip()

    def test_items_and_discovery(self):
        rows = json.loads(self.get("acronis.tasks.discovery"))
        self.assertEqual(len(rows), 14)
        for account in ("e2e", "twin"):
            self.assertIn({"{#ACCOUNT}": account, "{#QUEUE}": "backup", "{#RESULT_CODE}": "error"}, rows)
        self.assertEqual(self.get("acronis.tasks.failed[1h]"), "2")
        self.assertEqual(self.get("acronis.tasks.total[1h]"), "4")
        self.assertEqual(self.get("acronis.tasks.count[1h,backup,ok,e2e]"), "1")
        self.fail_tasks(7)
        self.assertEqual(self.get("acronis.tasks.failed[1h]"), "14")
        self.assertEqual(self.get("acronis.tasks.total[1h]"), "16")
        self.assertEqual(self.get("acronis.tasks.count[1h,backup,ok,e2e]"), "1")
        self.assertEqual(self.get("acronis.tasks.count[1h,restore,error,e2e]"), "0")
        self.assertIn("other", self.get("acronis.tasks.count[1h,backup,ok,other]"))
        # All parameters must be given.
        self.assertNotRegex(self.get("acronis.tasks.count[1h,backup,ok]"), r"^\d")

    def test_no_number_when_the_exporter_does_not_know(self):
        self.exporter.process.end()
        answer = self.get("acronis.tasks.failed[1h]")
        self.assertIn("Connection refused", answer)
        self.assertNotRegex(answer, r"^\d")
        self.assertNotRegex(self.get("acronis.tasks.failed[yesterday]"), r"^\d")


if __name__ == "__main__":
    tap.main()
