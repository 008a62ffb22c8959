//! Whether a bloom filter can be the one that was written: nothing else says so when it is read alone,
//! and one that lost bits says of rows that are there that they are not.

use parquet::{bloom_filter::Sbbf, errors::ParquetError};

/// Bits of a block of a split-block bloom filter, and words of it: a value sets one bit in each.
/// <https://parquet.apache.org/docs/file-format/bloomfilter/>
const BLOCK_BITS: f64 = 256.0;
const WORDS: f64 = 8.0;
/// The share of the bits to be expected that must be set: chance hardly ever takes away a percent.
const LEAST_SHARE: f64 = 0.97;
/// Bits that may be missing besides, in small filters.
const SLACK: f64 = 64.0;

/// Returns whether as many bits are set as so many distinct values set.
#[expect(clippy::cast_precision_loss, reason = "a share need not be exact")]
pub(super) fn is_plausible(filter: &Sbbf, values: u64) -> Result<bool, ParquetError> {
    let mut bits = Vec::new();
    filter.write_bitset(&mut bits)?;
    let set: u64 = bits.iter().map(|byte| u64::from(byte.count_ones())).sum();
    let blocks = filter.num_blocks() as f64;
    let in_word = BLOCK_BITS / WORDS;
    let share = 1.0 - (-(values as f64) / blocks / in_word).exp();
    let expected = blocks * BLOCK_BITS * share;
    Ok(set as f64 + SLACK >= expected * LEAST_SHARE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filters_that_lost_bits() {
        for (values, capacity) in [(0, 100), (1, 100), (10, 1000), (1000, 1000), (50_000, 128_000)]
        {
            let mut filter = Sbbf::new_with_ndv_fpp(capacity, 0.01).unwrap();
            for value in 0..values {
                filter.insert(format!("event-{value}").as_str());
            }
            assert!(is_plausible(&filter, values).unwrap(), "{values}");
            filter.fold_to_target_fpp(0.01);
            assert!(is_plausible(&filter, values).unwrap(), "{values}");
            let mut bits = Vec::new();
            filter.write_bitset(&mut bits).unwrap();
            if values < 1000 {
                continue;
            }
            let zeroed = Sbbf::new(&vec![0; bits.len()]);
            assert!(!is_plausible(&zeroed, values).unwrap(), "{values}");
            // A block of a disk that was never written.
            let hole = bits.len().min(4096) / 2;
            bits[..hole].fill(0);
            assert!(!is_plausible(&Sbbf::new(&bits), values).unwrap(), "{values}");
        }
        let few = Sbbf::new_with_num_of_bytes(1024);
        assert!(!is_plausible(&few, 20).unwrap());
    }
}
