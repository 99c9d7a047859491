"""The real Icinga 2 with the shipped check command."""

import json
import re
import signal

from scene import EXAMPLES, FAILED, AgentCase
import tap
from harness import PROGRAM, until

EXAMPLE = "icinga2/acronis-tasks.conf"
OK, WARNING, CRITICAL, UNKNOWN = "0", "1", "2", "3"


class Icinga(AgentCase):
    user = "nagios"  # It runs as this account only.

    def setUp(self):
        super().setUp()
        self.written = self.folder_of_agent("perfdata")
        example = self.example(EXAMPLE, ("_interval = 1m", "_interval = 1s"))
        folders = {name: self.folder_of_agent(name.lower())
                   for name in ("DataDir", "LogDir", "CacheDir", "SpoolDir", "InitRunDir")}
        for path in (folders["DataDir"] / "certs", folders["CacheDir"] / "perfdata",
                     folders["SpoolDir"] / "perfdata", folders["SpoolDir"] / "tmp"):
            path.mkdir()
            self.hand_over(path)
        main = self.give("icinga2.conf", self.main(example))
        self.agent = self.start_agent(
            "icinga2", "daemon", "-c", main,
            *(word for name, path in folders.items() for word in ("-D", f"{name}={path}")),
            "-D", "RunAsUser=nagios", "-D", "RunAsGroup=nagios")
        # Its workers outlive a kill of the first process.
        self.addCleanup(self.agent.signal, signal.SIGTERM)

    def main(self, example):
        text = json.dumps
        line = r"$service.name$\t$service.state_id$\t$service.perfdata$\t$service.output$"
        return f"""
const NodeName = "agent"
include <itl>
object CheckerComponent "checker" {{}}
object PerfdataWriter "perfdata" {{
  host_perfdata_path = {text(str(self.written / "host"))}
  service_perfdata_path = {text(str(self.written / "service"))}
  host_temp_path = {text(str(self.home / "perfdata" / "tmp-host"))}
  service_temp_path = {text(str(self.home / "perfdata" / "tmp-service"))}
  service_format_template = "{line}"
  rotation_interval = 1s
}}
include {text(str(example))}
object Host "backup" {{
  check_command = "dummy"
  vars.acronis_from = {text(self.page)}
}}
object Service "backups" {{
  host_name = "backup"
  check_command = "acronis_tasks"
  check_interval = 1s
  vars.acronis_from = {text(self.page)}
  vars.acronis_queues = [ "backup", "restore" ]
  vars.acronis_result_codes = [ "ok" ]
  vars.acronis_since = "24h"
  vars.acronis_critical = "1:"
}}
object Host "cloud" {{
  check_command = "dummy"
}}
object Service "api" {{
  host_name = "cloud"
  check_command = "acronis_tasks"
  check_interval = 1s
  retry_interval = 1s
  vars.acronis_config_file = {text(str(self.configuration()))}
  vars.acronis_warning = "0"
  vars.acronis_critical = "5"
}}
object Service "lenient" {{
  host_name = "cloud"
  check_command = "acronis_tasks"
  check_interval = 1s
  vars.acronis_config_file = {text(str(self.home / "exporter.yml"))}
  vars.acronis_success_codes = [ "ok", "error" ]
}}
"""

    def results(self):
        """Every (service, state, performance data, output) written so far."""
        rows = []
        for path in sorted(self.written.glob("service.*")):
            rows += [line.rstrip().split("\t", 3) for line in path.read_text("utf-8").splitlines()]
        return [row for row in rows if len(row) == 4]

    def wait_for(self, service, state, said):
        def seen():
            return next((row for row in reversed(self.results())
                         if row[:2] == [service, state] and re.search(said, row[3])), None)
        return until(seen, lambda: f"{service} to be {state} with {said!r}: {self.results()[-5:]}\n"
                                   f"{self.agent.output()[-3000:]}")

    def test_states_and_performance_data(self):
        # Of the host that has vars.acronis_from.
        applied = self.wait_for("acronis-tasks", WARNING, "^ACRONIS_TASKS WARNING - 1 of 2 tasks")
        self.assertIn("failed=1;0;5;0 completed=2;;;0", applied[2])
        self.wait_for("backups", OK, "tasks ended with ok in the last ")
        api = self.wait_for("api", WARNING, f"- {FAILED} of 5 tasks failed in 1h$")
        self.assertEqual(api[2], f"failed={FAILED};0;5;0 completed=5;;;0 backup/error={FAILED};;;0")
        self.wait_for("lenient", OK, "- 0 of 5 tasks failed in 1h$")
        self.fail_tasks(7)
        self.wait_for("api", CRITICAL, f"^ACRONIS_TASKS CRITICAL - {FAILED + 7} of 12 tasks")
        self.simulator.process.end()
        self.wait_for("api", UNKNOWN, "^ACRONIS_TASKS UNKNOWN - account e2e: ")

    def test_has_a_variable_for_each_flag(self):
        usage = self.start(PROGRAM, "check", "--help")
        usage.wait()
        flags = set(re.findall(r"^ +(?:-\w,)?(--[\w.-]+)", "".join(usage.stdout), re.M))
        shipped = set(re.findall(r'^ +"(--[\w.-]+)" =', (EXAMPLES / EXAMPLE).read_text("utf-8"), re.M))
        self.assertEqual(shipped, flags - {"--help", "--value", "--lld"})


if __name__ == "__main__":
    tap.main()
