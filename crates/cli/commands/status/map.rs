//! `ecstrail status --map`: how complete a dataset is, by account, Region and time, as a picture.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write,
};

use chrono::{DateTime, NaiveDate, SecondsFormat, Utc};
use ecstrail_query::{EventHours, printable_line};
use ecstrail_writer::{Hour, Hours};
use serde::Serialize;

use crate::console::count;

/// Hours that one character can stand for: as many as make the picture fit.
const STEPS: [i64; 8] = [1, 2, 6, 12, 24, 2 * 24, 7 * 24, 28 * 24];
/// Characters of a line where there is no terminal.
const PLAIN_WIDTH: usize = 100;
/// Fewest characters for the time.
const LEAST_WIDTH: usize = 24;
/// A silence is told if it is so many times as long as the longest one before.
const UNUSUAL: i64 = 2;
/// And so many hours at least.
const LEAST_SILENCE: i64 = 6;
const SECONDS: i64 = 3600;
/// 1970-01-05, a Monday: weeks begin there.
const MONDAY: i64 = 4 * 24;

/// How complete a dataset is.
#[derive(Debug, Serialize)]
pub(super) struct Map {
    /// The newest hour in which anything was delivered, of all accounts and Regions.
    newest: Option<String>,
    /// Whether the trail was listed: only then it is known what is missing.
    is_compared: bool,
    accounts: Vec<MapLine>,
    #[serde(skip)]
    bounds: Option<(i64, i64)>,
}

#[derive(Debug, Serialize)]
struct MapLine {
    account: Option<String>,
    region: String,
    /// Since when nothing was delivered, if that is unusual for this account and Region.
    silent_since: Option<String>,
    /// The longest silence before that, in hours.
    longest_silence_hours: Option<i64>,
    /// Hours without a digest between two with one, with their log files not converted.
    hours_without_digest: u64,
    hours: Vec<MapHour>,
    #[serde(skip)]
    cells: BTreeMap<i64, Cell>,
}

#[derive(Debug, Serialize)]
struct MapHour {
    hour: String,
    events: u64,
    converted: u64,
    unconverted: u64,
    vanished: u64,
    digests: u64,
}

#[derive(Debug, Clone, Copy, Default)]
struct Cell {
    events: u64,
    delivered: Hour,
}

/// What a character of the picture says, the worst first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum State {
    Missing,
    NoDigest,
    Events,
    Converted,
    Digest,
    Nothing,
}

impl State {
    fn character(self) -> char {
        match self {
            Self::Missing => '!',
            Self::NoDigest => '?',
            Self::Events => '█',
            Self::Converted => '▒',
            Self::Digest => '·',
            Self::Nothing => ' ',
        }
    }

    fn meaning(self) -> &'static str {
        match self {
            Self::Missing => "log files not converted, or gone from the trail",
            Self::NoDigest => "no digest, though there are some before and after",
            Self::Events => "events",
            Self::Converted => "log files without such events",
            Self::Digest => "nothing delivered, as a digest says",
            Self::Nothing => "nothing known",
        }
    }
}

impl Cell {
    fn add(&mut self, other: Self) {
        self.events += other.events;
        self.delivered.converted += other.delivered.converted;
        self.delivered.unconverted += other.delivered.unconverted;
        self.delivered.vanished += other.delivered.vanished;
        self.delivered.digests += other.delivered.digests;
    }

    fn is_delivery(&self) -> bool {
        self.events + self.delivered.converted + self.delivered.unconverted > 0
    }

    fn state(&self) -> State {
        let Hour { converted, unconverted, vanished, digests } = self.delivered;
        match self {
            _ if unconverted + vanished > 0 => State::Missing,
            Self { events: 1.., .. } => State::Events,
            _ if converted > 0 => State::Converted,
            _ if digests > 0 => State::Digest,
            _ => State::Nothing,
        }
    }
}

impl Map {
    /// Puts together what is known. `delivered` is of the trail, if it was listed.
    pub(super) fn new(
        events: EventHours,
        delivered: Hours,
        (from, until): (Option<NaiveDate>, Option<NaiveDate>),
        is_compared: bool,
    ) -> Self {
        let is_shown = |hour: i64| {
            let day = instant(hour).date_naive();
            from.is_none_or(|from| day >= from) && until.is_none_or(|until| day <= until)
        };
        let mut cells: BTreeMap<(String, String), BTreeMap<i64, Cell>> = BTreeMap::new();
        for (scope, hours) in events {
            let line = cells.entry(scope).or_default();
            for (hour, events) in hours.into_iter().filter(|(hour, _)| is_shown(*hour)) {
                line.entry(hour).or_default().events = events;
            }
        }
        for (scope, hours) in delivered.0 {
            let line = cells.entry(scope).or_default();
            for (hour, delivered) in hours.into_iter().filter(|(hour, _)| is_shown(*hour)) {
                line.entry(hour).or_default().delivered = delivered;
            }
        }
        // Anybody's clock can be in an event; the hours of deliveries are CloudTrail's.
        let newest_of = |is_one: fn(&Cell) -> bool| {
            let cells = cells.values().flatten().filter(|(_, cell)| is_one(cell));
            cells.map(|(hour, _)| *hour).max()
        };
        let delivered = |cell: &Cell| cell.delivered.converted + cell.delivered.unconverted > 0;
        let newest = newest_of(delivered).or_else(|| newest_of(Cell::is_delivery));
        let first = cells.values().filter_map(|line| line.keys().next().copied()).min();
        let last = cells.values().filter_map(|line| line.keys().next_back().copied()).max();
        let lines = cells.into_iter().map(|((account, region), cells)| {
            MapLine::new(Some(account).filter(|account| !account.is_empty()), region, cells, newest)
        });
        Self {
            newest: newest.map(time),
            is_compared,
            accounts: lines.collect(),
            bounds: first.zip(last),
        }
    }

    /// The picture, in lines of `width` characters.
    pub(super) fn text(&self, width: Option<usize>) -> String {
        let Some((first, last)) = self.bounds else {
            return "No events and no log files.".to_owned();
        };
        let labels: Vec<_> = self.accounts.iter().map(MapLine::label).collect();
        let label = labels.iter().map(|label| label.chars().count()).max().unwrap_or_default();
        let room = width.unwrap_or(PLAIN_WIDTH).saturating_sub(label + 2).max(LEAST_WIDTH);
        let fits = |step: &i64| {
            let columns = (last - first) / *step + 2;
            usize::try_from(columns).is_ok_and(|columns| columns <= room)
        };
        let months = (1..).map(|months| months * STEPS[STEPS.len() - 1]);
        let step = STEPS.into_iter().chain(months).find(fits).unwrap_or(STEPS[0]);
        let begin = first - (first - MONDAY).rem_euclid(step);
        let columns = usize::try_from((last - begin) / step + 1).unwrap_or(1);
        let mut states = BTreeSet::new();
        let mut text = format!("{:label$}  {}\n", "", heading(&day(begin), &day(last), columns));
        for (line, label_text) in self.accounts.iter().zip(&labels) {
            let picture = line.picture(begin, step, columns, &mut states);
            let _ = writeln!(text, "{label_text:label$}  {}", picture.trim_end());
        }
        let _ = writeln!(text, "\nEach character is {}, the worst of it shown:", span(step));
        for state in states.iter().filter(|state| **state != State::Nothing) {
            let _ = writeln!(text, "  {}  {}", state.character(), state.meaning());
        }
        let _ = writeln!(text, "     (blank) {}", State::Nothing.meaning());
        if !self.is_compared {
            text.push_str(
                "What is missing is not known without the trail: give --source with it.\n",
            );
        }
        text.push_str(&self.attention());
        text.trim_end().to_owned()
    }

    /// What people should look at.
    fn attention(&self) -> String {
        let mut text = String::new();
        if let Some(newest) = &self.newest {
            let _ = writeln!(text, "\nNewest delivery: {newest}");
        }
        for line in &self.accounts {
            let label = line.label();
            let sum = |of: fn(&Hour) -> u64| {
                line.cells.values().map(|cell| of(&cell.delivered)).sum::<u64>()
            };
            let (unconverted, vanished) = (sum(|hour| hour.unconverted), sum(|hour| hour.vanished));
            for (files, what) in [(unconverted, "not converted"), (vanished, "gone from the trail")]
            {
                if files > 0 {
                    let _ = writeln!(text, "{label}: {} {what}", count(files, "log file"));
                }
            }
            if line.hours_without_digest > 0 {
                let hours = count(line.hours_without_digest, "hour");
                let _ = writeln!(text, "{label}: {hours} without a digest between hours with one");
            }
            if let (Some(since), Some(longest)) = (&line.silent_since, line.longest_silence_hours) {
                let _ = writeln!(
                    text,
                    "{label}: silent since {since}; before, never for more than {}",
                    count(u64::try_from(longest).unwrap_or_default(), "hour"),
                );
            }
        }
        text
    }
}

impl MapLine {
    fn new(
        account: Option<String>,
        region: String,
        cells: BTreeMap<i64, Cell>,
        newest: Option<i64>,
    ) -> Self {
        let delivered: Vec<i64> =
            cells.iter().filter(|(_, cell)| cell.is_delivery()).map(|(hour, _)| *hour).collect();
        let longest = delivered.windows(2).map(|pair| pair[1] - pair[0] - 1).max();
        let silent_since =
            delivered.last().zip(newest).zip(longest).and_then(|((last, newest), longest)| {
                let silence = newest - last;
                let is_unusual = silence > LEAST_SILENCE && silence > longest * UNUSUAL;
                is_unusual.then(|| time(last + 1))
            });
        let hours = cells.iter().map(|(hour, cell)| MapHour {
            hour: time(*hour),
            events: cell.events,
            converted: cell.delivered.converted,
            unconverted: cell.delivered.unconverted,
            vanished: cell.delivered.vanished,
            digests: cell.delivered.digests,
        });
        let mut line = Self {
            account,
            region,
            silent_since,
            longest_silence_hours: longest,
            hours_without_digest: 0,
            hours: hours.collect(),
            cells,
        };
        let without: i64 = line.without_digest().iter().map(|(from, until)| until - from + 1).sum();
        line.hours_without_digest = u64::try_from(without).unwrap_or_default();
        line
    }

    /// The first and last hours of the times without a digest between hours with one.
    fn without_digest(&self) -> Vec<(i64, i64)> {
        let digests = self.cells.iter().filter(|(_, cell)| cell.delivered.digests > 0);
        let digests: Vec<i64> = digests.map(|(hour, _)| *hour).collect();
        let gaps = digests.windows(2).map(|pair| (pair[0] + 1, pair[1] - 1));
        gaps.filter(|(from, until)| from <= until).collect()
    }

    fn label(&self) -> String {
        printable_line(&format!(
            "{}  {}",
            self.account.as_deref().unwrap_or("no account"),
            self.region
        ))
    }

    fn picture(
        &self,
        begin: i64,
        step: i64,
        columns: usize,
        states: &mut BTreeSet<State>,
    ) -> String {
        let mut sums = vec![Cell::default(); columns];
        for (hour, cell) in &self.cells {
            if let Some(sum) =
                usize::try_from((hour - begin) / step).ok().and_then(|column| sums.get_mut(column))
            {
                sum.add(*cell);
            }
        }
        let mut lacks_digest = vec![false; columns];
        for (from, until) in self.without_digest() {
            let column = |hour: i64| usize::try_from((hour - begin) / step).unwrap_or(columns);
            lacks_digest[column(from).min(columns - 1)..=column(until).min(columns - 1)].fill(true);
        }
        let state = |(cell, lacks_digest): (&Cell, bool)| {
            let state = match cell.state() {
                State::Missing => State::Missing,
                _ if lacks_digest => State::NoDigest,
                state => state,
            };
            states.insert(state);
            state.character()
        };
        sums.iter().zip(lacks_digest).map(state).collect()
    }
}

/// The first and the last day, over the ends of the picture.
fn heading(first: &str, last: &str, columns: usize) -> String {
    let room = columns.saturating_sub(first.len() + last.len());
    if room == 0 {
        format!("{first} to {last}")
    } else {
        format!("{first}{}{last}", " ".repeat(room))
    }
}

fn span(step: i64) -> String {
    let hours = count(u64::try_from(step).unwrap_or_default(), "hour");
    let days = || count(u64::try_from(step / 24).unwrap_or_default(), "day");
    if step % 24 == 0 { days() } else { hours }
}

fn instant(hour: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(hour.saturating_mul(SECONDS), 0).unwrap_or_default()
}

fn time(hour: i64) -> String {
    instant(hour).to_rfc3339_opts(SecondsFormat::Secs, true)
}

fn day(hour: i64) -> String {
    instant(hour).date_naive().to_string()
}
