//! Being asked to stop. On Unix: by Ctrl-C, by SIGTERM, which is how schedulers and containers ask, or
//! by SIGHUP, when the terminal is closed. On Windows: by Ctrl-C, by Ctrl-Break, when the console is
//! closed, or when the system shuts down.

use std::sync::atomic::{AtomicBool, Ordering};

#[cfg(windows)]
use tokio::signal::windows as system;
#[cfg(unix)]
use tokio::signal::{unix as system, unix::SignalKind};

/// Whether Ctrl-C is for what runs within the process, and not for the process.
static ARE_INTERRUPTS_TAKEN: AtomicBool = AtomicBool::new(false);

/// The exit code after Ctrl-C; all are those that Unix shells give.
pub(crate) const INTERRUPTED: i32 = 130;
const HUNG_UP: i32 = 129;
const TERMINATED: i32 = 143;

/// Waits for a signal; forever if there is none to wait for, or the system does not let the process listen.
macro_rules! received {
    ($signal:expr) => {{
        let signal = $signal;
        async move {
            let Some(Ok(mut signal)) = signal else { return std::future::pending().await };
            let _: Option<()> = signal.recv().await;
        }
    }};
}

/// Listens from now on. The future resolves to the exit code when the process is asked to stop.
pub(crate) fn asked() -> impl Future<Output = i32> {
    let is_taken = ARE_INTERRUPTS_TAKEN.load(Ordering::Relaxed);
    let interrupt = received!((!is_taken).then(interrupts));
    #[cfg(unix)]
    let (terminate, close) = (
        received!(Some(system::signal(SignalKind::terminate()))),
        received!(Some(system::signal(SignalKind::hangup()))),
    );
    #[cfg(windows)]
    let (terminate, close) = (
        {
            let (pressed, shut_down) =
                (received!(Some(system::ctrl_break())), received!(Some(system::ctrl_shutdown())));
            async {
                tokio::select! {
                    () = pressed => {}
                    () = shut_down => {}
                }
            }
        },
        received!(Some(system::ctrl_close())),
    );
    async {
        tokio::select! {
            () = interrupt => INTERRUPTED,
            () = terminate => TERMINATED,
            () = close => HUNG_UP,
        }
    }
}

#[cfg(unix)]
type Interrupt = system::Signal;
#[cfg(windows)]
type Interrupt = system::CtrlC;

fn interrupts() -> std::io::Result<Interrupt> {
    #[cfg(unix)]
    return system::signal(SignalKind::interrupt());
    #[cfg(windows)]
    system::ctrl_c()
}

/// Ctrl-C, for whoever wants to be told instead of being ended.
#[derive(Debug)]
pub(crate) struct Interrupts(Interrupt);

impl Interrupts {
    /// From now on, Ctrl-C does not end the process.
    ///
    /// # Errors
    /// If the system does not let the process listen.
    pub(crate) fn take() -> std::io::Result<Self> {
        let signal = interrupts()?;
        ARE_INTERRUPTS_TAKEN.store(true, Ordering::Relaxed);
        Ok(Self(signal))
    }

    /// Waits for the next one.
    pub(crate) async fn next(&mut self) {
        if self.0.recv().await.is_none() {
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
