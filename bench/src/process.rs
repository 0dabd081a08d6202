//! What the system says of a process: time on the processors and memory.

use std::time::Duration;

/// Parts of a second in `/proc/PID/stat`; Linux shows 100 to programs on every machine.
const TICKS_PER_SECOND: u64 = 100;

/// Time a process spent on the processors, in itself and in the kernel.
pub fn cpu(pid: u32) -> Duration {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    let after_name = stat.rsplit_once(')').map_or("", |(_, rest)| rest);
    let words: Vec<&str> = after_name.split_whitespace().collect();
    let ticks = |at: usize| words.get(at).and_then(|w| w.parse::<u64>().ok()).unwrap_or(0);
    Duration::from_millis((ticks(11) + ticks(12)) * 1000 / TICKS_PER_SECOND)
}

/// Resident memory in bytes: all of it, and without pages of files.
pub fn memory(pid: u32) -> (u64, u64) {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let kilobytes = |name: &str| {
        let line = status.lines().find(|line| line.starts_with(name));
        line.and_then(|l| l.split_whitespace().nth(1)?.parse::<u64>().ok()).unwrap_or(0)
    };
    (kilobytes("VmRSS:") * 1024, kilobytes("RssAnon:") * 1024)
}

/// A process and everything it started, of which the command line contains `text`.
pub fn family(text: &str) -> Vec<u32> {
    let Ok(processes) = std::fs::read_dir("/proc") else { return Vec::new() };
    let pids: Vec<u32> =
        processes.flatten().filter_map(|p| p.file_name().to_str()?.parse().ok()).collect();
    let head = pids.iter().copied().find(|pid| {
        let line = std::fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
        let line = String::from_utf8_lossy(&line).replace('\0', " ");
        // The server itself, not the shell or the tool that started it.
        line.split(' ').next().is_some_and(|p| p.ends_with("/postgres")) && line.contains(text)
    });
    let Some(head) = head else { return Vec::new() };
    pids.into_iter().filter(|pid| *pid == head || parent(*pid) == Some(head)).collect()
}

fn parent(pid: u32) -> Option<u32> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    stat.rsplit_once(')')?.1.split_whitespace().nth(1)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_process_has_memory_and_a_parent() {
        let own = std::process::id();
        let (all, anonymous) = memory(own);
        assert!(all >= anonymous && anonymous > 0);
        assert!(parent(own).is_some());
    }
}
