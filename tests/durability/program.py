"""The program under test, and the trail that it is given in parts."""

import gzip
import json
import pathlib
import shutil
import subprocess

class Program:
    """The binary, with the options of a place."""

    def __init__(self, path, place):
        self.path, self.place, self.commit_every = path, place, "32KiB"

    def command(self, command, home):
        """Returns the words of a command on a dataset."""
        words = {
            "convert": lambda *parts: ["convert", *map(str, parts), "--to", home, "--commit-every", self.commit_every],
            "convert-delta": lambda *parts: [
                "convert", *map(str, parts), "--to", home, "--commit-every", self.commit_every, "--table-format", "delta",
            ],
            "convert-shard": lambda shard, *parts: [
                "convert", *map(str, parts), "--to", home, "--commit-every", self.commit_every, "--shard", shard,
            ],
            "compact": lambda: ["compact", "--dataset", home],
            "vacuum": lambda: ["vacuum", "--dataset", home, "--older-than", "0s"],
            "count": lambda: ["query", "SELECT count(*) FROM events", "--dataset", home],
            "status": lambda: ["status", "--dataset", home],
            "recover": lambda: ["recover", "--dataset", home],
            "verify": lambda: ["verify", "--dataset", home, "--records"],
        }[command[0]](*command[1:])
        return [self.path, *words, *self.place.options]

    def start(self, command, home):
        return subprocess.Popen(
            self.command(command, home), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )

    def run(self, command, home):
        """Runs a command to its end; returns what it said."""
        process = self.start(command, home)
        out, problems = process.communicate(timeout=300)
        words = " ".join(map(str, command))
        assert process.returncode == 0, f"{words} ended with {process.returncode}: {problems}"
        return out


def split(trail, folder, parts):
    """Copies a trail into so many folders; every fifth log file is in two of them."""
    files = sorted(path for path in pathlib.Path(trail).rglob("*.json*") if path.is_file())
    folders = [pathlib.Path(folder, str(part)) for part in range(parts)]
    for number, path in enumerate(files):
        for copy in range(2 if number % 5 == 0 else 1):
            to = folders[(number + copy) % parts] / path.relative_to(trail)
            to.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, to)
    return folders


def records(folders):
    """Returns the ECS records of log files in canonical text, each once: read without ecstrail."""
    found = set()
    for folder in folders:
        for path in pathlib.Path(folder).rglob("*.json*"):
            data = path.read_bytes()
            try:
                data = gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data
                log_file = json.loads(data, strict=False)
            except (OSError, EOFError, ValueError):
                continue
            for record in log_file.get("Records", []):
                if isinstance(record, dict) and record.get("eventSource") == "ecs.amazonaws.com":
                    found.add(json.dumps(record, sort_keys=True))
    return found
