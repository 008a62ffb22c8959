//! Up to which day of delivery the folders of a trail were read, so that the next run need not list
//! them from their beginning.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Days, NaiveDate};
use ecstrail_converter::{LogFile, Selection};

use crate::{
    error::{Error, Result},
    log::commit_log::Log,
    storage::Objects,
};

/// The last day of each region's folder, by the folder's URL.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LastDays(BTreeMap<String, NaiveDate>);

impl LastDays {
    /// Reads from the log of a dataset up to which days a selection was read. Where there is no
    /// dataset yet, nothing was.
    ///
    /// # Errors
    /// Errors of the log.
    pub async fn read(objects: &Objects, selection: &Selection) -> Result<Self> {
        match Log::read(objects).await {
            Ok(log) => Ok(Self::of_log(&log, &selection.to_string())),
            Err(Error::NotADataset { .. }) => Ok(Self::default()),
            Err(error) => Err(error),
        }
    }

    pub(super) fn of_log(log: &Log, selection: &str) -> Self {
        let mut listed = log.summary().listed;
        let listed = listed.remove(&Selection::text_without_days(selection)).unwrap_or_default();
        let from = Selection::first_day_in_text(selection);
        let days = listed.into_iter().filter_map(|(folder, days)| {
            let is_enough = days.from.is_none_or(|first| from.is_some_and(|from| *first <= *from));
            Some((folder, days.last.parse().ok().filter(|_| is_enough)?))
        });
        Self(days.collect())
    }

    /// Returns from which days the folders below a source are listed, by their paths below it.
    pub fn first_days(&self, base_url: &str, late_days: u32) -> BTreeMap<String, NaiveDate> {
        let base_url = format!("{}/", base_url.trim_end_matches('/'));
        let below = self.0.iter().filter_map(|(folder, day)| {
            let day = day.checked_sub_days(Days::new(late_days.into()))?;
            let folder = format!("{folder}/");
            Some((folder.strip_prefix(&base_url)?.trim_end_matches('/').to_owned(), day))
        });
        below.collect()
    }

    /// Returns the URLs of the folders.
    pub(super) fn folders(&self) -> Vec<String> {
        self.0.keys().cloned().collect()
    }

    /// Returns the days as a log entry has them.
    pub(super) fn to_text(&self) -> BTreeMap<String, String> {
        self.0.iter().map(|(folder, day)| (folder.clone(), day.to_string())).collect()
    }

    /// Returns the folders that another one has not.
    pub(super) fn not_in(&self, other: &Self) -> Self {
        let new = self.0.iter().filter(|(folder, _)| !other.0.contains_key(*folder));
        Self(new.map(|(folder, day)| (folder.clone(), *day)).collect())
    }

    /// Returns what a log does not say yet of which it is to be told: days between those that were
    /// read are not skipped.
    pub(super) fn after(&self, other: &Self, from: Option<NaiveDate>) -> Self {
        let is_new = |(folder, day): &(&String, &NaiveDate)| {
            other
                .0
                .get(*folder)
                .is_none_or(|known| *day > known && from.is_none_or(|from| from <= *known))
        };
        let new = self.0.iter().filter(is_new);
        Self(new.map(|(folder, day)| (folder.clone(), *day)).collect())
    }

    /// Notes a log file that was listed.
    pub(super) fn note(&mut self, file: &LogFile, selection: &Selection) {
        let Some((folder, day)) = folder_and_day(file) else { return };
        // Files that were delivered after the last day hold more than was kept.
        let day = selection.until.map_or(day, |until| day.min(until));
        match self.0.get_mut(&folder) {
            Some(known) => *known = day.max(*known),
            None => drop(self.0.insert(folder, day)),
        }
    }

    /// Returns the folders of which less is known than before: a repair has forgotten log files.
    pub(super) fn shrunk_to(&self, now: &Self) -> BTreeSet<String> {
        let is_shrunk = |(folder, day): &(&String, &NaiveDate)| now.0.get(*folder) < Some(*day);
        self.0.iter().filter(is_shrunk).map(|(folder, _)| folder.clone()).collect()
    }

    /// Takes out folders, since not all of their log files could be read.
    pub(super) fn withhold(&mut self, folders: &BTreeSet<String>) {
        self.0.retain(|folder, _| !folders.contains(folder));
    }
}

/// Returns the URL of the region's folder that a log file stands in.
pub(super) fn folder_of(file: &LogFile) -> Option<String> {
    folder_and_day(file).map(|(folder, _)| folder)
}

/// The folder must have been listed as a whole. The day in a name is only believed as far as the object
/// is as old.
fn folder_and_day(file: &LogFile) -> Option<(String, NaiveDate)> {
    let day = file.key().filter(|_| !file.is_of_pattern)?.day;
    let dates = day.format("%Y/%m/%d/").to_string();
    let start = file.source_file.len() - file.source_file.rsplit('/').next()?.len();
    file.source_file[..start].strip_suffix(&dates)?;
    let url = file.url();
    let below = dates.len() + file.source_file.len() - start;
    let folder = url[..url.len() - below].trim_end_matches('/');
    Some((folder.to_owned(), day.min(file.stored_at().date_naive())))
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, Utc};
    use object_store::ObjectMeta;

    use super::*;

    fn file(day: &str, stored: &str) -> LogFile {
        let [year, month, date] = [&day[..4], &day[4..6], &day[6..]];
        let path = format!(
            "AWSLogs/111122223333/CloudTrail/us-east-1/{year}/{month}/{date}/\
             111122223333_CloudTrail_us-east-1_{day}T0220Z_AbCdEfGhIjKlMnOp.json.gz"
        );
        let last_modified: DateTime<Utc> = format!("{stored}T03:00:00Z").parse().unwrap();
        let location = path.as_str().into();
        let meta = ObjectMeta { location, last_modified, size: 1, e_tag: None, version: None };
        LogFile::new(meta, &"s3://trail".into(), path)
    }

    #[test]
    fn days_that_folders_are_listed_from() {
        let folder = "AWSLogs/111122223333/CloudTrail/us-east-1";
        let mut days = LastDays::default();
        let selection = Selection::default();
        days.note(&file("20260427", "2026-04-27"), &selection);
        days.note(&file("20260425", "2026-04-25"), &selection);
        // A name can lie, an object cannot be of tomorrow.
        days.note(&file("20990101", "2026-04-28"), &selection);
        let first = days.first_days("s3://trail/", 2);
        let expected: NaiveDate = "2026-04-26".parse().unwrap();
        assert_eq!(first, BTreeMap::from([(folder.to_owned(), expected)]));
        assert_eq!(days.first_days("s3://tra", 2), BTreeMap::new());
        let until = Selection { until: "2026-04-20".parse().ok(), ..Selection::default() };
        let mut bounded = LastDays::default();
        bounded.note(&file("20260427", "2026-04-27"), &until);
        assert_eq!(bounded.to_text().values().next().unwrap(), "2026-04-20");
        bounded.withhold(&BTreeSet::from([format!("s3://trail/{folder}")]));
        assert_eq!(bounded, LastDays::default());
        assert_eq!(days.not_in(&bounded), days);
    }
}
