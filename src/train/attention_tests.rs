use super::*;
use crate::config::{self, RunConfig};
use crate::data::{Photo, Split};
use crate::explain::TimelineReader;
use crate::run::{MetricSplit, MetricsReader};
use crate::train::{self, Claim, Stop, TrainError};
use std::fs;
use std::path::Path;
use std::sync::atomic::AtomicBool;

/// Drawn faces and runs of a small network with batch normalisation and dropout.
struct Studio {
    folder: tempfile::TempDir,
}

impl Studio {
    fn new(per_class: usize) -> Self {
        let folder = tempfile::tempdir().unwrap();
        drawn::write_set(&folder.path().join("faces"), per_class, 3, &mut |_, _| {}).unwrap();
        Self { folder }
    }

    fn faces(&self) -> std::path::PathBuf {
        self.folder.path().join("faces")
    }

    fn config(&self, explain: &str) -> RunConfig {
        let model = "[model]\narch = \"plain\"\ndepth = 2\nwidth = 4\nfc_depth = 2\nbatch_norm = true\nconv_dropout = 0.2\n";
        let train = "[train]\nbatch_size = 8\nepochs = 2\ndevice = \"cpu\"\n[data.valid]\nfraction = 0.25\n";
        let root = format!("data.root={:?}", self.faces());
        let text = format!("{model}{train}[explain]\n{explain}\n");
        config::from_text(&text, "a test", "x", &[root]).unwrap()
    }

    fn prepared(&self, explain: &str) -> Prepared {
        train::prepare(self.config(explain), None, &[], &mut |_, _| {}).unwrap()
    }

    fn new_run(&self, prepared: &Prepared) -> RunFolder {
        prepared.create(&self.folder.path().join("runs")).unwrap()
    }

    /// A run that was trained to its end.
    fn trained(&self, explain: &str) -> RunFolder {
        let prepared = self.prepared(explain);
        let run = self.new_run(&prepared);
        train_run(&prepared, &run);
        run
    }
}

fn train_run(prepared: &Prepared, run: &RunFolder) {
    let mut stop = Stop::when(Arc::new(AtomicBool::new(false)), run);
    train::train(prepared, Claim::take(run).unwrap(), &mut stop, &mut |_| {}).unwrap();
}

fn timeline(run: &RunFolder) -> TimelineReader {
    let mut reader = TimelineReader::new(run.path());
    reader.poll(&|| true).unwrap();
    reader
}

fn epochs(run: &RunFolder) -> Vec<u32> {
    timeline(run).epochs()
}

#[test]
fn a_run_without_probes_keeps_no_timeline_and_maps_of_an_early_layer_are_kept_coarse() {
    let studio = Studio::new(12);
    let without = studio.trained("probes = 0\nenergy = false");
    assert!(timeline(&without).probes().is_none());
    assert!(!fs::read_to_string(without.metrics()).unwrap().contains("energy"));
    let early = studio.trained("method = \"layer-cam\"\nlayer = \"relu1\"");
    assert_eq!(epochs(&early), [1, 2]);
    assert_eq!(timeline(&early).read(1).unwrap().unwrap().maps[0].map.width(), 16);
}

#[test]
fn the_energy_is_a_metric_in_the_row_of_the_validation_and_the_probes_are_kept() {
    let studio = Studio::new(12);
    let run = studio.trained("");
    let metrics = MetricsReader::read_all(&run).unwrap();
    let energy = metrics.series(MetricSplit::Valid, "energy_in_region").unwrap();
    let loss = metrics.series(MetricSplit::Valid, "loss").unwrap();
    assert_eq!(energy.steps, loss.steps);
    assert!(energy.values.iter().all(|share| (0.0..=1.0).contains(share)), "{:?}", energy.values);
    let reader = timeline(&run);
    let probes = reader.probes().unwrap();
    assert_eq!((probes.method.as_str(), probes.layer.as_str()), ("grad-cam", "relu2"));
    let labels: Vec<_> = probes.pictures.iter().map(|probe| probe.label.index()).collect();
    assert_eq!(labels, [0, 1, 2, 3, 4, 5]);
    for probe in &probes.pictures {
        assert_eq!(probe.split, Split::Valid.name());
        let file = Photo::read(&studio.faces().join(&probe.path), 64).unwrap();
        assert!(file == Photo::from_grey(&probe.pixels), "{}", probe.path);
    }
    let of_probes: Vec<f64> =
        reader.read(2).unwrap().unwrap().maps.iter().filter_map(|map| map.energy).collect();
    let mean = of_probes.iter().sum::<f64>() / of_probes.len() as f64;
    assert!((energy.values[1] - mean).abs() < 1e-4, "the sample is the six probes here");
    let log = fs::read_to_string(run.log()).unwrap();
    assert!(log.contains("6 pictures are explained (grad-cam of relu2)"), "{log}");
    assert!(log.contains("6 fewer than asked for") && log.contains("a map that says nothing has"), "{log}");
}

#[test]
fn no_more_than_a_fortieth_of_the_pictures_is_explained_and_passes_have_one_size() {
    for (per_class, explained) in [(12, 6), (60, 6), (120, 12)] {
        let studio = Studio::new(per_class);
        let prepared = studio.prepared("");
        let train = prepared.partition.train.len();
        let network = prepared.first_network(&prepared.chosen.device).unwrap();
        let run = studio.new_run(&prepared);
        let (mut attention, _) = Attention::new(&prepared, &network, &run, 0);
        attention.look(&network, 1, 1);
        assert_eq!(attention.passed, explained);
        assert!(attention.passed <= (train / 40).max(6), "{} of {train}", attention.passed);
        assert_eq!(attention.choice.probes(), explained.min(12));
    }
}

#[test]
fn a_short_last_pass_is_filled_up_and_its_filling_counts_for_nothing() {
    let studio = Studio::new(20);
    let names = |range: std::ops::Range<u32>| {
        let names =
            Vec::from_iter(range.map(|i| format!("\"train/fear/{:05}.png\", \"train/anger/{i:05}.png\"", i)));
        format!("probes = [{}]", names.join(", "))
    };
    let prepared = studio.prepared(&names(0..20));
    let network = prepared.first_network(&prepared.chosen.device).unwrap();
    let run = studio.new_run(&prepared);
    let (mut attention, _) = Attention::new(&prepared, &network, &run, 0);
    attention.look(&network, 1, 1);
    let all = attention.choice.pictures().len();
    assert!(all > 40 && attention.passed - all < all.div_ceil(PASS), "{all}");
    assert_eq!(timeline(&run).read(1).unwrap().unwrap().maps.len(), 40);
}

#[test]
fn a_resume_goes_on_behind_the_epochs_of_its_checkpoint() {
    let studio = Studio::new(12);
    let prepared = studio.prepared("");
    let run = studio.new_run(&prepared);
    train_run(&prepared, &run);
    assert_eq!(epochs(&run), [1, 2]);
    let network = prepared.first_network(&prepared.chosen.device).unwrap();
    let (mut attention, notes) = Attention::new(&prepared, &network, &run, 1);
    assert_eq!((epochs(&run), notes.len()), (vec![1], 1));
    attention.look(&network, 2, 10);
    assert_eq!(epochs(&run), [1, 2]);
}

#[test]
fn a_timeline_that_cannot_be_written_is_told_once_and_ends_no_run() {
    let studio = Studio::new(12);
    let prepared = studio.prepared("");
    let run = studio.new_run(&prepared);
    fs::write(run.path().join("timeline"), "in the way").unwrap();
    train_run(&prepared, &run);
    let log = fs::read_to_string(run.log()).unwrap();
    assert_eq!(log.matches("where the network looks is not known").count(), 1, "{log}");
    assert!(log.contains("the run goes on"), "{log}");
    let metrics = MetricsReader::read_all(&run).unwrap();
    assert_eq!(metrics.series(MetricSplit::Valid, "energy_in_region").unwrap().values.len(), 2);
}

#[test]
fn what_is_explained_does_not_depend_on_the_order_of_the_manifest() {
    let studio = Studio::new(60);
    let chosen = || {
        let prepared = studio.prepared("");
        let network = prepared.first_network(&prepared.chosen.device).unwrap();
        let (attention, _) = Attention::new(&prepared, &network, &studio.new_run(&prepared), 0);
        let path = |index: &usize| prepared.dataset.entry(*index).path.clone();
        Vec::from_iter(attention.choice.pictures().iter().map(path))
    };
    let before = chosen();
    let manifest = studio.faces().join("manifest.csv");
    let text = fs::read_to_string(&manifest).unwrap();
    let (header, rows) = text.split_once('\n').unwrap();
    let reversed: Vec<&str> = rows.lines().rev().collect();
    fs::write(&manifest, format!("{header}\n{}\n", reversed.join("\n"))).unwrap();
    assert_eq!(before, chosen());
}

#[test]
fn a_probe_that_is_no_picture_of_the_data_set_is_refused() {
    let studio = Studio::new(4);
    let config = studio.config("probes = [\"train/anger/00001.png\", \"no/such.png\"]");
    let refused = train::prepare(config, None, &[], &mut |_, _| {}).err().unwrap();
    assert_eq!(refused.field(), Some("explain.probes"));
    assert!(matches!(&refused, TrainError::NoProbe { path, .. } if Path::new(path).ends_with("such.png")));
    assert!(refused.to_string().contains("'no/such.png', which is no picture of"), "{refused}");
}

#[test]
fn every_method_of_a_config_is_a_method_of_that_name() {
    for choice in config::field("explain.method").unwrap().choices() {
        let text = format!("[data]\nroot = \"/faces\"\n[explain]\nmethod = \"{choice}\"\n");
        let config = config::from_text(&text, "a", "a", &[]).unwrap();
        assert_eq!(method(config.explain.method).name(), choice);
    }
}
