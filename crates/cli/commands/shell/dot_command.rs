//! The commands that begin with a dot: their names, what they are for, and how a line is read.

use std::path::PathBuf;

/// A command, read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum DotCommand {
    /// Shows the commands, or what one command or report is about.
    Help(Option<String>),
    /// Shows the tables and views.
    Tables,
    /// Shows the columns whose names are like a text.
    Columns(Option<String>),
    /// Shows the reports that have a text in their name or title.
    Reports(Option<String>),
    /// Runs a report with arguments as they were typed.
    Report { name: String, arguments: Vec<String> },
    /// Shows the output format, or sets another one.
    Mode(Option<String>),
    /// Shows whether times are shown, or sets it.
    Timer(Option<bool>),
    /// Sends results to a file, or to the terminal.
    Output(Option<PathBuf>),
    /// Runs what is in a file.
    Read(PathBuf),
    /// Shows the plan of a statement; without one, plans of all from now on, or of none any more.
    Explain(Option<String>),
    /// Binds a text to a name, or shows what is bound.
    Set(Option<(String, String)>),
    /// Reads the newest snapshot.
    Refresh,
    /// Ends the shell.
    Quit,
}

/// A command, as `.help` shows it.
#[derive(Debug)]
pub(crate) struct Described {
    /// Name, with its dot.
    pub(crate) name: &'static str,
    /// What comes behind it.
    pub(crate) arguments: &'static str,
    /// What it does, in one line.
    pub(crate) about: &'static str,
}

const fn described(name: &'static str, arguments: &'static str, about: &'static str) -> Described {
    Described { name, arguments, about }
}

/// Every command, in the order of `.help`.
pub(crate) const COMMANDS: [Described; 14] = [
    described(".tables", "", "Show the tables and views"),
    described(".columns", "[LIKE]", "Show the columns, such as `.columns cluster%`"),
    described(".reports", "[TEXT]", "Show the saved reports, or those about TEXT"),
    described(
        ".report",
        "NAME [KEY=VALUE]...",
        "Run a saved report, such as `.report deployments from=7d`",
    ),
    described(
        ".explain",
        "[SQL]",
        "Show the plan of a query; without SQL, of all until turned off",
    ),
    described(
        ".mode",
        "[FORMAT]",
        "Set the output format: table, csv, tsv, json, jsonl, markdown …",
    ),
    described(
        ".output",
        "[FILE]",
        "Write results to FILE, by its ending; without FILE, here again",
    ),
    described(".read", "FILE", "Run the statements and commands in FILE, up to one that fails"),
    described(".timer", "[on|off]", "Show how long each statement took"),
    described(".set", "[NAME=VALUE]", "Bind a text value to `$NAME` in SQL"),
    described(".refresh", "", "Read what was committed to the dataset since"),
    described(".help", "[NAME]", "Show the commands, or what a command or report is about"),
    described(".quit", "", "Leave, like Ctrl-D"),
    described(".exit", "", "Leave, like Ctrl-D"),
];

/// Words that leave other shells, or ask them for help, without a dot.
const WITHOUT_DOT: [(&str, DotCommand); 5] = [
    ("exit", DotCommand::Quit),
    ("quit", DotCommand::Quit),
    ("\\q", DotCommand::Quit),
    ("help", DotCommand::Help(None)),
    ("\\?", DotCommand::Help(None)),
];

/// What people type elsewhere, and what it is called here.
const ELSEWHERE: [(&str, &str); 12] = [
    (".schema", ".columns"),
    (".describe", ".columns"),
    (".desc", ".columns"),
    (".timing", ".timer"),
    (".format", ".mode"),
    (".once", ".output"),
    (".queries", ".reports"),
    (".run", ".report"),
    (".source", ".read"),
    (".import", ".read"),
    (".reload", ".refresh"),
    (".q", ".quit"),
];

/// Returns what a whole line means that begins with neither a dot nor SQL.
pub(crate) fn without_dot(line: &str) -> Option<DotCommand> {
    let word = line.trim().trim_end_matches(';').trim_end().to_ascii_lowercase();
    let known = WITHOUT_DOT.into_iter().find(|(known, _)| *known == word);
    known.map(|(_, command)| command)
}

/// Reads a line that begins with a dot.
///
/// # Errors
/// What is wrong with it, for people.
pub(crate) fn parse(line: &str) -> Result<DotCommand, String> {
    let line = line.trim().trim_end_matches(';').trim_end();
    let (name, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
    let rest = rest.trim();
    let text = (!rest.is_empty()).then(|| rest.to_owned());
    let words = || {
        split(rest)
            .ok_or_else(|| format!("{name}: a quote is not closed: close it, or put \\ before it"))
    };
    let one = || {
        let mut words = words()?;
        let first = if words.is_empty() { None } else { Some(words.remove(0)) };
        match words.first() {
            Some(next) => Err(format!(
                "{name} takes one word, and {next:?} is another: put quotes around both"
            )),
            None => Ok(first),
        }
    };
    let none = |command| match &text {
        Some(text) => Err(format!("{name} takes nothing behind it, and {text:?} is there")),
        None => Ok(command),
    };
    match name.to_ascii_lowercase().as_str() {
        ".help" => Ok(DotCommand::Help(one()?)),
        ".tables" => none(DotCommand::Tables),
        ".columns" => Ok(DotCommand::Columns(one()?)),
        ".reports" => Ok(DotCommand::Reports(text)),
        ".report" => {
            let mut words = words()?.into_iter();
            Ok(match words.next() {
                Some(name) => DotCommand::Report { name, arguments: words.collect() },
                None => DotCommand::Reports(None),
            })
        }
        ".mode" => Ok(DotCommand::Mode(one()?)),
        ".timer" => match one()?.as_deref() {
            None => Ok(DotCommand::Timer(None)),
            Some("on") => Ok(DotCommand::Timer(Some(true))),
            Some("off") => Ok(DotCommand::Timer(Some(false))),
            Some(other) => Err(format!(".timer is on or off, and not {other:?}")),
        },
        ".output" => Ok(DotCommand::Output(one()?.map(PathBuf::from))),
        ".read" => match one()? {
            Some(file) => Ok(DotCommand::Read(file.into())),
            None => Err(".read needs a file: `.read FILE`".to_owned()),
        },
        ".explain" => Ok(DotCommand::Explain(text)),
        ".set" => match one()? {
            None => Ok(DotCommand::Set(None)),
            Some(setting) => match setting.split_once('=') {
                Some((name, value)) if !name.trim().is_empty() => {
                    let name = name.trim().trim_start_matches('$').to_owned();
                    Ok(DotCommand::Set(Some((name, value.to_owned()))))
                }
                _ => Err(format!("{setting:?} is not NAME=VALUE")),
            },
        },
        ".refresh" => none(DotCommand::Refresh),
        ".quit" | ".exit" => none(DotCommand::Quit),
        unknown => Err(match nearest(unknown) {
            Some(nearest) => format!("unknown command {name:?}: did you mean `{nearest}`?"),
            None => format!("unknown command {name:?}: `.help` shows the commands"),
        }),
    }
}

/// Options of `ecstrail report` that `.report` does not take, and what there is instead.
const NOT_HERE: [(&str, &str); 6] = [
    ("--chart", "run `ecstrail report NAME --chart`"),
    ("--since-last", "run `ecstrail report NAME --since-last`"),
    ("--sql", "run `ecstrail report NAME --sql ENGINE`"),
    ("--explain", "run `ecstrail report NAME --explain`"),
    ("--format", "use `.mode FORMAT`"),
    ("--output", "use `.output FILE`"),
];

/// Splits a line into words as a shell does. In the paths of Windows, `\` escapes nothing.
fn split(line: &str) -> Option<Vec<String>> {
    if !cfg!(windows) {
        return shlex::split(line);
    }
    let mut is_quoted = false;
    let mut escaped = String::with_capacity(line.len());
    for character in line.chars() {
        is_quoted ^= character == '\'';
        escaped.push(character);
        if character == '\\' && !is_quoted {
            escaped.push(character);
        }
    }
    shlex::split(&escaped)
}

/// Returns the command that a name is nearest to.
fn nearest(name: &str) -> Option<&'static str> {
    if let Some((_, ours)) = ELSEWHERE.iter().find(|(theirs, _)| *theirs == name) {
        return Some(ours);
    }
    let distance = |known: &Described| {
        let begins = name.len() > 1 && known.name.starts_with(name);
        (if begins { 0 } else { strsim::levenshtein(name, known.name) }, known.name)
    };
    let (distance, nearest) = COMMANDS.iter().map(distance).min()?;
    (distance <= 2).then_some(nearest)
}

/// Reads the arguments of `.report` as they are given here, `key=value`, and as on the command line,
/// `--key value`.
///
/// # Errors
/// What is wrong with them, for people.
pub(crate) fn report_arguments(
    words: &[String],
    is_boolean: impl Fn(&str) -> bool,
) -> Result<Vec<(String, String)>, String> {
    let mut given = Vec::new();
    let mut words = words.iter();
    while let Some(word) = words.next() {
        if let Some((option, instead)) = NOT_HERE.iter().find(|(option, _)| option == word) {
            return Err(format!("{option} is an option of the command line: {instead}"));
        }
        // As messages say, and as on the command line.
        if word == "--set" {
            continue;
        }
        let (key, value) = match (word.strip_prefix("--"), word.split_once('=')) {
            (_, Some((key, value))) => (key.trim_start_matches('-'), Some(value.to_owned())),
            (Some(key), None) if is_boolean(&key.replace('-', "_")) => {
                (key, Some("true".to_owned()))
            }
            (Some(key), None) => (key, words.next().cloned()),
            (None, None) => return Err(format!("{word:?} is not KEY=VALUE, such as `from=7d`")),
        };
        let key = key.replace('-', "_");
        match value {
            None => return Err(format!("{word} has no value: give one, such as `{key}=…`")),
            Some(value) if value.is_empty() => {
                return Err(format!("parameter {key} is empty: give it a value, or leave it out"));
            }
            Some(_) if given.iter().any(|(known, _)| *known == key) => {
                return Err(format!("parameter {key} is given twice: give it once"));
            }
            Some(value) => given.push((key, value)),
        }
    }
    Ok(given)
}
