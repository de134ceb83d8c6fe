//! What a process holds.

/// What `line` of this process's status says, in MB, where the system says so:
/// `VmHWM:` the most memory that it has held, `VmRSS:` what it holds now.
pub(crate) fn mb(line: &str) -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|one| one.strip_prefix(line))?;
    let kb: u64 = line.split_whitespace().next()?.parse().ok()?;
    Some(kb / 1000)
}
