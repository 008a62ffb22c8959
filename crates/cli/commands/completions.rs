//! `ecstrail completions`: the script that a shell reads, and the answers to it. The script runs the
//! program for each answer, so that names of reports, parameters and profiles are those of today.

use std::{
    env,
    ffi::{OsStr, OsString},
    io::{self, Write},
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::Result;
use clap_complete::{
    engine::complete as complete_word,
    env::{Bash, EnvCompleter, Fish, Powershell, Zsh},
};

use crate::{
    args::{CompletionShell, CompletionsArguments},
    exit::Exit,
};

mod words;

/// Set by the script: the name of its shell.
const VARIABLE: &str = "ECSTRAIL_COMPLETE";
/// Set by the script: which word is completed.
const INDEX: &str = "_CLAP_COMPLETE_INDEX";
/// Set by the script of bash: what stands between answers.
const SEPARATOR: &str = "_CLAP_IFS";

const PROGRAM: &str = "ecstrail";
const SHELLS: [&dyn EnvCompleter; 4] = [&Bash, &Zsh, &Fish, &Powershell];

pub(crate) fn run(arguments: &CompletionsArguments) -> Result<Exit> {
    let shell: &dyn EnvCompleter = match arguments.shell {
        CompletionShell::Bash => &Bash,
        CompletionShell::Zsh => &Zsh,
        CompletionShell::Fish => &Fish,
        CompletionShell::PowerShell => &Powershell,
    };
    let mut script = Vec::new();
    shell.write_registration(VARIABLE, PROGRAM, PROGRAM, &program()?, &mut script)?;
    io::stdout().write_all(&script)?;
    Ok(Exit::Done)
}

/// Returns the program as the script calls it: by its name if the shell finds it, otherwise by its
/// path.
fn program() -> Result<String> {
    let called = env::args_os().next().map_or_else(|| PathBuf::from(PROGRAM), PathBuf::from);
    let called =
        if called.components().count() > 1 { std::path::absolute(called)? } else { called };
    Ok(called.to_string_lossy().into_owned())
}

/// Answers the script, if it is the script that calls. Nothing is written to stderr: somebody is typing
/// there.
pub(crate) fn answer(called: &[OsString]) -> Option<ExitCode> {
    let shell = env::var_os(VARIABLE).filter(|shell| !shell.is_empty())?;
    let is_complete = complete(&shell, called).is_ok();
    Some(if is_complete { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn complete(shell: &OsStr, called: &[OsString]) -> io::Result<()> {
    let name = Path::new(shell).file_stem().and_then(OsStr::to_str).unwrap_or_default();
    let shell =
        SHELLS.into_iter().find(|known| known.is(name)).ok_or(io::ErrorKind::InvalidInput)?;
    let typed: Vec<OsString> =
        called.iter().skip_while(|word| *word != "--").skip(1).cloned().collect();
    let last = typed.len().checked_sub(1).ok_or(io::ErrorKind::InvalidInput)?;
    let index = env::var(INDEX).ok().and_then(|index| index.parse().ok());
    let index = index.unwrap_or(last).min(last);
    let (typed, index) = if shell.is("bash") { joined(typed, index) } else { (typed, index) };
    let mut others = typed.clone();
    others.remove(index);
    let mut command = words::command(&others);
    let folder = env::current_dir().ok();
    let mut answer = Vec::new();
    if shell.is("bash") {
        // Its own answer counts words that are joined here.
        let found = complete_word(&mut command, typed, index, folder.as_deref())?;
        let separator = env::var(SEPARATOR).unwrap_or_else(|_| "\n".to_owned());
        let found = found.iter().map(|one| one.get_value().to_string_lossy().into_owned());
        answer.extend(found.collect::<Vec<_>>().join(&separator).into_bytes());
    } else {
        shell.write_complete(&mut command, typed, folder.as_deref(), &mut answer)?;
    }
    io::stdout().write_all(&answer)
}

/// Joins what bash takes apart: `--format=csv` comes as three words, `s3://bucket` too. Of the word that
/// is completed, bash replaces the last part: that stays by itself.
fn joined(typed: Vec<OsString>, index: usize) -> (Vec<OsString>, usize) {
    let (mut words, mut target) = (Vec::<OsString>::new(), index);
    let mut is_open = false;
    for (number, word) in typed.into_iter().enumerate() {
        let is_option = words.last().is_some_and(|last| last.as_encoded_bytes().starts_with(b"--"));
        if number < index && word == "=" && is_option {
            // The value of an option may stand by itself.
            target -= 1;
        } else if number < index && (is_open || word == ":") && !words.is_empty() {
            is_open = word == ":";
            target -= 1;
            if let Some(last) = words.last_mut() {
                last.push(word);
            }
        } else {
            words.push(word);
        }
    }
    (words, target)
}
