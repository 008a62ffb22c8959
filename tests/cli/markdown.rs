//! The Markdown files: their commands run, and their links lead somewhere.

use std::{
    collections::BTreeMap,
    env, fs,
    path::{Path, PathBuf},
};

use crate::sandbox::{Sandbox, samples, without_accidents};

/// The README, in bytes.
const MOST_BYTES: usize = 15_000;

/// Blocks of commands that are not run, by their first words, and why.
const NOT_RUN: [(&str, &str); 2] = [
    ("cargo run --release -- demo", "builds the program; CI runs it"),
    ("cargo test --workspace --all-features", "builds and runs these tests; CI runs it"),
];

/// Files with commands.
const COMMANDS: [&str; 4] =
    ["README.md", "crates/cli/README.md", "queries/README.md", "queries/columns.md"];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Returns all Markdown files.
fn files() -> Vec<PathBuf> {
    let mut files = vec![root().join("README.md")];
    let mut folders: Vec<_> =
        ["crates", "queries", "tests", "data-samples", ".github"].map(|f| root().join(f)).into();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let entry = entry.unwrap();
            if entry.file_type().unwrap().is_dir() {
                folders.push(entry.path());
            } else if entry.path().extension().is_some_and(|ending| ending == "md") {
                files.push(entry.path());
            }
        }
    }
    files.sort();
    files
}

/// Splits a text into lines, each with the language of the fenced block that it is in.
fn lines(text: &str) -> Vec<(Option<&str>, &str)> {
    let mut block = None;
    let mut lines = Vec::new();
    for line in text.split_inclusive('\n') {
        match (line.strip_prefix("```"), block) {
            (Some(language), None) => {
                block = Some(language.trim());
                lines.push((None, line));
            }
            (Some(_), Some(_)) => {
                block = None;
                lines.push((None, line));
            }
            (None, _) => lines.push((block, line)),
        }
    }
    lines
}

/// Returns the text with the output of the commands in its `console` blocks as it is now.
///
/// A command begins with `$ ` and goes on over lines that are indented by 18 spaces; its output ends
/// at the next one, or at the end of the block. `export` lines hold for the commands after them.
fn with_output(sandbox: &Sandbox, text: &str) -> String {
    let mut run = String::new();
    let mut exports = String::new();
    let mut lines = lines(text).into_iter().peekable();
    while let Some((block, line)) = lines.next() {
        run.push_str(line);
        let Some(first) = line.strip_prefix("$ ").filter(|_| block == Some("console")) else {
            continue;
        };
        let mut command = first.to_owned();
        while let Some((_, more)) = lines.next_if(|(_, more)| more.starts_with(&" ".repeat(18))) {
            run.push_str(more);
            command.push_str(more);
        }
        while lines.next_if(|(block, line)| block.is_some() && !line.starts_with("$ ")).is_some() {}
        if first.starts_with("export ") {
            exports.push_str(first);
        } else {
            run.push_str(&shell(sandbox, &format!("{exports}{{ {command} }} 2>&1")).0);
        }
    }
    run
}

/// Blocks of what a terminal shows, `console terminal`, lay the same values out in another way than a
/// pipe: every value with a digit must be in the answer.
fn check_terminal_blocks(sandbox: &Sandbox, name: &str, text: &str) {
    let lines = lines(text);
    let mut answer = String::new();
    for (_, line) in lines.iter().filter(|(block, _)| *block == Some("console terminal")) {
        if let Some(command) = line.strip_prefix("$ ") {
            let dataset = "export ECSTRAIL_DATASET=ecstrail-demo/dataset";
            answer = shell(sandbox, &format!("{dataset}; {command}")).0;
            continue;
        }
        for value in line.split_whitespace().filter(|word| word.contains(|c: char| c.is_numeric()))
        {
            assert!(answer.contains(value), "{name}: {value} is not in {answer}");
        }
    }
}

/// Runs a script in the sandbox, the program in its path.
fn shell(sandbox: &Sandbox, script: &str) -> (String, Option<i32>) {
    let program = Path::new(env!("CARGO_BIN_EXE_ecstrail")).parent().unwrap();
    let path = format!("{}:{}", program.display(), env::var("PATH").unwrap_or_default());
    let mut command = sandbox.shell(script);
    let output = command.env("PATH", path).output().unwrap();
    (String::from_utf8(output.stdout).unwrap(), output.status.code())
}

#[test]
fn the_tour_shows_what_the_program_prints() {
    let sandbox = Sandbox::new();
    sandbox.copy(Path::new(&samples()), "ecstrail-demo/trail");
    for name in COMMANDS {
        let path = root().join(name);
        let text = fs::read_to_string(&path).unwrap();
        let now = with_output(&sandbox, &text);
        check_terminal_blocks(&sandbox, name, &text);
        if without_accidents(&text) == without_accidents(&now) {
            continue;
        }
        if env::var("INSTA_UPDATE").is_ok_and(|update| update == "always") {
            fs::write(&path, now).unwrap();
            continue;
        }
        let differs = text
            .lines()
            .zip(now.lines())
            .find(|(before, after)| without_accidents(before) != without_accidents(after));
        panic!("{name} is stale: `just snapshots` updates it; first {differs:#?}");
    }
}

/// Commands without output shown need AWS, or a dataset of the reader's: their options must exist.
#[test]
fn commands_have_the_options_that_they_show() {
    let sandbox = Sandbox::new();
    for name in COMMANDS {
        let text = fs::read_to_string(root().join(name)).unwrap();
        for (_, line) in lines(&text).into_iter().filter(|(block, _)| *block == Some("sh")) {
            let line = line.trim_end();
            if NOT_RUN.iter().any(|(command, _)| *command == line) {
                continue;
            }
            let (_, arguments) =
                line.split_once("ecstrail ").unwrap_or_else(|| panic!("{name}: {line}"));
            let arguments = arguments.split(" > ").next().unwrap_or_default();
            let (output, code) = shell(&sandbox, &format!("ecstrail {arguments} --help 2>&1"));
            assert_eq!(code, Some(0), "{name}: {line}\n{output}");
        }
    }
}

#[test]
fn every_block_is_of_a_kind_that_is_checked_or_shown_only() {
    for path in files() {
        let text = fs::read_to_string(&path).unwrap();
        let is_checked = COMMANDS.iter().any(|name| path == root().join(name));
        for language in text.lines().filter_map(|line| line.strip_prefix("```")) {
            let is_shell =
                language.starts_with("console") || ["sh", "bash", "shell"].contains(&language);
            let is_known = ["sh", "console", "console terminal"].contains(&language);
            assert!(!is_shell || !is_checked || is_known, "{}: {language}", path.display());
        }
    }
}

#[test]
fn the_readme_is_short() {
    let bytes = fs::metadata(root().join("README.md")).unwrap().len();
    assert!(bytes <= MOST_BYTES as u64, "README.md has {bytes} bytes, more than {MOST_BYTES}");
}

/// Returns the anchors of a file, as GitHub makes them of headings.
fn anchors(text: &str) -> Vec<String> {
    let mut times: BTreeMap<String, usize> = BTreeMap::new();
    let headings =
        lines(text).into_iter().filter(|(block, line)| block.is_none() && line.starts_with('#'));
    headings
        .map(|(_, line)| {
            let kept = |c: &char| c.is_alphanumeric() || " -_".contains(*c);
            let text: String = line.trim_start_matches('#').trim().chars().filter(kept).collect();
            let anchor = text.to_lowercase().replace(' ', "-");
            let before = times.entry(anchor.clone()).or_default();
            *before += 1;
            if *before == 1 { anchor } else { format!("{anchor}-{}", *before - 1) }
        })
        .collect()
}

/// Returns the targets of links outside of code.
fn links(text: &str) -> Vec<String> {
    let prose = lines(text).into_iter().filter(|(block, _)| block.is_none());
    let prose = prose.flat_map(|(_, line)| line.split('`').step_by(2).collect::<Vec<_>>());
    let prose: Vec<_> = prose.collect();
    // A link whose text is code is cut at the backtick, which leaves `](target)`.
    let prose = prose.join("\u{0}");
    let targets = prose.split("](").skip(1).filter_map(|rest| rest.split_once(')'));
    targets.map(|(target, _)| target.to_owned()).collect()
}

#[test]
fn links_lead_somewhere() {
    let mut checked = 0;
    for path in files() {
        let text = fs::read_to_string(&path).unwrap();
        for link in links(&text) {
            if link.starts_with("https://") || link.starts_with("http://") {
                continue;
            }
            checked += 1;
            let (file, anchor) = link.split_once('#').unwrap_or((&link, ""));
            let target =
                if file.is_empty() { path.clone() } else { path.parent().unwrap().join(file) };
            assert!(target.exists(), "{}: {link} leads nowhere", path.display());
            if !anchor.is_empty() {
                let anchors = anchors(&fs::read_to_string(&target).unwrap());
                let is_there = anchors.iter().any(|found| found == anchor);
                assert!(is_there, "{}: {link}: no such heading", path.display());
            }
        }
    }
    assert!(checked > 50, "only {checked} links were found");
}

#[test]
fn headings_and_links_are_read_as_github_does() {
    let text = "# Two words\n```sh\n# no heading\n```\n## `code`, and more!\n# Two words\n";
    assert_eq!(anchors(text), ["two-words", "code-and-more", "two-words-1"]);
    let text = "[`a`](b.md) and [c](#d), not `[e](f)`\n```text\n[g](h)\n```\n";
    assert_eq!(links(text), ["b.md", "#d"]);
}
