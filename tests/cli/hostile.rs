//! Datasets from somebody else, with one thing in them that is not as we write it, and every command on
//! them: nothing outside of their home is touched, nothing panics, nothing waits.
//!
//! The library's own tests go through many more of the cases (`crates/writer/src/hostile.rs`).

use std::{
    fs,
    path::{Path, PathBuf},
};

use crate::{process, sandbox::Sandbox};

#[path = "../hostile/files.rs"]
mod files;
#[path = "../hostile/seal.rs"]
pub(crate) mod seal;
#[path = "../hostile/surroundings.rs"]
pub(crate) mod surroundings;
#[path = "../hostile/values.rs"]
mod values;

use surroundings::WholeFile;
use values::Change;

/// Commits after which there is a checkpoint.
const COMMITS: usize = 52;

const COMMANDS: [&[&str]; 13] = [
    &["status", "-d", "home"],
    &["recover", "-d", "home"],
    &["query", "SELECT count(*), min(event_time), max(event_name) FROM events", "-d", "home"],
    &["vacuum", "-d", "home", "--older-than", "0s"],
    &["report", "activity-by-day", "-d", "home"],
    &["compact", "-d", "home"],
    &["export", "-d", "home", "--to", "out"],
    &["convert", "trail", "--to", "home"],
    &["vacuum", "-d", "home", "--dry-run", "--format", "json"],
    &["compact", "-d", "home", "--dry-run"],
    &["convert", "trail", "--to", "home", "--dry-run"],
    &["status", "-d", "home", "--format", "json"],
    &["describe", "columns"],
];

fn record(number: usize) -> String {
    let day = 1 + number % 3;
    format!(
        r#"{{"eventVersion":"1.08","eventTime":"2026-04-0{day}T02:18:03Z","eventSource":"ecs.amazonaws.com","eventName":"RunTask","awsRegion":"us-east-1","eventID":"e-{number}","recipientAccountId":"111122223333"}}"#
    )
}

/// A dataset of many commits, a checkpoint, rejects and an interrupted run, and a trail beside it.
fn base() -> Sandbox {
    let sandbox = Sandbox::new();
    for number in 0..COMMITS {
        let reject = if number % 20 == 0 {
            "\n{\"eventSource\":\"ecs.amazonaws.com\",\"eventVersion\":\"1.08\",\"eventTime\":\"x\"}"
        } else {
            ""
        };
        sandbox.write(&format!("trail/{number:03}.json"), record(number) + reject);
    }
    let convert = ["convert", "trail", "--to", "home", "--commit-every", "1", "--threads", "1"];
    let answer = sandbox.run(&convert);
    assert_eq!(answer.code, Some(3), "{answer}");
    let answer = sandbox.run(&["compact", "-d", "home"]);
    assert_eq!(answer.code, Some(0), "{answer}");
    for number in COMMITS..COMMITS + 2 {
        sandbox.write(&format!("trail/{number:03}.json"), record(number));
        assert_eq!(sandbox.run(&convert).code, Some(0));
    }
    sandbox.write("home/_ecstrail/tmp/00000099-0123456789abcdef/0.parquet", "x");
    // Something new for the conversions.
    sandbox.write("trail/new.json", record(COMMITS + 2));
    sandbox
}

/// A thing to change in the dataset.
enum Odd {
    Member { file: PathBuf, text: String, pointer: String, name: String, change: Change },
    Whole { file: PathBuf, whole: WholeFile },
}

impl Odd {
    fn file(&self) -> &Path {
        match self {
            Self::Member { file, .. } | Self::Whole { file, .. } => file,
        }
    }

    fn apply(&self, home: &Path, victim: &Path) {
        let at = home.join(self.file());
        match self {
            Self::Whole { whole, .. } => whole.put(&at, victim),
            Self::Member { file, text, pointer, change, .. } => {
                if let Some(text) =
                    files::changed(file, text, pointer, change, &victim.join("file"))
                {
                    seal::replace(&at, text.as_bytes());
                    seal::seal(home, &at);
                }
            }
        }
    }

    fn name(&self) -> String {
        match self {
            Self::Member { file, pointer, name, .. } => {
                format!("{} {pointer} {name}", file.display())
            }
            Self::Whole { file, whole } => format!("{} {whole:?}", file.display()),
        }
    }
}

/// Runs each case with one of the commands; by default, one case in seven.
fn check(base: &Sandbox, cases: Vec<Odd>) {
    let cases: Vec<_> = cases.into_iter().step_by(process::stride(1)).collect();
    let problems = process::for_each(&cases, |number, odd| {
        let outputs = base.path(&format!("runs/{number}"));
        let parent = outputs.join("parent");
        let user = outputs.join("user");
        fs::create_dir_all(&user).unwrap();
        let victim = surroundings::victim(&parent);
        for name in ["home", "trail"] {
            surroundings::copy(&base.path(name), &parent.join(name));
        }
        odd.apply(&parent.join("home"), &victim);
        let snapshot = || surroundings::snapshot(&parent, &["home", "out"]);
        let before = snapshot();
        let words = COMMANDS[number % COMMANDS.len()];
        let mut command = process::program(&parent, &user);
        let problem = process::problem(command.args(words), &outputs);
        let problem = problem
            .or_else(|| (snapshot() != before).then(|| "something else has changed".to_owned()));
        fs::remove_dir_all(&outputs).unwrap();
        problem.map(|problem| format!("{words:?} on {}: {problem}", odd.name()))
    });
    assert!(problems.is_empty(), "{} of {}\n{}", problems.len(), cases.len(), problems.join("\n"));
}

#[test]
fn every_member_of_every_file_on_some_command() {
    let base = base();
    let home = base.path("home");
    let mut cases = Vec::new();
    let changes = values::changes();
    for file in files::of_each_kind(&home) {
        let Ok(text) = fs::read_to_string(home.join(&file)) else { continue };
        for pointer in files::pointers(&text) {
            let (name, change) = changes[cases.len() * 5 % changes.len()].clone();
            let (file, text) = (file.clone(), text.clone());
            cases.push(Odd::Member { file, text, pointer, name, change });
        }
    }
    assert!(cases.len() > 100, "{}", cases.len());
    check(&base, cases);
}

#[test]
fn every_file_as_something_else_on_some_command() {
    let base = base();
    let mut cases = Vec::new();
    let home = base.path("home");
    for file in files::of_each_kind(&home).into_iter().chain([files::data_file(&home)]) {
        cases.extend(WholeFile::ALL.map(|whole| Odd::Whole { file: file.clone(), whole }));
    }
    check(&base, cases);
}
