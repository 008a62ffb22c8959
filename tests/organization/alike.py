"""The bucket of the trail must list as an S3 server does: both are asked the same, page by page."""

import datetime
import http.client
import urllib.parse
import xml.etree.ElementTree

from bucket import Bucket, Object

KEYS = [
    f"{prefix}AWSLogs/{account}/{folder}/2026/05/{day:02}/{number}.json.gz"
    for prefix in ("", "more/")
    for account in ("111122223333", "o-abc123/444455556666")
    for folder in ("CloudTrail/us-east-1", "CloudTrail/us-east-2", "CloudTrail-Digest/us-east-1")
    for day in (1, 2, 11)
    for number in range(2)
] + ["AWSLogs.txt", "a file", "AWSLogs/note+1.txt", "AWSLogs/note&2.txt", "zz"]
FOLDER = "AWSLogs/111122223333/CloudTrail"
PREFIXES = ["", "AWS", "AWSLogs/", f"{FOLDER}/", FOLDER, "no/"]
OFFSETS = ["", f"{FOLDER}/us-east-1/2026/05/02", f"{FOLDER}/us-east-2", "zzz"]


def read(data):
    """Returns what a page lists, in its order by kind, and where the next begins."""
    root = xml.etree.ElementTree.fromstring(data)
    for element in root.iter():
        element.tag = element.tag.rpartition("}")[2]
    names = ("Key", "Size", "ETag")
    contents = [tuple(map(each.findtext, names)) for each in root.iter("Contents")]
    prefixes = [each.findtext("Prefix") for each in root.iter("CommonPrefixes")]
    return contents, prefixes, root.findtext("IsTruncated"), root.findtext("NextContinuationToken")


def pages(ask, **asked):
    """Returns all pages of a listing."""
    found, token = [], None
    while not found or token:
        further = {"continuation-token": token} if token else {}
        query = {name: value for name, value in {"list-type": 2, **asked, **further}.items() if value != ""}
        *page, token = read(ask(urllib.parse.urlencode(query)))
        found.append(page)
    return found


def check(port):
    """Yields how the bucket lists unlike the server at a port of loopback."""
    bucket, server = Bucket("listing"), http.client.HTTPConnection("127.0.0.1", port)

    def request(method, path, body=b""):
        server.request(method, f"/{bucket.name}{path}", body)
        response = server.getresponse()
        data = response.read()
        assert response.status == 200, data
        return data

    now = datetime.datetime(2026, 5, 1)
    bucket.add({key: Object(key.encode(), now) for key in KEYS})
    request("PUT", "")
    for key, object in bucket.objects.items():
        request("PUT", "/" + urllib.parse.quote(key), object.data)
    for prefix in PREFIXES:
        # The two together are not asked for, and servers differ.
        for delimiter, offset in [("/", ""), *(("", offset) for offset in OFFSETS)]:
            for most in (1, 3, 1000):
                asked = {"prefix": prefix, "delimiter": delimiter, "start-after": offset, "max-keys": most}
                ours = pages(lambda query: bucket.list(query), **asked)
                theirs = pages(lambda query: request("GET", "?" + query), **asked)
                if ours != theirs:
                    yield f"{asked} lists {ours}, not {theirs}"
