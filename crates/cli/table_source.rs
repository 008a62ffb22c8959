//! What engines elsewhere have to know of a dataset, read off its log.

use anyhow::Result;
use ecstrail_converter::SCHEMA_VERSION;
use ecstrail_query::TableSource;
use ecstrail_writer::DataFile;

use crate::{bucket::S3, commands};

/// Reads what an engine has to know of a dataset that is at `home` for it, and that it keeps as a table
/// in `database`.
pub(crate) async fn read(
    dataset: &str,
    home: String,
    s3: &S3,
    database: &str,
) -> Result<TableSource> {
    let snapshot = commands::open_snapshot(dataset, s3).await?;
    let history = commands::history(dataset, s3).await?;
    let partitions = snapshot.files.iter().map(DataFile::key);
    let partitions = partitions.collect::<Result<Vec<_>, _>>()?;
    Ok(TableSource {
        endpoint: if home.starts_with("s3://") { s3.endpoint().await? } else { None },
        home,
        has_delta_log: history.delta_since.is_some(),
        has_older_files: snapshot.files.iter().any(|file| file.schema_version < SCHEMA_VERSION),
        first_day: partitions.iter().map(|partition| partition.date).min(),
        regions: partitions.into_iter().map(|partition| partition.region).collect(),
        database: database.to_owned(),
    })
}
