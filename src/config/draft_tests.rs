use super::*;

const TEXT: &str = "[model]\narch = \"gimefive\"\n[data]\nroot = \"/faces\"\n[train]\nepochs = 8\n";

fn draft() -> Draft {
    Draft::new(TEXT, "a.toml", "a").unwrap()
}

fn value<'a>(draft: &'a Draft, key: &str) -> &'a FieldValue {
    &draft.values()[position(key).unwrap()]
}

fn set(draft: &mut Draft, key: &str, typed: &str) {
    draft.set(position(key).unwrap(), typed);
}

#[test]
fn values_are_those_of_the_file_the_defaults_and_the_name() {
    let draft = draft();
    let epochs = value(&draft, "train.epochs");
    assert_eq!((epochs.text.as_str(), epochs.default.as_str(), epochs.changed), ("8", "80", false));
    assert!(epochs.is_special() && !value(&draft, "train.seed").is_special());
    let depth = value(&draft, "model.depth");
    assert_eq!((depth.text.as_str(), depth.by_name, depth.applies), ("5", true, true));
    assert_eq!(value(&draft, "name").text, "a");
    assert_eq!(value(&draft, "train.weight_decay").text, "0.0001");
    assert_eq!(value(&draft, "augment.erase.scale").text, "[0.02, 0.25]");
    assert!(draft.values().iter().all(|value| value.error.is_none()) && draft.sets().is_empty());
}

#[test]
fn changes_make_the_config_that_their_sets_make() {
    let mut draft = draft();
    for (key, typed) in [
        ("train.learning_rate", "1e-2"),
        ("model.conv_dropout", "[0.1,0.1,0.1,0.1,0]"),
        ("data.root", "'quoted' # faces"),
        ("name", "7"),
        ("train.device", "cuda:1"),
    ] {
        set(&mut draft, key, typed);
        assert_eq!(value(&draft, key).error, None, "{key}");
    }
    assert_eq!(value(&draft, "train.learning_rate").text, "0.01");
    assert_eq!(value(&draft, "data.root").text, "'quoted' # faces");
    let config = from_text(TEXT, "a.toml", "a", &draft.sets()).unwrap();
    assert_eq!(draft.config().unwrap(), config);
    assert_eq!((config.name.as_str(), config.train.learning_rate), ("7", 0.01));
    assert!(config.data.root.ends_with("'quoted' # faces"));
    assert_eq!(draft.changed(), 5);
}

#[test]
fn every_wrong_value_is_told_at_once_beside_its_field() {
    let mut draft = draft();
    set(&mut draft, "train.learning_rate", "fast");
    set(&mut draft, "train.batch_size", "1");
    set(&mut draft, "augment.flip", "3");
    set(&mut draft, "model.depth", "9");
    let error = |key| value(&draft, key).error.as_deref().unwrap();
    assert_eq!(error("train.learning_rate"), "it must be a number, above 0");
    assert_eq!(error("train.batch_size"), "it must be 2 to 8192 (BatchNorm needs two)");
    assert_eq!(error("augment.flip"), "it must be a probability, 0 to 1");
    assert_eq!(error("model.depth"), "it must be 1 to 6");
    assert_eq!(value(&draft, "train.learning_rate").text, "fast");
    assert!(draft.config().is_err());
    assert_eq!(draft.values().iter().filter(|value| value.error.is_some()).count(), 4);
    for key in ["train.learning_rate", "train.batch_size", "augment.flip", "model.depth"] {
        draft.reset(position(key).unwrap());
    }
    assert_eq!((draft.sets().len(), draft.config().is_ok()), (0, true));
}

#[test]
fn a_file_with_wrong_values_can_be_put_right() {
    let mut draft = Draft::new("[train]\nepochs = 0\n", "a.toml", "a").unwrap();
    assert!(value(&draft, "train.epochs").error.is_some());
    assert!(value(&draft, "data.root").error.as_ref().unwrap().contains("manifest.csv"));
    set(&mut draft, "train.epochs", "2");
    set(&mut draft, "data.root", "/faces");
    assert!(draft.config().is_ok() && draft.problem().is_none());
    let refused = Draft::new("[train]\nepoch = 0\n", "a.toml", "a").unwrap_err().to_string();
    assert!(refused.contains("a.toml, line 2") && refused.contains("'epochs'"), "{refused}");
}

#[test]
fn another_network_has_other_fields() {
    let mut draft = Draft::new(&TEXT.replace("\"gimefive\"", "\"plain\"\ndepth = 3"), "a", "a").unwrap();
    set(&mut draft, "model.arch", "resnet18");
    let depth = value(&draft, "model.depth");
    assert!(depth.error.as_ref().unwrap().starts_with("not a field of 'resnet18'"), "{depth:?}");
    assert!(!value(&draft, "model.se").applies);
    set(&mut draft, "model.depth", "");
    assert_eq!(draft.sets(), ["model.arch=resnet18", "model.depth="]);
    assert_eq!(draft.config().unwrap().model.depth, None);
    set(&mut draft, "model.arch", "nothing");
    assert!(value(&draft, "model.arch").error.as_ref().unwrap().contains("no network named 'nothing'"));
}

#[test]
fn what_the_file_says_already_is_no_change() {
    let mut draft = draft();
    set(&mut draft, "train.epochs", "08");
    assert_eq!(draft.changed(), 1, "{:?}", draft.sets());
    set(&mut draft, "train.epochs", "8");
    set(&mut draft, "name", "a");
    set(&mut draft, "model.depth", "");
    assert_eq!(draft.changed(), 0);
    set(&mut draft, "model.depth", "5");
    assert_eq!(draft.sets(), ["model.depth=5"]);
}

#[test]
fn changes_stay_when_the_file_is_another_one() {
    let mut draft = draft();
    set(&mut draft, "train.epochs", "9");
    set(&mut draft, "train.seed", "1");
    let over = draft.over(&TEXT.replace("epochs = 8", "epochs = 9")).unwrap();
    assert_eq!(over.sets(), ["train.seed=1"]);
    assert_eq!(over.typed(position("train.seed").unwrap()), Some("1"));
    assert!(draft.over("[train]\nepoch = 1").is_err());
}

#[test]
fn what_is_asked_about_pictures_changes_only_with_them() {
    let mut draft = draft();
    let before = of_pictures(draft.current()).unwrap();
    set(&mut draft, "train.learning_rate", "0.5");
    assert_eq!(of_pictures(draft.current()).unwrap(), before);
    set(&mut draft, "train.batch_size", "8");
    let after = of_pictures(draft.current()).unwrap();
    assert_ne!(after, before);
    assert_eq!(from_text(&after, "a", "a", &[]).unwrap().train.batch_size, 8);
}
