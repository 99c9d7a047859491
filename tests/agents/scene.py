"""What monitoring agents look at: a simulator, an exporter, and a place of the agent's own."""

import json
import os
import pathlib
import pwd
import shutil
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))

from harness import (CLIENT_ID, PROGRAM, ROOT, SECRET, Case, Exporter, Simulator,  # noqa: E402
                     seconds_ago)

EXAMPLES = ROOT / "plugin" / "agents"
INSTALLED = "@bindir@/acronis_task_exporter"
USUAL_PAGE = "http://localhost:10977/metrics"
FAILED, SUCCEEDED = 3, 2


class AgentCase(Case):
    """Three tasks of the queue backup failed, two succeeded; an exporter has counted them. `home`
    is a folder of `user`, to whom the agent belongs. `further` accounts see the same tasks."""

    user = "nobody"
    further = ()

    def setUp(self):
        super().setUp()
        self.account = pwd.getpwnam(self.user)
        self.home = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory(prefix="agent-")))
        self.home.chmod(0o755)
        self.program = self.home / "acronis_task_exporter"
        shutil.copy(PROGRAM, self.program)
        self.simulator = Simulator(self, rate=0)
        for code, count in (("error", FAILED), ("ok", SUCCEEDED)):
            self.simulator.add_tasks(queue="backup", result_code=code, count=count,
                                     completed_at=seconds_ago(600))
        self.exporter = Exporter(self, self.simulator.base_url, ca_file=self.simulator.ca_file,
                                 others=[(name, self.simulator.base_url) for name in self.further])
        accounts = 1 + len(self.further)
        self.exporter.scrape_when(
            lambda page: sum(page.sum("acronis_tasks_completed_total").values()) == 5 * accounts
            and page.sum("acronis_up") == {(): accounts}, "all tasks")
        self.page = f"http://{self.exporter.address}/metrics"

    def give(self, name, text=""):
        """A file in the agent's place."""
        path = self.home / name
        path.write_text(text, encoding="utf-8")
        self.hand_over(path)
        return path

    def folder_of_agent(self, name):
        path = self.home / name
        path.mkdir()
        self.hand_over(path)
        return path

    def hand_over(self, path):
        os.chown(path, self.account.pw_uid, self.account.pw_gid)

    def example(self, name, *changes):
        """The shipped file, for the program and the exporter of this test."""
        text = (EXAMPLES / name).read_text(encoding="utf-8")
        assert INSTALLED in text, name
        for old, new in ((INSTALLED, str(self.program)), (USUAL_PAGE, self.page), *changes):
            text = text.replace(old, new)
        return self.give(pathlib.Path(name).name, text)

    def configuration(self):
        """For checks that ask the API."""
        secret = self.give("client.secret", SECRET)
        secret.chmod(0o600)
        authority = self.give("ca.pem", pathlib.Path(self.simulator.ca_file).read_text("utf-8"))
        return self.give("exporter.yml", json.dumps({"accounts": [{  # JSON is YAML.
            "name": "e2e", "base_url": self.simulator.base_url, "client_id": CLIENT_ID,
            "client_secret_file": str(secret), "ca_file": str(authority)}]}))

    def start_agent(self, *command):
        """As the agent's user, who has no home."""
        return self.start("setpriv", f"--reuid={self.account.pw_uid}",
                          f"--regid={self.account.pw_gid}", "--clear-groups", *command,
                          environment={"HOME": "/nonexistent", "XDG_CACHE_HOME": "",
                                       "XDG_STATE_HOME": str(self.folder_of_agent("state"))})

    def fail_tasks(self, count):
        """More tasks fail now; waits until the exporter has counted them."""
        before = self.exporter.completed().get(("backup", "error"), 0)
        self.simulator.add_tasks(queue="backup", result_code="error", count=count)
        self.exporter.scrape_when(
            lambda page: page.sum("acronis_tasks_completed_total", by=("result_code",))
            .get(("error",)) == before + count * (1 + len(self.further)), "tasks that failed")
