//! The fields that conditions are about, by the names that people type.

use crate::config;
use crate::data::nearest;
use crate::run::MetricSplit;
use std::sync::LazyLock;

/// What a condition looks at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Field {
    Listed(Listed),
    /// A field of the config, by its place in [`CONFIG`].
    Config(usize),
    /// The last value of a metric, as `valid/loss`.
    Metric(String),
    /// Of the validation, or where there is none, of the training.
    Loss,
}

/// What lists know of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Listed {
    Id,
    Name,
    State,
    Network,
    Device,
    Host,
    Search,
    Tags,
    Note,
    Reason,
    Epoch,
    Epochs,
    Step,
    Steps,
    Speed,
    Valid,
    Test,
    Age,
    Left,
    Silence,
}

/// How the values of a field are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    Number,
    /// 0..=1, shown and typed as a percentage.
    Share,
    /// Seconds, typed with a unit.
    Duration,
    /// A number or a text.
    Either,
}

const LISTED: [(&str, Listed); 32] = [
    ("id", Listed::Id),
    ("name", Listed::Name),
    ("title", Listed::Name),
    ("state", Listed::State),
    ("network", Listed::Network),
    ("arch", Listed::Network),
    ("model", Listed::Network),
    ("device", Listed::Device),
    ("gpu", Listed::Device),
    ("host", Listed::Host),
    ("search", Listed::Search),
    ("tags", Listed::Tags),
    ("tag", Listed::Tags),
    ("note", Listed::Note),
    ("reason", Listed::Reason),
    ("error", Listed::Reason),
    ("epoch", Listed::Epoch),
    ("epochs", Listed::Epochs),
    ("step", Listed::Step),
    ("steps", Listed::Steps),
    ("images/s", Listed::Speed),
    ("images_per_second", Listed::Speed),
    ("speed", Listed::Speed),
    ("valid", Listed::Valid),
    ("valid_accuracy", Listed::Valid),
    ("test", Listed::Test),
    ("test_accuracy", Listed::Test),
    ("accuracy", Listed::Valid),
    ("age", Listed::Age),
    ("left", Listed::Left),
    ("eta", Listed::Left),
    ("silence", Listed::Silence),
];

/// Short names of the config's fields.
const SHORT: [(&str, &str); 7] = [
    ("lr", "train.learning_rate"),
    ("bs", "train.batch_size"),
    ("wd", "train.weight_decay"),
    ("opt", "train.optimizer"),
    ("data", "data.root"),
    ("patience", "train.early_stopping.patience"),
    ("dropout", "model.conv_dropout"),
];

/// The names of the config's fields.
pub(super) static CONFIG: LazyLock<Vec<String>> = LazyLock::new(config::flat_names);

impl Field {
    pub(super) fn kind(&self) -> Kind {
        match self {
            Self::Listed(listed) => listed.kind(),
            Self::Config(_) => Kind::Either,
            Self::Metric(key) if key.contains("accuracy") => Kind::Share,
            Self::Metric(_) | Self::Loss => Kind::Number,
        }
    }
}

impl Listed {
    fn kind(self) -> Kind {
        match self {
            Self::Epoch | Self::Epochs | Self::Step | Self::Steps | Self::Speed => Kind::Number,
            Self::Valid | Self::Test => Kind::Share,
            Self::Age | Self::Left | Self::Silence => Kind::Duration,
            _ => Kind::Text,
        }
    }
}

/// The field of a name: one of a list, a metric with its split, or one of the config, whole or as much of its end as is
/// its alone. A sentence where there is none.
pub(super) fn find(name: &str) -> Result<Field, String> {
    let name = name.to_lowercase();
    if let Some((_, listed)) = LISTED.iter().find(|(known, _)| *known == name) {
        return Ok(Field::Listed(*listed));
    }
    if name == "loss" {
        return Ok(Field::Loss);
    }
    if let Some((split, key)) = name.split_once('/')
        && MetricSplit::parse(split).is_some()
        && !key.is_empty()
    {
        return Ok(Field::Metric(name));
    }
    let long = SHORT.iter().find(|(short, _)| *short == name).map_or(name.as_str(), |(_, long)| long);
    let ends = |field: &str| {
        field.strip_suffix(long).is_some_and(|before| before.is_empty() || before.ends_with('.'))
    };
    let meant: Vec<usize> = (0..CONFIG.len()).filter(|&i| ends(&CONFIG[i])).collect();
    let whole = meant.iter().find(|&&i| CONFIG[i] == long);
    match (whole, &meant[..]) {
        (Some(only), _) | (None, [only]) => Ok(Field::Config(*only)),
        (None, []) => Err(unknown(&name)),
        (None, several) => {
            let names: Vec<&str> = several.iter().map(|&i| CONFIG[i].as_str()).collect();
            Err(format!("'{name}' may be {}: type more of it", names.join(", ")))
        }
    }
}

fn unknown(name: &str) -> String {
    let last_parts = CONFIG.iter().filter_map(|field| field.rsplit('.').next());
    let known = LISTED.iter().map(|(known, _)| *known).chain(["loss"]).chain(last_parts);
    let known =
        known.chain(CONFIG.iter().map(String::as_str)).chain(["valid/loss", "train/loss", "test/loss"]);
    match nearest(name, known) {
        Some(nearest) => format!("no such field '{name}'; did you mean '{nearest}'?"),
        None => format!("no such field '{name}'; known are state, age, valid, loss, lr ..."),
    }
}
