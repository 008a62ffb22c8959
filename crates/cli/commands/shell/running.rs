//! What runs at the prompt: statements, reports and commands, and the settings that last between them.

use std::{
    path::{Path, PathBuf},
    pin::pin,
    sync::Arc,
    time::Instant,
};

use anyhow::{Context, Result};
use ecstrail_query::{Arguments, Bindings, Catalog, Engine, ParameterType, Session, printable};
use ecstrail_writer::Snapshot;
use tokio::sync::watch;

use super::{
    dot_command::{self, DotCommand},
    listing,
    settings::Settings,
    statement::{Entry, Missing, line_of, split},
};
use crate::{
    args::ShellArguments,
    clock,
    commands::{
        answer::{Canceled, Patience, Question, answer},
        caveats::UnknownNames,
        query::text_of,
        report, rows,
    },
    config::Config,
    console,
    destination::Reads,
    exit::UsageError,
    stop::Interrupts,
};

/// Bytes of the largest file of statements.
pub(super) const MOST_SCRIPT_BYTES: u64 = 1 << 20;
/// Files that read one another, at most.
const MOST_FILES: usize = 16;

/// What happens next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Next {
    Continue,
    Leave,
}

/// Runs what is typed.
pub(super) struct Desk<'a> {
    session: Arc<Session>,
    catalog: Catalog,
    arguments: ShellArguments,
    config: &'a Config,
    settings: Settings,
    /// The files that are being read, each by the one before it.
    reading: Vec<PathBuf>,
    /// Ctrl-C, unless it ends the process.
    interrupts: Option<Interrupts>,
}

impl<'a> Desk<'a> {
    pub(super) fn new(
        session: Arc<Session>,
        catalog: Catalog,
        arguments: ShellArguments,
        config: &'a Config,
        interrupts: Option<Interrupts>,
    ) -> Result<Self> {
        let settings = Settings::new(&arguments)?;
        let reading = Vec::new();
        Ok(Self { session, catalog, arguments, config, settings, reading, interrupts })
    }

    /// Forgets earlier interrupts, and returns whether there were any.
    pub(super) fn forget_interrupts(&mut self) -> bool {
        self.interrupts.as_mut().is_some_and(Interrupts::forget)
    }

    /// Runs what was typed. What fails is told, and ends nothing but itself and what follows it.
    pub(super) async fn run_typed(&mut self, text: &str) -> Next {
        if let Some(command) = dot_command::without_dot(text) {
            return self.told(Entry::Command(""), Some(command)).await.unwrap_or(Next::Continue);
        }
        for (_, entry) in split(text).entries {
            match self.told(entry, None).await {
                Some(Next::Continue) => {}
                Some(Next::Leave) => return Next::Leave,
                None => break,
            }
        }
        Next::Continue
    }

    /// Runs all that is in a text, which nobody types.
    ///
    /// # Errors
    /// The first one, with the line that it is in.
    pub(super) async fn run_script(&mut self, text: &str, name: &str) -> Result<Next> {
        // The last statement needs no semicolon.
        let closed = format!("{text}\n;");
        let input = split(&closed);
        for (at, entry) in input.entries {
            let next = self.run(entry).await;
            let next = next.with_context(|| format!("{name}, line {}", line_of(&closed, at)))?;
            if next == Next::Leave {
                return Ok(next);
            }
        }
        match input.missing {
            None => Ok(Next::Continue),
            Some(missing) => {
                let what = match missing {
                    Missing::EndOfComment => "a comment",
                    _ => "a quote",
                };
                Err(UsageError(format!("{name}: {what} is not closed at the end")).into())
            }
        }
    }

    /// Runs an entry and tells its error. Returns nothing if there was one.
    async fn told(&mut self, entry: Entry<'_>, command: Option<DotCommand>) -> Option<Next> {
        self.forget_interrupts();
        let started = Instant::now();
        let is_timed = self.settings.is_timed && matches!(entry, Entry::Sql(_));
        let outcome = match command {
            Some(command) => self.command(command).await,
            None => self.run(entry).await,
        };
        if is_timed {
            console::note(format!("{:.3} s", started.elapsed().as_secs_f64()));
        }
        match outcome {
            Ok(next) => Some(next),
            // The reader of the rows has seen enough.
            Err(error) if console::is_broken_pipe(&error) => Some(Next::Continue),
            Err(error) => {
                if error.is::<Canceled>() {
                    console::note(error);
                } else {
                    console::error(&error);
                }
                None
            }
        }
    }

    async fn run(&mut self, entry: Entry<'_>) -> Result<Next> {
        match entry {
            Entry::Sql(sql) => {
                let sql = if self.settings.explains { explained(sql) } else { sql.to_owned() };
                self.ask_sql(sql).await?;
                Ok(Next::Continue)
            }
            Entry::Command(line) => {
                let command = dot_command::parse(line).map_err(UsageError)?;
                self.command(command).await
            }
        }
    }

    async fn command(&mut self, command: DotCommand) -> Result<Next> {
        if let Some(text) = listing::text(&command, &self.catalog)? {
            rows::show(&printable(&text), self.has_pager()).await?;
            return Ok(Next::Continue);
        }
        match command {
            DotCommand::Report { name, arguments } => self.report(&name, &arguments).await?,
            DotCommand::Explain(Some(sql)) => {
                self.ask_sql(explained(sql.trim_end_matches(';'))).await?;
            }
            DotCommand::Explain(None) => self.settings.toggle_explains(),
            DotCommand::Mode(format) => self.settings.set_format(format.as_deref())?,
            DotCommand::Timer(is_timed) => self.settings.set_timer(is_timed),
            DotCommand::Output(file) => {
                let reading: Vec<&Path> = self.reading.iter().map(PathBuf::as_path).collect();
                let reads = Reads {
                    dataset: self.arguments.dataset.dataset.as_deref(),
                    queries: self.arguments.queries.as_deref(),
                    sql: &reading,
                };
                self.settings.set_output(file, &reads)?;
            }
            DotCommand::Read(file) => return Box::pin(self.read(&file)).await,
            DotCommand::Set(setting) => self.set(setting),
            DotCommand::Refresh => self.refresh().await?,
            DotCommand::Quit => return Ok(Next::Leave),
            // Listed above.
            DotCommand::Help(_)
            | DotCommand::Tables
            | DotCommand::Columns(_)
            | DotCommand::Reports(_) => {}
        }
        Ok(Next::Continue)
    }

    fn has_pager(&self) -> bool {
        self.arguments.pager || !self.arguments.no_pager
    }

    async fn ask_sql(&mut self, sql: String) -> Result<()> {
        let settings = self.arguments.settings.iter().cloned().collect();
        self.ask(Question::Sql(sql), Bindings::texts(&settings)).await
    }

    async fn report(&mut self, name: &str, words: &[String]) -> Result<()> {
        let report = report::named(&self.catalog, name, self.config)?.clone();
        let is_boolean = |name: &str| {
            let mut parameters = report.parameters.iter();
            parameters.any(|one| one.name == name && one.kind == ParameterType::Boolean)
        };
        let given = dot_command::report_arguments(words, is_boolean).map_err(UsageError)?;
        let mut given: Arguments = given.into_iter().collect();
        let remembered = self.config.fill(&report, &mut given)?;
        report::tell_remembered(&remembered, &given, self.config);
        let bindings = report.bind(&given, clock::today())?;
        report::check_limit(&report, &given, &self.settings.output_arguments(&self.arguments))?;
        self.ask(Question::Report(Box::new(report), UnknownNames::Allowed), bindings).await
    }

    async fn ask(&mut self, question: Question, bindings: Bindings) -> Result<()> {
        let output = self.settings.output(&self.arguments)?;
        let (session, before) = (Arc::clone(&self.session), self.version());
        let engine: Arc<dyn Engine> = Arc::<Session>::clone(&session);
        let answered = self.until_interrupted(async |patience| {
            answer(&session, &engine, question, bindings, None, &output, &patience).await
        });
        let answered = answered.await;
        // Files of the snapshot were compacted away.
        if self.version() != before {
            console::note(snapshot_in_words(&self.session.snapshot()));
        }
        answered?;
        self.settings.count_result();
        Ok(())
    }

    /// Does something that Ctrl-C gives up on. Further ones change nothing: it ends as soon as it can.
    async fn until_interrupted<T>(
        &mut self,
        work: impl AsyncFnOnce(Patience) -> Result<T>,
    ) -> Result<T> {
        let Some(interrupts) = &mut self.interrupts else { return work(Patience::Endless).await };
        let (cancel, canceled) = watch::channel(false);
        let mut work = pin!(work(Patience::UntilCanceled(canceled)));
        loop {
            tokio::select! {
                biased;
                () = interrupts.next() => drop(cancel.send(true)),
                outcome = &mut work => return outcome,
            }
        }
    }

    fn set(&mut self, setting: Option<(String, String)>) {
        let settings = &mut self.arguments.settings;
        if let Some((name, value)) = setting {
            settings.retain(|(known, _)| *known != name);
            settings.push((name, value));
        }
        if settings.is_empty() {
            console::note("no name has a value");
        }
        for (name, value) in settings {
            console::note(format!("${name} is {value:?}"));
        }
    }

    async fn refresh(&mut self) -> Result<()> {
        let session = Arc::clone(&self.session);
        self.until_interrupted(async |patience| {
            patience.wait(async move { Ok(session.refresh().await?) }).await
        })
        .await?;
        console::note(snapshot_in_words(&self.session.snapshot()));
        Ok(())
    }

    async fn read(&mut self, file: &Path) -> Result<Next> {
        if self.reading.len() >= MOST_FILES {
            let problem = format!(".read: more than {MOST_FILES} files read one another");
            return Err(UsageError(problem).into());
        }
        let name = file.display().to_string();
        self.settings.check_output(&Reads { sql: &[file], ..Reads::default() })?;
        let text = text_of(file, MOST_SCRIPT_BYTES);
        let text = text.with_context(|| format!("cannot read {name}"))?;
        self.reading.push(file.to_owned());
        let outcome = self.run_script(&text, &name).await;
        self.reading.pop();
        outcome
    }

    fn version(&self) -> Option<u64> {
        self.session.snapshot().version
    }
}

/// Returns the statement that shows the plan of another.
fn explained(sql: &str) -> String {
    let first = sql.split_whitespace().next().unwrap_or_default();
    if first.eq_ignore_ascii_case("explain") { sql.to_owned() } else { format!("EXPLAIN {sql}") }
}

/// Returns what a snapshot holds.
pub(super) fn snapshot_in_words(snapshot: &Snapshot) -> String {
    let Some(version) = snapshot.version else {
        return "no events yet: the dataset has no commits".to_owned();
    };
    let times = snapshot.files.iter().filter_map(|file| file.event_time);
    let times = times.reduce(|(first, last), (from, until)| (first.min(from), last.max(until)));
    let day = |milliseconds| {
        let time = chrono::DateTime::from_timestamp_millis(milliseconds);
        time.map_or_else(String::new, |time| time.date_naive().to_string())
    };
    let days = match times {
        Some((first, last)) => format!(" from {} to {}", day(first), day(last)),
        None => String::new(),
    };
    let files = console::count(snapshot.files.len() as u64, "data file");
    format!("{}{days} in {files}, as of commit {version}", console::count(snapshot.rows(), "event"))
}
