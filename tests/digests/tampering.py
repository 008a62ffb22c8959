"""The table of all kinds of tampering: what they do, and who must see it.

`awscli` is when the walk of awscli along a chain reports something INVALID: always, sometimes, or
never. `verify` names what `verify` must have found in at least one case of the kind beyond awscli.
"""

import typing

import digest_tampering as digests
import key_tampering as keys
import log_tampering as logs
from trails import Unfit, generate


class Kind(typing.NamedTuple):
    name: str
    apply: typing.Callable
    awscli: str
    verify: str = ""
    needs: frozenset = frozenset()
    combines: bool = True


SIDECARS, BACKFILL = frozenset({"sidecars"}), frozenset({"sidecars", "backfill"})
CHAINS, RESTART = frozenset({"chains"}), frozenset({"restart"})


def none(_source, _case):
    pass


def table(pool):
    """Returns all kinds by name."""
    kinds = [
        Kind("none", none, "never", combines=False),
        Kind("none, all parts", none, "never", needs=RESTART | BACKFILL | CHAINS, combines=False),
        Kind("log deleted", logs.delete, "always"),
        Kind("log rewritten", logs.rewrite, "always"),
        Kind("log recompressed", logs.recompress, "never"),
        Kind("log emptied", logs.change(logs.empty), "always"),
        Kind("log truncated", logs.change(logs.truncate), "sometimes"),
        Kind("log's trailer cut", logs.cut, "never", "log_truncated"),
        Kind("log's bit flipped", logs.change(logs.flip), "sometimes"),
        Kind("log appended to", logs.change(logs.append), "always"),
        Kind("log's second member", logs.change(logs.append_member), "always"),
        Kind("log not gzip", logs.change(logs.not_gzip), "always"),
        Kind("log replaced", logs.replace, "always"),
        Kind("log moved", logs.move, "always", "log_unnamed"),
        Kind("log copied", logs.copy, "never", "log_unnamed"),
        Kind("extra log", logs.add_inside, "never", "log_unnamed"),
        Kind("extra log before", logs.add_before, "never"),
        Kind("extra log after", logs.add_after, "never"),
        Kind("extra log in gap", logs.add_in_gap, "never", needs=RESTART),
        Kind("digest deleted", digests.delete(digests.is_middle), "always"),
        Kind("oldest digest deleted", digests.delete(digests.is_oldest), "always"),
        Kind("newest digest deleted", digests.delete(digests.is_newest), "never"),
        Kind("two digests deleted", digests.delete_two, "always"),
        Kind("newest digests deleted", digests.delete_newest_ones, "never"),
        Kind("digest changed", digests.edit(digests.other_time), "always"),
        Kind("digest recompressed", digests.change(digests.recompress), "never"),
        Kind("digest truncated", digests.change(digests.truncate), "always"),
        Kind("digest's bit flipped", digests.change(logs.flip), "sometimes"),
        Kind("digest not gzip", digests.change(digests.not_gzip), "always"),
        Kind("digest not JSON", digests.change(digests.not_json), "always"),
        Kind("digest appended to", digests.append_bytes, "never", "digest_trailing", combines=False),
        Kind("digest without key", digests.edit(digests.no_key), "always"),
        Kind("digest without entry", digests.edit(digests.no_entry, digests.has_logs), "always"),
        Kind("digest's hash changed", digests.edit(digests.other_hash, digests.has_logs), "always"),
        Kind("digest's link changed", digests.edit(digests.other_previous, digests.has_previous), "always"),
        Kind("digest renamed", digests.rename, "always", "digest_moved"),
        Kind("digest copied", digests.copy, "sometimes", "digest_moved"),
        Kind("digests swapped", digests.swap, "always"),
        Kind("chains swapped", digests.exchange_chains, "always", needs=CHAINS),
        Kind("signature changed", keys.sidecar(keys.other_signature), "always", needs=SIDECARS),
        Kind("signature in capitals", keys.sidecar(keys.upper_case), "never", needs=SIDECARS),
        Kind("no signature", keys.without("signature"), "always", needs=SIDECARS),
        Kind("no algorithm", keys.without("signature-algorithm"), "always", needs=SIDECARS),
        Kind("other algorithm", keys.sidecar(keys.other_algorithm), "never", needs=SIDECARS),
        Kind("no backfill time", keys.sidecar(keys.no_timestamp, keys.is_backfill), "always", needs=BACKFILL),
        Kind("unknown key", keys.resign(pool, True), "always"),
        Kind("attacker's key", keys.resign(pool, False), "always"),
        Kind("key not listed", keys.drop_key, "always"),
        Kind("keys as SPKI", keys.show_spki(pool), "never", combines=False),
        Kind("digest reissued", keys.reissue, "never", "digest_link", SIDECARS, False),
        Kind("digest passed by", keys.pass_by, "never", "digest_unlinked", SIDECARS, False),
    ]
    combining = [kind for kind in kinds if kind.combines]

    def combine(source, case):
        for kind in source.sample(combining, 2):
            kind.apply(source, case)

    kinds += [Kind(f"two of them, {number}", combine, "sometimes", combines=False) for number in range(1, 6)]
    return {kind.name: kind for kind in kinds}


def tampered(source, pool, kind):
    """Returns a case with this kind of tampering."""
    for _ in range(100):
        case = generate(source, pool, kind.needs)
        try:
            kind.apply(source, case)
            return case
        except Unfit:
            continue
    raise AssertionError(f"no case fits {kind.name}")
