"""Debian's netdata with our plugin alone, as nobody where root runs the tests."""

import glob
import json
import os
import shutil
import urllib.parse

from harness import PROGRAM, ROOT, fetch, free_port, until
from scrapers import nobody

SHIPPED = ROOT / "plugin/agents/netdata"
PLUGIN = "acronis-tasks.plugin"


class Netdata:
    """Shows what the shipped plugin gives it every second; `environment` is the plugin's."""

    def __init__(self, case, config, alarms=None):
        self.folder, self.prefix = nobody(case, "netdata")
        for name in ("plugins", "health.d", "cache", "lib", "log", "conf"):
            (self.folder / name).mkdir()
        shutil.copy2(SHIPPED / PLUGIN, self.folder / "plugins")
        shutil.copy2(config, self.folder / "conf" / "acronis-tasks.yaml")
        if alarms:
            (self.folder / "health.d" / "acronis_tasks.conf").write_text(alarms, encoding="utf-8")
        self.url = f"http://127.0.0.1:{free_port()}"
        (self.folder / "netdata.conf").write_text(self.configuration(), encoding="utf-8")
        if self.prefix:
            for path in self.folder.rglob("*"):
                os.chown(path, *case_owner(self.folder))
        self.process = case.start(
            *self.prefix, "/usr/sbin/netdata", "-D", "-c", self.folder / "netdata.conf",
            environment={"ACRONIS_TASK_EXPORTER": os.path.abspath(PROGRAM), "DISABLE_TELEMETRY": "1",
                         "HOME": str(self.folder)})
        until(self.charts, lambda: f"charts\n{self.process.output()}")

    def configuration(self):
        address = self.url.removeprefix("http://")
        return f"""[global]
    run as user = {"nobody" if self.prefix else os.environ.get("USER", "root")}
[db]
    mode = ram
    retention = 600
[directories]
    config = {self.folder}/conf
    stock config = {self.folder}/conf
    plugins = {self.folder}/plugins
    cache = {self.folder}/cache
    lib = {self.folder}/lib
    log = {self.folder}/log
    health config = {self.folder}/health.d
    stock health config = {self.folder}/health.d
    web = /usr/share/netdata/web
    home = {self.folder}
[logs]
    access = none
    error = stderr
    debug = none
[web]
    bind to = {address}
[health]
    enabled = yes
    silencers file = {self.folder}/lib/silencers.json
    script to execute on alarm = /bin/true
[ml]
    enabled = no
[registry]
    enabled = no
[plugins]
    PATH environment variable = {os.environ["PATH"]}
    enable running new plugins = no
    timex = no
    idlejitter = no
    proc = no
    diskspace = no
    cgroups = no
    tc = no
    statsd = no
    netdata monitoring = no
    acronis-tasks = yes
"""

    def get(self, path, **query):
        answer = fetch(f"{self.url}/api/v1/{path}?{urllib.parse.urlencode(query)}")
        return json.loads(answer.body) if answer.status == 200 else {}

    def charts(self, context="acronis_tasks.up"):
        """{id: chart} of a context; empty while netdata does not answer yet."""
        try:
            charts = self.get("charts").get("charts", {})
        except OSError:
            return {}
        return {name: chart for name, chart in charts.items() if chart["context"] == context}

    def values(self, chart, seconds, **query):
        """[{dimension: value}] of the last seconds, the oldest first; None is no value."""
        data = self.get("data", chart=chart, after=-seconds, format="json", **query)
        names = data.get("labels", [])[1:]
        return [dict(zip(names, row[1:])) for row in reversed(data.get("data", []))]

    def alarms(self):
        """{(alarm, chart): alarm} of those that are raised."""
        return {(alarm["name"], alarm["chart"]): alarm
                for alarm in self.get("alarms").get("alarms", {}).values()}

    def child(self):
        """The process id of our program; 0 while there is none."""
        found = [pid for pid in descendants(self.process.pid)
                 if b"--format=netdata" in contents(f"/proc/{pid}/cmdline").split(b"\0")
                 and contents(f"/proc/{pid}/comm").startswith(b"acronis_task_ex")]
        return found[0] if found else 0


def contents(path):
    """Of a process that may be gone."""
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError:
        return b""


def descendants(pid):
    """The process ids of a process's children, and of theirs."""
    for path in glob.glob(f"/proc/{pid}/task/*/children"):
        for child in contents(path).split():
            yield int(child)
            yield from descendants(int(child))


def case_owner(folder):
    stat = folder.stat()
    return stat.st_uid, stat.st_gid
