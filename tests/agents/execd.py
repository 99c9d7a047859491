"""Does to a child what Telegraf's inputs.execd does (plugins/inputs/execd and internal/process of
Telegraf 1.3x): a newline for each gather, and at the end stdin closed, five seconds, SIGTERM, five
seconds, SIGKILL."""

import os
import signal
import subprocess
import threading
import time

import secrecy
from harness import until

GRACE = 5.0


class Execd:
    """One child. `ended_by`: what was needed to end it."""

    def __init__(self, case, command):
        self.lines, self.errors = [], []
        base = {name: os.environ[name] for name in ("PATH", "TMPDIR") if name in os.environ}
        self.process = subprocess.Popen(
            [str(word) for word in command], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, text=True, env=base)
        self.readers = [threading.Thread(target=self.read, args=pair, daemon=True)
                        for pair in ((self.process.stdout, self.lines),
                                     (self.process.stderr, self.errors))]
        for reader in self.readers:
            reader.start()
        self.ended_by = None
        case.addCleanup(self.kill)

    @staticmethod
    def read(stream, lines):
        for line in stream:
            lines.append(line)

    def gather(self, last="process "):
        """Asks once; returns the lines up to the one that begins with `last`: a batch is sorted, and
        what the program tells of its process comes last."""
        before = len(self.lines)
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        until(lambda: any(line.startswith(last) for line in self.lines[before:]),
              lambda: f"an answer to a gather\n{''.join(self.errors)}")
        return self.lines[before:]

    def stop(self):
        """Returns how long it took."""
        begin = time.monotonic()
        self.process.stdin.close()
        for way, act in (("stdin", None), ("SIGTERM", signal.SIGTERM), ("SIGKILL", signal.SIGKILL)):
            if act:
                self.process.send_signal(act)
            try:
                self.process.wait(GRACE)
                self.ended_by = way
                break
            except subprocess.TimeoutExpired:
                continue
        for reader in self.readers:
            reader.join(GRACE)
        return time.monotonic() - begin

    def kill(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        for reader in self.readers:
            reader.join(GRACE)
        for pipe in (self.process.stdin, self.process.stdout, self.process.stderr):
            pipe.close()
        found = secrecy.found("".join([*self.lines, *self.errors]))
        assert not found, found
