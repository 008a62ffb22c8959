//! What a run keeps on disk for itself: it goes with the run, however that ends.

use std::{
    fs,
    io::Write,
    process::{Child, Command, Stdio},
};

use crate::sandbox::Sandbox;

/// Starts a conversion of what comes on standard input; it waits for more, once it has its folder.
fn started(sandbox: &Sandbox) -> Child {
    fs::create_dir_all(sandbox.path("tmp")).unwrap();
    let before = left(sandbox);
    let mut command = sandbox.command(&["convert", "-", "--to", "dataset"]);
    let mut child =
        command.env("TMPDIR", sandbox.path("tmp")).stdin(Stdio::piped()).spawn().unwrap();
    child.stdin.as_mut().unwrap().write_all(b"{").unwrap();
    let is_locked = |name: &String| sandbox.path("tmp").join(name).join("lock").exists();
    while !left(sandbox).iter().any(|name| !before.contains(name) && is_locked(name)) {
        assert_eq!(child.try_wait().unwrap(), None);
        std::thread::yield_now();
    }
    child
}

fn left(sandbox: &Sandbox) -> Vec<String> {
    let entries = fs::read_dir(sandbox.path("tmp")).unwrap();
    entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

fn signal(child: &Child, signal: &str) {
    let sent = Command::new("kill").args([signal, &child.id().to_string()]).status();
    assert!(sent.unwrap().success());
}

#[test]
fn standard_input_goes_with_the_run() {
    let sandbox = Sandbox::new();
    for (name, code) in [("-INT", 130), ("-TERM", 143), ("-HUP", 129)] {
        let mut child = started(&sandbox);
        signal(&child, name);
        assert_eq!(child.wait().unwrap().code(), Some(code), "{name}");
        assert_eq!(left(&sandbox), Vec::<String>::new(), "{name}");
    }
}

#[test]
fn what_a_killed_run_left_goes_with_the_next_one_and_nothing_else() {
    let sandbox = Sandbox::new();
    let mut killed = started(&sandbox);
    let dead = left(&sandbox);
    signal(&killed, "-KILL");
    killed.wait().unwrap();
    assert_eq!(left(&sandbox), dead);

    // Of others: a name of ours without a lock, a lock beside something else, a link, a file.
    sandbox.write("tmp/ecstrail-000000/stdin", "");
    sandbox.write("tmp/ecstrail-111111/lock", "");
    sandbox.write("tmp/ecstrail-111111/thesis.txt", "");
    sandbox.write("tmp/ecstrail-notes/lock", "");
    sandbox.write("victim/lock", "");
    sandbox.write("tmp/ecstrail-222222", "");
    std::os::unix::fs::symlink(sandbox.path("victim"), sandbox.path("tmp/ecstrail-333333"))
        .unwrap();
    let mut living = started(&sandbox);
    let mut next = started(&sandbox);
    signal(&next, "-TERM");
    next.wait().unwrap();
    assert!(!left(&sandbox).iter().any(|name| dead.contains(name)));
    for path in [
        "tmp/ecstrail-000000/stdin",
        "tmp/ecstrail-111111/thesis.txt",
        "tmp/ecstrail-notes/lock",
        "victim/lock",
        "tmp/ecstrail-222222",
        "tmp/ecstrail-333333",
    ] {
        assert!(sandbox.path(path).exists(), "{path}");
    }
    assert_eq!(left(&sandbox).len(), 6, "with that of the living run");
    living.kill().unwrap();
    living.wait().unwrap();
}
