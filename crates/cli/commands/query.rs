//! `ecstrail query`: any SQL over the table `events`.

use std::io::Read;

use anyhow::{Context, Result};
use ecstrail_query::{Bindings, Scope};

use crate::{
    args::QueryArguments,
    commands::{caveats, rows},
    exit::Exit,
};

pub(crate) async fn run(arguments: QueryArguments) -> Result<Exit> {
    let sql = match (&arguments.file, arguments.sql.as_deref()) {
        (Some(file), _) => std::fs::read_to_string(file)
            .with_context(|| format!("cannot read {}", file.display()))?,
        (None, Some("-") | None) => {
            let mut sql = String::new();
            std::io::stdin().read_to_string(&mut sql).context("cannot read stdin")?;
            sql
        }
        (None, Some(sql)) => sql.to_owned(),
    };
    let output = rows::Output::open(&arguments.output)?;
    let session = rows::open_session(&arguments.dataset).await?;
    let everything = Scope::default();
    caveats::check_age(&session, &everything, arguments.output.max_age).await?;
    caveats::report_old_files(&session, &sql);
    let rows =
        session.sql(&sql, &Bindings::texts(&arguments.settings.iter().cloned().collect())).await?;
    let count = output.write(rows).await?;
    rows::Output::tell(count);
    caveats::explain_no_rows(&session, &everything, count.found).await?;
    Ok(output.exit(count))
}
