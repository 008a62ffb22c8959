//! The order of the rows of a partition, and which of them are the same event.

/// What orders a row among those of its partition: in a sorted run as in a data file. Duplicates are
/// side by side, the one to keep first.
///
/// The order is that of the fields. `F` names the log file: its number while a conversion runs, its
/// path in a data file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct RowKey<'a, F> {
    /// `eventTime`, in one unit for all rows that are compared.
    pub event_time: Option<i64>,
    /// `eventID`.
    pub event_id: Option<&'a str>,
    /// Hash of the record's canonical text.
    pub record_hash: i64,
    /// `recipientAccountId`.
    pub recipient_account_id: Option<&'a str>,
    /// The log file.
    pub source_file: F,
    /// 0-based position among the file's records.
    pub index: i64,
}

impl<F> RowKey<'_, F> {
    /// Returns whether two rows are the same event, delivered twice.
    pub fn is_same_event(&self, other: &Self) -> bool {
        self.record_hash == other.record_hash
            && self.event_id == other.event_id
            && self.recipient_account_id == other.recipient_account_id
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn duplicates_are_side_by_side_the_first_log_file_first() {
        let key = |event_time, event_id, record_hash, recipient_account_id, source_file, index| {
            RowKey { event_time, event_id, record_hash, recipient_account_id, source_file, index }
        };
        let in_order = [
            key(None, None, 8, Some("2"), "b", 9),
            key(Some(1), None, 9, Some("2"), "b", 9),
            key(Some(1), Some("a"), 1, Some("2"), "b", 9),
            key(Some(1), Some("a"), 2, None, "b", 9),
            key(Some(1), Some("a"), 2, Some("1"), "a", 1),
            key(Some(1), Some("a"), 2, Some("1"), "a", 2),
            key(Some(1), Some("a"), 2, Some("1"), "b", 0),
            key(Some(1), Some("a"), 2, Some("2"), "a", 0),
        ];
        assert!(in_order.is_sorted());
        let duplicates: Vec<bool> =
            in_order.windows(2).map(|pair| pair[0].is_same_event(&pair[1])).collect();
        assert_eq!(duplicates, [false, false, false, false, true, true, false]);
    }
}
