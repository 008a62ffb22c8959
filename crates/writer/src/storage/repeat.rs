//! Calls to a store that are repeated because they can be done twice. A store's own client repeats
//! what the server refuses, but not what is cut off on the way, nor a listing that ends early.

use std::time::Duration;

use object_store::{Error, Result};

/// How often the store is asked.
const ATTEMPTS: u32 = 3;
/// The pause after the first attempt; each is twice as long as the one before.
pub(crate) const FIRST_PAUSE: Duration = Duration::from_millis(if cfg!(test) { 1 } else { 100 });

/// Calls until the answer is one that a further call would not change.
pub(crate) async fn repeated<T, F: Future<Output = Result<T>>>(call: impl Fn() -> F) -> Result<T> {
    let mut attempt = 1;
    loop {
        match call().await {
            // The errors that a server means have kinds of their own.
            Err(Error::Generic { .. }) if attempt < ATTEMPTS => {}
            answer => return answer,
        }
        tokio::time::sleep(FIRST_PAUSE * 2_u32.pow(attempt - 1)).await;
        attempt += 1;
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    fn cut() -> Error {
        Error::Generic { store: "a store", source: "cut".into() }
    }

    fn missing() -> Error {
        Error::NotFound { path: "a path".to_owned(), source: "missing".into() }
    }

    #[tokio::test]
    async fn what_is_cut_is_asked_again_and_what_is_meant_is_not() {
        for (error, failures, calls, succeeds) in [
            (cut as fn() -> Error, 0, 1, true),
            (cut, 2, 3, true),
            (cut, 3, 3, false),
            (missing, 1, 1, false),
        ] {
            let asked = AtomicU32::new(0);
            let answer = repeated(|| async {
                let call = asked.fetch_add(1, Ordering::Relaxed);
                if call < failures { Err(error()) } else { Ok(()) }
            });
            assert_eq!(answer.await.is_ok(), succeeds);
            assert_eq!(asked.load(Ordering::Relaxed), calls);
        }
    }
}
