//! The command line with what can stand for each value.

use std::ffi::OsString;

use clap::{Arg, Command, ValueHint};
use clap_complete::engine::{ArgValueCandidates, CompletionCandidate};
use ecstrail_query::{
    BookFormat, Catalog, Dialect, Format, Parameter, ParameterType, Report, ReportSet, ReportSets,
    Severity, TableEngine, printable_line, time_zones,
};

use crate::{
    args::{self, argument_of, ecs_operations},
    commands::{book, report},
    config::Config,
};

/// Days that people ask for.
const DAYS: [&str; 10] = [
    "today",
    "yesterday",
    "7d",
    "30d",
    "this-week",
    "last-week",
    "this-month",
    "last-month",
    "monday",
    "friday",
];

/// Event sources that reports use.
const EVENT_SOURCES: [&str; 5] =
    ["ecs.amazonaws.com", "ecr.amazonaws.com", "sts.amazonaws.com", "iam.amazonaws.com", "all"];

/// Returns the command line for completions after the words that are typed. A mistake in the config
/// file or in a report costs the names that it has.
pub(super) fn command(words: &[OsString]) -> Command {
    let config = Config::load(args::config_profile(words).as_deref());
    let catalog = report::catalog(report::folder(words, &config).as_deref())
        .or_else(|_| report::catalog(None))
        .unwrap_or_default();
    let parameters = catalog.parameters().unwrap_or_default();
    let name = args::asked(words, &parameters).name;
    let report = name.and_then(|name| catalog.get(&name).ok());
    let command = args::for_report(report.filter(|_| args::is_report(words)));
    let known = Known {
        reports: reports(&catalog),
        sets: sets(&book::sets(&config)),
        profiles: plain(&config.profiles),
        parameters: report.map(|report| report.parameters.clone()).unwrap_or_default(),
    };
    known.added_to(command)
}

/// A word that can stand somewhere, and what it means.
#[derive(Debug, Clone)]
struct Word {
    text: String,
    meaning: Option<String>,
}

/// What is known of today's names.
#[derive(Debug)]
struct Known {
    reports: Vec<Word>,
    sets: Vec<Word>,
    profiles: Vec<Word>,
    parameters: Vec<Parameter>,
}

impl Known {
    fn added_to(&self, command: Command) -> Command {
        let name = command.get_name().to_owned();
        let command = command.mut_args(|argument| self.of(argument, &name));
        command.mut_subcommands(|below| self.added_to(below))
    }

    /// Adds what can stand for an argument of a command.
    fn of(&self, argument: Arg, command: &str) -> Arg {
        let is_report = command == "report";
        let parameter = self.parameters.iter().find(|one| argument.get_id() == &argument_of(one));
        if let Some(parameter) = parameter.filter(|_| is_report) {
            return match values_of(parameter.kind) {
                Some(values) => with(argument, values),
                None => argument.value_hint(ValueHint::Other),
            };
        }
        match argument.get_id().as_str() {
            "name" if is_report => return with(argument, self.reports.clone()),
            "names" if command == "book" => {
                return with(argument, [&self.sets[..], &self.reports].concat());
            }
            "format" if command == "book" => {
                return with(argument, plain(BookFormat::ALL.map(BookFormat::name)));
            }
            "fail_on" => return with(argument, plain(Severity::ALL.map(Severity::name))),
            "settings" if is_report => {
                let names = self.parameters.iter().map(|one| {
                    let meaning = Some(one.description.clone());
                    Word { text: format!("{}=", one.name), meaning }
                });
                return with(argument, names.collect());
            }
            "config_profile" => return with(argument, self.profiles.clone()),
            "row_format" => {
                let page = (command != "shell").then_some(BookFormat::Html.name());
                return with(
                    argument,
                    plain(Format::ALL.map(Format::name).into_iter().chain(page)),
                );
            }
            "sql" if is_report => return with(argument, plain(Dialect::ALL.map(Dialect::name))),
            "engine" if command == "views" => {
                return with(argument, plain(Dialect::ALL.map(Dialect::name)));
            }
            "engine" if command == "table" => {
                return with(argument, plain(TableEngine::ALL.map(TableEngine::name)));
            }
            "event_names" => return with(argument, plain(ecs_operations())),
            "event_sources" => return with(argument, plain(EVENT_SOURCES)),
            _ => {}
        }
        let value = argument.get_value_names().and_then(|names| names.first());
        match value.map(clap::builder::Str::as_str) {
            Some("DATE") => with(argument, plain(DAYS)),
            Some("FILE") => argument.value_hint(ValueHint::FilePath),
            Some("FOLDER" | "DIR" | "HOME" | "TRAIL") => argument.value_hint(ValueHint::DirPath),
            Some("SOURCE") => argument.value_hint(ValueHint::AnyPath),
            _ => argument,
        }
    }
}

fn reports(catalog: &Catalog) -> Vec<Word> {
    let word =
        |report: &Report| Word { text: report.name.clone(), meaning: Some(report.title.clone()) };
    catalog.reports().unwrap_or_default().into_iter().map(word).collect()
}

fn sets(sets: &ReportSets) -> Vec<Word> {
    let word = |(name, set): (&String, &ReportSet)| Word {
        text: name.clone(),
        meaning: Some(set.title.clone()),
    };
    sets.iter().map(word).collect()
}

/// Returns values that a parameter can have, if there are few.
fn values_of(kind: ParameterType) -> Option<Vec<Word>> {
    match kind {
        ParameterType::Boolean => Some(plain(["true", "false"])),
        ParameterType::Date | ParameterType::Timestamp => Some(plain(DAYS)),
        ParameterType::EventName => Some(plain(ecs_operations())),
        ParameterType::TimeZone => Some(plain(time_zones())),
        ParameterType::EventSource => Some(plain(EVENT_SOURCES.into_iter().take(4))),
        _ => None,
    }
}

fn plain<T: AsRef<str>>(words: impl IntoIterator<Item = T>) -> Vec<Word> {
    let word = |text: T| Word { text: text.as_ref().to_owned(), meaning: None };
    words.into_iter().map(word).collect()
}

fn with(argument: Arg, words: Vec<Word>) -> Arg {
    let candidate = |word: &Word| {
        let meaning = word.meaning.as_ref().map(|meaning| printable_line(meaning).into());
        CompletionCandidate::new(&word.text).help(meaning)
    };
    // What a terminal would act on is not typed for anybody.
    let is_plain = |word: &&Word| printable_line(&word.text) == word.text;
    argument.add(ArgValueCandidates::new(move || {
        words.iter().filter(is_plain).map(candidate).collect()
    }))
}
