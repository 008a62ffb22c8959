"""A bucket in memory that is only read: it lists like S3, however many objects it has.

The S3 servers made for tests look at every key for each LIST request, which takes minutes a day where an
organization's trail has a quarter of a million objects.
"""

import bisect
import dataclasses
import datetime
import hashlib
import urllib.parse
import xml.sax.saxutils

KEYS_PER_PAGE = 1000
AFTER_ALL = "\U0010ffff"


@dataclasses.dataclass
class Object:
    data: bytes
    modified: datetime.datetime

    def etag(self):
        return f'"{hashlib.md5(self.data).hexdigest()}"'


class Bucket:
    def __init__(self, name):
        self.name = name
        self.objects = {}
        self.keys = []

    def add(self, objects):
        """Adds objects, given by their keys."""
        assert not self.objects.keys() & objects.keys(), "an object is replaced"
        self.objects.update(objects)
        self.keys = sorted(self.objects)

    def page(self, prefix, delimiter, after, most):
        """Returns keys and common prefixes in their order, and where the next page begins, if any."""
        entries, last = [], None
        index = max(bisect.bisect_left(self.keys, prefix), bisect.bisect_right(self.keys, after))
        while index < len(self.keys) and self.keys[index].startswith(prefix):
            if len(entries) == most:
                return entries, last
            key = self.keys[index]
            head, found, _ = key[len(prefix) :].partition(delimiter) if delimiter else (key, "", "")
            if found:
                entries.append(prefix + head + delimiter)
                last = prefix + head + delimiter + AFTER_ALL
                index = bisect.bisect_left(self.keys, last, index)
            else:
                entries.append(key)
                last, index = key, index + 1
        return entries, None

    def list(self, query):
        """Answers a ListObjectsV2 request."""
        asked = dict(urllib.parse.parse_qsl(query, keep_blank_values=True))
        prefix, delimiter = asked.get("prefix", ""), asked.get("delimiter", "")
        after = asked.get("continuation-token") or asked.get("start-after", "")
        most = min(int(asked.get("max-keys", KEYS_PER_PAGE)), KEYS_PER_PAGE)
        entries, following = self.page(prefix, delimiter, after, most)
        escape = xml.sax.saxutils.escape
        parts = [
            '<?xml version="1.0" encoding="UTF-8"?>\n'
            '<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">'
            f"<Name>{self.name}</Name><Prefix>{escape(prefix)}</Prefix><MaxKeys>{most}</MaxKeys>"
            f"<KeyCount>{len(entries)}</KeyCount><IsTruncated>{str(following is not None).lower()}</IsTruncated>"
        ]
        if following is not None:
            parts.append(f"<NextContinuationToken>{escape(following)}</NextContinuationToken>")
        for entry in entries:
            found = self.objects.get(entry)
            if found is None:
                parts.append(f"<CommonPrefixes><Prefix>{escape(entry)}</Prefix></CommonPrefixes>")
            else:
                parts.append(
                    f"<Contents><Key>{escape(entry)}</Key><LastModified>{found.modified:%Y-%m-%dT%H:%M:%S.000Z}"
                    f"</LastModified><ETag>{escape(found.etag())}</ETag><Size>{len(found.data)}</Size>"
                    "<StorageClass>STANDARD</StorageClass></Contents>"
                )
        parts.append("</ListBucketResult>")
        return "".join(parts).encode()
