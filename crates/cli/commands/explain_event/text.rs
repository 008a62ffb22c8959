//! What is known of an event, for people.

use std::collections::BTreeMap;

use ecstrail_query::printable_line;
use ecstrail_writer::Totals;
use indicatif::HumanCount;

use super::{ExplainedEvent, ExplainedRow, NamedCommit, PassedCommit, ReadLogFile, RejectedRecord};
use crate::console::count;

impl ExplainedEvent {
    pub(super) fn text(&self) -> String {
        let mut lines = Vec::new();
        for (number, row) in self.rows.iter().enumerate() {
            if number > 0 {
                lines.push(String::new());
            }
            lines.extend(row.lines(&self.event_id));
        }
        if self.more_rows {
            lines.extend([String::new(), "More rows have this event ID.".to_owned()]);
        }
        if !self.lost_ledgers.is_empty() {
            lines.push(String::new());
            lines.push(
                "Lists of inputs that are lost or damaged, so that it is unknown which log \
                        files these commits read:"
                    .to_owned(),
            );
            lines.extend(self.lost_ledgers.iter().map(|path| format!("  {path}")));
        }
        if self.rows.is_empty() {
            lines.push(format!("No row has the event ID {}.", self.event_id));
        }
        if !self.rejected.is_empty() {
            lines.push("Rejected records that contain it:".to_owned());
            lines.extend(self.rejected.iter().map(RejectedRecord::line));
        }
        lines.iter().map(|line| printable_line(line)).collect::<Vec<_>>().join("\n")
    }
}

impl ExplainedRow {
    fn lines(&self, event_id: &str) -> Vec<String> {
        let or_none = |value: &Option<String>| value.clone().unwrap_or_else(|| "none".to_owned());
        let field = |name: &str, value: String| format!("  {name:9}  {value}");
        let mut lines = vec![
            format!("Event {event_id}"),
            field("time", or_none(&self.event_time)),
            field(
                "name",
                format!("{} ({})", or_none(&self.event_name), or_none(&self.event_source)),
            ),
            field("account", or_none(&self.account)),
            field("region", self.region.clone()),
            field("actor", or_none(&self.actor)),
            field("data file", self.data_file.path.clone()),
        ];
        let log_files = self.log_files();
        if log_files.len() > 1 {
            lines.push("Log files, one of which the row was made from:".to_owned());
        } else {
            lines.push("Log file:".to_owned());
        }
        if log_files.is_empty() {
            lines.push(field("path", format!("{} below its source", self.source_file)));
        }
        for log_file in log_files {
            lines.push(field("URL", log_file.url.clone()));
            let (bytes, version) = (count(log_file.bytes, "byte"), &log_file.version);
            lines.push(field("stored", format!("{bytes}, version {version}")));
            lines.push(field(
                "SHA-256",
                format!("{} (of the content, as in digest files)", log_file.sha256),
            ));
            lines.extend(log_file.proven_by.clone().map(|digest| field("proved by", digest)));
            let odd = log_file.suspicions.iter().map(ToString::to_string);
            lines.extend(odd.chain(log_file.damage.clone()).map(|odd| field("suspicious", odd)));
        }
        lines.extend(self.record().map(|record| field("record", record)));
        lines.push("Commits:".to_owned());
        for (version, passed) in self.commits() {
            lines.push(format!("  {version}  {}", passed.head));
            lines.extend(passed.actions.iter().map(|action| format!("     {action}")));
        }
        lines
    }

    /// The log files that the row can come from, each version once.
    fn log_files(&self) -> Vec<&ReadLogFile> {
        let mut log_files: Vec<&ReadLogFile> = Vec::new();
        for reading in &self.readings {
            if !log_files.iter().any(|known| known.is_same_file(reading)) {
                log_files.push(reading);
            }
        }
        log_files
    }

    fn record(&self) -> Option<String> {
        let (index, offset) = (self.source_record_index?, self.source_byte_offset?);
        Some(format!("index {index} (the first is 0), byte {offset} of the content"))
    }

    /// What every commit did, by version.
    fn commits(&self) -> BTreeMap<u64, Passed> {
        let mut commits: BTreeMap<u64, Passed> = BTreeMap::new();
        let mut note = |commit: &NamedCommit, action| {
            let passed = commits.entry(commit.commit).or_insert_with(|| Passed::new(commit));
            passed.actions.push(action);
        };
        let is_one = self.log_files().len() < 2;
        for reading in &self.readings {
            note(&reading.commit, reading.action(is_one));
        }
        for step in &self.steps {
            note(&step.commit, step.action());
        }
        commits
    }
}

/// A commit, and what it did.
struct Passed {
    head: String,
    actions: Vec<String>,
}

impl Passed {
    fn new(commit: &NamedCommit) -> Self {
        let at = commit.committed_at.as_deref().unwrap_or("at an unknown time");
        Self { head: format!("{at}  {}", commit.tool), actions: Vec::new() }
    }
}

impl ReadLogFile {
    fn is_same_file(&self, other: &Self) -> bool {
        let key = |file: &Self| (file.url.clone(), file.bytes, file.version.clone());
        key(self) == key(other)
    }

    fn action(&self, is_one: bool) -> String {
        let Totals { records, rows, filtered, duplicates, rejects } = self.totals;
        let what = if is_one { "the log file" } else { &self.url };
        let outcomes = [
            (rows, count(rows, "row")),
            (filtered, format!("{} excluded by its filters", HumanCount(filtered))),
            (duplicates, count(duplicates, "duplicate")),
            (rejects, format!("{} rejected", HumanCount(rejects))),
        ];
        let outcomes = outcomes.into_iter().filter(|(number, _)| *number > 0);
        let outcomes: Vec<_> = outcomes.map(|(_, outcome)| outcome).collect();
        let outcomes = match outcomes.len() {
            0 => String::new(),
            _ => format!(" ({})", outcomes.join(", ")),
        };
        let forgotten = self.forgotten_by.map(|commit| format!("; forgotten by commit {commit}"));
        format!(
            "read {what} with {}: {}{outcomes}{}",
            self.commit.selection,
            count(records, "record"),
            forgotten.unwrap_or_default(),
        )
    }
}

impl PassedCommit {
    fn action(&self) -> String {
        let paths: Vec<_> = self.data_files.iter().map(|file| file.path.as_str()).collect();
        let files = match &*paths {
            [path] => (*path).to_owned(),
            paths => format!("one of {}", paths.join(", ")),
        };
        let action = match self.action {
            "added" => format!("added the row in {files}"),
            "merged" => format!("merged it into {files}"),
            _ => format!("took it out of the dataset with {files}"),
        };
        let doubt = if self.certain { "" } else { "perhaps " };
        let is_told = self.by_log_only && self.action != "taken_out";
        let source = if is_told { " (by the log alone: the file is gone)" } else { "" };
        format!("{doubt}{action}{source}")
    }
}

impl RejectedRecord {
    fn line(&self) -> String {
        let detail = self.detail.as_ref().map(|detail| format!(" ({detail})")).unwrap_or_default();
        format!(
            "  index {}, byte {} of {}: {}{detail} (commit {})",
            self.index, self.byte_offset, self.url, self.reason, self.commit.commit,
        )
    }
}
