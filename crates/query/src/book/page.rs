//! A book as one HTML page. It needs no network, and no script to be read: the script only sorts and
//! filters tables. Its policy allows this style and this script by their hashes, and nothing else.

use std::{fmt::Write as _, io};

use arrow::error::ArrowError;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};

use super::{Book, Chapter};
use crate::format::markup;

mod cell;
mod chapter;
mod dataset;
mod overview;
mod table;

const STYLE: &str = include_str!("page/page.css");
const SCRIPT: &str = include_str!("page/page.js");

/// Writes the page.
pub(super) fn write(book: &Book, out: &mut dyn io::Write) -> Result<(), ArrowError> {
    let mut html = String::new();
    push_head(&mut html, &book.title);
    overview::push(&mut html, book);
    out.write_all(html.as_bytes())?;
    for (index, chapter) in book.chapters.iter().enumerate() {
        html.clear();
        chapter::push(&mut html, chapter, &id(chapter, index))?;
        out.write_all(html.as_bytes())?;
    }
    html.clear();
    if book.chapters.len() < 2 {
        dataset::push(&mut html, &book.dataset);
    }
    push_foot(&mut html, book);
    out.write_all(html.as_bytes())?;
    Ok(())
}

fn push_head(html: &mut String, title: &str) {
    let _ = write!(
        html,
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"{}\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"referrer\" content=\"no-referrer\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n\
         <title>{}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n\
         <a class=\"skip\" href=\"#content\">Skip to the content</a>\n",
        policy(),
        markup::line(title)
    );
}

fn push_foot(html: &mut String, book: &Book) {
    let _ = write!(
        html,
        "</main>\n<footer>\n<p>Values come from log files and are shown as text. \
         <span class=\"u\">\\u{{…}}</span> stands for a character that would not be visible or would change \
         the direction of text, <span class=\"z\"></span> for no value (NULL). Days and times are UTC.</p>\n\
         <p>Made by ecstrail {} on {}.</p>\n</footer>\n<script>{SCRIPT}</script>\n</body>\n</html>\n",
        markup::line(&book.version),
        instant(book.made_at)
    );
}

fn policy() -> String {
    format!(
        "default-src 'none'; style-src '{}'; script-src '{}'; base-uri 'none'; form-action 'none'",
        hash(STYLE),
        hash(SCRIPT)
    )
}

/// The source expression of an inline style or script.
fn hash(content: &str) -> String {
    format!("sha256-{}", STANDARD.encode(Sha256::digest(content)))
}

/// The id of a chapter's section. Only names that are plain words become part of it.
fn id(chapter: &Chapter, index: usize) -> String {
    let is_plain = |name: &&String| {
        name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
    };
    match chapter.name.as_ref().filter(is_plain) {
        Some(name) => format!("report-{name}"),
        None => format!("part-{}", index + 1),
    }
}

/// Writes an instant for people.
fn instant(instant: DateTime<Utc>) -> String {
    instant.format("%Y-%m-%d %H:%M UTC").to_string()
}

/// Appends prose of ours and of reports: what stands between backticks is code, and values in it are
/// isolated from the direction of the text around them.
fn push_prose(html: &mut String, prose: &str) {
    html.push_str("<bdi>");
    let mut pieces = prose.split('`').peekable();
    let mut is_code = false;
    while let Some(piece) = pieces.next() {
        // A backtick without a second one is only a backtick.
        if is_code && pieces.peek().is_none() {
            html.push('`');
            markup::push_line(html, piece);
        } else if is_code {
            html.push_str("<code>");
            markup::push_line(html, piece);
            html.push_str("</code>");
        } else {
            markup::push_line(html, piece);
        }
        is_code = !is_code;
    }
    html.push_str("</bdi>");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_policy_allows_exactly_what_the_page_has() {
        let mut html = String::new();
        push_head(&mut html, "a</title><script>alert(1)</script>");
        let style = html.split_once("<style>").unwrap().1.split_once("</style>").unwrap().0;
        assert!(policy().contains(&format!("style-src '{}'", hash(style))));
        assert!(
            html.contains("<title>a&lt;/title&gt;&lt;script&gt;alert(1)&lt;/script&gt;</title>")
        );
        for content in [STYLE, SCRIPT] {
            assert!(!content.contains("</"), "an end tag would end the element");
            assert!(!content.contains("url("), "the page needs nothing else");
        }
        // By another program: printf abc | openssl dgst -sha256 -binary | base64
        assert_eq!(hash("abc"), "sha256-ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=");
    }

    #[test]
    fn prose_has_code_and_no_markup() {
        for (prose, expected) in [
            ("a `b` c", "<bdi>a <code>b</code> c</bdi>"),
            ("a `b", "<bdi>a `b</bdi>"),
            ("`<b>`", "<bdi><code>&lt;b&gt;</code></bdi>"),
        ] {
            let mut html = String::new();
            push_prose(&mut html, prose);
            assert_eq!(html, expected);
        }
    }
}
