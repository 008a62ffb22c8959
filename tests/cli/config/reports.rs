//! Parameters of reports that are remembered.

use insta::assert_snapshot;

use super::{FILE, effective};
use crate::sandbox::Sandbox;

const ECHO: &str = "-- title: Echo\n-- param first_hour integer default 7: First hour\n\
                    -- param names text default null: Names\n-- param weekends boolean default true: W\n\
                    -- param cluster cluster default null: Cluster\n\
                    SELECT $first_hour AS first_hour, $names AS names, $weekends AS weekends, \
                    $cluster AS cluster, $region AS region, $account AS account";

fn with_echo(config: &str) -> Sandbox {
    let sandbox = Sandbox::new();
    super::dataset(&sandbox, "dataset", 1);
    sandbox.write("mine/echo.sql", ECHO);
    sandbox.write(
        FILE,
        format!("dataset = \"~/dataset\"\nqueries = \"~/mine\"\nformat = \"csv\"\n{config}"),
    );
    sandbox
}

#[test]
fn defaults_of_parameters() {
    let sandbox = with_echo(
        "[parameters]\nfirst_hour = 8\nnames = [\"a\", \"b\"]\nweekends = false\n\
         [profiles.night.parameters]\nfirst-hour = 20\n[profiles.night.reports.echo]\nnames = \"own\"\n",
    );
    assert_snapshot!("config_parameters", sandbox.run(&["report", "echo"]));
    let rows = |words: &[&str]| {
        let answer = sandbox.run(&[&["report", "echo"], words].concat());
        assert_eq!(answer.code, Some(0), "{answer}");
        (answer.stdout.lines().nth(1).unwrap().to_owned(), answer.stderr)
    };
    for (words, row, note) in [
        (&["--first-hour", "9"][..], "9,\"a,b\",false,,,", "names=a,b, weekends=false"),
        (&["--set", "first_hour=9", "--weekends"], "9,\"a,b\",true,,,", ": names=a,b\n"),
        (
            &["-p", "night"],
            "20,own,false,,,",
            "(profile night): first_hour=20, names=own, weekends",
        ),
        (&["-p", "night", "--names", "x"], "20,x,false,,,", "first_hour=20, weekends"),
    ] {
        let (found, stderr) = rows(words);
        assert_eq!(found, row, "{words:?}");
        assert!(stderr.contains(note), "{words:?} {stderr}");
    }
    let all = ["--first-hour=9", "--names=x", "--weekends=true"];
    assert!(!rows(&all).1.contains("from ~"), "nothing was taken");
    assert_snapshot!(
        "config_report_help",
        sandbox.run(&["-p", "night", "report", "echo", "--help"])
    );
    let reports = effective(&sandbox, &["-p", "night"], &[]);
    assert_eq!(reports["reports"]["echo"][0]["from"], "profile", "{reports}");
    assert_eq!(reports["parameters"][1]["line"], 6, "{reports}");
}

#[test]
fn required_parameters_can_be_remembered() {
    let sandbox = with_echo("[parameters]\nregions = [\"eu-west-1\", \"us-east-1\"]\n");
    let answer = sandbox.run(&["report", "unapproved-regions"]);
    assert_eq!(answer.code, Some(0), "{answer}");
    assert!(answer.stderr.contains("regions=eu-west-1,us-east-1"), "{answer}");
    let help = sandbox.run(&["report", "unapproved-regions", "--help"]).stdout;
    let words = help.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words.contains("[config, line 5: eu-west-1,us-east-1]"), "{help}");
    assert!(help.contains("Run it: ecstrail report unapproved-regions --dataset HOME\n"), "{help}");
}

/// What is given says more than what is remembered, also where it says it by the way.
#[test]
fn an_arn_takes_precedence() {
    let sandbox = with_echo("[parameters]\nregion = \"eu-west-1\"\naccount = \"444455556666\"\n");
    let arn = "arn:aws:ecs:us-east-1:111122223333:cluster/production";
    let answer = sandbox.run(&["report", "echo", "--cluster", arn]);
    assert_eq!(answer.stdout.lines().nth(1).unwrap(), "7,,true,production,us-east-1,111122223333");
    assert!(!answer.stderr.contains("region="), "{answer}");
    let plain = sandbox.run(&["report", "echo"]);
    assert!(plain.stderr.contains("account=444455556666, region=eu-west-1"), "{plain}");
}

#[test]
fn sql_for_another_engine_keeps_its_parameters() {
    let sandbox = with_echo("[parameters]\nfirst_hour = 8\nnames = \"n\"\n");
    let open = sandbox.run(&["report", "echo", "--sql", "duckdb"]);
    assert!(open.stdout.contains("$first_hour"), "{open}");
    assert_eq!(open.stderr, "");
    let written = sandbox.run(&["report", "echo", "--sql", "duckdb", "--names", "x"]);
    assert!(written.stdout.contains('8') && !written.stdout.contains('$'), "{written}");
    assert!(written.stderr.contains("first_hour=8"), "{written}");
}

/// Reports of another folder are not those that the file names.
#[test]
fn another_folder_of_reports() {
    let sandbox = with_echo("[reports.echo]\nnames = \"n\"\n[sets]\nmine = [\"echo\"]\n");
    sandbox.write("other/else.sql", "-- title: Else\nSELECT 1 AS one");
    let answer = sandbox.run(&["report", "else", "--queries", "other"]);
    assert_eq!(answer.code, Some(0), "{answer}");
}

#[test]
fn reports_in_the_shell_have_them_too() {
    let sandbox = with_echo("[parameters]\nfirst_hour = 8\nnames = \"n\"\n");
    sandbox.write("script.sql", ".report echo names=x\n");
    let program = env!("CARGO_BIN_EXE_ecstrail");
    let answer = sandbox.answer(&mut sandbox.shell(&format!("{program} shell < script.sql")));
    // In the format that is remembered, too.
    assert!(answer.stdout.contains("8,x,true"), "{answer}");
    assert!(
        answer.stderr.contains("from ~/.config/ecstrail/config.toml: first_hour=8"),
        "{answer}"
    );
}
