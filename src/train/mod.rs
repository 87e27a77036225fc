//! Training: recipe, trainer, schedule, early stopping, checkpoints. Emits events and never draws.
