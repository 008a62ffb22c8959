//! Being asked to stop: by Ctrl-C, by SIGTERM, which is how schedulers and containers ask, or by
//! SIGHUP, when the terminal is closed.

/// Listens from now on. The future resolves to the exit code when the process is asked to stop.
#[cfg(unix)]
pub(crate) fn asked() -> impl Future<Output = i32> {
    use std::{future::pending, io};
    use tokio::signal::unix::{Signal, SignalKind, signal};
    async fn received(signal: io::Result<Signal>) {
        match signal {
            Ok(mut signal) => drop(signal.recv().await),
            Err(_) => pending().await,
        }
    }
    let interrupt = signal(SignalKind::interrupt());
    let terminate = signal(SignalKind::terminate());
    let hang_up = signal(SignalKind::hangup());
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
    match tokio::signal::ctrl_c().await {
        Ok(()) => 130,
        Err(_) => std::future::pending().await,
    }
}
