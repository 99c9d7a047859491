"""The servers to read from, the peers that read, and where they come from."""

import contextlib
import json
import os
import shutil
import subprocess
import sys
import time

from programs import BENCH, EXPORTER, ROOT, read_values, tell, totals

os.environ["ACRONIS_TASK_EXPORTER"] = str(EXPORTER)
sys.path.append(str(ROOT / "tests/e2e"))
import harness

FOLDER = BENCH / "served"
NGINX = ROOT / "build/tools/nginx"
GO_PEER = BENCH / "go-peer"
GO_SCRAPE_PEER = BENCH / "go-scrape-peer"
PYTHON_PEER = ROOT / "tests/bench/peers/peer.py"
FETCH_BENCH = BENCH / "fetch_bench"

CONFIGURATION = """
worker_processes 1;
daemon off;
master_process off;
pid {folder}/nginx.pid;
error_log stderr warn;
events {{ worker_connections 1024; }}
http {{
  access_log off;
  client_body_temp_path {folder}/temporary;
  proxy_temp_path {folder}/temporary;
  fastcgi_temp_path {folder}/temporary;
  uwsgi_temp_path {folder}/temporary;
  scgi_temp_path {folder}/temporary;
  keepalive_requests 1000000000;
  keepalive_timeout 1h;
  ssl_certificate {folder}/server.pem;
  ssl_certificate_key {folder}/server.key;
  ssl_protocols TLSv1.3;
  default_type application/json;
  map "$arg_after:$arg_state" $page {{
    default in_flight;
    ":completed" p000000;
    "~^(?<cursor>[a-z0-9]+):" $cursor;
  }}
  server {{
    listen 127.0.0.1:{port} ssl;
    location = /api/2/idp/token {{
      return 200 '{{"access_token":"bench","expires_on":4102444800,"token_type":"bearer"}}';
    }}
    location = /api/task_manager/v2/tasks {{
      root {folder}/pages;
      try_files /$page.json =404;
    }}
  }}
}}
"""


def provide():
    """Installs what the benchmarks need besides what the tests do, and builds the peers in Go.

    nginx is unpacked: installed it would leave a service behind."""
    subprocess.run(["bash", "-c", """
        set -euo pipefail
        root=$1
        source "$root/tests/lib/packages.sh"
        install_packages "${build_packages[@]}" "${test_packages[@]}" "${bench_packages[@]}"
        nginx=$root/build/tools/nginx
        [[ -x $nginx/usr/sbin/nginx ]] || unpack "$nginx" nginx
        mkdir -p "$2/go-cache"
        export GO111MODULE=off GOPATH=/usr/share/gocode GOCACHE="$2/go-cache"
        cd "$root/tests/bench/peers"
        go build -tags libsqlite3 -o "$3" ./go/peer.go
        go build -o "$4" ./go_scrape/scrape.go""", "bash", ROOT, BENCH, GO_PEER, GO_SCRAPE_PEER],
                   check=True)


def versions():
    def package(name):
        return subprocess.run(["dpkg-query", "-W", "-f", "${Version}", name], check=True,
                              capture_output=True, text=True).stdout.partition("-")[0].partition("+")[0]
    go = subprocess.run(["go", "version"], check=True, capture_output=True, text=True).stdout
    nginx = subprocess.run([NGINX / "usr/sbin/nginx", "-v"], check=True, capture_output=True,
                           text=True).stderr
    python = subprocess.run(["/usr/bin/python3", "--version"], check=True, capture_output=True,
                            text=True).stdout
    return [python.strip(), f"requests {package('python3-requests')}",
            f"prometheus_client {package('python3-prometheus-client')}",
            "Go " + go.split()[2].removeprefix("go"),
            f"client_golang {package('golang-github-prometheus-client-golang-dev')}",
            f"prometheus-cpp {package('prometheus-cpp-dev')}",
            "served by nginx " + nginx.strip().rpartition("/")[2]]


class PageServer:
    """Tasks in page files, and nginx that serves them over TLS."""

    # An hour is enough for the last tasks to complete.
    SPAN_OF_A_ROUND = 54_000 + 5 * 3600

    def __init__(self, tasks, rounds=1):
        self.tasks = tasks
        self.begin = int(time.time()) - rounds * self.SPAN_OF_A_ROUND - 3600
        # Some tasks are reported with a time a little before they were inserted.
        self.start = self.begin - 120
        self.made, self.pages, self.bytes = [], 0, 0
        FOLDER.mkdir(parents=True, exist_ok=True)
        for number in range(rounds):
            self._make_round(number)
        self.ca = FOLDER / "ca.pem"
        subprocess.run([FETCH_BENCH, "certificates", f"--folder={FOLDER}"], check=True)
        self.port = harness.free_port()
        self.url = f"https://127.0.0.1:{self.port}"
        (FOLDER / "temporary").mkdir(exist_ok=True)
        configuration = FOLDER / "nginx.conf"
        configuration.write_text(CONFIGURATION.format(folder=FOLDER, port=self.port),
                                 encoding="utf-8")
        self.process = harness.Process([NGINX / "usr/sbin/nginx", "-c", configuration])
        harness.until(self._answers, self.process.output)

    def _make_round(self, number):
        folder = FOLDER / f"round-{number}"
        folder.mkdir()
        tell(f"writing {self.tasks} tasks into {folder}")
        made = subprocess.run(
            [FETCH_BENCH, "pages", f"--folder={folder}", f"--tasks={self.tasks}",
             f"--begin={self.begin + number * self.SPAN_OF_A_ROUND}"],
            check=True, stdout=subprocess.PIPE, text=True)
        values = read_values(made.stdout.splitlines())
        self.made.append(totals(values))
        self.pages, self.bytes = int(values["pages"][0]), values["bytes"][0]
        (folder / "in_flight.json").write_text('{"items":[],"size":0}', encoding="utf-8")

    def _answers(self):
        if self.process.process.poll() is not None:
            raise AssertionError(self.process.output())
        with contextlib.suppress(OSError):
            with contextlib.closing(harness.socket.create_connection(("127.0.0.1", self.port))):
                return True
        return False

    def show(self, number):
        """From now on it serves this round."""
        link = FOLDER / "pages"
        fresh = FOLDER / "pages.new"
        fresh.symlink_to(FOLDER / f"round-{number}")
        os.replace(fresh, link)

    def all_made(self):
        """The totals of all rounds together."""
        sums = {}
        for made in self.made:
            for name, value in made.items():
                sums[name] = sums.get(name, 0) + value
        return sums

    def end(self):
        self.process.end()
        for number in range(len(self.made)):
            shutil.rmtree(FOLDER / f"round-{number}")


@contextlib.contextmanager
def page_server(tasks, rounds=1):
    server = PageServer(tasks, rounds)
    try:
        server.show(0)
        yield server
    finally:
        server.end()


class Simulator:
    """A simulator in a process of its own."""

    def __init__(self, *arguments):
        self.secret = "known-to-the-benchmarks"
        self.directory = FOLDER / "simulator"
        self.directory.mkdir(parents=True, exist_ok=True)
        self.secret_file = self.directory / "secret"
        self.secret_file.write_text(self.secret, encoding="utf-8")
        self.ca = self.directory / "ca.pem"
        self.process = harness.Process(
            [EXPORTER, "simulate", "--listen-address=127.0.0.1:0", "--control-address=127.0.0.1:0",
             "--client-id=bench", f"--client-secret-file={self.secret_file}",
             f"--directory={self.directory}", *arguments])
        self.url = self.process.wait_for(r"Task Manager at (https://\S+)$").group(1)
        self.control_url = self.process.wait_for(r"Faults .* at (http://\S+)$").group(1)
        self.stood_still = None  # Seconds since 1970, once its time has stopped.

    def control(self, method, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        answer = harness.fetch(f"{self.control_url}{path}", method, data)
        assert answer.status == 200, answer.body
        return json.loads(answer.body)

    def truth(self, begin, end):
        """Tasks completed in [begin, end), both in seconds since 1970, as totals."""
        rows = self.control("GET", f"/truth?from={begin}&to={end}")["truth"]
        return {f"tasks:{row['queue']}:{row['result_code']}": row["count"] for row in rows}


@contextlib.contextmanager
def simulator(*arguments):
    server = Simulator(*arguments)
    try:
        yield server
    finally:
        server.process.end()
