//! Engines that run queries in place of this program: what `--engine` names, and opening it.

use std::{str::FromStr, sync::Arc};

use anyhow::Result;
use ecstrail_query::{Engine, Listener, Session, TableSource};

#[cfg(feature = "athena")]
mod athena;
#[cfg(feature = "spark")]
mod spark;
