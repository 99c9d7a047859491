"""Many accounts in one process, as it goes on for months."""

import json
import os
import re
import threading

from programs import EXPORTER, RUNS, STORES, clear, tell
from servers import harness, simulator
from table import Row

ACCOUNTS = 500
TASKS_A_MINUTE = 10
QUEUES = 10
BASELINE_PAGE = 500
MINUTE = 60
MIB = 1 << 20
TICKS = os.sysconf("SC_CLK_TCK")


def cpu_seconds(pid):
    with open(f"/proc/{pid}/stat", encoding="ascii") as stat:
        fields = stat.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def resident_bytes(pid, which="VmRSS"):
    with open(f"/proc/{pid}/status", encoding="ascii") as status:
        return int(re.search(rf"^{which}:\s+(\d+)", status.read(), re.M).group(1)) * 1024


def configuration(server, start):
    account = {"base_url": server.url, "client_id": "bench",
               "client_secret_file": str(server.secret_file), "ca_file": str(server.ca)}
    return json.dumps({  # JSON is YAML.
        "accounts": [{"name": f"account-{number}", **account} for number in range(ACCOUNTS)],
        "poll": {"start": start},
        "store": {"path": str(STORES / "ledger.db"), "guard_path": str(STORES / "ledger.guard")},
    })


def metric(page, name, labels=""):
    """The sum of all samples of that name whose labels have these words."""
    return sum(float(line.rpartition(" ")[2]) for line in page.splitlines()
               if line.startswith((name + "{", name + " ")) and labels in line)


def own_metrics(address):
    return harness.fetch(f"http://{address}/metrics", timeout=120).body


def polls(page):
    assert metric(page, "acronis_exporter_polls_total", 'result="error"') == 0, "polls failed"
    return metric(page, "acronis_exporter_polls_total")


def steady():
    """Values of one minute each, taken once every account has read its baseline."""
    clear()
    # The first poll of each account reads full pages, the first of which has as many tasks as fit.
    baseline = 2.4 * BASELINE_PAGE
    seconds = round(baseline / TASKS_A_MINUTE * MINUTE)
    got = {"cores": [], "resident": [], "polls": []}
    with simulator(f"--history={seconds + 3600}s", f"--rate={TASKS_A_MINUTE / MINUTE}",
                   f"--queues={QUEUES}") as server:
        path = STORES / "exporter.yml"
        path.write_text(configuration(server, f"{seconds}s"), encoding="utf-8")
        exporter = harness.Process(
            [EXPORTER, f"--config.file={path}", "--web.listen-address=127.0.0.1:0"])
        try:
            measure_minutes(exporter, got)
        finally:
            exporter.end()
    return got


def measure_minutes(exporter, got):
    address = exporter.wait_for(r"address=\"?([0-9.]+:\d+)").group(1)
    pause = threading.Event()
    tell(f"{ACCOUNTS} accounts: reading the baselines")
    pause.wait(2 * MINUTE)
    before = polls(own_metrics(address))
    assert before >= ACCOUNTS, f"only {before:.0f} polls"
    # What the scrape has taken is given back before it is measured.
    pause.wait(MINUTE)
    for _ in range(RUNS):
        used = cpu_seconds(exporter.pid)
        pause.wait(MINUTE)
        got["cores"].append((cpu_seconds(exporter.pid) - used) / MINUTE)
        got["resident"].append(resident_bytes(exporter.pid))
        tell(f"  {got['cores'][-1]:.4f} cores, {got['resident'][-1] / MIB:.1f} MiB")
    after = polls(own_metrics(address))
    expected = ACCOUNTS * (RUNS + 1)
    assert after - before >= 0.98 * expected, f"{after - before:.0f} polls of {expected}"


def many_accounts():
    got = steady()
    name = f"{ACCOUNTS} accounts with {TASKS_A_MINUTE} tasks a minute each, polled every minute"
    return [
        Row(f"CPU of one core, {name}", "%", [100 * cores for cores in got["cores"]], at_most=5),
        Row("Memory of the process, the same", "MiB",
            [resident / MIB for resident in got["resident"]], at_most=200),
    ]


BENCHMARKS = {"accounts": many_accounts}
