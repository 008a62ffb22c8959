//! Numbers on axes: rounded steps, how they are written, and the only conversions between kinds.

/// Returns a count as a number to draw.
#[expect(clippy::cast_precision_loss, reason = "a drawing is not that exact")]
pub(super) fn drawn(count: usize) -> f64 {
    count as f64
}

/// Returns microseconds as a number to draw.
#[expect(clippy::cast_precision_loss, reason = "a drawing is not that exact")]
pub(super) fn drawn_time(microseconds: i64) -> f64 {
    microseconds as f64
}

/// Returns the index of a position within `0.0..=1.0` among equal parts.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "it is clamped before, and NaN becomes 0"
)]
pub(super) fn part(position: f64, parts: usize) -> usize {
    let part = (position.clamp(0.0, 1.0) * drawn(parts)).floor() as usize;
    part.min(parts.saturating_sub(1))
}

/// Returns a share of a length, rounded.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "it is clamped before, and NaN becomes 0"
)]
pub(super) fn portion(share: f64, length: usize) -> usize {
    (share.clamp(0.0, 1.0) * drawn(length)).round() as usize
}

/// Writes a number: thousands separated, at most three digits of a fraction.
pub(super) fn text(number: f64) -> String {
    let written = format!("{:.3}", number.abs());
    let (whole, fraction) = written.split_once('.').unwrap_or((&written, ""));
    let fraction = fraction.trim_end_matches('0');
    let mut text = String::new();
    let is_negative = number < 0.0 && (!whole.trim_matches('0').is_empty() || !fraction.is_empty());
    if is_negative {
        text.push('−');
    }
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    if !fraction.is_empty() {
        text.push('.');
        text.push_str(fraction);
    }
    text
}

/// Returns rounded numbers from at or below `least` to at or above `most`, in equal steps of 1, 2 or
/// 5 times a power of ten. Whole numbers get whole steps.
pub(super) fn ticks(least: f64, most: f64, is_whole: bool) -> Vec<f64> {
    const MOST_TICKS: f64 = 6.0;
    let span = (most - least).max(f64::MIN_POSITIVE);
    let power = 10_f64.powf((span / MOST_TICKS).log10().floor());
    let step = [1.0, 2.0, 5.0, 10.0].map(|factor| factor * power);
    let step = step.into_iter().find(|step| span / step <= MOST_TICKS).unwrap_or(span);
    let step = if is_whole { step.max(1.0) } else { step };
    let first = (least / step).floor();
    let last = (most / step).ceil().max(first + 1.0);
    let count = part((last - first).min(100.0) / 100.0, 100) + 1;
    (0..=count)
        .map(drawn)
        .map(|index| (first + index) * step)
        .take_while(|tick| *tick <= last * step)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_for_people() {
        for (number, written) in [
            (0.0, "0"),
            (-0.0001, "0"),
            (12.0, "12"),
            (1234.5, "1,234.5"),
            (-1_234_567.0, "−1,234,567"),
            (0.125, "0.125"),
        ] {
            assert_eq!(text(number), written);
        }
    }

    #[test]
    fn ticks_are_rounded_and_reach_beyond_the_ends() {
        for (least, most, is_whole, expected) in [
            (0.0, 1.0, true, vec![0.0, 1.0]),
            (0.0, 3.0, true, vec![0.0, 1.0, 2.0, 3.0]),
            (0.0, 47.0, true, vec![0.0, 10.0, 20.0, 30.0, 40.0, 50.0]),
            (0.0, 0.0, true, vec![0.0, 1.0]),
            (-5.0, 12.0, true, vec![-5.0, 0.0, 5.0, 10.0, 15.0]),
            (0.0, 100_000.0, true, vec![0.0, 20_000.0, 40_000.0, 60_000.0, 80_000.0, 100_000.0]),
        ] {
            assert_eq!(ticks(least, most, is_whole), expected, "{least} to {most}");
        }
        assert_eq!(ticks(0.0, 0.3, false).len(), 7);
    }

    #[test]
    fn parts_and_portions_stay_within_their_length() {
        assert_eq!(
            [0.0, 0.49, 0.5, 1.0, 7.0, f64::NAN].map(|one| part(one, 2)),
            [0, 0, 1, 1, 1, 0]
        );
        assert_eq!([0.0, 0.5, 1.0, f64::NAN].map(|one| portion(one, 10)), [0, 5, 10, 0]);
    }
}
