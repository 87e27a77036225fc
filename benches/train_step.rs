//! One training step on the CPU: forward, backward, SGD with momentum. `cargo bench --no-default-features`

use burn::module::Module;
use burn::nn::loss::CrossEntropyLossConfig;
use burn::optim::{GradientsParams, SgdConfig, momentum::MomentumConfig};
use burn::tensor::{Device, Int, Tensor, TensorData};
use divan::Bencher;
use divan::counter::ItemsCount;
use mien::model::{Architecture, Network, input};

fn main() {
    divan::main();
}

#[divan::bench(sample_count = 10, sample_size = 1)]
fn gimefive_batch_16(bencher: Bencher) {
    step(bencher, Architecture::default(), 16);
}

#[divan::bench(sample_count = 20, sample_size = 1)]
fn plain_depth_4_width_16_batch_32(bencher: Bencher) {
    let small = Architecture { arch: "plain".into(), depth: Some(4), width: Some(16), ..Default::default() };
    step(bencher, small, 32);
}

#[divan::bench(sample_count = 10, sample_size = 1)]
fn gimefive_evaluation_batch_16(bencher: Bencher) {
    let device = Device::flex();
    let network = Network::new(&Architecture::default(), 42, &device).expect("a name of the zoo").valid();
    bencher
        .counter(ItemsCount::new(16usize))
        .bench_local(|| network.forward(pictures(16, &device)).into_data());
}

fn step(bencher: Bencher, architecture: Architecture, batch: usize) {
    let device = Device::flex().autodiff();
    let mut network = Some(Network::new(&architecture, 42, &device).expect("a name of the zoo"));
    let momentum = MomentumConfig::new().with_momentum(0.9).with_dampening(0.0);
    let mut optimizer = SgdConfig::new().with_momentum(Some(momentum)).init();
    let criterion = CrossEntropyLossConfig::new().init(&device);
    let labels: Vec<i64> = (0..batch as i64).map(|i| i % 6).collect();
    let labels = Tensor::<1, Int>::from_data(TensorData::new(labels, [batch]), &device);
    bencher.counter(ItemsCount::new(batch)).bench_local(|| {
        let before = network.take().expect("every step puts a network back");
        let loss = criterion.forward(before.forward(pictures(batch, &device)), labels.clone());
        let gradients = GradientsParams::from_grads(loss.backward(), &before);
        network = Some(optimizer.step(0.001, before, gradients));
        loss.into_scalar::<f32>()
    });
}

/// `[batch, 3, 64, 64]`, each picture another.
fn pictures(batch: usize, device: &Device) -> Tensor<4> {
    let pixels: Vec<u8> = (0..batch * 4096).map(|i| ((i * 7919) ^ (i >> 5)) as u8).collect();
    input(&pixels, device)
}
