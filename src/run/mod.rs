//! A run's folder: status, metrics, checkpoints; writing, reading, watching; starting, stopping, resuming processes.
