"""Whatever a dataset has begun with, `--since-last` must find the rest of the history.

Small trails on the local disk, whose dataset first gets a part of them.
"""

import datetime
import pathlib
import tempfile

import checks
from organization import DAY, Organization

FIRST_ROUND, DAYS = datetime.date(2026, 6, 1), 10


def starts(trail, last):
    """Returns the words of the conversions that come first, by what is odd about them."""
    folder = min(trail.glob("AWSLogs/*/*/CloudTrail/*")) / f"{last:%Y/%m/%d}"
    return {
        "nothing": None,
        "an empty folder": [],
        "everything": [trail],
        "the last day's folder of one Region": [folder],
        "the last log file of one Region": [max(folder.iterdir())],
        "a pattern of the last day": [f"{trail}/AWSLogs/*/*/CloudTrail/*/{last:%Y/%m/%d}/*"],
        "everything from the last day on": [trail, "--from", last],
        "one Region": [trail, "--region", "us-east-1"],
    }


def check(program, seed):
    """Yields after which starts something is missing."""
    organization = Organization(2, 2, seed)
    with tempfile.TemporaryDirectory(prefix="ecstrail-organization-") as folder:
        trail = pathlib.Path(folder, "trail")
        for key, log_file in organization.history(FIRST_ROUND, DAYS).items():
            path = trail / key
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(log_file.data)
        for number, (name, words) in enumerate(starts(trail, FIRST_ROUND - DAY).items()):
            home = pathlib.Path(folder, str(number))
            if words is not None:
                home.mkdir()
            if words:
                program.run("convert", *words, "--to", home)
            try:
                program.run("convert", trail, "--to", home, "--since-last")
                differences = list(checks.check_events(program, home, organization))
            except AssertionError as failure:
                differences = [failure]
            for difference in differences:
                yield f"begun with {name}: {difference}"
