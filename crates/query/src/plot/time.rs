//! Time on an axis: steps of hours, days, weeks, months or years, all in UTC.

use chrono::{DateTime, Datelike, Days, Months, NaiveDate, NaiveDateTime, Timelike};

const HOUR: i64 = 3_600_000_000;
const DAY: i64 = 24 * HOUR;

/// A step of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Step {
    /// This many hours, a divisor of 24.
    Hours(u32),
    Day,
    /// Monday to Sunday.
    Week,
    /// This many months, a divisor of 12.
    Months(u32),
    /// This many years.
    Years(u32),
}

/// From the smallest to the largest.
const STEPS: [Step; 15] = [
    Step::Hours(1),
    Step::Hours(3),
    Step::Hours(6),
    Step::Hours(12),
    Step::Day,
    Step::Week,
    Step::Months(1),
    Step::Months(3),
    Step::Months(6),
    Step::Years(1),
    Step::Years(5),
    Step::Years(25),
    Step::Years(100),
    Step::Years(500),
    Step::Years(10_000),
];

/// Steps of bars: those that have a name.
const NAMED: [Step; 10] = [
    Step::Hours(1),
    Step::Day,
    Step::Week,
    Step::Months(1),
    Step::Years(1),
    Step::Years(5),
    Step::Years(25),
    Step::Years(100),
    Step::Years(500),
    Step::Years(10_000),
];

impl Step {
    /// The name of one step.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Hours(1) => "hour",
            Self::Hours(_) => "hours",
            Self::Day => "day",
            Self::Week => "week",
            Self::Months(1) => "month",
            Self::Months(_) => "months",
            Self::Years(1) => "year",
            Self::Years(_) => "years",
        }
    }

    /// The beginning of the step that a time is in.
    fn floor(self, time: i64) -> Option<NaiveDateTime> {
        let time = instant(time)?;
        let (day, month) = (time.date(), time.date().with_day(1)?);
        let midnight = |day: NaiveDate| day.and_hms_opt(0, 0, 0);
        match self {
            Self::Hours(hours) => day.and_hms_opt(time.hour() - time.hour() % hours, 0, 0),
            Self::Day => midnight(day),
            Self::Week => midnight(
                day.checked_sub_days(Days::new(day.weekday().num_days_from_monday().into()))?,
            ),
            Self::Months(months) => {
                midnight(month.with_month(month.month0() - month.month0() % months + 1)?)
            }
            Self::Years(years) => {
                let years = i32::try_from(years).ok()?;
                midnight(NaiveDate::from_ymd_opt(day.year() - day.year().rem_euclid(years), 1, 1)?)
            }
        }
    }

    fn next(self, begin: NaiveDateTime) -> Option<NaiveDateTime> {
        match self {
            Self::Hours(hours) => begin.checked_add_signed(chrono::TimeDelta::hours(hours.into())),
            Self::Day => begin.checked_add_days(Days::new(1)),
            Self::Week => begin.checked_add_days(Days::new(7)),
            Self::Months(months) => begin.checked_add_months(Months::new(months)),
            Self::Years(years) => begin.checked_add_months(Months::new(12 * years)),
        }
    }

    /// The beginnings of the steps from the one that `first` is in to the one that `last` is in;
    /// `None` if there are more than `most`.
    fn slots(self, first: i64, last: i64, most: usize) -> Option<Vec<i64>> {
        let mut slot = self.floor(first)?;
        let mut slots = Vec::new();
        while micros(slot) <= last {
            if slots.len() == most {
                return None;
            }
            slots.push(micros(slot));
            slot = self.next(slot)?;
        }
        Some(slots)
    }
}

/// Returns equal slots of time that hold all `times`: steps of at least `least`, so large that there
/// are not more than `most`.
pub(super) fn slots(times: &[i64], least: Step, most: usize) -> Option<(Step, Vec<i64>)> {
    let (first, last) = (*times.iter().min()?, *times.iter().max()?);
    let mut steps = NAMED.into_iter().filter(|step| *step >= least);
    steps.find_map(|step| Some((step, step.slots(first, last, most)?)))
}

/// Returns the first and the last time that an axis shows. A few times that are far from all others,
/// such as those of a clock that is wrong, would leave nothing to see of the others.
pub(super) fn shown(times: impl Iterator<Item = i64>) -> Option<(i64, i64)> {
    /// Up to one in this many may be left out at each end.
    const ONE_IN: usize = 10;
    /// How many times longer a gap is than the time that most are within.
    const FAR: i64 = 20;
    let mut times: Vec<_> = times.collect();
    times.sort_unstable();
    let end = times.len().checked_sub(1)?;
    let most = times.len() / ONE_IN;
    let core = times[end - most].saturating_sub(times[most]).max(DAY);
    let is_far =
        |index: &usize| times[index + 1].saturating_sub(times[*index]) > core.saturating_mul(FAR);
    let first = (0..most).rev().find(is_far).map_or(0, |before| before + 1);
    let last = (end - most..end).find(is_far).unwrap_or(end);
    Some((times[first], times[last]))
}

/// Returns the ticks of an axis from `first` to `last`: times and what they are called.
pub(super) fn ticks(first: i64, last: i64, most: usize) -> Vec<(i64, String)> {
    let inner = |step: Step| {
        let slots = step.slots(first, last, most + 1)?;
        let inner: Vec<_> = slots.into_iter().filter(|slot| *slot >= first).collect();
        (inner.len() <= most && !inner.is_empty()).then_some((step, inner))
    };
    let Some((step, slots)) = STEPS.into_iter().find_map(inner) else {
        return vec![(first, moment(first))];
    };
    slots.into_iter().map(|slot| (slot, tick(slot, step))).collect()
}

/// Names a slot as its bar is called.
pub(super) fn slot_name(slot: i64, step: Step) -> String {
    let Some(time) = instant(slot) else { return String::new() };
    match step {
        Step::Hours(_) => time.format("%Y-%m-%d %H:00").to_string(),
        Step::Day | Step::Week => time.format("%Y-%m-%d").to_string(),
        Step::Months(_) => time.format("%Y-%m").to_string(),
        Step::Years(_) => time.format("%Y").to_string(),
    }
}

/// Writes the day of a time.
pub(super) fn day(time: i64) -> String {
    slot_name(time, Step::Day)
}

/// Writes a time out, without a midnight.
pub(super) fn moment(time: i64) -> String {
    let Some(instant) = instant(time) else { return String::new() };
    let format = if time.rem_euclid(DAY) == 0 { "%Y-%m-%d" } else { "%Y-%m-%d %H:%M:%S" };
    instant.format(format).to_string()
}

fn tick(slot: i64, step: Step) -> String {
    let Some(time) = instant(slot) else { return String::new() };
    match step {
        Step::Hours(_) if time.hour() != 0 => time.format("%H:%M").to_string(),
        Step::Hours(_) => slot_name(slot, Step::Day),
        step => slot_name(slot, step),
    }
}

fn instant(time: i64) -> Option<NaiveDateTime> {
    DateTime::from_timestamp_micros(time).map(|time| time.naive_utc())
}

fn micros(time: NaiveDateTime) -> i64 {
    time.and_utc().timestamp_micros()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> i64 {
        let text = if text.len() == 10 { format!("{text}T00:00:00") } else { text.to_owned() };
        micros(text.parse().unwrap())
    }

    #[test]
    fn slots_become_larger_until_they_are_few() {
        let hour = Step::Hours(1);
        for (first, last, least, step, count, last_slot) in [
            ("2026-04-27", "2026-05-03", Step::Day, Step::Day, 7, "2026-05-03"),
            ("2026-04-27", "2026-05-11", Step::Week, Step::Week, 3, "2026-05-11"),
            ("2026-04-27", "2026-04-27", Step::Day, Step::Day, 1, "2026-04-27"),
            ("2026-04-27T03:00:00", "2026-04-27T05:00:00", hour, hour, 3, "2026-04-27T05:00:00"),
            ("2026-04-27T03:00:00", "2026-05-03T05:00:00", hour, Step::Day, 7, "2026-05-03"),
            ("2026-04-27T03:10:00", "2026-04-27T03:10:00", hour, hour, 1, "2026-04-27T03:00:00"),
            ("2026-01-31", "2026-04-30", Step::Day, Step::Week, 14, "2026-04-27"),
            ("1970-01-01", "9999-12-31", Step::Day, Step::Years(500), 17, "9500-01-01"),
        ] {
            let (found, slots) = slots(&[at(last), at(first)], least, 60).unwrap();
            assert_eq!((found, slots.len()), (step, count), "{first} to {last}");
            assert_eq!(slots.last().copied().map(moment), Some(moment(at(last_slot))));
        }
    }

    #[test]
    fn times_far_from_all_others_are_not_shown() {
        let days = |first: i64, count: i64| (0..count).map(move |day| (first + day) * DAY);
        for (times, expected) in [
            (days(20_000, 20).collect::<Vec<_>>(), (20_000, 20_019)),
            (days(20_000, 20).chain([10_000 * DAY]).collect(), (20_000, 20_019)),
            (days(20_000, 20).chain([40_000 * DAY]).collect(), (20_000, 20_019)),
            (days(20_000, 20).chain([0, 40_000 * DAY]).collect(), (20_000, 20_019)),
            (days(20_000, 20).chain([19_900 * DAY]).collect(), (19_900, 20_019)),
            (days(20_000, 5).chain([10_000 * DAY]).collect(), (10_000, 20_004)),
            (vec![7 * DAY], (7, 7)),
        ] {
            assert_eq!(shown(times.into_iter()), Some((expected.0 * DAY, expected.1 * DAY)));
        }
        assert_eq!(shown(std::iter::empty()), None);
        assert_eq!(shown([i64::MIN, i64::MAX].into_iter()), Some((i64::MIN, i64::MAX)));
    }

    #[test]
    fn ticks_are_few_and_rounded() {
        let named = |first: &str, last: &str| {
            let ticks = ticks(at(first), at(last), 6);
            ticks.into_iter().map(|(_, name)| name).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(
            named("2026-04-27T01:30:00", "2026-04-27T06:00:00"),
            "02:00 03:00 04:00 05:00 06:00"
        );
        assert_eq!(
            named("2026-04-27T20:00:00", "2026-04-28T08:00:00"),
            "21:00 2026-04-28 03:00 06:00"
        );
        assert_eq!(
            named("2026-04-27", "2026-05-02"),
            "2026-04-27 2026-04-28 2026-04-29 2026-04-30 2026-05-01 2026-05-02"
        );
        assert_eq!(
            named("2026-04-27", "2026-06-01"),
            "2026-04-27 2026-05-04 2026-05-11 2026-05-18 2026-05-25 2026-06-01"
        );
        assert_eq!(named("2024-01-15", "2026-06-01"), "2024-07 2025-01 2025-07 2026-01");
        assert_eq!(named("2026-04-27T01:30:01", "2026-04-27T01:30:02"), "2026-04-27 01:30:01");
    }

    #[test]
    fn the_ends_of_time_are_no_panic() {
        for (first, last) in [(i64::MIN, i64::MAX), (i64::MIN, i64::MIN), (i64::MAX, i64::MAX)] {
            drop(slots(&[first, last], Step::Hours(1), 60));
            assert!(!ticks(first, last, 6).is_empty());
            drop((moment(first), slot_name(last, Step::Day)));
        }
    }
}
