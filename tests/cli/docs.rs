//! The help texts, so that a change in them is seen.

use insta::assert_snapshot;

use crate::sandbox::Sandbox;

#[test]
fn help() {
    let sandbox = Sandbox::new();
    assert_snapshot!("help", sandbox.run(&["--help"]).stdout);
    for command in ["convert", "report", "query", "demo"] {
        assert_snapshot!(format!("help_{command}"), sandbox.run(&[command, "--help"]).stdout);
    }
}
