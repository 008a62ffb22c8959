"""Compares what `verify` says of a case with awscli's verdict, and with what was done to the case.

What awscli sees on its walk and what its classes say beyond it must be found, and nothing else, except
what awscli does not look for. Without a sidecar `verify` has a signature only from the next digest:
what hangs on a digest that it cannot prove may stay unsaid, but nothing wrong may be said of it.
"""

import datetime
import json
import urllib.parse
import zlib

import trails

INVALID = {
    "digest_missing", "digest_unreadable", "digest_moved", "digest_key_unknown", "digest_signature",
    "log_missing", "log_unreadable", "log_trailing", "log_changed",
}
BEYOND = {"digest_unlinked", "digest_link", "digest_trailing", "log_truncated", "log_unnamed"}
CONTRADICTED = {"digest_missing", "log_changed", "log_missing"}
CHAIN = ["account", "region", "trail", "home_region", "backfill"]
# Names state minutes.
SLACK = datetime.timedelta(minutes=1)


def short(name):
    """Returns what a name in the bucket and a URL have in common."""
    return "AWSLogs/" + name.split("AWSLogs/", 1)[1]


def moment(text):
    return datetime.datetime.fromisoformat(text).astimezone(datetime.timezone.utc)


def place(name):
    """Returns account and region of an object."""
    parts = name.rsplit("/", 7)
    return parts[1], parts[3]


class Comparison:
    def __init__(self, case, verdict, code, output):
        self.case, self.verdict, self.code, self.output = case, verdict, code, output
        self.differences = []
        self.linked_by = {
            stated["previousDigestS3Object"]: name for name, stated in verdict.digests.items()
        }
        self.named_by = {}
        for name, stated in verdict.digests.items():
            for log in stated["logFiles"]:
                self.named_by.setdefault(log["s3Object"], []).append(name)
        self.invalid = {short(name): said for name, said in verdict.invalid().items()}
        self.named_by_unproven = set()
        for name, said in self.verdict.invalid().items():
            if said.startswith("Digest") and self.may_stay_unsaid(name, said):
                stated = self.stated(name)
                named = [log["s3Object"] for log in stated.get("logFiles") or []]
                named += [stated.get("previousDigestS3Object") or ""]
                self.named_by_unproven.update(short(name) for name in named if "AWSLogs/" in name)
        self.found = {}
        for finding in output["findings"]:
            name = short(urllib.parse.unquote(finding["url"]))
            self.found.setdefault(name, set()).add(finding["kind"])

    def differs(self, text):
        self.differences.append(text)

    def stated(self, name):
        """Returns what a digest that awscli does not believe says."""
        try:
            return json.loads(trails.unpack(self.case.objects[name]))
        except (KeyError, ValueError, zlib.error):
            return {}

    def is_proven(self, name):
        """Whether the signature of a valid digest is on the disk: beside it, or in the next digest.

        A signature that holds proves a digest wherever it was found.
        """
        return name in self.case.sidecars or name in self.linked_by

    def may_stay_unsaid(self, name, said):
        if said.startswith("Log"):
            return not any(self.is_proven(digest) for digest in self.named_by[name])
        if "not found" not in said and "signature" not in said and "public key" not in said:
            return False
        # A signature that fails may be the fault of the next digest, if that is not proven itself.
        is_accused = name in self.linked_by and self.is_proven(self.linked_by[name])
        return name not in self.case.sidecars and not is_accused

    def verdicts(self):
        """Compares what awscli can judge."""
        invalid = self.verdict.invalid().items()
        unsaid = {short(name) for name, said in invalid if self.may_stay_unsaid(name, said)}
        for name, said in sorted(self.invalid.items()):
            kinds = self.found.get(name, set()) & INVALID
            if not kinds and name not in unsaid:
                self.differs(f"awscli finds, verify does not: {name}: {said}")
            if any(not said.lower().startswith(kind.split("_")[0]) for kind in kinds):
                self.differs(f"awscli says {said!r}, verify {kinds}: {name}")
        for name, kinds in sorted(self.found.items()):
            if kinds - INVALID - BEYOND:
                self.differs(f"unknown kinds: {kinds}: {name}")
            # One of the two is wrong: the file, or the digest that names it, which nothing proves here.
            is_contradicted = kinds <= CONTRADICTED and name in self.named_by_unproven
            # The file shows it, whoever names it. awscli looks into no file of a digest that it does not believe.
            is_seen = kinds == {"log_trailing"} and name in self.named_by_unproven and self.is_trailed(name)
            if kinds & INVALID and name not in self.invalid and not is_contradicted and not is_seen:
                self.differs(f"verify finds, awscli does not: {name}: {kinds}")

    def beyond(self):
        """Compares what awscli does not look for with what was done."""
        expected = set()
        # What an invalid digest named, of whatever trail, nobody knows.
        doubtful = {place(name) for name, said in self.invalid.items() if said.startswith("Digest")}
        for kind, name, digests in self.case.known["expected"]:
            expected.add((kind, short(name)))
            is_needed = all(digest in self.verdict.digests and self.is_proven(digest) for digest in digests)
            if kind == "log_unnamed":
                is_needed &= name in self.case.objects and place(name) not in doubtful
                is_needed &= name not in self.named_by
            if is_needed and kind not in self.found.get(short(name), set()):
                self.differs(f"verify does not find {kind}: {name}")
        right = {
            "log_unnamed": {short(name) for name in self.case.names if self.can_be_unnamed(name)},
            "log_truncated": {short(name) for name in self.named_by if self.is_truncated(name)},
        }
        for name, kinds in sorted(self.found.items()):
            for kind in kinds & BEYOND:
                is_right = name in right.get(kind, self.invalid)
                # One of the two was changed, and nothing proves which.
                is_right |= kind == "digest_link" and name in self.named_by_unproven
                if not is_right and (kind, name) not in expected:
                    self.differs(f"verify finds {kind}, which nobody did: {name}")

    def can_be_unnamed(self, name):
        """Whether no valid digest names a file from a period that some valid digest covers."""
        if "/CloudTrail-Digest/" in name or name in self.named_by:
            return False
        stated = moment(name.rsplit("_", 2)[1])
        return any(
            place(digest) == place(name)
            and moment(of["digestStartTime"]) - SLACK <= stated <= moment(of["digestEndTime"]) + SLACK
            for digest, of in self.verdict.digests.items()
        )

    def is_truncated(self, name):
        """Whether a log file has no end, which awscli does not look for."""
        decompressor = zlib.decompressobj(zlib.MAX_WBITS | 16)
        try:
            decompressor.decompress(self.case.objects.get(name, b""))
        except zlib.error:
            return False
        return not decompressor.eof

    def is_trailed(self, name):
        """Whether bytes stand behind the end of a log file, by its name without what is before `AWSLogs`."""
        decompressor = zlib.decompressobj(zlib.MAX_WBITS | 16)
        decompressor.decompress(next(body for key, body in self.case.objects.items() if key.endswith(name)))
        return decompressor.unused_data != b""

    def same(self, what, ours, theirs):
        if ours != theirs:
            self.differs(f"{what}: verify {ours}, awscli {theirs}")

    def chain(self, name):
        """Returns the chain of a digest as `verify` names it."""
        account, region, ending = *place(name), "_backfill.json.gz"
        middle = name.rsplit("/", 1)[1].removesuffix(ending).split(f"_{region}_", 1)[1]
        trail = next(
            trail for trail in self.case.known["trails"]
            if trail[:2] == [account, region] and middle.startswith(f"{trail[2]}_{trail[3]}_")
        )
        return (*trail, name.endswith(ending))

    def counts(self):
        """Compares numbers, gaps and chains, as far as all agree on what they are."""
        output, verdict = self.output, self.verdict
        self.same("exit code", self.code, 4 if output["findings"] else 0)
        self.same("digests", output["digests"], len(verdict.listed))
        chains = {tuple(chain[key] for key in CHAIN) for chain in output["chains"]}
        self.same("chains", chains, {self.chain(name) for name in verdict.listed})
        if any(kinds & (BEYOND - {"log_unnamed"}) for kinds in self.found.values()):
            return
        has_invalid_digest = any(said.startswith("Digest") for said in self.invalid.values())
        unproven = [
            name for name in verdict.digests
            if name not in self.case.sidecars and name not in self.linked_by
        ]
        if not has_invalid_digest:
            self.same("digests unproven", output["digests_unproven"], len(unproven))
            self.same("gaps", {self.gap(gap) for gap in output["gaps"]}, {
                (*gap[:4], moment(gap[4]), moment(gap[5])) for gap in verdict.gaps
            })
        if not has_invalid_digest or not unproven:
            self.same("digests valid", output["digests_valid"], len(verdict.digests) - len(unproven))
        if not unproven:
            self.same("log files", output["log_files"], len(self.named_by))
            self.same("log files valid", output["log_files_valid"], len(verdict.valid_logs))

    @staticmethod
    def gap(stated):
        of = [stated[key] for key in ("account", "region", "trail", "backfill")]
        return (*of, moment(stated["from"]), moment(stated["to"]))


def compare(case, verdict, code, output):
    """Returns the differences, as lines for people."""
    comparison = Comparison(case, verdict, code, output)
    comparison.verdicts()
    comparison.beyond()
    comparison.counts()
    return comparison.differences
