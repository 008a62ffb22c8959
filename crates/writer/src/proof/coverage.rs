//! The times that digests cover, and those that they should cover and do not.

use chrono::{DateTime, TimeDelta, Utc};

/// How much later than its name says a log file may be in a digest.
const DELAY: TimeDelta = TimeDelta::hours(1);

/// A time, from its beginning to its end.
type Span = (DateTime<Utc>, DateTime<Utc>);

/// The times of the digests of an account in a region.
#[derive(Debug, Default)]
pub(super) struct Coverage {
    covered: Vec<Span>,
    doubtful: Vec<Span>,
}

impl Coverage {
    /// Adds the time of a digest that is to be believed.
    pub(super) fn cover(&mut self, from: DateTime<Utc>, to: DateTime<Utc>) {
        self.covered.push((from, to));
    }

    /// Adds the hour of a digest that is missing or not to be believed: what it named is not known.
    pub(super) fn doubt(&mut self, end: DateTime<Utc>) {
        self.doubtful.push((end - DELAY, end));
    }

    /// Sorts the times, and joins those that touch.
    pub(super) fn settle(&mut self) {
        self.covered.sort_unstable();
        let mut joined: Vec<Span> = Vec::new();
        for (from, to) in self.covered.drain(..) {
            match joined.last_mut() {
                Some(last) if from <= last.1 => last.1 = last.1.max(to),
                _ => joined.push((from, to)),
            }
        }
        self.covered = joined;
        self.doubtful.sort_unstable();
    }

    /// Returns whether digests must name a log file that was delivered at a time.
    pub(super) fn covers(&self, delivered: DateTime<Utc>) -> bool {
        let latest = delivered + DELAY;
        let next = self.covered.partition_point(|(from, _)| *from <= delivered);
        let is_covered = next > 0 && latest <= self.covered[next - 1].1;
        // All of them are equally long.
        let later = self.doubtful.partition_point(|(from, _)| *from <= latest);
        let is_doubtful = later > 0 && delivered <= self.doubtful[later - 1].1;
        is_covered && !is_doubtful
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_digests_cover() {
        let at = |hour: i64, minute: i64| {
            DateTime::UNIX_EPOCH + TimeDelta::hours(hour) + TimeDelta::minutes(minute)
        };
        let mut coverage = Coverage::default();
        for hour in [12, 10, 11, 20, 21, 22, 23] {
            coverage.cover(at(hour, 0), at(hour + 1, 0));
        }
        coverage.doubt(at(23, 0));
        coverage.settle();
        for (hour, minute, expected) in [
            (9, 59, false),
            (10, 0, true),
            (11, 59, true),
            (12, 0, true),
            (12, 1, false),
            (15, 0, false),
            (20, 59, true),
            (21, 30, false),
            (23, 0, false),
        ] {
            assert_eq!(coverage.covers(at(hour, minute)), expected, "{hour}:{minute}");
        }
    }
}
