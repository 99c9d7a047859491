"""Thirty hours of an exporter's life as OpenMetrics, invented and known to the last task.

Two accounts. Backups run in the night; of emea's, 12 fail between 02:00 and 03:00, and its queue
`archive` has had no success since the begin. apac's exporter stood still from 09:00 to 10:00.
"""

STEP = 60
HOURS = 30
HOUR = 3600
LABELS = {"job": "acronis", "instance": "exporter:10977"}
CODES = ("ok", "warning", "error", "cancelled", "abandoned", "timedout", "unknown")
DURATIONS = (60, 300, 900, 3600, 14400)
# Of each queue: tasks an hour by day and by night, and of how many seconds.
QUEUES = {("emea", "backup"): (2, 40, 900), ("emea", "archive"): (1, 1, 3600),
          ("apac", "backup"): (1, 20, 600), ("apac", "plan"): (6, 6, 40)}


def _night(second_of_day):
    return second_of_day < 5 * HOUR


class History:
    """Up to `end`, a midnight and some hours, in seconds since 1970."""

    def __init__(self, end):
        self.end = end
        self.begin = end - HOURS * HOUR
        self.families = {}

    def _series(self, name, labels, value):
        """`value(second)` at each step; None: no sample."""
        text = ",".join(f'{key}="{value}"' for key, value in {**LABELS, **labels}.items())
        samples = [(at, value(at)) for at in range(self.begin, self.end + 1, STEP)]
        self.families.setdefault(name, []).extend(
            f"{name}{{{text}}} {number} {at}" for at, number in samples if number is not None)

    def _done(self, at, queue):
        """Tasks of a queue since the begin."""
        by_day, by_night, _ = QUEUES[queue]
        hours = [self.begin + HOUR * hour for hour in range((at - self.begin) // HOUR + 1)]
        whole = sum(by_night if _night(hour % 86400) else by_day for hour in hours[:-1])
        rate = by_night if _night(hours[-1] % 86400) else by_day
        return whole + rate * (at - hours[-1]) // HOUR

    def _failed(self, at, queue):
        if queue == ("emea", "archive"):
            return self._done(at, queue)
        if queue != ("emea", "backup"):
            return 0
        two = self.end - self.end % 86400 + 2 * HOUR
        return min(12, self._done(at, queue) - self._done(two, queue)) if at > two else 0

    def _queue(self, queue):
        account, name = queue
        labels = {"account": account, "queue": name}
        _, _, seconds = QUEUES[queue]
        for code in CODES:
            def count(at, code=code):
                failed = self._failed(at, queue)
                return {"error": failed, "ok": self._done(at, queue) - failed}.get(code, 0)
            self._series("acronis_tasks_completed_total",
                         {**labels, "state": "completed", "result_code": code}, count)
        for metric in ("acronis_task_duration_seconds", "acronis_task_queue_wait_seconds"):
            took = seconds if "duration" in metric else seconds // 10
            for bound in (*DURATIONS, "+Inf"):
                self._series(f"{metric}_bucket", {**labels, "le": str(bound)},
                             lambda at, bound=bound: self._done(at, queue)
                             if bound == "+Inf" or took <= bound else 0)
        code = "error" if queue == ("emea", "archive") else "ok"
        self._series("acronis_tasks_last_completion_timestamp_seconds",
                     {**labels, "result_code": code}, lambda at: at - 600)
        self._series("acronis_tasks_last_success_timestamp_seconds", labels,
                     lambda at: self.begin - HOUR if code == "error" else at - 600)
        for state, tasks in (("enqueued", 3), ("started", 1), ("assigned", 0), ("paused", 0)):
            self._series("acronis_tasks_in_flight", {**labels, "state": state}, lambda _, n=tasks: n)
            if tasks:
                self._series("acronis_tasks_in_flight_oldest_timestamp_seconds",
                             {**labels, "state": state}, lambda at, n=tasks: at - 1200 * n)

    def _account(self, account):
        labels = {"account": account}
        midnight = self.end - self.end % 86400
        blind = range(midnight + 9 * HOUR, midnight + 10 * HOUR) if account == "apac" else ()
        self._series("acronis_up", labels, lambda at: 0 if at in blind else 1)
        self._series("acronis_exporter_watermark_timestamp_seconds", labels,
                     lambda at: (blind.start if at in blind else at) - 30)
        minutes = lambda at: (at - self.begin) // 60
        for name, more, value in (
                ("acronis_exporter_polls_total", {"result": "success"}, minutes),
                ("acronis_exporter_poll_failures_total", {"reason": "server_error"},
                 lambda at: sum(step <= at for step in blind[::60])),
                ("acronis_exporter_api_requests_total", {"endpoint": "tasks", "code": "200"},
                 lambda at: 2 * minutes(at)),
                ("acronis_exporter_api_retries_total", {"reason": "server_error"},
                 lambda at: sum(step <= at for step in blind[::30])),
                ("acronis_exporter_api_received_bytes_total", {}, lambda at: 20_000 * minutes(at)),
                ("acronis_exporter_api_throttled_seconds_total", {}, lambda at: 3 * minutes(at)),
                ("acronis_exporter_token_refreshes_total", {"result": "success"},
                 lambda at: minutes(at) // 105),
                ("acronis_exporter_data_gap_seconds_total", {}, lambda _: 0),
                ("acronis_exporter_tasks_received_total", {}, lambda at: 5 * minutes(at)),
                ("acronis_exporter_tasks_processed_total", {"outcome": "counted"}, minutes),
                ("acronis_exporter_tasks_processed_total", {"outcome": "duplicate"},
                 lambda at: 4 * minutes(at)),
                ("acronis_exporter_dedupe_entries", {}, lambda at: 4_000 + minutes(at)),
                ("acronis_exporter_clock_skew_seconds", {}, lambda _: 0.25)):
            self._series(name, {**labels, **more}, value)
        for metric, bound in (("acronis_exporter_api_request_duration_seconds", 0.25),
                              ("acronis_exporter_task_arrival_delay_seconds", 60)):
            more = {"endpoint": "tasks"} if "api" in metric else {}
            for le in (bound, "+Inf"):
                self._series(f"{metric}_bucket", {**labels, **more, "le": str(le)}, minutes)

    def _process(self):
        minutes = lambda at: (at - self.begin) // 60
        for name, labels, value in (
                ("acronis_exporter_build_info", {"version": "0.1.0"}, lambda _: 1),
                ("acronis_exporter_config_last_reload_successful", {}, lambda _: 1),
                ("acronis_exporter_store_errors_total", {"operation": "commit"}, lambda _: 0),
                ("acronis_exporter_store_size_bytes", {}, lambda at: 2_000_000 + 25 * minutes(at)),
                ("acronis_exporter_store_commit_duration_seconds_bucket", {"le": "0.01"}, minutes),
                ("acronis_exporter_store_commit_duration_seconds_bucket", {"le": "+Inf"}, minutes),
                ("acronis_exporter_log_messages_total", {"level": "info"}, minutes),
                ("process_start_time_seconds", {}, lambda _: self.begin - HOUR),
                ("process_resident_memory_bytes", {}, lambda _: 30_000_000),
                ("process_cpu_seconds_total", {}, lambda at: 0.6 * minutes(at)),
                ("process_open_fds", {}, lambda _: 14),
                ("process_max_fds", {}, lambda _: 1024)):
            self._series(name, labels, value)

    def text(self):
        for queue in QUEUES:
            self._queue(queue)
        for account in ("apac", "emea"):
            self._account(account)
        self._process()
        lines = []
        for name, samples in self.families.items():
            lines += [f"# TYPE {name} unknown", *samples]
        return "\n".join([*lines, "# EOF\n"])
