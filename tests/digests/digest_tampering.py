"""What is done to the digests of a case. Each function changes the case, or raises Unfit."""

import datetime
import json

import trails
from log_tampering import append, append_member, elsewhere, follows
from trails import MINUTE, Unfit

REQUIRED = [
    "digestPublicKeyFingerprint", "digestS3Bucket", "digestS3Object", "previousDigestSignature",
    "digestEndTime", "digestStartTime",
]


def pick(source, case, fits=lambda digest: True):
    """Returns a digest that is there."""
    found = [
        digest
        for chain in case.chains
        for digest in chain.digests
        if digest.name in case.objects and fits(digest)
    ]
    if not found:
        raise Unfit
    return source.choice(found)


def is_middle(digest):
    return digest.previous and follows(digest)


def is_oldest(digest):
    return digest is digest.chain.digests[0]


def is_newest(digest):
    return digest is digest.chain.digests[-1]


def has_previous(digest):
    return digest.previous


def has_logs(digest):
    return digest.logs


def remove(source, case, digest):
    if digest.name not in case.objects:
        raise Unfit
    del case.objects[digest.name]
    if source.random() < 0.7:
        case.sidecars.discard(digest.name)


def delete(fits):
    def apply(source, case):
        remove(source, case, pick(source, case, fits))

    return apply


def delete_two(source, case):
    digest = pick(source, case, lambda digest: is_middle(digest) and digest.previous.name in case.objects)
    remove(source, case, digest)
    remove(source, case, digest.previous)


def delete_newest_ones(source, case):
    chain = source.choice(case.chains)
    for digest in chain.digests[-source.randint(1, len(chain.digests) - 1) :]:
        remove(source, case, digest)


def change(to, fits=lambda digest: True):
    """Returns what replaces the bytes of a digest by what a function makes of them."""

    def apply(source, case):
        digest = pick(source, case, fits)
        if len(case.objects[digest.name]) < 100:
            raise Unfit
        case.objects[digest.name] = to(source, case.objects[digest.name])

    return apply


def edit(to, fits=lambda digest: True):
    """Returns what changes the JSON of a digest, which then has a signature of something else."""

    def apply(source, case):
        digest = pick(source, case, fits)
        try:
            stated = json.loads(trails.unpack(case.objects[digest.name]))
            to(source, case, digest, stated)
        except (ValueError, TypeError, LookupError) as error:
            raise Unfit from error
        content = json.dumps(stated, indent=digest.chain.indent).encode()
        case.objects[digest.name] = trails.pack(source, content)

    return apply


def other_time(_source, _case, digest, stated):
    stated["newestEventTime"] = trails.stamp(digest.end - 2 * MINUTE)


def no_key(source, _case, _digest, stated):
    del stated[source.choice(REQUIRED)]


def no_entry(source, _case, _digest, stated):
    stated["logFiles"].pop(source.randrange(len(stated["logFiles"])))


def other_hash(source, _case, _digest, stated):
    source.choice(stated["logFiles"])["hashValue"] = source.randbytes(32).hex()


def other_previous(source, case, digest, stated):
    """Changes the link: to another digest, to none, or what it says of the digest."""
    way = source.randrange(4)
    if way == 0:
        for key in [key for key in stated if key.startswith("previousDigest")]:
            stated[key] = None
    elif way == 1:
        stated["previousDigestSignature"] = source.randbytes(256).hex()
    elif way == 2:
        stated["previousDigestHashValue"] = source.randbytes(32).hex()
    else:
        other = pick(source, case, lambda other: other is not digest.previous)
        stated["previousDigestS3Object"] = other.name + source.choice(["", "x"])


def recompress(source, data):
    return trails.pack(source, trails.unpack(data))


def truncate(source, data):
    return data[: source.randrange(len(data))]


def not_gzip(source, data):
    return source.choice([b"", trails.unpack(data), source.randbytes(200)])


def not_json(source, data):
    content = trails.unpack(data)
    other = source.choice([b"", b"digest", content[:-2], b"\xff" + content, b"[]", b"null", b'"digest"'])
    return trails.pack(source, other)


def put(source, case, digest, name):
    """Puts a copy at another name; its metadata goes with it in S3, and maybe not on the disk."""
    if name in case.objects:
        raise Unfit
    case.objects[name] = case.objects[digest.name]
    case.metadata[name] = dict(case.metadata[digest.name])
    if digest.name in case.sidecars and source.random() < 0.7:
        case.sidecars.add(name)


def other_name(source, case, digest):
    if source.random() < 0.5:
        return elsewhere(source, digest.name)
    moved = datetime.timedelta(seconds=source.choice([-600, -1, 1, 600]))
    return case.digest_name(digest.chain, digest.end + moved)


def rename(source, case):
    digest = pick(source, case, follows)
    put(source, case, digest, other_name(source, case, digest))
    remove(source, case, digest)


def copy(source, case):
    digest = pick(source, case)
    put(source, case, digest, other_name(source, case, digest))


def exchange(source, case, one, other):
    objects, metadata = case.objects, case.metadata
    objects[one.name], objects[other.name] = objects[other.name], objects[one.name]
    if source.random() < 0.5:
        metadata[one.name], metadata[other.name] = metadata[other.name], metadata[one.name]


def swap(source, case):
    digest = pick(source, case, lambda digest: digest.previous and digest.previous.name in case.objects)
    exchange(source, case, digest, digest.previous)


def exchange_chains(source, case):
    """Puts digests of two chains in each other's place."""
    digest = pick(source, case)
    exchange(source, case, digest, pick(source, case, lambda other: other.chain is not digest.chain))


def append_bytes(source, case):
    digest = pick(source, case)
    more = source.choice([append, append_member])
    case.objects[digest.name] = more(source, case.objects[digest.name])
    case.expected.append(["digest_trailing", digest.name, [digest.name]])
