"""Runs over a disturbed connection to an S3 server end well, or with a clear error and nothing lost.

usage: disturbed.py PROGRAM TRAIL ENDPOINT
"""

import shutil
import sys
import tempfile

import places
import rows
from program import Program, split
from proxy import Disturbance, proxy

WRITES = "/(log|done|events|dataset.json)"
DISTURBANCES = {
    "a storm of 503": Disturbance("busy", share=0.3),
    "creates that are done and answered with 500": Disturbance("failed-after", "PUT", share=0.3),
    "uploads whose completion is answered with 500": Disturbance("failed-after", "POST", share=0.3),
    "requests that are cut before they arrive": Disturbance("cut-before", share=0.05),
    "answers that are cut off": Disturbance("cut-after", share=0.05),
    "bodies that end early": Disturbance("cut-body", "GET", share=0.2),
    "a slow line": Disturbance("slow", share=0.2),
    "access that is lost on the way": Disturbance("denied", "PUT|POST", WRITES, share=0.2),
    "reading that is not allowed": Disturbance("denied", "GET", "/log/", share=1.0),
    "listing that is not allowed": Disturbance("denied", "GET", "list-type=2", share=1.0),
}


def main():
    path, trail, endpoint = sys.argv[1:]
    place = places.Bucket(endpoint)
    steady = Program(path, place)
    folder = tempfile.mkdtemp(prefix="ecstrail-durability-")
    try:
        parts = split(trail, folder, 3)
        home = place.new_home()
        steady.run(("convert", *parts), home)
        wanted = rows.read(place, home)
        for name, disturbance in DISTURBANCES.items():
            home = place.new_home()
            with proxy(endpoint, disturbance) as disturbed:
                through = places.Bucket(endpoint)
                through.options = ["--endpoint", disturbed]
                program = Program(path, through)
                failures, said = 0, ""
                for part in parts:
                    process = program.start(("convert", part), home)
                    _, problems = process.communicate(timeout=300)
                    if process.returncode != 0:
                        failures += 1
                        said = problems.strip().splitlines()[-1]
                        assert process.returncode == 1 and said.startswith("ecstrail: "), problems
                        if disturbance.kind == "denied":
                            assert "access to s3://durability at http" in said and "was denied" in said, problems
                    rows.check_nothing_foreign(place, home)
            # The same commands again, undisturbed.
            steady.run(("convert", *parts), home)
            rows.check_nothing_foreign(place, home)
            found = rows.read(place, home)
            assert found.select(wanted.column_names).equals(wanted), f"{name}: other rows"
            print(f"{name}: {disturbance.struck} requests, {failures} of 3 runs failed; the rows are right")
            if said:
                print(f"    {said[:300]}")
            sys.stdout.flush()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
