#!/usr/bin/python3 -B
"""The peer in Python: reads the completed tasks of one account as a competent user would write it.

    peer.py URL CA STORE

requests, json, sqlite3 and prometheus_client; each id counts once, a page is one durable
transaction. Prints what it counted and its peak of memory.
"""

import collections
import datetime
import sqlite3
import sys

import prometheus_client
import requests

DURATION_BUCKETS = (5, 30, 60, 300, 900, 1800, 3600, 7200, 14400, 28800, 43200, 86400, 172800)
QUEUE_WAIT_BUCKETS = (1, 5, 15, 60, 300, 900, 1800, 3600, 10800, 21600, 43200, 86400)

COMPLETED = prometheus_client.Counter(
    "tasks_completed", "Completed tasks.", ["queue", "result"])
DURATION = prometheus_client.Histogram(
    "task_duration_seconds", "Start to completion.", ["queue"], buckets=DURATION_BUCKETS)
QUEUE_WAIT = prometheus_client.Histogram(
    "task_queue_wait_seconds", "Enqueue to start.", ["queue"], buckets=QUEUE_WAIT_BUCKETS)
PAGE_SIZE = 500


class Store:
    """The ids that were counted and the cursor, in SQLite."""

    def __init__(self, path):
        self.connection = sqlite3.connect(path, isolation_level=None)
        self.connection.execute("PRAGMA journal_mode = WAL")
        self.connection.execute("PRAGMA synchronous = FULL")
        self.connection.execute("CREATE TABLE IF NOT EXISTS seen (id INTEGER PRIMARY KEY)")
        self.connection.execute(
            "CREATE TABLE IF NOT EXISTS cursor (one INTEGER PRIMARY KEY, after TEXT)")

    def add(self, tasks, after):
        """Remembers a page. Returns the tasks that are new."""
        execute = self.connection.execute
        execute("BEGIN IMMEDIATE")
        new = [task for task in tasks
               if execute("INSERT OR IGNORE INTO seen VALUES (?)", (task["id"],)).rowcount > 0]
        execute("INSERT OR REPLACE INTO cursor VALUES (1, ?)", (after,))
        execute("COMMIT")
        return new


def parse_time(text):
    return datetime.datetime.fromisoformat(text) if text else None


def count(task):
    queue = task["queue"]
    COMPLETED.labels(queue, task["result"]["code"]).inc()
    enqueued = parse_time(task.get("enqueuedAt"))
    started = parse_time(task.get("startedAt"))
    completed = parse_time(task["completedAt"])
    if started and completed >= started:
        DURATION.labels(queue).observe((completed - started).total_seconds())
    if started and enqueued:
        QUEUE_WAIT.labels(queue).observe(max(0, (started - enqueued).total_seconds()))


def read(url, ca, store):
    session = requests.Session()
    session.trust_env = False  # No .netrc, no proxies: nobody looks for them again and again.
    session.verify = ca
    token = session.post(f"{url}/api/2/idp/token", data={"grant_type": "client_credentials"},
                         auth=("bench", "nobody-looks"), timeout=60).json()["access_token"]
    session.headers["Authorization"] = f"Bearer {token}"
    tasks_url = f"{url}/api/task_manager/v2/tasks"

    def get(parameters):
        reply = session.get(tasks_url, params=parameters, timeout=60)
        reply.raise_for_status()
        return reply.json()

    get({"state": ["enqueued", "assigned", "started", "paused"], "limit": PAGE_SIZE})
    page = get({"state": "completed", "order": "asc(completedAt)", "limit": PAGE_SIZE})
    while True:
        after = page.get("paging", {}).get("cursors", {}).get("after")
        for task in store.add(page["items"], after):
            count(task)
        if not after:
            return
        page = get({"limit": PAGE_SIZE, "after": after})


def report():
    totals = collections.Counter()
    for metric in (DURATION, QUEUE_WAIT):
        for family in metric.collect():
            totals[family.name] = sum(
                sample.value for sample in family.samples if sample.name.endswith("_count"))
    for family in COMPLETED.collect():
        for sample in family.samples:
            if sample.name.endswith("_total"):
                print(f"tasks:{sample.labels['queue']}:{sample.labels['result']} {sample.value:.0f}")
    print(f"durations: {totals['task_duration_seconds']:.0f}")
    print(f"queue_waits: {totals['task_queue_wait_seconds']:.0f}")
    with open("/proc/self/status", encoding="ascii") as status:
        peak = next(line.split()[1] for line in status if line.startswith("VmHWM:"))
    print(f"peak_bytes {int(peak) * 1024}")


if __name__ == "__main__":
    read(*sys.argv[1:3], Store(sys.argv[3]))
    report()
