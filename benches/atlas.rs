//! Mean heat maps of a split. `cargo bench --no-default-features --bench atlas`

use burn::tensor::Device;
use divan::Bencher;
use divan::counter::ItemsCount;
use mien::data::{Dataset, Split, drawn};
use mien::explain::{Atlas, AtlasOf, Explainer, Request};
use mien::model::{Architecture, Network};

/// Drawn for each class: 96 pictures in all, three batches.
const PER_CLASS: usize = 16;

fn main() {
    divan::main();
}

#[divan::bench(sample_count = 5, sample_size = 1)]
fn gimefive(bencher: Bencher) {
    make(bencher, Architecture::default());
}

#[divan::bench(sample_count = 5, sample_size = 1)]
fn plain_depth_4_width_16(bencher: Bencher) {
    make(
        bencher,
        Architecture { arch: "plain".into(), depth: Some(4), width: Some(16), ..Default::default() },
    );
}

fn make(bencher: Bencher, architecture: Architecture) {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    drawn::write_set(folder.path(), PER_CLASS, 3, &mut |_, _| {}).expect("a temporary folder can be written");
    let dataset = Dataset::open(folder.path()).expect("it was just written");
    let device = Device::flex();
    let network = Network::new(&architecture, 42, &device).expect("a name of the zoo");
    let explainer = Explainer::new(&architecture.arch, &network, &device);
    let (indices, request) = (dataset.indices(Split::Train), Request::default());
    let of = AtlasOf { dataset: &dataset, split: "train", indices: &indices, request: &request };
    bencher
        .counter(ItemsCount::new(indices.len()))
        .bench_local(|| Atlas::make(&explainer, of, &|| true, &mut |_| {}).map(|atlas| atlas.confusion()));
}
