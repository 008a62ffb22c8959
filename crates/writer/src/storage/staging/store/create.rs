//! Creating an object that must not exist, with any answer of the store that there is.
//!
//! An answer says little: a reply that is lost makes the client ask again and meet its own object,
//! a request that timed out may still arrive. So after every answer but success the object is read.

use std::sync::atomic::{AtomicBool, Ordering};

use bytes::Bytes;
use object_store::PutMode;

use super::bucket::{Bucket, failed};
use crate::{
    error::{Error, Result},
    storage::{Creation, StoreOptions, repeat::FIRST_PAUSE},
};

/// How often the store is asked, whose client has tried again by itself.
const ATTEMPTS: u32 = 4;

/// Creates an object. `is_conditional` is set once the store was seen to refuse a second creation.
pub(super) async fn create(
    bucket: &Bucket,
    options: &StoreOptions,
    is_conditional: &AtomicBool,
    path: &str,
    bytes: Bytes,
) -> Result<Creation> {
    let mut attempt = 1;
    loop {
        let refusal = match bucket.put(path, bytes.clone(), PutMode::Create).await {
            Ok(()) => {
                if !options.single_writer && !is_conditional.load(Ordering::Relaxed) {
                    probe(bucket, is_conditional, path, bytes).await?;
                }
                return Ok(Creation::Created);
            }
            Err(object_store::Error::NotImplemented { .. }) if options.single_writer => {
                if let Some(creation) = compare(bucket, path, &bytes).await? {
                    return Ok(creation);
                }
                bucket.put(path, bytes.clone(), PutMode::Overwrite).await.err()
            }
            Err(object_store::Error::NotImplemented { .. }) => {
                return Err(Error::NoConditionalCreate { path: path.to_owned() });
            }
            Err(refusal) => Some(refusal),
        };
        let found = compare(bucket, path, &bytes).await;
        if let Ok(Some(creation)) = found {
            return Ok(creation);
        }
        if attempt == ATTEMPTS || refusal.as_ref().is_some_and(is_final) {
            return Err(match refusal {
                Some(refusal) => failed("create", path, refusal),
                None => Error::Damaged {
                    path: path.to_owned(),
                    reason: "it was written, but is missing".to_owned(),
                },
            });
        }
        tokio::time::sleep(FIRST_PAUSE * 2_u32.pow(attempt - 1)).await;
        attempt += 1;
    }
}

/// Creates again what was just created: a store that allows it ignores the condition.
async fn probe(
    bucket: &Bucket,
    is_conditional: &AtomicBool,
    path: &str,
    bytes: Bytes,
) -> Result<()> {
    match bucket.put(path, bytes, PutMode::Create).await {
        Ok(()) => return Err(Error::NoConditionalCreate { path: path.to_owned() }),
        Err(
            object_store::Error::AlreadyExists { .. } | object_store::Error::Precondition { .. },
        ) => is_conditional.store(true, Ordering::Relaxed),
        // No answer to the question; the next creation asks again.
        Err(_) => {}
    }
    Ok(())
}

/// Compares an object as a whole; `None` if there is none.
async fn compare(bucket: &Bucket, path: &str, bytes: &Bytes) -> Result<Option<Creation>> {
    let found = bucket.read(path).await?;
    Ok(found.map(|found| if found == bytes { Creation::Created } else { Creation::Lost }))
}

/// Returns whether asking again is of no use.
fn is_final(refusal: &object_store::Error) -> bool {
    matches!(
        refusal,
        object_store::Error::PermissionDenied { .. }
            | object_store::Error::Unauthenticated { .. }
            | object_store::Error::NotFound { .. }
            | object_store::Error::InvalidPath { .. }
    )
}
