//! What queries cost: Athena's price is one of the bytes that a query reads
//! (<https://aws.amazon.com/athena/pricing/>).

use std::fmt::Write as _;

/// Dollars per TiB: the list price of most Regions.
const DOLLARS_PER_TIB: f64 = 5.0;
const MIB: u64 = 1 << 20;
const TIB: u64 = 1 << 40;
/// A query counts as so many bytes at least, and up to whole MiB.
const LEAST: u64 = 10 * MIB;

/// What queries have read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Spent {
    queries: u64,
    reused: u64,
    scanned: u64,
    charged: u64,
}

/// How a query ended, as far as its price depends on that.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ended {
    /// It was run, to its end or until it was canceled.
    Run,
    /// It failed: there is no charge.
    Failed,
    /// An earlier result was given, or Athena's catalog was asked: nothing was read.
    Reused,
    Free,
}

impl Spent {
    /// Adds a query that is over.
    pub(super) fn add(&mut self, bytes: u64, ended: Ended) {
        self.queries += 1;
        self.scanned += bytes;
        match ended {
            Ended::Run => self.charged += bytes.next_multiple_of(MIB).max(LEAST),
            Ended::Reused => self.reused += 1,
            Ended::Failed | Ended::Free => {}
        }
    }

    /// Describes it in a sentence; nothing if there was no query.
    pub(super) fn in_words(&self) -> Option<String> {
        if self.queries == 0 {
            return None;
        }
        let mut words = format!("Athena scanned {}", in_bytes(self.scanned));
        // Writing to a String cannot fail.
        if self.queries > 1 {
            let _ = write!(words, " in {} queries", self.queries);
        }
        match (self.reused, self.queries) {
            (0, _) => {}
            (1, 1) => words.push_str(" and gave an earlier result"),
            (reused, _) => {
                let _ = write!(words, ", {reused} of them with an earlier result");
            }
        }
        if self.charged >= self.scanned + MIB {
            let _ = write!(words, ", charged as {}", in_bytes(self.charged));
        }
        if self.charged == 0 {
            words.push_str(", without charge");
        } else {
            let price = dollars(self.charged);
            let _ = write!(words, ", {price} at the list price of ${DOLLARS_PER_TIB} per TiB");
        }
        Some(words)
    }
}

#[expect(clippy::cast_precision_loss, reason = "a price of about so much")]
fn dollars(bytes: u64) -> String {
    let dollars = bytes as f64 / TIB as f64 * DOLLARS_PER_TIB;
    if dollars < 0.0001 {
        "less than $0.0001".to_owned()
    } else if dollars < 0.1 {
        format!("about ${dollars:.4}")
    } else {
        format!("about ${dollars:.2}")
    }
}

/// Returns a number of bytes with three digits.
#[expect(clippy::cast_precision_loss, reason = "three digits are shown")]
pub(super) fn in_bytes(bytes: u64) -> String {
    const UNITS: [&str; 5] = ["KiB", "MiB", "GiB", "TiB", "PiB"];
    if bytes < 1024 {
        return format!("{bytes} bytes");
    }
    let mut number = bytes as f64 / 1024.0;
    let mut units = UNITS.iter();
    let mut unit = units.next().copied().unwrap_or_default();
    for larger in units {
        if number < 1000.0 {
            break;
        }
        number /= 1024.0;
        unit = larger;
    }
    if number < 10.0 { format!("{number:.1} {unit}") } else { format!("{number:.0} {unit}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(queries: &[(u64, Ended)]) -> Option<String> {
        let mut spent = Spent::default();
        for (bytes, ended) in queries {
            spent.add(*bytes, *ended);
        }
        spent.in_words()
    }

    #[test]
    fn costs_in_words() {
        let gib = 1 << 30;
        for (queries, expected) in [
            (
                &[(0, Ended::Run)][..],
                "Athena scanned 0 bytes, charged as 10 MiB, less than $0.0001 at the list price of $5 per TiB",
            ),
            (
                &[(1_288_490_189, Ended::Run)],
                "Athena scanned 1.2 GiB, about $0.0059 at the list price of $5 per TiB",
            ),
            (
                &[(35_000, Ended::Run), (512, Ended::Run), (11 * MIB + 1, Ended::Run)],
                "Athena scanned 11 MiB in 3 queries, charged as 32 MiB, about $0.0002 at the list price of $5 per TiB",
            ),
            (
                &[(300 * gib, Ended::Run), (5, Ended::Failed)],
                "Athena scanned 300 GiB in 2 queries, about $1.46 at the list price of $5 per TiB",
            ),
            (
                &[(0, Ended::Reused)],
                "Athena scanned 0 bytes and gave an earlier result, without charge",
            ),
            (
                &[(0, Ended::Reused), (40 * MIB, Ended::Run), (0, Ended::Free)],
                "Athena scanned 40 MiB in 3 queries, 1 of them with an earlier result, about $0.0002 at the list price of $5 per TiB",
            ),
        ] {
            assert_eq!(told(queries).unwrap(), expected);
        }
        assert_eq!(told(&[]), None);
    }

    #[test]
    fn bytes_have_units() {
        for (bytes, expected) in [
            (0, "0 bytes"),
            (1023, "1023 bytes"),
            (1024, "1.0 KiB"),
            (10 * 1024, "10 KiB"),
            (1_048_000, "1.0 MiB"),
            (10 * MIB, "10 MiB"),
            (1_288_490_189, "1.2 GiB"),
            (u64::MAX, "16384 PiB"),
        ] {
            assert_eq!(in_bytes(bytes), expected);
        }
    }
}
