//! The walk through the structure of a trail's keys: levels whose values are given are not listed,
//! and of a region only the selected days.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering::Relaxed},
    },
};

use chrono::NaiveDate;
use futures::{StreamExt, future, stream, stream::BoxStream};
use object_store::{ObjectMeta, path::Path};

use super::{
    Wanted,
    lister::{Child, Lister},
    structure::{CLOUD_TRAIL, DIGESTS, DeliveryDays, Level, Span, is_dated},
};
use crate::trail::DiscoverOptions;

/// Folders that are listed ahead at once; the order of what is found does not depend on it.
const CONCURRENT_LISTINGS: usize = 16;
/// How deep below the source `AWSLogs` is looked for.
const MAX_DEPTH: usize = 3;
/// Folders above `AWSLogs` that are looked into.
const MAX_LOOKS: u32 = 24;
/// Folders beside each other that are looked into, where none of them is `AWSLogs`.
const MAX_SIBLINGS: usize = 16;
/// Levels from the source to the dates: those above `AWSLogs`, and the five from there on.
const STAGES: usize = MAX_DEPTH + 6;

/// An object, or a place that could not be listed, or not to its end.
pub(super) type Item = Result<ObjectMeta, (Path, object_store::Error)>;

/// What is listed of a trail.
#[derive(Debug, Clone, Default)]
pub(super) struct Limits {
    /// Empty for all.
    accounts: BTreeSet<String>,
    /// Empty for all.
    regions: BTreeSet<String>,
    days: DeliveryDays,
    wanted: Wanted,
    /// By the paths of regions below the source.
    first_days: BTreeMap<String, NaiveDate>,
}

impl Limits {
    pub(super) fn new(options: &DiscoverOptions) -> Self {
        let DiscoverOptions { selection, late_days, wanted, first_days, .. } = options;
        Self {
            wanted: *wanted,
            first_days: first_days.clone(),
            accounts: selection.accounts.clone(),
            regions: selection.delivering_regions().clone(),
            days: DeliveryDays::new(selection, *late_days),
        }
    }

    fn has_days(&self) -> bool {
        self.days.are_limited() || !self.first_days.is_empty()
    }

    /// Returns the days that are listed of a region's folder.
    fn days_of(&self, region: &str) -> DeliveryDays {
        self.first_days.get(region).map_or(self.days, |day| self.days.beginning(*day))
    }

    fn are_none(&self) -> bool {
        self.accounts.is_empty() && self.regions.is_empty() && !self.has_days()
    }
}

/// A part of what is to be listed.
enum Node {
    Object(ObjectMeta),
    /// A folder whose level decides how it is listed; `depth` levels below the source.
    Folder {
        path: Path,
        level: Level,
        depth: usize,
    },
    /// Everything below a folder.
    All(Path),
    /// What is below a folder of dates, within a span.
    Dates(Path, Span),
}

struct Walk {
    lister: Lister,
    prefix: Path,
    limits: Limits,
    looks: AtomicU32,
}

/// Lists what is below a folder, in the order of a plain listing, as far as the limits allow.
pub(super) fn walk(
    lister: Lister,
    path: Path,
    level: Level,
    limits: Limits,
) -> BoxStream<'static, Item> {
    let prefix = path.clone();
    let root =
        if limits.are_none() { Node::All(path) } else { Node::Folder { path, level, depth: 0 } };
    let walk = Arc::new(Walk { lister, prefix, limits, looks: AtomicU32::new(MAX_LOOKS) });
    let mut nodes = stream::once(future::ready(root)).boxed();
    for _ in 0..STAGES {
        let walk = Arc::clone(&walk);
        nodes = nodes
            .map(move |node| Arc::clone(&walk).expand(node))
            .buffered(CONCURRENT_LISTINGS)
            .flat_map(stream::iter)
            .boxed();
    }
    nodes
        .map(move |node| walk.open(node))
        .map(|objects| async {
            let mut objects = Box::pin(objects.peekable());
            // The first page is requested before it is this folder's turn.
            objects.as_mut().peek().await;
            objects
        })
        .buffered(CONCURRENT_LISTINGS)
        .flatten()
        .boxed()
}

impl Walk {
    /// Takes one level apart, if it is one. A level that cannot be listed as such is listed with
    /// all that is below: that goes on after what it cannot hand on, and tells it.
    async fn expand(self: Arc<Self>, node: Node) -> Vec<Node> {
        let Node::Folder { path, level, depth } = node else { return vec![node] };
        let Limits { accounts, regions, wanted, .. } = &self.limits;
        let folder = |path: &Path, name: &str, level: Level| Node::Folder {
            path: path.clone().join(name),
            level,
            depth: depth + 1,
        };
        match level {
            Level::Above => self.look(path, depth).await,
            Level::Organization if !accounts.is_empty() => {
                accounts.iter().map(|account| folder(&path, account, Level::Account)).collect()
            }
            Level::Account => {
                let digests = wanted.digest_files().then_some(DIGESTS);
                let log_files = wanted.log_files().then_some(CLOUD_TRAIL);
                let names = digests.into_iter().chain(log_files);
                names.map(|name| folder(&path, name, Level::CloudTrail)).collect()
            }
            Level::CloudTrail if !regions.is_empty() => {
                let dates = |region: &String| folder(&path, region, Level::Dates(String::new()));
                regions.iter().map(dates).collect()
            }
            Level::CloudTrail if !self.limits.has_days() => vec![Node::All(path)],
            Level::AwsLogs | Level::Organization | Level::CloudTrail => {
                let Ok(children) = self.lister.level(&path).await else {
                    return vec![Node::All(path)];
                };
                let children = children.into_iter();
                children.filter_map(|child| self.child(&level, depth, child)).collect()
            }
            Level::Dates(known) => {
                let below = path.prefix_match(&self.prefix);
                let below: Option<Path> = below.map(Iterator::collect);
                let days = self.limits.days_of(below.as_ref().map_or("", AsRef::as_ref));
                days.span(&known).map(|span| Node::Dates(path, span)).into_iter().collect()
            }
            Level::Unknown => vec![Node::All(path)],
        }
    }

    /// Returns what is listed of a level's child.
    fn child(&self, level: &Level, depth: usize, child: Child) -> Option<Node> {
        match child {
            Child::Object(object) => Some(Node::Object(object)),
            Child::Folder { path, name } => {
                let level = level.child(&name);
                let accounts = &self.limits.accounts;
                if level == Level::Account && !accounts.is_empty() && !accounts.contains(&name) {
                    return None;
                }
                Some(Node::Folder { path, level, depth: depth + 1 })
            }
        }
    }

    /// Looks for `AWSLogs` in a folder. What stands beside it is listed too, for logs may be
    /// anywhere; where there is none in sight, everything is.
    async fn look(&self, path: Path, depth: usize) -> Vec<Node> {
        let Ok(children) = self.lister.level(&path).await else { return vec![Node::All(path)] };
        let mut unknown = 0;
        let mut is_dead_end = true;
        for child in &children {
            let Child::Folder { name, .. } = child else { continue };
            let is_above = Level::Above.child(name) == Level::Above;
            unknown += usize::from(is_above);
            is_dead_end &= is_above && (depth == MAX_DEPTH || is_dated(name));
        }
        let has_aws_logs = children.iter().any(|child| {
            matches!(child, Child::Folder { name, .. } if Level::Above.child(name) != Level::Above)
        });
        if is_dead_end || (!has_aws_logs && unknown > MAX_SIBLINGS) {
            return vec![Node::All(path)];
        }
        let node = |child| match child {
            Child::Object(object) => Node::Object(object),
            Child::Folder { path, name } => {
                let level = Level::Above.child(&name);
                let is_looked_into = level != Level::Above
                    || (depth < MAX_DEPTH && !is_dated(&name) && self.may_look());
                if is_looked_into {
                    Node::Folder { path, level, depth: depth + 1 }
                } else {
                    Node::All(path)
                }
            }
        };
        children.into_iter().map(node).collect()
    }

    fn may_look(&self) -> bool {
        self.looks.fetch_update(Relaxed, Relaxed, |looks| looks.checked_sub(1)).is_ok()
    }

    fn open(&self, node: Node) -> BoxStream<'static, Item> {
        let (path, span) = match node {
            Node::Object(object) => return stream::once(future::ready(Ok(object))).boxed(),
            Node::Folder { path, .. } | Node::All(path) => (path, Span::default()),
            Node::Dates(path, span) => (path, span),
        };
        // Keys in the folder of the day itself come after this.
        let within = |name: String| path.parts().chain(Path::from(name).parts()).collect::<Path>();
        let (after, end) = (span.after.map(within), span.end.map(within));
        let objects = self.lister.below(&path, after.as_ref());
        let is_within = move |object: &object_store::Result<ObjectMeta>| {
            let is_past = |object: &ObjectMeta| {
                end.as_ref().is_some_and(|end| object.location.as_ref() >= end.as_ref())
            };
            future::ready(!object.as_ref().is_ok_and(is_past))
        };
        objects
            .take_while(is_within)
            .map(move |object| object.map_err(|error| (path.clone(), error)))
            .boxed()
    }
}
