//! What the process does when it is asked to stop: it cancels the run, ends a program that works for
//! it, and removes its temporary files.

use std::{
    collections::BTreeSet,
    fs, io,
    path::{Path, PathBuf},
    process::{Child, ExitStatus},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    thread,
    time::Duration,
};

use ecstrail_query::Engine;
use ecstrail_writer::Progress;
use tokio::time::timeout;

use crate::{console, stop::asked};

/// What is done once the process is asked to stop.
#[derive(Debug)]
struct Plan {
    is_listening: bool,
    /// A run that ends in its own way at first.
    run: Option<Arc<Progress>>,
    /// Whether that run only waits.
    is_idle: bool,
    /// Whether the process was asked to stop: runs that begin later end at once.
    is_asked: bool,
    /// An engine elsewhere that works for this one.
    engine: Option<Arc<dyn Engine>>,
    /// Another program that works for this one.
    child: Option<Child>,
    /// Files and folders to remove.
    leavings: BTreeSet<PathBuf>,
}

static PLAN: Mutex<Plan> = Mutex::new(Plan {
    is_listening: false,
    run: None,
    is_idle: false,
    is_asked: false,
    engine: None,
    child: None,
    leavings: BTreeSet::new(),
});

/// How long an engine has time to answer that it gives up.
const TIME_TO_TELL: Duration = Duration::from_secs(5);
/// How often the end of another program is looked for.
const LOOK: Duration = Duration::from_millis(10);

/// Something that is removed if the process is asked to stop before this is dropped.
#[derive(Debug)]
pub(crate) struct Leaving(PathBuf);

impl Leaving {
    /// Makes something that has a path. A request to stop that comes meanwhile waits until it is made,
    /// and then removes it.
    pub(crate) fn make<T: AsRef<Path>>(
        make: impl FnOnce() -> io::Result<T>,
    ) -> io::Result<(T, Self)> {
        let mut plan = listen(plan());
        let made = make()?;
        // The process may change its current folder.
        let path = std::path::absolute(&made).unwrap_or_else(|_| made.as_ref().to_owned());
        plan.leavings.insert(path.clone());
        Ok((made, Self(path)))
    }
}

impl Drop for Leaving {
    fn drop(&mut self) {
        plan().leavings.remove(&self.0);
    }
}

/// Lets the user cancel a run; a second signal stops the process immediately.
pub(crate) fn cancels(progress: Arc<Progress>) {
    register(progress, false);
}

/// Lets the user end a wait between two runs.
pub(crate) fn ends_wait(progress: Arc<Progress>) {
    register(progress, true);
}

fn register(progress: Arc<Progress>, is_idle: bool) {
    let mut plan = listen(plan());
    if plan.is_asked {
        progress.cancel();
    }
    (plan.run, plan.is_idle) = (Some(progress), is_idle);
}

/// Lets an engine elsewhere give up on what it works on for this process.
pub(crate) fn cancels_engine(engine: Arc<dyn Engine>) {
    listen(plan()).engine = Some(engine);
}

/// Waits until another program ends, and ends it if the process is asked to stop.
pub(crate) fn wait(child: Child) -> io::Result<ExitStatus> {
    listen(plan()).child = Some(child);
    loop {
        if let Some(child) = &mut plan().child
            && let Some(status) = child.try_wait()?
        {
            return Ok(status);
        }
        thread::sleep(LOOK);
    }
}

fn plan() -> MutexGuard<'static, Plan> {
    PLAN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Listens on a thread of its own: those of the runtime may be busy with rows for a long time.
fn listen(mut plan: MutexGuard<'static, Plan>) -> MutexGuard<'static, Plan> {
    if plan.is_listening {
        return plan;
    }
    let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_all().build() else {
        return plan;
    };
    let entered = runtime.enter();
    let first = asked();
    drop(entered);
    plan.is_listening = thread::Builder::new()
        .name("stop".to_owned())
        .spawn(move || {
            let mut code = runtime.block_on(first);
            let (run, is_idle) = {
                let mut plan = self::plan();
                plan.is_asked = true;
                (plan.run.take(), plan.is_idle)
            };
            if let Some(run) = run {
                if !is_idle {
                    console::note(
                        "stopping: uncommitted work is discarded (interrupt again to stop \
                         immediately)",
                    );
                }
                let next = {
                    let _entered = runtime.enter();
                    asked()
                };
                run.cancel();
                code = runtime.block_on(next);
            }
            let engine = self::plan().engine.take();
            if let Some(engine) = engine {
                drop(runtime.block_on(async { timeout(TIME_TO_TELL, engine.cancel()).await }));
            }
            let mut plan = self::plan();
            if let Some(child) = &mut plan.child {
                drop(child.kill().and_then(|()| child.wait()));
            }
            for path in &plan.leavings {
                drop(fs::remove_file(path).or_else(|_| fs::remove_dir_all(path)));
            }
            #[expect(
                clippy::exit,
                reason = "nothing is left to do; every moment is safe to die in"
            )]
            std::process::exit(code);
        })
        .is_ok();
    plan
}
