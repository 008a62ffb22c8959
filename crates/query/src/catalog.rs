//! The reports that there are: those of the program and those in a folder of the user's own.

use std::{collections::BTreeMap, fs, io, path::Path};

use ecstrail_writer::read_regular_file;

use crate::{Error, Report, Result};

mod description;

/// What reports are about, in the order in which people are shown them: key and title.
const GROUPS: [(&str, &str); 10] = [
    ("deployments", "Deployments"),
    ("task-definitions", "Task definitions"),
    ("tasks", "Running and stopping"),
    ("scaling", "Scaling"),
    ("failures", "Failures and placement"),
    ("exec", "ECS Exec"),
    ("access", "Identity and access"),
    ("posture", "Posture"),
    ("inventory", "Inventory and volume"),
    ("investigation", "Investigation"),
];

/// Bytes of the largest file that is read as a report.
const MOST_REPORT_BYTES: u64 = 1 << 20;

/// The title over reports that name no group.
const NO_GROUP: &str = "Other";

/// Reports by name.
#[derive(Debug, Clone, Default)]
pub struct Catalog(BTreeMap<String, Report>);

impl Catalog {
    /// Reads reports from pairs of name and text.
    pub fn try_new<'a>(reports: impl IntoIterator<Item = (&'a str, &'a str)>) -> Result<Self> {
        let mut catalog = Self::default();
        for (name, text) in reports {
            catalog.insert(Report::parse(name, text)?);
        }
        Ok(catalog)
    }

    /// Adds every `<name>.sql` of a folder. A name that is known already is replaced.
    pub fn add_folder(&mut self, folder: &Path) -> Result<()> {
        let unreadable = |path: &Path| {
            let path = path.to_owned();
            move |source| Error::ReadReports { path, source }
        };
        for entry in fs::read_dir(folder).map_err(unreadable(folder))? {
            let path = entry.map_err(unreadable(folder))?.path();
            if path.extension().is_none_or(|extension| extension != "sql") {
                continue;
            }
            let Some(name) = path.file_stem().and_then(|name| name.to_str()) else { continue };
            // What systems leave beside files: macOS's `._name.sql`, locks of editors.
            if name.starts_with('.') {
                continue;
            }
            let text = read_regular_file(&path, MOST_REPORT_BYTES).and_then(|bytes| {
                let not_utf8 = |_| io::Error::new(io::ErrorKind::InvalidData, "it is not UTF-8");
                String::from_utf8(bytes).map_err(not_utf8)
            });
            let text = text.map_err(unreadable(&path))?;
            let report = Report::parse(name, &text).map_err(|error| Error::NotAReport {
                path: path.clone(),
                source: Box::new(error),
            })?;
            self.insert(report);
        }
        Ok(())
    }

    /// The reports, in the order of their names.
    pub fn reports(&self) -> impl Iterator<Item = &Report> {
        self.0.values()
    }

    /// The reports by what they are about: titles of groups in the order in which they are shown,
    /// each with its reports in the order of their names. A group that is not known comes behind
    /// those that are, under its own name.
    pub fn groups(&self) -> Vec<(&str, Vec<&Report>)> {
        let mut groups: BTreeMap<(usize, &str), Vec<&Report>> = BTreeMap::new();
        for report in self.reports() {
            let place = match report.group.as_deref() {
                None => (GROUPS.len() + 1, NO_GROUP),
                Some(key) => match GROUPS.iter().position(|(known, _)| *known == key) {
                    Some(number) => (number, GROUPS[number].1),
                    None => (GROUPS.len(), key),
                },
            };
            groups.entry(place).or_default().push(report);
        }
        groups.into_iter().map(|((_, title), reports)| (title, reports)).collect()
    }

    /// Returns the report of a name.
    ///
    /// # Errors
    /// [`Error::UnknownReport`] with the nearest name, if one is near.
    pub fn get(&self, name: &str) -> Result<&Report> {
        self.0.get(name).ok_or_else(|| Error::UnknownReport {
            name: name.to_owned(),
            nearest: self.nearest(name).map(str::to_owned),
        })
    }

    fn nearest(&self, name: &str) -> Option<&str> {
        let within = 2.max(name.chars().count() / 3);
        let near = |known: &str| {
            let distance = strsim::levenshtein(name, known);
            if known.starts_with(name) && !name.is_empty() { 0 } else { distance }
        };
        self.0
            .keys()
            .map(|known| (near(known), known.as_str()))
            .filter(|(distance, _)| *distance <= within)
            .min()
            .map(|(_, known)| known)
    }

    fn insert(&mut self, report: Report) {
        self.0.insert(report.name.clone(), report);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const REPORTS: [(&str, &str); 3] = [
        ("deployments", "-- title: a\nSELECT 1"),
        ("denied-calls", "-- title: b\nSELECT 1"),
        ("activity-by-day", "-- title: c\nSELECT 1"),
    ];

    #[test]
    fn the_nearest_name_is_suggested() {
        let catalog = Catalog::try_new(REPORTS).unwrap();
        assert_eq!(catalog.get("deployments").unwrap().title, "a");
        for (name, nearest) in [
            ("deploymnets", Some("deployments")),
            ("denied_calls", Some("denied-calls")),
            ("activity", Some("activity-by-day")),
            ("costs", None),
            ("", None),
        ] {
            let Err(Error::UnknownReport { nearest: found, .. }) = catalog.get(name) else {
                panic!("{name} is known")
            };
            assert_eq!(found.as_deref(), nearest, "{name}");
        }
    }

    #[test]
    fn groups_come_in_their_order() {
        let catalog = Catalog::try_new([
            ("a", "-- title: a\nSELECT 1"),
            ("b", "-- title: b\n-- group: costs\nSELECT 1"),
            ("c", "-- title: c\n-- group: exec\nSELECT 1"),
            ("d", "-- title: d\n-- group: deployments\nSELECT 1"),
            ("e", "-- title: e\n-- group: exec\nSELECT 1"),
        ])
        .unwrap();
        let groups: Vec<_> = catalog
            .groups()
            .into_iter()
            .map(|(title, reports)| {
                let names: Vec<_> = reports.iter().map(|report| report.name.as_str()).collect();
                format!("{title}: {}", names.join(" "))
            })
            .collect();
        assert_eq!(groups, ["Deployments: d", "ECS Exec: c e", "costs: b", "Other: a"]);
    }

    #[test]
    fn a_folder_adds_and_replaces() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("deployments.sql"), "-- title: mine\nSELECT 2").unwrap();
        fs::write(folder.path().join("README.md"), "# Reports").unwrap();
        let mut catalog = Catalog::try_new(REPORTS).unwrap();
        catalog.add_folder(folder.path()).unwrap();
        let titles: Vec<_> = catalog.reports().map(|report| report.title.as_str()).collect();
        assert_eq!(titles, ["c", "b", "mine"]);
        fs::write(folder.path().join("broken.sql"), "SELECT 2").unwrap();
        assert!(matches!(catalog.add_folder(folder.path()), Err(Error::NotAReport { .. })));
        assert!(matches!(
            catalog.add_folder(&folder.path().join("none")),
            Err(Error::ReadReports { .. })
        ));
    }
}
