"""Debian's collectd with our module or our program in its exec plugin, as nobody where root runs the
tests."""

import contextlib
import os
import pathlib
import re
import shutil
import socket

from harness import CLIENT_ID, ROOT, until
from scrapers import nobody

SHIPPED = ROOT / "plugin/agents/collectd"
BUILT = pathlib.Path(os.environ.get("BUILD_ROOT") or ROOT / "build")
MODULE = BUILT / "plugin/agents/collectd/acronis_tasks.so"
INTERVAL = 1
# The runtime of the sanitizers when the module has them: it has to come before everything else.
# What the daemon leaks is its own.
SANITIZED = (("env", f"LD_PRELOAD={os.environ['COLLECTD_PRELOAD']}", "ASAN_OPTIONS=detect_leaks=0")
             if "COLLECTD_PRELOAD" in os.environ else ())


class Collectd:
    """`blocks` is what stands in its configuration besides what all tests share; {folder} is replaced.
    `module`: the one to load."""

    def __init__(self, case, blocks, module=None, foreground=True, environment=None):
        self.folder, user = nobody(case, f"collectd-{len(os.listdir(case.folder))}")
        self.socket = self.folder / "socket"
        self.pid_file = self.folder / "pid"
        self.log = self.folder / "log"
        self.config = self.folder / "collectd.conf"
        plugins = self.folder / "plugins"
        plugins.mkdir()
        for name in ("unixsock", "csv", "exec", "threshold", "logfile"):
            shutil.copy(f"/usr/lib/collectd/{name}.so", plugins)
        if module:
            shutil.copy(module, plugins / "acronis_tasks.so")
        self.config.write_text(f"""
Hostname "h1"
FQDNLookup false
Interval {INTERVAL}
BaseDir "{self.folder}"
PIDFile "{self.pid_file}"
PluginDir "{plugins}"
LoadPlugin logfile
<Plugin logfile>
  File "{self.log}"
  Timestamp true
</Plugin>
{blocks.format(folder=self.folder)}
LoadPlugin unixsock
<Plugin unixsock>
  SocketFile "{self.socket}"
  SocketPerms "0777"
</Plugin>
""", encoding="utf-8")
        self.command = [*user, *SANITIZED, "/usr/sbin/collectd", *(("-f",) if foreground else ()),
                        "-C", self.config]
        self.process = case.start(*self.command, environment=environment)

    def logged(self):
        return self.log.read_text(encoding="utf-8") if self.log.exists() else ""

    def wait_for_log(self, pattern):
        return until(lambda: re.search(pattern, self.logged()),
                     lambda: f"{pattern} in\n{self.logged()}\n{self.process.output()}")

    def daemon(self):
        """The process id of the daemon that has put itself into the background."""
        return int(until(lambda: self.pid_file.exists() and self.pid_file.read_text().strip(),
                         lambda: f"a daemon\n{self.process.output()}\n{self.logged()}"))

    def ask(self, command):
        """The lines that answer a command; none while the socket is not there."""
        with contextlib.closing(socket.socket(socket.AF_UNIX)) as asked:
            try:
                asked.connect(str(self.socket))
            except OSError:
                return []
            asked.sendall(f"{command}\n".encode())
            with asked.makefile(encoding="utf-8") as file:
                head = file.readline()
                number = re.match(r"-?\d+", head)
                return [file.readline().rstrip("\n") for _ in range(int(number.group()))]

    def names(self):
        """Every value there is."""
        return {line.split(" ", 1)[1] for line in self.ask("LISTVAL")}

    def value(self, name):
        """The newest value, for a counter its rate; None while there is none."""
        answer = self.ask(f'GETVAL "h1/{name}"')
        return float(answer[0].split("=")[1]) if answer and "NAN" not in answer[0].upper() else None


def module_blocks(account, **changed):
    """The shipped configuration of the module with another account: `account` is an Exporter that was
    not begun."""
    text = (SHIPPED / "acronis_tasks.conf").read_text(encoding="utf-8")
    values = {"Store": "{folder}/ledger.db", "PollInterval": "1s",
              "BaseURL": account.base_url, "ClientID": CLIENT_ID,
              "ClientSecretFile": str(account.secret_file), **changed}
    for word, value in values.items():
        text, found = re.subn(rf'^(\s*){word} ".*"', rf'\1{word} "{value}"', text, flags=re.M)
        assert found == 1, word
    further = f'    CAFile "{account.ca_file}"\n    Option "poll.settle" "0s"\n'
    return text.replace("    # CAFile \"/etc/ssl/own-ca.pem\"\n", further).replace(
        'SuccessCodes "ok,warning"', 'SuccessCodes "ok,warning"\n  SeriesHold "0s"')
