//! Names that are spelled like another one.

/// Names that are suggested at most.
const SUGGESTED: usize = 3;

/// Returns the names nearest to a text, the nearest first: those spelled alike, or else those that
/// have it as a word.
pub(super) fn nearest<'n>(
    text: &str,
    names: impl Iterator<Item = &'n str> + Clone,
) -> Vec<&'n str> {
    const SHORTEST_WORD: usize = 3;
    let text = text.to_lowercase();
    let length = text.chars().count();
    let within = 1.max(length / 3);
    let alike = |name: &'n str| {
        let distance = strsim::osa_distance(&text, &name.to_lowercase());
        // Of a short name nothing would be left.
        let shortest = length.min(name.chars().count());
        (distance <= within && distance < shortest).then_some((distance, name))
    };
    let mut ranked: Vec<_> = names.clone().filter_map(alike).collect();
    if let Some(best) = ranked.iter().map(|(distance, _)| *distance).min() {
        ranked.retain(|(distance, _)| *distance == best);
    } else if length >= SHORTEST_WORD {
        let having = names.filter(|name| name.split('_').any(|word| word == text));
        let rank = |name: &'n str| name.len() + if name.starts_with(&text) { 0 } else { 100 };
        ranked = having.map(|name| (rank(name), name)).collect();
    }
    ranked.sort_unstable();
    ranked.dedup();
    ranked.into_iter().map(|(_, name)| name).take(SUGGESTED).collect()
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
            ("event", "event_id, event_name or event_time"),
            ("zzz", ""),
            ("i", ""),
        ] {
            assert_eq!(either(nearest(text, names.into_iter())), expected, "{text}");
        }
        assert_eq!(either(["a", "b", "c"]), "a, b or c");
    }
}
