//! `ecstrail book`: several reports as one page.

use std::{
    collections::BTreeSet,
    io::{self, IsTerminal},
    sync::Arc,
};

use anyhow::Result;
use ecstrail_query::{
    Arguments, Bindings, Book, BookFormat, Caveat, ChapterOptions, Engine, Outcome, Report,
    ReportSet, ReportSets, Scope, Selection, Session, Severity, built_in_sets, select,
};

use crate::{
    args::BookArguments,
    clock,
    commands::{caveats, page, report, rows},
    config::Config,
    console,
    destination::{self, Reads},
    engine::{self, OpenEngine},
    exit::{Exit, UsageError},
};

pub(crate) async fn run(arguments: BookArguments, config: &Config) -> Result<Exit> {
    let sets = sets(config);
    if arguments.list {
        console::result(list(&sets))?;
        return Ok(Exit::Done);
    }
    let format = format(&arguments)?;
    engine::check(&arguments.engine, false)?;
    let file = arguments.output.as_deref();
    if let Some(file) = file {
        let (dataset, queries) =
            (arguments.dataset.dataset.as_deref(), arguments.queries.as_deref());
        let reads = Reads { dataset, queries, ..Reads::default() };
        destination::check_file("--output", file, &reads)?;
    }
    let catalog = report::catalog(arguments.queries.as_deref())?;
    let given = given(&arguments, &sets)?;
    let today = clock::today();
    // Another folder has other reports.
    if arguments.queries == config.queries() {
        config.check(&catalog)?;
    }
    let mut remembered = Arguments::new();
    let fill = |report: &Report, own: &mut Arguments| -> Result<()> {
        for name in config.fill(report, own)? {
            remembered.insert(name.clone(), own[&name].clone());
        }
        Ok(())
    };
    // Wrong arguments are reported before anything is opened.
    let (selections, title) = select(&catalog, &sets, &arguments.names, &given, today, fill)?;
    let names: Vec<String> = remembered.keys().cloned().collect();
    report::tell_remembered(&names, &remembered, config);
    let has_severity = |selection: &Selection<'_>| selection.report.severity.is_some();
    if arguments.fail_on.is_some() && !selections.iter().any(has_severity) {
        let problem = "--fail-on needs a report whose rows are findings, and none of these is one: \
                       leave it out, or use the set security";
        return Err(UsageError(problem.to_owned()).into());
    }
    let session = Arc::new(rows::open_session(&arguments.dataset).await?);
    let open = OpenEngine::open(&session, &arguments.engine, &arguments.dataset).await?;
    let engine = open.engine().as_ref();
    let made = make(&session, engine, &arguments, &selections, title).await;
    open.close().await;
    let (book, has_unknown_names) = made?;
    page::write(&book, format, file)?;
    let exit = exit(&book, arguments.fail_on);
    Ok(if has_unknown_names { Exit::Failed } else { exit })
}

/// Runs the reports. Returns the book, and whether a name is not in the dataset, which is looked for
/// with `--fail-on` alone.
async fn make(
    session: &Session,
    engine: &dyn Engine,
    arguments: &BookArguments,
    selections: &[Selection<'_>],
    title: String,
) -> Result<(Book, bool)> {
    let scope = scope(selections);
    caveats::check_age(session, engine, &scope, arguments.max_age).await?;
    let has_unknown_names = match arguments.fail_on {
        Some(_) => tell_unknown_names(session, engine, selections).await?,
        None => false,
    };
    let options = ChapterOptions {
        rows: usize::try_from(arguments.limit).unwrap_or(usize::MAX),
        has_chart: true,
    };
    let counter = console::Counter::begin("report", "reports");
    let mut chapters = Vec::with_capacity(selections.len());
    for (done, selection) in (1..).zip(selections) {
        chapters.push(session.chapter(engine, selection, options).await?);
        counter.show(done);
    }
    drop(counter);
    let dataset = session.dataset_summary(engine, &scope, clock::now()).await?;
    let book = Book {
        title: arguments.title.clone().unwrap_or(title),
        scope: scope_in_words(&scope, selections),
        made_at: clock::now(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        dataset,
        chapters,
    };
    Ok((book, has_unknown_names))
}

/// Returns the built-in sets, and those of the config file, which come first.
pub(crate) fn sets(config: &Config) -> ReportSets {
    let mut sets = built_in_sets();
    for (name, reports) in &config.sets {
        let set = ReportSet { title: name.clone(), reports: reports.value.clone() };
        sets.insert(name.clone(), set);
    }
    sets
}

/// Returns the sets and their reports.
fn list(sets: &ReportSets) -> String {
    let set = |(name, set): (&String, &ReportSet)| {
        format!("{name}: {}\n  {}", set.title, set.reports.join(" "))
    };
    sets.iter().map(set).collect::<Vec<_>>().join("\n\n")
}

fn format(arguments: &BookArguments) -> Result<BookFormat> {
    let format = match (&arguments.format, &arguments.output) {
        (Some(format), _) => {
            format.parse().map_err(|error| UsageError(format!("{error}")))?
        }
        (None, Some(file)) => BookFormat::of_file(file).ok_or_else(|| {
            UsageError(format!(
                "unknown format: {}: give --format, or a name that ends in .html, .htm, .md, .markdown or .json",
                file.display()
            ))
        })?,
        (None, None) => BookFormat::Html,
    };
    if format == BookFormat::Html && arguments.output.is_none() && io::stdout().is_terminal() {
        let problem = "a page cannot be written to a terminal: give --output FILE, such as \
                       --output week.html, or redirect standard output";
        return Err(UsageError(problem.to_owned()).into());
    }
    Ok(format)
}

/// Returns the arguments for the reports.
fn given(arguments: &BookArguments, sets: &ReportSets) -> Result<Arguments> {
    let mut given = arguments.options();
    for (name, value) in &arguments.settings {
        if given.insert(name.clone(), value.clone()).is_some() {
            return Err(UsageError(format!("parameter {name} is given twice: give it once")).into());
        }
    }
    if let Some((name, _)) = given.iter().find(|(_, value)| value.is_empty()) {
        let problem = format!("parameter {name} is empty: give it a value, or leave it out");
        return Err(UsageError(problem).into());
    }
    let unknown = arguments.names.iter().find(|name| name.is_empty());
    if unknown.is_some() {
        let sets: Vec<_> = sets.keys().map(String::as_str).collect();
        let problem = format!("a name is empty: give a report or one of {}", sets.join(", "));
        return Err(UsageError(problem).into());
    }
    Ok(given)
}

/// The part of the dataset that all reports ask about: what those that have a parameter agree on.
fn scope(selections: &[Selection<'_>]) -> Scope {
    Scope {
        from: agreed(selections, "from", |bindings| Scope::of(bindings).from),
        until: agreed(selections, "until", |bindings| Scope::of(bindings).until),
        region: agreed(selections, "region", |bindings| Scope::of(bindings).region),
        account: agreed(selections, "account", |bindings| Scope::of(bindings).account),
    }
}

/// Returns the scope, and the cluster and the service if all reports that have the parameter ask about
/// the same one.
fn scope_in_words(scope: &Scope, selections: &[Selection<'_>]) -> String {
    let mut parts = vec![scope.to_string()];
    for parameter in ["cluster", "service"] {
        let value = agreed(selections, parameter, |bindings| bindings.text(parameter));
        parts.extend(value.map(|value| format!("for {parameter} {value}")));
    }
    parts.retain(|part| !part.is_empty());
    parts.join(" ")
}

fn agreed<T: PartialEq>(
    selections: &[Selection<'_>],
    parameter: &str,
    value: impl Fn(&Bindings) -> Option<T>,
) -> Option<T> {
    let has = |selection: &&Selection<'_>| {
        selection.report.parameters.iter().any(|one| one.name == parameter)
    };
    let mut values = selections.iter().filter(has).map(|selection| value(&selection.bindings));
    let first = values.next()??;
    values.all(|other| other.as_ref() == Some(&first)).then_some(first)
}

/// Says which names are not in the dataset, each once: a misspelled one has no findings either.
async fn tell_unknown_names(
    session: &Session,
    engine: &dyn Engine,
    selections: &[Selection<'_>],
) -> Result<bool> {
    let mut told = BTreeSet::new();
    for Selection { report, bindings, .. } in selections {
        for caveat in session.caveats(engine, report, bindings).await? {
            if matches!(caveat, Caveat::UnknownName { .. }) {
                told.insert(caveat.to_string());
            }
        }
    }
    told.iter().for_each(console::note);
    Ok(!told.is_empty())
}

/// Tells of reports without rows, and returns what they and the findings mean for the exit code.
fn exit(book: &Book, fail_on: Option<Severity>) -> Exit {
    let mut is_failed = false;
    for chapter in &book.chapters {
        match &chapter.outcome {
            Outcome::Rows(_) => {}
            Outcome::NotRun(reason) => {
                // What was not asked was not found to be in order.
                is_failed |= fail_on.is_some() && chapter.severity.is_some();
                console::note(format!("not run: {reason}"));
            }
            Outcome::Failed(reason) => {
                is_failed = true;
                console::note(format!("failed: report {:?}: {reason}", chapter.title));
            }
        }
    }
    let worst = book.chapters.iter().filter_map(ecstrail_query::Chapter::findings);
    let worst = worst.filter_map(|findings| findings.keys().next_back().copied()).max();
    match fail_on {
        _ if is_failed => Exit::Failed,
        Some(severity) if worst >= Some(severity) => Exit::Threshold,
        _ => Exit::Done,
    }
}
