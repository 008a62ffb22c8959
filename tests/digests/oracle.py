"""awscli's own validator, let loose on a case on the disk instead of a bucket. usage: oracle.py CASE

Its classes run unmodified on clients that read the disk. What its walk along the chains does not come
to, because it starts at the newest digest and follows links, they judge one by one afterwards.
"""

import argparse
import contextlib
import dataclasses
import datetime
import io
import json
import pathlib
import re
import sys

# This import makes the botocore inside awscli known as botocore.
from awscli.customizations.cloudtrail.validation import (
    CloudTrailValidateLogs, DigestError, create_digest_traverser,
)
from botocore.exceptions import ClientError

import trails

BEGIN, END = "2014-01-01T00:00:00Z", "2029-01-01T00:00:00Z"
MANAGEMENT_ACCOUNT = "999988887777"
LINE = re.compile(r"(?:\(backfill\) )?(Digest|Log) file\ts3://([^/\t]+)/([^\t]+)\t(valid|INVALID: .*)")
GAP = re.compile(r"(\(backfill\) )?No log files were delivered by CloudTrail between (\S+) and (\S+)")

COUNTERS = [
    "valid_digests", "invalid_digests", "valid_backfill_digests", "invalid_backfill_digests",
    "valid_logs", "invalid_logs",
]


class Case:
    """A case as it lies on the disk: objects and metadata by their names in the bucket."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.known = json.loads((self.folder / "case.json").read_text())
        root = self.folder / "trail"
        is_prefix_missing = self.known["prefix"] and not self.known["has_prefix_on_disk"]
        prefix = self.known["prefix"] + "/" if is_prefix_missing else ""
        files = {prefix + path.relative_to(root).as_posix(): path for path in root.rglob("*") if path.is_file()}
        self.names = sorted(name for name in files if not name.endswith(trails.SIDECAR))
        self.objects = {name: files[name].read_bytes() for name in self.names}
        self.sidecars = {
            name: json.loads(files[name + trails.SIDECAR].read_text())["Metadata"]
            for name in self.names
            if name + trails.SIDECAR in files
        }

    def metadata(self, name):
        return self.sidecars.get(name, self.known["metadata"].get(name, {}))


class S3:
    """What awscli calls of an S3 client, and of what provides one."""

    def __init__(self, case):
        self.case, self.fetched = case, set()

    def get_client(self, bucket):
        assert bucket == self.case.known["bucket"], bucket
        return self

    def get_paginator(self, operation):
        assert operation == "list_objects"
        return self

    def paginate(self, Bucket, Marker, Prefix):
        return Pages([name for name in self.case.names if name > Marker and name.startswith(Prefix)])

    def get_object(self, Bucket, Key):
        self.fetched.add(Key)
        if Key not in self.case.objects:
            error = {"Code": "NoSuchKey", "Message": "The specified key does not exist."}
            raise ClientError({"Error": error}, "GetObject")
        return {"Body": io.BytesIO(self.case.objects[Key]), "Metadata": self.case.metadata(Key)}


class Pages(list):
    def search(self, expression):
        assert expression == "Contents[*].Key"
        return iter(self)


class CloudTrail:
    """What awscli calls of the clients for CloudTrail and Organizations."""

    def __init__(self, case, arn):
        self.known, self.arn = case.known, arn

    def describe_trails(self):
        trail = {"TrailARN": self.arn, "S3BucketName": self.known["bucket"]}
        if self.known["prefix"]:
            trail["S3KeyPrefix"] = self.known["prefix"]
        return {"trailList": [trail | {"IsOrganizationTrail": bool(self.known["organization"])}]}

    def describe_organization(self):
        return {"Organization": {"Id": self.known["organization"]}}

    def list_public_keys(self, StartTime, EndTime):
        def moment(text):
            return datetime.datetime.fromisoformat(text)

        keys = self.known["keys"]
        return {"PublicKeyList": [
            key for key in keys
            if moment(key["ValidityStartTime"]) <= EndTime and moment(key["ValidityEndTime"]) >= StartTime
        ]}


@dataclasses.dataclass
class Verdict:
    """What is INVALID and why, by its name in the bucket: on awscli's walk, and beyond it."""

    walk: dict = dataclasses.field(default_factory=dict)
    beyond: dict = dataclasses.field(default_factory=dict)
    listed: set = dataclasses.field(default_factory=set)
    valid_logs: set = dataclasses.field(default_factory=set)
    # What the valid digests state.
    digests: dict = dataclasses.field(default_factory=dict)
    gaps: set = dataclasses.field(default_factory=set)

    def invalid(self):
        return self.beyond | self.walk


def judge_trail(case, verdict, account, region, trail, home_region):
    owner = MANAGEMENT_ACCOUNT if case.known["organization"] else account
    arn = f"arn:aws:cloudtrail:{home_region}:{owner}:trail/{trail}"
    command = CloudTrailValidateLogs(session=None)
    # In place of setup_services, which makes clients that speak to AWS.
    command.s3_client_provider = s3 = S3(case)
    command.cloudtrail_client = command.organization_client = cloudtrail = CloudTrail(case, arn)
    command._source_region = region
    command.handle_args(argparse.Namespace(
        trail_arn=arn, start_time=BEGIN, end_time=END, s3_bucket=None, s3_prefix=None,
        account_id=account if case.known["organization"] else None, verbose=True,
    ))
    lines, gaps = take(case, verdict.walk, verdict, command._call)
    assert lines == sum(getattr(command, f"_{counter}") for counter in COUNTERS), "awscli says more"
    for backfill, start, end in gaps:
        verdict.gaps.add((account, region, trail, bool(backfill), start, end))

    traverser = create_digest_traverser(
        trail_arn=arn, cloudtrail_client=cloudtrail, organization_client=cloudtrail, s3_client_provider=s3,
        trail_source_region=region, account_id=command.account_id,
    )
    provider, times = traverser.digest_provider, (command.start_time, command.end_time)
    standard, backfills = provider.load_all_digest_keys_in_range(
        case.known["bucket"], case.known["prefix"], *times
    )
    verdict.listed.update(standard + backfills)
    keys = traverser._load_public_keys(*times)
    for name in standard + backfills:
        if name not in s3.fetched:
            take(case, verdict.beyond, verdict, judge_digest, case, command, traverser, keys, name)


def judge_digest(case, command, traverser, keys, name):
    """Judges a digest as the walk would if it came to it, in the words of the walk."""
    bucket, is_backfill = case.known["bucket"], name.endswith("_backfill.json.gz")
    try:
        digest, _ = traverser._load_and_validate_digest({} if is_backfill else keys, bucket, name, is_backfill)
    except DigestError as error:
        print(error)
        return
    except Exception as error:
        print(f"Digest file\ts3://{bucket}/{name}\tINVALID: {error}")
        return
    print(f"Digest file\ts3://{bucket}/{name}\tvalid")
    previous = digest["previousDigestS3Object"]
    if previous and previous not in case.objects:
        print(f"Digest file\ts3://{bucket}/{previous}\tINVALID: not found")
    for log in digest["logFiles"]:
        command._download_log(log)


def take(case, invalid, verdict, function, *arguments):
    """Takes up what awscli prints; returns how many verdicts there are, and the gaps."""
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
        function(*arguments)
    lines = LINE.findall(printed.getvalue())
    for what, bucket, name, said in lines:
        assert bucket == case.known["bucket"], bucket
        if said != "valid":
            invalid[name] = f"{what}: {said}"
        elif what == "Log":
            verdict.valid_logs.add(name)
        else:
            verdict.digests[name] = json.loads(trails.unpack(case.objects[name]))
    return len(lines), GAP.findall(printed.getvalue())


def judge(case):
    """Returns what awscli says of a case, each of its trails taken for itself."""
    verdict = Verdict()
    for trail in case.known["trails"]:
        judge_trail(case, verdict, *trail)
    verdict.beyond = {name: said for name, said in verdict.beyond.items() if name not in verdict.walk}
    return verdict


if __name__ == "__main__":
    found = judge(Case(sys.argv[1]))
    for where, invalid in [("walk", found.walk), ("beyond", found.beyond)]:
        for name, said in sorted(invalid.items()):
            print(f"{where}\t{name}\t{said}")
    print(f"{len(found.digests)} of {len(found.listed)} digests valid, {len(found.valid_logs)} logs valid")
    for gap in sorted(found.gaps):
        print("gap", *gap)
