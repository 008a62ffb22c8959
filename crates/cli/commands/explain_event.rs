//! `ecstrail explain-event`: where the row of an event comes from, and what it went through.

use std::sync::Arc;

use anyhow::Result;
use ecstrail_converter::{RejectReason, Suspicion};
use ecstrail_query::{EventRow, EventRows, Scope};
use ecstrail_writer::{
    CommitFacts, DataFile, Lineage, Objects, QuarantinedRecord, Reading, Step, StepKind, Totals,
    find_quarantined, trace_rows,
};
use serde::Serialize;

use crate::{
    args::{ExplainEventArguments, SummaryFormat},
    commands::{caveats, rows},
    console,
    exit::Exit,
};

mod text;

/// Rejected records that are named if no row has the event.
const MOST_REJECTED: usize = 20;

/// What is known of an event, for programs. Documented in the reference.
#[derive(Debug, Serialize)]
struct ExplainedEvent {
    event_id: String,
    rows: Vec<ExplainedRow>,
    /// Whether more rows have the id.
    more_rows: bool,
    /// Lists of inputs that are lost or damaged.
    lost_ledgers: Vec<String>,
    /// Rejected records with the id, if no row has it.
    rejected: Vec<RejectedRecord>,
}

#[derive(Debug, Serialize)]
struct ExplainedRow {
    event_time: Option<String>,
    date: String,
    region: String,
    account: Option<String>,
    event_source: Option<String>,
    event_name: Option<String>,
    actor: Option<String>,
    source_file: String,
    source_record_index: Option<i64>,
    source_byte_offset: Option<i64>,
    data_file: NamedFile,
    readings: Vec<ReadLogFile>,
    steps: Vec<PassedCommit>,
}

#[derive(Debug, Serialize)]
struct NamedFile {
    path: String,
    rows: u64,
    bytes: u64,
    sha256: String,
}

/// A commit, in all that names one.
#[derive(Debug, Serialize)]
struct NamedCommit {
    commit: u64,
    committed_at: Option<String>,
    tool: String,
    selection: String,
}

#[derive(Debug, Serialize)]
struct ReadLogFile {
    #[serde(flatten)]
    commit: NamedCommit,
    url: String,
    bytes: u64,
    version: String,
    sha256: String,
    /// Whether days, Regions and accounts of the selection left out none of its records.
    whole: bool,
    /// URL of the digest file that proves what was read.
    proven_by: Option<String>,
    damage: Option<String>,
    suspicions: Vec<Suspicion>,
    #[serde(flatten)]
    totals: Totals,
    forgotten_by: Option<u64>,
}

#[derive(Debug, Serialize)]
struct PassedCommit {
    #[serde(flatten)]
    commit: NamedCommit,
    action: &'static str,
    data_files: Vec<NamedFile>,
    certain: bool,
    /// Whether the row was not found in the file, since that is gone.
    by_log_only: bool,
}

#[derive(Debug, Serialize)]
struct RejectedRecord {
    #[serde(flatten)]
    commit: NamedCommit,
    url: String,
    index: u64,
    byte_offset: u64,
    reason: RejectReason,
    detail: Option<String>,
}

pub(crate) async fn run(arguments: ExplainEventArguments) -> Result<Exit> {
    let session = rows::open_session(&arguments.dataset).await?;
    let objects = Objects::new(Arc::clone(session.store()), session.home().clone());
    let event_id = arguments.event_id;
    let EventRows { rows, has_more } = session.event_rows(&event_id).await?;
    let facts: Vec<_> = rows.iter().map(|row| row.facts.clone()).collect();
    let mut explained = ExplainedEvent {
        event_id,
        rows: Vec::new(),
        more_rows: has_more,
        lost_ledgers: Vec::new(),
        rejected: Vec::new(),
    };
    if rows.is_empty() {
        let found = find_quarantined(&objects, &explained.event_id, MOST_REJECTED).await?;
        explained.rejected = found.into_iter().map(RejectedRecord::of).collect();
    } else {
        let lineages = trace_rows(&objects, &facts).await?;
        explained.lost_ledgers = lineages.lost_ledgers;
        let traced = rows.into_iter().zip(lineages.rows);
        explained.rows =
            traced.filter_map(|(row, lineage)| Some(ExplainedRow::of(row, lineage?))).collect();
    }
    match arguments.format {
        SummaryFormat::Json => console::json(&explained)?,
        SummaryFormat::Text => console::result(explained.text())?,
    }
    caveats::explain_no_rows(&session, &session, &Scope::default(), explained.rows.len() as u64)
        .await?;
    Ok(Exit::Done)
}

impl ExplainedRow {
    fn of(row: EventRow, lineage: Lineage) -> Self {
        let EventRow { facts, event_time, actor, record_index, byte_offset } = row;
        Self {
            event_time,
            date: facts.partition.date.to_string(),
            region: facts.partition.region,
            account: facts.account,
            event_source: facts.event_source,
            event_name: facts.event_name,
            actor,
            source_file: facts.source_file,
            source_record_index: record_index,
            source_byte_offset: byte_offset,
            data_file: NamedFile::of(lineage.data_file),
            readings: lineage.readings.into_iter().map(ReadLogFile::of).collect(),
            steps: lineage.steps.into_iter().map(PassedCommit::of).collect(),
        }
    }
}

impl NamedFile {
    fn of(file: DataFile) -> Self {
        let DataFile { path, rows, bytes, sha256, .. } = file;
        Self { path, rows, bytes, sha256 }
    }
}

impl NamedCommit {
    fn of(commit: CommitFacts) -> Self {
        let CommitFacts { version, committed_at, tool, selection } = commit;
        Self { commit: version, committed_at, tool, selection }
    }
}

impl ReadLogFile {
    fn of(reading: Reading) -> Self {
        let whole = reading.is_whole();
        let Reading { commit, log_file, forgotten_by } = reading;
        Self {
            commit: NamedCommit::of(commit),
            url: log_file.url,
            bytes: log_file.bytes,
            version: log_file.version,
            sha256: log_file.sha256,
            whole,
            proven_by: log_file.proven_by,
            damage: log_file.damage,
            suspicions: log_file.suspicions,
            totals: log_file.totals,
            forgotten_by,
        }
    }
}

impl PassedCommit {
    fn of(step: Step) -> Self {
        let action = match step.kind {
            StepKind::Added => "added",
            StepKind::Merged => "merged",
            StepKind::TakenOut => "taken_out",
        };
        Self {
            commit: NamedCommit::of(step.commit),
            action,
            data_files: step.files.into_iter().map(NamedFile::of).collect(),
            certain: step.is_certain,
            by_log_only: !step.is_read,
        }
    }
}

impl RejectedRecord {
    fn of(record: QuarantinedRecord) -> Self {
        let QuarantinedRecord { commit, url, index, byte_offset, reason, detail } = record;
        let commit = NamedCommit::of(commit);
        Self { commit, url, index, byte_offset, reason, detail }
    }
}
