"""What is done to signatures, to the metadata that holds them, to links and to keys.

Each function changes the case, or raises Unfit. Some sign with CloudTrail's own keys: no attacker can
do that, but what `verify` says of it must be right as well.
"""

import json

import trails
from digest_tampering import is_middle, other_time, pick
from log_tampering import follows
from trails import Unfit


def sidecar(to, fits=lambda digest: True):
    """Returns what changes the metadata of a digest."""

    def apply(source, case):
        digest = pick(source, case, lambda digest: fits(digest) and digest.name in case.sidecars)
        metadata = case.metadata[digest.name]
        if not {"signature", "signature-algorithm"} <= set(metadata) or len(metadata["signature"]) != 512:
            raise Unfit
        to(source, metadata)

    return apply


def is_backfill(digest):
    return digest.chain.backfill


def without(key):
    def apply(_source, metadata):
        metadata.pop(key, None)

    return sidecar(apply)


def other_signature(source, metadata):
    signature = metadata["signature"]
    place = source.randrange(len(signature))
    digit = "0123456789abcdef"[(int(signature[place], 16) + source.randint(1, 15)) % 16]
    metadata["signature"] = source.choice([
        signature[:place] + digit + signature[place + 1 :],
        signature[:-1], signature[:-2], "00" + signature, signature + "00", signature + "\n", "00", "", "null",
        source.randbytes(256).hex(),
    ])


def upper_case(_source, metadata):
    metadata["signature"] = metadata["signature"].upper()


def other_algorithm(source, metadata):
    metadata["signature-algorithm"] = source.choice(["SHA512withRSA", "none", ""])


def no_timestamp(_source, metadata):
    metadata.pop("backfill-generation-timestamp", None)


def resign(pool, with_fingerprint):
    """Returns what lets an attacker sign a digest, with or without saying whose key it is."""

    def apply(source, case):
        digest = pick(source, case)
        stated = json.loads(digest.content)
        if with_fingerprint:
            stated["digestPublicKeyFingerprint"] = pool.attacker.fingerprint
        stated["logFiles"] = []
        # The signature of the same content can stand in the next digest.
        if digest.content == (content := json.dumps(stated).encode()):
            raise Unfit
        digest.content = content
        case.sign(digest, pool.attacker)
        case.objects[digest.name] = trails.pack(source, digest.content)

    return apply


def reissue(source, case):
    """Lets CloudTrail sign another content, while the next digest still states the first one."""
    digest = pick(source, case, follows)
    stated = json.loads(digest.content)
    other_time(source, case, digest, stated)
    digest.content = json.dumps(stated).encode()
    case.sign(digest)
    case.objects[digest.name] = trails.pack(source, digest.content)
    case.expected.append(["digest_link", digest.name, [digest.name]])


def pass_by(source, case):
    """Lets CloudTrail sign a link to the digest before the previous one."""
    digest = pick(source, case, is_middle)
    follows(digest).previous = digest.previous
    case.build(source, digest.chain)
    case.expected.append(["digest_unlinked", digest.name, [digest.name]])


def show_spki(pool):
    """Returns what lists some keys in the form in which one page of AWS shows them."""

    def apply(source, case):
        chosen = source.sample(range(3), source.randint(1, 3))
        for number in chosen:
            case.shown_keys[number] = pool.genuine[number].listed("spki")

    return apply


def drop_key(source, case):
    used = pick(source, case).key.fingerprint
    case.keys = [key for key in case.keys if key["Fingerprint"] != used]
    case.shown_keys = [key for key in case.shown_keys if key["Fingerprint"] != used]
