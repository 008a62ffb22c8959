//! The keys of the config file. This is their only list: reading, help texts, `ecstrail config` and the
//! table in the reference are made from it.

use std::{env, ffi::OsString};

/// What a value has to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A folder, or `s3://BUCKET/PREFIX`.
    Location,
    /// A folder of the local disk.
    Folder,
    /// A name.
    Name,
    /// The URL of a server.
    Server,
    /// A number of bytes, such as `2GiB`.
    Size,
    /// A number of threads.
    Threads,
    /// An output format that is text.
    Format,
    /// `true` or `false`.
    Switch,
    /// An engine that runs queries.
    Engine,
}

/// A key that stands for an option.
#[derive(Debug)]
pub(crate) struct Key {
    pub(crate) name: &'static str,
    pub(crate) kind: Kind,
    /// The option that it stands for.
    pub(crate) option: &'static str,
    /// Id of the option's argument.
    pub(crate) argument: &'static str,
    /// Variables that take precedence over the file: the first one that is set and not empty.
    pub(crate) environment: &'static [&'static str],
    /// What holds if it is not set anywhere.
    pub(crate) default: &'static str,
    pub(crate) description: &'static str,
}

/// A table of the file.
#[derive(Debug)]
pub(crate) struct Table {
    /// Its header.
    pub(crate) name: &'static str,
    pub(crate) holds: &'static str,
    pub(crate) description: &'static str,
}

/// The name of the key that chooses a profile.
pub(crate) const DEFAULT_PROFILE: &str = "default_profile";

/// The key that chooses a profile. It cannot be in one.
pub(crate) const PROFILE: Key = Key {
    name: DEFAULT_PROFILE,
    kind: Kind::Name,
    option: "--config-profile",
    argument: "config_profile",
    environment: &["ECSTRAIL_CONFIG_PROFILE"],
    default: "none",
    description: "the profile of this file that is used unless another one is chosen",
};

/// Every key that stands for an option.
pub(crate) const KEYS: [Key; 10] = [
    Key {
        name: "dataset",
        kind: Kind::Location,
        option: "--dataset",
        argument: "dataset",
        environment: &["ECSTRAIL_DATASET"],
        default: "none",
        description: "the dataset of commands that only read it; commands that write need \
                      `--dataset`, `--to` or `ECSTRAIL_DATASET`",
    },
    Key {
        name: "queries",
        kind: Kind::Folder,
        option: "--queries",
        argument: "queries",
        environment: &["ECSTRAIL_QUERIES"],
        default: "none",
        description: "a folder of your own reports",
    },
    Key {
        name: "aws_profile",
        kind: Kind::Name,
        option: "--profile",
        argument: "profile",
        environment: &["AWS_PROFILE", "AWS_ACCESS_KEY_ID"],
        default: "as in the AWS CLI",
        description: "a profile of `~/.aws/config`",
    },
    Key {
        name: "endpoint",
        kind: Kind::Server,
        option: "--endpoint",
        argument: "endpoint",
        environment: &["AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL"],
        default: "AWS",
        description: "the URL of an S3-compatible server",
    },
    Key {
        name: "engine",
        kind: Kind::Engine,
        option: "--engine",
        argument: "engine",
        environment: &["ECSTRAIL_ENGINE"],
        default: "local",
        description: "the engine that runs the queries of `query`, `report` and `book`",
    },
    Key {
        name: "memory",
        kind: Kind::Size,
        option: "--memory",
        argument: "memory",
        environment: &[],
        default: "1GiB",
        description: "memory of a command, such as `\"2GiB\"`",
    },
    Key {
        name: "scratch",
        kind: Kind::Folder,
        option: "--scratch",
        argument: "scratch",
        environment: &[],
        default: "the system's temporary folder",
        description: "a folder for data that does not fit into memory. Without it, `convert` uses one \
                      inside a dataset on the local disk",
    },
    Key {
        name: "threads",
        kind: Kind::Threads,
        option: "--threads",
        argument: "threads",
        environment: &[],
        default: "one per core",
        description: "number of threads; 0 is one per core",
    },
    Key {
        name: "format",
        kind: Kind::Format,
        option: "--format",
        argument: "row_format",
        environment: &[],
        default: "table",
        description: "output format of `query`, `shell` and `report`: table, csv, tsv, json, jsonl or \
                      markdown. The extension of `--output` takes precedence",
    },
    Key {
        name: "pager",
        kind: Kind::Switch,
        option: "--pager",
        argument: "no_pager",
        environment: &[],
        default: "true",
        description: "whether long results are shown in a pager; an empty `PAGER` turns it off in \
                      any case",
    },
];

/// Every table of the file.
pub(crate) const TABLES: [Table; 4] = [
    Table {
        name: "[parameters]",
        holds: "parameter = value",
        description: "defaults of report parameters, for every report that has the parameter",
    },
    Table {
        name: "[reports.NAME]",
        holds: "parameter = value",
        description: "defaults of one report's parameters; they take precedence over `[parameters]`",
    },
    Table {
        name: "[sets]",
        holds: "name = [reports]",
        description: "named sets of reports, for `ecstrail book NAME`",
    },
    Table {
        name: "[profiles.NAME]",
        holds: "all keys and tables but `default_profile` and profiles",
        description: "what replaces the above while the profile is chosen",
    },
];

impl Key {
    /// Returns the variable of the environment that takes precedence over the file, if one is set.
    pub(crate) fn variable(&self) -> Option<(&'static str, OsString)> {
        self.environment.iter().find_map(|name| Some((*name, variable(name)?)))
    }
}

/// Returns a variable of the environment. An empty one counts as not set.
pub(crate) fn variable(name: &str) -> Option<OsString> {
    env::var_os(name).filter(|value| !value.is_empty())
}

impl Kind {
    /// The type of its values, in words.
    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::Location => "path or `s3://` URL",
            Self::Folder => "path",
            Self::Name => "text",
            Self::Server => "URL",
            Self::Size => "size",
            Self::Threads => "number",
            Self::Format => "format",
            Self::Switch => "true or false",
            Self::Engine => "engine",
        }
    }
}

/// Returns the key of a name.
pub(crate) fn key(name: &str) -> Option<&'static Key> {
    KEYS.iter().find(|key| key.name == name)
}
