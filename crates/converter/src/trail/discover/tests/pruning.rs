//! What is listed of large trails, and how many requests that takes.

use chrono::Days;

use super::*;
use crate::testing::Trail;

/// Sorted, as keys are.
const REGIONS: [&str; 17] = [
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-northeast-3",
    "ap-south-1",
    "ap-southeast-1",
    "ap-southeast-2",
    "ca-central-1",
    "eu-central-1",
    "eu-north-1",
    "eu-west-1",
    "eu-west-2",
    "eu-west-3",
    "sa-east-1",
    "us-east-1",
    "us-east-2",
    "us-west-1",
    "us-west-2",
];

struct Case<'a> {
    trails: &'a [Trail],
    keys: &'a [&'a str],
    prefix: &'a str,
    accounts: &'a [&'a str],
    regions: &'a [&'a str],
    days: (&'a str, &'a str),
    late_days: u32,
}

impl Case<'_> {
    fn options(&self) -> DiscoverOptions {
        let all = |names: &[&str]| names.iter().map(ToString::to_string).collect();
        let selection = Selection {
            accounts: all(self.accounts),
            regions: all(self.regions),
            from: self.days.0.parse().ok(),
            until: self.days.1.parse().ok(),
            ..Selection::default()
        };
        DiscoverOptions { selection, late_days: self.late_days, ..DiscoverOptions::default() }
    }

    /// Lists, and asserts that exactly the right files come, in order; returns them and how many
    /// requests that took.
    async fn check(&self) -> (Vec<String>, u64) {
        let options = self.options();
        let keys = KeyStore::new(self.trails.to_vec(), self.keys);
        let whole = Arc::new(WholeListing::new(keys));
        let store: Arc<dyn ObjectStore> = Arc::<WholeListing<KeyStore>>::clone(&whole);
        let (files, found, failures) = found_below(&store, self.prefix, &options).await;
        assert!(failures.is_empty(), "{failures:?}");
        let Selection { from, until, .. } = options.selection;
        let end = until.map(|until| until + Days::new(self.late_days.into()));
        let is_day = |day| from.is_none_or(|from| day >= from) && end.is_none_or(|end| day <= end);
        let of_trails = self
            .trails
            .iter()
            .flat_map(|trail| trail.log_files(self.accounts, self.regions, is_day));
        let mut expected: Vec<_> =
            of_trails.chain(self.keys.iter().map(ToString::to_string)).collect();
        let prefix =
            if self.prefix.is_empty() { String::new() } else { format!("{}/", self.prefix) };
        expected.retain(|key| key.starts_with(&prefix));
        expected.sort();
        assert_eq!(files.len(), expected.len(), "{} {:?}", self.prefix, self.days);
        assert!(files == expected);
        assert_eq!(found.log_files, files.len() as u64);
        let requests = whole.inner().requests();
        assert_eq!(found.list_requests, requests);
        (files, requests)
    }
}

#[tokio::test]
async fn an_organisation_of_40_accounts_17_regions_and_730_days() {
    let trail = Trail::new("AWSLogs/o-exampleorg/", 40, &REGIONS, "2024-05-01", 730);
    let day_folder = "AWSLogs/o-exampleorg/000000000117/CloudTrail/eu-west-1/2026/02/03";
    let one: &[&str] = &["000000000117"];
    let two_regions: &[&str] = &["eu-west-1", "us-east-2"];
    let mut made = Vec::new();
    for (accounts, regions, days, day_count) in [
        (&[][..], &[][..], ("2026-02-03", "2026-02-03"), 1),
        (&[], &[], ("2025-12-30", "2026-01-02"), 4),
        (&[], two_regions, ("2026-01-31", "2026-02-05"), 6),
        (one, &[], ("2026-01-21", "2026-04-30"), 100),
        (one, two_regions, ("2026-02-03", "2026-02-03"), 1),
        (one, two_regions, ("", ""), 730),
        (&["000000000999"], two_regions, ("2026-02-03", "2026-02-04"), 2),
        (&[], &[], ("2026-04-29", ""), 2),
        (&[], &[], ("", "2024-05-01"), 1),
        (&[], &[], ("2030-01-01", ""), 1),
    ] {
        let trails = std::slice::from_ref(&trail);
        let case = Case { trails, keys: &[], prefix: "", accounts, regions, days, late_days: 1 };
        // From the bucket, and from each level down to the day; all accounts take their time.
        let mut starts: Vec<&str> =
            day_folder.match_indices('/').map(|(slash, _)| &day_folder[..slash]).collect();
        starts.push(day_folder);
        if accounts.is_empty() && !made.is_empty() {
            starts.drain(..2);
        }
        starts.insert(0, "");
        for prefix in starts {
            let (_, requests) = Case { prefix, ..case }.check().await;
            let count =
                |asked: &[&str], all| if asked.is_empty() { all } else { asked.len() as u64 };
            let (accounts, regions) = (count(accounts, 40), count(regions, 17));
            let most = 2 + accounts * regions * (day_count + 1);
            assert!(requests <= most, "{prefix}: {requests} of {most}");
            if prefix.is_empty() {
                made.push((requests, most));
            }
        }
    }
    // The bucket, AWSLogs, the organisation, 40 accounts, and one request for each region.
    assert_eq!(made[0], (3 + 40 + 680, 2 + 680 * 2));
    // The bucket, AWSLogs, one request for each region.
    assert_eq!(made[4].0, 2 + 2);
}

#[tokio::test]
async fn trails_of_every_kind() {
    let gov = Trail::new("AWSLogs/", 2, &["us-gov-east-1", "us-gov-west-1"], "2026-04-01", 40);
    let china = Trail::new("a/b/AWSLogs/", 2, &["cn-north-1"], "2026-04-01", 40);
    let org = Trail::new("logs/AWSLogs/o-exampleorg/", 2, &["us-east-1"], "2026-04-01", 40);
    let beside = Trail::new("logs/AWSLogs/", 1, &["us-east-1"], "2026-04-01", 40);
    let large = Trail::new("x/AWSLogs/", 1, &["us-east-1"], "2026-04-01", 9).with_files_a_day(2500);
    let trails = [gov, china, beside, org, large];
    // Logs without names of CloudTrail's may be anywhere.
    let keys = [
        "AWSLogs/backup/old.json.gz",
        "exports/000000.gz",
        "firehose/2026/04/27/00/stream-1",
        "history.json",
        "a/b/c/d/e/deep.json",
        "a/b/date=2026-04-27/x.json",
    ];
    for (accounts, regions, days, late_days) in [
        (&[][..], &[][..], ("2026-04-05", "2026-04-07"), 1),
        (&[], &[], ("2026-04-05", "2026-04-07"), 0),
        (&[], &[], ("2026-04-05", "2026-04-07"), 30),
        (&[], &["cn-north-1", "us-gov-west-1"], ("2026-04-09", ""), 1),
        (&["000000000101"], &[], ("", ""), 1),
    ] {
        let case =
            Case { trails: &trails, keys: &keys, prefix: "", accounts, regions, days, late_days };
        let (_, requests) = case.check().await;
        assert!(requests < 100, "{requests}");
    }
}

#[tokio::test]
async fn of_a_region_only_the_pages_of_the_days_are_listed() {
    let trail = Trail::new("AWSLogs/", 1, &["us-east-1"], "2026-03-25", 20).with_files_a_day(2500);
    let region = "AWSLogs/000000000100/CloudTrail/us-east-1";
    let case = Case {
        trails: &[trail],
        keys: &[],
        prefix: region,
        accounts: &[],
        regions: &[],
        days: ("2026-03-30", "2026-03-31"),
        late_days: 1,
    };
    let (files, requests) = case.check().await;
    assert_eq!((files.len(), requests), (7500, 8));
    let month = format!("{region}/2026/03");
    let (files, requests) = Case { prefix: &month, ..case }.check().await;
    assert_eq!((files.len(), requests), (5000, 5));
}

#[tokio::test]
async fn without_limits_and_without_structure_one_listing_is_made() {
    let trail = Trail::new("AWSLogs/", 1, &["us-east-1"], "2024-01-01", 500);
    let store = || -> Arc<dyn ObjectStore> {
        Arc::new(WholeListing::new(KeyStore::new(vec![trail.clone()], &[])))
    };
    let (files, found, _) = found_below(&store(), "", &DiscoverOptions::default()).await;
    assert_eq!((files.len(), found.digests, found.listed()), (500, 500, 1500));
    assert_eq!(found.other_services, [("elasticloadbalancing".to_owned(), 500)].into());
    assert_eq!(found.list_requests, 2);

    // Of many accounts, only the one that is asked for.
    let trail = Trail::new("AWSLogs/", 40, &["us-east-1"], "2026-04-01", 9);
    let days = ("2026-04-05", "");
    let case = Case {
        trails: &[trail],
        keys: &[],
        prefix: "",
        accounts: &["000000000105"],
        regions: &["us-east-1"],
        days,
        late_days: 1,
    };
    assert_eq!(case.check().await.1, 3);

    // Thirty folders beside AWSLogs: some are looked into, all are listed.
    let keys: Vec<String> = (0..30).map(|number| format!("f{number}/x/a.json")).collect();
    let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
    let requests = Case { keys: &keys, ..case }.check().await.1;
    assert!(requests <= 3 + 24 + 30, "{requests}");

    // Twenty folders without AWSLogs are not looked into one by one.
    let keys: Vec<String> = (0..20).map(|number| format!("f{number}/x/a.json")).collect();
    let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
    let case = Case {
        trails: &[],
        keys: &keys,
        prefix: "",
        accounts: &[],
        regions: &[],
        days,
        late_days: 1,
    };
    assert_eq!(case.check().await.1, 2);
}

#[tokio::test]
async fn surveys_say_what_there_is() {
    let trail = Trail::new("AWSLogs/o-exampleorg/", 40, &REGIONS, "2024-05-01", 730);
    let store: Arc<dyn ObjectStore> =
        Arc::new(WholeListing::new(KeyStore::new(vec![trail], &["README.md"])));
    for (prefix, accounts) in
        [("", 40), ("AWSLogs/o-exampleorg/000000000100/CloudTrail/us-east-1/2025", 0)]
    {
        let base_url = format!("s3://bucket/{prefix}");
        let survey = survey(&store, &Path::from(prefix), &base_url).await;
        assert_eq!(survey.accounts.len(), accounts);
        assert!(survey.list_requests <= 62, "{survey:?}");
        assert_eq!(survey.is_complete, !prefix.is_empty());
        let last_day = if prefix.is_empty() { "2026-04-30" } else { "2025-12-31" };
        assert_eq!(survey.last_day, last_day.parse().ok());
    }
    let survey = survey(&store, &Path::from(""), "s3://bucket/").await.to_string();
    let start = "it contains accounts 000000000100, 000000000101, ";
    assert!(survey.starts_with(start), "{survey}");
    let end = "and 20 more; regions ap-northeast-1, ";
    assert!(survey.contains(end), "{survey}");
    assert!(survey.contains("; delivery days 2024-05-01 to 2026-04-30 (after "), "{survey}");
}

#[tokio::test]
async fn surveys_of_other_things() {
    for (keys, expected) in [
        (&[][..], "it is empty"),
        (
            &["x/a.csv", "x/y/b.csv"],
            "it contains folders such as x; files such as x/a.csv, x/y/b.csv",
        ),
        (
            &["d/111122223333_CloudTrail_us-east-1_20260427T0000Z_x.json.gz"],
            "it contains account 111122223333; region us-east-1; delivery days 2026-04-27 to 2026-04-27",
        ),
        (
            &[FILE],
            "it contains account 111122223333; region us-east-1; delivery days 2026-04-27 to 2026-04-27",
        ),
    ] {
        let store = bucket(keys).await;
        let found = survey(&store, &Path::from(""), "s3://bucket/").await;
        assert_eq!(found.to_string(), expected);
        // A folder that is none of CloudTrail's, in its place.
        let unknown = survey(&store, &Path::from(""), "s3://bucket/AWSLogs/backup/").await;
        assert_eq!(unknown.first_day, found.first_day);
    }
}
