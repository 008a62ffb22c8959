//! Being asked to stop: by Ctrl-C, or by SIGTERM, which is how schedulers and containers ask.

/// Listens from now on. The future ends once the process is asked to stop, with the exit code that
/// tells how; with `None` where that cannot be listened for.
#[cfg(unix)]
pub(crate) fn asked() -> impl Future<Output = Option<i32>> {
    use tokio::signal::unix::{SignalKind, signal};
    let interrupt = signal(SignalKind::interrupt());
    let terminate = signal(SignalKind::terminate());
    async move {
        let (mut interrupt, mut terminate) = (interrupt.ok()?, terminate.ok()?);
        tokio::select! {
            asked = interrupt.recv() => asked.map(|()| 130),
            asked = terminate.recv() => asked.map(|()| 143),
        }
    }
}

/// Listens once it is awaited. The future ends once the process is asked to stop, with its exit
/// code.
#[cfg(not(unix))]
pub(crate) async fn asked() -> Option<i32> {
    tokio::signal::ctrl_c().await.ok().map(|()| 130)
}
