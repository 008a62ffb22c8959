"""The program under test, and the requests that each of its commands makes."""

import dataclasses
import json
import subprocess
import time


@dataclasses.dataclass
class Run:
    """What a command said and cost; requests by (bucket, kind)."""

    said: dict
    requests: dict
    seconds: float

    def of(self, bucket):
        return {kind: count for (name, kind), count in self.requests.items() if name == bucket}


class Program:
    def __init__(self, path, server, late_days, seconds):
        self.path, self.server, self.late_days, self.seconds = path, server, late_days, seconds

    def run(self, *words):
        """Runs a command to its end; returns its output and its notes."""
        command = [self.path, *map(str, words), "--endpoint", self.server.url]
        try:
            process = subprocess.run(
                command, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=self.seconds
            )
        except subprocess.TimeoutExpired as failure:
            raise AssertionError(f"{words[0]} did not end within {self.seconds} s") from failure
        assert process.returncode == 0, f"{words[0]} ended with {process.returncode}: {process.stderr.strip()}"
        return process.stdout

    def convert(self, trail, home, *options):
        self.server.take_counts()
        started = time.monotonic()
        words = ["convert", trail, "--to", home, "--late-days", self.late_days, "--format", "json"]
        said = self.run(*words, *options)
        return Run(json.loads(said), self.server.take_counts(), time.monotonic() - started)

    def query(self, home, sql):
        return json.loads(self.run("query", sql, "--dataset", home, "--format", "json"))

    def status(self, home):
        return json.loads(self.run("status", "--dataset", home, "--format", "json"))

    def rows(self, home, path):
        """Writes all rows of a dataset to a Parquet file."""
        self.run("query", "SELECT * FROM events", "--dataset", home, "--output", path)
