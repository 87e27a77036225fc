//! Batches made ahead of the trainer: chosen, augmented and joined on a thread of their own, so that the
//! device waits for none.

use crate::config::RunConfig;
use crate::data::{self, Augmentation, Dataset, SIDE};
use rayon::prelude::*;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, sync_channel};

const PIXELS: usize = SIDE * SIDE;

/// Batches waiting for the trainer at most.
const AHEAD: usize = 4;

/// One training batch on the host.
#[derive(Clone, Debug, PartialEq)]
pub struct Batch {
    /// Grey levels [batch, 64, 64], row-major.
    pub pixels: Vec<u8>,
    /// Class indices [batch].
    pub labels: Vec<i64>,
}

/// Where an epoch's pictures come from and what is done to them.
pub struct Source {
    dataset: Arc<Dataset>,
    indices: Arc<[usize]>,
    batch_size: usize,
    augmentation: Augmentation,
    seed: u64,
}

impl Source {
    pub fn new(dataset: Arc<Dataset>, indices: Vec<usize>, config: &RunConfig) -> Self {
        Self {
            dataset,
            indices: indices.into(),
            batch_size: config.train.batch_size,
            augmentation: config.augment,
            seed: config.train.seed,
        }
    }

    /// Batches of an epoch; the pictures that do not fill a last one are left out of it (each epoch others).
    pub fn steps_per_epoch(&self) -> usize {
        self.indices.len() / self.batch_size
    }

    /// The batches of an epoch (counted from 1) from the `first` one on, made ahead on another thread. What is
    /// in a batch is a function of seed, epoch and position alone.
    pub fn epoch(&self, epoch: usize, first: usize) -> Receiver<Batch> {
        let (sender, receiver) = sync_channel(AHEAD);
        let (dataset, indices) = (self.dataset.clone(), self.indices.clone());
        let (size, augmentation, seed) = (self.batch_size, self.augmentation, self.seed);
        std::thread::spawn(move || {
            let order = data::epoch_order(&indices, seed, epoch);
            for members in order.chunks_exact(size).skip(first) {
                let batch = join(&dataset, members, &augmentation, seed, epoch);
                if sender.send(batch).is_err() {
                    return; // The trainer has left.
                }
            }
        });
        receiver
    }
}

fn join(dataset: &Dataset, members: &[usize], augmentation: &Augmentation, seed: u64, epoch: usize) -> Batch {
    let mut pixels = vec![0; members.len() * PIXELS];
    let augment = |(out, &index): (&mut [u8], &usize)| {
        data::augment(dataset.pixels(index), out, augmentation, seed, epoch, index);
    };
    // Threads cost more than they bring for a few pictures.
    if members.len() >= 64 {
        pixels.par_chunks_mut(PIXELS).zip(members).for_each(augment);
    } else {
        pixels.chunks_mut(PIXELS).zip(members).for_each(augment);
    }
    let labels = members.iter().map(|&index| dataset.label(index).index() as i64).collect();
    Batch { pixels, labels }
}
