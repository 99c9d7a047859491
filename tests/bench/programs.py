"""The programs that measure, and how they are run."""

import collections
import os
import pathlib
import shutil
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
BENCH = ROOT / "build/tests/bench"
EXPORTER = ROOT / "build/exporter/acronis_task_exporter"
STORES = BENCH / "stores"

RUNS = 5
MILLION = 1_000_000


def build():
    subprocess.run(["bash", "-c", """
        set -euo pipefail
        root=$1
        source "$root/tests/lib/build.sh"
        configure build -Dtests=true
        compile build tests/bench/ledger_bench tests/bench/fetch_bench \
          tests/bench/scrape_bench exporter/acronis_task_exporter""", "bash", ROOT], check=True)


def clear():
    shutil.rmtree(STORES, ignore_errors=True)
    STORES.mkdir(parents=True)


def tell(*words, sep=" "):
    print(*words, sep=sep, file=sys.stderr, flush=True)


def read_values(lines):
    """Lists of values by name, from lines of a name and a number."""
    values = collections.defaultdict(list)
    for line in lines:
        name, _, value = line.rstrip("\n").rpartition(" ")
        values[name].append(float(value))
    return values


def measure(program, *arguments, between=None):
    """What one run of a program reports, with `cpu_s` and `wall_s` of the whole of it.

    `between`: before it goes on after each report of a poll it waits for this to be done.
    """
    command = [str(word) for word in (program, *arguments)]
    tell(pathlib.Path(command[0]).name, *command[1:])
    began = time.monotonic()
    # Nothing of what this machine says about proxies and certificates.
    run = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                           env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"})
    lines = []
    for line in run.stdout:
        lines.append(line)
        if between and line.startswith("poll_wall_s ") and between():
            run.stdin.write("\n")
            run.stdin.flush()
    _, status, usage = os.wait4(run.pid, 0)
    run.returncode = os.waitstatus_to_exitcode(status)
    run.stdin.close()
    if run.returncode != 0:
        sys.exit(f"{command} ended with code {run.returncode}")
    values = read_values(lines)
    values["cpu_s"] = [usage.ru_utime + usage.ru_stime]
    values["wall_s"] = [time.monotonic() - began]
    return values


def merge(into, values, prefix=""):
    for name, several in values.items():
        into[prefix + name] += several


def totals(values):
    """What a client counted, or who made the tasks: one number by name."""
    return {name: several[-1] for name, several in values.items() if ":" in name}


def check_totals(made, values, who):
    if totals(values) != made:
        wrong = sorted(name for name in {*made, *totals(values)}
                       if made.get(name) != totals(values).get(name))
        sys.exit(f"{who} has not counted what was served: " + ", ".join(
            f"{name} {totals(values).get(name)} instead of {made.get(name)}"
            for name in wrong[:5]))
