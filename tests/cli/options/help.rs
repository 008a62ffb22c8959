//! What the program's help lists: commands, options, arguments, variables.

use crate::sandbox::Sandbox;

/// The lines of a section of a help text.
fn section<'a>(help: &'a str, title: &str) -> impl Iterator<Item = &'a str> {
    let lines = help.lines().skip_while(move |line| *line != title).skip(1);
    lines.take_while(|line| line.is_empty() || line.starts_with(' '))
}

pub(super) fn help(sandbox: &Sandbox, words: &str) -> String {
    let words: Vec<&str> = words.split_whitespace().chain(["--help"]).collect();
    let answer = sandbox.run(&words);
    assert_eq!(answer.code, Some(0), "{answer}");
    answer.stdout
}

/// The commands that have none below them.
pub(super) fn commands(sandbox: &Sandbox, words: &str) -> Vec<String> {
    let help = help(sandbox, words);
    let names = section(&help, "Commands:")
        .filter(|line| line.starts_with("  ") && !line.starts_with("   "));
    let names: Vec<_> = names
        .filter_map(|line| line.split_whitespace().next())
        .filter(|name| *name != "help")
        .collect();
    if names.is_empty() {
        return vec![words.to_owned()];
    }
    let below =
        names.into_iter().flat_map(|name| commands(sandbox, format!("{words} {name}").trim()));
    below.collect()
}

/// The options that have values, and the arguments, of a command.
pub(super) fn names(help: &str) -> Vec<String> {
    let options = help.lines().filter_map(|line| {
        let rest = line.trim_start();
        let rest = rest
            .split_once(", ")
            .map_or(rest, |(short, long)| if short.len() == 2 { long } else { rest });
        let (name, value) = rest.split_once(' ')?;
        (name.starts_with("--") && value.starts_with('<')).then(|| name.to_owned())
    });
    let arguments = section(help, "Arguments:").filter_map(|line| {
        let name = line.trim().split(' ').next()?;
        let is_name =
            name.starts_with(['<', '[']) && line.starts_with("  ") && !line.starts_with("   ");
        is_name.then(|| name.to_owned())
    });
    options.chain(arguments).collect()
}
