//! How wide a table's columns are.

use super::super::width::width;

/// Text is not cut to less than this, so that it can still be told.
const NARROWEST: usize = 10;

/// The widest cell where no terminal sets a limit.
const WIDEST_CELL: usize = 60;

/// What stands between two columns.
pub(super) const SEPARATOR: &str = "  ";

/// A column, and how wide it would like to be.
#[derive(Debug)]
pub(super) struct Column {
    pub(super) name: String,
    /// To the right.
    pub(super) is_number: bool,
    /// Half a number or half an instant is wrong, half a text is only short.
    pub(super) is_whole: bool,
    /// The widest cell so far.
    pub(super) widest_cell: usize,
}

/// The room that a column gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Room {
    /// Columns of the terminal.
    pub(super) width: usize,
    /// Where the name and cells are cut.
    pub(super) cut: usize,
}

impl Column {
    fn natural(&self) -> usize {
        width(&self.name).max(self.widest_cell)
    }

    fn narrowest(&self) -> usize {
        if self.is_whole {
            width(&self.name).min(NARROWEST).max(self.widest_cell)
        } else {
            self.natural().min(NARROWEST)
        }
    }
}

/// Returns every column's room, or nothing if they cannot stand side by side. A single column is
/// as wide as it is: the terminal breaks its lines, and nothing stands beside it.
pub(super) fn rooms(columns: &[Column], limit: Option<usize>) -> Option<Vec<Room>> {
    if let [column] = columns {
        let width = column.natural().min(limit.unwrap_or(WIDEST_CELL)).max(width(&column.name));
        return Some(vec![Room { width, cut: usize::MAX }]);
    }
    let Some(limit) = limit else {
        let room = |column: &Column| {
            let name = width(&column.name);
            let width = column.widest_cell.min(WIDEST_CELL).max(name);
            Room { width, cut: name.max(WIDEST_CELL) }
        };
        return Some(columns.iter().map(room).collect());
    };
    let between = SEPARATOR.len() * columns.len().saturating_sub(1);
    let widths = fit(columns, limit.checked_sub(between)?)?;
    Some(widths.into_iter().map(|width| Room { width, cut: width }).collect())
}

/// Makes the widest columns as narrow as it takes.
fn fit(columns: &[Column], available: usize) -> Option<Vec<usize>> {
    let at = |level: usize| {
        columns.iter().map(move |column| column.natural().min(level).max(column.narrowest()))
    };
    let level = (0..=available).rev().find(|level| at(*level).sum::<usize>() <= available)?;
    let mut spare = available - at(level).sum::<usize>();
    let widths = columns.iter().zip(at(level)).map(|(column, width)| {
        let grows = spare > 0 && width == level && column.natural() > level;
        spare -= usize::from(grows);
        width + usize::from(grows)
    });
    Some(widths.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(name: &str, widest_cell: usize, is_whole: bool) -> Column {
        Column { name: name.to_owned(), is_number: is_whole, is_whole, widest_cell }
    }

    fn widths(columns: &[Column], limit: usize) -> Option<Vec<usize>> {
        let rooms = rooms(columns, Some(limit))?;
        Some(rooms.iter().map(|room| room.width).collect())
    }

    #[test]
    fn the_widest_are_narrowed_first() {
        let columns =
            [column("at", 20, true), column("actor", 90, false), column("arn", 50, false)];
        let cases = [
            (164, Some(vec![20, 90, 50])),
            (200, Some(vec![20, 90, 50])),
            (163, Some(vec![20, 89, 50])),
            (124, Some(vec![20, 50, 50])),
            (123, Some(vec![20, 50, 49])),
            (60, Some(vec![20, 18, 18])),
            (44, Some(vec![20, 10, 10])),
            (43, None),
            (1, None),
        ];
        for (limit, expected) in cases {
            assert_eq!(widths(&columns, limit), expected, "{limit}");
        }
    }

    #[test]
    fn numbers_stay_whole_and_their_names_do_not() {
        let columns = [column("desired_count_of_tasks", 3, true), column("a", 40, false)];
        assert_eq!(widths(&columns, 64), Some(vec![22, 40]));
        assert_eq!(widths(&columns, 40), Some(vec![19, 19]));
        assert_eq!(widths(&columns, 22), Some(vec![10, 10]));
        assert_eq!(widths(&columns, 21), None);
        let columns = [column("hash", 30, true), column("a", 5, false)];
        assert_eq!(widths(&columns, 36), None);
    }

    #[test]
    fn a_single_column_is_not_cut() {
        let single = [column("plan", 300, false)];
        let expected = Room { width: 80, cut: usize::MAX };
        assert_eq!(rooms(&single, Some(80)), Some(vec![expected]));
        assert_eq!(rooms(&single, None).map(|rooms| rooms[0].width), Some(WIDEST_CELL));
    }
}
