//! Rejects sources and datasets that contain or are mistaken for each other, before anything is
//! written.

use std::path::{Path as DiskPath, PathBuf};

use anyhow::Result;
use ecstrail_converter::Pattern;
use object_store::{ObjectStore, ObjectStoreExt, path::Path};

use crate::{
    bucket::S3,
    exit::UsageError,
    location::{Location, OpenLocation, canonical, resolved},
    trail::{Trail, TrailLocation},
};

/// What tells a dataset, below its home.
const DATASET: &str = "_ecstrail/dataset.json";
/// The folders of a dataset.
pub(crate) const FOLDERS: [&str; 2] = ["events", "_ecstrail"];
/// Files in a dataset that `convert` takes: the records that it rejected.
const QUARANTINE: [&str; 2] = ["_ecstrail", "quarantine"];
/// A data file, as far as a glob may tell it.
const DATA_FILE: &str =
    "events/date=2026-04-27/region=us-east-1/part-00000000-0123456789abcdef-0.parquet";

/// Checks by name that no source in a bucket contains the dataset's home, or the other way around,
/// before any request.
///
/// # Errors
/// [`UsageError`] if they do; any error if a text names no place.
pub(crate) fn check_names(sources: &[String], home: &str) -> Result<()> {
    let Location::Bucket(to, to_prefix) = Location::parse(home)? else { return Ok(()) };
    let to = bucket_parts(&to, &to_prefix);
    for text in sources {
        let (root, pattern) = match Pattern::split(text)? {
            Some((root, pattern)) if text.contains("://") => (root, Some(pattern)),
            _ => (text.clone(), None),
        };
        if let Location::Bucket(name, prefix) = Location::parse(&root)?
            && let Some(problem) =
                overlap(text, &bucket_parts(&name, &prefix), pattern.as_ref(), home, &to)
        {
            return Err(UsageError(problem).into());
        }
    }
    Ok(())
}

/// Checks that a conversion reads from trails and writes to a place of its own.
///
/// # Errors
/// [`UsageError`] if a source is a dataset or lies in one, if the dataset's home and a source lie in
/// each other, or if the home would lie in another dataset.
pub(crate) async fn check(trails: &[Trail], home: &str, s3: &S3) -> Result<()> {
    let location = Location::parse(home)?;
    if let Some(around) = dataset_around(home, s3).await? {
        let problem = format!("--to {home} is inside the dataset {around}: use --to {around}");
        return Err(UsageError(problem).into());
    }
    let home_parts = parts_of(&location)?;
    for trail in trails {
        let Some(parts) = trail_parts(&trail.location) else { continue };
        let pattern = trail.source.pattern.as_ref();
        if let Some(problem) = overlap(&trail.text, &parts, pattern, home, &home_parts) {
            return Err(UsageError(problem).into());
        }
        if let Some(problem) = dataset_as_source(trail).await {
            return Err(UsageError(problem).into());
        }
    }
    Ok(())
}

/// Returns the home of the dataset that a place lies in, as the user could have typed it.
pub(crate) async fn dataset_around(text: &str, s3: &S3) -> Result<Option<String>> {
    match Location::parse(text)? {
        Location::Disk(path) => {
            let whole = resolved(&path)?;
            let around = dataset_on_disk(&whole);
            Ok(around.map(|home| shown(text, &path, &whole, home)))
        }
        Location::Bucket(name, prefix) => {
            if !prefix.parts().any(|part| is_folder_of_dataset(part.as_ref())) {
                return Ok(None);
            }
            let Some(OpenLocation { store, .. }) = OpenLocation::dataset(text, s3).await? else {
                return Ok(None);
            };
            let home = home_above(&*store, &prefix).await;
            Ok(home.map(|home| format!("s3://{name}/{home}")))
        }
    }
}

/// Returns the home of the dataset in whose own folders a whole path lies.
pub(crate) fn dataset_on_disk(whole: &DiskPath) -> Option<&DiskPath> {
    whole.ancestors().skip(1).find(|home| {
        let is_inside = first_below(whole, home).is_some_and(is_folder_of_dataset);
        is_inside && home.join(DATASET).is_file()
    })
}

/// Spells a folder above a path as the user spelled the path.
fn shown(text: &str, path: &DiskPath, whole: &DiskPath, home: &DiskPath) -> String {
    let steps = whole.strip_prefix(home).map_or(0, |below| below.components().count());
    let typed = path.ancestors().nth(steps).filter(|typed| !typed.as_os_str().is_empty());
    match typed.filter(|typed| canonical(typed).is_ok_and(|typed| typed == home)) {
        Some(typed) if !text.contains("://") => typed.display().to_string(),
        _ => home.display().to_string(),
    }
}

fn is_folder_of_dataset(name: &str) -> bool {
    FOLDERS.contains(&name)
}

fn first_below<'a>(whole: &'a DiskPath, home: &DiskPath) -> Option<&'a str> {
    whole.strip_prefix(home).ok()?.components().next()?.as_os_str().to_str()
}

/// Returns the home of the dataset whose folders contain a path in a store.
async fn home_above(store: &dyn ObjectStore, path: &Path) -> Option<Path> {
    let parts: Vec<_> = path.parts().collect();
    for (number, part) in parts.iter().enumerate().rev() {
        if is_folder_of_dataset(part.as_ref()) {
            let home: Path = parts[..number].iter().cloned().collect();
            if is_dataset(store, &home).await {
                return Some(home);
            }
        }
    }
    None
}

/// Returns whether there is a dataset at a path.
pub(crate) async fn is_dataset(store: &dyn ObjectStore, home: &Path) -> bool {
    let path = DATASET.split('/').fold(home.clone(), Path::join);
    store.head(&path).await.is_ok()
}

/// A place as a path, with the store's name first.
fn parts_of(location: &Location) -> Result<Vec<String>> {
    Ok(match location {
        Location::Disk(path) => disk_parts(&resolved(path)?),
        Location::Bucket(name, prefix) => bucket_parts(name, prefix),
    })
}

fn trail_parts(location: &TrailLocation) -> Option<Vec<String>> {
    match location {
        TrailLocation::Disk(path) => Some(disk_parts(path)),
        TrailLocation::Bucket(name, prefix) => Some(bucket_parts(name, prefix)),
        TrailLocation::StandardInput => None,
    }
}

fn disk_parts(path: &DiskPath) -> Vec<String> {
    let parts = path.components().map(|part| part.as_os_str().to_string_lossy().into_owned());
    std::iter::once("file:".to_owned()).chain(parts).collect()
}

fn bucket_parts(name: &str, prefix: &Path) -> Vec<String> {
    let parts = prefix.parts().map(|part| part.as_ref().to_owned());
    ["s3:".to_owned(), name.to_owned()].into_iter().chain(parts).collect()
}

/// Says how source and home lie in each other.
fn overlap(
    text: &str,
    source: &[String],
    pattern: Option<&Pattern>,
    home: &str,
    to: &[String],
) -> Option<String> {
    if let Some(below) = to.strip_prefix(source) {
        let is_met = pattern.is_none_or(|pattern| {
            let path: Vec<&str> = below.iter().map(String::as_str).chain([DATA_FILE]).collect();
            pattern.matches(&path.join("/"))
        });
        return is_met.then(|| {
            if below.is_empty() {
                format!(
                    "{text} cannot be both the source and the dataset: give another folder as --to"
                )
            } else {
                format!(
                    "--to {home} is inside the source {text}: give a folder outside of it as --to, \
                     or a SOURCE that contains only the log files"
                )
            }
        });
    }
    let below = source.strip_prefix(to)?;
    let is_quarantine = below.iter().zip(QUARANTINE).all(|(part, name)| part == name);
    (below.len() < QUARANTINE.len() || !is_quarantine)
        .then(|| format!("the source {text} is inside --to {home}: give another folder as --to"))
}

/// Says that a source is a dataset, or a part of one.
async fn dataset_as_source(trail: &Trail) -> Option<String> {
    let Trail { text, source, location, .. } = trail;
    let is_quarantine = |below: &[String]| below.starts_with(&QUARANTINE.map(str::to_owned));
    let (home, is_itself) = match location {
        TrailLocation::StandardInput => return None,
        TrailLocation::Disk(path) => {
            let home: PathBuf = path
                .ancestors()
                .find(|home| {
                    let is_inside = first_below(path, home).is_none_or(is_folder_of_dataset);
                    is_inside && home.join(DATASET).is_file()
                })?
                .to_owned();
            let below = disk_parts(path).split_off(disk_parts(&home).len());
            if is_quarantine(&below) {
                return None;
            }
            (home.display().to_string(), below.is_empty())
        }
        TrailLocation::Bucket(name, prefix) => {
            let store = source.store.objects();
            if is_dataset(&*store, prefix).await {
                (format!("s3://{name}/{prefix}"), true)
            } else {
                let home = home_above(&*store, prefix).await?;
                let below = bucket_parts(name, prefix).split_off(bucket_parts(name, &home).len());
                if is_quarantine(&below) {
                    return None;
                }
                (format!("s3://{name}/{home}"), false)
            }
        }
    };
    Some(if is_itself {
        format!(
            "{text} is an ecstrail dataset, not a trail: give the folder that contains the log \
             files as SOURCE, or query the dataset with `ecstrail report NAME -d {text}`"
        )
    } else {
        format!(
            "{text} is part of the ecstrail dataset {home}: give the folder that contains the log \
             files as SOURCE"
        )
    })
}
