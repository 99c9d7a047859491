"""The real Nagios 4 with the shipped commands."""

import re

from scene import FAILED, AgentCase
import tap
from harness import until

OK, WARNING, CRITICAL, UNKNOWN = "0", "1", "2", "3"


class Nagios(AgentCase):
    def setUp(self):
        super().setUp()
        self.status = self.home / "status.dat"
        objects = self.give("objects.cfg", self.objects())
        commands = self.example("nagios/commands.cfg")
        for folder in ("tmp", "results", "archives"):
            self.folder_of_agent(folder)
        self.nagios = self.give("nagios.cfg", "\n".join((
            f"cfg_file={commands}", f"cfg_file={objects}", f"status_file={self.status}",
            *(f"{name}={self.home}/{name}" for name in (
                "log_file", "object_cache_file", "precached_object_file", "lock_file", "temp_file",
                "state_retention_file", "command_file", "query_socket")),
            f"temp_path={self.home}/tmp", f"check_result_path={self.home}/results",
            f"log_archive_path={self.home}/archives",
            f"nagios_user={self.account.pw_name}", f"nagios_group={self.account.pw_gid}",
            "check_external_commands=0", "interval_length=1", "status_update_interval=1",
            "service_inter_check_delay_method=n", "enable_notifications=0",
            "service_check_timeout=60", "")))
        self.hand_over(self.home)
        self.agent = self.start_agent("nagios4", self.nagios)

    def objects(self):
        def service(name, command):
            return (f"define service {{\n host_name backup\n service_description {name}\n"
                    f" check_command {command}\n max_check_attempts 1\n check_interval 1\n"
                    " retry_interval 1\n check_period always\n notifications_enabled 0\n}\n")
        return (
            "define timeperiod {\n timeperiod_name always\n alias always\n"
            + "".join(f" {day} 00:00-24:00\n" for day in (
                "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"))
            + "}\ndefine host {\n host_name backup\n address 127.0.0.1\n max_check_attempts 1\n"
            " active_checks_enabled 0\n check_period always\n notifications_enabled 0\n}\n"
            "define command {\n command_name none\n command_line /bin/true\n}\n"
            "define contact {\n contact_name somebody\n"
            + "".join(f" {kind}_notification_period always\n {kind}_notification_commands none\n"
                      for kind in ("host", "service"))
            + "}\n" + service("tasks", f"check_acronis_tasks!{self.page}!0!5")
            + service("backups", f"check_acronis_success!{self.page}!backup!24h!1")
            + service("api", f"check_acronis_tasks_api!{self.configuration()}!0!5"))

    def services(self):
        """{description: {key: value}} of the last status file."""
        text = self.status.read_text("utf-8") if self.status.exists() else ""
        blocks = [dict(re.findall(r"^\s*(\w+)=(.*)$", block, re.M))
                  for block in re.findall(r"^servicestatus \{\n(.*?)^\s*\}", text, re.M | re.S)]
        return {block["service_description"]: block for block in blocks
                if block.get("has_been_checked") == "1"}

    def wait_for(self, service, state, said):
        def seen():
            block = self.services().get(service, {})
            found = block.get("current_state") == state and re.search(said, block["plugin_output"])
            return block if found else None
        return until(seen, lambda: f"{service} to be {state} with {said!r}: {self.services()}\n"
                                   f"{self.agent.output()[-3000:]}")

    def test_states_and_performance_data(self):
        api = self.wait_for("api", WARNING,
                            rf"^ACRONIS_TASKS WARNING - {FAILED} of 5 tasks failed in 1h$")
        self.assertEqual(api["performance_data"],
                         f"failed={FAILED};0;5;0 completed=5;;;0 'backup/error'={FAILED};;;0")
        self.assertEqual(api["long_plugin_output"], f"backup: {FAILED} of 5")
        self.wait_for("backups", OK, "tasks ended with ok in the last")
        self.wait_for("tasks", WARNING,
                      r"- 1 of 2 tasks failed in the last \w+, since the first check$")
        self.fail_tasks(7)
        critical = self.wait_for("tasks", CRITICAL,
                                 "^ACRONIS_TASKS CRITICAL - 7 of [78] tasks failed")
        self.assertIn("failed=7;0;5;0 ", critical["performance_data"])
        self.simulator.process.end()
        self.wait_for("api", UNKNOWN, "^ACRONIS_TASKS UNKNOWN - account e2e: ")
        self.exporter.process.end()
        self.wait_for("tasks", UNKNOWN, "^ACRONIS_TASKS UNKNOWN - .*Connection refused")


if __name__ == "__main__":
    tap.main()
