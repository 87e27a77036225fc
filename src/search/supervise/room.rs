//! Whether the disk has room for another run.

use std::path::Path;

/// Bytes below which no run is begun: a run's checkpoint takes some, and one that fails for want of room has cost its
/// time.
pub(super) const LEAST_FREE: u64 = 50 << 20;

/// Bytes that are free for this user on the disk of a folder; none where the system does not say.
pub(in crate::search) fn free_bytes(folder: &Path) -> Option<u64> {
    let disk = rustix::fs::statvfs(folder).ok()?;
    // Some network disks say nothing of their size.
    if disk.f_blocks == 0 {
        return None;
    }
    Some(disk.f_bavail.saturating_mul(disk.f_frsize))
}

/// What a person has to do where too little is free for a search that waits for it.
pub(super) fn problem(folder: &Path, free: Option<u64>) -> Option<String> {
    want(folder, free).map(|want| format!("{want}; the search goes on by itself"))
}

/// What a person has to do where too little is free.
pub(in crate::search) fn want(folder: &Path, free: Option<u64>) -> Option<String> {
    let free = free.filter(|free| *free < LEAST_FREE)?;
    Some(format!(
        "only {} MB are free on the disk of {}: free some space (mien runs remove)",
        free >> 20,
        crate::data::shown(folder)
    ))
}
