//! Data files: how rows are stored in Parquet, and how rows that are there already are found.

pub(crate) mod encode;
pub(crate) mod existing;
pub(crate) mod properties;
