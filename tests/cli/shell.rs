//! The shell on a terminal of its own, as a person uses it. Every wait is for something to be shown.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    process::{Command, Stdio},
};

use rexpect::{
    reader::Options,
    session::{PtySession, spawn_with_options},
};

use crate::sandbox::{Answer, Sandbox, samples};

/// Milliseconds after which something is not shown any more.
const DEADLINE: u64 = 60_000;
/// A prompt with nothing behind it: the cursor is put there next.
const PROMPT: &str = "ecstrail> \r";
const UP: &str = "\x1b[A";
/// Takes the engine hours.
const ENDLESS: &str = "SELECT count(*) FROM events a, events b, events c, events d \
                       WHERE a.actor < b.actor AND c.actor < d.actor;";

/// A terminal with a program.
struct Terminal(PtySession);

impl Terminal {
    fn open(mut command: Command) -> Self {
        command.stdin(Stdio::inherit()).stdout(Stdio::inherit()).stderr(Stdio::inherit());
        let options = Options::new().timeout_ms(Some(DEADLINE)).strip_ansi_escape_codes(true);
        Self(spawn_with_options(command, options).unwrap())
    }

    /// A shell over the samples, waiting for its first line.
    fn shell(sandbox: &Sandbox) -> Self {
        Self::at_prompt(sandbox.command(&["shell", "-d", "dataset"]))
    }

    fn at_prompt(command: Command) -> Self {
        let mut terminal = Self::open(command);
        terminal.wait_for(PROMPT);
        terminal
    }

    fn keys(&mut self, keys: &str) {
        self.0.send(keys).unwrap();
        self.0.flush().unwrap();
    }

    /// Returns what was shown before a text.
    #[track_caller]
    fn wait_for(&mut self, text: &str) -> String {
        match self.0.exp_string(text) {
            Ok(shown) => shown,
            Err(error) => panic!("{text:?} is not shown: {error}"),
        }
    }

    /// Types a line, and returns what is shown until the next prompt.
    #[track_caller]
    fn line(&mut self, line: &str) -> String {
        self.keys(&format!("{line}\r"));
        // What is typed is shown anew with every key; the last time without the cursor's brackets.
        let typed = self.wait_for("\r\n");
        assert!(typed.contains(line), "{typed:?}");
        self.wait_for(PROMPT).replace('\r', "")
    }

    #[track_caller]
    fn interrupt(&mut self) {
        self.0.send_control('c').unwrap();
    }

    /// Presses Ctrl-D, and returns how the program ended.
    fn leave(mut self) -> Option<i32> {
        self.0.send_control('d').unwrap();
        self.ended()
    }

    fn ended(mut self) -> Option<i32> {
        self.0.exp_eof().unwrap();
        // The type has no public name: `Exited(Pid(1234), 0)`.
        let status = format!("{:?}", self.0.process().wait().unwrap());
        let (_, code) = status.strip_prefix("Exited(")?.rsplit_once(", ")?;
        code.strip_suffix(')')?.parse().ok()
    }
}

#[test]
fn a_statement_takes_lines_until_its_semicolon() {
    let sandbox = Sandbox::with_samples();
    let mut terminal = Terminal::open(sandbox.command(&["query", "-d", "dataset"]));
    terminal.wait_for("dataset dataset");
    terminal.wait_for("429 events from 2018-06-20 to 2026-04-28 in 12 data files, as of commit 0");
    terminal.wait_for(PROMPT);
    terminal.keys("SELECT 'a;\r");
    terminal.wait_for("       '> ");
    terminal.keys("b' AS x, /*\r");
    terminal.wait_for("      /*> ");
    terminal.keys("; */ count(*) AS n -- ;\r");
    terminal.wait_for("     ...> ");
    terminal.keys("FROM events;\r");
    terminal.wait_for("429");
    terminal.wait_for(PROMPT);
    // Two on one line, and one that is given up.
    assert!(terminal.line("SELECT 11 AS a; SELECT 22 AS b;").contains("22"));
    terminal.keys("SELECT 'x\r");
    terminal.wait_for("       '> ");
    terminal.interrupt();
    terminal.wait_for(PROMPT);
    assert!(terminal.line("SELECT 33 AS c;").contains("33"));
    assert_eq!(terminal.leave(), Some(0));
}

#[test]
fn the_tab_key_completes() {
    let sandbox = Sandbox::with_samples();
    let mut terminal = Terminal::shell(&sandbox);
    for (keys, expected) in [
        ("SELECT chann\t", "SELECT channel"),
        ("SELECT 1 FROM ev\t", "FROM events"),
        ("SELECT array_dista\t", "SELECT array_distance("),
        ("SELECT event_name = 'UpdateServiceP\t", "'UpdateServicePrimaryTaskSet'"),
        (".expl\t", ".explain "),
        (".report deployment-l\t", ".report deployment-ledger "),
        (".report deployments serv\t", "deployments service="),
        (".report deployments from=yes\t", "from=yesterday"),
        (".report deployments service=bil\t", "service=billing "),
        (".read datas\t", ".read dataset/"),
    ] {
        terminal.keys(keys);
        terminal.wait_for(expected);
        terminal.interrupt();
        terminal.wait_for(PROMPT);
    }
    // Several words are listed.
    terminal.keys("SELECT event_na\t");
    terminal.wait_for("event_name");
    terminal.keys("\x15.ti\t");
    terminal.wait_for(".timer ");
    terminal.interrupt();
    terminal.wait_for(PROMPT);
    assert_eq!(terminal.leave(), Some(0));
}

#[test]
fn no_value_that_a_terminal_acts_on_is_offered() {
    let sandbox = Sandbox::new();
    let record = |number: usize, cluster: &str| {
        format!(
            r#"{{"eventVersion":"1.08","eventTime":"2026-04-27T02:18:03Z","eventSource":"ecs.amazonaws.com","eventName":"RunTask","awsRegion":"us-east-1","eventID":"e-{number}","requestParameters":{{"cluster":"{cluster}"}}}}"#
        )
    };
    let clusters = [r"evil\u001b[31m", r"evil\u202etxt", "evil's twin"];
    let records = clusters.iter().enumerate().map(|(number, cluster)| record(number, cluster));
    sandbox.write("trail/a.json", records.collect::<Vec<_>>().join("\n"));
    assert_eq!(sandbox.run(&["convert", "trail", "--to", "dataset"]).code, Some(0));
    let mut terminal = Terminal::shell(&sandbox);
    for (keys, expected) in [
        ("SELECT cluster_name = 'ev\t", "cluster_name = 'evil''s twin'"),
        (".report deployments cluster=ev\t", "cluster=\"evil's twin\""),
    ] {
        terminal.keys(keys);
        terminal.wait_for(expected);
        terminal.interrupt();
        terminal.wait_for(PROMPT);
    }
    assert_eq!(terminal.leave(), Some(0));
}

#[test]
fn ctrl_c_cancels_a_query_and_not_the_shell() {
    let sandbox = Sandbox::with_samples();
    let mut terminal = Terminal::shell(&sandbox);
    terminal.line(".output canceled.csv");
    for presses in [1, 3] {
        terminal.keys(&format!("{ENDLESS}\r"));
        terminal.wait_for("c.actor < d.actor;\r\n");
        for _ in 0..presses {
            terminal.interrupt();
        }
        terminal.wait_for("canceled");
        terminal.wait_for(PROMPT);
    }
    assert!(!sandbox.path("canceled.csv").exists());
    terminal.line(".output");
    assert!(terminal.line("SELECT 42 AS answer;").contains("42"));
    let left = fs::read_dir(sandbox.path("")).unwrap();
    let left = left.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    assert_eq!(left.filter(|name| name.contains("tmp")).count(), 0);
    assert_eq!(terminal.leave(), Some(0));
}

#[test]
fn what_was_typed_is_remembered() {
    let sandbox = Sandbox::with_samples();
    let mut terminal = Terminal::shell(&sandbox);
    terminal.keys("SELECT 11\r");
    terminal.wait_for("     ...> ");
    terminal.keys("AS eleven;\r");
    terminal.wait_for(PROMPT);
    terminal.line(" SELECT 22 AS secret;");
    assert_eq!(terminal.leave(), Some(0));

    let file = sandbox.path(".local/state/ecstrail/history");
    let mode = |path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(file.as_path()), mode(file.parent().unwrap())), (0o600, 0o700));
    let typed = fs::read_to_string(&file).unwrap();
    assert!(typed.contains("SELECT 11\\nAS eleven;") && !typed.contains("secret"), "{typed}");

    // A statement of several lines comes back as one.
    let mut terminal = Terminal::shell(&sandbox);
    terminal.keys(UP);
    terminal.wait_for("AS eleven;");
    terminal.keys("\r");
    assert!(terminal.wait_for(PROMPT).contains("11"));
    assert_eq!(terminal.leave(), Some(0));

    // Without a history, and where there can be none.
    for (name, value) in [("ECSTRAIL_HISTORY", ""), ("XDG_STATE_HOME", "/proc/nowhere")] {
        let mut command = sandbox.command(&["shell", "-d", "dataset"]);
        command.env(name, value);
        let mut terminal = Terminal::at_prompt(command);
        terminal.line("SELECT 33 AS forgotten;");
        assert_eq!(terminal.leave(), Some(0));
        assert!(!fs::read_to_string(&file).unwrap().contains("forgotten"));
    }
}

#[test]
fn an_error_ends_a_statement_and_nothing_else() {
    let sandbox = Sandbox::with_samples();
    let mut terminal = Terminal::shell(&sandbox);
    for (line, expected) in [
        ("SELECT cluster FROM events;", "there is no column cluster"),
        ("SELEC 1;", "found: SELEC"),
        ("DROP TABLE events;", "DROP is not allowed"),
        ("SELECT $x;", "$x has no value"),
        (".tabels", "did you mean `.tables`?"),
        (".report deploymnets", "did you mean \"deployments\"?"),
        (".report deployments frm=7d", "has no parameter \"frm\"; its parameters: from, until"),
        (".report deployments account=1", "is not an account: give its 12 digits"),
        (".report task-lifecycle", "needs parameter \"task\""),
        (".read nowhere.sql", "cannot read nowhere.sql"),
        (".mode xml", "xml"),
        (".mode parquet", "parquet is for files: give one with `.output FILE`"),
        (".output dataset/events/x.csv", ".output dataset/events/x.csv is inside the dataset"),
        (".columns nothing_like_it", "no column is like"),
        (".reports nothing_like_it", "no report is about"),
        (".help nothing", "unknown report \"nothing\""),
    ] {
        let shown = terminal.line(line);
        assert!(shown.contains("ecstrail: ") && shown.contains(expected), "{line}: {shown}");
    }
    // What follows a statement that failed on the same line is not run.
    let shown = terminal.line("SELECT nope FROM events; SELECT 99 AS n;");
    assert!(!shown.contains("99"), "{shown}");
    assert!(terminal.line("SELECT 42 AS answer;").contains("42"));
    assert_eq!(terminal.leave(), Some(0));
}

#[test]
fn reports_are_run_with_what_they_do_not_show() {
    let sandbox = Sandbox::with_samples();
    let mut terminal = Terminal::shell(&sandbox);
    let shown = terminal.line(".report deployments from=2026-04-28 service=staging/billing");
    assert!(shown.contains("a8c9303d-d772-4e2f-ab86-85b806c9c8a9\n"), "{shown}");
    assert!(shown.contains("5 rows"), "{shown}");
    assert_eq!(
        terminal.line(".report deployments --from 2026-04-28 --service staging/billing"),
        shown
    );
    let shown = terminal.line(".report deployments service=biling");
    assert!(shown.contains("biling") && shown.contains("billing"), "{shown}");
    let shown = terminal.line(".help deployments");
    assert!(shown.contains("service=SERVICE") && shown.contains("Run it: .report deployments"));
    let shown = terminal.line(".reports exec");
    assert!(shown.contains("exec-sessions") && !shown.contains("rollbacks"), "{shown}");
    let shown = terminal.line(".columns cluster_%");
    assert!(shown.contains("cluster_name string") && !shown.contains("actor "), "{shown}");
    assert!(terminal.line(".tables").contains("service_changes"));
    assert!(terminal.line(".help").contains(".refresh"));
    terminal.line(".set n=UpdateService");
    let shown = terminal.line("SELECT count(*) AS n FROM events WHERE event_name = $n;");
    assert!(shown.contains("1 row") && !shown.contains("ecstrail: "), "{shown}");
    let shown = terminal.line(".explain SELECT actor FROM events");
    assert!(shown.contains("TableScan: events"), "{shown}");
    assert_eq!(terminal.leave(), Some(0));
}

#[test]
fn results_go_where_and_how_they_are_wanted() {
    let sandbox = Sandbox::with_samples();
    sandbox.write("two.sql", "-- two\nSELECT 1 AS a;\n.mode json\nSELECT 2 AS b");
    sandbox.write("broken.sql", "SELECT 3 AS c;\nSELECT nope FROM events;\nSELECT 4 AS d;");
    sandbox.write("endless.sql", ".read endless.sql");
    let mut terminal = Terminal::shell(&sandbox);
    assert!(terminal.line(".mode").contains("shown as table; there are table, csv"));
    terminal.line(".mode csv");
    assert!(terminal.line("SELECT 1 AS a, 2 AS b;").contains("a,b\n1,2\n"));
    terminal.line(".timer on");
    assert!(terminal.line("SELECT 1 AS a;").contains(" s\n"));
    terminal.line(".timer off");

    terminal.line(".output out.tsv");
    assert!(terminal.line("SELECT 1 AS a, 2 AS b;").contains("1 row, written to out.tsv"));
    assert!(terminal.line("SELECT 3 AS c;").contains("1 row, added to out.tsv"));
    let shown = terminal.line("SELECT nope FROM events;");
    assert!(shown.contains("there is no column nope"), "{shown}");
    assert_eq!(fs::read_to_string(sandbox.path("out.tsv")).unwrap(), "a\tb\n1\t2\n\nc\n3\n");
    terminal.line(".output out.json");
    terminal.line("SELECT 1 AS a;");
    let shown = terminal.line("SELECT 2 AS a;");
    assert!(shown.contains("json has room for one"), "{shown}");
    assert!(fs::read_to_string(sandbox.path("out.json")).unwrap().contains("\"a\":1"));
    let shown = terminal.line(".output two.sql");
    assert!(shown.contains("results go to two.sql"), "{shown}");
    assert!(terminal.line(".read two.sql").contains("would overwrite SQL that this command reads"));
    terminal.line(".output");

    let shown = terminal.line(".read two.sql");
    assert!(shown.contains("a\n1\n") && shown.contains("\"b\":2"), "{shown}");
    let shown = terminal.line(".read broken.sql");
    assert!(shown.contains("broken.sql, line 2: ") && !shown.contains("\"d\""), "{shown}");
    assert!(terminal.line(".read endless.sql").contains("more than 16 files read one another"));
    assert_eq!(terminal.leave(), Some(0));
}

#[test]
fn a_snapshot_stays_until_it_is_refreshed() {
    let sandbox = Sandbox::with_samples();
    let mut terminal = Terminal::shell(&sandbox);
    let converted =
        sandbox.run(&["convert", &samples(), "--to", "dataset", "--event-source", "all"]);
    assert_eq!(converted.code, Some(3), "{converted}");
    assert!(terminal.line("SELECT count(*) AS n FROM events;").contains("429"));
    assert!(terminal.line(".refresh").contains("as of commit 1"));
    assert!(!terminal.line("SELECT count(*) AS n FROM events;").contains("429"));
    // Only when its files are gone, the next one is read, and said.
    assert_eq!(sandbox.run(&["compact", "-d", "dataset"]).code, Some(0));
    let shown = terminal.line("SELECT count(DISTINCT actor) AS n FROM events;");
    assert!(shown.contains("1 row") && shown.contains("as of commit "), "{shown}");
    assert_eq!(terminal.leave(), Some(0));
}

#[test]
fn long_answers_go_through_the_pager() {
    let sandbox = Sandbox::with_samples();
    let program = env!("CARGO_BIN_EXE_ecstrail");
    let mut command =
        sandbox.shell(&format!("stty rows 9 cols 100; exec {program} shell -d dataset"));
    command.env("PATH", std::env::var_os("PATH").unwrap());
    command.env("PAGER", "sed 's/^/paged: /'; echo the pager has ended");
    let mut terminal = Terminal::at_prompt(command);
    terminal.keys("SELECT event_id FROM events;\r");
    terminal.wait_for("paged: event_id");
    terminal.wait_for("the pager has ended");
    terminal.wait_for("429 rows");
    terminal.wait_for(PROMPT);
    let shown = terminal.line(".columns");
    assert!(shown.contains("paged: "), "{shown}");
    let shown = terminal.line("SELECT 1 AS a;");
    assert!(!shown.contains("paged"), "{shown}");
    assert_eq!(terminal.leave(), Some(0));
}

#[test]
fn people_leave_in_several_ways() {
    let sandbox = Sandbox::with_samples();
    for line in [".quit", ".exit", "exit", "quit;", "\\q"] {
        let mut terminal = Terminal::shell(&sandbox);
        terminal.keys(&format!("{line}\r"));
        assert_eq!(terminal.ended(), Some(0), "{line}");
    }
}

#[test]
fn a_shell_without_a_terminal_reads_statements() {
    let sandbox = Sandbox::with_samples();
    let run = |words: &str, statements: &str| -> Answer {
        sandbox.write("statements", statements);
        let program = env!("CARGO_BIN_EXE_ecstrail");
        let output = sandbox.shell(&format!("{program} {words} < statements")).output().unwrap();
        Answer {
            stdout: String::from_utf8(output.stdout).unwrap().replace('\r', ""),
            stderr: String::from_utf8(output.stderr).unwrap(),
            code: output.status.code(),
        }
    };
    let answer = run("shell -d dataset -f csv", "SELECT 1 AS a;\n.timer off\nSELECT 2 AS b");
    assert_eq!((answer.stdout.as_str(), answer.code), ("a\n1\nb\n2\n", Some(0)), "{answer}");
    let answer = run("shell -d dataset -f csv", "SELECT 1 AS a;\nSELEC;\nSELECT 2 AS b;");
    assert_eq!((answer.stdout.as_str(), answer.code), ("a\n1\n", Some(1)), "{answer}");
    assert!(answer.stderr.contains("standard input, line 2: "), "{answer}");
    let answer = run("shell -d dataset", "SELECT 'a");
    assert_eq!(answer.code, Some(2), "{answer}");
    // `query` reads one query, as ever.
    let answer = run("query -d dataset -f csv", "SELECT 1 AS a");
    assert_eq!((answer.stdout.as_str(), answer.code), ("a\n1\n", Some(0)), "{answer}");
    let answer = run("query -d dataset", "");
    assert_eq!(answer.code, Some(2), "{answer}");
    assert!(answer.stderr.contains("the SQL is missing"), "{answer}");
}

#[test]
fn options_that_need_sql() {
    let sandbox = Sandbox::with_samples();
    for (option, value) in [("--output", "x.csv"), ("--fail-if-rows", "1"), ("--max-age", "1d")] {
        let mut terminal =
            Terminal::open(sandbox.command(&["query", "-d", "dataset", option, value]));
        terminal.wait_for(&format!("{option} needs SQL"));
        assert_eq!(terminal.ended(), Some(2));
    }
}

#[test]
fn without_arguments_there_are_examples() {
    insta::assert_snapshot!(Sandbox::new().run(&[]));
}
