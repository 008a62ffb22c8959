"""The pages that are checked, made by the program."""

import subprocess

from hostile import write_trail

SETS = ["weekly", "security", "deployments", "audit"]
CHARTS = [
    "activity-by-day", "activity-by-hour", "channels-by-day", "deployment-frequency", "deployment-ledger",
    "desired-count-changes", "events-by-operation", "placement-failures-by-hour", "throttled-calls", "timeline",
    "top-errors",
]
MANY = """
SELECT event_id, event_time, account_id, region, event_source, event_name, actor, channel, source_ip_address,
       number, number * 7 % 1000 AS mixed, nullif(number % 5, 0) AS sometimes
FROM events CROSS JOIN (SELECT unnest(generate_series(1, 20)) AS number) ORDER BY event_time, event_id, number
"""


class Pages:
    def __init__(self, program, samples, folder):
        self.program, self.folder = program, folder
        self.samples, self.hostile = folder / "samples", folder / "hostile"
        self.run("convert", samples, "--event-source", "all", "--to", self.samples, code=3)
        write_trail(folder / "trail")
        self.run("convert", folder / "trail", "--to", self.hostile)

    def run(self, *words, code=0):
        command = [self.program, *map(str, words)]
        process = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL)
        assert process.returncode == code, f"{words}: {process.returncode}: {process.stderr}"
        return process.stdout

    def make(self, name, dataset, *words):
        path = self.folder / f"{name}.html"
        self.run(*words, "--dataset", dataset, "--output", path)
        return path

    def books(self):
        for name in SETS:
            yield self.make(name, self.samples, "book", name, "--from", "2026-04-20")
        yield self.make("charts", self.samples, "book", *CHARTS, "--limit", "5")
        yield self.make("nothing", self.samples, "book", "weekly", "--from", "2026-11-01")
        yield self.make("report", self.samples, "report", "task-definition-posture")

    def hostile_books(self):
        title = "</title><script>window.owned=1</script>"
        yield self.make("hostile", self.hostile, "book", "weekly", "security", "audit", *CHARTS, "--title", title)

    def values(self):
        sql = 'SELECT user_agent AS "<b>value</b>", NULL AS nothing FROM events ORDER BY length(event_id), event_id'
        return self.make("values", self.hostile, "query", sql)

    def sortable(self):
        sql = """SELECT column1 AS number, column2 AS name, column3 AS day FROM (VALUES
            (10, 'b10', date '2026-04-27'), (9, 'B9', date '2026-04-28'), (NULL, 'a', date '2026-04-26'),
            (-1.5, 'é', date '2026-01-02'), (100, NULL, date '2025-12-31'))"""
        return self.make("sortable", self.samples, "query", sql)

    def many(self):
        return self.make("many", self.samples, "query", MANY)
