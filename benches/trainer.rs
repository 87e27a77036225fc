//! What the trainer around a step costs: images/s of `gimefive` through `train::train` (loading, augmentation, metrics,
//! status, checkpoints at epoch ends) beside a bare forward-backward-step loop on the same backend, in turns.
//!
//! `cargo bench --bench trainer [-- ARCH BATCH ROUNDS]`

use burn::optim::GradientsParams;
use burn::prelude::*;
use mien::config::{self, RunConfig};
use mien::data::{PIXELS, drawn};
use mien::model::{self, Network};
use mien::train::{self, Claim, Stop};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Instant;

const STEPS_PER_EPOCH: usize = 6;
const EPOCHS: usize = 2;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|a| a != "--bench").collect();
    let argument = |i: usize, default: &str| arguments.get(i).cloned().unwrap_or_else(|| default.into());
    let (arch, batch) = (argument(0, "gimefive"), argument(1, "16").parse().expect("BATCH is a number"));
    let rounds: usize = argument(2, "3").parse().expect("ROUNDS is a number");
    let folder = tempfile::tempdir().expect("a temporary folder");
    let config = prepare(folder.path(), &arch, batch);

    let mut ratios = Vec::new();
    for round in 0..=rounds {
        let bare = bare_loop(&config, batch);
        let trainer = through_the_trainer(&config, folder.path());
        // The first round warms allocators and clocks up.
        if round > 0 {
            println!(
                "round {round}: bare loop {bare:.1} images/s, trainer {trainer:.1} images/s, ratio {:.3}",
                trainer / bare
            );
            ratios.push(trainer / bare);
        }
    }
    ratios.sort_by(f64::total_cmp);
    println!("{arch}, batch {batch}: median ratio trainer / bare loop {:.3}", ratios[ratios.len() / 2]);
}

fn prepare(folder: &Path, arch: &str, batch: usize) -> RunConfig {
    let faces = folder.join("faces");
    let per_class = (STEPS_PER_EPOCH * batch).div_ceil(6);
    drawn::write_set(&faces, per_class, 1, &mut |_, _| {}).expect("faces to train on");
    let root = format!("data.root={:?}", faces);
    let sets = [
        root,
        format!("model.arch={arch}"),
        format!("train.batch_size={batch}"),
        format!("train.epochs={EPOCHS}"),
        "train.log_steps=2".into(),
        "train.device=cpu".into(),
        "train.early_stopping.enabled=false".into(),
        "data.valid.fraction=0".into(),
    ];
    config::from_text("", "the bench", "bench", &sets).expect("a config")
}

/// Images a second of steps on one batch that lies ready on the device.
fn bare_loop(config: &RunConfig, batch: usize) -> f64 {
    let device = Device::flex().autodiff();
    let mut network = Network::new(&config.model, 1, &device).expect("a network");
    let mut optimizer = train::optimizer(&config.train);
    let pixels: Vec<u8> = (0..batch * PIXELS).map(|i| (i * 7 % 251) as u8).collect();
    let pictures = model::input(&pixels, &device);
    let labels: Vec<i64> = (0..batch).map(|i| (i % 6) as i64).collect();
    let labels = Tensor::<1, Int>::from_data(TensorData::new(labels, [batch]), &device);
    let steps = STEPS_PER_EPOCH * EPOCHS;
    let mut began = Instant::now();
    for step in 0..steps {
        if step == 2 {
            began = Instant::now();
        }
        let loss = train::cross_entropy(network.forward(pictures.clone()), labels.clone(), 0.0);
        let gradients = GradientsParams::from_grads(loss.backward(), &network);
        network = optimizer.step(0.001, network, gradients);
    }
    device.sync().expect("the device ends its work");
    ((steps - 2) * batch) as f64 / began.elapsed().as_secs_f64()
}

/// Images a second as the trainer reports them: its steps alone, after warm-up.
fn through_the_trainer(config: &RunConfig, folder: &Path) -> f64 {
    let prepared =
        train::prepare(config.clone(), None, &[], &mut |_, _| {}).expect("a run that can be trained");
    let run = prepared.create(&folder.join("runs")).expect("a run folder");
    let mut stop = Stop::when(Arc::new(AtomicBool::new(false)), &run);
    let claim = Claim::take(&run).expect("a run of ours");
    let report = train::train(&prepared, claim, &mut stop, &mut |_| {}).expect("a trained run");
    report.images_per_second.expect("more rows than the warm-up")
}
