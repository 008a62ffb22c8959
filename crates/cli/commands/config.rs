//! `ecstrail config`: the config file, what it sets, and where each value comes from.

use std::{
    fs::{self, File},
    io::{self, Write},
    path::PathBuf,
};

use anyhow::{Context, Result, bail};
use ecstrail_query::Arguments;

use crate::{
    args::{ConfigAction, ConfigArguments, DictionaryFormat, SummaryFormat},
    commands::report,
    config::Config,
    console,
    exit::{Exit, UsageError},
};
use effective::Effective;

mod effective;
mod keys;

/// A file in which every line is a comment.
const STARTER: &str = include_str!("../config/starter.toml");

pub(crate) fn run(arguments: &ConfigArguments, config: &Config) -> Result<Exit> {
    match &arguments.action {
        Some(ConfigAction::Init) => init(config),
        Some(ConfigAction::Keys { format: DictionaryFormat::Markdown }) => {
            console::result(keys::as_markdown().trim_end())?;
            Ok(Exit::Done)
        }
        Some(ConfigAction::Keys { format: DictionaryFormat::Json }) => {
            console::json(&keys::all())?;
            Ok(Exit::Done)
        }
        None => show(config, arguments.format),
    }
}

fn show(config: &Config, format: SummaryFormat) -> Result<Exit> {
    let problem = match config.problem() {
        Some(problem) => Some(problem.clone().into()),
        None => check(config).err(),
    };
    match format {
        SummaryFormat::Json => {
            let problem_text = problem.as_ref().map(|problem| format!("{problem:#}"));
            console::json(&Effective::of(config, problem_text))?;
            Ok(if problem.is_some() { Exit::Usage } else { Exit::Done })
        }
        SummaryFormat::Text => {
            console::result(Effective::of(config, None).text(config))?;
            problem.map_or(Ok(Exit::Done), Err)
        }
    }
}

/// Checks what commands check once they need it: the reports that the file names, and the values of
/// their parameters.
fn check(config: &Config) -> Result<()> {
    let folder = config.queries();
    let catalog = report::catalog(folder.as_deref())
        .map_err(|error| config.about_queries(folder.as_deref(), error))?;
    config.check(&catalog)?;
    for report in catalog.reports()? {
        config.fill(report, &mut Arguments::new())?;
    }
    Ok(())
}

fn init(config: &Config) -> Result<Exit> {
    let Some(place) = &config.place else {
        let problem = "there is no place for a config file: set HOME, or name a file with \
                       ECSTRAIL_CONFIG";
        return Err(UsageError(problem.to_owned()).into());
    };
    let (path, shown) = (&place.path, place.shown());
    if let Some(folder) = path.parent().map(PathBuf::from) {
        fs::create_dir_all(&folder)
            .with_context(|| format!("cannot create the folder {}", folder.display()))?;
    }
    match File::create_new(path) {
        Ok(mut file) => {
            file.write_all(STARTER.as_bytes()).with_context(|| format!("cannot write {shown}"))?;
        }
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            bail!("{shown} exists, and was not changed: edit it, or remove it first")
        }
        Err(error) => return Err(error).with_context(|| format!("cannot create {shown}")),
    }
    console::result(format!(
        "Wrote {shown}. Every line is a comment: remove the # before those that you want, then run \
         `ecstrail config`."
    ))?;
    Ok(Exit::Done)
}
