//! Processes that must end well whatever they are given: with a code that the README documents, without
//! a panic, in little memory, and with nothing on their outputs that a terminal would act on.

use std::{
    fs::{self, File},
    path::Path,
    process::{Command, Stdio},
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use wait4::Wait4;

/// Processes at once.
const THREADS: usize = 2;
/// Seconds after which a process hangs.
const MOST_SECONDS: &str = "120";
/// Bytes that anybody reads on stderr.
const LONGEST: usize = 12_000;
/// Codes that the README documents.
const CODES: [i32; 5] = [0, 1, 2, 3, 4];
/// Bytes of memory at most.
const MOST_MEMORY: u64 = 400 << 20;

/// Every Nth case is tried; 1 tries all, which takes minutes.
const STRIDE: &str = "ECSTRAIL_HOSTILE_STRIDE";
/// By default one in this many is tried of what is tried under `ECSTRAIL_TEST_ALL=1`, as in CI.
const DEFAULT: usize = 7;

/// Returns N, as the environment says, or as usual in CI.
pub(crate) fn stride(usual: usize) -> usize {
    let all = std::env::var("ECSTRAIL_TEST_ALL").is_ok_and(|all| all == "1");
    let usual = if all { usual } else { usual * DEFAULT };
    std::env::var(STRIDE).map_or(usual, |text| text.parse().unwrap())
}

/// Returns a command that runs the program in a folder of its own, and ends it if it hangs.
pub(crate) fn program(folder: &Path, home: &Path) -> Command {
    let mut command = Command::new("timeout");
    command.args(["-s", "KILL", MOST_SECONDS, env!("CARGO_BIN_EXE_ecstrail")]);
    command.current_dir(folder).env_clear();
    command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
    command.env("HOME", home).env("AWS_EC2_METADATA_DISABLED", "true").env("COLUMNS", "100");
    command
}

/// Runs a command and says what is wrong with its end; `outputs` is a folder that it does not see.
pub(crate) fn problem(command: &mut Command, outputs: &Path) -> Option<String> {
    let files = ["stdout", "stderr"].map(|name| outputs.join(name));
    let [stdout, stderr] = files.each_ref().map(|file| File::create(file).unwrap());
    let child = command.stdin(Stdio::null()).stdout(stdout).stderr(stderr).spawn();
    let ended = child.unwrap().wait4().unwrap();
    let [stdout, stderr] = files.map(|file| String::from_utf8(fs::read(file).unwrap()));
    let (Ok(stdout), Ok(stderr)) = (stdout, stderr) else {
        return Some("an output is not UTF-8".to_owned());
    };
    let words = ["panicked", "RUST_BACKTRACE", "unwrap()", "PoisonError"];
    let raw = stdout.chars().chain(stderr.chars()).find(|one| acts_on_terminals(*one));
    let memory = ended.rusage.maxrss;
    let problem = match ended.status.code() {
        code if !code.is_some_and(|code| CODES.contains(&code)) => format!("exit code {code:?}"),
        _ if words.iter().any(|word| stderr.contains(word)) => "a panic".to_owned(),
        _ if stderr.len() > LONGEST => format!("{} bytes on stderr", stderr.len()),
        _ if memory > MOST_MEMORY => format!("{memory} bytes of memory"),
        _ => format!("{:?} is written", raw?),
    };
    let stderr: String = stderr.chars().take(300).collect();
    Some(format!("{problem}: {stderr:?}"))
}

/// Does something with each element, some at once, and collects what is returned.
pub(crate) fn for_each<T: Sync>(
    elements: &[T],
    what: impl Fn(usize, &T) -> Option<String> + Sync,
) -> Vec<String> {
    let next = AtomicUsize::new(0);
    let found = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    let Some(element) = elements.get(number) else { break };
                    let returned = what(number, element);
                    found.lock().unwrap().extend(returned);
                }
            });
        }
    });
    found.into_inner().unwrap()
}

/// Controls, line separators and what changes direction.
pub(crate) fn acts_on_terminals(character: char) -> bool {
    (character.is_control() && character != '\n')
        || matches!(character, '\u{61c}' | '\u{200e}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}
