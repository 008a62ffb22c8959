//! JSON judged by its tokens, written apart from the crate's own reader of JSON: numbers by their
//! spelling, texts by their UTF-16 code units (so that a lone surrogate counts), objects whatever
//! the order of their members, with every member that stands twice.

/// A JSON value.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Tree {
    Word(String),
    Text(Vec<u16>),
    Array(Vec<Tree>),
    Object(Vec<(Vec<u16>, Tree)>),
}

/// Parses one value, with nothing behind it.
pub(super) fn parse(text: &str) -> Tree {
    let mut reader = Reader { bytes: text.as_bytes(), at: 0 };
    let tree = reader.value();
    reader.white_space();
    assert_eq!(reader.at, text.len(), "something follows the value");
    tree
}

/// Returns the elements of the array `Records`.
pub(super) fn records(text: &str) -> Vec<Tree> {
    match parse(text) {
        Tree::Object(members) => match members.into_iter().next() {
            Some((_, Tree::Array(records))) => records,
            other => panic!("no array of records: {other:?}"),
        },
        other => panic!("no object: {other:?}"),
    }
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Reader<'_> {
    fn white_space(&mut self) {
        while self.at < self.bytes.len() && b" \t\r\n".contains(&self.bytes[self.at]) {
            self.at += 1;
        }
    }

    fn eat(&mut self, byte: u8) -> bool {
        self.white_space();
        let is_here = self.bytes.get(self.at) == Some(&byte);
        self.at += usize::from(is_here);
        is_here
    }

    fn value(&mut self) -> Tree {
        if self.eat(b'{') {
            let mut members = Vec::new();
            while !self.eat(b'}') {
                assert!(members.is_empty() || self.eat(b','));
                assert!(self.eat(b'"'));
                let name = self.text();
                assert!(self.eat(b':'));
                members.push((name, self.value()));
            }
            members.sort();
            Tree::Object(members)
        } else if self.eat(b'[') {
            let mut elements = Vec::new();
            while !self.eat(b']') {
                assert!(elements.is_empty() || self.eat(b','));
                elements.push(self.value());
            }
            Tree::Array(elements)
        } else if self.eat(b'"') {
            Tree::Text(self.text())
        } else {
            let start = self.at;
            while self.at < self.bytes.len() && !b",]} \t\r\n".contains(&self.bytes[self.at]) {
                self.at += 1;
            }
            assert!(self.at > start, "a value is missing at {start}");
            Tree::Word(String::from_utf8(self.bytes[start..self.at].to_vec()).unwrap())
        }
    }

    /// Reads a text after its opening quote.
    fn text(&mut self) -> Vec<u16> {
        let mut bytes = Vec::new();
        let mut units = Vec::new();
        loop {
            let byte = self.bytes[self.at];
            self.at += 1;
            if byte != b'"' && byte != b'\\' {
                bytes.push(byte);
                continue;
            }
            units.extend(std::str::from_utf8(&bytes).unwrap().encode_utf16());
            bytes.clear();
            if byte == b'"' {
                return units;
            }
            let escape = self.bytes[self.at];
            self.at += 1;
            units.push(match escape {
                b'b' => 8,
                b'f' => 12,
                b'n' => 10,
                b'r' => 13,
                b't' => 9,
                b'u' => {
                    let digits = std::str::from_utf8(&self.bytes[self.at..self.at + 4]).unwrap();
                    self.at += 4;
                    u16::from_str_radix(digits, 16).unwrap()
                }
                other => other.into(),
            });
        }
    }
}

#[test]
fn what_counts_and_what_does_not() {
    for (one, other, is_equal) in [
        (r#"{"a":1,"b":[2,"x"]}"#, r#" { "b" : [ 2 , "\u0078" ] , "a" : 1 } "#, true),
        ("1", "1.0", false),
        ("1e999", "1e999", true),
        (r#""\ud800""#, r#""\ufffd""#, false),
        (r#""\ud83e\udd16""#, r#""🤖""#, true),
        (r#"{"a":1,"a":2}"#, r#"{"a":2}"#, false),
        (r#"{"a":null}"#, "{}", false),
        ("[1,2]", "[2,1]", false),
        ("true", r#""true""#, false),
    ] {
        assert_eq!(parse(one) == parse(other), is_equal, "{one} {other}");
    }
}
