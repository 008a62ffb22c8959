//! What the Tab key offers, decided from the text alone. Values in the dataset and names of files are
//! left to who can look for them.

use super::{
    dot_command::COMMANDS,
    sql_completion::in_sql,
    vocabulary::{Offer, ValueContext, ValuesOf, Vocabulary},
};

/// Returns what can stand at the byte `cursor` of a text: a command, or a statement that is not ended.
pub(crate) fn offer(text: &str, cursor: usize, vocabulary: &Vocabulary) -> Offer {
    let begins_at = text.len() - text.trim_start().len();
    if !text[begins_at..].starts_with('.') || cursor < begins_at {
        return in_sql(text, cursor, vocabulary);
    }
    let line = &text[..cursor];
    let Some((name, rest)) = line[begins_at..].split_once(char::is_whitespace) else {
        let commands = COMMANDS.iter().map(|command| {
            let space = if command.arguments.is_empty() { "" } else { " " };
            format!("{}{space}", command.name)
        });
        return Offer::words(begins_at, &line[begins_at..], commands);
    };
    let rest_at = begins_at + name.len() + 1;
    let (word_at, word) = last_word(rest);
    let (start, is_first) = (rest_at + word_at, rest[..word_at].trim().is_empty());
    match name {
        ".explain" => in_sql(&text[rest_at..], cursor - rest_at, vocabulary).moved(rest_at),
        ".report" if !is_first => argument(&rest[..word_at], word, start, vocabulary),
        ".read" | ".output" if is_first => Offer::File,
        _ if !is_first => Offer::NOTHING,
        ".report" => {
            let names = vocabulary.reports.iter().map(|report| format!("{} ", report.name));
            Offer::words(start, word, names)
        }
        ".help" => {
            let commands = COMMANDS.iter().map(|command| command.name.to_owned());
            let reports = vocabulary.reports.iter().map(|report| report.name.clone());
            Offer::words(start, word, commands.chain(reports))
        }
        ".mode" => Offer::words(start, word, vocabulary.formats.iter().map(ToString::to_string)),
        ".timer" => Offer::words(start, word, ["on", "off"].map(str::to_owned)),
        ".columns" => Offer::words(start, word, vocabulary.columns()),
        _ => Offer::NOTHING,
    }
}

/// Returns where the last word of a line begins, and what there is of it. White space in quotes is
/// part of a word.
fn last_word(line: &str) -> (usize, &str) {
    let (mut start, mut quote, mut is_escaped) = (0, None, false);
    for (at, character) in line.char_indices() {
        match (quote, character) {
            _ if is_escaped => is_escaped = false,
            (None | Some('"'), '\\') => is_escaped = true,
            (Some(open), _) if open == character => quote = None,
            (None, '\'' | '"') => quote = Some(character),
            (None, _) if character.is_whitespace() => start = at + character.len_utf8(),
            _ => {}
        }
    }
    (start, &line[start..])
}

/// Offers a parameter of a report, or a value for it.
fn argument(before: &str, word: &str, start: usize, vocabulary: &Vocabulary) -> Offer {
    let mut given = before.split_whitespace();
    let name = given.next().unwrap_or_default();
    let Some(report) = vocabulary.reports.iter().find(|report| report.name == name) else {
        return Offer::NOTHING;
    };
    let Some((key, value)) = word.split_once('=') else {
        let given: Vec<_> = given.filter_map(|word| Some(word.split_once('=')?.0)).collect();
        let is_option = word.starts_with("--");
        let keys = report.parameters.iter().map(|(name, _)| name);
        let keys = keys.map(|name| {
            if is_option { format!("--{}", name.replace('_', "-")) } else { name.clone() }
        });
        let keys = keys.filter(|key| !given.contains(&key.as_str()));
        return Offer::words(start, word, keys.map(|key| format!("{key}=")));
    };
    let name = key.trim_start_matches('-').replace('-', "_");
    let values = report.parameters.iter().find(|(known, _)| *known == name);
    let start = start + key.len() + 1;
    match values {
        Some((_, ValuesOf::Words(known))) => {
            Offer::words(start, value, known.iter().map(ToString::to_string))
        }
        Some((_, ValuesOf::Expression(expression))) => Offer::Values {
            start,
            expression: (*expression).to_owned(),
            prefix: value.trim_start_matches(['\'', '"']).replace('\\', ""),
            context: ValueContext::Argument,
        },
        _ => Offer::NOTHING,
    }
}
