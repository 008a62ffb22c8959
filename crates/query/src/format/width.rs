//! How wide a text is on a terminal.

use std::borrow::Cow;

use unicode_width::UnicodeWidthChar;

/// What stands for the rest of a text that was cut.
const MARK: char = '…';

/// Returns the columns that a text takes. Most terminals place character after character, so that
/// is what is summed up; where one draws several as one, there is room left.
pub(crate) fn width(text: &str) -> usize {
    text.chars().map(character_width).sum()
}

/// Cuts what is wider than `widest` columns.
pub(crate) fn cut(text: &str, widest: usize) -> Cow<'_, str> {
    if width(text) <= widest {
        return Cow::Borrowed(text);
    }
    let mut room = widest.saturating_sub(1);
    let kept = text.chars().take_while(|character| {
        let rest = room.checked_sub(character_width(*character));
        room = rest.unwrap_or_default();
        rest.is_some()
    });
    Cow::Owned(kept.chain([MARK]).collect())
}

fn character_width(character: char) -> usize {
    character.width().unwrap_or_default()
}
