"""Lets `verify` and awscli judge generated digest chains, tampered with in every way, and compares.

usage: run.py [ECSTRAIL] [--chains N] [--seed S] [--only NUMBER] [--keep DIR] [--oracle-only]

Case NUMBER of a seed is always the same. With --keep, cases stay in DIR: `oracle.py` judges one again.
"""

import argparse
import collections
import contextlib
import json
import multiprocessing
import pathlib
import random
import re
import shlex
import subprocess
import sys
import tempfile
import time
import traceback

import comparison
import oracle
import signing
import tampering

SHOWN = 10
POOL = signing.Pool()
KINDS = tampering.table(POOL)


class Settings(argparse.Namespace):
    """What is asked for, the same in all workers."""

    def command(self, number):
        """Returns how to get one case again."""
        program = ["--oracle-only"] if self.oracle_only else [self.program]
        options = ["--seed", str(self.seed), "--only", str(number), "--keep", "kept"]
        return shlex.join([sys.executable, __file__, *program, *options])

    @contextlib.contextmanager
    def folder(self, number, kind):
        if self.keep:
            folder = pathlib.Path(self.keep) / re.sub(r"[^a-z0-9]+", "-", f"{number} {kind}")
            folder.mkdir(parents=True)
            yield folder
        else:
            with tempfile.TemporaryDirectory(prefix="ecstrail-digests-") as folder:
                yield pathlib.Path(folder)

    def run_case(self, number):
        """Returns a case's kind, what was counted in it, and its differences."""
        kind = list(KINDS.values())[number % len(KINDS)]
        source = random.Random(f"{self.seed}/{number}")
        counts = collections.Counter(cases=1)
        with self.folder(number, kind.name) as folder:
            try:
                tampering.tampered(source, POOL, kind).write(folder)
                case = oracle.Case(folder)
                verdict = oracle.judge(case)
                counts["awscli"], counts["by one"] = len(verdict.walk), len(verdict.beyond)
                counts["seen"] = bool(verdict.invalid())
                differences = unlike_expected(kind, verdict)
                if not self.oracle_only:
                    differences += self.compare(folder, case, verdict, counts)
            except Exception:
                differences = [traceback.format_exc()]
        return number, kind.name, counts, differences

    def compare(self, folder, case, verdict, counts):
        command = [self.program, "verify", folder / "trail"]
        command += ["--public-keys", folder / "keys.json", "--format", "json"]
        run = subprocess.run(command, capture_output=True, text=True, timeout=120, stdin=subprocess.DEVNULL)
        if not verdict.listed:
            # Combined, kinds can leave no digest at all.
            is_told = run.returncode == 1 and "no digest files" in run.stderr
            return [] if is_told else [f"verify ends with {run.returncode} where there are no digests"]
        if run.returncode not in (0, 4):
            return [f"verify ends with {run.returncode}: {run.stderr}"]
        output = json.loads(run.stdout)
        on_walk = {comparison.short(name) for name in verdict.walk}
        for finding in output["findings"]:
            counts["verify"] += 1
            counts["verify beyond"] += comparison.short(finding["url"]) not in on_walk
            counts["kind " + finding["kind"]] += 1
        return comparison.compare(case, verdict, run.returncode, output)


def unlike_expected(kind, verdict):
    """awscli, too, must say what the kind's row of the table says, or the case is not what it seems."""
    sees = {"always": True, "never": False}.get(kind.awscli, bool(verdict.walk))
    if sees != bool(verdict.walk):
        return [f"awscli {kind.awscli} sees this kind; here it says {verdict.walk}"]
    return []


def unexercised(settings, totals):
    """Returns what was not put to the test: a program that compares nothing must not pass."""
    for kind in KINDS.values():
        counts = totals[kind.name]
        if not counts["cases"]:
            yield f"{kind.name}: no case"
        elif kind.awscli != "never" and not counts["seen"]:
            yield f"{kind.name}: awscli never saw it"
        elif not settings.oracle_only and kind.awscli != "never" and not counts["verify"]:
            yield f"{kind.name}: verify never saw it"
        elif not settings.oracle_only and kind.verify and not counts["kind " + kind.verify]:
            yield f"{kind.name}: verify never said {kind.verify}"


def report(totals):
    columns = ["cases", "awscli", "by one", "verify", "verify beyond"]
    print(f"{'':26}" + "".join(f"{name:>15}" for name in columns))
    for name in [*KINDS, "all"]:
        counts = totals[name] if name != "all" else sum(totals.values(), collections.Counter())
        print(f"{name:26}" + "".join(f"{counts[column]:15}" for column in columns))
    print(
        "awscli: INVALID on its walk; by one: INVALID by its classes on what the walk does not come to;\n"
        "verify: findings; verify beyond: of these, what awscli's walk does not find."
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("program", nargs="?")
    parser.add_argument("--chains", type=int, default=10 * len(KINDS), help="number of cases")
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 32))
    parser.add_argument("--only", type=int, help="the number of the only case")
    parser.add_argument("--keep", help="folder for the cases, which then stay")
    parser.add_argument("--oracle-only", action="store_true", help="do not run ecstrail")
    settings = parser.parse_args(namespace=Settings())
    if bool(settings.program) == settings.oracle_only:
        parser.error("either a program or --oracle-only")
    numbers = range(settings.chains) if settings.only is None else [settings.only]
    print(f"seed {settings.seed}", flush=True)

    totals, differing, shown = collections.defaultdict(collections.Counter), 0, 0
    started = time.monotonic()
    # Workers that are forked have the keys, which take seconds to make.
    with multiprocessing.get_context("fork").Pool(2) as workers:
        for number, kind, counts, differences in workers.imap(settings.run_case, numbers, chunksize=4):
            totals[kind] += counts
            differing += bool(differences)
            for difference in differences[: SHOWN - shown]:
                print(f"DIFFERENCE in case {number} ({kind}): {difference}")
                print(f"  again: {settings.command(number)}", flush=True)
                shown += 1
    report(totals)
    problems = list(unexercised(settings, totals)) if settings.only is None else []
    for problem in problems:
        print(problem)
    compared = sum(counts["cases"] for counts in totals.values())
    print(f"{compared} cases, {differing} of them differ ({time.monotonic() - started:.0f} s)")
    sys.exit(1 if differing or problems or not compared else 0)


if __name__ == "__main__":
    main()
