"""What is done to the log files of a case. Each function changes the case, or raises Unfit."""

import datetime

import trails
from trails import HOUR, MINUTE, Unfit


def log(source, case):
    """Returns a digest and the name of a log file that it names and that is there."""
    named = [
        (digest, log["s3Object"])
        for chain in case.chains
        for digest in chain.digests
        for log in digest.logs
        if log["s3Object"] in case.objects
    ]
    if not named:
        raise Unfit
    return source.choice(named)


def change(to):
    """Returns what replaces the bytes of a log file by what a function makes of them."""

    def apply(source, case):
        _, name = log(source, case)
        if len(case.objects[name]) < 100:
            raise Unfit
        case.objects[name] = to(source, case.objects[name])

    return apply


def cut(source, case):
    """Cuts the trailer off, which awscli does not miss."""
    digest, name = log(source, case)
    case.objects[name] = cut_trailer(source, case.objects[name])
    case.expected.append(["log_truncated", name, [digest.name]])


def delete(source, case):
    del case.objects[log(source, case)[1]]


def rewrite(source, case):
    digest, name = log(source, case)
    account, region = digest.chain.place()
    case.objects[name] = trails.pack(source, trails.records(source, account, region, digest.start))


def recompress(source, case):
    _, name = log(source, case)
    case.objects[name] = trails.pack(source, trails.unpack(case.objects[name]))


def truncate(source, data):
    return data[: source.randrange(1, len(data))]


def cut_trailer(source, data):
    """Leaves the content whole: checksum and length are what goes."""
    return data[: -source.randint(1, 8)]


def flip(source, data):
    """Flips one bit: often in the header or the trailer, where it may mean nothing."""
    anywhere = [source.randrange(10, len(data)) for _ in range(3)]
    place = source.choice([source.randrange(10), 10, -source.randint(1, 9), *anywhere])
    changed = bytearray(data)
    changed[place] ^= 1 << source.randrange(8)
    return bytes(changed)


def append(source, data):
    """Appends bytes. gzip itself is silent about zeros."""
    length = source.choice([1, 2, 8, 5000])
    return data + source.choice([bytes(length), source.randbytes(length), b"\n"])


def append_member(source, data):
    return data + trails.pack(source, source.choice([b"", b'{"Records":[]}', trails.unpack(data)]))


def not_gzip(source, data):
    return source.choice([trails.unpack(data), source.randbytes(200), b"\n", b"PK\x03\x04" + bytes(60)])


def empty(_source, _data):
    return b""


def replace(source, case):
    """Puts one log file in the place of another; sometimes both change places."""
    _, name = log(source, case)
    _, other = log(source, case)
    if name == other:
        raise Unfit
    mine, case.objects[name] = case.objects[name], case.objects[other]
    if source.random() < 0.5:
        case.objects[other] = mine


def elsewhere(source, name):
    """Returns a name in the folder of another day."""
    folder, base = name.rsplit("/", 1)
    root, day = folder[: -len("/2026/01/01")], folder[-len("2026/01/01") :]
    moved = datetime.datetime.strptime(day, "%Y/%m/%d") + source.choice([-40, -2, -1, 1, 2, 400]) * 24 * HOUR
    return f"{root}/{moved:%Y/%m/%d}/{base}"


def follows(digest):
    """Returns the digest that links to this one, or nothing."""
    return next((other for other in digest.chain.digests if other.previous is digest), None)


def expect_unnamed(case, name, digest):
    """The next digest could name it as well: only with both is it sure that nothing does."""
    case.expected.append(["log_unnamed", name, [digest.name, follows(digest).name]])


def covering(case, digest, moment):
    """Returns the digest of a standard chain that a moment is well inside of, if another one follows."""
    for chain in case.chains:
        for other in chain.digests:
            is_inside = other.start + 5 * MINUTE <= moment <= other.end - 5 * MINUTE
            if is_inside and chain.place() == digest.chain.place() and not chain.backfill and follows(other):
                return other
    return None


def copy(source, case):
    digest, name = log(source, case)
    to = elsewhere(source, name)
    case.objects[to] = case.objects[name]
    stated = name.rsplit("_", 2)[1]
    covered = covering(case, digest, datetime.datetime.strptime(stated, "%Y%m%dT%H%MZ"))
    # At the edges of what digests cover either answer will do.
    if covered:
        expect_unnamed(case, to, covered)
    return name


def move(source, case):
    del case.objects[copy(source, case)]


def add(case, source, digest, moment):
    account, region = digest.chain.place()
    name = case.log_name(source, account, region, moment)
    data = trails.records(source, account, region, moment)
    case.objects[name] = trails.pack(source, data)
    return name


def chain(source, case):
    return source.choice([chain for chain in case.chains if not chain.backfill])


def add_inside(source, case):
    digest = source.choice([digest for digest in chain(source, case).digests if follows(digest)])
    name = add(case, source, digest, digest.start + source.randint(10, 50) * MINUTE)
    expect_unnamed(case, name, digest)


def nearby(case, chosen):
    """Returns all digests for the place of a chain, of whatever trail."""
    return [digest for chain in case.chains if chain.place() == chosen.place() for digest in chain.digests]


def add_before(source, case):
    """Adds a file from before validation was on."""
    first = min(nearby(case, chain(source, case)), key=lambda digest: digest.start)
    add(case, source, first, first.start - source.randint(3, 200) * HOUR)


def add_after(source, case):
    """Adds a file that the next digest, which is not there yet, will name."""
    last = max(nearby(case, chain(source, case)), key=lambda digest: digest.end)
    add(case, source, last, last.end + source.randint(2, 50) * MINUTE)


def add_in_gap(source, case):
    """Adds a file from a period in which validation was off."""
    for one in source.sample(case.chains, len(case.chains)):
        for digest, following in zip(one.digests, one.digests[1:]):
            middle = digest.end + (following.start - digest.end) / 2
            covered = any(other.start - HOUR <= middle <= other.end + HOUR for other in nearby(case, one))
            if following.previous is None and not covered:
                add(case, source, digest, middle)
                return
    raise Unfit
