//! Completions, asked for as a shell asks: bash runs the script, and so do zsh and fish where they are
//! installed, as in CI.

use std::{fs, process::Command};

use insta::assert_snapshot;

use crate::sandbox::Sandbox;

/// A sandbox with names of its own.
fn with_names() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write(
        ".config/ecstrail/config.toml",
        "queries = \"~/mine\"\n[profiles.production]\nthreads = 1\n[profiles.staging]\n\
         [sets]\nours = [\"our-own\"]\n",
    );
    sandbox.write(
        "mine/our-own.sql",
        "-- title: Our own\n-- param since date default 7d: Since\n-- param only_failed boolean \
         default false: F\nSELECT $since AS since, $only_failed AS only_failed",
    );
    sandbox.write("folder/file.sql", "SELECT 1");
    sandbox
}

/// What bash offers for the last word.
fn bash(sandbox: &Sandbox, words: &[&str]) -> Vec<String> {
    let quoted = words.iter().map(|word| format!("'{word}'")).collect::<Vec<_>>().join(" ");
    let (last, before) = (words[words.len() - 1], words[words.len().saturating_sub(2)]);
    let program = env!("CARGO_BIN_EXE_ecstrail");
    let script = format!(
        "source <({program} completions bash)\n\
         COMP_WORDS=({quoted}); COMP_CWORD={}; COMP_TYPE=9\n\
         _clap_complete_ecstrail ecstrail '{last}' '{before}'\n\
         printf '%s\\n' \"${{COMPREPLY[@]}}\"",
        words.len() - 1
    );
    let mut command = Command::new("bash");
    command.args(["--norc", "--noprofile", "-c", &script]).current_dir(sandbox.path("."));
    command.env_clear().env("HOME", sandbox.path(".")).env("PATH", "/usr/bin:/bin");
    let answer = sandbox.answer(&mut command);
    assert_eq!((answer.code, answer.stderr.as_str()), (Some(0), ""), "{words:?} {answer}");
    answer.stdout.lines().filter(|line| !line.is_empty()).map(ToOwned::to_owned).collect()
}

#[test]
fn what_bash_offers() {
    let sandbox = with_names();
    let offers = |words: &[&str]| bash(&sandbox, words);
    let has = |words: &[&str], expected: &[&str]| {
        let found = offers(words);
        for word in expected {
            assert!(found.iter().any(|one| one == word), "{words:?}: {word} is not in {found:?}");
        }
        found
    };
    has(&["ecstrail", ""], &["report", "query", "convert", "config", "completions"]);
    assert_eq!(offers(&["ecstrail", "compl"]), ["completions"]);
    let reports = has(&["ecstrail", "report", ""], &["rollbacks", "deployments", "our-own"]);
    assert!(reports.iter().filter(|word| !word.starts_with('-')).count() >= 76, "{reports:?}");
    assert_eq!(offers(&["ecstrail", "report", "rollb"]), ["rollbacks"]);
    // A report has its own parameters, and no others.
    let rollbacks = has(
        &["ecstrail", "report", "rollbacks", "--"],
        &["--from", "--cluster", "--service", "--format", "--dataset"],
    );
    assert!(!rollbacks.iter().any(|word| word == "--registries"), "{rollbacks:?}");
    has(&["ecstrail", "report", "unapproved-images", "--reg"], &["--registries", "--region"]);
    has(&["ecstrail", "report", "our-own", "--"], &["--since", "--only-failed"]);
    has(&["ecstrail", "-p", "production", "report", "our-own", "--"], &["--since"]);
    has(
        &["ecstrail", "report", "--cluster", "c", "our-own", "--o"],
        &["--only-failed", "--output"],
    );
    assert_eq!(offers(&["ecstrail", "report", "our-own", "--set", "s"]), ["since="]);
    // Values.
    has(&["ecstrail", "report", "our-own", "--since", ""], &["today", "7d", "last-week"]);
    has(&["ecstrail", "status", "--map", "--from", "yes"], &["yesterday"]);
    assert_eq!(offers(&["ecstrail", "query", "--format", "mark"]), ["markdown"]);
    assert_eq!(offers(&["ecstrail", "query", "--format", "ht"]), ["html"]);
    assert_eq!(offers(&["ecstrail", "shell", "--format", ""]).len(), 8);
    has(&["ecstrail", "book", ""], &["weekly", "ours", "rollbacks", "our-own"]);
    assert_eq!(offers(&["ecstrail", "book", "weekly", "secu"]), ["security"]);
    has(&["ecstrail", "book", "--format", ""], &["html", "markdown", "json"]);
    has(&["ecstrail", "book", "--fail-on", ""], &["info", "low", "medium", "high", "critical"]);
    assert_eq!(offers(&["ecstrail", "report", "rollbacks", "--sql", "du"]), ["duckdb"]);
    assert_eq!(offers(&["ecstrail", "describe", "table", "--engine", "click"]), ["clickhouse"]);
    assert_eq!(
        offers(&["ecstrail", "convert", "--event-name", "UpdateServiceP"]),
        ["UpdateServicePrimaryTaskSet"]
    );
    // Bash takes words apart at these signs.
    assert_eq!(offers(&["ecstrail", "query", "--format", "=", "mark"]), ["markdown"]);
    has(&["ecstrail", "report", "--format", "=", "csv", "our-own", "--si"], &["--since"]);
    let bucket = ["ecstrail", "report", "-d", "s3", ":", "//bucket/a", "our-own", "--si"];
    has(&bucket, &["--since"]);
    has(&["ecstrail", "--config-profile", ""], &["production", "staging"]);
    assert_eq!(offers(&["ecstrail", "report", "-p", "st"]), ["staging"]);
    // Files.
    assert_eq!(offers(&["ecstrail", "query", "--file", "folder/f"]), ["folder/file.sql"]);
    assert_eq!(offers(&["ecstrail", "query", "--dataset", "fol"]), ["folder/"]);
    assert_eq!(offers(&["ecstrail", "convert", "fol"]), ["folder/"]);
}

/// Nothing is said while somebody types, and built-in names stay.
#[test]
fn a_mistake_in_a_file_costs_its_names_alone() {
    let sandbox = with_names();
    sandbox.write("mine/broken.sql", "SELECT");
    assert_eq!(bash(&sandbox, &["ecstrail", "report", "rollb"]), ["rollbacks"]);
    sandbox.write(".config/ecstrail/config.toml", "datset = 1");
    assert_eq!(bash(&sandbox, &["ecstrail", "report", "rollb"]), ["rollbacks"]);
    sandbox.write(".config/ecstrail/config.toml", "[profiles.\"a\\u001b[31m\"]\n[profiles.b]\n");
    assert_eq!(bash(&sandbox, &["ecstrail", "-p", ""]), ["b"]);
}

/// The shells that this machine has, by their way to ask. CI installs them.
#[test]
fn what_other_shells_offer() {
    let sandbox = with_names();
    let program = env!("CARGO_BIN_EXE_ecstrail");
    let fish = format!(
        "{program} completions fish | source; complete --do-complete 'ecstrail report rollba'"
    );
    // zsh offers words in an editor only: what its script passes on is caught.
    let zsh = format!(
        "compdef() {{ }}; _describe() {{ print -rl -- ${{(P)3}} }}; source <({program} completions zsh); \
         words=(ecstrail report rollba); CURRENT=3; _clap_dynamic_completer_ecstrail"
    );
    let mut tried = Vec::new();
    for (shell, words) in [("fish", vec!["-c", &fish]), ("zsh", vec!["-f", "-c", &zsh])] {
        let mut command = Command::new(shell);
        command.args(words).current_dir(sandbox.path(".")).env_clear();
        command.env("HOME", sandbox.path(".")).env("PATH", "/usr/bin:/bin");
        let is_installed = ["/usr/bin", "/bin"].map(|bin| format!("{bin}/{shell}"));
        if is_installed.iter().any(|path| fs::exists(path).unwrap()) {
            let answer = sandbox.answer(&mut command);
            assert!(answer.stdout.contains("rollbacks"), "{shell} {answer}");
            assert!(answer.stdout.contains("Rollbacks of services"), "{shell} {answer}");
            tried.push(shell);
        }
    }
    let all = std::env::var("ECSTRAIL_TEST_ALL").is_ok_and(|all| all == "1");
    assert!(!all || tried.len() == 2, "install fish and zsh: only {tried:?} were tried");
}

/// PowerShell is in no registry that CI asks: what its script passes on, and what it reads.
#[test]
fn what_powershell_is_answered() {
    let sandbox = with_names();
    let answer = |words: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_ecstrail"));
        command.arg("--").args(words).current_dir(sandbox.path(".")).env_clear();
        command.env("HOME", sandbox.path(".")).env("ECSTRAIL_COMPLETE", "powershell");
        sandbox.answer(&mut command)
    };
    let reports = answer(&["ecstrail", "report", "rollba"]);
    assert_eq!(reports.stdout, "rollbacks\tRollbacks of services\n", "{reports}");
    let own = answer(&["ecstrail", "report", "our-own", "--si"]);
    assert!(own.stdout.ends_with("\n--since\tSince\n"), "{own}");
    assert!(answer(&["ecstrail", "report", ""]).stdout.contains("our-own\t"));
}

#[test]
fn scripts_call_the_program_that_made_them() {
    let sandbox = Sandbox::new();
    for shell in ["bash", "zsh", "fish", "powershell"] {
        let script = sandbox.run(&["completions", shell]).stdout;
        assert!(script.contains(env!("CARGO_BIN_EXE_ecstrail")), "{script}");
        assert!(script.contains("ECSTRAIL_COMPLETE"), "{script}");
    }
    assert_snapshot!("completions_unknown", sandbox.run(&["completions", "tcsh"]));
}
