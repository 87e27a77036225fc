//! What is no search: refused before anything begins.

use super::*;

#[test]
fn what_cannot_be_meant_is_refused_with_its_file_its_line_and_what_to_do() {
    for (text, line, parts) in [
        (
            "[axes]\n\"train.lerning_rate\" = [1]",
            3,
            ["'train.lerning_rate'", "did you mean 'train.learning_rate'?"],
        ),
        ("[axes]\n\n\"zzz\" = [1]", 4, ["no config has a field 'zzz'", "train.learning_rate"]),
        ("[axes]\n\"train.epochs\" = 3", 3, ["'train.epochs' has one value only", "[3]"]),
        ("[axes]\n\"train.epochs\" = []", 3, ["'train.epochs' has no values", "take it out"]),
        ("[axes]\n\"train.epochs\" = [3, 2, 3]", 3, ["'train.epochs' has 3 twice", ""]),
        ("[axes]\n\"train.momentum\" = [0, 0.0]", 3, ["'train.momentum' has 0.0 twice", ""]),
        (
            "[axes]\n\"train.epochs\" = [\"x\"]",
            3,
            ["cannot be \"x\"", "it must be a whole number, 1 to 100000"],
        ),
        ("[axes]\n\"train.epochs\" = [2.5]", 3, ["cannot be 2.5", "whole number"]),
        ("[axes]\n\"train.momentum\" = [nan]", 3, ["cannot be nan", "a number"]),
        (
            "[axes]\n\"train.optimizer\" = [\"adm\"]",
            3,
            ["cannot be \"adm\"", "it must be sgd, adam or adamw"],
        ),
        (
            "[axes]\n\"train.batch_size\" = [8, 1]",
            3,
            ["'train.batch_size' cannot be 1: it must be 2 to 8192", ""],
        ),
        ("[axes]\n\"model.depth\" = [5, 7]", 3, ["'model.depth' cannot be 7: it must be 1 to 6", ""]),
        ("[axes]\n\"train.seed\" = [1]", 3, ["'train.seed' cannot be an axis", "seeds = [..]"]),
        ("[axes]\n\"train.device\" = [\"cpu\"]", 3, ["'train.device' cannot be an axis", "slots"]),
        ("[axes]\n\"data.root\" = [\"/a\"]", 3, ["'data.root' cannot be an axis", "compared"]),
        ("[axes]\nname = [\"a\"]", 3, ["'name' cannot be an axis", "number"]),
        (
            "[axes]\n\"train.early_stopping.metric\" = [\"valid/loss\"]",
            3,
            ["metric' cannot be an axis", "compared by"],
        ),
        (
            "[axes]\n\"train.epochs\" = [1]\n[axes.train]\nepochs = [2]",
            5,
            ["'train.epochs' stands here twice", ""],
        ),
        (
            "[axes]\n\"train.momentum\" = { min = 0, max = 0.9 }",
            3,
            ["a grid must know how many", "points = 5"],
        ),
        ("[axes]\n\"train.momentum\" = { min = 0, max = 0.9, points = 1 }", 3, ["1 points", "2 to 10000"]),
        (
            "[axes]\n\"train.momentum\" = { min = 0.9, max = 0.9, points = 2 }",
            3,
            ["from 0.9 to 0.9", "below max"],
        ),
        (
            "[axes]\n\"train.momentum\" = { min = nan, max = 0.9, points = 2 }",
            3,
            ["from NaN to 0.9", "below max"],
        ),
        (
            "[axes]\n\"train.momentum\" = { min = 0, max = 0.9, points = 2, scale = \"log\" }",
            3,
            ["logarithmic range from 0", "above 0"],
        ),
        ("[axes]\n\"train.momentum\" = { min = 0, max = 2, points = 2 }", 3, ["cannot be 2.0", "below 1"]),
        ("[axes]\n\"train.epochs\" = { min = 1, max = 2.5, points = 2 }", 3, ["whole numbers only", "2.5"]),
        (
            "[axes]\n\"train.epochs\" = { mim = 1, max = 2 }",
            3,
            ["no such field 'mim'", "did you mean 'min'?"],
        ),
        ("[axes]\n\"train.optimizer\" = { min = 1, max = 2 }", 3, ["has no ranges", "a list"]),
        ("trial = 3", 2, ["no such field 'trial'", "did you mean 'trials'?"]),
        ("sampler = \"gird\"", 2, ["no such value 'gird'", "did you mean 'grid'?"]),
        ("trials = 3", 2, ["trials means nothing to a grid", "sampler = \"random\""]),
        ("sampler = \"random\"\ntrials = 0", 3, ["trials = 0 is not possible", "1 to"]),
        (
            "sampler = \"random\"\ntrials = 1\n[asha]\neta = 3",
            4,
            ["[asha] means nothing", "sampler = \"asha\""],
        ),
        ("sampler = \"asha\"\ntrials = 1\n[asha]\neta = 1", 5, ["asha.eta = 1 is not possible", "2 to"]),
        ("seeds = []", 2, ["seeds is empty", "take it out"]),
        ("seeds = [1, 2, 1]", 2, ["seeds has 1 twice", ""]),
        ("seeds = [-1]", 2, ["seeds cannot hold -1", "at least 0"]),
        ("name = \"a/b\"", 2, ["name = \"a/b\" is not possible", "letters"]),
        ("retries = -1", 2, ["retries = -1 is not possible", "0 to 100"]),
        ("[engine.local]\nslots = [\"cuda:0\", \"gpu\"]", 3, ["slots cannot hold \"gpu\"", "cuda:0"]),
        ("[engine.local]\nslots = \"auto\"", 3, ["slots cannot hold \"auto\"", "cpu"]),
        ("[engine.local]\nslots = []", 3, ["slots is empty", "take it out"]),
        ("[engine.local]\nslots = 3", 3, ["expected a device, or a list", "cuda:0"]),
        ("[engine.slurm]\nthrottle = 0", 3, ["engine.slurm.throttle = 0", "1 to"]),
        ("[engine.slurm]\npoll_seconds = 0", 3, ["poll_seconds = 0", "seconds"]),
        ("[engine.slrm]", 2, ["no such field 'slrm'", "did you mean 'slurm'?"]),
        ("[axes]\nx = ", 3, ["", ""]),
    ] {
        let refused = read(text).unwrap_err();
        assert!(refused.contains(&format!("search.toml, line {line}: ")), "{text}: {refused}");
        for part in parts {
            assert!(refused.contains(part), "{text}: {refused}");
        }
    }
    for (text, parts) in [
        ("", ["there is nothing to search", "[axes]"]),
        ("sampler = \"random\"\n[axes]\n\"train.epochs\" = [1]", ["trials is missing", "trials = 50"]),
    ] {
        let refused = read(text).unwrap_err();
        assert!(refused.contains("search.toml: "), "{refused}");
        assert!(parts.iter().all(|part| refused.contains(part)), "{refused}");
    }
}

#[test]
fn a_base_that_is_not_there_or_cannot_be_meant_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("s.toml");
    let refused = |text: &str| {
        fs::write(&path, text).unwrap();
        Search::from_file(&path).unwrap_err()
    };
    let missing = refused("seeds = [1, 2]");
    assert!(missing.is_refusal() && missing.to_string().contains("s.toml: base is missing"), "{missing}");
    let missing = refused("seeds = [1, 2]\nbase = \"no.toml\"").to_string();
    assert!(missing.contains("s.toml, line 2: ") && missing.contains("no.toml"), "{missing}");
    fs::write(folder.path().join("bad.toml"), "[data]\nroot = \"/x\"\n[train]\nepoch = 3\n").unwrap();
    let bad = refused("base = \"bad.toml\"").to_string();
    assert!(bad.contains("bad.toml, line 4") && bad.contains("did you mean 'epochs'?"), "{bad}");
    fs::write(folder.path().join("bad.toml"), "[data]\nroot = \"/x\"\n[train]\nepochs = 0\n").unwrap();
    let bad = refused("base = \"bad.toml\"").to_string();
    assert!(bad.contains("s.toml, line 1") && bad.contains("train.epochs = 0"), "{bad}");
    for unreadable in [folder.path().join("none.toml"), folder.path().to_path_buf()] {
        let error = Search::from_file(&unreadable).unwrap_err();
        assert!(error.is_refusal() && error.to_string().contains(unreadable.to_str().unwrap()), "{error}");
    }
}

#[test]
fn a_value_that_is_possible_only_with_another_is_taken_with_it_and_refused_without() {
    let text = |depths: &str| {
        format!("[axes]\n\"model.depth\" = [{depths}]\n\"model.conv_dropout\" = [0.2, [0.1, 0.2]]\n")
    };
    assert_eq!(counted_runs(&read(&text("2")).unwrap()).len(), 2);
    let refused = read(&text("2, 3")).unwrap_err();
    let expected = "line 4: the axis 'model.conv_dropout' cannot be [0.1, 0.2] together with model.depth = 3: it must be";
    assert!(refused.contains(expected), "{refused}");
    let text = "[axes]\n\"model.arch\" = [\"plain\", \"resnet18\"]\n\"model.depth\" = [2]\n";
    let refused = read(text).unwrap_err();
    assert!(
        refused.contains("'model.depth' cannot be 2 together with model.arch = \"resnet18\""),
        "{refused}"
    );
}

#[test]
fn conditions_that_cannot_be_meant_are_refused_with_their_line() {
    for (condition, part) in [
        ("when = { \"train.epoch\" = 1 }\nskip = [\"train.epochs\"]", "did you mean 'train.epochs'?"),
        (
            "when = { \"train.momentum\" = 0 }\nskip = [\"train.momentum\"]",
            "'train.momentum', which is not among",
        ),
        ("when = { \"train.momentum\" = 0 }\nskip = [\"train.zzz\"]", "no config has a field 'train.zzz'"),
        (
            "when = { \"train.momentum\" = \"x\" }\nskip = [\"train.epochs\"]",
            "'train.momentum' cannot be \"x\"",
        ),
        (
            "when = { \"train.epochs\" = 3 }\nskip = [\"train.epochs\"]",
            "'train.epochs' is never 3; its values are 1, 2",
        ),
        ("when = { \"train.epochs\" = 1 }\nskip = [\"train.epochs\"]", "it cannot decide over itself"),
        ("when = { \"train.momentum\" = [] }\nskip = [\"train.epochs\"]", "no values to compare with"),
        ("when = { }\nskip = [\"train.epochs\"]", "when is empty"),
        ("when = { \"train.momentum\" = 0 }\nskip = []", "skip is empty"),
    ] {
        let refused = read(&format!("{PATIENCE}[[conditions]]\n{condition}\n")).unwrap_err();
        assert!(
            refused.contains("search.toml, line 6: condition 1") && refused.contains(part),
            "{condition}: {refused}"
        );
    }
    let unknown = read(&format!("{PATIENCE}[[conditions]]\nwhn = 1\n")).unwrap_err();
    assert!(unknown.contains("line 7: no such field 'whn'; did you mean 'when'?"), "{unknown}");
}

#[test]
fn conditions_over_more_points_than_can_be_tried_are_refused() {
    let whole = "{ min = 1, max = 10_000, points = 10_000 }";
    let text = format!(
        "{PATIENCE}\"train.log_steps\" = {whole}\n\"train.step_epochs\" = {whole}\n[[conditions]]\n\
         when = {{ \"train.epochs\" = 1 }}\nskip = [\"train.log_steps\"]\n"
    );
    let refused = read(&text).unwrap_err();
    assert!(refused.contains("800000000 points, more than 100000000"), "{refused}");
}

#[test]
fn a_value_that_is_never_drawn_is_refused_all_the_same() {
    let text = "sampler = \"random\"\ntrials = 1\n[axes]\n\"train.batch_size\" = [2, 4, 8, 1]\n";
    assert!(read(text).unwrap_err().contains("'train.batch_size' cannot be 1"));
    let range = "sampler = \"random\"\ntrials = 1\n[axes]\n\"model.conv_dropout\" = { min = 0, max = 1 }\n";
    let refused = read(range).unwrap_err();
    assert!(refused.contains("line 5: the axis 'model.conv_dropout' cannot be 1.0"), "{refused}");
}
