//! What the crate's tests share: buckets that exist only as a rule.

mod key_store;
mod trail;

pub(crate) use key_store::{KeyStore, Oddity};
pub(crate) use trail::Trail;
