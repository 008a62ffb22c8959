//! Data files: how rows are stored in Parquet, how rows that are there already are found,
//! and how sorted rows are merged.

pub(crate) mod encode;
pub(crate) mod existing;
pub(crate) mod footer;
pub(crate) mod merge;
pub(crate) mod properties;
mod small_columns;
