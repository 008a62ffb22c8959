//! Where things are: documented example accounts, regions, and the names of clusters and services.

/// Regions that accounts work in, the busiest first, with their working day's offset from UTC.
pub(crate) const REGIONS: [(&str, i64); 14] = [
    ("us-east-1", -5),
    ("eu-west-1", 1),
    ("us-west-2", -8),
    ("eu-central-1", 1),
    ("ap-southeast-2", 10),
    ("ap-northeast-1", 9),
    ("us-east-2", -5),
    ("ap-south-1", 5),
    ("ca-central-1", -5),
    ("eu-north-1", 1),
    ("ap-southeast-1", 8),
    ("eu-west-2", 0),
    ("sa-east-1", -3),
    ("eu-west-3", 1),
];

/// Regions that nobody works in: what happens there is worth a question.
pub(crate) const UNUSUAL_REGIONS: [&str; 4] =
    ["ap-southeast-3", "af-south-1", "me-central-1", "il-central-1"];

const DOCUMENTED_ACCOUNTS: [&str; 6] = [
    "111122223333",
    "444455556666",
    "777788889999",
    "123456789012",
    "999988887777",
    "555566667777",
];

pub(crate) const MOST_ACCOUNTS: usize = 500;

/// Returns the account at a position: the documented examples, then numbers formed like them.
pub(crate) fn account(position: usize) -> String {
    if let Some(documented) = DOCUMENTED_ACCOUNTS.get(position) {
        return (*documented).to_owned();
    }
    let formed = |number: u32| {
        let digits = [number / 100, number / 10 % 10, number % 10];
        let distinct = digits[0] != digits[1] && digits[1] != digits[2];
        distinct.then(|| digits.map(|digit| digit.to_string().repeat(4)).concat())
    };
    (201..1000)
        .filter_map(formed)
        .filter(|account| !DOCUMENTED_ACCOUNTS.contains(&account.as_str()))
        .nth(position - DOCUMENTED_ACCOUNTS.len())
        .unwrap_or_default()
}

/// Services that stories are told about, three to a chapter: two in production, one in staging.
const LEADING_SERVICES: [[&str; 3]; 6] = [
    ["checkout", "search", "billing"],
    ["cart", "catalog", "ledger"],
    ["payments", "profile", "invoices"],
    ["orders", "media", "tax"],
    ["pricing", "reviews", "statements"],
    ["shipping", "stock", "refunds"],
];

/// Services that only everyday traffic touches, with their clusters.
pub(crate) const EVERYDAY_SERVICES: [(&str, &str); 9] = [
    ("production", "storefront"),
    ("production", "gateway"),
    ("production", "sessions"),
    ("production", "recommendations"),
    ("production", "mail"),
    ("staging", "storefront-next"),
    ("staging", "experiments"),
    ("batch", "thumbnails"),
    ("batch", "exports"),
];

/// Returns the services that a chapter's stories are about.
pub(crate) fn leading_services(chapter: usize) -> [String; 3] {
    let round = chapter / LEADING_SERVICES.len();
    LEADING_SERVICES[chapter % LEADING_SERVICES.len()].map(|name| match round {
        0 => name.to_owned(),
        again => format!("{name}-{}", again + 1),
    })
}

/// People; each has an address of their own.
pub(crate) const PEOPLE: [(&str, &str); 7] = [
    ("maria", "203.0.113.24"),
    ("jo", "203.0.113.77"),
    ("akua", "203.0.113.91"),
    ("li", "198.51.100.143"),
    ("paulo", "198.51.100.9"),
    ("saanvi", "2001:db8:85a3::8a2e:370:7334"),
    ("nikki", "203.0.113.118"),
];
