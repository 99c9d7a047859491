"""The ledger: what counting once and durably costs."""

import collections

from programs import BENCH, MILLION, RUNS, STORES, clear, merge
from programs import measure as run
from table import Row

RUNS_OF_LONG = 3  # Of those that take more than 20 s.


def measure(benchmark, *numbers):
    return run(BENCH / "ledger_bench", benchmark, STORES, *numbers)


def commits():
    clear()
    got = measure("commits", 3 * RUNS)
    what = "Durable commits of 100 new tasks in 10 queues"
    return [
        Row(what, "/s", got["commits_per_s"], peer="append 4 KiB and fsync",
            peer_values=got["appends_per_s"], ratios=got["commits_to_appends"], least_ratio=0.65),
        Row(what, "/s", got["commits_per_s"], peer="bare SQLite",
            peer_values=got["bare_commits_per_s"]),
    ]


def tasks():
    got = collections.defaultdict(list)
    for _ in range(RUNS):
        clear()
        merge(got, measure("tasks", MILLION // 2))
    return [
        Row("CPU for a new task, 500 a page, while the store grows to 500,000 ids", "us",
            got["new_us"], at_most=2.5, peer="bare SQLite", peer_values=got["bare_new_us"]),
        Row("CPU for a new task while an old one is forgotten", "us", got["forgetting_us"]),
        Row("CPU for a task that was counted before", "us", got["known_us"]),
    ]


def filled(ids, runs):
    """Stores of this many ids: made, and opened."""
    got = collections.defaultdict(list)
    for _ in range(runs):
        clear()
        empty = (measure("fill", 0), measure("open"))[1]["resident_bytes"][0]
        clear()
        merge(got, measure("fill", ids))
        merge(got, measure("fill-bare", ids), "bare_")
        merge(got, measure("open"))
        merge(got, measure("open-bare"), "bare_")
        got["resident_bytes"][-1] -= empty
    for name in ("file_bytes", "seen_bytes", "resident_bytes", "bare_file_bytes",
                 "bare_resident_bytes"):
        got[name] = [value / ids for value in got[name]]
    return got


def remembering(ids, runs, goal_for_opening):
    got = filled(ids, runs)
    name = f"{ids // MILLION} million ids"
    return [
        Row(f"Disk for an id, {name}", "B", got["file_bytes"], at_most=25,
            peer="bare SQLite", peer_values=got["bare_file_bytes"]),
        Row(f"Memory for an id, {name}, by its own account", "B", got["seen_bytes"], at_most=40),
        Row(f"Memory for an id, {name}, growth of the process", "B", got["resident_bytes"],
            at_most=40, peer="`std::unordered_map`", peer_values=got["bare_resident_bytes"]),
        Row(f"CPU of a start, {name}, all checks included", "s", got["open_s"],
            at_most=goal_for_opening, peer="bare SQLite, read into a map",
            peer_values=got["bare_open_s"]),
    ]


def publish():
    clear()
    got = measure("publish", RUNS)
    def in_ms(name):
        return [value / 1000 for value in got[name]]
    return [
        Row("CPU of a whole commit that changes 50 counters among 100,000 series", "ms",
            in_ms("large_us"), at_most=1, peer="a ledger of these queues alone",
            peer_values=in_ms("small_us")),
        Row("CPU of the last part of it: applying the change and publishing", "ms",
            in_ms("published_us"), at_most=1),
    ]


BENCHMARKS = {
    "commits": commits,
    "tasks": tasks,
    "million": lambda: remembering(MILLION, RUNS, 2),
    "millions": lambda: remembering(10 * MILLION, RUNS_OF_LONG, None),
    "publish": publish,
}
