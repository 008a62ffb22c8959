//! A temporary folder in which the program is run, and what it answered.

use std::{
    fmt,
    fs::{self, File},
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

use tempfile::TempDir;

/// A folder with nothing in it and nothing around it.
pub(crate) struct Sandbox {
    folder: TempDir,
}

/// What the program answered.
pub(crate) struct Answer {
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    pub(crate) code: Option<i32>,
}

impl Sandbox {
    pub(crate) fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    /// A sandbox whose `dataset` holds the samples' ECS events.
    pub(crate) fn with_samples() -> Self {
        let sandbox = Self::new();
        let answer = sandbox.run(&["convert", &samples(), "--to", "dataset"]);
        assert_eq!(answer.code, Some(3), "{answer}");
        sandbox
    }

    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    pub(crate) fn write(&self, path: &str, bytes: impl AsRef<[u8]>) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        File::create(path).unwrap().write_all(bytes.as_ref()).unwrap();
    }

    /// Copies a folder with all below it.
    pub(crate) fn copy(&self, from: &Path, to: &str) {
        for entry in fs::read_dir(from).unwrap() {
            let entry = entry.unwrap();
            let to = format!("{to}/{}", entry.file_name().to_str().unwrap());
            if entry.file_type().unwrap().is_dir() {
                self.copy(&entry.path(), &to);
            } else {
                self.write(&to, fs::read(entry.path()).unwrap());
            }
        }
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        self.prepared(Command::new(env!("CARGO_BIN_EXE_ecstrail")), arguments)
    }

    /// A script that a shell runs here.
    pub(crate) fn shell(&self, script: &str) -> Command {
        self.prepared(Command::new("sh"), &["-c", script])
    }

    fn prepared(&self, mut command: Command, arguments: &[&str]) -> Command {
        command.args(arguments).current_dir(self.folder.path()).env_clear();
        command.env("NO_COLOR", "1").env("COLUMNS", "100");
        // No credentials of whoever runs the tests, and nobody on the network is asked for them.
        command.env("HOME", self.folder.path()).env("AWS_EC2_METADATA_DISABLED", "true");
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Answer {
        self.answer(&mut self.command(arguments))
    }

    /// Runs a command to its end.
    pub(crate) fn answer(&self, command: &mut Command) -> Answer {
        let Output { stdout, stderr, status } = command.output().unwrap();
        let folder = self.folder.path().display().to_string();
        let text = |bytes| {
            let text = String::from_utf8(bytes).unwrap();
            without_accidents(&text.replace(&folder, "[sandbox]").replace(&samples(), "[samples]"))
        };
        Answer { stdout: text(stdout), stderr: text(stderr), code: status.code() }
    }
}

/// The samples' trail.
pub(crate) fn samples() -> String {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("data-samples/trail").display().to_string()
}

/// Replaces how long it took, when, and the names of transactions: `in 0.2 s.`, `for 0.002 s in total`, `"seconds":0.2`, `the
/// last one at 2026-11-22T23:04:05.678Z`.
pub(crate) fn without_accidents(text: &str) -> String {
    let lines = text.split_inclusive('\n').map(|line| {
        if let Some((before, _)) = line.split_once("\"seconds\":") {
            return format!("{before}\"seconds\":[time]}}\n");
        }
        if let Some((before, name)) = line.split_once("_ecstrail/quarantine/") {
            let after = name.split_once(".jsonl").map_or(name, |(_, after)| after);
            return format!("{before}_ecstrail/quarantine/[transaction].jsonl{after}");
        }
        if let Some((before, _)) = line.split_once(", the last at ") {
            return format!("{before}, the last at [time]\n");
        }
        let line = between(line, " in ", " s.");
        between(&line, " for ", " s in total")
    });
    lines.collect()
}

/// Replaces the number between two texts.
fn between(line: &str, before: &str, after: &str) -> String {
    let found = line.split_once(before).and_then(|(head, rest)| {
        let (number, tail) = rest.split_once(after)?;
        number.parse::<f64>().ok().map(|_| format!("{head}{before}[time]{after}{tail}"))
    });
    found.unwrap_or_else(|| line.to_owned())
}

impl fmt::Display for Answer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(formatter, "exit code: {:?}", self.code)?;
        write!(formatter, "--- stdout\n{}--- stderr\n{}", self.stdout, self.stderr)
    }
}
