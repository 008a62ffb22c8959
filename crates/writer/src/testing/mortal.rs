//! Staging that dies, or fails once, at a step of choice.

use std::{
    io::{self, Write},
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
};

use async_trait::async_trait;

use crate::{
    error::{Error, Result},
    storage::{Creation, PreparedFile, StagedFile, Staging},
};

/// What happens at the step of choice.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Accident {
    /// The process dies, before or after doing the step, and stays dead.
    Death { dies_after_doing: bool },
    /// The step fails, before or after it is done; the process lives on.
    Failure { fails_after_doing: bool },
}

impl Accident {
    /// Every accident.
    pub(crate) fn all() -> [Self; 4] {
        let death = |dies_after_doing| Self::Death { dies_after_doing };
        let failure = |fails_after_doing| Self::Failure { fails_after_doing };
        [death(false), death(true), failure(false), failure(true)]
    }
}

/// Staging with an accident at one of its steps. Each file that is published or removed is one.
#[derive(Debug)]
pub(crate) struct Mortal {
    inner: Arc<dyn Staging>,
    life: Arc<Life>,
}

#[derive(Debug)]
struct Life {
    steps: AtomicUsize,
    accident_at: usize,
    accident: Accident,
    has_struck: AtomicBool,
    is_dead: AtomicBool,
    /// A lock to take away instead, before the step is done, and whether another takes its home.
    lock: Option<(PathBuf, bool)>,
}

impl Mortal {
    pub(crate) fn new(inner: Arc<dyn Staging>, accident_at: usize, accident: Accident) -> Self {
        Self::with(inner, accident_at, accident, None)
    }

    /// Staging whose lock is removed at one of its steps, or replaced, before the step is done.
    #[cfg(unix)]
    pub(crate) fn losing_lock(
        inner: Arc<dyn Staging>,
        accident_at: usize,
        lock: PathBuf,
        is_replaced: bool,
    ) -> Self {
        let accident = Accident::Failure { fails_after_doing: true };
        Self::with(inner, accident_at, accident, Some((lock, is_replaced)))
    }

    fn with(
        inner: Arc<dyn Staging>,
        accident_at: usize,
        accident: Accident,
        lock: Option<(PathBuf, bool)>,
    ) -> Self {
        let life = Life {
            lock,
            steps: AtomicUsize::new(0),
            accident_at,
            accident,
            has_struck: AtomicBool::new(false),
            is_dead: AtomicBool::new(false),
        };
        Self { inner, life: Arc::new(life) }
    }

    /// Returns whether the accident has happened.
    pub(crate) fn has_struck(&self) -> bool {
        self.life.has_struck.load(Ordering::SeqCst)
    }
}

fn failure() -> Error {
    Error::Disk { action: "reach", path: "a dead disk".into(), source: io::Error::other("dead") }
}

impl Life {
    /// Begins a step; returns whether it will be reported as done.
    fn begin(&self) -> Result<bool> {
        if self.is_dead.load(Ordering::SeqCst) {
            return Err(failure());
        }
        if self.steps.fetch_add(1, Ordering::SeqCst) != self.accident_at {
            return Ok(true);
        }
        self.has_struck.store(true, Ordering::SeqCst);
        if let Some((lock, is_replaced)) = &self.lock {
            std::fs::remove_file(lock).unwrap();
            if *is_replaced {
                std::fs::write(lock, "").unwrap();
            }
            return Ok(true);
        }
        let (is_death, is_done) = match self.accident {
            Accident::Death { dies_after_doing } => (true, dies_after_doing),
            Accident::Failure { fails_after_doing } => (false, fails_after_doing),
        };
        self.is_dead.store(is_death, Ordering::SeqCst);
        if is_done { Ok(false) } else { Err(failure()) }
    }

    fn step<T>(&self, action: impl FnOnce() -> Result<T>) -> Result<T> {
        let is_reported = self.begin()?;
        action().and_then(|done| if is_reported { Ok(done) } else { Err(failure()) })
    }

    async fn step_of<T>(&self, action: impl Future<Output = Result<T>>) -> Result<T> {
        let is_reported = self.begin()?;
        action.await.and_then(|done| if is_reported { Ok(done) } else { Err(failure()) })
    }
}

struct MortalFile {
    inner: Box<dyn StagedFile>,
    life: Arc<Life>,
}

impl Write for MortalFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.life.is_dead.load(Ordering::SeqCst) {
            return Err(io::Error::other("dead"));
        }
        self.inner.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

impl StagedFile for MortalFile {
    fn prepare(self: Box<Self>) -> Result<String> {
        let Self { inner, life } = *self;
        life.step(|| inner.prepare())
    }
}

#[async_trait]
impl Staging for Mortal {
    fn stage(&self, transaction: &str, name: &str, path: &str) -> Result<Box<dyn StagedFile>> {
        let inner = self.life.step(|| self.inner.stage(transaction, name, path))?;
        Ok(Box::new(MortalFile { inner, life: Arc::clone(&self.life) }))
    }

    async fn publish(&self, files: &[PreparedFile]) -> Result<()> {
        for file in files {
            self.life.step_of(self.inner.publish(std::slice::from_ref(file))).await?;
        }
        Ok(())
    }

    async fn discard(&self, transaction: &str) -> Result<()> {
        self.life.step_of(self.inner.discard(transaction)).await
    }

    async fn forget(&self, transaction: &str) -> Result<()> {
        self.life.step_of(self.inner.forget(transaction)).await
    }

    async fn transactions(&self) -> Result<Vec<String>> {
        self.inner.transactions().await
    }

    fn is_exclusive(&self) -> bool {
        self.inner.is_exclusive()
    }

    async fn write(&self, path: &str, bytes: Vec<u8>) -> Result<()> {
        self.life.step_of(self.inner.write(path, bytes)).await
    }

    async fn replace(&self, path: &str, bytes: Vec<u8>) -> Result<()> {
        self.life.step_of(self.inner.replace(path, bytes)).await
    }

    async fn remove(&self, paths: &[String]) -> Result<()> {
        for path in paths {
            self.life.step_of(self.inner.remove(std::slice::from_ref(path))).await?;
        }
        Ok(())
    }

    async fn create(&self, path: &str, bytes: Vec<u8>) -> Result<Creation> {
        self.life.step_of(self.inner.create(path, bytes)).await
    }
}
