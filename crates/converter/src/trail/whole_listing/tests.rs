use proptest::prelude::*;

use super::*;
use crate::{
    error::Unlisted,
    testing::{KeyStore, Oddity},
};

/// Lists everything: the paths, and what was told instead of paths.
async fn listed(
    store: &WholeListing<KeyStore>,
    prefix: Option<&str>,
    offset: Option<&str>,
) -> (Vec<String>, Vec<String>) {
    let prefix = prefix.map(Path::from);
    let objects = match offset {
        Some(offset) => store.list_with_offset(prefix.as_ref(), &Path::from(offset)),
        None => store.list(prefix.as_ref()),
    };
    let (mut paths, mut told) = (Vec::new(), Vec::new());
    let mut objects = Box::pin(objects);
    while let Some(object) = objects.next().await {
        match object {
            Ok(object) => paths.push(object.location.to_string()),
            Err(error) => told.push(Unlisted::of(error).unwrap().path),
        }
    }
    (paths, told)
}

fn store(keys: &[&str]) -> WholeListing<KeyStore> {
    WholeListing::new(KeyStore::new(Vec::new(), keys))
}

#[tokio::test]
async fn bad_keys_are_told_and_the_rest_is_listed() {
    let mut keys: Vec<String> = (0..2500).map(|number| format!("k/{number:05}.json")).collect();
    for bad in ["k/00000//a", "k/00000//b/c", "k/00999.json/../x", "k/01500\u{1}", "k/99999//"] {
        keys.push(bad.to_owned());
    }
    let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
    let store = store(&keys);
    let (paths, told) = listed(&store, None, None).await;
    let good = keys.iter().filter(|key| Path::parse(key).is_ok());
    let mut good: Vec<&str> = good.copied().collect();
    good.sort_unstable();
    assert_eq!(paths, good);
    let expected =
        [r#""k/00000//""#, r#""k/00999.json/../""#, r#""k/01500\u{1}""#, r#""k/99999//""#];
    assert_eq!(told, expected);
    assert!(store.inner().requests() < 100, "{}", store.inner().requests());

    // Bad ones beside each other cost little each.
    let keys: Vec<String> = (0..1000).map(|number| format!("{number:05}\n")).collect();
    let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
    let store = self::store(&keys);
    let (paths, told) = listed(&store, None, None).await;
    assert_eq!((paths.len(), told.len()), (0, 1000));
    assert!(store.inner().requests() < 3100, "{}", store.inner().requests());
}

#[tokio::test]
async fn prefixes_offsets_levels_and_markers() {
    let store = store(&["a/", "a/b/", "a/b/1", "a/b/2", "a/c", "a.x", "b//c", "c/\n", "c/d"]);
    let (paths, told) = listed(&store, Some("a"), None).await;
    assert_eq!(
        (paths, told.len()),
        (["a", "a/b", "a/b/1", "a/b/2", "a/c"].map(String::from).into(), 0)
    );
    let (paths, _) = listed(&store, Some("a"), Some("a/b/1")).await;
    assert_eq!(paths, ["a/b/2", "a/c"]);
    let (paths, told) = listed(&store, Some("c"), None).await;
    assert_eq!((paths, told.len()), (vec!["c/d".to_owned()], 1));
    let level = store.list_with_delimiter(Some(&Path::from("a"))).await.unwrap();
    assert_eq!(level.common_prefixes, [Path::from("a/b")]);
    assert_eq!(level.objects.len(), 2);
    // A level has no room for what it cannot name.
    assert!(store.list_with_delimiter(Some(&Path::from("b"))).await.is_err());
    assert!(store.list_with_delimiter(Some(&Path::from("c"))).await.is_err());
    assert_eq!(store.list_with_delimiter(None).await.unwrap().common_prefixes.len(), 3);
}

#[tokio::test]
async fn a_level_of_too_many_entries_is_rejected() {
    let keys: Vec<String> = (0..12_000).map(|number| format!("{number}.json")).collect();
    let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
    let store = store(&keys);
    let error = store.list_with_delimiter(None).await.unwrap_err();
    assert!(error.to_string().contains("too many"), "{error}");
    assert_eq!(store.inner().requests(), 11);
}

#[tokio::test]
async fn a_page_that_is_cut_off_is_asked_for_again() {
    let keys: Vec<String> = (0..2500).map(|number| format!("{number:05}")).collect();
    let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
    for (cut, expected, fails) in
        [(vec![1, 2, 4], 2500, false), (vec![1, 2, 3], 1000, true), (vec![0, 1, 2], 0, true)]
    {
        let keys = KeyStore::new(Vec::new(), &keys);
        *keys.cut.lock().unwrap() = cut;
        let found: Vec<_> = WholeListing::new(keys).list(None).collect().await;
        assert_eq!(found.iter().filter(|object| object.is_ok()).count(), expected);
        assert_eq!(found.last().is_some_and(Result::is_err), fails);
        assert_eq!(found.len(), expected + usize::from(fails));
    }
}

fn odd_store(oddity: Oddity, keys: &[&str]) -> WholeListing<KeyStore> {
    WholeListing::new(KeyStore::new(Vec::new(), keys).with(oddity))
}

#[tokio::test]
async fn a_key_that_is_read_as_another_one_is_passed_over() {
    for odd in [
        vec!["k/1\u{2028}.json"],
        vec!["k/1\u{85}.json"],
        vec!["k/1\n.json", "k/1\u{85}.json", "k/1\u{2028}.json"],
        vec!["k/1\u{2028}\u{85}x\u{2028}"],
        vec!["k/1\u{2028}/a.json", "k/1\u{2028}/b.json"],
        vec!["k/\u{2028}"],
    ] {
        let good =
            ["k/0.json", "k/1", "k/1.json", "k/1\u{2020}.json", "k/1\u{2029}.json", "k/2.json"];
        let keys: Vec<&str> = good.iter().chain(&odd).copied().collect();
        for (prefix, offset) in [(None, None), (Some("k"), None), (Some("k"), Some("k/0"))] {
            let store = odd_store(Oddity::LineFeeds, &keys);
            let (paths, told) = listed(&store, prefix, offset).await;
            assert_eq!(paths, good, "{odd:?}");
            assert_eq!(told.len(), 1, "{odd:?} {told:?}");
            assert!(store.inner().requests() < 60, "{odd:?}: {}", store.inner().requests());
        }
    }
    // With too many of them it cannot be passed over: that is told, and the listing ends.
    let odd = format!("k/1{}.json", "\u{2028}".repeat(5));
    let store = odd_store(Oddity::LineFeeds, &["k/1.json", &odd, "k/2.json"]);
    let (paths, told) = listed(&store, Some("k"), None).await;
    assert_eq!(paths, ["k/1.json"]);
    assert_eq!(told, [format!("{:?}", odd.replace('\u{2028}', "\n")), r#""k/""#.to_owned()]);
}

#[tokio::test]
async fn a_listing_only_goes_forward() {
    let keys: Vec<String> = (0..2500).map(|number| format!("k/{number:05}.json")).collect();
    let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
    for (oddity, offset, listed_keys, told, most_requests) in [
        (Oddity::SameToken, None, 1000, vec![r#""k/""#], 2),
        (Oddity::SamePage, None, 1000, vec![r#""k/""#], 1002),
        (Oddity::EmptyPages, None, 0, vec![r#""k/""#], 1001),
        (Oddity::IgnoresStart, Some("k/01500.json"), 999, vec![], 3),
        (Oddity::Strays, None, 2500, vec![r#""elsewhere/1.json""#; 3], 3),
        (Oddity::Backwards, None, 2500, vec![r#""k/""#], 3),
    ] {
        let store = odd_store(oddity, &keys);
        let (mut paths, found) = listed(&store, Some("k"), offset).await;
        paths.dedup();
        assert_eq!(
            (paths.len(), found),
            (listed_keys, told.iter().map(ToString::to_string).collect()),
            "{oddity:?}"
        );
        assert!(
            store.inner().requests() <= most_requests,
            "{oddity:?}: {}",
            store.inner().requests()
        );
    }
    // A bad key cannot be passed over where the server does not start after it.
    let bad = [&keys[..1500], &["k/00999\u{1}"]].concat();
    let store = odd_store(Oddity::IgnoresStart, &bad);
    let (paths, told) = listed(&store, Some("k"), None).await;
    assert_eq!((paths.len(), told.len()), (999, 2));
    assert!(store.inner().requests() < 100, "{}", store.inner().requests());
}

#[tokio::test]
async fn a_level_only_goes_forward() {
    let keys: Vec<String> = (0..2500).map(|number| format!("k/{number:05}/a")).collect();
    let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
    for (oddity, most_requests) in [
        (Oddity::SameToken, 2),
        (Oddity::SamePage, 12),
        (Oddity::Strays, 1),
        (Oddity::LineFeeds, 3),
        (Oddity::IgnoresStart, 3),
    ] {
        let store = odd_store(oddity, &keys);
        let level = store.list_with_delimiter(Some(&Path::from("k"))).await;
        let is_odd = matches!(oddity, Oddity::SameToken | Oddity::SamePage | Oddity::Strays);
        assert_eq!(level.is_err(), is_odd, "{oddity:?}");
        assert!(store.inner().requests() <= most_requests, "{oddity:?}");
    }
    let store = odd_store(Oddity::EmptyPages, &["k/a"]);
    assert!(store.list_with_delimiter(Some(&Path::from("k"))).await.is_err());
    assert_eq!(store.inner().requests(), 1001);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    /// Also where line separators are read as something else.
    #[test]
    fn every_key_is_listed_once_beside_misread_ones(
        keys in proptest::collection::btree_set("[ab.\n\u{85}\u{2028}\u{2029}]{1,4}(/[a\u{2028}]{1,2})?", 0..40),
    ) {
        let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
        let store = odd_store(Oddity::LineFeeds, &keys);
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let (paths, told) = runtime.block_on(listed(&store, None, None));
        let is_good = |key: &&&str| Path::parse(key).is_ok() && !key.contains(['\u{85}', '\u{2028}']);
        let good: Vec<&str> = keys.iter().filter(is_good).copied().collect();
        prop_assert_eq!(&paths, &good);
        prop_assert!(good.len() == keys.len() || !told.is_empty());
        let requests = store.inner().requests();
        // Two for each spelling that a key may have.
        let separators = |key: &&str| key.matches(['\n', '\u{85}', '\u{2028}']).count();
        let most: u64 = keys.iter().map(|key| 4 + 2 * 3_u64.pow(u32::try_from(separators(key)).unwrap())).sum();
        prop_assert!(requests < 20 + most, "{requests} for {most}");
    }

    /// Whatever the keys: each is listed once, or told, by itself or with its folder.
    #[test]
    fn every_key_is_listed_or_told(
        keys in proptest::collection::btree_set("[a-c/.\n]{1,6}(/[a-b.]{0,2}){0,2}", 0..20),
        copies in 1..20_usize,
    ) {
        let keys: std::collections::BTreeSet<String> = keys
            .iter()
            .flat_map(|key| (0..copies).map(move |copy| format!("{copy:03}{key}")))
            .collect();
        let all: Vec<&str> = keys.iter().map(String::as_str).collect();
        let store = store(&all);
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let (paths, told) = runtime.block_on(listed(&store, None, None));
        let good: Vec<String> =
            all.iter().filter_map(|key| Path::parse(key).ok()).map(|path| path.to_string()).collect();
        prop_assert_eq!(paths, good);
        for bad in all.iter().filter(|key| Path::parse(key).is_err()) {
            let is_told = told.iter().any(|path| {
                let path = path.trim_matches('"').replace("\\n", "\n");
                path == *bad || (path.ends_with('/') && bad.starts_with(&path))
            });
            prop_assert!(is_told, "{bad:?} {told:?}");
        }
    }
}
