//! Names that are spelled like another one.

/// Names that are suggested at most.
const SUGGESTED: usize = 3;

/// Returns the names nearest to a text, the nearest first.
pub(super) fn nearest<'n>(text: &str, names: impl Iterator<Item = &'n str>) -> Vec<&'n str> {
    let text = text.to_lowercase();
    let within = 1.max(text.chars().count() / 3);
    let rank = |name: &'n str| {
        let distance = strsim::osa_distance(&text, &name.to_lowercase());
        // Of a short name nothing would be left.
        let shortest = text.chars().count().min(name.chars().count());
        (distance <= within && distance < shortest).then_some((distance, name))
    };
    let mut ranked: Vec<_> = names.filter_map(rank).collect();
    ranked.sort_unstable();
    ranked.dedup();
    let best = ranked.first().map_or(0, |(distance, _)| *distance);
    let near = ranked.into_iter().filter(|(distance, _)| *distance == best);
    near.map(|(_, name)| name).take(SUGGESTED).collect()
}

/// Returns names as a sentence has them: `a, b or c`.
pub(super) fn either<'n>(names: impl IntoIterator<Item = &'n str>) -> String {
    let names: Vec<_> = names.into_iter().collect();
    match names.split_last() {
        Some((last, [])) => (*last).to_owned(),
        Some((last, others)) => format!("{} or {last}", others.join(", ")),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_names_are_found_and_listed() {
        let names = ["event_name", "event_time", "event_id", "actor", "pi"];
        for (text, expected) in [
            ("event_nme", "event_name"),
            ("event_tame", "event_name or event_time"),
            ("event_nama", "event_name"),
            ("Actr", "actor"),
            ("zzz", ""),
            ("i", ""),
        ] {
            assert_eq!(either(nearest(text, names.into_iter())), expected, "{text}");
        }
        assert_eq!(either(["a", "b", "c"]), "a, b or c");
    }
}
