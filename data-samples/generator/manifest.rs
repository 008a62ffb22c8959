//! What a reader of the trail has to find, counted while the plan is carried out.

use std::collections::BTreeMap;
use std::fmt::Write;

use crate::calendar::{DAY, date};
use crate::json::{Json, Object, Render, object};
use crate::options::Options;
use crate::record::Record;

/// Counts of a trail.
#[derive(Default)]
pub(crate) struct Counts {
    files: u64,
    bytes: u64,
    compressed_bytes: u64,
    delivered: u64,
    pub(crate) unique: u64,
    pub(crate) late: u64,
    duplicates: BTreeMap<&'static str, u64>,
    sources: BTreeMap<&'static str, u64>,
    days: BTreeMap<(i64, String), u64>,
    ecs_days: BTreeMap<(i64, String), u64>,
    ecs_names: BTreeMap<String, u64>,
    ecs_accounts: BTreeMap<String, u64>,
    ecs_errors: BTreeMap<&'static str, u64>,
    ecs_channels: BTreeMap<&'static str, u64>,
    pub(crate) stories: BTreeMap<&'static str, u64>,
}

fn raise(counts: &mut BTreeMap<String, u64>, key: &str) {
    match counts.get_mut(key) {
        Some(count) => *count += 1,
        None => {
            counts.insert(key.to_owned(), 1);
        }
    }
}

impl Counts {
    /// Counts a unique record.
    pub(crate) fn add(&mut self, record: &Record, account: &str, region: &str) {
        self.unique += 1;
        *self.sources.entry(record.source).or_default() += 1;
        let day = record.time.div_euclid(DAY);
        *self.days.entry((day, region.to_owned())).or_default() += 1;
        if record.is_ecs() {
            *self.ecs_days.entry((day, region.to_owned())).or_default() += 1;
            raise(&mut self.ecs_names, &record.name);
            raise(&mut self.ecs_accounts, account);
            *self.ecs_channels.entry(record.channel.name()).or_default() += 1;
            if let Some(error) = record.error {
                *self.ecs_errors.entry(error).or_default() += 1;
            }
        }
    }

    /// Counts a record that is delivered a second time.
    pub(crate) fn add_duplicate(&mut self, record: &Record) {
        *self.duplicates.entry(record.source).or_default() += 1;
    }

    pub(crate) fn add_file(&mut self, records: usize, bytes: usize, compressed_bytes: usize) {
        self.files += 1;
        self.delivered += records as u64;
        self.bytes += bytes as u64;
        self.compressed_bytes += compressed_bytes as u64;
    }

    /// Returns one line for people.
    pub(crate) fn summary(&self) -> String {
        format!(
            "{} unique records, {} of ECS, in {} log files; {} delivered twice, {} late",
            self.unique,
            self.sources.get("ecs").copied().unwrap_or_default(),
            self.files,
            self.duplicates.values().sum::<u64>(),
            self.late
        )
    }

    /// Returns the manifest: one member a line.
    pub(crate) fn manifest(&self, options: &Options) -> String {
        let named = |counts: &BTreeMap<&'static str, u64>| {
            counts.iter().map(|(name, count)| ((*name).to_owned(), *count)).collect::<Vec<_>>()
        };
        let hosts = |counts: &BTreeMap<&'static str, u64>| {
            let host = |(name, count): (&&str, &u64)| (format!("{name}.amazonaws.com"), *count);
            counts.iter().map(host).collect::<Vec<_>>()
        };
        let owned = |counts: &BTreeMap<String, u64>| {
            counts.iter().map(|(name, count)| (name.clone(), *count)).collect::<Vec<_>>()
        };
        let days = |counts: &BTreeMap<(i64, String), u64>| {
            let day = |((day, region), count): (&(i64, String), &u64)| {
                (format!("{}/{region}", date(day * DAY)), *count)
            };
            counts.iter().map(day).collect::<Vec<_>>()
        };
        let duplicates: u64 = self.duplicates.values().sum();
        let ecs = self.sources.get("ecs").copied().unwrap_or_default();
        let ecs_duplicates = self.duplicates.get("ecs").copied().unwrap_or_default();
        let mut text = "{\n".to_owned();
        let mut line = |name: &str, value: &dyn Render, last: bool| {
            let mut json = String::new();
            value.render(&mut json);
            let comma = if last { "" } else { "," };
            writeln!(text, "  \"{name}\": {json}{comma}").expect("writing to a string cannot fail");
        };
        line("options", &options.told(), false);
        line("log_files", &self.files, false);
        line("bytes", &self.bytes, false);
        line("compressed_bytes", &self.compressed_bytes, false);
        line("records_delivered", &self.delivered, false);
        line("records_unique", &self.unique, false);
        line("duplicates", &duplicates, false);
        line("duplicates_by_event_source", &counted(&hosts(&self.duplicates)), false);
        line("late", &self.late, false);
        line("by_event_source", &counted(&hosts(&self.sources)), false);
        line("by_date_and_region", &counted(&days(&self.days)), false);
        line("stories", &counted(&named(&self.stories)), false);
        let of_ecs = object! {
            "records_unique": ecs,
            "duplicates": ecs_duplicates,
            "by_event_name": counted(&owned(&self.ecs_names)),
            "by_date_and_region": counted(&days(&self.ecs_days)),
            "by_account": counted(&owned(&self.ecs_accounts)),
            "by_error_code": counted(&named(&self.ecs_errors)),
            "by_channel": counted(&named(&self.ecs_channels)),
        };
        line("ecs", &of_ecs, true);
        text.push_str("}\n");
        text
    }
}

fn counted(counts: &[(String, u64)]) -> Json {
    let mut object = Object::new();
    for (name, count) in counts {
        object.member(name, count);
    }
    object.end()
}
