//! What commands that write to a dataset share: opening it, one run at a time.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use anyhow::Result;
use ecstrail_writer::{
    Dataset, Error, LocalStaging, Recovery, Staging, StoreOptions, StoreStaging, TMP,
};
use tokio::runtime::Handle;

use crate::{
    args::{HomeArguments, WritingArguments},
    bucket::{BucketUse, S3},
    commands::rows,
    console,
    location::{self, Location, OpenLocation},
    scratch::ScratchFolder,
};

/// Interval of checks whether another run has finished.
const BUSY: Duration = Duration::from_millis(250);

/// A dataset that is open for writing and recovered.
#[derive(Debug)]
pub(crate) struct Home {
    pub(crate) dataset: Dataset,
    pub(crate) recovery: Recovery,
    location: OpenLocation,
    /// Where the dataset itself has room for what does not fit into memory.
    room: Option<PathBuf>,
}

/// A folder of the local disk for what does not fit into memory.
#[derive(Debug)]
pub(crate) enum Scratch {
    /// In the dataset; recovery sweeps it.
    InDataset(PathBuf),
    /// It goes with the run.
    Temporary(ScratchFolder),
}

impl Scratch {
    pub(crate) fn path(&self) -> &Path {
        match self {
            Self::InDataset(folder) => folder,
            Self::Temporary(folder) => folder.path(),
        }
    }
}

impl Home {
    /// Opens a dataset that is there, waiting for another run on the same disk to end.
    pub(crate) async fn existing(arguments: &HomeArguments) -> Result<Self> {
        let s3 = S3::new(arguments.s3.clone());
        // Opening for writing would make a dataset of whatever is there.
        rows::open_snapshot(&arguments.dataset, &s3).await?;
        Self::open(&arguments.dataset, &s3, &arguments.writing).await
    }

    /// Opens the dataset at `home`, making it if there is none, waiting for another run on the same
    /// disk to end.
    pub(crate) async fn open(home: &str, s3: &S3, arguments: &WritingArguments) -> Result<Self> {
        Self::open_with(home, s3, arguments, LocalStaging::open).await
    }

    /// As [`open`](Self::open), for one of several shards, which do not wait for each other.
    pub(crate) async fn shared(home: &str, s3: &S3, arguments: &WritingArguments) -> Result<Self> {
        Self::open_with(home, s3, arguments, LocalStaging::open_shared).await
    }

    async fn open_with(
        home: &str,
        s3: &S3,
        arguments: &WritingArguments,
        open: impl Fn(&Path) -> ecstrail_writer::Result<LocalStaging>,
    ) -> Result<Self> {
        let location = Location::parse(home)?;
        let (location, staging, room): (_, Arc<dyn Staging>, _) = match location {
            Location::Disk(path) => {
                let folder = location::new_folder(&path)?;
                let staging = Arc::new(when_free(&folder, open).await?);
                (OpenLocation::folder(&folder)?, staging, Some(folder.join(TMP)))
            }
            Location::Bucket(name, prefix) => {
                let single_writer = arguments.single_writer;
                let usage = BucketUse { may_be_anonymous: false, single_writer };
                let bucket = s3.open(&name, &prefix, usage).await?;
                let (store, options) = (Arc::clone(&bucket.store), StoreOptions { single_writer });
                let staging = StoreStaging::new(store, prefix.clone(), options, Handle::current());
                (OpenLocation::bucket(bucket, &name, prefix), Arc::new(staging), None)
            }
        };
        let opened = Dataset::open(location.objects(), staging).await;
        let (dataset, recovery) = opened.map_err(|error| location.explain(error))?;
        Ok(Self { dataset, recovery, location, room })
    }

    /// Makes a folder for what does not fit into memory, where the user wants it.
    pub(crate) fn scratch(&self, chosen: Option<&Path>) -> Result<Scratch> {
        if let (None, Some(room)) = (chosen, &self.room) {
            return Ok(Scratch::InDataset(room.clone()));
        }
        let folder = chosen.map_or_else(std::env::temp_dir, Path::to_owned);
        ScratchFolder::new(&folder).map(Scratch::Temporary)
    }

    /// Adds the identity and what it lacks to an error about access.
    pub(crate) fn explain(&self, error: Error) -> anyhow::Error {
        self.location.explain(error)
    }
}

/// Takes the folder's lock once nobody else has it.
async fn when_free(
    folder: &Path,
    open: impl Fn(&Path) -> ecstrail_writer::Result<LocalStaging>,
) -> Result<LocalStaging> {
    let mut is_told = false;
    loop {
        match open(folder) {
            Err(Error::Busy { .. }) => {
                if !is_told {
                    console::note(format!(
                        "another ecstrail process is writing to {}: waiting for it to finish",
                        folder.display()
                    ));
                    is_told = true;
                }
                tokio::time::sleep(BUSY).await;
            }
            opened => return Ok(opened?),
        }
    }
}
