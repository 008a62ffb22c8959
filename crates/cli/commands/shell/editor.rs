//! The prompt: reads what is typed, line by line until a statement is whole, with completion, colors
//! and history.

use std::{borrow::Cow, cell::Cell, env, io::IsTerminal, path::PathBuf, sync::Arc, time::Duration};

use anyhow::Result;
use ecstrail_query::{Session, printable_line};
use rustyline::{
    Behavior, ColorMode, CompletionType, Config, Context, Editor, Helper,
    completion::{Completer, FilenameCompleter, Pair},
    error::ReadlineError,
    highlight::{CmdKind, Highlighter},
    hint::Hinter,
    history::DefaultHistory,
    validate::Validator,
};
use tokio::{runtime::Handle, task::block_in_place, time::timeout};

use super::{
    completion::offer,
    dot_command,
    highlight::highlighted,
    history,
    statement::split,
    vocabulary::{Offer, ValueContext, Vocabulary},
};
use crate::{commands::rows, console, state_folder};

/// The first prompt of a statement.
const PROMPT: &str = "ecstrail> ";
/// Candidates that are listed without asking.
const MOST_LISTED: usize = 100;
/// Values in the dataset that are offered.
const MOST_VALUES: usize = 100;
/// Characters of the longest value that is offered.
const LONGEST_VALUE: usize = 200;
/// How long to look for values.
const TIME_FOR_VALUES: Duration = Duration::from_secs(3);

/// What was typed.
#[derive(Debug)]
pub(super) enum Typed {
    /// Commands and whole statements.
    Text(String),
    /// Something that was dropped.
    Nothing,
    /// The end.
    End,
}

/// The line editor, with its history.
pub(super) struct Prompt {
    editor: Editor<Assistant, DefaultHistory>,
    history: Option<PathBuf>,
}

impl Prompt {
    pub(super) fn open(session: Arc<Session>, vocabulary: Vocabulary) -> Result<Self> {
        let is_terminal = std::io::stdout().is_terminal();
        let color =
            if rows::has_color(is_terminal) { ColorMode::Enabled } else { ColorMode::Disabled };
        // What goes to stdout may go to a pipe or a file, and the prompt then has no place there.
        let behavior = if is_terminal { Behavior::Stdio } else { Behavior::PreferTerm };
        let config = Config::builder()
            .max_history_size(history::MOST_ENTRIES)?
            .history_ignore_space(true)
            .history_ignore_dups(true)?
            .completion_type(CompletionType::List)
            .completion_prompt_limit(MOST_LISTED)
            .completion_show_all_if_ambiguous(true)
            .color_mode(color)
            .behavior(behavior)
            .build();
        let mut editor = Editor::with_config(config)?;
        editor.set_helper(Some(Assistant {
            before: String::new(),
            is_final: Cell::new(false),
            vocabulary,
            files: FilenameCompleter::new(),
            session,
        }));
        let variable = |name| env::var_os(name);
        let (named, state, home) =
            (variable("ECSTRAIL_HISTORY"), variable("XDG_STATE_HOME"), state_folder::home());
        let file = history::file(named.as_deref(), state.as_deref(), home.as_deref());
        let history = file.filter(|file| {
            let is_ours = history::prepare(file);
            if !is_ours {
                console::note(format!(
                    "there is no history: {} is not a file of the size that a history has",
                    file.display()
                ));
            }
            is_ours
        });
        if let Some(file) = &history {
            // There is none at first, or it cannot be read.
            drop(editor.load_history(file));
        }
        Ok(Self { editor, history })
    }

    /// Reads until what was typed is whole.
    ///
    /// # Errors
    /// If the terminal fails.
    pub(super) fn read(&mut self) -> Result<Typed> {
        let mut text = String::new();
        let mut prompt = PROMPT;
        loop {
            if let Some(assistant) = self.editor.helper_mut() {
                assistant.before.clone_from(&text);
            }
            match block_in_place(|| self.editor.readline(prompt)) {
                Ok(line) => text.push_str(&line),
                Err(ReadlineError::Eof) => return Ok(Typed::End),
                Err(ReadlineError::Interrupted | ReadlineError::Signal(_)) => {
                    return Ok(Typed::Nothing);
                }
                Err(error) => return Err(error.into()),
            }
            let missing =
                if dot_command::without_dot(&text).is_some() { None } else { split(&text).missing };
            match missing {
                None => break,
                Some(missing) => prompt = missing.prompt(),
            }
            text.push('\n');
        }
        self.remember(&text);
        Ok(if text.trim().is_empty() { Typed::Nothing } else { Typed::Text(text) })
    }

    /// Writes to the history at once: who closes the terminal has it all the same.
    fn remember(&mut self, text: &str) {
        if text.len() > history::LONGEST_ENTRY || text.trim().is_empty() {
            return;
        }
        drop(self.editor.add_history_entry(text));
        if let Some(file) = &self.history {
            // A folder that cannot be written to is no reason to stop.
            drop(self.editor.append_history(file));
        }
    }
}

/// Completes and colors what is typed.
struct Assistant {
    /// The lines before this one that belong to the same statement.
    before: String,
    /// Whether the line is shown for the last time.
    is_final: Cell<bool>,
    vocabulary: Vocabulary,
    files: FilenameCompleter,
    session: Arc<Session>,
}

impl Assistant {
    fn values(&self, expression: &str, prefix: &str) -> Vec<String> {
        let search = self.session.values(expression, prefix, MOST_VALUES);
        let found = block_in_place(|| Handle::current().block_on(timeout(TIME_FOR_VALUES, search)));
        let found = found.ok().and_then(Result::ok).unwrap_or_default();
        let is_typed = |value: &String| {
            value.chars().count() <= LONGEST_VALUE && printable_line(value) == *value
        };
        found.into_iter().filter(is_typed).collect()
    }
}

impl Completer for Assistant {
    type Candidate = Pair;

    fn complete(
        &self,
        line: &str,
        cursor: usize,
        _: &Context<'_>,
    ) -> rustyline::Result<(usize, Vec<Pair>)> {
        let text = format!("{}{line}", self.before);
        let same = |word: String| Pair { display: word.trim_end().to_owned(), replacement: word };
        let (start, found) = match offer(&text, self.before.len() + cursor, &self.vocabulary) {
            Offer::File => return self.files.complete_path(line, cursor),
            Offer::Words { start, words } => (start, words.into_iter().map(same).collect()),
            Offer::Values { start, expression, prefix, context } => {
                let rest = &line[cursor..];
                let values = self.values(&expression, &prefix).into_iter();
                (start, values.filter_map(|value| placed(value, context, rest)).collect())
            }
        };
        Ok((start.saturating_sub(self.before.len()), found))
    }
}

/// Returns a value as it is written where it is to stand.
fn placed(value: String, context: ValueContext, rest: &str) -> Option<Pair> {
    let replacement = match context {
        ValueContext::SqlText => {
            let quote = if rest.starts_with('\'') { "" } else { "'" };
            format!("{}{quote}", value.replace('\'', "''"))
        }
        ValueContext::Argument => format!("{} ", shlex::try_quote(&value).ok()?),
    };
    Some(Pair { display: value, replacement })
}

impl Highlighter for Assistant {
    fn highlight<'l>(&self, line: &'l str, cursor: usize) -> Cow<'l, str> {
        let cursor = (!self.is_final.get()).then_some(cursor);
        Cow::Owned(highlighted(&self.before, line, cursor))
    }

    fn highlight_char(&self, _: &str, _: usize, kind: CmdKind) -> bool {
        self.is_final.set(kind == CmdKind::ForcedRefresh);
        true
    }
}

impl Hinter for Assistant {
    type Hint = String;
}

impl Validator for Assistant {}

impl Helper for Assistant {}
