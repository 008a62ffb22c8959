//! Checks of output paths: output never overwrites a file of a dataset, or one that the command
//! reads.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::Result;

use crate::{
    exit::UsageError,
    location::{Location, canonical, resolved},
    overlap::{FOLDERS, dataset_on_disk},
};

/// Links that lead to one another, at most.
const MOST_LINKS: usize = 40;

/// What a command reads to write a file.
#[derive(Debug, Default)]
pub(crate) struct Reads<'a> {
    /// The dataset, as the user typed it.
    pub(crate) dataset: Option<&'a str>,
    /// Folder of reports.
    pub(crate) queries: Option<&'a Path>,
    /// Files with SQL.
    pub(crate) sql: &'a [&'a Path],
}

/// Checks that writing to `file`, which was given by `option`, overwrites neither a file of a dataset
/// nor one that the command reads.
///
/// # Errors
/// [`UsageError`] if it would.
pub(crate) fn check_file(option: &str, file: &Path, reads: &Reads<'_>) -> Result<()> {
    let target = behind_links(file)?;
    let shown = file.display();
    if let Some(home) = dataset_of(&target, reads.dataset)? {
        let problem = format!(
            "{option} {shown} is inside the dataset {}: give a file outside of it",
            home.display()
        );
        return Err(UsageError(problem).into());
    }
    let is_target = |read: &Path| canonical(read).is_ok_and(|read| read == target);
    let reports = reads.queries.and_then(|folder| fs::read_dir(folder).ok());
    let is_report = reports.into_iter().flatten().flatten().any(|entry| {
        let path = entry.path();
        path.extension().is_some_and(|ending| ending == "sql") && is_target(&path)
    });
    if is_report || reads.sql.iter().copied().any(is_target) {
        let problem = format!(
            "{option} {shown} would overwrite SQL that this command reads: give another file"
        );
        return Err(UsageError(problem).into());
    }
    Ok(())
}

/// Checks that a folder to write to is not inside a dataset's own folders.
///
/// # Errors
/// [`UsageError`] if it is; any error if the path is not valid.
pub(crate) fn check_folder(option: &str, folder: &Path) -> Result<()> {
    let Some(home) = dataset_of(&behind_links(folder)?, None)? else { return Ok(()) };
    let problem = format!(
        "{option} {} is inside the dataset {}: give a folder outside of it",
        folder.display(),
        home.display()
    );
    Err(UsageError(problem).into())
}

/// Returns the home of the dataset whose own folders contain a path.
fn dataset_of(target: &Path, dataset: Option<&str>) -> Result<Option<PathBuf>> {
    if let Some(home) = dataset_on_disk(target) {
        return Ok(Some(home.to_owned()));
    }
    // Folders of the open dataset that are links to somewhere else.
    let Some(Location::Disk(home)) = dataset.map(Location::parse).transpose()? else {
        return Ok(None);
    };
    let is_own = FOLDERS
        .iter()
        .any(|folder| canonical(&home.join(folder)).is_ok_and(|folder| target.starts_with(folder)));
    Ok(is_own.then_some(home))
}

/// Returns the absolute path that a name leads to, with links followed, even if nothing exists
/// there yet.
fn behind_links(path: &Path) -> Result<PathBuf> {
    let mut path = std::path::absolute(path)?;
    for _ in 0..MOST_LINKS {
        let Ok(to) = fs::read_link(&path) else { break };
        path = path.parent().unwrap_or(Path::new("/")).join(to);
    }
    resolved(&path)
}
