//! What is said of a server's answer that is an error: its code, its message and the id of the
//! request. Of the rest nothing: S3 repeats session tokens and signed requests in it.
//!
//! Members of an error: <https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html>.

use std::borrow::Cow;

/// What stands before an answer in the errors of the store, and whether a status is between them.
const MARKS: [(&str, bool); 2] =
    [("Server returned non-2xx status code: ", true), ("Server returned error response: ", false)];
/// A longer word is not one: it may be a token or a signature.
const LONGEST_WORD: usize = 64;
const LONGEST_MESSAGE: usize = 300;

/// Returns the text of an error without the answer that it ends with.
pub fn without_answer(text: &str) -> Cow<'_, str> {
    let found = MARKS.iter().find_map(|(mark, has_status)| {
        let start = text.find(mark)? + mark.len();
        let rest = &text[start..];
        let status =
            if *has_status { rest.find(": ").map_or(rest.len(), |end| end + 2) } else { 0 };
        Some((start + status.min(rest.len()), &rest[status.min(rest.len())..]))
    });
    let Some((start, answer)) = found.filter(|(_, answer)| !answer.is_empty()) else {
        return Cow::Borrowed(text);
    };
    Cow::Owned(format!("{}{}", &text[..start], summary(answer)))
}

/// Returns code, message and request id of an answer.
fn summary(answer: &str) -> String {
    let is_code = |text: &&str| is_short_word(text);
    let code = member(answer, "Code").filter(is_code);
    let message = member(answer, "Message")
        .filter(|text| text.len() <= LONGEST_MESSAGE && text.split_whitespace().all(is_short));
    let request = member(answer, "RequestId").filter(is_code);
    let mut parts: Vec<String> = [code, message].into_iter().flatten().map(str::to_owned).collect();
    parts.extend(request.map(|request| format!("request id {request}")));
    if parts.is_empty() { "response not shown".to_owned() } else { parts.join(", ") }
}

/// Returns the text of the first element of a name, if there are no elements in it.
fn member<'a>(answer: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = answer.split_once(&format!("<{name}>"))?;
    let (text, rest) = rest.split_once('<')?;
    rest.starts_with(&format!("/{name}>")).then_some(text.trim()).filter(|text| !text.is_empty())
}

fn is_short(word: &str) -> bool {
    word.len() <= LONGEST_WORD
}

fn is_short_word(text: &str) -> bool {
    is_short(text)
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-_/+=".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_code_message_and_request_id_are_told() {
        let canary = "IQoJb3JpZ2luX2VjEXAMPLETOKEN".repeat(8);
        let answered = "Server returned non-2xx status code: 400 Bad Request: ";
        for (answer, expected) in [
            (
                format!(
                    "<?xml version=\"1.0\"?><Error><Code>ExpiredToken</Code><Message>The provided token has expired.</Message><Token-0>{canary}</Token-0><RequestId>4442587FB7D0A2F9</RequestId></Error>"
                ),
                "ExpiredToken, The provided token has expired., request id 4442587FB7D0A2F9",
            ),
            (
                format!(
                    "<Error><Code>SignatureDoesNotMatch</Code><Message>Check your key</Message><CanonicalRequest>x-amz-security-token:{canary}</CanonicalRequest></Error>"
                ),
                "SignatureDoesNotMatch, Check your key",
            ),
            (format!("<Error><Code>{canary}</Code></Error>"), "response not shown"),
            (format!("<Error><Code>Odd</Code><Message>token {canary}</Message></Error>"), "Odd"),
            (format!("{{\"token\":\"{canary}\"}}"), "response not shown"),
            (format!("<html>{canary}</html>"), "response not shown"),
        ] {
            let text =
                format!("Generic S3 error: Error performing GET x in 1ms - {answered}{answer}");
            let told = without_answer(&text);
            assert!(told.ends_with(expected), "{told}");
            assert!(told.contains("400 Bad Request"), "{told}");
            assert!(!told.contains("EXAMPLETOKEN"), "{told}");
            let text = format!("Server returned error response: {answer}");
            assert!(!without_answer(&text).contains("EXAMPLETOKEN"));
        }
        for text in [
            "cannot read s3://bucket",
            "Server returned non-2xx status code: 404 Not Found: ",
            "Server returned non-2xx status code: 404 Not Found",
            "",
        ] {
            assert_eq!(without_answer(text), text);
        }
    }
}
