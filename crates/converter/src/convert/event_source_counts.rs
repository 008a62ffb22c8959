//! How many records there are of each event source, in bounded memory.

use std::{cmp::Reverse, collections::BTreeMap, ops::AddAssign};

/// Event sources that are counted one by one; AWS has some 400.
const MOST_NAMED: usize = 1000;
/// A longer text is not the name of an event source.
const MOST_NAME_BYTES: usize = 255;

/// Numbers of records by event source. Those of the first 1,000 event sources are exact, those of
/// further ones are added up.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EventSourceCounts {
    named: BTreeMap<String, u64>,
    further: u64,
}

impl EventSourceCounts {
    /// Adds records of an event source; `None` for records that name none.
    pub(crate) fn add(&mut self, event_source: Option<&str>, records: u64) {
        let name = event_source.filter(|name| !name.is_empty() && name.len() <= MOST_NAME_BYTES);
        let Some(name) = name else {
            self.further += records;
            return;
        };
        if let Some(count) = self.named.get_mut(name) {
            *count += records;
        } else if self.named.len() < MOST_NAMED {
            self.named.insert(name.to_owned(), records);
        } else {
            self.further += records;
        }
    }

    /// Returns how many records there are of all event sources.
    pub fn records(&self) -> u64 {
        self.named.values().sum::<u64>() + self.further
    }

    /// Returns the `most` event sources with most records, in this order, and how many records all
    /// others have.
    pub fn most_frequent(&self, most: usize) -> (Vec<(&str, u64)>, u64) {
        let mut named: Vec<_> =
            self.named.iter().map(|(name, records)| (name.as_str(), *records)).collect();
        named.sort_by_key(|(name, records)| (Reverse(*records), *name));
        let others = named.iter().skip(most).map(|(_, records)| records).sum::<u64>();
        named.truncate(most);
        (named, others + self.further)
    }
}

impl AddAssign for EventSourceCounts {
    fn add_assign(&mut self, other: Self) {
        for (name, records) in other.named {
            self.add(Some(&name), records);
        }
        self.further += other.further;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn most_frequent_first_and_the_rest_summed() {
        let mut counts = EventSourceCounts::default();
        for (name, records) in [("s3", 2), ("ec2", 5), ("sts", 2), ("ec2", 1), ("kms", 1)] {
            counts.add(Some(name), records);
        }
        counts.add(None, 3);
        counts.add(Some(&"x".repeat(300)), 4);
        assert_eq!(counts.most_frequent(2), (vec![("ec2", 6), ("s3", 2)], 10));
        assert_eq!(counts.most_frequent(9).0.len(), 4);
        let mut twice = counts.clone();
        twice += counts.clone();
        assert_eq!((counts.records(), twice.records()), (18, 36));
    }

    #[test]
    fn a_hostile_number_of_event_sources_takes_bounded_memory() {
        let mut counts = EventSourceCounts::default();
        for number in 0..5000 {
            counts.add(Some(&format!("{number}.example.com")), 2);
        }
        let mut twice = counts.clone();
        twice += counts;
        assert_eq!((twice.named.len(), twice.records()), (MOST_NAMED, 20_000));
        assert_eq!(twice.most_frequent(1), (vec![("0.example.com", 4)], 19_996));
    }
}
