//! Being asked to stop: by Ctrl-C, by SIGTERM, which is how schedulers and containers ask, or by
//! SIGHUP, when the terminal is closed.

use std::sync::atomic::{AtomicBool, Ordering};

/// Whether Ctrl-C is for what runs within the process, and not for the process.
static ARE_INTERRUPTS_TAKEN: AtomicBool = AtomicBool::new(false);

/// Listens from now on. The future resolves to the exit code when the process is asked to stop.
#[cfg(unix)]
pub(crate) fn asked() -> impl Future<Output = i32> {
    use std::{future::pending, io};
    use tokio::signal::unix::{Signal, SignalKind, signal};
    async fn received(signal: Option<io::Result<Signal>>) {
        match signal {
            Some(Ok(mut signal)) => drop(signal.recv().await),
            _ => pending().await,
        }
    }
    let is_taken = ARE_INTERRUPTS_TAKEN.load(Ordering::Relaxed);
    let interrupt = (!is_taken).then(|| signal(SignalKind::interrupt()));
    let terminate = Some(signal(SignalKind::terminate()));
    let hang_up = Some(signal(SignalKind::hangup()));
    async {
        tokio::select! {
            () = received(interrupt) => 130,
            () = received(terminate) => 143,
            () = received(hang_up) => 129,
        }
    }
}

/// Listens once it is awaited. The future ends once the process is asked to stop, with its exit
/// code.
#[cfg(not(unix))]
pub(crate) async fn asked() -> i32 {
    if ARE_INTERRUPTS_TAKEN.load(Ordering::Relaxed) {
        return std::future::pending().await;
    }
    match tokio::signal::ctrl_c().await {
        Ok(()) => 130,
        Err(_) => std::future::pending().await,
    }
}

/// Ctrl-C, for whoever wants to be told instead of being ended.
#[derive(Debug)]
pub(crate) struct Interrupts {
    #[cfg(unix)]
    signal: tokio::signal::unix::Signal,
}

impl Interrupts {
    /// From now on, Ctrl-C does not end the process.
    ///
    /// # Errors
    /// If the system does not let the process listen.
    pub(crate) fn take() -> std::io::Result<Self> {
        #[cfg(unix)]
        let signal = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::interrupt())?;
        ARE_INTERRUPTS_TAKEN.store(true, Ordering::Relaxed);
        #[cfg(unix)]
        return Ok(Self { signal });
        #[cfg(not(unix))]
        Ok(Self {})
    }

    /// Waits for the next one.
    pub(crate) async fn next(&mut self) {
        #[cfg(unix)]
        if self.signal.recv().await.is_none() {
            std::future::pending::<()>().await;
        }
        #[cfg(not(unix))]
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    }

    /// Forgets those that came, and returns whether there were any.
    pub(crate) fn forget(&mut self) -> bool {
        let mut any = false;
        while futures::FutureExt::now_or_never(self.next()).is_some() {
            any = true;
        }
        any
    }
}
