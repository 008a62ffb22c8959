//! Brackets outside of strings, found 64 bytes at a time.

use wide::u8x64;

use super::{End, string_end};

/// The brackets that are open, and how deep they have been.
#[derive(Debug, Default)]
pub(crate) struct Brackets {
    open: Vec<u8>,
    /// The highest number of brackets open at once; the reader resets it.
    pub(crate) deepest: usize,
    /// Where brackets did not match.
    pub(crate) broken_at: usize,
}

impl Brackets {
    /// Finds the end of the container that starts at `at`.
    pub(super) fn container_end(&mut self, text: &[u8], at: usize) -> End {
        self.open.clear();
        let end = find_bracket(text, at, |bracket, at| match bracket {
            b'{' | b'[' => {
                self.open.push(if bracket == b'{' { b'}' } else { b']' });
                self.deepest = self.deepest.max(self.open.len());
                None
            }
            _ if self.open.pop() != Some(bracket) => {
                self.broken_at = at + 1;
                Some(End::Broken)
            }
            _ => self.open.is_empty().then_some(End::At(at + 1)),
        });
        end.unwrap_or(End::Missing)
    }
}

/// Returns where the container at `at` ends, in text that has been checked.
pub(super) fn skip_container(text: &[u8], at: usize) -> usize {
    let mut depth = 0_usize;
    let end = find_bracket(text, at, |bracket, at| {
        match bracket {
            b'{' | b'[' => depth += 1,
            _ => depth -= 1,
        }
        (depth == 0).then_some(at + 1)
    });
    end.unwrap_or(text.len())
}

/// Calls `found` with each bracket outside of strings and its position, beginning at `at`, which is
/// outside of strings, until it returns something; `None` if the text ends first.
#[inline]
fn find_bracket<T>(
    text: &[u8],
    mut at: usize,
    mut found: impl FnMut(u8, usize) -> Option<T>,
) -> Option<T> {
    let mut is_in_string = false;
    loop {
        let block = Block::at(text, at)?;
        let end = at + Block::BYTES;
        if block.backslashes != 0 {
            // Which quotes are escaped, only a look at each byte can tell.
            if std::mem::take(&mut is_in_string) {
                at = string_end(text, at)?;
            }
            while at < end {
                let byte = *text.get(at)?;
                if byte == b'"' {
                    at = string_end(text, at + 1)?;
                    continue;
                }
                if is_bracket(byte)
                    && let Some(result) = found(byte, at)
                {
                    return Some(result);
                }
                at += 1;
            }
            continue;
        }
        let strings = block.strings(is_in_string);
        let mut brackets = block.brackets & !strings;
        while brackets != 0 {
            let position = at + brackets.trailing_zeros() as usize;
            if let Some(result) = found(text[position], position) {
                return Some(result);
            }
            brackets &= brackets - 1;
        }
        is_in_string = strings >> (Block::BYTES - 1) == 1;
        at = end;
    }
}

fn is_bracket(byte: u8) -> bool {
    matches!(byte, b'{' | b'[' | b'}' | b']')
}

/// What stands where in 64 bytes; bit 0 is the first of them.
struct Block {
    quotes: u64,
    backslashes: u64,
    brackets: u64,
}

impl Block {
    const BYTES: usize = 64;
    /// The bit in which square brackets differ from braces.
    const BRACE: u8 = 0x20;

    /// Looks at the bytes from `at` on, as if white space followed the text; `None` at its end.
    #[inline]
    fn at(text: &[u8], at: usize) -> Option<Self> {
        let rest = text.get(at..).filter(|rest| !rest.is_empty())?;
        let bytes = rest.first_chunk().copied().unwrap_or_else(|| {
            let mut bytes = [b' '; Self::BYTES];
            bytes[..rest.len()].copy_from_slice(rest);
            bytes
        });
        let bytes = u8x64::from(bytes);
        let braces = bytes | u8x64::splat(Self::BRACE);
        let brackets = braces.simd_eq(u8x64::splat(b'{')) | braces.simd_eq(u8x64::splat(b'}'));
        Some(Self {
            quotes: bytes.simd_eq(u8x64::splat(b'"')).to_bitmask(),
            backslashes: bytes.simd_eq(u8x64::splat(b'\\')).to_bitmask(),
            brackets: brackets.to_bitmask(),
        })
    }

    /// Returns which bytes are those of strings, if no quote is escaped: a bit is the parity of the
    /// quotes up to it.
    #[inline]
    fn strings(&self, begins_in_string: bool) -> u64 {
        let mut parity = self.quotes;
        for shift in [1, 2, 4, 8, 16, 32] {
            parity ^= parity << shift;
        }
        if begins_in_string { !parity } else { parity }
    }
}

#[cfg(test)]
mod tests {
    use proptest::{collection::vec, prelude::*};

    use super::*;

    /// Brackets outside of strings, byte by byte.
    fn brackets(text: &[u8]) -> Vec<(u8, usize)> {
        let (mut found, mut at) = (Vec::new(), 0);
        while let Some(&byte) = text.get(at) {
            match byte {
                b'"' => match string_end(text, at + 1) {
                    Some(end) => at = end - 1,
                    None => return found,
                },
                _ if is_bracket(byte) => found.push((byte, at)),
                _ => {}
            }
            at += 1;
        }
        found
    }

    proptest! {
        #[test]
        fn blocks_have_the_brackets_that_bytes_have(
            text in vec(prop::sample::select(br#"{}[]"":,\\ abcdefghijklmnopqrstuvwxyz;="#.to_vec()), 0..400),
        ) {
            let mut found = Vec::new();
            let end: Option<()> = find_bracket(&text, 0, |bracket, at| {
                found.push((bracket, at));
                None
            });
            prop_assert_eq!(end, None);
            prop_assert_eq!(found, brackets(&text));
        }
    }
}
