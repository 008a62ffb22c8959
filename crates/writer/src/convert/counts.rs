//! What a conversion counts, for one batch or for all of them.

use std::{collections::BTreeMap, ops::AddAssign};

use ecstrail_converter::{EventSourceCounts, LookAlike, RejectReason, Suspicion};
use serde::{Serialize, Serializer};

use crate::log::Totals;

/// Event sources that are not kept and are named in what is serialized.
const NAMED_EVENT_SOURCES: usize = 20;

/// What a conversion read, rejected and wrote, in numbers. Serialized it is a part of the summary
/// that `ecstrail convert` writes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct ConvertCounts {
    /// Records by outcome; they add up.
    #[serde(flatten)]
    pub totals: Totals,
    /// The rejects by reason.
    pub rejects_by_reason: BTreeMap<RejectReason, u64>,
    /// What looks like records and is not, among records, by what it is; counted as filtered.
    pub look_alikes: BTreeMap<LookAlike, u64>,
    /// Log files converted: those read that are neither damaged nor look-alikes.
    pub converted_files: u64,
    /// Log files that could not be read.
    pub damaged_files: u64,
    /// Log files that were converted before with the same selection: by an earlier run, or by this
    /// one through another source.
    pub known_files: u64,
    /// Log files that were found damaged before; they have not changed.
    pub known_damaged_files: u64,
    /// Log files that other shards convert.
    pub other_shard_files: u64,
    /// Log files read that hold nothing but look-alikes, by what it is.
    pub look_alike_files: BTreeMap<LookAlike, u64>,
    /// Records of event sources that the selection does not keep; counted as filtered. Serialized as
    /// `other_event_sources`, the 20 with most records, and `further_event_sources`, their sum.
    #[serde(flatten, serialize_with = "serialize_most_frequent")]
    pub other_event_sources: EventSourceCounts,
    /// Records of kept event sources that the rest of the selection excludes; counted as filtered.
    #[serde(skip)]
    pub excluded: u64,
    /// Log files read: converted, damaged and look-alikes.
    pub files: u64,
    /// Log files about which something is odd, by what it is.
    pub suspicions: BTreeMap<Suspicion, u64>,
    /// Log files read that a digest proves, if digests were verified.
    pub proved_files: u64,
    /// Log files read that are not what a digest says.
    pub disproved_files: u64,
    /// Bytes of the log files read, as stored.
    pub stored_bytes: u64,
    /// Bytes of the log files read, decompressed.
    pub decompressed_bytes: u64,
    /// Data files written.
    pub data_files: u64,
    /// Bytes of them.
    pub data_bytes: u64,
    /// Versions of the commits made.
    pub commits: Vec<u64>,
}

impl ConvertCounts {
    /// Returns the 20 event sources with most records that the selection does not keep, in this
    /// order, and how many records all others have.
    pub fn other_event_sources(&self) -> (Vec<(&str, u64)>, u64) {
        self.other_event_sources.most_frequent(NAMED_EVENT_SOURCES)
    }
}

impl AddAssign for ConvertCounts {
    fn add_assign(&mut self, other: Self) {
        // Without `..`: a new counter that is not added up does not compile.
        let Self {
            totals,
            rejects_by_reason,
            look_alikes,
            converted_files,
            damaged_files,
            known_files,
            known_damaged_files,
            other_shard_files,
            look_alike_files,
            other_event_sources,
            excluded,
            files,
            suspicions,
            proved_files,
            disproved_files,
            stored_bytes,
            decompressed_bytes,
            data_files,
            data_bytes,
            commits,
        } = other;
        self.totals += totals;
        add_up(&mut self.rejects_by_reason, rejects_by_reason);
        add_up(&mut self.look_alikes, look_alikes);
        self.converted_files += converted_files;
        self.damaged_files += damaged_files;
        self.known_files += known_files;
        self.known_damaged_files += known_damaged_files;
        self.other_shard_files += other_shard_files;
        add_up(&mut self.look_alike_files, look_alike_files);
        self.other_event_sources += other_event_sources;
        self.excluded += excluded;
        self.files += files;
        add_up(&mut self.suspicions, suspicions);
        self.proved_files += proved_files;
        self.disproved_files += disproved_files;
        self.stored_bytes += stored_bytes;
        self.decompressed_bytes += decompressed_bytes;
        self.data_files += data_files;
        self.data_bytes += data_bytes;
        self.commits.extend(commits);
    }
}

/// Adds numbers to the sums of the same keys.
pub(super) fn add_up<K: Ord>(
    sums: &mut BTreeMap<K, u64>,
    further: impl IntoIterator<Item = (K, u64)>,
) {
    for (key, number) in further {
        *sums.entry(key).or_default() += number;
    }
}

fn serialize_most_frequent<S: Serializer>(
    counts: &EventSourceCounts,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    #[derive(Serialize)]
    struct MostFrequent<'a> {
        other_event_sources: BTreeMap<&'a str, u64>,
        further_event_sources: u64,
    }
    let (named, further_event_sources) = counts.most_frequent(NAMED_EVENT_SOURCES);
    let other_event_sources = named.into_iter().collect();
    MostFrequent { other_event_sources, further_event_sources }.serialize(serializer)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every number of `value`, and of what it holds.
    fn numbers(value: &serde_json::Value) -> Vec<u64> {
        match value {
            serde_json::Value::Object(members) => members.values().flat_map(numbers).collect(),
            serde_json::Value::Array(values) => values.iter().flat_map(numbers).collect(),
            value => vec![value.as_u64().unwrap()],
        }
    }

    #[test]
    fn every_counter_is_added_up_and_serialized() {
        let one = || ConvertCounts {
            totals: Totals { records: 4, rows: 1, filtered: 1, duplicates: 1, rejects: 1 },
            rejects_by_reason: [(RejectReason::BrokenJson, 1)].into(),
            look_alikes: [(LookAlike::Digest, 1)].into(),
            converted_files: 1,
            damaged_files: 1,
            known_files: 1,
            known_damaged_files: 1,
            other_shard_files: 1,
            look_alike_files: [(LookAlike::Notification, 1)].into(),
            other_event_sources: EventSourceCounts::default(),
            excluded: 1,
            files: 3,
            suspicions: [(Suspicion::Salvaged, 1)].into(),
            proved_files: 1,
            disproved_files: 1,
            stored_bytes: 1,
            decompressed_bytes: 1,
            data_files: 1,
            data_bytes: 1,
            commits: vec![1],
        };
        let mut two = one();
        two += one();
        assert_eq!((two.commits.clone(), two.excluded), (vec![1, 1], 2));
        two.commits = vec![2];
        let one = serde_json::to_value(one()).unwrap();
        let two = serde_json::to_value(two).unwrap();
        let doubled: Vec<u64> = numbers(&one).iter().map(|number| number * 2).collect();
        assert_eq!(numbers(&two), doubled);
        let members: Vec<_> = two.as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(members.len(), 5 + 18 + 1, "{members:?}");
        assert_eq!(two["further_event_sources"], 0);
    }
}
