//! Where CloudTrail wrote an object, and where a copy of it stands.

/// What stands above the accounts in a key.
const AWS_LOGS: &str = "AWSLogs/";

/// What of a key tells where an object of a trail stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PlaceForm {
    /// Bucket and key: the objects are where CloudTrail put them.
    Key,
    /// The key from `AWSLogs` on: the objects were copied, with this part of their keys.
    BelowAwsLogs,
    /// The name alone, which is unique: the objects were copied without their folders.
    Name,
}

impl PlaceForm {
    /// What objects at a URL have kept of their keys.
    pub fn of(url: &str, is_copy: bool) -> Self {
        if url.starts_with("s3://") && !is_copy {
            Self::Key
        } else if format!("{url}/").contains(AWS_LOGS) {
            Self::BelowAwsLogs
        } else {
            Self::Name
        }
    }
}

/// Where an object of a trail stands, in the form in which it can be compared.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place(Box<str>);

impl Place {
    /// The place that a digest states.
    pub fn stated(bucket: &str, key: &str, form: PlaceForm) -> Self {
        match form {
            PlaceForm::Key => Self(format!("{bucket}/{key}").into()),
            _ => Self::of_path(key, form),
        }
    }

    /// The place of an object that stands at a URL such as `s3://bucket/AWSLogs/…`.
    pub fn of_url(url: &str, form: PlaceForm) -> Self {
        match form {
            PlaceForm::Key => Self(url.trim_start_matches("s3://").into()),
            _ => Self::of_path(url, form),
        }
    }

    fn of_path(path: &str, form: PlaceForm) -> Self {
        let below = path.rfind(AWS_LOGS).filter(|_| form == PlaceForm::BelowAwsLogs);
        let start = below.or_else(|| Some(path.rfind('/')? + 1)).unwrap_or(0);
        Self(path[start..].into())
    }

    /// The URL of the object in a source, of which one URL is given.
    pub fn url(&self, form: PlaceForm, source_url: &str) -> String {
        let Self(place) = self;
        match form {
            PlaceForm::Key => format!("s3://{place}"),
            PlaceForm::BelowAwsLogs => {
                let source_url = format!("{source_url}/");
                let root = source_url.rfind(AWS_LOGS).map_or("", |start| &source_url[..start]);
                format!("{root}{place}")
            }
            PlaceForm::Name => format!("{}/{place}", source_url.trim_end_matches('/')),
        }
    }
}
