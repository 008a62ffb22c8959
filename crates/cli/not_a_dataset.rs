//! Explains what a path is that was given as a dataset but is not one.

use std::sync::Arc;

use anyhow::anyhow;
use ecstrail_converter::survey;
use futures::{StreamExt, TryStreamExt};
use object_store::{ListResult, ObjectStore, path::Path};

use crate::{
    bucket::S3,
    location::OpenLocation,
    overlap::{dataset_around, is_dataset},
};

/// Folders that are looked into for a dataset, at each level.
const LOOKED_FOLDERS: usize = 50;
/// Levels below the place that are looked at for one.
const LOOKED_LEVELS: usize = 2;
/// Names that an error gives.
const SHOWN: usize = 5;
/// Objects whose names are looked at for reports.
const LOOKED_FILES: usize = 1000;

/// Returns the error for a place that holds no dataset; `location` is `None` if nothing is there.
pub(crate) async fn error(text: &str, location: Option<&OpenLocation>, s3: &S3) -> anyhow::Error {
    if let Ok(Some(home)) = dataset_around(text, s3).await {
        return anyhow!("{text} is inside the dataset {home}: use -d {home}");
    }
    let make_one = format!("create one with `ecstrail convert SOURCE --to {text}`");
    let Some(location) = location else {
        return anyhow!("{text} is not an ecstrail dataset: {make_one}");
    };
    let OpenLocation { store, path, .. } = location;
    let homes = datasets_below(&**store, path).await;
    if !homes.is_empty() {
        let base = text.trim_end_matches('/');
        let prefix = if base == "." { String::new() } else { format!("{base}/") };
        let homes: Vec<_> = homes.iter().map(|home| format!("{prefix}{home}")).collect();
        let further = homes.len().saturating_sub(SHOWN);
        let shown = homes[..homes.len() - further].join(", ");
        let more = if further > 0 { format!(" and {further} more") } else { String::new() };
        let plural = if homes.len() == 1 { "" } else { "s" };
        let first = &homes[0];
        return anyhow!(
            "{text} is not a dataset, but contains the dataset{plural} {shown}{more}: use -d \
             {first}"
        );
    }
    let reports = reports_in(&**store, path).await;
    if !reports.is_empty() {
        let names = reports.join(", ");
        return anyhow!(
            "{text} contains reports ({names}), not a dataset: use it as --queries {text}, and the \
             dataset as -d HOME"
        );
    }
    let url = match &location.access {
        Some(_) => location.base_url.clone(),
        None => format!("{}{path}", location.base_url),
    };
    let found = survey(&Arc::clone(store), path, &url).await;
    if !found.accounts.is_empty() || !found.regions.is_empty() || found.first_day.is_some() {
        return anyhow!(
            "{text} is a trail, not a dataset ({found}): convert it with `ecstrail convert {text} \
             --to HOME`, then use -d HOME"
        );
    }
    if found.files.is_empty() {
        return anyhow!("{text} is not an ecstrail dataset: {make_one}");
    }
    anyhow!(
        "{text} is not an ecstrail dataset ({found}): if it is a trail, convert it with `ecstrail \
         convert {text} --to HOME`, then use -d HOME"
    )
}

/// Returns the homes of datasets in the folders below a place, as paths below it.
async fn datasets_below(store: &dyn ObjectStore, path: &Path) -> Vec<String> {
    let mut level = vec![path.clone()];
    for _ in 0..LOOKED_LEVELS {
        let mut next = Vec::new();
        for folder in level {
            if let Ok(ListResult { common_prefixes, .. }) =
                store.list_with_delimiter(Some(&folder)).await
            {
                next.extend(common_prefixes);
            }
            next.truncate(LOOKED_FOLDERS);
        }
        let mut homes = Vec::new();
        for folder in &next {
            if is_dataset(store, folder).await {
                let below = folder.prefix_match(path).into_iter().flatten();
                let below: Vec<_> = below.map(|part| part.as_ref().to_owned()).collect();
                homes.push(below.join("/"));
            }
        }
        if !homes.is_empty() {
            return homes;
        }
        level = next;
    }
    Vec::new()
}

/// Returns the names of the first reports in a folder.
async fn reports_in(store: &dyn ObjectStore, path: &Path) -> Vec<String> {
    let objects = store.list(Some(path)).take(LOOKED_FILES);
    let names = objects.try_filter_map(|object| {
        let is_report = object.location.extension() == Some("sql");
        let name = object.location.filename().filter(|_| is_report).map(ToOwned::to_owned);
        std::future::ready(Ok(name))
    });
    let mut names: Vec<_> = names.filter_map(|name| std::future::ready(name.ok())).collect().await;
    names.sort_unstable();
    names.truncate(SHOWN);
    names
}
