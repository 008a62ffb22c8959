//! What a source contains, for users whose filters matched nothing.

use std::{collections::BTreeSet, fmt, sync::Arc};

use chrono::NaiveDate;
use futures::StreamExt;
use object_store::{ObjectStore, path::Path};

use super::{
    lister::{Child, KEYS_PER_REQUEST, Lister},
    structure::{CLOUD_TRAIL, Level, is_dated},
};
use crate::trail::KeyName;

/// LIST requests of a survey, about.
const MAX_REQUESTS: u64 = 60;
/// Of these, how many look for `AWSLogs`.
const LOOKING_REQUESTS: u64 = 12;
/// Accounts whose regions are looked at.
const LOOKED_ACCOUNTS: usize = 12;
/// Requests of a listing of everything, where the structure tells nothing.
const PLAIN_REQUESTS: u64 = 5;
/// Names of folders and of files that are given as examples.
const EXAMPLES: usize = 5;

/// What a source holds, as far as a few LIST requests show.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Survey {
    /// Accounts that have log files, by the names of folders or files.
    pub accounts: BTreeSet<String>,
    /// Regions.
    pub regions: BTreeSet<String>,
    /// First UTC day of delivery seen.
    pub first_day: Option<NaiveDate>,
    /// Last UTC day of delivery seen.
    pub last_day: Option<NaiveDate>,
    /// Names of folders right below the source, the first of them.
    pub folders: Vec<String>,
    /// Paths of the first files below the source that are not named as CloudTrail names them.
    pub files: Vec<String>,
    /// LIST requests made.
    pub list_requests: u64,
    /// Whether everything was listed.
    pub is_complete: bool,
    /// Whether something could not be listed.
    pub has_failures: bool,
}

/// Looks at what a source holds, with some 60 LIST requests.
pub async fn survey(store: &Arc<dyn ObjectStore>, prefix: &Path, base_url: &str) -> Survey {
    let mut surveyor = Surveyor {
        lister: Lister::new(store),
        survey: Survey { is_complete: true, ..Survey::default() },
    };
    let mut folders = surveyor.look_for_aws_logs(prefix, Level::of(base_url)).await;
    let mut dates = Vec::new();
    let mut looked_accounts = 0;
    while !folders.is_empty() {
        let mut next = Vec::new();
        for (path, level) in folders {
            match level {
                Level::Dates(known) => dates.push((path, known)),
                Level::Account => next.push((path.join(CLOUD_TRAIL), Level::CloudTrail)),
                Level::CloudTrail if looked_accounts == LOOKED_ACCOUNTS => {
                    surveyor.survey.is_complete = false;
                }
                level => {
                    looked_accounts += usize::from(level == Level::CloudTrail);
                    next.extend(surveyor.children(&path, &level).await);
                }
            }
        }
        folders = next;
    }
    for (path, known) in dates {
        surveyor.note_days(path, known).await;
    }
    let Survey { accounts, regions, first_day, .. } = &surveyor.survey;
    if accounts.is_empty() && regions.is_empty() && first_day.is_none() {
        surveyor.list_names(prefix).await;
    }
    Survey { list_requests: surveyor.lister.requests(), ..surveyor.survey }
}

struct Surveyor {
    lister: Lister,
    survey: Survey,
}

impl Surveyor {
    /// Lists a level, unless there were requests enough; says if that leaves something out.
    async fn level(&mut self, path: &Path, most_requests: u64) -> Vec<Child> {
        if self.lister.requests() >= most_requests {
            self.survey.is_complete = false;
            return Vec::new();
        }
        self.lister.level(path).await.unwrap_or_else(|_| {
            self.survey.has_failures = true;
            Vec::new()
        })
    }

    /// Returns the folders named `AWSLogs`, or the source itself if it is in the structure.
    async fn look_for_aws_logs(&mut self, prefix: &Path, level: Level) -> Vec<(Path, Level)> {
        if level != Level::Above {
            return vec![(prefix.clone(), level)];
        }
        let mut found = Vec::new();
        let mut above = vec![prefix.clone()];
        while !above.is_empty() {
            let mut next = Vec::new();
            for path in above {
                for child in self.level(&path, LOOKING_REQUESTS).await {
                    let Child::Folder { path: child, name } = child else { continue };
                    match Level::Above.child(&name) {
                        Level::Above if is_dated(&name) => {}
                        Level::Above => next.push(child),
                        level => found.push((child, level)),
                    }
                    if path == *prefix && self.survey.folders.len() < EXAMPLES {
                        self.survey.folders.push(name);
                    }
                }
            }
            above = next;
        }
        found
    }

    /// Returns the folders of a level that lead to log files.
    async fn children(&mut self, path: &Path, level: &Level) -> Vec<(Path, Level)> {
        let mut found = Vec::new();
        for child in self.level(path, MAX_REQUESTS).await {
            let Child::Folder { path, name } = child else { continue };
            let level = level.child(&name);
            match level {
                Level::Unknown => continue,
                Level::Account => drop(self.survey.accounts.insert(name)),
                Level::Dates(_) => drop(self.survey.regions.insert(name)),
                _ => {}
            }
            found.push((path, level));
        }
        found
    }

    /// Notes the first and the last day in a folder of dates.
    async fn note_days(&mut self, path: Path, known: String) {
        for is_first in [true, false] {
            let (mut path, mut known) = (path.clone(), known.clone());
            while known.len() < "YYYY/MM/DD".len() {
                let mut folders = Vec::new();
                for child in self.level(&path, MAX_REQUESTS).await {
                    let Child::Folder { path, name } = child else { continue };
                    let level = Level::Dates(known.clone()).child(&name);
                    if level != Level::Unknown {
                        folders.push((path, level));
                    }
                }
                let end = if is_first { folders.into_iter().next() } else { folders.pop() };
                let Some((below, Level::Dates(date))) = end else { break };
                (path, known) = (below, date);
            }
            if let Ok(day) = NaiveDate::parse_from_str(&known, "%Y/%m/%d") {
                self.note_day(day);
            }
        }
    }

    fn note_day(&mut self, day: NaiveDate) {
        let Survey { first_day, last_day, .. } = &mut self.survey;
        *first_day = Some(first_day.map_or(day, |first| first.min(day)));
        *last_day = Some(last_day.map_or(day, |last| last.max(day)));
    }

    /// Goes by the names of the first files, wherever they stand.
    async fn list_names(&mut self, prefix: &Path) {
        let mut objects = self.lister.below(prefix, None);
        let most = usize::try_from(PLAIN_REQUESTS * KEYS_PER_REQUEST).unwrap_or(usize::MAX);
        for _ in 0..most {
            match objects.next().await {
                None => return,
                Some(Err(_)) => self.survey.has_failures = true,
                Some(Ok(object)) => {
                    let path = object.location.to_string();
                    if let Some(name) = KeyName::parse(&path) {
                        self.survey.accounts.insert(name.account.to_owned());
                        self.survey.regions.insert(name.region.to_owned());
                        self.note_day(name.day);
                    } else if self.survey.files.len() < EXAMPLES {
                        let below = path.strip_prefix(prefix.as_ref()).unwrap_or(&path);
                        self.survey.files.push(below.trim_start_matches('/').to_owned());
                    }
                }
            }
        }
        self.survey.is_complete = false;
    }
}

impl fmt::Display for Survey {
    /// Says in one sentence what there is.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut parts = Vec::new();
        let names = [("account", &self.accounts), ("region", &self.regions)];
        for (what, names) in names.into_iter().filter(|(_, names)| !names.is_empty()) {
            let plural = if names.len() == 1 { "" } else { "s" };
            parts.push(format!("{what}{plural} {}", shortened(names.iter())));
        }
        if let (Some(first), Some(last)) = (self.first_day, self.last_day) {
            parts.push(format!("delivery days {first} to {last}"));
        }
        if parts.is_empty() {
            let examples = [("folders", &self.folders), ("files", &self.files)];
            for (what, names) in examples.into_iter().filter(|(_, names)| !names.is_empty()) {
                parts.push(format!("{what} such as {}", shortened(names.iter())));
            }
        }
        match (parts.is_empty(), self.has_failures) {
            (true, true) => formatter.write_str("it could not be listed")?,
            (true, false) => formatter.write_str("it is empty")?,
            (false, _) => write!(formatter, "it contains {}", parts.join("; "))?,
        }
        if !self.is_complete {
            write!(formatter, " (after {} LIST requests)", self.list_requests)?;
        }
        if self.has_failures && !parts.is_empty() {
            formatter.write_str(" (some of it could not be listed)")?;
        }
        Ok(())
    }
}

/// Joins the first names, and says how many more there are.
fn shortened<'a>(names: impl ExactSizeIterator<Item = &'a String>) -> String {
    const SHOWN: usize = 20;
    let further = names.len().saturating_sub(SHOWN);
    let text = names.take(SHOWN).map(String::as_str).collect::<Vec<_>>().join(", ");
    if further > 0 { format!("{text} and {further} more") } else { text }
}
