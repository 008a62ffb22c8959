//! Manual pages: one for each command, which groff formats without a warning. CI installs groff.

use std::{env, fs, process::Command};

use insta::assert_snapshot;

use crate::sandbox::Sandbox;

/// Returns whether there is a groff, without which pages are not looked at.
fn has_groff() -> bool {
    let is_installed = fs::exists("/usr/bin/groff").unwrap();
    let all = env::var("ECSTRAIL_TEST_ALL").is_ok_and(|all| all == "1");
    assert!(is_installed || !all, "install groff");
    is_installed
}

/// A page as a reader sees it, without bold and underlined letters.
fn formatted(sandbox: &Sandbox, name: &str) -> String {
    let path = sandbox.path(&format!("man/{name}.1")).display().to_string();
    let mut command = Command::new("groff");
    command.args(["-man", "-Tutf8", "-ww", "-rLL=90n", "-P-cbou", &path]);
    let answer = sandbox.answer(&mut command);
    assert_eq!((answer.code, answer.stderr.as_str()), (Some(0), ""), "{name} {answer}");
    answer.stdout
}

#[test]
fn pages_of_all_commands() {
    let sandbox = Sandbox::new();
    assert_snapshot!("man", sandbox.run(&["man", "--to", "man"]));
    let names = fs::read_dir(sandbox.path("man")).unwrap().map(|entry| {
        entry.unwrap().file_name().to_str().unwrap().strip_suffix(".1").unwrap().to_owned()
    });
    let mut names: Vec<_> = names.collect();
    names.sort_unstable();
    assert_snapshot!("man_names", names.join("\n"));
    if !has_groff() {
        return;
    }
    for name in &names {
        let page = formatted(&sandbox, name);
        for expected in ["NAME", "SYNOPSIS", "DESCRIPTION", "SEE ALSO"] {
            assert!(page.lines().any(|line| line == expected), "{name}: {expected}\n{page}");
        }
    }
    assert_snapshot!("man_ecstrail", formatted(&sandbox, "ecstrail"));
    assert_snapshot!("man_report", formatted(&sandbox, "ecstrail-report"));
}

/// What is remembered on this machine is not in the pages.
#[test]
fn pages_do_not_depend_on_the_config_file() {
    let sandbox = Sandbox::new();
    sandbox.run(&["man", "--to", "man"]);
    let page = fs::read(sandbox.path("man/ecstrail-query.1")).unwrap();
    sandbox.write(".config/ecstrail/config.toml", "dataset = \"s3://bucket/ecs\"\n");
    sandbox.run(&["man", "--to", "man"]);
    assert!(fs::read(sandbox.path("man/ecstrail-query.1")).unwrap() == page);
}
