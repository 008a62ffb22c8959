//! The reports by name: the built-in reports and those in a folder of the user.

use std::{collections::BTreeMap, fs, io, path::Path, sync::OnceLock};

use ecstrail_writer::read_regular_file;

use super::Report;
use crate::{
    error::{Error, Result},
    parameter::Parameter,
};

mod description;

/// The groups of reports in display order: key and title.
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

/// Maximum size of a report file in bytes.
const MAX_REPORT_BYTES: u64 = 1 << 20;

/// The title of the group for reports without a group.
const NO_GROUP: &str = "Other";

/// Reports by name. Each report's query is parsed once, when the report is first requested.
#[derive(Debug, Clone, Default)]
pub struct Catalog(BTreeMap<String, Entry>);

#[derive(Debug, Clone)]
struct Entry {
    text: String,
    report: OnceLock<Report>,
}

impl Entry {
    fn report(&self, name: &str) -> Result<&Report> {
        if let Some(report) = self.report.get() {
            return Ok(report);
        }
        let report = Report::parse(name, &self.text)?;
        Ok(self.report.get_or_init(|| report))
    }
}

impl Catalog {
    /// Creates a catalog from pairs of name and text. A text is checked when the report is first
    /// requested.
    pub fn of<'a>(reports: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let entry = |(name, text): (&str, &str)| {
            (name.to_owned(), Entry { text: text.to_owned(), report: OnceLock::new() })
        };
        Self(reports.into_iter().map(entry).collect())
    }

    /// Reads every `<name>.sql` in a folder. A report replaces an existing report of the same name.
    ///
    /// # Errors
    /// [`Error::ReadReports`] if the folder or a file cannot be read, [`Error::NotAReport`] if a
    /// file is not a report.
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
            let text = read_regular_file(&path, MAX_REPORT_BYTES).and_then(|bytes| {
                let not_utf8 = |_| io::Error::new(io::ErrorKind::InvalidData, "it is not UTF-8");
                String::from_utf8(bytes).map_err(not_utf8)
            });
            let text = text.map_err(unreadable(&path))?;
            let report = Report::parse(name, &text).map_err(|error| Error::NotAReport {
                path: path.clone(),
                source: Box::new(error),
            })?;
            self.0.insert(name.to_owned(), Entry { text, report: report.into() });
        }
        Ok(())
    }

    /// Returns the reports, sorted by name.
    ///
    /// # Errors
    /// [`Error::MalformedReport`] for the first one that is not a report.
    pub fn reports(&self) -> Result<Vec<&Report>> {
        self.0.iter().map(|(name, entry)| entry.report(name)).collect()
    }

    /// Returns the parameters of all reports, the first one of each name, beginning with the
    /// standard ones. Reads only the headers.
    ///
    /// # Errors
    /// [`Error::MalformedReport`] for the first report with a malformed header.
    pub fn parameters(&self) -> Result<Vec<Parameter>> {
        let mut parameters: Vec<_> = Parameter::standard().collect();
        for (name, entry) in &self.0 {
            for parameter in Report::declared_parameters(name, &entry.text)? {
                if parameters.iter().all(|known| known.name != parameter.name) {
                    parameters.push(parameter);
                }
            }
        }
        Ok(parameters)
    }

    /// Returns the reports by group: the titles of the groups in display order, each with its
    /// reports sorted by name. User-defined groups follow the built-in ones under their own names,
    /// and reports without a group come last.
    ///
    /// # Errors
    /// Those of [`reports`](Self::reports).
    pub fn groups(&self) -> Result<Vec<(&str, Vec<&Report>)>> {
        let mut groups: BTreeMap<(usize, &str), Vec<&Report>> = BTreeMap::new();
        for report in self.reports()? {
            let group = match report.group.as_deref() {
                None => (GROUPS.len() + 1, NO_GROUP),
                Some(key) => match GROUPS.iter().position(|(known, _)| *known == key) {
                    Some(index) => (index, GROUPS[index].1),
                    None => (GROUPS.len(), key),
                },
            };
            groups.entry(group).or_default().push(report);
        }
        Ok(groups.into_iter().map(|((_, title), reports)| (title, reports)).collect())
    }

    /// Returns the report with a name.
    ///
    /// # Errors
    /// [`Error::UnknownReport`] with the most similar name, if there is one;
    /// [`Error::MalformedReport`] if its text is not a report.
    pub fn get(&self, name: &str) -> Result<&Report> {
        let entry = self.0.get(name).ok_or_else(|| Error::UnknownReport {
            name: name.to_owned(),
            nearest: self.nearest(name).map(str::to_owned),
        })?;
        entry.report(name)
    }

    /// Takes out the reports that cannot be translated for other engines, and returns the reasons.
    ///
    /// # Errors
    /// Those of [`reports`](Self::reports).
    pub fn take_out_unportable(&mut self) -> Result<Vec<Error>> {
        let reports = self.reports()?;
        let unportable = reports.into_iter().filter_map(|report| report.portable().err());
        let unportable: Vec<_> = unportable.collect();
        self.0.retain(|name, _| {
            !unportable
                .iter()
                .any(|error| matches!(error, Error::NotPortable { report, .. } if report == name))
        });
        Ok(unportable)
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
        let catalog = Catalog::of(REPORTS);
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
        let catalog = Catalog::of([
            ("a", "-- title: a\nSELECT 1"),
            ("b", "-- title: b\n-- group: costs\nSELECT 1"),
            ("c", "-- title: c\n-- group: exec\nSELECT 1"),
            ("d", "-- title: d\n-- group: deployments\nSELECT 1"),
            ("e", "-- title: e\n-- group: exec\nSELECT 1"),
        ]);
        let groups: Vec<_> = catalog
            .groups()
            .unwrap()
            .into_iter()
            .map(|(title, reports)| {
                let names: Vec<_> = reports.iter().map(|report| report.name.as_str()).collect();
                format!("{title}: {}", names.join(" "))
            })
            .collect();
        assert_eq!(groups, ["Deployments: d", "ECS Exec: c e", "costs: b", "Other: a"]);
    }

    #[test]
    fn a_report_does_not_depend_on_the_others() {
        let catalog = Catalog::of([
            ("a", "-- title: a\n-- param cluster cluster default null: C\nSELECT $cluster"),
            ("b", "-- title: b\n-- param until date default today: U\nSELEC 1"),
        ]);
        assert!(catalog.get("a").is_err(), "a cluster can be an ARN, which sets $region");
        assert!(matches!(catalog.get("b"), Err(Error::MalformedReport { .. })));
        assert!(matches!(catalog.reports(), Err(Error::MalformedReport { .. })));
        let parameters = catalog.parameters().unwrap();
        let names: Vec<_> = parameters.iter().map(|one| one.name.as_str()).collect();
        assert_eq!(names, ["from", "until", "region", "account", "cluster"]);
    }

    #[test]
    fn a_folder_adds_and_replaces() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("deployments.sql"), "-- title: mine\nSELECT 2").unwrap();
        fs::write(folder.path().join("README.md"), "# Reports").unwrap();
        let mut catalog = Catalog::of(REPORTS);
        catalog.add_folder(folder.path()).unwrap();
        let titles: Vec<_> =
            catalog.reports().unwrap().iter().map(|report| report.title.as_str()).collect();
        assert_eq!(titles, ["c", "b", "mine"]);
        fs::write(folder.path().join("broken.sql"), "SELECT 2").unwrap();
        assert!(matches!(catalog.add_folder(folder.path()), Err(Error::NotAReport { .. })));
        assert!(matches!(
            catalog.add_folder(&folder.path().join("none")),
            Err(Error::ReadReports { .. })
        ));
    }
}
