"""The stream into a file for node_exporter's textfile collector, with Debian's node_exporter."""

import os
import re
import signal
import socket
import sys

sys.path[:0] = [os.path.join(os.path.dirname(__file__), "..", "e2e"), os.path.dirname(__file__)]

import scrape  # noqa: E402  (The paths come first.)
import tap  # noqa: E402
from harness import (  # noqa: E402
    PROGRAM, Case, Exporter, Simulator, fetch, free_port, need_tool, seconds_ago, until)
from netdata import descendants  # noqa: E402
from scrapers import nobody  # noqa: E402


def steps(trace):
    """What was done with the file and its folder, in the words of the test, by the thread that did it:
    the calls of each thread are in a file of their own, where none cuts the line of another."""
    threads = [file.read_text(encoding="utf-8", errors="replace")
               for file in trace.parent.glob(f"{trace.name}.*")]
    writer = next((text for text in threads if "/.acronis_tasks.prom.new" in text), "")
    found, new, folder = [], None, None
    for line in writer.splitlines():
        opened = re.search(r'openat\(AT_FDCWD, "([^"]*)", ([A-Z_|]+).*\) = (\d+)$', line)
        call = re.search(r"\b(write|fsync)\((\d+)", line)
        if opened and opened.group(1).endswith("/.acronis_tasks.prom.new"):
            assert "O_EXCL" in opened.group(2), line
            new = opened.group(3)
            found.append("new")
        elif opened and new and opened.group(1).endswith("/textfile"):
            folder = opened.group(3)
        elif call and new and call.group(2) in (new, folder):
            found.append("written" if call.group(1) == "write" else "synced")
        elif "rename" in line and "acronis_tasks.prom" in line:
            found.append("renamed")
    return found


PAGE = '# TYPE acronis_up gauge\nacronis_up{account="e2e"} 1\n'


class TextfileTest(Case):
    def setUp(self):
        super().setUp()
        self.simulator = Simulator(self, rate=0)
        self.exporter = Exporter(self, self.simulator.base_url, ca_file=self.simulator.ca_file,
                                 begin=False)
        self.folder_read, self.reader = nobody(self, "textfile")
        self.file = self.folder_read / "acronis_tasks.prom"

    def add(self, count, code="error"):
        self.simulator.add_tasks(queue="backup", result_code=code, completed_at=seconds_ago(5),
                                 count=count)

    def stream(self, *prefix):
        return self.start(*prefix, PROGRAM, "stream", "--format=prometheus", "--interval=1s",
                          f"--config.file={self.exporter.config}", f"--output={self.file}")

    def from_somebody(self, *prefix):
        """A stream that was given PAGE, and who is asked for the next one."""
        listener = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(listener.close)
        listener.settimeout(10)
        stream = self.start(*prefix, PROGRAM, "stream", "--format=prometheus", "--interval=1s",
                            f"--from=http://127.0.0.1:{listener.getsockname()[1]}/metrics",
                            f"--output={self.file}")
        with listener.accept()[0] as asked:
            asked.recv(4096)
            asked.sendall(f"HTTP/1.1 200 OK\r\nContent-Length: {len(PAGE)}\r\n"
                          f"Connection: close\r\n\r\n{PAGE}".encode())
        return stream, listener

    def written(self):
        return scrape.Scrape(self.file.read_text(encoding="utf-8")) if self.file.exists() else None

    def failed(self, page):
        return page.sum("acronis_tasks_completed_total", result_code="error").get((), 0) if page else 0

    def test_is_served_by_node_exporter(self):
        self.add(3)
        self.stream()
        until(lambda: self.failed(self.written()) == 3, "the file")
        address = f"127.0.0.1:{free_port()}"
        node = self.start(
            *self.reader, need_tool("node-exporter", "prometheus-node-exporter"),
            "--collector.disable-defaults", "--collector.textfile",
            f"--collector.textfile.directory={self.folder_read}", f"--web.listen-address={address}")
        node.wait_for("Listening on")
        page = scrape.Scrape(fetch(f"http://{address}/metrics").body)
        self.assertEqual(self.failed(page), 3)
        self.assertEqual(page.value("acronis_up", account="e2e"), 1)
        self.assertEqual(page.value("node_textfile_scrape_error"), 0)
        self.assertIn("# TYPE acronis_tasks_completed_total counter", page.text)
        self.assertIn("node_textfile_mtime_seconds", {name for name, _ in page.samples})

    def test_is_whole_whenever_it_is_read(self):
        self.add(1)
        self.stream()
        until(self.file.exists, "the file")
        inodes, broken = set(), []

        def look():
            inodes.add(self.file.stat().st_ino)
            text = self.file.read_text(encoding="utf-8")
            if "acronis_up" not in text or not text.endswith("\n"):
                broken.append(text)
            return len(inodes) > 2
        until(look, "a few files", every=0.001)
        self.assertEqual(broken, [])
        self.assertEqual(self.file.stat().st_mode & 0o777, 0o644)
        until(lambda: [entry.name for entry in self.folder_read.iterdir()] == [self.file.name],
              "nothing else in the folder", every=0.001)

    def test_is_synced_before_it_has_its_name(self):
        trace = self.folder / "trace"
        stream = self.stream("strace", "-ff", "-o", trace, "-e",
                             "trace=openat,write,fsync,rename,renameat,renameat2")
        until(self.file.exists, "the file")
        until(lambda: self.file.stat().st_ino != 0 and len(steps(trace)) >= 5, lambda: steps(trace))
        os.kill(next(descendants(stream.pid)), signal.SIGTERM)
        self.assertEqual(stream.wait(), 0)
        self.assertEqual(steps(trace)[:5], ["new", "written", "synced", "renamed", "synced"])

    def test_goes_on_where_it_was_after_it_was_killed(self):
        self.add(3)
        stream = self.stream()
        until(lambda: self.failed(self.written()) == 3, "the file")
        stream.signal(signal.SIGKILL)
        self.add(2)
        seen = []
        self.stream()
        until(lambda: seen.append(self.failed(self.written())) or seen[-1] == 5, lambda: seen)
        self.assertTrue(set(seen) <= {3, 5}, seen)

    def test_is_written_into_a_folder_that_may_not_be_listed(self):
        self.folder_read.chmod(0o311)
        stream, listener = self.from_somebody(*self.reader)
        with listener.accept()[0]:  # It has written once and asks again.
            self.assertEqual(self.file.read_text(encoding="utf-8"), PAGE)
            self.assertFalse(stream.said("the file is not written"), stream.output())

    def test_keeps_the_old_file_while_it_cannot_write(self):
        self.add(3)
        if os.geteuid() != 0:
            self.skipTest("needs root to take the folder away")
        stream = self.stream()
        until(lambda: self.failed(self.written()) == 3, "the file")
        moved = self.folder_read.with_name("moved")
        self.folder_read.rename(moved)
        stream.wait_for("the file is not written, the old one stays")
        self.assertEqual(self.failed(scrape.Scrape((moved / self.file.name).read_text("utf-8"))), 3)
        moved.rename(self.folder_read)
        stream.wait_for("the file is written again")
        self.assertEqual(stream.output().count("the file is not written"), 1)

    def test_leaves_the_file_alone_when_it_is_stopped_while_the_exporter_hangs(self):
        stream, listener = self.from_somebody()
        with listener.accept()[0]:
            code, took = stream.signal(signal.SIGTERM)
        self.assertEqual(code, 0)
        self.assertLess(took, 2)
        self.assertEqual(self.file.read_text(encoding="utf-8"), PAGE)

    def test_ends_at_once(self):
        stream = self.stream()
        until(self.file.exists, "the file")
        code, took = stream.signal(signal.SIGTERM)
        self.assertEqual(code, 0)
        self.assertLess(took, 2)


if __name__ == "__main__":
    tap.main()
