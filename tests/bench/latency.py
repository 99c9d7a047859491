"""A server that takes its time: pages read one after another, and side by side."""

import collections
import threading
import time

from fetch import MIB
from programs import RUNS, STORES, clear, measure, merge
from servers import FETCH_BENCH, simulator
from table import Row

SESSIONS = 16
PAGE_SIZE = 100
PAGES_OF_A_SESSION = 200
# Of the memory: full pages, so that a session holds as much as it ever does.
FULL_PAGE = 500
# Long, so that few tasks are in flight at any time: their listing is read by one session.
HISTORY = 32 * 24 * 3600
APPEARING = 50  # Seconds, as the simulator has it and a little more.


def stand_still(server):
    """The time of the simulated world stops, so that what was read can be held against what there
    was. Tasks that completed before appear for a while."""
    server.control("PUT", "/faults/frozen", {"count": -1})
    server.stood_still = int(time.time())
    read(server, server.stood_still - 1)  # Its first request is what stops it.
    threading.Event().wait(APPEARING)
    server.truth(server.stood_still - 1, server.stood_still)


def read(server, start, *arguments):
    clear()
    return measure(FETCH_BENCH, "poll", f"--url={server.url}", f"--ca={server.ca}",
                   f"--store={STORES}", "--client-secret=" + server.secret, f"--start={start}",
                   *arguments)


def poll(server, seconds, *arguments):
    """Reads what completed in the last so many seconds before the world stood still."""
    start = server.stood_still - seconds
    values = read(server, start, *arguments)
    made = server.truth(start, int(values["read_to_s"][0]))
    counted = {name: number[0] for name, number in values.items() if name.startswith("tasks:")}
    assert counted == made, f"counted {sum(counted.values())} of {sum(made.values())}"
    values["tasks"] = [sum(counted.values())]
    return values


def waiting(latency_ms):
    """As many pages for each session, whether there is one or there are many."""
    alone, together = [], []
    tasks = SESSIONS * PAGES_OF_A_SESSION * PAGE_SIZE
    with simulator(f"--history={HISTORY}s", f"--rate={tasks / HISTORY}") as server:
        stand_still(server)
        server.control("PUT", "/faults/latency", {"value": str(latency_ms), "count": -1})
        for _ in range(RUNS):
            for sessions, rates in ((1, alone), (SESSIONS, together)):
                values = poll(server, HISTORY * sessions // SESSIONS,
                              f"--page-size={PAGE_SIZE}", f"--concurrency={sessions}")
                rates.append(values["tasks"][0] / values["poll_wall_s"][0])
    limit = PAGE_SIZE / (latency_ms / 1000)
    return [
        Row(f"Tasks per second, {latency_ms} ms and {PAGE_SIZE} tasks a page, one session", "/s",
            alone, peer="the page size through the latency", peer_values=[limit],
            least_ratio=0.93),
        Row(f"The same with {SESSIONS} sessions", "/s", together, peer="one session",
            peer_values=alone, ratios=[a / b for a, b in zip(together, alone, strict=True)],
            least_ratio=14),
    ]


def memory_of_sessions():
    """What each session beyond the first adds to the peak."""
    got = collections.defaultdict(list)
    tasks = SESSIONS * 40 * FULL_PAGE
    with simulator(f"--history={HISTORY}s", f"--rate={tasks / HISTORY}") as server:
        stand_still(server)
        for _ in range(RUNS):
            for sessions, prefix in ((1, "one_"), (SESSIONS, "many_")):
                merge(got, poll(server, HISTORY, f"--page-size={FULL_PAGE}", "--lod=full",
                                f"--concurrency={sessions}"), prefix)
    added = [(many - one) / (SESSIONS - 1) / MIB
             for many, one in zip(got["many_peak_bytes"], got["one_peak_bytes"], strict=True)]
    return [Row(f"Memory for each session beyond the first, {FULL_PAGE} tasks a page", "MiB",
                added, at_most=6)]


BENCHMARKS = {
    "latency-50": lambda: waiting(50),
    "latency-200": lambda: waiting(200),
    "sessions-memory": memory_of_sessions,
}
