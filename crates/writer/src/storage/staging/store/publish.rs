//! Completing a prepared upload, once or again.

use object_store::multipart::PartId;

use super::{
    bucket::{Bucket, failed, is_gone},
    upload::Prepared,
};
use crate::{
    error::{Error, Result},
    storage::{PreparedFile, repeat::FIRST_PAUSE},
};

/// How often the store is asked, whose client has tried again by itself.
const ATTEMPTS: u32 = 3;

/// Makes a prepared file appear. If the upload is gone, somebody has completed it: the object must
/// be there then, with the size that the log says.
pub(super) async fn publish(bucket: &Bucket, file: &PreparedFile) -> Result<()> {
    let Prepared { upload, parts } = Prepared::parse(&file.path, &file.prepared)?;
    let mut attempt = 1;
    loop {
        let parts = parts.iter().map(|part| PartId { content_id: part.clone() }).collect();
        let Err(refusal) = bucket.complete(&file.path, &upload, parts).await else { return Ok(()) };
        match bucket.size(&file.path).await {
            Ok(Some(bytes)) if bytes == file.bytes => return Ok(()),
            Ok(Some(bytes)) => {
                let reason = format!("it has {bytes} bytes, but {} were committed", file.bytes);
                return Err(Error::Damaged { path: file.path.clone(), reason });
            }
            // Another process may be completing it, or the answer may be a passing one.
            Ok(None) | Err(_) if attempt < ATTEMPTS => {}
            Ok(None) if is_gone(&refusal) => return Err(Error::Lost { path: file.path.clone() }),
            Ok(None) | Err(_) => return Err(failed("publish", &file.path, refusal)),
        }
        tokio::time::sleep(FIRST_PAUSE * 2_u32.pow(attempt - 1)).await;
        attempt += 1;
    }
}
