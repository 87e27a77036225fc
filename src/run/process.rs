//! Which process trains a run, told apart from a later one with the same number.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::fs;

/// A process, as `status.json` names it. A process number alone is no identity: numbers are reused, and mean
/// something else on another machine, after a restart, and in another container.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ProcessIdentity {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pid: Option<u32>,
    /// When it started: clock ticks since the machine's start, as `/proc/PID/stat` has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub process_start: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub boot_id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub host: Option<String>,
    /// The number of the namespace that `pid` counts in; absent where the writer did not know of any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pid_namespace: Option<u64>,
}

impl ProcessIdentity {
    /// This process.
    pub fn current() -> Self {
        let machine = Machine::here();
        let pid = std::process::id();
        Self {
            pid: Some(pid),
            process_start: stat(pid).map(|stat| stat.start_ticks as f64),
            boot_id: machine.boot_id,
            host: machine.host,
            pid_namespace: machine.pid_namespace,
        }
    }
}

/// As a sentence names it: `process 17 on gpu-3`.
impl fmt::Display for ProcessIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.pid {
            Some(pid) => write!(f, "process {pid}")?,
            None => f.write_str("a process")?,
        }
        write!(f, " on {}", self.host.as_deref().unwrap_or("another machine"))
    }
}

/// What can be said of a process from here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence {
    Alive,
    /// Ended, a zombie, or its number belongs to another process now.
    Gone,
    /// On another machine or in another container, or nothing is known: only its heartbeat can tell.
    Unknown,
}

/// The place that process numbers are valid in.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Machine {
    pub host: Option<String>,
    /// Changes with every start of the machine.
    pub boot_id: Option<String>,
    pub pid_namespace: Option<u64>,
}

impl Machine {
    /// Where this process runs. What the system does not tell is `None`, and then no process is said to be gone.
    pub fn here() -> Self {
        Self {
            host: line("/proc/sys/kernel/hostname").or_else(sysinfo::System::host_name),
            boot_id: line("/proc/sys/kernel/random/boot_id"),
            pid_namespace: pid_namespace(),
        }
    }

    /// Whether a process is still the one that was named.
    pub fn presence(&self, process: &ProcessIdentity) -> Presence {
        let same = |a: &Option<String>, b: &Option<String>| a.is_some() && a == b;
        let same_namespace = match (process.pid_namespace, self.pid_namespace) {
            (Some(theirs), Some(ours)) => theirs == ours,
            _ => true,
        };
        let here = same(&process.host, &self.host) && same(&process.boot_id, &self.boot_id) && same_namespace;
        let (Some(pid), true) = (process.pid, here) else { return Presence::Unknown };
        match stat(pid) {
            Some(stat) if stat.ended => Presence::Gone,
            Some(stat) if process.process_start.is_some_and(|start| !stat.started_at(start)) => {
                Presence::Gone
            }
            Some(_) => Presence::Alive,
            // `/proc` may hide other people's processes; a signal that does nothing tells them from none.
            None if exists(pid) => Presence::Unknown,
            None => Presence::Gone,
        }
    }
}

fn line(path: &str) -> Option<String> {
    let text = fs::read_to_string(path).ok()?;
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_string())
}

fn pid_namespace() -> Option<u64> {
    // A link to `pid:[4026531836]`.
    let link = fs::read_link("/proc/self/ns/pid").ok()?;
    link.to_str()?.strip_prefix("pid:[")?.strip_suffix(']')?.parse().ok()
}

fn exists(pid: u32) -> bool {
    let Some(pid) = i32::try_from(pid).ok().and_then(rustix::process::Pid::from_raw) else { return false };
    rustix::process::test_kill_process(pid) != Err(rustix::io::Errno::SRCH)
}

/// What Linux tells user space on every machine, whatever the kernel counts in.
const TICKS_PER_SECOND: f64 = 100.0;

/// What `/proc/PID/stat` says.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Stat {
    /// A zombie or dead: nothing runs any more, only the number is still taken.
    ended: bool,
    start_ticks: u64,
}

impl Stat {
    /// Whether `start` names this process's start: in ticks, or in unix seconds as other programs count.
    fn started_at(self, start: f64) -> bool {
        if start == self.start_ticks as f64 {
            return true;
        }
        let boot = sysinfo::System::boot_time() as f64;
        boot > 0.0 && (boot + self.start_ticks as f64 / TICKS_PER_SECOND - start).abs() < 2.0
    }
}

fn stat(pid: u32) -> Option<Stat> {
    parse_stat(&fs::read(format!("/proc/{pid}/stat")).ok()?)
}

/// The fields of proc(5); the second is the command's name in parentheses and may itself hold anything.
fn parse_stat(content: &[u8]) -> Option<Stat> {
    let after_name = content.iter().rposition(|&byte| byte == b')')? + 1;
    let mut fields = std::str::from_utf8(&content[after_name..]).ok()?.split_ascii_whitespace();
    let state = fields.next()?; // field 3
    let start_ticks = fields.nth(18)?.parse().ok()?; // field 22
    Some(Stat { ended: matches!(state, "Z" | "X" | "x"), start_ticks })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::Command;

    #[test]
    fn this_process_is_alive_and_the_same_number_with_another_start_is_gone() {
        let machine = Machine::here();
        let mut process = ProcessIdentity::current();
        assert_eq!(machine.presence(&process), Presence::Alive);
        process.process_start = process.process_start.map(|start| start - 1000.0);
        assert_eq!(machine.presence(&process), Presence::Gone);
    }

    #[test]
    fn a_process_of_elsewhere_is_not_judged_by_its_number() {
        let machine = Machine::here();
        let here = ProcessIdentity::current();
        for elsewhere in [
            ProcessIdentity { host: Some("elsewhere".into()), ..here.clone() },
            ProcessIdentity { boot_id: Some("before".into()), ..here.clone() },
            ProcessIdentity { boot_id: None, ..here.clone() },
            ProcessIdentity { pid_namespace: Some(1), ..here.clone() },
            ProcessIdentity { pid: None, ..here.clone() },
        ] {
            assert_eq!(machine.presence(&elsewhere), Presence::Unknown, "{elsewhere:?}");
        }
    }

    #[test]
    fn a_zombie_and_a_reaped_process_are_gone() {
        let machine = Machine::here();
        let mut child = Command::new("true").spawn().unwrap();
        let process =
            ProcessIdentity { pid: Some(child.id()), process_start: None, ..ProcessIdentity::current() };
        while !stat(child.id()).is_some_and(|stat| stat.ended) {
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
        assert_eq!(machine.presence(&process), Presence::Gone, "a zombie");
        child.wait().unwrap();
        assert_eq!(machine.presence(&process), Presence::Gone, "reaped");
    }

    #[test]
    fn a_start_in_unix_seconds_is_understood() {
        let ours = stat(std::process::id()).unwrap();
        let now = crate::run::unix_seconds();
        assert!(!ours.started_at(now - 1e6));
        let started = sysinfo::System::boot_time() as f64 + ours.start_ticks as f64 / TICKS_PER_SECOND;
        assert!(ours.started_at(started + 0.5));
        assert!(started <= now + 2.0);
    }

    #[test]
    fn a_command_name_with_parentheses_does_not_confuse() {
        let text = b"77 (a) Z (b) S 1 77 77 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 12345 0 0";
        assert_eq!(parse_stat(text), Some(Stat { ended: false, start_ticks: 12345 }));
        assert_eq!(parse_stat(b"garbage"), None);
    }
}
