//! Messages, byte by byte. A field begins with its number times 8, plus 0 for a number and 2 for what begins
//! with its length.

use super::*;

/// A field that begins with its length.
fn field(number: u8, content: &[u8]) -> Vec<u8> {
    let length = u8::try_from(content.len()).unwrap();
    assert!(number < 16 && length < 128);
    [&[number << 3 | 2, length], content].concat()
}

#[test]
fn a_query_and_its_values() {
    let value = Literal { value: Some(Value::Long(7)) };
    let arguments = [("n".to_owned(), value)].into_iter().collect();
    let request = ExecutePlanRequest {
        session_id: "s".to_owned(),
        user_context: UserContext { user_id: "u".to_owned() },
        plan: Plan::of(Sql { query: "q".to_owned(), arguments }),
        client_type: "c".to_owned(),
        operation_id: "o".to_owned(),
        tags: vec!["t".to_owned()],
    };
    let argument = [field(1, b"n"), field(2, &[7 << 3, 7])].concat();
    let sql = [field(1, b"q"), field(2, &argument)].concat();
    // Plan.root, then Relation.sql.
    let plan = field(1, &field(10, &sql));
    let expected = [
        field(1, b"s"),
        field(2, &field(1, b"u")),
        field(3, &plan),
        field(4, b"c"),
        field(6, b"o"),
        field(7, b"t"),
    ];
    assert_eq!(request.encode_to_vec(), expected.concat());
}

#[test]
fn a_view_over_files() {
    let data_source =
        DataSource { format: "f".to_owned(), schema: "s".to_owned(), paths: vec!["p".to_owned()] };
    let input = Relation { rows: Some(Rows::Read(Read { data_source })) };
    let create_view = CreateView { input, name: "v".to_owned(), replace: true };
    let plan = Plan { operation: Some(Operation::Command(Command { create_view })) };
    let source = [field(1, b"f"), field(2, b"s"), field(4, b"p")].concat();
    // Relation.read, then Read.data_source.
    let input = field(2, &field(2, &source));
    let view = [field(1, &input), field(2, b"v"), vec![4 << 3, 1]].concat();
    // Plan.command, then Command.create_dataframe_view.
    assert_eq!(plan.encode_to_vec(), field(2, &field(3, &view)));
}

#[test]
fn what_is_given_up() {
    let request = InterruptRequest {
        session_id: "s".to_owned(),
        user_context: UserContext::default(),
        client_type: String::new(),
        interrupt_type: InterruptType::Operation.into(),
        interrupted: Some(Interrupted::Operation("o".to_owned())),
    };
    let expected = [field(1, b"s"), field(2, b""), vec![4 << 3, 3], field(6, b"o")];
    assert_eq!(request.encode_to_vec(), expected.concat());
}

#[test]
fn unknown_fields_are_passed_over() {
    // Metrics, an id, and a batch that says besides which part of one it is.
    let batch = [vec![1 << 3, 2], field(2, b"data"), vec![3 << 3, 0, 4 << 3, 9]].concat();
    let bytes = [field(4, b""), field(12, b"id"), field(2, &batch)].concat();
    let response = ExecutePlanResponse::decode(bytes.as_slice()).unwrap();
    let batch = ArrowBatch { row_count: 2, data: b"data".as_slice().into(), start_offset: Some(0) };
    assert_eq!(response.response, Some(Response::ArrowBatch(batch)));
}
