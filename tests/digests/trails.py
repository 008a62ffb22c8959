"""Digest chains as CloudTrail delivers them, made up from a seed, and how a case lies on the disk.

A case is held as objects of a bucket. Their metadata is written beside them as `aws s3api head-object`
prints it, for all digests, for the newest of each chain or for none.
"""

import dataclasses
import datetime
import gzip
import hashlib
import io
import json
import string
import uuid
import zlib

ACCOUNTS = ["111122223333", "444455556666", "777788889999"]
REGIONS = ["us-east-1", "us-west-2", "eu-west-1", "eu-central-1", "ap-southeast-3", "us-gov-west-1"]
TRAILS = ["management-events", "org_trail.v2", "a.b-c_d", "audit_eu-west-1", "AllLogs"]
SIDECARS = ["all"] * 6 + ["newest"] * 2 + ["none"] * 2
SIDECAR = ".metadata.json"
HOUR = datetime.timedelta(hours=1)
MINUTE = datetime.timedelta(minutes=1)


class Unfit(Exception):
    """What is to be done cannot be done to this case."""


@dataclasses.dataclass(eq=False)
class Digest:
    chain: "Chain"
    start: datetime.datetime
    end: datetime.datetime
    key: object
    previous: "Digest | None"
    logs: list = dataclasses.field(default_factory=list)
    name: str = ""
    content: bytes = b""
    signature: str = ""


@dataclasses.dataclass(eq=False)
class Chain:
    account: str
    region: str
    trail: str
    home_region: str
    backfill: bool = False
    indent: int | None = None
    digests: list = dataclasses.field(default_factory=list)

    def place(self):
        return self.account, self.region


@dataclasses.dataclass(eq=False)
class Case:
    """The objects of a bucket, what the disk shows of them, and what `verify` alone must find."""

    bucket: str
    prefix: str
    organization: str
    has_prefix_on_disk: bool
    keys: list
    shown_keys: list = dataclasses.field(default_factory=list)
    chains: list = dataclasses.field(default_factory=list)
    objects: dict = dataclasses.field(default_factory=dict)
    metadata: dict = dataclasses.field(default_factory=dict)
    sidecars: set = dataclasses.field(default_factory=set)
    expected: list = dataclasses.field(default_factory=list)

    def folder(self, kind, account, region, day):
        parts = [self.prefix, "AWSLogs", self.organization, account, kind, region, f"{day:%Y/%m/%d}"]
        return "/".join(filter(None, parts))

    def log_name(self, source, account, region, moment):
        unique = "".join(source.choices(string.ascii_letters + string.digits, k=16))
        folder = self.folder("CloudTrail", account, region, moment)
        return f"{folder}/{account}_CloudTrail_{region}_{moment:%Y%m%dT%H%MZ}_{unique}.json.gz"

    def digest_name(self, chain, end):
        folder = self.folder("CloudTrail-Digest", chain.account, chain.region, end)
        ending = "_backfill.json.gz" if chain.backfill else ".json.gz"
        return (
            f"{folder}/{chain.account}_CloudTrail-Digest_{chain.region}_{chain.trail}_{chain.home_region}"
            f"_{end:%Y%m%dT%H%M%SZ}{ending}"
        )

    def sign(self, digest, key=None):
        """Signs what a digest holds, as CloudTrail describes it, and stores it."""
        stated = json.loads(digest.content)
        text = "\n".join([
            stated["digestEndTime"],
            f"{self.bucket}/{digest.name}",
            hashlib.sha256(digest.content).hexdigest(),
            stated["previousDigestSignature"] or "null",
        ])
        digest.signature = (key or digest.key).sign(text)
        self.metadata.setdefault(digest.name, {}).update({
            "signature": digest.signature,
            "signature-algorithm": "SHA256withRSA",
        })

    def build(self, source, chain):
        """Writes and signs the digests of a chain, from the oldest to the newest."""
        for digest in chain.digests:
            previous = digest.previous
            stated = {
                "awsAccountId": chain.account,
                "digestStartTime": stamp(digest.start),
                "digestEndTime": stamp(digest.end),
                "digestS3Bucket": self.bucket,
                "digestS3Object": digest.name,
                "digestPublicKeyFingerprint": digest.key.fingerprint,
                "digestSignatureAlgorithm": "SHA256withRSA",
                "newestEventTime": stamp(digest.end - MINUTE) if digest.logs else None,
                "oldestEventTime": stamp(digest.start) if digest.logs else None,
                "previousDigestS3Bucket": previous and self.bucket,
                "previousDigestS3Object": previous and previous.name,
                "previousDigestHashValue": previous and hashlib.sha256(previous.content).hexdigest(),
                "previousDigestHashAlgorithm": previous and "SHA-256",
                "previousDigestSignature": previous and previous.signature,
                "logFiles": digest.logs,
            }
            digest.content = json.dumps(stated, indent=chain.indent).encode()
            self.sign(digest)
            self.objects[digest.name] = pack(source, digest.content)
            if chain.backfill:
                generated = stamp(digest.end + 30 * HOUR)
                self.metadata[digest.name]["backfill-generation-timestamp"] = generated

    def on_disk(self, name):
        return name if self.has_prefix_on_disk or not self.prefix else name[len(self.prefix) + 1 :]

    def write(self, folder):
        """Writes the trail, the list of public keys, and for the oracle all that S3 knows besides."""
        for name, data in self.objects.items():
            path = folder / "trail" / self.on_disk(name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        for name in self.sidecars:
            path = folder / "trail" / (self.on_disk(name) + SIDECAR)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps(head_object(self, name), indent=4))
        (folder / "keys.json").write_text(json.dumps({"PublicKeyList": self.shown_keys}, indent=4))
        chains = {(c.account, c.region, c.trail, c.home_region) for c in self.chains}
        known = {
            "bucket": self.bucket,
            "prefix": self.prefix,
            "organization": self.organization,
            "has_prefix_on_disk": self.has_prefix_on_disk,
            "trails": sorted(chains),
            "keys": self.keys,
            "metadata": self.metadata,
            "expected": self.expected,
        }
        (folder / "case.json").write_text(json.dumps(known, indent=1))


def head_object(case, name):
    return {
        "AcceptRanges": "bytes",
        "LastModified": "2026-04-28T23:00:05+00:00",
        "ContentLength": len(case.objects.get(name, b"")),
        "ETag": '"' + hashlib.md5(case.objects.get(name, b"")).hexdigest() + '"',
        "ContentEncoding": "gzip",
        "ContentType": "application/json",
        "ServerSideEncryption": "AES256",
        "Metadata": case.metadata[name],
    }


def stamp(moment):
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"


def pack(source, data):
    """Compresses in one of the ways in which gzip streams differ."""
    buffer = io.BytesIO()
    name, level = source.choice(["", "", "log.json"]), source.choice([1, 6, 6, 9, 0])
    moment = source.choice([0, 1777000000])
    with gzip.GzipFile(name, "wb", compresslevel=level, fileobj=buffer, mtime=moment) as file:
        file.write(data)
    return buffer.getvalue()


def unpack(data):
    """Returns the content of the first gzip member."""
    try:
        return zlib.decompress(data, zlib.MAX_WBITS | 16)
    except zlib.error as error:
        raise Unfit from error


def records(source, account, region, moment):
    """Returns what a log file holds: unlike any other."""
    found = []
    for number in range(source.randint(1, 12)):
        found.append({
            "eventVersion": "1.11",
            "userIdentity": {"type": "AssumedRole", "accountId": account, "principalId": "AROAEXAMPLE:deploy"},
            "eventTime": stamp(moment - source.randint(5, 15) * MINUTE),
            "eventSource": "ecs.amazonaws.com",
            "eventName": source.choice(["RunTask", "StopTask", "UpdateService", "DescribeTasks"]),
            "awsRegion": region,
            "sourceIPAddress": f"203.0.113.{source.randint(1, 254)}",
            "requestParameters": {"cluster": source.choice(["production", "größer"]), "count": number},
            "responseElements": None,
            "eventID": str(uuid.UUID(int=source.getrandbits(128), version=4)),
            "eventType": "AwsApiCall",
            "recipientAccountId": account,
        })
    return json.dumps({"Records": found}, separators=(",", ":"), ensure_ascii=False).encode()


def add_logs(source, case, digest, count):
    """Puts log files into the bucket and into a digest."""
    account, region = digest.chain.place()
    for _ in range(count):
        # A file can be delivered in the hour after the one that its name states.
        early = 4 if digest.previous and digest.previous.end == digest.start else -1
        moment = digest.start + source.randint(-early, 58) * MINUTE
        name, data = case.log_name(source, account, region, moment), records(source, account, region, moment)
        case.objects[name] = pack(source, data)
        digest.logs.append({
            "s3Bucket": case.bucket,
            "s3Object": name,
            "hashValue": hashlib.sha256(data).hexdigest(),
            "hashAlgorithm": "SHA-256",
            "newestEventTime": stamp(moment),
            "oldestEventTime": stamp(moment - 15 * MINUTE),
        })


def add_chain(source, case, pool, chain, start, lengths):
    """Fills a chain with unbroken runs of hourly digests, hours apart."""
    keys = source.sample(pool.genuine[:3], 2)
    change = source.randint(1, sum(lengths))
    for length in lengths:
        previous = None
        for _ in range(length):
            key = keys[len(chain.digests) >= change]
            digest = Digest(chain, start, start + HOUR, key, previous)
            digest.name = case.digest_name(chain, digest.end)
            add_logs(source, case, digest, source.choice([0, 1, 1, 2, 3]))
            chain.digests.append(digest)
            previous, start = digest, digest.end
        start += source.randint(8, 40) * HOUR + source.randint(0, 3500) * MINUTE / 60
    case.build(source, chain)
    case.chains.append(chain)


def generate(source, pool, needs=frozenset()):
    """Returns a case in which nothing is wrong; what it needs is among sidecars, restart, backfill, chains."""
    prefix = source.choice(["", "", "", "trails", "security/audit"])
    organization = "o-" + "".join(source.choices("abcdefghij0123456789", k=10)) if source.random() < 0.2 else ""
    # Version 1 of the AWS CLI prints numbers.
    keys, has_numbers = [key.listed() for key in pool.genuine], source.random() < 0.3
    case = Case("example-trails", prefix, organization, source.random() < 0.5, keys)
    case.shown_keys = [key.listed(has_numbers=has_numbers) for key in pool.genuine]
    home = source.choice(REGIONS)
    trails = [(account, region, trail) for account in source.sample(ACCOUNTS, 2)
              for region in sorted({home, source.choice(REGIONS)}) for trail in source.sample(TRAILS, 2)]
    trails = source.sample(sorted(trails), max(source.randint(1, 3), 2 * ("chains" in needs)))
    begin = datetime.datetime(2025, 1, 1) + source.randint(0, 12000) * HOUR
    for number, (account, region, trail) in enumerate(trails):
        start = begin + source.randint(0, 3599) * MINUTE / 60
        lengths = [source.randint(3, 8)]
        if source.random() < 0.25 or ("restart" in needs and number == 0):
            lengths = source.choice([[2, 4], [3, 3], [4, 3], [2, 2, 3]])
        indent = source.choice([None, None, 2])
        add_chain(source, case, pool, Chain(account, region, trail, home, indent=indent), start, lengths)
        if source.random() < 0.2 or ("backfill" in needs and number == 0):
            # AWS has digests of what was delivered late beside those of the same hours.
            late = Chain(account, region, trail, home, backfill=True, indent=indent)
            add_chain(source, case, pool, late, start + source.randint(0, 1) * HOUR, [source.randint(2, 3)])
    if not any(digest.logs for chain in case.chains for digest in chain.digests):
        return generate(source, pool, needs)
    shown = "all" if "sidecars" in needs else source.choice(SIDECARS)
    for chain in case.chains:
        shown_digests = {"all": chain.digests, "newest": chain.digests[-1:], "none": []}[shown]
        case.sidecars.update(digest.name for digest in shown_digests)
    return case
