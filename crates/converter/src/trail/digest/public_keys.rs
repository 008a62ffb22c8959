//! The public keys that CloudTrail's digests are verified with, as
//! `aws cloudtrail list-public-keys` prints them.

use std::collections::HashMap;

use base64::{Engine, engine::general_purpose::STANDARD};
use ring::signature::{RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};
use serde::Deserialize;
use serde_json::{Deserializer, Value};

/// The algorithm of a key in a `SubjectPublicKeyInfo`: RSA, see RFC 3279, section 2.3.1.
const RSA_ALGORITHM: [u8; 15] =
    [0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00];
/// A bit string in DER, and the form of a length with a number of bytes behind it.
const BIT_STRING: u8 = 0x03;
const LONG_LENGTH: u8 = 0x80;

/// Public keys, by their fingerprints.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PublicKeys {
    /// In DER, PKCS #1.
    keys: HashMap<String, Vec<u8>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct PublicKey {
    value: String,
    fingerprint: String,
}

impl PublicKeys {
    /// Adds the keys of a file: what `aws cloudtrail list-public-keys` printed, for several regions
    /// one after the other, or in a list.
    ///
    /// # Errors
    /// What is wrong, in words.
    pub fn add(&mut self, text: &str) -> Result<(), String> {
        let mut found = Self::default();
        for value in Deserializer::from_str(text).into_iter::<Value>() {
            found.add_value(value.map_err(|error| format!("it is not JSON: {error}"))?)?;
        }
        if found.keys.is_empty() {
            return Err("it has no public keys".to_owned());
        }
        self.keys.extend(found.keys);
        Ok(())
    }

    fn add_value(&mut self, value: Value) -> Result<(), String> {
        match value {
            Value::Array(values) => values.into_iter().try_for_each(|value| self.add_value(value)),
            Value::Object(mut members) => match members.remove("PublicKeyList") {
                Some(list) => self.add_value(list),
                None => self.add_key(Value::Object(members)),
            },
            _ => Err("it is not a list of public keys".to_owned()),
        }
    }

    fn add_key(&mut self, value: Value) -> Result<(), String> {
        let PublicKey { value, fingerprint } = serde_json::from_value(value)
            .map_err(|error| format!("it is not a list of public keys: {error}"))?;
        let bytes = STANDARD
            .decode(value.trim())
            .map_err(|error| format!("key {fingerprint} is not Base64: {error}"))?;
        let key = pkcs1(&bytes).unwrap_or(&bytes).to_vec();
        self.keys.insert(fingerprint, key);
        Ok(())
    }

    /// Whether a key with a fingerprint is among them.
    pub fn has(&self, fingerprint: &str) -> bool {
        self.keys.contains_key(fingerprint)
    }

    /// Returns whether a signature, in hexadecimal, is that of a key over a message.
    pub(super) fn verify(&self, fingerprint: &str, message: &[u8], signature: &str) -> bool {
        let verified =
            self.keys.get(fingerprint).zip(bytes_of(signature)).map(|(key, signature)| {
                let key = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, key);
                key.verify(message, &signature)
            });
        verified.is_some_and(|verified| verified.is_ok())
    }
}

/// Returns the key in a `SubjectPublicKeyInfo`, in which one of AWS's own examples stands; `None` if
/// it is none.
fn pkcs1(der: &[u8]) -> Option<&[u8]> {
    let start = der.windows(RSA_ALGORITHM.len()).take(8).position(|part| part == RSA_ALGORITHM)?;
    let (tag, rest) = der[start + RSA_ALGORITHM.len()..].split_first()?;
    let (length, rest) = rest.split_first()?;
    let long = length.checked_sub(LONG_LENGTH).unwrap_or(0);
    let (unused_bits, key) = rest.get(usize::from(long)..)?.split_first()?;
    (*tag == BIT_STRING && *unused_bits == 0).then_some(key)
}

fn bytes_of(hex: &str) -> Option<Vec<u8>> {
    let digits = hex.as_bytes();
    let is_hex = digits.len().is_multiple_of(2) && digits.iter().all(u8::is_ascii_hexdigit);
    let value =
        |digit: u8| char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok());
    let pairs = is_hex.then(|| digits.chunks_exact(2))?;
    pairs.map(|pair| Some(value(pair[0])? << 4 | value(pair[1])?)).collect()
}
