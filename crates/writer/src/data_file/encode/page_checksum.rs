//! Pages with the checksums that Parquet has a place for and the parquet crate leaves out.
//!
//! The format: <https://parquet.apache.org/docs/file-format/data-pages/checksumming/>.

use std::{
    mem,
    sync::{Arc, Mutex, PoisonError},
};

use bytes::Bytes;
use parquet::{
    arrow::arrow_writer::{PageKey, PageStore, PageStoreArgs, PageStoreFactory},
    column::writer::ColumnCloseResult,
    errors::{ParquetError, Result},
};

/// What begins a member of a page header in Thrift's compact protocol: its number less that of the
/// member before, and that it is a 32-bit integer.
const NEXT_INTEGER: u8 = 0x15;
/// Members of a page header before the checksum: the type of the page, and its two sizes.
const MEMBERS_BEFORE: usize = 3;
/// The type of a dictionary page, as it is written.
const DICTIONARY_PAGE: u8 = 4;

/// Holds the pages of all columns of a row group while they are encoded.
#[derive(Debug, Default)]
pub(super) struct RowGroupPages(Mutex<Vec<ColumnPages>>);

/// The pages of a column, shared with the column's writer.
#[derive(Debug, Default, Clone)]
pub(super) struct ColumnPages(Arc<Mutex<Pages>>);

#[derive(Debug, Default)]
struct Pages {
    whole: Vec<Page>,
    /// A header whose page has not come yet.
    header: Option<Bytes>,
    bytes: usize,
}

#[derive(Debug)]
struct Page {
    is_dictionary: bool,
    header: Vec<u8>,
    data: Bytes,
    /// Bytes that the checksum added to the header.
    added: usize,
}

impl RowGroupPages {
    /// Returns the pages of the columns whose writers have been made, in the order of the columns.
    pub(super) fn take(&self) -> Vec<ColumnPages> {
        mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl PageStoreFactory for RowGroupPages {
    fn create(&self, _: &PageStoreArgs<'_>) -> Result<Box<dyn PageStore>> {
        let pages = ColumnPages::default();
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(pages.clone());
        Ok(Box::new(pages))
    }
}

impl PageStore for ColumnPages {
    /// The header of a page comes first, then what it holds.
    fn put(&mut self, value: Bytes) -> Result<PageKey> {
        let mut pages = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match pages.header.take() {
            None => pages.header = Some(value),
            Some(header) => {
                let page = Page::new(&header, value)?;
                pages.bytes += page.len();
                pages.whole.push(page);
            }
        }
        Ok(PageKey::new(0))
    }

    fn take(&mut self, _: PageKey) -> Result<Bytes> {
        Err(ParquetError::General("pages are taken as a whole column".to_owned()))
    }

    fn memory_size(&self) -> usize {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).bytes
    }
}

impl ColumnPages {
    /// Returns the bytes of the column's chunk, the dictionary first, and what the footer says of
    /// them; `closed` is what it would say of pages without checksums.
    pub(super) fn finish(self, closed: &ColumnCloseResult) -> Result<(Bytes, ColumnCloseResult)> {
        let mut pages = mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner).whole);
        pages.sort_by_key(|page| !page.is_dictionary);
        let mut chunk = Vec::with_capacity(pages.iter().map(Page::len).sum());
        let mut offsets = Vec::with_capacity(pages.len());
        for page in &pages {
            offsets.push(chunk.len());
            chunk.extend_from_slice(&page.header);
            chunk.extend_from_slice(&page.data);
        }
        let mut closed = closed.clone();
        let added: usize = pages.iter().map(|page| page.added).sum();
        let metadata = &closed.metadata;
        let has_dictionary = pages.first().is_some_and(|page| page.is_dictionary);
        let first_data_page = usize::from(has_dictionary);
        let data_offset = offsets.get(first_data_page).copied().unwrap_or(chunk.len());
        let uncompressed = metadata.uncompressed_size() + signed(added)?;
        closed.metadata = closed
            .metadata
            .into_builder()
            .set_total_compressed_size(signed(chunk.len())?)
            .set_total_uncompressed_size(uncompressed)
            .set_dictionary_page_offset(has_dictionary.then_some(0))
            .set_data_page_offset(signed(data_offset)?)
            .build()?;
        closed.bytes_written = chunk.len() as u64;
        if let Some(index) = &mut closed.offset_index {
            let data_pages = pages.iter().zip(&offsets).skip(first_data_page);
            if data_pages.len() != index.page_locations.len() {
                return Err(ParquetError::General("a page is missing in its index".to_owned()));
            }
            for (location, (page, offset)) in index.page_locations.iter_mut().zip(data_pages) {
                location.offset = signed(*offset)?;
                location.compressed_page_size = i32::try_from(page.len())?;
            }
        }
        Ok((chunk.into(), closed))
    }
}

fn signed(bytes: usize) -> Result<i64> {
    Ok(i64::try_from(bytes)?)
}

impl Page {
    fn new(header: &[u8], data: Bytes) -> Result<Self> {
        let checked = with_checksum(header, crc32fast::hash(&data)).ok_or_else(|| {
            ParquetError::General("the header of a page is not as expected".to_owned())
        })?;
        let is_dictionary = header.get(1) == Some(&DICTIONARY_PAGE);
        let added = checked.len() - header.len();
        Ok(Self { is_dictionary, header: checked, data, added })
    }

    fn len(&self) -> usize {
        self.header.len() + self.data.len()
    }
}

/// Adds a checksum to a page header, as its fourth member. `None` if the header does not have the three
/// before it, or has one already.
fn with_checksum(header: &[u8], checksum: u32) -> Option<Vec<u8>> {
    let mut place = 0;
    for _ in 0..MEMBERS_BEFORE {
        if *header.get(place)? != NEXT_INTEGER {
            return None;
        }
        let varint = header[place + 1..].iter().position(|byte| byte & 0x80 == 0)?;
        place += varint + 2;
    }
    let next = *header.get(place)?;
    // The number of the member that follows is told by how far it is from the one before.
    let next = next.checked_sub(0x10).filter(|next| next >> 4 > 0)?;
    let mut checked = Vec::with_capacity(header.len() + 6);
    checked.extend_from_slice(&header[..place]);
    checked.push(NEXT_INTEGER);
    let signed = checksum.cast_signed();
    let mut zigzag = ((signed << 1) ^ (signed >> 31)).cast_unsigned();
    while zigzag >= 0x80 {
        checked.push(zigzag.to_le_bytes()[0] | 0x80);
        zigzag >>= 7;
    }
    checked.push(zigzag.to_le_bytes()[0]);
    checked.push(next);
    checked.extend_from_slice(&header[place + 1..]);
    Some(checked)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_get_their_checksum() {
        for (header, checksum, expected) in [
            // A data page of 10 bytes, of 7 compressed.
            (
                &[0x15, 0, 0x15, 20, 0x15, 14, 0x2c, 0, 0][..],
                1,
                Some(vec![0x15, 0, 0x15, 20, 0x15, 14, 0x15, 2, 0x1c, 0, 0]),
            ),
            // A dictionary page, of sizes with two bytes.
            (
                &[0x15, 4, 0x15, 0x80, 1, 0x15, 0x80, 1, 0x4c, 0][..],
                u32::MAX,
                Some(vec![0x15, 4, 0x15, 0x80, 1, 0x15, 0x80, 1, 0x15, 1, 0x3c, 0]),
            ),
            (
                &[0x15, 0, 0x15, 2, 0x15, 2, 0x2c][..],
                1 << 31,
                Some(vec![0x15, 0, 0x15, 2, 0x15, 2, 0x15, 0xff, 0xff, 0xff, 0xff, 0x0f, 0x1c]),
            ),
            // It has a checksum; a member is missing; it ends too early.
            (&[0x15, 0, 0x15, 2, 0x15, 2, 0x15, 2, 0x1c][..], 1, None),
            (&[0x15, 0, 0x25, 2, 0x2c, 0][..], 1, None),
            (&[0x15, 0, 0x15, 2, 0x15, 0x82][..], 1, None),
            (&[][..], 1, None),
        ] {
            assert_eq!(with_checksum(header, checksum), expected, "{header:x?}");
        }
    }
}
