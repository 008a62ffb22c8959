//! Every operation of Amazon ECS, column by column: what the API model says that an operation has
//! is found wherever the column table looks for it.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::{super::operation::ASSUMING_DEFAULT_CLUSTER, flatten, show};
use crate::columns::{COLUMNS, Column, Kind, Rule, column_index};

const OPERATIONS: &str = include_str!("../../../../../../data-samples/ecs_operations.json");

/// A record, and what one column of its row must be.
struct Case {
    record: String,
    column: usize,
    expected: String,
    about: String,
}

/// A source of a column that an operation has.
struct Triple<'a> {
    operation: &'a str,
    model: &'a Value,
    column: &'static Column,
    rank: usize,
}

fn operations() -> BTreeMap<String, Value> {
    serde_json::from_str(OPERATIONS).unwrap()
}

/// Returns what an operation has at a path of the column table, if that fits the column.
fn fits(model: &Value, source: &str, column: &Column) -> bool {
    let mut node = model;
    for step in source.split('.') {
        let (name, element) = step.split_once('[').map_or((step, false), |(name, _)| (name, true));
        let name = match name {
            "requestParameters" => "request",
            "responseElements" => "response",
            name => name,
        };
        let Some(next) = node.get(name) else { return false };
        node = next;
        if element {
            let Some(next) = node.get(0) else { return false };
            node = next;
        }
    }
    let word = node.as_str().unwrap_or_default();
    match (column.rule, column.kind) {
        (Rule::Commands, _) => node.get(0).is_some_and(|word| word == "string"),
        (Rule::Tags, _) => node.get("key").is_some(),
        (Rule::Revision, _) => matches!(word, "string" | "integer"),
        (_, Kind::Integer | Kind::IntegerList | Kind::Long) => matches!(word, "integer" | "long"),
        (_, Kind::Boolean) => word == "boolean",
        _ => matches!(word, "string" | "enum"),
    }
}

/// A value for a source of a column, and what the column makes of it. Values of other ranks differ.
/// With `is_bare`, what may be an ARN or a name is a name, so that no column of ARNs sees it.
fn example(column: &Column, model: &Value, rank: usize, is_bare: bool) -> (Value, String) {
    let name = format!("name{rank}");
    let arn = |resource: &str| format!("arn:aws:ecs:us-east-1:111122223333:{resource}");
    let revision = rank + 7;
    let definition = arn(&format!("task-definition/{name}:{revision}"));
    match (column.rule, column.kind) {
        (Rule::Commands, _) => (json!(["run", name]), format!("[run {name}]")),
        (Rule::Tags, _) => (json!({"key": "team", "value": name}), format!("{{team: {name}}}")),
        (Rule::Revision, _) if leaf(column.sources[rank], model) == "integer" => {
            (json!(revision), revision.to_string())
        }
        (Rule::Revision, _) if is_bare => {
            (json!(format!("{name}:{revision}")), revision.to_string())
        }
        (Rule::Revision, _) => (json!(definition), revision.to_string()),
        (Rule::Family | Rule::Cluster | Rule::Name | Rule::Service, _) if is_bare => {
            (json!(name), name)
        }
        (Rule::Ids, _) if is_bare => (json!(name), format!("[{name}]")),
        (Rule::Family, _) => (json!(definition), name),
        (Rule::Cluster, _) => (json!(arn(&format!("cluster/{name}"))), name),
        (Rule::Name | Rule::Service, _) => {
            (json!(arn(&format!("service/production/{name}"))), name)
        }
        (Rule::Ids, _) => (json!(arn(&format!("task/production/{name}"))), format!("[{name}]")),
        (Rule::Arn, _) => (json!(definition), definition),
        (Rule::Arns | Rule::AlignedArns, _) => (json!(definition), format!("[{definition}]")),
        (_, Kind::Boolean) => (json!(true), "true".to_owned()),
        (_, Kind::Integer | Kind::Long) => (json!(revision), revision.to_string()),
        (_, Kind::IntegerList) => (json!(revision), format!("[{revision}]")),
        (_, Kind::TextList) => (json!(name), format!("[{name}]")),
        _ => (json!(name), name),
    }
}

fn leaf(source: &str, model: &Value) -> String {
    let path =
        source.replace("requestParameters", "request").replace("responseElements", "response");
    let path = format!("/{}", path.replace("[]", ".0").replace('.', "/"));
    model.pointer(&path).and_then(Value::as_str).unwrap_or_default().to_owned()
}

/// Puts a value at a path of the column table.
fn put(record: &mut Value, path: &str, value: Value) {
    let mut node = record;
    for step in path.split('.') {
        let (name, filter) = step.split_once('[').map_or((step, None), |(a, b)| (a, Some(b)));
        node = node.as_object_mut().unwrap().entry(name).or_insert_with(|| json!({}));
        if let Some(filter) = filter {
            if !node.is_array() {
                *node = json!([{}]);
            }
            node = &mut node[0];
            if let Some((member, wanted)) = filter.trim_matches(['?', ']']).split_once('=') {
                node[member] = serde_json::from_str(wanted).unwrap_or_else(|_| json!(wanted));
            }
        }
    }
    *node = value;
}

/// Writes a value with the members of every object in alphabetical or in the opposite order.
fn write(value: &Value, is_reversed: bool) -> String {
    let join = |parts: Vec<String>| parts.join(",");
    match value {
        Value::Array(elements) => {
            format!("[{}]", join(elements.iter().map(|value| write(value, is_reversed)).collect()))
        }
        Value::Object(members) => {
            let mut parts: Vec<_> = members
                .iter()
                .map(|(name, value)| format!("{}:{}", json!(name), write(value, is_reversed)))
                .collect();
            if is_reversed {
                parts.reverse();
            }
            format!("{{{}}}", join(parts))
        }
        scalar => scalar.to_string(),
    }
}

fn record_of(operation: &str) -> Value {
    json!({
        "eventVersion": "1.11", "eventTime": "2026-04-27T02:18:03Z", "awsRegion": "us-east-1",
        "eventSource": "ecs.amazonaws.com", "eventName": operation,
        "requestParameters": {}, "responseElements": {},
    })
}

impl Triple<'_> {
    fn source(&self) -> &'static str {
        self.column.sources[self.rank]
    }

    fn case(&self, record: &Value, is_reversed: bool, expected: &str, about: &str) -> Case {
        Case {
            record: write(record, is_reversed),
            column: column_index(self.column.name).unwrap(),
            expected: expected.to_owned(),
            about: format!("{} {} {about}", self.operation, self.column.name),
        }
    }

    /// The source alone gives the value, in any order of members.
    fn alone(&self, cases: &mut Vec<Case>) {
        let (value, expected) = example(self.column, self.model, self.rank, false);
        let mut record = record_of(self.operation);
        put(&mut record, self.source(), value);
        for is_reversed in [false, true] {
            cases.push(self.case(&record, is_reversed, &expected, self.source()));
        }
    }

    /// This source wins over a later one, in any order of members.
    fn before(&self, later: &Self, cases: &mut Vec<Case>) {
        let (value, expected) = example(self.column, self.model, self.rank, true);
        let mut record = record_of(self.operation);
        let mut other = example(later.column, later.model, later.rank, true).0;
        if other == true {
            other = json!(false);
        }
        put(&mut record, later.source(), other);
        put(&mut record, self.source(), value);
        let about = format!("{} before {}", self.source(), later.source());
        for is_reversed in [false, true] {
            cases.push(self.case(&record, is_reversed, &expected, &about));
        }
    }

    /// A value of another type gives NULL, and stays in the column of the JSON member.
    fn wrong(&self, cases: &mut Vec<Case>) {
        let hidden = json!("HIDDEN_DUE_TO_SECURITY_REASONS");
        let expects_text =
            !matches!(self.column.kind, Kind::Boolean | Kind::Integer | Kind::IntegerList)
                && !matches!(self.column.rule, Rule::Commands | Rule::Tags);
        let mut wrongs = vec![(self.source(), json!({"x": [1.50]})), (self.source(), json!([[]]))];
        let scalar = if expects_text { json!(7.25) } else { hidden.clone() };
        wrongs.push((self.source(), scalar));
        // Some operations have a text where others have a list of them.
        let array = self.source().rsplit_once('[').map(|(array, _)| array);
        if let Some(array) = array.filter(|array| !self.column.sources.contains(array)) {
            wrongs.push((array, hidden));
        }
        for (path, value) in wrongs {
            let mut record = record_of(self.operation);
            put(&mut record, path, value);
            let is_request = path.starts_with("requestParameters");
            let is_default = self.column.rule == Rule::Cluster
                && !is_request
                && ASSUMING_DEFAULT_CLUSTER.contains(&self.operation);
            let expected = if is_default { "default" } else { "NULL" };
            cases.push(self.case(&record, false, expected, "of another type"));
            let (member, json_column) = if is_request {
                ("requestParameters", "request_parameters")
            } else {
                ("responseElements", "response_elements")
            };
            let mut kept = self.case(&record, false, &write(&record[member], false), "as JSON");
            kept.column = column_index(json_column).unwrap();
            cases.push(kept);
        }
    }
}

#[test]
fn every_column_of_every_operation() {
    let operations = operations();
    let mut cases = Vec::new();
    let mut found = BTreeSet::new();
    for (operation, model) in &operations {
        for column in COLUMNS {
            let triples: Vec<_> = (0..column.sources.len())
                .filter(|rank| fits(model, column.sources[*rank], column))
                .filter(|_| {
                    column.rule != Rule::AccountSetting || operation.contains("AccountSetting")
                })
                .map(|rank| Triple { operation, model, column, rank })
                .collect();
            for (index, triple) in triples.iter().enumerate() {
                found.insert((operation.as_str(), column.name, triple.source()));
                triple.alone(&mut cases);
                triple.wrong(&mut cases);
                for later in &triples[index + 1..] {
                    triple.before(later, &mut cases);
                }
            }
        }
    }
    let referring = found.len();
    for (operation, model) in &operations {
        derived(operation, model, &mut found, &mut cases);
    }

    let records: Vec<_> = cases.iter().map(|case| case.record.as_str()).collect();
    let batch = flatten(&records);
    for (row, case) in cases.iter().enumerate() {
        assert_eq!(
            show(&batch, case.column, row),
            case.expected,
            "{}\n{}",
            case.about,
            case.record
        );
    }
    println!(
        "{} (operation, column, source) triples checked, {} of them by way of another column, \
         with {} records",
        found.len(),
        found.len() - referring,
        cases.len()
    );

    let missing: Vec<_> = operations
        .iter()
        .flat_map(|(operation, model)| {
            let columns = model["columns"].as_object().unwrap();
            columns.iter().flat_map(move |(column, sources)| {
                let sources = sources.as_array().unwrap().iter();
                sources.map(move |source| {
                    (operation.as_str(), column.as_str(), source.as_str().unwrap())
                })
            })
        })
        .filter(|triple| !found.contains(triple))
        .collect();
    assert!(missing.is_empty(), "the model has, and the table does not: {missing:#?}");
}

/// What another column holds gives the value too: the source of that column stands alone.
fn derived<'a>(
    operation: &'a str,
    model: &'a Value,
    found: &mut BTreeSet<(&'a str, &'static str, &'static str)>,
    cases: &mut Vec<Case>,
) {
    for column in COLUMNS {
        for source in column.sources {
            let Some(other) = source.strip_prefix('@') else { continue };
            let other = &COLUMNS[column_index(other).unwrap()];
            let Some(rank) =
                (0..other.sources.len()).find(|rank| fits(model, other.sources[*rank], other))
            else {
                continue;
            };
            let resource = match other.name {
                "cluster_arn" => "cluster/production",
                "task_definition_arn" => "task-definition/checkout:7",
                "service_arn" => "service/production/checkout",
                "task_arns" => "task/production/checkout",
                "container_instance_arns" => "container-instance/production/checkout",
                "daemon_arn" => "daemon/checkout",
                "task_set_arn" => "task-set/production/checkout/7",
                "service_deployment_arn" => "service-deployment/production/checkout/7",
                _ => continue,
            };
            let expected = match column.name {
                "cluster_name" => "production",
                "task_definition_revision" => "7",
                "task_ids" | "container_instance_ids" => "[checkout]",
                _ => "checkout",
            };
            let arn = format!("arn:aws:ecs:us-east-1:111122223333:{resource}");
            let mut record = record_of(operation);
            put(&mut record, other.sources[rank], json!(arn));
            let triple = Triple { operation, model, column, rank: 0 };
            found.insert((operation, column.name, source));
            cases.push(triple.case(&record, false, expected, source));
        }
    }
}

#[test]
fn an_operation_that_no_model_has_feeds_its_columns_too() {
    let mut record = record_of("CreateServiceOfTomorrow");
    put(&mut record, "requestParameters.cluster", json!("production"));
    put(&mut record, "requestParameters.novelty.of.tomorrow", json!([1]));
    put(&mut record, "responseElements.service.serviceName", json!("checkout"));
    record
        .as_object_mut()
        .unwrap()
        .append(&mut Map::from_iter([("memberOfTomorrow".to_owned(), json!({"a": 1}))]));
    let batch = flatten(&[&write(&record, false)]);
    for (column, expected) in [
        ("cluster_name", "production"),
        ("service_name", "checkout"),
        ("request_parameters", r#"{"cluster":"production","novelty":{"of":{"tomorrow":[1]}}}"#),
        ("unmapped", r#"{"memberOfTomorrow":{"a":1}}"#),
    ] {
        assert_eq!(show(&batch, column_index(column).unwrap(), 0), expected, "{column}");
    }
}

#[test]
fn what_reads_and_what_writes_is_what_the_model_says() {
    let operations = operations();
    let records: Vec<_> = operations.keys().map(|name| write(&record_of(name), false)).collect();
    let batch = flatten(&records.iter().map(String::as_str).collect::<Vec<_>>());
    let column = column_index("is_write").unwrap();
    for (row, (name, model)) in operations.iter().enumerate() {
        let is_write = !model["readonly"].as_bool().unwrap();
        assert_eq!(show(&batch, column, row), is_write.to_string(), "{name}");
    }
}

#[test]
fn the_default_cluster_is_that_of_operations_that_take_one() {
    // Without a cluster the others are about the account, or need one.
    let is_about_a_cluster = |name: &str| {
        let is_about_something_else = name.contains("CapacityProvider") || name.contains("Gateway");
        !is_about_something_else
            || matches!(name, "PutClusterCapacityProviders" | "CreateExpressGatewayService")
    };
    for (name, model) in operations() {
        let takes_one = ["cluster", "clusters", "clusterName"]
            .iter()
            .any(|member| model["request"].get(member).is_some());
        let expected = takes_one && is_about_a_cluster(&name);
        assert_eq!(ASSUMING_DEFAULT_CLUSTER.contains(&name.as_str()), expected, "{name}");
    }
}
