//! The screen of a terminal: what fits is written to it, a longer answer goes through a pager.

use std::{
    ffi::OsString,
    io::{self, Write},
    process::{Child, ChildStdin, Command, Stdio},
    thread,
};

use tokio::{sync::watch, task::AbortHandle};

use crate::stop::{self, INTERRUPTED};

/// What the shell says if there is no such program, or none that runs.
const NOT_RUN: [i32; 2] = [126, 127];

/// Lines that the shell's prompt and the number of rows take.
const LINES_BELOW: usize = 2;

/// Shows answers that are longer than the terminal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum PagerCommand {
    /// What `PAGER` says, for the shell.
    Shell(OsString),
    /// `less`, which ends at once if all fits on the screen, and leaves it there.
    Less,
}

/// Holds back what fits on the screen, until it is known whether more comes.
#[derive(Debug)]
pub(crate) struct Screen<W> {
    direct: W,
    command: Option<PagerCommand>,
    columns: usize,
    lines_left: usize,
    /// Columns used of the current line.
    used: usize,
    waiting: Vec<u8>,
    pager: Option<Pager>,
}

/// A pager that runs.
#[derive(Debug)]
struct Pager {
    stdin: ChildStdin,
    /// How it ended, once it has.
    ended: watch::Receiver<Option<i32>>,
    watch: AbortHandle,
}

impl<W: Write> Screen<W> {
    /// Writes to `direct` what fits on a terminal of this many columns and lines.
    pub(crate) fn new(direct: W, command: PagerCommand, (columns, lines): (usize, usize)) -> Self {
        Self {
            direct,
            command: Some(command),
            columns: columns.max(1),
            lines_left: lines.saturating_sub(LINES_BELOW),
            used: 0,
            waiting: Vec::new(),
            pager: None,
        }
    }

    /// Writes out what was held back, and waits until nobody reads any more.
    pub(crate) async fn finish(mut self) -> io::Result<()> {
        let Some(Pager { stdin, mut ended, watch }) = self.pager.take() else {
            self.direct.write_all(&self.waiting)?;
            return self.direct.flush();
        };
        drop(stdin);
        let code = ended.wait_for(Option::is_some).await.ok().and_then(|code| *code);
        watch.abort();
        match code {
            Some(code) if NOT_RUN.contains(&code) => Err(io::Error::other(
                "the pager did not start: set PAGER to a command that works, or give --no-pager",
            )),
            _ => Ok(()),
        }
    }

    /// Returns whether all that was written so far fits on the screen.
    fn fits(&mut self, bytes: &[u8]) -> bool {
        for byte in bytes {
            if *byte == b'\n' {
                self.used = 0;
                self.lines_left = self.lines_left.saturating_sub(1);
            } else if byte & 0xc0 != 0x80 {
                // A terminal continues a full line on the next one.
                if self.used == self.columns {
                    self.used = 0;
                    self.lines_left = self.lines_left.saturating_sub(1);
                }
                self.used += 1;
            }
        }
        self.lines_left > 0
    }
}

impl<W: Write> Write for Screen<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if let Some(pager) = &mut self.pager {
            return pager.stdin.write(bytes);
        }
        if self.command.is_none() {
            return self.direct.write(bytes);
        }
        self.waiting.extend_from_slice(bytes);
        if !self.fits(bytes) {
            let waiting = std::mem::take(&mut self.waiting);
            match self.command.take().and_then(|command| Pager::start(&command).ok()) {
                Some(pager) => self.pager.insert(pager).stdin.write_all(&waiting)?,
                None => self.direct.write_all(&waiting)?,
            }
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        match &mut self.pager {
            Some(pager) => pager.stdin.flush(),
            None => self.direct.flush(),
        }
    }
}

impl Pager {
    fn start(command: &PagerCommand) -> io::Result<Self> {
        let mut command = match command {
            PagerCommand::Less => {
                let mut less = Command::new("less");
                less.arg("-FRX");
                less
            }
            PagerCommand::Shell(line) => {
                let (shell, flag) = if cfg!(windows) { ("cmd", "/C") } else { ("sh", "-c") };
                let mut shell = Command::new(shell);
                shell.arg(flag).arg(line);
                if std::env::var_os("LESS").is_none() {
                    shell.env("LESS", "FRX");
                }
                shell
            }
        };
        // Ctrl-C goes to the pager as well, which may go on: the terminal is its own until it ends.
        let stop = stop::asked();
        let mut child = command.stdin(Stdio::piped()).spawn()?;
        let stdin = child.stdin.take().ok_or(io::ErrorKind::BrokenPipe)?;
        let (sender, ended) = watch::channel(None);
        thread::spawn(move || sender.send(Some(wait(child))));
        let mut until = ended.clone();
        let watch = tokio::spawn(async move {
            let code = stop.await;
            if code == INTERRUPTED {
                drop(until.wait_for(Option::is_some).await);
            }
            std::process::exit(code);
        });
        Ok(Self { stdin, ended, watch: watch.abort_handle() })
    }
}

fn wait(mut child: Child) -> i32 {
    child.wait().ok().and_then(|status| status.code()).unwrap_or_default()
}
