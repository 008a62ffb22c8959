use super::*;

#[tokio::test]
async fn the_text_of_a_cell_is_text() {
    let cases = [
        ("a|b", "a\\|b"),
        ("a\\|b", "a\\\\\\|b"),
        ("end\\", "end\\\\"),
        ("[text](https://example.com)", "\\[text\\](https:<!-- -->//example.com)"),
        ("![image](x.png)", "!\\[image\\](x.png)"),
        ("<https://example.com>", "\\<https:<!-- -->//example.com\\>"),
        ("see WWW.example.com", "see WWW<!-- -->.example.com"),
        ("arrow.example.com", "arrow.example.com"),
        ("Admin/jo@example.com", "Admin/jo@<!-- -->example.com"),
        ("@octocat", "@<!-- -->octocat"),
        ("fixes #1", "fixes #<!-- -->1"),
        ("<script>alert(1)</script>", "\\<script\\>alert(1)\\</script\\>"),
        ("<!-- x -->", "\\<!-- x --\\>"),
        ("&lt;b&#124;", "\\&lt;b\\&#<!-- -->124;"),
        ("*a* **b** ~~c~~", "\\*a\\* \\*\\*b\\*\\* \\~\\~c\\~\\~"),
        ("_a_ event_name __b__", "\\_a\\_ event_name \\_\\_b\\_\\_"),
        ("`code` ``more``", "\\`code\\` \\`\\`more\\`\\`"),
        ("$x$", "\\$x\\$"),
        ("one\ntwo\r\nthree\rfour", "one<br>two<br>three<br>four"),
        ("\u{1b}[31m\u{202e}\0", "\\\\u{1b}\\[31m\\\\u{202e}\\\\u{0}"),
        ("# title", "#<!-- --> title"),
        ("arn:aws:ecs:us-east-1:1:task/a", "arn:aws:ecs:us-east-1:1:task/a"),
    ];
    for (value, expected) in cases {
        let rows = batch(vec![(value, texts(&[value]))]);
        let expected = format!("| {expected} |\n| --- |\n| {expected} |\n");
        assert_eq!(one(Format::Markdown, rows).await, expected);
    }
}
