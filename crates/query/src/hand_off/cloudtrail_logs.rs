//! The view `cloudtrail_logs`: the names and nesting of the Athena table that AWS documents for
//! CloudTrail, over the table `events`, so that queries written for that table run as they are
//! (<https://docs.aws.amazon.com/athena/latest/ug/create-cloudtrail-table.html>).

use ecstrail_converter::{COLUMNS, Kind};

use crate::portable::Dialect;

pub(super) const NAME: &str = "cloudtrail_logs";

pub(super) const DESCRIPTION: &str =
    "The names and nesting of the table that AWS documents for CloudTrail in Athena.";

/// A column of the view, or a field of a structure.
#[derive(Debug, Clone, Copy)]
pub(super) struct Field {
    pub(super) name: &'static str,
    pub(super) value: Value,
}

#[derive(Debug, Clone, Copy)]
pub(super) enum Value {
    /// A column of `events`, as text.
    Column(&'static str),
    /// A text in a column of JSON, by its path.
    Json(&'static str, &'static str),
    /// An object of texts in a column of JSON, by its path.
    JsonMap(&'static str, &'static str),
    Structure(&'static [Field]),
    /// A list of structures: their fields, each from a list.
    Structures(&'static [(&'static str, &'static str)]),
    /// A part of the partition's day: first character from 1, and number of characters.
    DayPart(u8, u8),
    /// The partition's day, with slashes.
    DayPath,
}

use Value::{Column, DayPart, DayPath, Json, JsonMap, Structure, Structures};

const fn field(name: &'static str, value: Value) -> Field {
    Field { name, value }
}

const USER_IDENTITY: &[Field] = &[
    field("type", Column("user_identity_type")),
    field("principalid", Column("user_identity_principal_id")),
    field("arn", Column("user_identity_arn")),
    field("accountid", Column("user_identity_account_id")),
    field("invokedby", Column("user_identity_invoked_by")),
    field("accesskeyid", Column("user_identity_access_key_id")),
    field("username", Column("user_identity_user_name")),
    field(
        "onbehalfof",
        Structure(&[
            field("userid", Column("user_identity_on_behalf_of_user_id")),
            field("identitystorearn", Column("user_identity_on_behalf_of_identity_store_arn")),
        ]),
    ),
    field(
        "sessioncontext",
        Structure(&[
            field(
                "attributes",
                Structure(&[
                    field("mfaauthenticated", Column("session_mfa_authenticated")),
                    field("creationdate", Column("session_creation_date")),
                ]),
            ),
            field(
                "sessionissuer",
                Structure(&[
                    field("type", Column("session_issuer_type")),
                    field("principalid", Column("session_issuer_principal_id")),
                    field("arn", Column("session_issuer_arn")),
                    field("accountid", Column("session_issuer_account_id")),
                    field("username", Column("session_issuer_user_name")),
                ]),
            ),
            field("ec2roledelivery", Column("session_ec2_role_delivery")),
            field(
                "webidfederationdata",
                Structure(&[
                    field("federatedprovider", Column("web_id_federation_provider")),
                    field(
                        "attributes",
                        JsonMap("user_identity", "$.sessionContext.webIdFederationData.attributes"),
                    ),
                ]),
            ),
        ]),
    ),
];

/// The columns of AWS's table, then those by which its variants are partitioned, then ours.
pub(super) const FIELDS: &[Field] = &[
    field("eventversion", Column("event_version")),
    field("useridentity", Structure(USER_IDENTITY)),
    field("eventtime", Column("event_time")),
    field("eventsource", Column("event_source")),
    field("eventname", Column("event_name")),
    field("awsregion", Column("aws_region")),
    field("sourceipaddress", Column("source_ip_address")),
    field("useragent", Column("user_agent")),
    field("errorcode", Column("error_code")),
    field("errormessage", Column("error_message")),
    field("requestparameters", Column("request_parameters")),
    field("responseelements", Column("response_elements")),
    field("additionaleventdata", Column("additional_event_data")),
    field("requestid", Column("request_id")),
    field("eventid", Column("event_id")),
    field(
        "resources",
        Structures(&[
            ("arn", "resource_arns"),
            ("accountid", "resource_account_ids"),
            ("type", "resource_types"),
        ]),
    ),
    field("eventtype", Column("event_type")),
    field("apiversion", Column("api_version")),
    field("readonly", Column("read_only")),
    field("recipientaccountid", Column("recipient_account_id")),
    field("serviceeventdetails", Column("service_event_details")),
    field("sharedeventid", Column("shared_event_id")),
    field("vpcendpointid", Column("vpc_endpoint_id")),
    field("vpcendpointaccountid", Column("vpc_endpoint_account_id")),
    field("eventcategory", Column("event_category")),
    field(
        "addendum",
        Structure(&[
            field("reason", Json("addendum", "$.reason")),
            field("updatedfields", Json("addendum", "$.updatedFields")),
            field("originalrequestid", Json("addendum", "$.originalRequestID")),
            field("originaleventid", Json("addendum", "$.originalEventID")),
        ]),
    ),
    field("sessioncredentialfromconsole", Column("session_credential_from_console")),
    field("edgedevicedetails", Column("edge_device_details")),
    field(
        "tlsdetails",
        Structure(&[
            field("tlsversion", Column("tls_version")),
            field("ciphersuite", Column("tls_cipher_suite")),
            field("clientprovidedhostheader", Column("tls_client_provided_host_header")),
        ]),
    ),
    field("account", Column("account_id")),
    field("region", Column("region")),
    field("year", DayPart(1, 4)),
    field("month", DayPart(6, 2)),
    field("day", DayPart(9, 2)),
    field("timestamp", DayPath),
    field("date", Column("date")),
];

/// Returns the statement that creates the view, in the SQL of an engine that has structures by
/// these names.
pub(super) fn statement(dialect: Dialect) -> String {
    let engine = Engine(dialect);
    let columns = FIELDS
        .iter()
        .map(|field| format!("  {} AS {}", engine.value(field.value), engine.quoted(field.name)));
    let create = match dialect {
        Dialect::Spark => "CREATE OR REPLACE TEMPORARY VIEW",
        _ => "CREATE OR REPLACE VIEW",
    };
    format!(
        "-- {DESCRIPTION}\n{create} {NAME} AS\nSELECT\n{}\nFROM events;\n",
        columns.collect::<Vec<_>>().join(",\n")
    )
}

/// What engines write differently.
#[derive(Clone, Copy)]
struct Engine(Dialect);

impl Engine {
    fn quoted(self, name: &str) -> String {
        match self.0 {
            Dialect::Spark => format!("`{name}`"),
            _ => format!("\"{name}\""),
        }
    }

    fn text_type(self) -> &'static str {
        if self.0 == Dialect::Spark { "STRING" } else { "VARCHAR" }
    }

    fn value(self, value: Value) -> String {
        let text = self.text_type();
        match value {
            Column(name) => self.column(name),
            Json(column, path) => match self.0 {
                Dialect::Spark => format!("get_json_object({column}, '{path}')"),
                Dialect::Athena => format!("json_extract_scalar({column}, '{path}')"),
                _ => format!("json_extract_string({column}, '{path}')"),
            },
            JsonMap(column, path) => match self.0 {
                Dialect::Spark => {
                    format!("from_json(get_json_object({column}, '{path}'), 'map<string,string>')")
                }
                _ => format!("CAST(json_extract({column}, '{path}') AS {})", self.map_type()),
            },
            // A structure whose fields are all NULL is not in the record.
            Structure(fields) => format!(
                "CASE WHEN {} IS NOT NULL THEN {} END",
                self.any_of(fields),
                self.structure(fields)
            ),
            Structures(fields) => self.structures(fields),
            DayPart(first, length) => {
                format!("substr(CAST(date AS {text}), {first}, {length})")
            }
            DayPath => format!("replace(CAST(date AS {text}), '-', '/')"),
        }
    }

    /// A column of `events`, as AWS's table has it.
    fn column(self, name: &str) -> String {
        let column = COLUMNS.iter().find(|column| column.name == name);
        match (column.map(|column| column.kind), self.0) {
            (Some(Kind::Boolean), _) => format!("CAST({name} AS {})", self.text_type()),
            (Some(Kind::Timestamp), Dialect::Spark) => {
                format!("date_format({name}, \"yyyy-MM-dd'T'HH:mm:ss'Z'\")")
            }
            (Some(Kind::Timestamp), Dialect::Athena) => {
                format!("date_format({name}, '%Y-%m-%dT%H:%i:%sZ')")
            }
            (Some(Kind::Timestamp), _) => {
                format!("strftime(timezone('UTC', {name}), '%Y-%m-%dT%H:%M:%SZ')")
            }
            _ => name.to_owned(),
        }
    }

    /// A text that is NULL if all fields are.
    fn any_of(self, fields: &[Field]) -> String {
        format!("coalesce({})", self.leaves(fields).join(", "))
    }

    fn leaves(self, fields: &[Field]) -> Vec<String> {
        let leaves = fields.iter().map(|field| match field.value {
            Structure(fields) => self.leaves(fields),
            JsonMap(column, path) => match self.0 {
                Dialect::Athena => vec![format!("json_format(json_extract({column}, '{path}'))")],
                _ => vec![self.value(Json(column, path))],
            },
            value => vec![self.value(value)],
        });
        leaves.flatten().collect()
    }

    fn map_type(self) -> &'static str {
        match self.0 {
            Dialect::Spark => "MAP<STRING, STRING>",
            _ => "MAP(VARCHAR, VARCHAR)",
        }
    }

    fn structure(self, fields: &[Field]) -> String {
        let values = fields.iter().map(|field| (field.name, self.value(field.value)));
        match self.0 {
            Dialect::Athena => {
                let values: Vec<_> = values.map(|(_, value)| value).collect();
                format!("CAST(ROW({}) AS {})", values.join(", "), self.row_type(fields))
            }
            _ => self.named(values),
        }
    }

    fn named(self, values: impl Iterator<Item = (&'static str, String)>) -> String {
        let (separator, [begin, end]) = match self.0 {
            Dialect::Spark => (",", ["named_struct(", ")"]),
            _ => (":", ["{", "}"]),
        };
        let values: Vec<_> =
            values.map(|(name, value)| format!("'{name}'{separator} {value}")).collect();
        format!("{begin}{}{end}", values.join(", "))
    }

    fn row_type(self, fields: &[Field]) -> String {
        let types = fields.iter().map(|field| {
            let kind = match field.value {
                Structure(fields) => self.row_type(fields),
                JsonMap(..) => self.map_type().to_owned(),
                _ => self.text_type().to_owned(),
            };
            format!("\"{}\" {kind}", field.name)
        });
        format!("ROW({})", types.collect::<Vec<_>>().join(", "))
    }

    /// Lists that belong together, side by side. Shorter ones are filled up with NULL.
    fn structures(self, fields: &[(&'static str, &'static str)]) -> String {
        let lists: Vec<_> = fields.iter().map(|(_, list)| *list).collect();
        let is_there = format!("coalesce({}) IS NOT NULL", lists.join(", "));
        let empty = match self.0 {
            Dialect::Spark => "array()",
            Dialect::Athena => "ARRAY[]",
            _ => "[]",
        };
        let lists: Vec<_> = lists.iter().map(|list| format!("coalesce({list}, {empty})")).collect();
        let lists = lists.join(", ");
        let element = |value: &dyn Fn(usize) -> String| {
            self.named(fields.iter().enumerate().map(|(at, (name, _))| (*name, value(at))))
        };
        let value = match self.0 {
            Dialect::Spark => format!(
                "transform(arrays_zip({lists}), element -> {})",
                element(&|at| format!("element.`{at}`"))
            ),
            Dialect::Athena => {
                let types: Vec<_> =
                    fields.iter().map(|(name, _)| format!("\"{name}\" VARCHAR")).collect();
                format!("CAST(zip({lists}) AS ARRAY(ROW({})))", types.join(", "))
            }
            _ => format!(
                "list_transform(list_zip({lists}), lambda element: {})",
                element(&|at| format!("element[{}]", at + 1))
            ),
        };
        format!("CASE WHEN {is_there} THEN {value} END")
    }
}
