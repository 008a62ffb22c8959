//! `ecstrail man`: manual pages of all commands.

use std::{fs, path::Path};

use anyhow::{Context, Result};
use clap::{Command, CommandFactory};
use clap_mangen::{
    Man,
    roff::{Roff, bold, roman},
};

use crate::{
    args::{Arguments, ManArguments},
    console,
    exit::Exit,
    location::new_folder,
};

const MANUAL: &str = "ecstrail manual";

/// The exit codes, as the reference has them.
const EXIT_CODES: [(&str, &str); 5] = [
    ("0", "done"),
    ("1", "failed, or an answer that fails a check"),
    ("2", "wrong usage, or a mistake in the config file"),
    ("3", "done, but some input was rejected"),
    ("4", "done, and a check or a verification found something"),
];

const ENVIRONMENT: [(&str, &str); 9] = [
    ("ECSTRAIL_DATASET", "the dataset, for --to and --dataset"),
    ("ECSTRAIL_QUERIES", "a folder of your own reports, for --queries"),
    ("ECSTRAIL_ENGINE", "the engine that runs queries, for --engine"),
    ("ECSTRAIL_SPARK_TOKEN", "the token for Spark Connect, if the connection string has none"),
    ("ECSTRAIL_CONFIG", "the config file; if it is empty, none"),
    ("ECSTRAIL_CONFIG_PROFILE", "a profile of the config file, for --config-profile"),
    ("PAGER", "the program that shows long answers on a terminal; if it is empty, none"),
    ("NO_COLOR", "if it is not empty, no colors"),
    ("AWS_PROFILE, AWS_ENDPOINT_URL, ...", "as in the AWS CLI"),
];

const FILES: [(&str, &str); 1] =
    [("~/.config/ecstrail/config.toml", "the config file: see ecstrail-config(1)")];

pub(crate) fn run(arguments: &ManArguments) -> Result<Exit> {
    let folder = new_folder(&arguments.to)?;
    let mut command = Arguments::command().disable_help_subcommand(true);
    command.build();
    let pages = write(&command, None, &folder)?;
    let shown = arguments.to.display();
    console::result(format!(
        "Wrote {} to {shown}. Read the first with `man {shown}/ecstrail.1`.",
        console::count(pages, "manual page")
    ))?;
    Ok(Exit::Done)
}

/// Writes the page of a command and those below it, and returns their number.
fn write(command: &Command, above: Option<&str>, folder: &Path) -> Result<u64> {
    let name = command.get_display_name().unwrap_or_else(|| command.get_name()).to_owned();
    let below: Vec<_> = command.get_subcommands().filter(|one| !one.is_hide_set()).collect();
    let mut page = Vec::new();
    // Each command has the version of the program.
    Man::new(command.clone()).source(source()).date(" ").manual(MANUAL).render(&mut page)?;
    let mut more = Roff::new();
    if above.is_none() {
        definitions(&mut more, "ENVIRONMENT", &ENVIRONMENT);
        definitions(&mut more, "FILES", &FILES);
        definitions(&mut more, "EXIT STATUS", &EXIT_CODES);
    }
    let names = below.iter().filter_map(|one| one.get_display_name());
    let pages = above.into_iter().chain(names).map(|name| format!("{name}(1)"));
    let pages = pages.collect::<Vec<_>>().join(", ");
    if !pages.is_empty() {
        more.control("SH", ["SEE ALSO"]).text([roman(pages)]);
    }
    more.to_writer(&mut page)?;
    let path = folder.join(format!("{name}.1"));
    fs::write(&path, in_ascii(&String::from_utf8(page)?))
        .with_context(|| format!("cannot write {}", path.display()))?;
    let mut pages = 1;
    for command in below {
        pages += write(command, Some(&name), folder)?;
    }
    Ok(pages)
}

/// Names other characters by their code: groff reads pages as Latin-1.
fn in_ascii(page: &str) -> String {
    let code = |character: char| format!("\\[u{:04X}]", u32::from(character));
    let text = page.chars().map(|character| {
        if character.is_ascii() { character.to_string() } else { code(character) }
    });
    text.collect()
}

fn source() -> String {
    format!("ecstrail {}", env!("CARGO_PKG_VERSION"))
}

fn definitions(page: &mut Roff, title: &str, definitions: &[(&str, &str)]) {
    page.control("SH", [title]);
    for (term, text) in definitions {
        page.control("TP", []).text([bold(*term)]).text([roman(*text)]);
    }
}
