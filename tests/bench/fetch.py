"""From the server into the store: the whole way of the tasks, and the peers on the same pages."""

import collections
import functools

from programs import MILLION, RUNS, STORES, check_totals, clear, measure, merge
from servers import FETCH_BENCH, GO_PEER, PYTHON_PEER, page_server
from table import Row

FEW = 50_000
ROUNDS = 10
MIB = 1 << 20
MOST_MEMORY = 36  # MiB, without the table of the ids.


def run_poll(server, *arguments, **keywords):
    clear()
    return measure(FETCH_BENCH, "poll", f"--url={server.url}", f"--ca={server.ca}",
                   f"--store={STORES}", f"--start={server.start}", *arguments, **keywords)


def run_peer(server, peer):
    clear()
    return measure(peer, server.url, server.ca, STORES / "peer.db")


def run_download(server, how):
    return measure(FETCH_BENCH, how, f"--url={server.url}", f"--ca={server.ca}",
                   f"--pages={server.pages}")


def memory(values):
    """Peak of the process in MiB, without the table of the ids by its own account."""
    return [(peak - seen) / MIB
            for peak, seen in zip(values["peak_bytes"], values["seen_bytes"], strict=True)]


def measured_in_turn(server):
    """Everybody reads the same pages, in turn."""
    got = collections.defaultdict(list)
    for _ in range(RUNS):
        merge(got, run_download(server, "raw"), "raw_")
        merge(got, run_download(server, "download"), "download_")
        for name, run in {"our_": functools.partial(run_poll, server),
                          "python_": functools.partial(run_peer, server, PYTHON_PEER),
                          "go_": functools.partial(run_peer, server, GO_PEER)}.items():
            values = run()
            check_totals(server.made[0], values, name.rstrip("_"))
            merge(got, values, name)
    for name in ("raw_bytes", "download_bytes"):
        assert set(got[name]) == {server.bytes}, f"{name}: {got[name]}"
    return got


def rates(seconds):
    return [MILLION / each for each in seconds]


def in_turn(dividends, divisors):
    return [a / b for a, b in zip(dividends, divisors, strict=True)]


def against(got, peer, name):
    """Rows against one of the peers that do the same."""
    task_bytes = f"{got['download_bytes'][0] / MILLION:.0f} B"
    rows = []
    for what, kind, goal in ((f"Tasks per second of CPU, 1 million of {task_bytes}", "cpu_s", 5),
                             ("The same per second on the clock", "wall_s", 4)):
        ours, theirs = got["our_" + kind], got[peer + kind]
        rows.append(Row(what, "/s", rates(ours), peer=name, peer_values=rates(theirs),
                        ratios=in_turn(theirs, ours), least_ratio=goal))
    return rows


def fetched():
    with page_server(MILLION) as server:
        got = measured_in_turn(server)
    mine = {"peak_bytes": got["our_peak_bytes"], "seen_bytes": got["our_seen_bytes"]}
    return [
        *against(got, "python_", "Python"),
        *against(got, "go_", "Go"),
        Row("CPU of the whole way, 1 million tasks", "s", got["our_cpu_s"], peer="download only",
            peer_values=got["download_cpu_s"],
            ratios=in_turn(got["our_cpu_s"], got["download_cpu_s"]), most_ratio=4.5),
        Row("CPU of reading the pages over HTTPS", "s", got["download_read_cpu_s"],
            peer="OpenSSL alone", peer_values=got["raw_read_cpu_s"],
            ratios=in_turn(got["download_read_cpu_s"], got["raw_read_cpu_s"]), most_ratio=1.2),
        Row("Memory at most, 1 million tasks, table of ids apart", "MiB", memory(mine),
            at_most=MOST_MEMORY, peer="Go, its ids on disk",
            peer_values=[peak / MIB for peak in got["go_peak_bytes"]]),
    ]


def few_pages():
    got = collections.defaultdict(list)
    with page_server(FEW) as server:
        for _ in range(RUNS):
            values = run_poll(server)
            check_totals(server.made[0], values, "our client")
            merge(got, values)
    return [Row(f"Memory at most, {FEW:,} tasks, table of ids apart", "MiB", memory(got),
                at_most=MOST_MEMORY)]


def many_pages():
    got = collections.defaultdict(list)
    with page_server(MILLION, ROUNDS) as server:
        made = server.all_made()
        for _ in range(RUNS):
            server.show(0)
            shown = iter(range(1, ROUNDS))

            def show_next():
                number = next(shown, None)
                if number is not None:
                    server.show(number)
                return number is not None

            values = run_poll(server, f"--polls={ROUNDS}", between=show_next)
            check_totals(made, values, "our client")
            got["all_s"].append(sum(values["poll_cpu_s"]))
            got["first_s"].append(ROUNDS * values["poll_cpu_s"][0])
            merge(got, values)
    return [
        Row(f"CPU of the whole way, {ROUNDS} million tasks", "s", got["all_s"],
            peer=f"{ROUNDS} times the first million", peer_values=got["first_s"],
            ratios=in_turn(got["all_s"], got["first_s"]), most_ratio=1.1),
        Row(f"Memory at most, {ROUNDS} million tasks, table of ids apart", "MiB", memory(got),
            at_most=MOST_MEMORY),
    ]


BENCHMARKS = {
    "fetched": fetched,
    "few-pages": few_pages,
    "many-pages": many_pages,
}
