//! What the system tells of this process.

/// Returns how many bytes of memory the process holds that are no files: of its own file, and of
/// shared libraries, the system keeps in memory what it likes. Only Linux tells.
///
/// See `proc_pid_status(5)`, `RssAnon`.
pub(crate) fn held_bytes() -> Option<usize> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("RssAnon:"))?;
    let kibibytes: usize = line.trim().strip_suffix("kB")?.trim_end().parse().ok()?;
    kibibytes.checked_mul(1024)
}
