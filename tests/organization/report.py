"""The table of the rounds, and what their requests cost."""

import statistics

# Dollars for 1,000 requests, S3 Standard in us-east-1. DELETE is free.
PRICES = {"LIST": 0.005, "PUT": 0.005, "POST": 0.005, "COPY": 0.005, "GET": 0.0004, "HEAD": 0.0004}
BUCKETS, KINDS = ["trail", "datasets"], ["LIST", "GET", "HEAD", "PUT", "POST", "DELETE"]
COLUMNS = [("trail", "LIST"), ("trail", "GET"), ("trail", "HEAD"), *(("datasets", kind) for kind in KINDS)]
FILES = {"listed": "listed_files", "known": "known_files", "read": "files"}
DAYS_PER_MONTH = 30


def heading():
    names = [kind for _, kind in COLUMNS]
    above = f"{'':32}{'log files':>24}{'trail':>24}{'dataset':>48}"
    cells = "".join(f"{name:>8}" for name in [*FILES, *names, "seconds"])
    return f"{above}\n{'round':8}{'new':>8}{'late':>8}{'':8}{cells}"


def line(name, new, late, run, notes):
    numbers = [run.said[each] for each in FILES.values()] + [run.requests.get(each, 0) for each in COLUMNS]
    cells = "".join(f"{number:8}" for number in numbers)
    return f"{name:<8}{new:8}{late:8}{'':8}{cells}{run.seconds:8.1f}  {notes}"


def dollars(requests):
    return sum(PRICES.get(kind, 0) * count / 1000 for (_, kind), count in requests.items())


def summary(first, runs, full):
    """Prints requests per day, and what they cost; a full listing beside."""
    print(f"\n{'requests per day':24}{'min':>10}{'median':>10}{'max':>10}")
    for bucket, kind in COLUMNS:
        counts = [run.requests.get((bucket, kind), 0) for run in runs]
        spread = [min(counts), statistics.median(counts), max(counts)]
        print(f"{bucket + ' ' + kind:24}" + "".join(f"{number:10.0f}" for number in spread))
    listed = full.of("trail").get("LIST", 0)
    print(f"\na full listing takes {listed:,} LIST requests for {full.said['listed_files']:,} log files")
    daily = [run.of("trail").get("LIST", 0) for run in runs]
    if statistics.median(daily) > listed:
        print("--since-last takes more LIST requests than that here")
    print(f"the first conversion costs ${dollars(first.requests):.3f}")
    month = statistics.mean(dollars(run.requests) for run in runs) * DAYS_PER_MONTH
    trail = statistics.mean(dollars({("trail", "LIST"): count}) for count in daily) * DAYS_PER_MONTH
    print(f"a month of {DAYS_PER_MONTH} days costs ${month:.2f}, of that ${trail:.2f} to list the trail")
    full_month = month - trail + dollars({("trail", "LIST"): listed}) * DAYS_PER_MONTH
    print(f"    with a full listing every day, that is ${full_month:.2f}")
