//! Where CUDA kernels that were compiled and tuned once are kept for the next process: tuning every convolution's shape anew
//! takes minutes.

use cubecl::config::cache::CacheConfig;
use cubecl::config::{CubeClRuntimeConfig, RuntimeConfig};
use etcetera::BaseStrategy;
use std::path::PathBuf;

/// Keeps kernels in the user's cache folder, apart for each host: a home shared over the network may serve machines with
/// other GPUs. To be called before the first use of a GPU; without a home folder kernels are compiled each time.
pub(super) fn keep() {
    let Some(folder) = folder() else { return };
    let mut config = CubeClRuntimeConfig::default();
    config.environment.path = CacheConfig::Directory(folder);
    config.compilation.cache = true;
    // False where it was set before, which then was by an earlier call.
    CubeClRuntimeConfig::try_set(config);
}

fn folder() -> Option<PathBuf> {
    let cache = etcetera::choose_base_strategy().ok()?.cache_dir();
    let host = sysinfo::System::host_name().unwrap_or_else(|| "host".into());
    Some(cache.join("mien").join("kernels").join(host))
}
