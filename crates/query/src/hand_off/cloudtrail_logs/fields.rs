//! The columns of the view, in the order and nesting of AWS's table, and where each value comes from.

/// A column of the view, or a field of a structure.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Field {
    pub(crate) name: &'static str,
    pub(crate) value: Value,
}

#[derive(Debug, Clone, Copy)]
pub(crate) enum Value {
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
pub(crate) const FIELDS: &[Field] = &[
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
