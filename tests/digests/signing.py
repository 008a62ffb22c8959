"""RSA keys that are the same in every run, and how they look in a list of public keys."""

import base64
import datetime
import hashlib
import math
import random

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

EXPONENT = 65537
SMALL_PRIMES = math.prod(n for n in range(3, 2000, 2) if all(n % d for d in range(3, math.isqrt(n) + 1, 2)))
# When the private keys were in use, as list-public-keys states it.
VALIDITY = (1577836800.0, 1893456000.0)


class Key:
    def __init__(self, source):
        self.private = private_key(source)
        self.pkcs1 = self.public(serialization.PublicFormat.PKCS1)
        self.spki = self.public(serialization.PublicFormat.SubjectPublicKeyInfo)
        self.fingerprint = hashlib.md5(self.pkcs1).hexdigest()

    def public(self, form):
        return self.private.public_key().public_bytes(serialization.Encoding.DER, form)

    def sign(self, text):
        """Returns a signature as CloudTrail states it: SHA256withRSA in hexadecimal."""
        return self.private.sign(text.encode(), padding.PKCS1v15(), hashes.SHA256()).hex()

    def listed(self, form="pkcs1", has_numbers=False):
        start, end = VALIDITY if has_numbers else map(iso, VALIDITY)
        return {
            "Value": base64.b64encode(getattr(self, form)).decode(),
            "ValidityStartTime": start,
            "ValidityEndTime": end,
            "Fingerprint": self.fingerprint,
        }


def iso(seconds):
    return datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc).isoformat()


def prime(source, bits=1024):
    """Returns a number that is a prime for this purpose: what makes the private key checks it."""
    while True:
        # The two highest bits make the product of two primes as long as it must be.
        candidate = source.getrandbits(bits) | 3 << (bits - 2) | 1
        if math.gcd(candidate, SMALL_PRIMES) != 1 or candidate % EXPONENT == 1:
            continue
        if pow(2, candidate - 1, candidate) == 1:
            return candidate


def private_key(source):
    """Returns a key from a seeded source: other libraries take theirs from the system only."""
    p, q = prime(source), prime(source)
    d = pow(EXPONENT, -1, (p - 1) * (q - 1))
    numbers = rsa.RSAPrivateNumbers(
        p, q, d, rsa.rsa_crt_dmp1(d, p), rsa.rsa_crt_dmq1(d, q), rsa.rsa_crt_iqmp(p, q),
        rsa.RSAPublicNumbers(EXPONENT, p * q),
    )
    return numbers.private_key()


class Pool:
    """The keys of all cases: some of CloudTrail, and one of an attacker which no list holds."""

    def __init__(self):
        source = random.Random("the keys of all cases")
        self.genuine = [Key(source) for _ in range(4)]
        self.attacker = Key(source)
