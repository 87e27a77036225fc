mod refused;

use super::*;
use std::fs;

/// A file `search.toml` beside `base.toml`, read.
fn read_over(base: &str, text: &str) -> Result<Search, String> {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("base.toml"), base).unwrap();
    let path = folder.path().join("search.toml");
    fs::write(&path, format!("base = \"base.toml\"\n{text}")).unwrap();
    Search::from_file(&path).map_err(|error| error.to_string())
}

const BASE: &str = "[model]\narch = \"plain\"\n[data]\nroot = \"/faces\"\n";

fn read(text: &str) -> Result<Search, String> {
    read_over(BASE, text)
}

/// Each run in one line.
fn runs(search: &Search) -> Vec<String> {
    let told = |run: PlannedRun| {
        let set: Vec<String> = run.set.iter().map(|(field, value)| format!("{field}={value}")).collect();
        format!("{} {} {}", run.number, run.seed, set.join(" "))
    };
    search.runs().map(told).collect()
}

#[test]
fn a_grid_takes_every_point_in_the_order_of_the_file_the_first_axis_slowest_and_each_seed_anew() {
    let text = "seeds = [7, 3]\n[axes]\n\"train.learning_rate\" = [1e-2, 1]\n\"train.batch_size\" = [8, 4]\n";
    let search = read(text).unwrap();
    assert_eq!(search.count(), 8);
    let expected = [
        "1 7 train.learning_rate=0.01 train.batch_size=8",
        "2 7 train.learning_rate=0.01 train.batch_size=4",
        "3 7 train.learning_rate=1.0 train.batch_size=8",
        "4 7 train.learning_rate=1.0 train.batch_size=4",
        "5 3 train.learning_rate=0.01 train.batch_size=8",
    ];
    assert_eq!(runs(&search)[..5], expected);
    assert_eq!(runs(&search).len(), 8);
}

/// That what it says it will do is what it does.
fn counted_runs(search: &Search) -> Vec<String> {
    let runs = runs(search);
    assert_eq!(search.count(), runs.len() as u64);
    runs
}

#[test]
fn fields_may_stand_in_quotes_or_as_tables_and_keep_the_order_of_the_file() {
    let text = "[axes]\ntrain.optimizer = [\"sgd\"]\n\"augment.rotate.probability\" = [0]\n\
                [axes.train.early_stopping]\npatience = [3]\n[axes.model]\ndepth = [2]\n";
    let search = read(text).unwrap();
    let fields: Vec<&str> = search.axes.iter().map(|axis| axis.field.as_str()).collect();
    let expected =
        ["train.optimizer", "augment.rotate.probability", "train.early_stopping.patience", "model.depth"];
    assert_eq!(fields, expected);
    assert_eq!(search.axes[1].values, Values::List(vec![Value::Float(0.0)]), "as the field holds it");
}

#[test]
fn what_a_file_leaves_out_has_a_default() {
    let base = format!("{BASE}[train]\nseed = 9\nearly_stopping = {{ metric = \"valid/loss\" }}\n");
    let search =
        read_over(&base, "[axes]\n\"train.epochs\" = [1]\n[axes.train]\nmomentum = [0, 0.5]").unwrap();
    assert_eq!((search.name.as_str(), search.sampler), ("search", Sampler::Grid));
    assert_eq!((search.seeds.as_slice(), search.retries), ([9].as_slice(), 1));
    assert_eq!(search.metric, MonitoredMetric::ValidLoss);
    assert_eq!((search.local.clone(), search.slurm.clone(), search.halving()), (None, None, None));
    assert!(search.file.is_absolute());
}

#[test]
fn a_file_says_how_its_runs_are_drawn_compared_and_trained() {
    let text = "name = \"n\"\nsampler = \"asha\"\ntrials = 2\nsampler_seed = 5\nmetric = \"valid/loss\"\nseeds = [3, 1]\n\
                retries = 0\n[asha]\neta = 4\n[axes]\n\"train.epochs\" = [1, 2, 3]\n[engine.local]\nslots = \"cuda\"\n\
                [engine.slurm]\nthrottle = 4\nsbatch = [\"-p\", \"gpu\"]\nsetup = \"module load cuda\"\n";
    let search = read(text).unwrap();
    assert_eq!(search.sampler, Sampler::Asha { trials: 2, seed: 5, eta: 4, min_epochs: 2 });
    let halving = search.halving().unwrap();
    assert_eq!((halving.eta, halving.min_epochs, halving.metric), (4, 2, MonitoredMetric::ValidLoss));
    assert_eq!((search.seeds.as_slice(), search.retries), ([3, 1].as_slice(), 0));
    assert_eq!(search.local.unwrap().slots, ["cuda:0"]);
    let slurm = search.slurm.unwrap();
    assert_eq!((slurm.throttle, slurm.setup.as_str()), (Some(4), "module load cuda"));
    assert_eq!((slurm.sbatch, slurm.poll_seconds), (vec!["-p".into(), "gpu".into()], 15.0));
    let slots =
        read("seeds = [1, 2]\n[engine.local]\nslots = [\"cpu\", \"cpu\"]").unwrap().local.unwrap().slots;
    assert_eq!(slots, ["cpu", "cpu"]);
}

/// The values that a grid takes of an axis.
fn values(axis: &str) -> Vec<String> {
    let search = read(&format!("seeds = [1, 2]\n[axes]\n{axis}\n")).unwrap();
    let runs = search.runs().take(search.points() as usize);
    runs.map(|run| run.set[0].1.to_string()).collect()
}

#[test]
fn a_grid_takes_points_of_a_range_evenly_in_its_scale_with_both_ends() {
    let log = "\"train.learning_rate\" = { min = 1e-4, max = 1, scale = \"log\", points = 5 }";
    assert_eq!(values(log), ["0.0001", "0.001", "0.01", "0.1", "1.0"]);
    assert_eq!(
        values("\"train.momentum\" = { min = 0, max = 0.9, points = 4 }"),
        ["0.0", "0.3", "0.6", "0.9"]
    );
    let whole = "\"train.batch_size\" = { min = 2, max = 5, scale = \"log\", points = 7 }";
    assert_eq!(values(whole), ["2", "3", "4", "5"], "each whole number once");
}

#[test]
fn several_seeds_of_the_base_alone_are_a_search() {
    assert_eq!(counted_runs(&read("seeds = [4, 2]").unwrap()), ["1 4 ", "2 2 "]);
    let drawn = read("sampler = \"random\"\ntrials = 9\nseeds = [4, 2]").unwrap();
    assert_eq!(counted_runs(&drawn), ["1 4 ", "2 2 "]);
}

const PATIENCE: &str = "[axes]\n\"train.early_stopping.enabled\" = [true, false]\n\
                        \"train.early_stopping.patience\" = [5, 10]\n\"train.epochs\" = [1, 2]\n";

#[test]
fn where_a_condition_holds_axes_are_left_out_and_points_that_become_the_same_are_one() {
    let condition = "[[conditions]]\nwhen = { \"train.early_stopping.enabled\" = false }\n\
                     skip = [\"train.early_stopping.patience\"]\n";
    assert_eq!(counted_runs(&read(PATIENCE).unwrap()).len(), 8);
    let search = read(&format!("{PATIENCE}{condition}")).unwrap();
    let on = "train.early_stopping.enabled=true train.early_stopping.patience";
    let expected = [
        format!("1 42 {on}=5 train.epochs=1"),
        format!("2 42 {on}=5 train.epochs=2"),
        format!("3 42 {on}=10 train.epochs=1"),
        format!("4 42 {on}=10 train.epochs=2"),
        "5 42 train.early_stopping.enabled=false train.epochs=1".into(),
        "6 42 train.early_stopping.enabled=false train.epochs=2".into(),
    ];
    assert_eq!(counted_runs(&search), expected);
    let last = search.runs().last().unwrap().config("s", &search.base, search.metric).unwrap();
    assert_eq!(last.train.early_stopping.patience, 15, "the base's");
}

#[test]
fn a_condition_holds_for_any_of_its_values_and_looks_into_the_base_for_what_is_no_axis() {
    let with = |when: &str| {
        let condition =
            format!("[[conditions]]\nwhen = {{ {when} }}\nskip = [\"train.early_stopping.patience\"]\n");
        counted_runs(&read(&format!("{PATIENCE}{condition}")).unwrap()).len()
    };
    assert_eq!(with("train.epochs = [1, 2]"), 4);
    assert_eq!(with("train.epochs = 1, \"train.early_stopping.enabled\" = false"), 7);
    assert_eq!(with("train.optimizer = [\"adam\", \"sgd\"]"), 4, "the default is sgd");
    assert_eq!(with("train.optimizer = \"adam\""), 8);
    assert_eq!(with("model.depth = 5"), 4, "what the network's name says");
    assert_eq!(with("train.momentum = 0.9, train.epochs = 2"), 6);
}

#[test]
fn what_is_left_out_counts_as_the_base_has_it_for_the_conditions_after() {
    let text = |first: &str, second: &str| {
        format!(
            "[axes]\n\"train.optimizer\" = [\"sgd\", \"adam\"]\n\"train.momentum\" = [0.5, 0.9]\n\
             \"train.schedule\" = [\"constant\", \"step\"]\n{first}{second}"
        )
    };
    let first = "[[conditions]]\nwhen = { \"train.optimizer\" = \"adam\" }\nskip = [\"train.momentum\"]\n";
    let second = "[[conditions]]\nwhen = { \"train.momentum\" = 0.9 }\nskip = [\"train.schedule\"]\n";
    // sgd: 0.5 with two schedules and 0.9 with none; adam: none, as the base has 0.9.
    assert_eq!(counted_runs(&read(&text(first, second)).unwrap()).len(), 4);
    let refused = read(&text(second, first)).unwrap_err();
    assert!(
        refused.contains("condition 2 leaves out 'train.momentum', which condition 1 looks at"),
        "{refused}"
    );
}

const MIXED: &str = "[axes]\n\"train.learning_rate\" = { min = 1e-4, max = 1, scale = \"log\" }\n\
                     \"train.batch_size\" = { min = 2, max = 64, scale = \"log\" }\n\
                     \"train.momentum\" = { min = 0.5, max = 0.9 }\n\"train.optimizer\" = [\"sgd\", \"adam\"]\n";

fn drawn(trials: usize, rest: &str) -> Search {
    read(&format!("sampler = \"random\"\ntrials = {trials}\n{rest}")).unwrap()
}

#[test]
fn more_trials_leave_the_first_as_they_are_and_another_seed_draws_others() {
    let some = counted_runs(&drawn(20, MIXED));
    assert_eq!(counted_runs(&drawn(50, MIXED))[..20], some);
    let other = counted_runs(&drawn(20, &format!("sampler_seed = 1\n{MIXED}")));
    assert!(some.iter().all(|run| !other.contains(run)));
    let mut apart = some.clone();
    apart.sort();
    apart.dedup();
    assert_eq!(apart.len(), 20);
}

#[test]
fn draws_are_spread_over_lists_and_ranges_in_their_scale() {
    let search = drawn(1000, MIXED);
    let column = |field: &str| -> Vec<f64> {
        let number = |value: &Value| value.as_float().or(value.as_integer().map(|whole| whole as f64));
        search.runs().map(|run| number(run.value(field).unwrap()).unwrap()).collect()
    };
    let below = |field: &str, limit: f64| column(field).iter().filter(|value| **value < limit).count();
    for (field, middle, min, max) in [
        ("train.learning_rate", 1e-2, 1e-4, 1.0),
        ("train.momentum", 0.7, 0.5, 0.9),
        ("train.batch_size", 11.0, 2.0, 64.0),
    ] {
        assert!((430..570).contains(&below(field, middle)), "{field}: {}", below(field, middle));
        assert!(column(field).iter().all(|value| (min..=max).contains(value)), "{field}");
    }
    assert!(below("train.batch_size", 2.5) > 0 && below("train.batch_size", 63.5) < 1000, "the ends occur");
    let adam =
        search.runs().filter(|run| run.value("train.optimizer").unwrap().as_str() == Some("adam")).count();
    assert!((430..570).contains(&adam), "{adam}");
}

#[test]
fn a_space_with_fewer_points_than_trials_is_drawn_whole_and_ends() {
    let axes =
        "[axes]\n\"train.epochs\" = { min = 1, max = 40 }\n\"train.optimizer\" = [\"sgd\", \"adam\"]\n";
    let runs = counted_runs(&drawn(1000, axes));
    assert_eq!(runs.len(), 80);
    assert_eq!(counted_runs(&drawn(79, axes)), runs[..79]);
    let condition = "[[conditions]]\nwhen = { \"train.optimizer\" = \"adam\" }\nskip = [\"train.epochs\"]\n";
    assert_eq!(counted_runs(&drawn(1000, &format!("seeds = [1, 2]\n{axes}{condition}"))).len(), 2 * 41);
}

#[test]
fn of_a_narrow_range_there_are_still_as_many_points_as_are_asked_for() {
    let axes = "[axes]\n\"train.momentum\" = { min = 0.5, max = 0.50001 }\n";
    assert_eq!(counted_runs(&drawn(30_000, axes)).len(), 30_000);
    let grid = "[axes]\n\"train.momentum\" = { min = 0.5, max = 0.5000001, points = 5000 }\n";
    assert_eq!(read(grid).unwrap().count(), 5000);
}

#[test]
fn the_numbers_of_a_range_are_short_and_its_ends_are_as_they_are_written() {
    let grid = "[axes]\n\"train.learning_rate\" = { min = 0.30000000000000004, max = 1, points = 4 }\n";
    let read = read(grid).unwrap();
    let shown: Vec<_> =
        read.runs().map(|run| run.value("train.learning_rate").unwrap().to_string()).collect();
    assert_eq!(shown, ["0.30000000000000004", "0.533333333", "0.766666667", "1.0"]);
}

#[test]
fn a_space_too_large_to_go_through_is_counted() {
    let ranges = ["train.epochs", "train.log_steps", "train.step_epochs", "train.early_stopping.patience"];
    let axes: String = ranges
        .iter()
        .map(|field| format!("\"{field}\" = {{ min = 1, max = 10_000, points = 10_000 }}\n"))
        .collect();
    assert_eq!(read(&format!("[axes]\n{axes}")).unwrap().count(), 10_000_000_000_000_000);
    assert_eq!(read(&format!("seeds = [1, 2, 3]\n[axes]\n{axes}")).unwrap().count(), 30_000_000_000_000_000);
}

#[test]
fn without_early_stopping_the_papers_space_has_no_patience_if_one_wishes() {
    let configs = Path::new(env!("CARGO_MANIFEST_DIR")).join("configs/searches");
    let text = fs::read_to_string(configs.join("final.toml")).unwrap();
    let wished: String = text
        .lines()
        .map(|line| {
            format!(
                "{}\n",
                line.strip_prefix("# ")
                    .filter(|l| l.contains("conditions]]") || l.starts_with("when") || l.starts_with("skip"))
                    .unwrap_or(line)
            )
        })
        .collect();
    assert_ne!(wished, text);
    let count = |text: &str| Search::from_text(text, &configs.join("final.toml")).unwrap().count();
    assert_eq!((count(&text), count(&wished)), (62_208, 41_472));
}

#[test]
fn a_search_that_has_begun_is_read_from_its_folder_whatever_became_of_its_files() {
    let keep = tempfile::tempdir().unwrap();
    let file = keep.path().join("mine.toml");
    fs::write(keep.path().join("base.toml"), BASE).unwrap();
    fs::write(&file, format!("base = \"base.toml\"\n{PATIENCE}")).unwrap();
    let search = Search::from_file(&file).unwrap();
    let (text, record) = (fs::read_to_string(&file).unwrap(), Record::new(search.file.clone()));
    let folder =
        SearchFolder::create(keep.path(), &search.name, &text, &search.base, &record, |_| Ok(())).unwrap();
    fs::remove_file(&file).unwrap();
    fs::remove_file(keep.path().join("base.toml")).unwrap();
    assert_eq!(Search::of_folder(&folder).unwrap(), search);
}

#[test]
fn the_example_of_the_page_about_searches_is_one() {
    let page = include_str!("../../../docs/search.md");
    let example = page.split("```toml\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("configs/searches/mine.toml");
    let search = Search::from_text(example, &beside).unwrap();
    assert_eq!((search.name.as_str(), search.count()), ("mine", 300));
}

#[test]
fn of_an_axis_without_values_nothing_is_drawn() {
    let mut search = drawn(5, MIXED);
    search.axes = vec![Axis { field: "train.epochs".into(), values: Values::List(Vec::new()) }];
    assert_eq!(counted_runs(&search), [""; 0]);
}
