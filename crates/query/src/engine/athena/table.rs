//! Whether the table `events` in Athena's catalog is one over the dataset: another one would answer
//! as well.

use aws_sdk_athena::{error::ProvideErrorMetadata, types::TableMetadata};

use super::{
    AthenaOptions, CATALOG,
    failure::{is_denied, problem},
    queries::Queries,
};
use crate::{
    engine::Told,
    error::{Error, Result},
};

const TABLE: &str = "events";
/// The database that the table is made in unless another is given.
const USUAL_DATABASE: &str = "ecstrail";
/// The parameter of a table that has its location.
const LOCATION: &str = "location";

/// Checks that there is a table, and that it reads the dataset. Who may not ask is told that nothing
/// was checked.
///
/// # Errors
/// [`Error::NotInS3`] if the dataset is on a disk; [`Error::Elsewhere`] if there is no table, or it
/// reads something else.
pub(super) async fn check(queries: &Queries) -> Result<()> {
    let options = &queries.options;
    let AthenaOptions { workgroup, database, home } = options;
    if !home.starts_with("s3://") {
        return Err(Error::NotInS3 { engine: "Athena", home: home.clone() });
    }
    let request = queries.client.get_table_metadata().catalog_name(CATALOG).database_name(database);
    let answer = request.table_name(TABLE).work_group(workgroup).send().await;
    let error = match answer {
        Ok(answer) => return judge(answer.table_metadata(), options),
        Err(error) => error,
    };
    if error.message().is_some_and(is_missing) {
        return Err(problem(missing(options)));
    }
    if is_denied(&error) {
        queries.tell(Told::Note(format!(
            "whether the table {database}.{TABLE} in Athena reads the dataset at {home} was not checked, since \
             athena:GetTableMetadata or glue:GetTable is not allowed"
        )));
        return Ok(());
    }
    Err(queries.request("athena:GetTableMetadata").failed(&error))
}

fn is_missing(message: &str) -> bool {
    message.contains("EntityNotFound") || message.contains("Entity Not Found")
}

fn missing(options: &AthenaOptions) -> String {
    let AthenaOptions { database, home, .. } = options;
    let other =
        if database == USUAL_DATABASE { String::new() } else { format!(" --database {database}") };
    format!(
        "there is no table {database}.{TABLE} yet: run the statements of `ecstrail describe table --engine \
         athena --dataset {home}{other}` in Athena once"
    )
}

fn judge(table: Option<&TableMetadata>, options: &AthenaOptions) -> Result<()> {
    let AthenaOptions { database, home, .. } = options;
    let location = table.and_then(|table| table.parameters()?.get(LOCATION));
    let Some(location) = location.map(|location| location.trim_end_matches('/')) else {
        return Ok(());
    };
    let home = home.trim_end_matches('/');
    let (found, expected) = (path(location), path(home));
    if found == expected || found.strip_suffix("/events") == Some(expected) {
        return Ok(());
    }
    Err(problem(format!(
        "the table {database}.{TABLE} in Athena reads {location}, and the dataset is at {home}: give --location \
         {location} if that is a copy, or name another database, as in --engine athena:{}/DATABASE",
        options.workgroup
    )))
}

/// The bucket and the path in it: Hadoop has several names for the scheme.
fn path(location: &str) -> &str {
    let path =
        ["s3://", "s3a://", "s3n://"].iter().find_map(|scheme| location.strip_prefix(scheme));
    path.unwrap_or(location)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options(database: &str, home: &str) -> AthenaOptions {
        let (database, home) = (database.to_owned(), home.to_owned());
        AthenaOptions { workgroup: "primary".to_owned(), database, home }
    }

    #[test]
    fn a_table_reads_the_dataset_or_something_else() {
        let judged = |location: &str, home: &str| {
            let table = TableMetadata::builder().name("events").parameters(LOCATION, location);
            judge(Some(&table.build().unwrap()), &options("ecstrail", home))
        };
        for (location, home) in [
            ("s3://bucket/home/events/", "s3://bucket/home"),
            ("s3://bucket/home/events", "s3://bucket/home/"),
            ("s3://bucket/home/", "s3://bucket/home"),
            ("s3a://bucket/events/", "s3://bucket"),
            ("s3n://bucket", "s3://bucket/"),
        ] {
            assert!(judged(location, home).is_ok(), "{location} {home}");
        }
        for (location, home) in [
            ("s3://other/home/events/", "s3://bucket/home"),
            ("s3://bucket/home/events/events/", "s3://bucket/home"),
            ("s3://bucket/", "s3://bucket/home"),
            ("s3://bucket/HOME/events", "s3://bucket/home"),
        ] {
            assert!(judged(location, home).is_err(), "{location} {home}");
        }
        let error = judged("s3://other/home/events/", "s3://bucket/home").unwrap_err();
        assert_eq!(
            error.to_string(),
            "Athena: the table ecstrail.events in Athena reads s3://other/home/events, and the dataset is at \
             s3://bucket/home: give --location s3://other/home/events if that is a copy, or name another \
             database, as in --engine athena:primary/DATABASE"
        );
        assert!(judge(None, &options("ecstrail", "s3://bucket")).is_ok());
    }

    #[test]
    fn a_missing_table_has_statements() {
        let told = missing(&options("ecstrail", "s3://bucket/home"));
        assert!(told.ends_with(
            "run the statements of `ecstrail describe table --engine athena --dataset s3://bucket/home` in Athena once"
        ));
        let told = missing(&options("audit", "s3://bucket/home"));
        assert!(told.contains("s3://bucket/home --database audit`"), "{told}");
    }
}
