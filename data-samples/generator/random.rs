//! Chance, seeded: the same seed and path give the same values on every machine.
//!
//! Only whole numbers are drawn, so that no machine rounds differently.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};
use sha2::{Digest, Sha256};

const HEX: &[u8] = b"0123456789abcdef";
const BASE32: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const ALPHANUMERIC: &[u8] = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
const BASE64: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const UPPER: &[u8] = b"ABCDEFGHJKMNPQRSTVWXYZ0123456789";
const LOWER: &[u8] = b"abcdefghijklmnopqrstuvwxyz0123456789";

/// A stream of chance for one purpose.
pub(crate) struct Random(ChaCha8Rng);

impl Random {
    /// Opens the stream that belongs to a seed and a path of names.
    pub(crate) fn new(seed: u64, path: &[&str]) -> Self {
        let mut digest = Sha256::new();
        digest.update(seed.to_le_bytes());
        for part in path {
            digest.update((part.len() as u64).to_le_bytes());
            digest.update(part.as_bytes());
        }
        Self(ChaCha8Rng::from_seed(digest.finalize().into()))
    }

    /// Returns a number below the limit, 0 when the limit is 0.
    pub(crate) fn below(&mut self, limit: u64) -> u64 {
        let wide = u128::from(self.0.next_u64()) * u128::from(limit);
        u64::try_from(wide >> 64).unwrap_or_default()
    }

    /// Returns a number from low to high, both included.
    pub(crate) fn between(&mut self, low: i64, high: i64) -> i64 {
        low + i64::try_from(self.below((high - low + 1).unsigned_abs())).unwrap_or_default()
    }

    /// Returns true so many times in a thousand.
    pub(crate) fn chance(&mut self, per_mille: u64) -> bool {
        self.below(1000) < per_mille
    }

    /// Returns a position in a list of this length.
    pub(crate) fn position(&mut self, length: usize) -> usize {
        usize::try_from(self.below(length as u64)).unwrap_or_default()
    }

    pub(crate) fn pick<'a, T>(&mut self, choices: &'a [T]) -> &'a T {
        &choices[self.position(choices.len())]
    }

    /// Picks by weight.
    pub(crate) fn weighted<'a, T>(&mut self, choices: &'a [(u64, T)]) -> &'a T {
        let mut rest = self.below(choices.iter().map(|(weight, _)| weight).sum());
        for (weight, choice) in choices {
            if rest < *weight {
                return choice;
            }
            rest -= weight;
        }
        &choices[0].1
    }

    pub(crate) fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            items.swap(last, self.position(last + 1));
        }
    }

    fn text(&mut self, length: usize, letters: &[u8]) -> String {
        let mut text = String::with_capacity(length);
        let count = u128::try_from(letters.len()).unwrap_or(1);
        let mut word = 0_u128;
        for place in 0..length {
            if place % 8 == 0 {
                word = u128::from(self.0.next_u64());
            }
            // The low 64 bits are a fraction; multiplying moves the next letter above them.
            let wide = (word & u128::from(u64::MAX)) * count;
            text.push(char::from(letters[usize::try_from(wide >> 64).unwrap_or_default()]));
            word = wide;
        }
        text
    }

    pub(crate) fn hex(&mut self, length: usize) -> String {
        self.text(length, HEX)
    }

    pub(crate) fn digits(&mut self, length: usize) -> String {
        self.text(length, &HEX[..10])
    }

    pub(crate) fn alphanumeric(&mut self, length: usize) -> String {
        self.text(length, ALPHANUMERIC)
    }

    pub(crate) fn base64(&mut self, length: usize) -> String {
        self.text(length, BASE64)
    }

    pub(crate) fn upper(&mut self, length: usize) -> String {
        self.text(length, UPPER)
    }

    pub(crate) fn lower(&mut self, length: usize) -> String {
        self.text(length, LOWER)
    }

    /// Returns an id of a key or principal, recognisable as an example.
    pub(crate) fn credential(&mut self, prefix: &str) -> String {
        let letters = if prefix.starts_with("AK") || prefix.starts_with("AS") { 9 } else { 10 };
        format!("{prefix}{}EXAMPLE", self.text(letters, BASE32))
    }

    /// Returns a random UUID.
    pub(crate) fn guid(&mut self) -> String {
        let text = self.hex(32);
        let variant = self.pick(&["8", "9", "a", "b"]);
        format!(
            "{}-{}-4{}-{variant}{}-{}",
            &text[..8],
            &text[8..12],
            &text[13..16],
            &text[17..20],
            &text[20..]
        )
    }

    /// Returns an address from the documentation ranges.
    pub(crate) fn address(&mut self) -> String {
        if self.chance(40) {
            return format!("2001:db8:{}:{}::{}", self.hex(4), self.hex(4), self.below(999) + 1);
        }
        let network = self.pick(&["192.0.2", "198.51.100", "203.0.113"]);
        format!("{network}.{}", self.between(2, 254))
    }
}
