use crate::folder::{Workplace, document, refusal, status};
use std::fs;

/// Refused before any work: exit code 2, a sentence with these words, and no run folder.
fn refused(place: &Workplace, arguments: &[&str], words: &[&str]) {
    let said = refusal(&mut place.train(arguments), 2);
    for word in words {
        assert!(said.contains(word), "'{word}' is not in: {said}");
    }
    assert_eq!(place.run_folders(), Vec::<std::path::PathBuf>::new());
}

#[test]
fn what_cannot_be_trained_is_refused_in_one_sentence_and_leaves_no_run() {
    let place = Workplace::new();
    refused(&place, &["--set", "train.learning_rat=1"], &["learning_rat", "did you mean 'learning_rate'"]);
    refused(&place, &["--set", "train.epochs=0"], &["train.epochs = 0", "1 to"]);
    refused(
        &place,
        &["--set", "train.batch_size=1000"],
        &["60 pictures", "batch of 1000", "train.batch_size"],
    );
    refused(&place, &["--set", "model.arch=gimefife"], &["gimefife", "gimefive"]);
    refused(&place, &["--set", "data.root=/nowhere"], &["/nowhere", "manifest.csv"]);
    refused(
        &place,
        &["--set", "data.valid.fraction=0", "--set", "train.early_stopping.enabled=true"],
        &["data.valid.fraction"],
    );
    refused(&place, &["--init", "/nowhere.safetensors"], &["/nowhere.safetensors"]);
}

#[test]
fn pictures_that_are_gone_are_counted_and_a_set_without_any_is_refused() {
    let place = Workplace::new();
    let faces = place.folder.path().join("faces");
    let drawn = ["data", "synth", "--per-class", "12", "--out"];
    place.mien(&drawn).arg(&faces).assert().success();
    let root = format!("data.root={}", faces.display());
    let classes = fs::read_dir(faces.join("train")).unwrap().flatten().map(|class| class.path());
    let mut classes: Vec<_> = classes.collect();
    fs::remove_dir_all(classes.pop().unwrap()).unwrap();
    let output = place.train(&["--set", &root, "--set", "train.epochs=1"]).assert().success();
    let said = String::from_utf8_lossy(&output.get_output().stderr).into_owned();
    assert!(said.contains("12 pictures of") && said.contains("data stats"), "{said}");
    fs::remove_dir_all(place.only_run()).unwrap();
    for class in classes {
        fs::remove_dir_all(class).unwrap();
    }
    refused(&place, &["--set", &root], &["no picture to train on", "72"]);
}

#[test]
fn a_config_that_is_not_there_is_named() {
    let place = Workplace::new();
    let said = refusal(&mut place.mien(&["train", "absent.toml"]), 2);
    assert!(said.contains("absent.toml"), "{said}");
}

#[test]
fn a_gpu_that_is_not_visible_is_refused_with_the_reason() {
    let place = Workplace::new();
    let said = refusal(place.train(&["--device", "cuda:0"]).env("CUDA_VISIBLE_DEVICES", ""), 2);
    assert!(said.contains("cuda:0"), "{said}");
    assert!(place.run_folders().is_empty());
}

#[test]
fn a_loss_that_is_not_finite_ends_the_run_as_failed_with_the_reason() {
    let place = Workplace::new();
    let said = refusal(&mut place.train(&["--set", "train.learning_rate=1e30"]), 1);
    assert!(said.contains("not finite") && said.contains("train.learning_rate"), "{said}");
    let status = status(&place.only_run());
    assert_eq!(status["state"], "failed");
    assert!(status["error"].as_str().unwrap().contains("not finite"));
    let list = document(&mut place.mien(&["runs", "list", "--json"]));
    assert_eq!(list[0]["state"], "failed");
}

#[test]
fn weights_of_another_network_are_refused_by_their_keys() {
    let place = Workplace::new();
    place.train(&["--set", "train.epochs=1"]).assert().success();
    let weights = place.only_run().join("model.safetensors");
    let said = refusal(
        &mut place.train(&[
            "--set",
            "model.depth=3",
            "--set",
            "model.conv_dropout=0.2",
            "--init",
            weights.to_str().unwrap(),
        ]),
        2,
    );
    assert!(said.contains("conv3.weight"), "{said}");
    assert_eq!(place.run_folders().len(), 1);
}

#[test]
fn a_torn_checkpoint_is_named_with_its_cure() {
    let place = Workplace::new();
    place.train(&["--set", "train.learning_rate=1e30"]).assert().code(1);
    let checkpoint = place.only_run().join("checkpoints/step-7");
    fs::create_dir_all(&checkpoint).unwrap();
    fs::write(checkpoint.join("trainer.json"), "{\"step\":7").unwrap();
    let said = refusal(&mut place.mien(&["train", "--resume", "latest"]), 1);
    assert!(said.contains("trainer.json") && said.contains("remove its folder"), "{said}");
}
