//! The days that are verified of a trail.

use chrono::{DateTime, Days, NaiveDate, NaiveTime, TimeDelta, Utc};
use ecstrail_converter::Selection;

/// The days whose digests are asked, by the ends of their hours.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Bounds {
    after: Option<DateTime<Utc>>,
    /// An hour longer, since a log file is in the digest of the hour that it was delivered in.
    until: Option<DateTime<Utc>>,
    /// Whether only digests since some day were listed, which differs between regions.
    pub(super) is_recent: bool,
}

impl Bounds {
    pub(super) fn new(selection: &Selection) -> Self {
        let start = |day: NaiveDate| day.and_time(NaiveTime::MIN).and_utc();
        let end = |day: NaiveDate| Some(start(day.checked_add_days(Days::new(1))?));
        Self {
            after: selection.from.map(start),
            until: selection.until.and_then(end).map(|end| end + TimeDelta::hours(1)),
            is_recent: false,
        }
    }

    /// Also the days after the last one in which log files of its events may be delivered.
    pub(super) fn with_late_days(self, late_days: u32) -> Self {
        let later = |until| until + TimeDelta::days(late_days.into());
        Self { until: self.until.map(later), ..self }
    }

    pub(super) fn contain_delivery(&self, time: DateTime<Utc>) -> bool {
        self.after.is_none_or(|after| time >= after)
            && self.until.is_none_or(|until| time < until - TimeDelta::hours(1))
    }

    pub(super) fn contain(&self, end: DateTime<Utc>) -> bool {
        self.after.is_none_or(|after| end > after) && self.until.is_none_or(|until| end <= until)
    }
}
