//! What is looked up, against plain sets.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::*;
use crate::testing::{TestHome, commit, log_file};

const SELECTIONS: [&str; 2] = ["event-source=all", "event-source=ecs.amazonaws.com"];

async fn statuses(home: &TestHome, selection: &str, numbers: &[u64]) -> Vec<InputStatus> {
    let dataset = home.open().await.unwrap();
    let mut log = dataset.log().await.unwrap();
    let files: Vec<LogFile> = numbers.iter().map(|number| log_file(*number)).collect();
    let mut candidates = Candidates::new(&files, selection);
    look_up(&dataset.objects, &mut candidates, &mut log, selection).await.unwrap();
    candidates.statuses()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, ..ProptestConfig::default() })]

    /// Whatever was committed when, and whatever of it is in checkpoints.
    #[test]
    fn inputs_are_known_as_they_were_committed(
        commits in proptest::collection::vec(
            (0_usize..2, proptest::collection::vec((0_u64..40, any::<bool>()), 1..20)), 0..9),
        every in 1_usize..5,
        asked in proptest::collection::vec(0_u64..45, 0..30),
    ) {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        runtime.block_on(async {
            let home = TestHome::memory().checkpointed_after(every);
            let dataset = home.open().await.unwrap();
            let mut expected: BTreeMap<(usize, u64), LedgerStatus> = BTreeMap::new();
            for (selection, inputs) in &commits {
                commit(&dataset, SELECTIONS[*selection], inputs).await;
                let (mut log, _) = dataset.settled_log().await.unwrap();
                dataset.checkpoint_if_due(&mut log).await.unwrap();
                for (number, is_damaged) in inputs {
                    let known = if *is_damaged { LedgerStatus::Damaged } else { LedgerStatus::Converted };
                    let before = expected.entry((*selection, *number)).or_insert(known);
                    *before = known.max(*before);
                }
            }
            for (number, selection) in SELECTIONS.iter().enumerate() {
                let mut seen = BTreeSet::new();
                let expected: Vec<InputStatus> = asked.iter().map(|asked| InputStatus {
                    ledger: expected.get(&(number, *asked)).copied().unwrap_or(LedgerStatus::New),
                    is_repeated: !seen.insert(*asked),
                }).collect();
                assert_eq!(statuses(&home, selection, &asked).await, expected);
            }
        });
    }
}
