//! JSON as text, its members in the order written: payloads nest by copying finished text.

use std::fmt::Write;

/// The text of one JSON value.
#[derive(Clone)]
pub(crate) struct Json(String);

impl Json {
    pub(crate) fn null() -> Self {
        Self("null".to_owned())
    }

    /// Takes text that is JSON already, such as `0.0`, which an integer could not spell.
    pub(crate) fn verbatim(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    pub(crate) fn text(&self) -> &str {
        &self.0
    }
}

/// What can stand as a value; an absent one leaves its member out.
pub(crate) trait Render {
    fn render(&self, out: &mut String);

    fn is_absent(&self) -> bool {
        false
    }
}

impl Render for Json {
    fn render(&self, out: &mut String) {
        out.push_str(&self.0);
    }
}

impl Render for str {
    fn render(&self, out: &mut String) {
        out.push('"');
        if self.bytes().all(|byte| byte >= 0x20 && byte != b'"' && byte != b'\\') {
            out.push_str(self);
        } else {
            self.chars().for_each(|character| match character {
                '"' => out.push_str("\\\""),
                '\\' => out.push_str("\\\\"),
                '\n' => out.push_str("\\n"),
                other => out.push(other),
            });
        }
        out.push('"');
    }
}

impl Render for String {
    fn render(&self, out: &mut String) {
        self.as_str().render(out);
    }
}

impl Render for bool {
    fn render(&self, out: &mut String) {
        out.push_str(if *self { "true" } else { "false" });
    }
}

macro_rules! render_numbers {
    ($($number:ty),*) => {
        $(impl Render for $number {
            fn render(&self, out: &mut String) {
                write!(out, "{self}").expect("writing to a string cannot fail");
            }
        })*
    };
}
render_numbers!(i64, u64, i32, u32, usize);

impl<T: Render + ?Sized> Render for &T {
    fn render(&self, out: &mut String) {
        (**self).render(out);
    }

    fn is_absent(&self) -> bool {
        (**self).is_absent()
    }
}

impl<T: Render> Render for Option<T> {
    fn render(&self, out: &mut String) {
        match self {
            Some(value) => value.render(out),
            None => out.push_str("null"),
        }
    }

    fn is_absent(&self) -> bool {
        self.is_none()
    }
}

impl<T: Render> Render for [T] {
    fn render(&self, out: &mut String) {
        out.push('[');
        for (position, value) in self.iter().enumerate() {
            if position > 0 {
                out.push(',');
            }
            value.render(out);
        }
        out.push(']');
    }
}

impl<T: Render, const N: usize> Render for [T; N] {
    fn render(&self, out: &mut String) {
        self.as_slice().render(out);
    }
}

impl<T: Render> Render for Vec<T> {
    fn render(&self, out: &mut String) {
        self.as_slice().render(out);
    }
}

/// An object while it is written.
pub(crate) struct Object(String);

impl Object {
    pub(crate) fn new() -> Self {
        let mut text = String::with_capacity(256);
        text.push('{');
        Self(text)
    }

    /// Adds a member, or nothing if the value is absent.
    pub(crate) fn member(&mut self, name: &str, value: &(impl Render + ?Sized)) -> &mut Self {
        if !value.is_absent() {
            if self.0.len() > 1 {
                self.0.push(',');
            }
            name.render(&mut self.0);
            self.0.push(':');
            value.render(&mut self.0);
        }
        self
    }

    pub(crate) fn end(mut self) -> Json {
        self.0.push('}');
        Json(self.0)
    }
}

/// Writes an object, members in this order; absent values leave their members out.
macro_rules! object {
    ($($name:literal : $value:expr),+ $(,)?) => {{
        let mut object = $crate::json::Object::new();
        $(object.member($name, &$value);)+
        object.end()
    }};
}
pub(crate) use object;
