"""A simulated organization: its accounts and Regions, and the log files that CloudTrail delivers.

Everything comes from a seed. The organization remembers every record that it delivered, so that a
dataset can be compared with it.
"""

import datetime
import gzip
import json
import random
import string
import uuid

from bucket import Object

ORGANIZATION = "o-abc123"
REGIONS = [
    "us-east-1", "us-east-2", "us-west-1", "us-west-2", "ca-central-1", "sa-east-1", "eu-central-1", "eu-west-1",
    "eu-west-2", "eu-west-3", "eu-north-1", "ap-south-1", "ap-northeast-1", "ap-northeast-2", "ap-northeast-3",
    "ap-southeast-1", "ap-southeast-2",
]  # fmt: skip
FURTHER_REGIONS = ["ap-southeast-3", "eu-south-1", "me-central-1", "af-south-1", "il-central-1", "ca-west-1"]
ECS_NAMES = ["RunTask", "StopTask", "UpdateService", "DescribeTasks", "RegisterTaskDefinition"]
OTHERS = [("ec2.amazonaws.com", "DescribeInstances"), ("sts.amazonaws.com", "AssumeRole")]
DAY, MINUTE = datetime.timedelta(days=1), datetime.timedelta(minutes=1)


class Organization:
    def __init__(self, accounts, regions, seed):
        self.random = random.Random(seed)
        self.accounts = [self.new_account() for _ in range(accounts)]
        self.regions = REGIONS[:regions]
        # What was delivered: all records, the IDs of ECS events, and how many copies of them came again.
        self.records, self.event_ids, self.copies = 0, set(), 0
        self.last_records = {}

    def new_account(self):
        return f"{self.random.randrange(10**11, 10**12)}"

    def add_account(self):
        self.accounts.append(self.new_account())
        return self.accounts[-1]

    def add_region(self):
        self.regions.append(next(region for region in FURTHER_REGIONS if region not in self.regions))

    def folders(self):
        return [(account, region) for account in self.accounts for region in self.regions]

    def deliver(self, folder, day, delivered=None, has_copy=False):
        """Returns a log file of a day, by its key. It may be delivered later than its name says."""
        account, region = folder
        delivered = delivered or day
        at = datetime.datetime(day.year, day.month, day.day) + self.random.randrange(0, 1440, 5) * MINUTE
        stored = at + (delivered - day) + MINUTE
        unique = "".join(self.random.choices(string.ascii_letters + string.digits, k=16))
        key = (
            f"AWSLogs/{ORGANIZATION}/{account}/CloudTrail/{region}/{day:%Y/%m/%d}/"
            f"{account}_CloudTrail_{region}_{at:%Y%m%dT%H%MZ}_{unique}.json.gz"
        )
        records = [self.record(account, region, at) for _ in range(self.random.randint(1, 4))]
        if has_copy and folder in self.last_records:
            # CloudTrail may deliver an event more than once.
            records.append(self.last_records[folder])
            self.copies += 1
        self.records += len(records)
        for record in records:
            if record["eventSource"] == "ecs.amazonaws.com":
                self.event_ids.add(record["eventID"])
                self.last_records[folder] = record
        data = json.dumps({"Records": records}, separators=(",", ":")).encode()
        return {key: Object(gzip.compress(data, compresslevel=1, mtime=0), stored)}

    def record(self, account, region, at):
        is_ecs = self.random.random() < 0.5
        other = self.random.choice(OTHERS)
        source, name = ("ecs.amazonaws.com", self.random.choice(ECS_NAMES)) if is_ecs else other
        # Some events of a day are delivered on the next one.
        moment = at - self.random.randint(2, 14) * MINUTE
        return {
            "eventVersion": "1.11",
            "userIdentity": {"type": "AssumedRole", "accountId": account, "principalId": "AROAEXAMPLE:deploy"},
            "eventTime": f"{moment:%Y-%m-%dT%H:%M:%SZ}",
            "eventSource": source,
            "eventName": name,
            "awsRegion": region,
            "sourceIPAddress": f"203.0.113.{self.random.randint(1, 254)}",
            "userAgent": "aws-cli/2.31",
            "requestParameters": {"cluster": self.random.choice(["production", "staging"])},
            "responseElements": None,
            "requestID": str(uuid.UUID(int=self.random.getrandbits(128), version=4)),
            "eventID": str(uuid.UUID(int=self.random.getrandbits(128), version=4)),
            "readOnly": name.startswith("Describe"),
            "eventType": "AwsApiCall",
            "managementEvent": True,
            "recipientAccountId": account,
            "eventCategory": "Management",
        }

    def history(self, first, days):
        """Returns the log files of each folder, about one a day, up to a day before the first round."""
        objects = {}
        for number in range(days):
            for folder in self.folders():
                copies = self.random.random() < 0.01
                objects |= self.deliver(folder, first - (days - number) * DAY, has_copy=copies)
        return objects
