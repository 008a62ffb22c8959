//! Where a table's columns stand, and how wide they are.

use super::{
    super::width::{cut, width},
    giving::Giving,
};

/// Free text is not cut to less than this, so that it can still be told.
pub(super) const NARROWEST: usize = 20;

/// Cells are filled up with blanks to at most this where no terminal sets a limit: longer ones stick
/// out.
const WIDEST_FILLED: usize = 120;

/// What stands between two columns.
pub(super) const SEPARATOR: &str = "  ";

/// What stands before the values below a row.
pub(super) const INDENT: &str = "    ";

/// Lines below a row, at their longest; what takes more is easier to read value by value.
const MOST_LINES_BELOW: usize = 6;

/// A column, and how wide it would like to be.
#[derive(Debug)]
pub(super) struct Column {
    pub(super) name: String,
    /// To the right.
    pub(super) is_number: bool,
    pub(super) giving: Giving,
    /// The widest cell.
    pub(super) widest_cell: usize,
    /// The room that the cells need once they have given way.
    pub(super) least: usize,
}

/// The room that a column gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Room {
    /// The column's number.
    pub(super) column: usize,
    /// Columns of the terminal.
    pub(super) width: usize,
    /// Where cells that give way are cut.
    pub(super) cut: usize,
}

/// Columns side by side, and those for which there is no room.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Lines {
    pub(super) rooms: Vec<Room>,
    /// They follow below each row, by name.
    pub(super) below: Vec<usize>,
}

impl Column {
    fn natural(&self) -> usize {
        width(&self.name).max(self.widest_cell)
    }

    /// The width with the name on several lines.
    fn folded(&self) -> usize {
        self.widest_piece().max(self.widest_cell)
    }

    fn narrowest(&self) -> usize {
        self.widest_piece().max(self.least)
    }

    fn widest_piece(&self) -> usize {
        let pieces = self.name.split_inclusive('_').map(width);
        pieces.max().unwrap_or_default().min(NARROWEST)
    }

    /// The columns of the terminal that the name and a value take below a row.
    fn pair(&self) -> usize {
        width(&self.name) + 1 + self.widest_cell
    }
}

/// Returns the columns as wide as they are, if they stand side by side within the limit. A single
/// column always does: the terminal breaks its lines, and nothing stands beside it.
pub(super) fn natural(columns: &[Column], limit: Option<usize>) -> Option<Lines> {
    let natural = columns.iter().map(Column::natural);
    let widths: Vec<_> = match limit {
        None => {
            let filled = |column: &Column| column.natural().min(WIDEST_FILLED);
            columns.iter().map(|column| filled(column).max(width(&column.name))).collect()
        }
        Some(limit) if columns.len() == 1 => natural.map(|natural| natural.min(limit)).collect(),
        Some(limit) => {
            let widths: Vec<_> = natural.collect();
            if total(&widths) > limit {
                return None;
            }
            widths
        }
    };
    let room = |(column, width)| Room { column, width, cut: usize::MAX };
    Some(Lines { rooms: widths.into_iter().enumerate().map(room).collect(), below: Vec::new() })
}

/// Returns the columns that were `kept` side by side, if they can stand so: first names are folded,
/// then free text gives way, the widest first.
pub(super) fn narrowed(columns: &[Column], kept: &[usize], limit: usize) -> Option<Lines> {
    let between = SEPARATOR.len() * kept.len().saturating_sub(1);
    let available = limit.checked_sub(between)?;
    let bounds = |least: fn(&Column) -> usize, most: fn(&Column) -> usize| -> Vec<_> {
        kept.iter().map(|column| (least(&columns[*column]), most(&columns[*column]))).collect()
    };
    let widths = fit(&bounds(Column::folded, Column::natural), available)
        .or_else(|| fit(&bounds(Column::narrowest, Column::folded), available))?;
    let room = |(column, width): (&usize, usize)| Room { column: *column, width, cut: width };
    let rooms = kept.iter().zip(widths).map(room).collect();
    Some(Lines { rooms, below: Vec::new() })
}

/// Returns as many columns side by side as there is room for, the others below, if that is not too
/// much.
pub(super) fn stacked(columns: &[Column], kept: &[usize], limit: usize) -> Option<Lines> {
    let mut used = 0;
    let (side_by_side, below): (Vec<_>, Vec<_>) = kept.iter().copied().partition(|column| {
        let column = &columns[*column];
        let separator = if used == 0 { 0 } else { SEPARATOR.len() };
        let fits = column.giving.is_whole() && used + separator + column.folded() <= limit;
        used += if fits { separator + column.folded() } else { 0 };
        fits
    });
    let lines = lines_below(below.iter().map(|column| columns[*column].pair()), limit);
    if side_by_side.len() < 2 || lines > MOST_LINES_BELOW {
        return None;
    }
    let room = |column: usize| {
        let width = columns[column].folded();
        Room { column, width, cut: usize::MAX }
    };
    Some(Lines { rooms: side_by_side.into_iter().map(room).collect(), below })
}

/// The lines that pairs of these widths take below a row.
fn lines_below(pairs: impl Iterator<Item = usize>, limit: usize) -> usize {
    let mut lines = 0;
    let mut used = limit;
    for pair in pairs {
        if used + SEPARATOR.len() + pair > limit {
            let wide = INDENT.len() + pair;
            lines += wide.div_ceil(limit.max(1));
            used = wide;
        } else {
            used += SEPARATOR.len() + pair;
        }
    }
    lines
}

/// Breaks a column's name into lines behind its underscores.
pub(super) fn folded_name(name: &str, room: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for piece in name.split_inclusive('_') {
        match lines.last_mut() {
            Some(line) if width(line) + width(piece) <= room => line.push_str(piece),
            _ => lines.push(piece.to_owned()),
        }
    }
    lines.iter().map(|line| cut(line, room).into_owned()).collect()
}

fn total(widths: &[usize]) -> usize {
    widths.iter().sum::<usize>() + SEPARATOR.len() * widths.len().saturating_sub(1)
}

/// Makes the widest as narrow as it takes, each between its least and its most.
fn fit(bounds: &[(usize, usize)], available: usize) -> Option<Vec<usize>> {
    let at = |level: usize| bounds.iter().map(move |(least, most)| level.min(*most).max(*least));
    let level = (0..=available).rev().find(|level| at(*level).sum::<usize>() <= available)?;
    let mut spare = available - at(level).sum::<usize>();
    let widths = bounds.iter().zip(at(level)).map(|((_, most), width)| {
        let grows = spare > 0 && width == level && *most > level;
        spare -= usize::from(grows);
        width + usize::from(grows)
    });
    Some(widths.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(name: &str, widest_cell: usize, giving: Giving) -> Column {
        let least = if giving == Giving::Prose { widest_cell.min(NARROWEST) } else { widest_cell };
        Column { name: name.to_owned(), is_number: false, giving, widest_cell, least }
    }

    fn widths(lines: Option<Lines>) -> Option<Vec<usize>> {
        Some(lines?.rooms.iter().map(|room| room.width).collect())
    }

    #[test]
    fn the_widest_text_is_narrowed_first() {
        let columns = [
            column("at", 20, Giving::Never),
            column("message", 90, Giving::Prose),
            column("reason", 50, Giving::Prose),
        ];
        let cases = [
            (164, Some(vec![20, 90, 50])),
            (163, Some(vec![20, 89, 50])),
            (124, Some(vec![20, 50, 50])),
            (123, Some(vec![20, 50, 49])),
            (64, Some(vec![20, 20, 20])),
            (63, None),
            (1, None),
        ];
        for (limit, expected) in cases {
            assert_eq!(widths(narrowed(&columns, &[0, 1, 2], limit)), expected, "{limit}");
        }
        assert_eq!(widths(narrowed(&columns, &[0, 2], 72)), Some(vec![20, 50]));
        assert_eq!(widths(natural(&columns, Some(164))), Some(vec![20, 90, 50]));
        assert_eq!(widths(natural(&columns, Some(163))), None);
    }

    #[test]
    fn names_are_folded_before_text_is_cut() {
        let columns =
            [column("desired_count_of_tasks", 3, Giving::Never), column("a", 40, Giving::Prose)];
        for (limit, expected) in [
            (64, Some(vec![22, 40])),
            (60, Some(vec![18, 40])),
            (50, Some(vec![8, 40])),
            (49, Some(vec![8, 39])),
            (30, Some(vec![8, 20])),
            (29, None),
        ] {
            assert_eq!(widths(narrowed(&columns, &[0, 1], limit)), expected, "{limit}");
        }
        for (room, expected) in [
            (22, &["desired_count_of_tasks"][..]),
            (14, &["desired_count_", "of_tasks"]),
            (8, &["desired_", "count_", "of_tasks"]),
            (4, &["des…", "cou…", "of_", "tas…"]),
        ] {
            assert_eq!(folded_name("desired_count_of_tasks", room), expected);
        }
    }

    #[test]
    fn what_does_not_fit_stands_below() {
        let columns = [
            column("at", 20, Giving::Never),
            column("actor", 60, Giving::Never),
            column("reason", 200, Giving::Prose),
            column("id", 36, Giving::Never),
        ];
        let below = |limit| stacked(&columns, &[0, 1, 2, 3], limit).map(|lines| lines.below);
        assert_eq!(below(200), Some(vec![2]));
        assert_eq!(below(100), Some(vec![2, 3]));
        assert_eq!(below(60), Some(vec![1, 2]));
        assert_eq!(below(57), None, "too many lines below, and one column beside none");
    }

    #[test]
    fn without_a_limit_nothing_is_narrowed() {
        let columns = [column("plan", 300, Giving::Prose), column("id", 36, Giving::Never)];
        let expected = Room { column: 0, width: WIDEST_FILLED, cut: usize::MAX };
        assert_eq!(natural(&columns, None).map(|lines| lines.rooms[0]), Some(expected));
        assert_eq!(widths(natural(&columns[..1], Some(80))), Some(vec![80]));
    }
}
