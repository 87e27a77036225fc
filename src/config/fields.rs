//! Every field of a config: what it takes, what is possible, what it is for. Validation takes its sentences from here,
//! and so do forms.

use crate::model;

/// What a field takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FieldKind {
    Text,
    Folder,
    Whole,
    Number,
    /// A pair of numbers.
    Pair,
    /// One number or a list of them.
    Numbers,
    /// How many pictures, or a list of their paths.
    Pictures,
    Switch,
    Choice(&'static [&'static str]),
    /// A name of the zoo.
    Network,
    Device,
}

/// One field of a config.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FieldAbout {
    /// As `--set` spells it.
    pub key: &'static str,
    pub kind: FieldKind,
    /// What is possible, as it goes on from "it must be".
    pub range: &'static str,
    /// What it is for, in one line.
    pub help: &'static str,
    /// Where it is not given, the network's name decides.
    pub by_name: bool,
}

impl FieldAbout {
    /// The part of the config that the field stands in; empty for those beside the parts.
    pub fn section(&self) -> &'static str {
        self.key.split_once('.').map_or("", |(section, _)| section)
    }

    /// The key within its section.
    pub fn label(&self) -> &'static str {
        self.key.split_once('.').map_or(self.key, |(_, label)| label)
    }

    /// All values there are, where these can be counted; devices depend on the machine.
    pub fn choices(&self) -> Vec<&'static str> {
        match self.kind {
            FieldKind::Switch => vec!["false", "true"],
            FieldKind::Choice(choices) => choices.to_vec(),
            FieldKind::Network => model::zoo().iter().map(|preset| preset.name).collect(),
            _ => Vec::new(),
        }
    }

    /// What a value is called.
    pub fn noun(&self) -> &'static str {
        match self.kind {
            FieldKind::Text => "a text",
            FieldKind::Folder => "a folder",
            FieldKind::Whole => "a whole number",
            FieldKind::Number => "a number",
            FieldKind::Pair => "two numbers",
            FieldKind::Numbers => "a number, or a list as in [0.1, 0.2]",
            FieldKind::Pictures => "a whole number, or a list as in [\"test/anger/7.png\"]",
            FieldKind::Switch => "true or false",
            FieldKind::Choice(_) => "a choice",
            FieldKind::Network => "a network",
            FieldKind::Device => "a device",
        }
    }
}

/// All fields, in the order of the file. The provenance is written by trainers and no one's to set.
pub fn fields() -> &'static [FieldAbout] {
    &FIELDS
}

/// The field of a key.
pub fn field(key: &str) -> Option<&'static FieldAbout> {
    FIELDS.iter().find(|field| field.key == key)
}

use FieldKind::{Choice, Device, Folder, Network, Number, Numbers, Pair, Pictures, Switch, Text, Whole};

const fn about(key: &'static str, kind: FieldKind, range: &'static str, help: &'static str) -> FieldAbout {
    FieldAbout { key, kind, range, help, by_name: false }
}

/// A field whose value follows from the network's name where it is not given.
const fn by_name(key: &'static str, kind: FieldKind, range: &'static str, help: &'static str) -> FieldAbout {
    FieldAbout { key, kind, range, help, by_name: true }
}

const PROBABILITY: &str = "a probability, 0 to 1";
const SHARE: &str = "at least 0 and below 1";

const FIELDS: [FieldAbout; 46] = [
    about(
        "name",
        Text,
        "1 to 80 letters, digits, '-', '_' or '.'",
        "stands in the run's id and in lists; left empty it is the file's name",
    ),
    about(
        "model.arch",
        Network,
        "a name that mien models lists",
        "which network; its name decides the fields below",
    ),
    by_name("model.depth", Whole, "1 to 6", "blocks, each halving the picture"),
    by_name(
        "model.width",
        Whole,
        "1 to 1024",
        "channels of the first block; each further block doubles them",
    ),
    by_name(
        "model.fc_depth",
        Whole,
        "1 to 3",
        "linear layers of the head on c channels: c-6, c-2c-6, c-2c-c-6",
    ),
    by_name("model.batch_norm", Switch, "true or false", "batch normalisation after each convolution"),
    by_name("model.se", Switch, "true or false", "squeeze-and-excitation after the first block's activation"),
    by_name("model.pooling", Choice(&["max", "avg"]), "max or avg", "how a block halves the picture, 2x2"),
    by_name(
        "model.conv_dropout",
        Numbers,
        SHARE,
        "a number: after every block but the last; a list: one per block",
    ),
    by_name("model.fc_dropout", Number, SHARE, "dropout in the head"),
    about(
        "data.root",
        Folder,
        "the folder that holds manifest.csv (mien data import makes one)",
        "the pictures; relative to where mien is started",
    ),
    about(
        "data.valid.fraction",
        Number,
        SHARE,
        "share of the training pictures to validate on; 0: the rows that the manifest calls valid",
    ),
    about(
        "train.optimizer",
        Choice(&["sgd", "adam", "adamw"]),
        "sgd, adam or adamw",
        "with PyTorch's meaning of each number",
    ),
    about(
        "train.learning_rate",
        Number,
        "above 0",
        "the step's size; the highest one where a schedule changes it",
    ),
    about("train.momentum", Number, SHARE, "of sgd only; no dampening"),
    about(
        "train.weight_decay",
        Number,
        SHARE,
        "added to the gradient by sgd and adam, taken off the weights by adamw",
    ),
    about("train.label_smoothing", Number, SHARE, "share of the target that is spread over all classes"),
    about(
        "train.schedule",
        Choice(&["constant", "cosine", "one-cycle", "step"]),
        "constant, cosine, one-cycle or step",
        "how the learning rate changes over the run",
    ),
    about("train.step_epochs", Whole, "1 to 100000", "schedule step: epochs between two drops of the rate"),
    about(
        "train.step_factor",
        Number,
        "above 0 and at most 1",
        "schedule step: what the rate is multiplied by",
    ),
    about(
        "train.batch_size",
        Whole,
        "2 to 8192 (BatchNorm needs two)",
        "pictures a step; those that do not fill a last batch are left out of the epoch",
    ),
    about("train.epochs", Whole, "1 to 100000", "at most so many times over all pictures"),
    about(
        "train.early_stopping.enabled",
        Switch,
        "true or false",
        "stops when epochs bring nothing better any more",
    ),
    about("train.early_stopping.patience", Whole, "at least 0", "so many epochs may bring nothing better"),
    about(
        "train.early_stopping.metric",
        Choice(&["valid/accuracy", "valid/loss"]),
        "valid/accuracy or valid/loss",
        "decides which epoch is the best, also where stopping is off",
    ),
    about(
        "train.precision",
        Choice(&["f32", "bf16"]),
        "f32 or bf16",
        "bf16: convolutions and linear layers multiply in bf16",
    ),
    about(
        "train.test",
        Choice(&["end", "epoch"]),
        "end or epoch",
        "when the test set is looked at; nothing is ever chosen by it",
    ),
    about(
        "train.checkpoint_minutes",
        Number,
        "above 0 and at most 1000000",
        "between checkpoints within an epoch; one is written at each epoch's end",
    ),
    about("train.log_steps", Whole, "at least 1", "a row of training metrics every so many steps"),
    about(
        "train.seed",
        Whole,
        "at most 9223372036854775807, the largest number TOML can hold",
        "decides split, first weights, order, augmentation, dropout",
    ),
    about(
        "train.device",
        Device,
        "auto, cpu or cuda:N",
        "auto: the GPU with most free memory and no run of ours",
    ),
    about("augment.flip", Number, PROBABILITY, "probability of a mirror image"),
    about("augment.rotate.probability", Number, PROBABILITY, "of a rotation about the centre"),
    about("augment.rotate.degrees", Number, "0 to 180", "the largest angle"),
    about(
        "augment.crop.probability",
        Number,
        PROBABILITY,
        "of a 64x64 window of the picture with a black border",
    ),
    about("augment.crop.padding", Whole, "0 to 32 pixels", "the border's width"),
    about("augment.scale.probability", Number, PROBABILITY, "of an enlargement about the centre"),
    about("augment.scale.range", Number, SHARE, "enlarged by 1 - range to 1 + range"),
    about("augment.brightness.probability", Number, PROBABILITY, "of other grey levels"),
    about("augment.brightness.range", Number, "0 to 1", "grey levels times 1 - range to 1 + range"),
    about("augment.erase.probability", Number, PROBABILITY, "of a black rectangle"),
    about(
        "augment.erase.scale",
        Pair,
        "two shares of the picture's area, the smaller first, above 0 and below 1",
        "the rectangle's share of the area",
    ),
    about(
        "explain.probes",
        Pictures,
        "0 to 16 of each class, or a list of 1 to 96 pictures of the data set",
        "pictures whose heat maps are kept after each epoch; 0: none",
    ),
    about(
        "explain.method",
        Choice(&["grad-cam", "grad-cam++", "hires-cam", "xgrad-cam", "layer-cam"]),
        "grad-cam, grad-cam++, hires-cam, xgrad-cam or layer-cam",
        "how the maps are made",
    ),
    about(
        "explain.layer",
        Text,
        "a layer with height and width (mien models NAME lists them)",
        "where the maps are; left empty the last relu",
    ),
    about(
        "explain.energy",
        Switch,
        "true or false",
        "a metric of how much evidence lies where the expression shows",
    ),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{RunConfig, from_text};
    use crate::model::{Architecture, ConvDropout, Pooling};
    use toml::{Table, Value};

    /// The keys of all values in a table, in order.
    fn keys(table: &Table, before: &str, found: &mut Vec<String>) {
        for (key, value) in table {
            match value {
                Value::Table(inner) => keys(inner, &format!("{before}{key}."), found),
                _ => found.push(format!("{before}{key}")),
            }
        }
    }

    /// A config in which every field stands.
    fn full() -> RunConfig {
        // Without `..`: a new field of a network does not compile until it is here.
        let model = Architecture {
            arch: "plain".into(),
            depth: Some(5),
            width: Some(64),
            fc_depth: Some(3),
            batch_norm: Some(true),
            se: Some(false),
            pooling: Some(Pooling::Max),
            conv_dropout: Some(ConvDropout::AllButLast(0.2)),
            fc_dropout: Some(0.5),
        };
        RunConfig { model, ..RunConfig::default() }
    }

    fn refusal(set: &str) -> String {
        let text = "[model]\narch = \"plain\"\n[data]\nroot = \"/faces\"\n";
        from_text(text, "a.toml", "a", &[set.to_string()]).unwrap_err().to_string()
    }

    #[test]
    fn every_field_of_a_config_is_told_about_and_no_other() {
        let table = Table::try_from(full()).unwrap();
        let mut expected = Vec::new();
        keys(&table, "", &mut expected);
        let mut told: Vec<&str> = fields().iter().map(|field| field.key).collect();
        told.sort_unstable();
        expected.sort_unstable();
        assert_eq!(told, expected);
        let table = Table::try_from(RunConfig::default()).unwrap();
        let mut given = Vec::new();
        keys(&table, "", &mut given);
        for field in fields() {
            assert_eq!(field.by_name, !given.iter().any(|key| key == field.key), "{}", field.key);
            assert!(!field.help.is_empty() && !field.help.contains('\n'), "{}", field.key);
        }
    }

    #[test]
    fn choices_are_those_that_a_config_takes() {
        for field in fields().iter().filter(|field| !field.choices().is_empty()) {
            for choice in field.choices() {
                let text = "[data]\nroot = \"/faces\"\n";
                let set = format!("{}={choice}", field.key);
                assert!(from_text(text, "a", "a", &[set]).is_ok(), "{} {choice}", field.key);
            }
            let refused = refusal(&format!("{}=nonsense", field.key));
            for choice in field.choices().into_iter().filter(|_| field.kind != Switch) {
                assert!(refused.contains(choice), "{}: {refused}", field.key);
            }
        }
    }

    #[test]
    fn values_out_of_range_are_refused_with_the_range_that_is_told() {
        for (set, key) in [
            ("name=a/b", "name"),
            ("model.depth=7", "model.depth"),
            ("model.width=0", "model.width"),
            ("model.fc_depth=4", "model.fc_depth"),
            ("model.conv_dropout=1", "model.conv_dropout"),
            ("model.fc_dropout=1", "model.fc_dropout"),
            ("data.root=", "data.root"),
            ("data.valid.fraction=1", "data.valid.fraction"),
            ("train.learning_rate=0", "train.learning_rate"),
            ("train.momentum=1", "train.momentum"),
            ("train.weight_decay=-1", "train.weight_decay"),
            ("train.label_smoothing=1", "train.label_smoothing"),
            ("train.step_epochs=0", "train.step_epochs"),
            ("train.step_factor=2", "train.step_factor"),
            ("train.batch_size=1", "train.batch_size"),
            ("train.epochs=0", "train.epochs"),
            ("train.checkpoint_minutes=0", "train.checkpoint_minutes"),
            ("train.log_steps=0", "train.log_steps"),
            ("augment.flip=2", "augment.flip"),
            ("augment.rotate.probability=2", "augment.rotate.probability"),
            ("augment.rotate.degrees=200", "augment.rotate.degrees"),
            ("augment.crop.probability=2", "augment.crop.probability"),
            ("augment.crop.padding=33", "augment.crop.padding"),
            ("augment.scale.probability=2", "augment.scale.probability"),
            ("augment.scale.range=1", "augment.scale.range"),
            ("augment.brightness.probability=2", "augment.brightness.probability"),
            ("augment.brightness.range=2", "augment.brightness.range"),
            ("augment.erase.probability=2", "augment.erase.probability"),
            ("augment.erase.scale=[0.5, 0.2]", "augment.erase.scale"),
            ("explain.probes=17", "explain.probes"),
            ("explain.probes=[]", "explain.probes"),
        ] {
            let refused = refusal(set);
            let range = field(key).unwrap().range;
            assert!(refused.contains(&format!("it must be {range}")), "{set}: {refused}");
        }
    }

    #[test]
    fn the_page_about_configs_has_every_field_with_its_default() {
        let page = include_str!("../../docs/config.md");
        let rows: Vec<[&str; 2]> = (page.lines().filter(|line| line.starts_with("| `")))
            .map(|line| line.splitn(4, '|').collect::<Vec<_>>())
            .map(|cells| [cells[1], cells[2]])
            .collect();
        let defaults = Table::try_from(RunConfig::default()).unwrap();
        for field in fields() {
            let named = |key: &str| rows.iter().find(|[keys, _]| keys.contains(&format!("`{key}`")));
            let (parent, label) = field.key.rsplit_once('.').unwrap_or(("", field.key));
            let [keys, told] = named(field.key).or_else(|| named(parent)).expect(field.key);
            let alone = keys.matches('`').count() == 2;
            let default = field.key.split('.').try_fold(Value::Table(defaults.clone()), |value, part| {
                value.as_table().and_then(|table| table.get(part)).cloned()
            });
            let Some(default) = default.filter(|value| value.as_str() != Some("")) else { continue };
            // `1e-4` is how people write it.
            let number = |text: &str| text.trim().parse::<f64>().ok();
            let text = default.as_str().map_or_else(|| default.to_string(), String::from);
            let same = if keys.contains(&format!("`{}`", field.key)) {
                !alone
                    || told.trim() == format!("`{text}`")
                    || number(told).is_some_and(|n| Some(n) == number(&text))
            } else {
                let table: Table = format!("x = {}", told.trim().trim_matches('`')).parse().unwrap();
                let there = table["x"].get(label).unwrap_or_else(|| panic!("{}: {told}", field.key));
                *there == default || there.as_integer().map(|n| n as f64) == default.as_float()
            };
            assert!(same, "{}: {told} is not {default}", field.key);
        }
    }
}
