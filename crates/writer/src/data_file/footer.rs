//! Reads what the footer of a data file says, with as few requests as it takes.

use bytes::Bytes;
use parquet::{
    errors::ParquetError,
    file::metadata::{ParquetMetaData, ParquetMetaDataReader},
};

use crate::{
    error::{Error, Result},
    storage::remote::RemoteFile,
};

/// Reads the footer of a file from its last bytes; if `end` does not hold all of the footer, it is
/// fetched and holds it afterwards.
///
/// # Errors
/// [`Error::Store`] with `path` if the store cannot read the file, what `unreadable` makes of it if
/// the footer cannot be read.
pub(crate) fn read_footer(
    file: &RemoteFile,
    path: &str,
    end: &mut Bytes,
    unreadable: impl Fn(ParquetError) -> Error,
) -> Result<ParquetMetaData> {
    let mut reader = ParquetMetaDataReader::new();
    match reader.try_parse_sized(end, file.bytes) {
        Err(ParquetError::NeedMoreData(bytes)) if bytes as u64 <= file.bytes => {
            *end = fetch(file, path, file.bytes - bytes as u64, file.bytes)?;
            reader.try_parse_sized(end, file.bytes).map_err(&unreadable)?;
        }
        parsed => parsed.map_err(&unreadable)?,
    }
    reader.finish().map_err(unreadable)
}

/// Fetches a range of a data file.
///
/// # Errors
/// [`Error::Store`] with `path`.
pub(crate) fn fetch(file: &RemoteFile, path: &str, start: u64, end: u64) -> Result<Bytes> {
    let bytes = file.range(start, end);
    bytes.map_err(|source| Error::Store { action: "read", path: path.to_owned(), source })
}
