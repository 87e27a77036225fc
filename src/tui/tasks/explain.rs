//! Explains the picture that is looked at: keeps the network of one run and what it said last, so that another way of
//! showing it costs no pass, and another picture no reading of weights.

use super::slot::Desk;
use crate::config::{self, RunConfig};
use crate::data::{Dataset, Packed, Photo, Split, Stamp, drawn, read_picture, shown};
use crate::explain::{
    self, Activations, ExplainError, Explainer, Explanation, FacePart, FeatureIndex, HeatMap, Method,
    Picture, Regions,
};
use crate::model;
use crate::run::{RunFolder, printable};
use crate::tui::message::Message;
use crate::tui::state::explain::{
    Alike, CHANNELS, Channels, Content, Faith, Found, Made, Order, Panel, Report, Request, Shades, Wish,
};
use crate::tui::state::pictures::PictureKey;
use burn::prelude::Device;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// Points of a curve but the first.
const STEPS: usize = 32;
/// Training pictures that are shown.
const ALIKE: usize = 8;
/// Channels beside each other, and the pixels of each.
const COLUMNS: usize = 8;
const CHANNEL: usize = 12;
/// Between two words on how far the work is.
const TELL: Duration = Duration::from_millis(250);
/// Of the map that the curves are held against.
const SEED: u64 = 0;

/// The work on orders to explain.
pub(super) fn work() -> impl FnMut(Order, &Desk<Order>) {
    let mut kept = Kept::default();
    move |order, desk| {
        if let Order::Look(request) = order {
            kept.look(request, desk);
        }
    }
}

/// What is kept between orders.
#[derive(Default)]
struct Kept {
    network: Option<Loaded>,
    picture: Option<Looked>,
}

/// The newest run's network, and where its pictures are.
struct Loaded {
    run: RunFolder,
    /// Of the files of its weights and its config.
    stamps: [Option<Stamp>; 2],
    explainer: Explainer,
    config: RunConfig,
    root: PathBuf,
    /// Opened when pictures like one are asked for.
    training: Option<Training>,
    /// Opened when the first file is missing.
    packed: Option<Option<Packed>>,
    /// The boxes of a drawn set.
    boxes: Option<HashMap<PathBuf, Vec<drawn::NamedBox>>>,
}

/// The newest picture, and what was found out about it.
struct Looked {
    path: String,
    stamp: Option<Stamp>,
    pixels: Vec<u8>,
    regions: Regions,
    explained: Option<Explained>,
}

struct Explained {
    wish: Wish,
    explanation: Explanation,
    faith: Option<Box<Faith>>,
}

/// Why there is nothing to show.
enum Refusal {
    /// Nobody wants it any more.
    GivenUp,
    /// A sentence.
    Because(String),
}

impl<E: std::error::Error + 'static> From<E> for Refusal {
    fn from(error: E) -> Self {
        let error: &(dyn std::error::Error + 'static) = &error;
        match error.downcast_ref() {
            Some(ExplainError::GivenUp) => Self::GivenUp,
            _ => Self::Because(error.to_string()),
        }
    }
}

impl Kept {
    fn look(&mut self, request: Box<Request>, desk: &Desk<Order>) {
        let tell = |words: &str| {
            desk.send(Message::Explain(Report::Busy(request.clone(), words.into())));
        };
        let found = match self.find(&request, desk, &tell) {
            Ok(found) => Ok(Box::new(found)),
            Err(Refusal::GivenUp) => return,
            Err(Refusal::Because(sentence)) => Err(printable(&sentence.replace('\n', ", ")).into_owned()),
        };
        desk.send(Message::Explain(Report::Found(request, found)));
    }

    fn find(&mut self, request: &Request, desk: &Desk<Order>, tell: &dyn Fn(&str)) -> Result<Found, Refusal> {
        let network = loaded(&mut self.network, &request.key.run, tell, &mut self.picture)?;
        let picture = looked(&mut self.picture, network, &request.key.path)?;
        let explainer = &network.explainer;
        let wanted = || !desk.is_abandoned();
        let Looked { pixels, regions, explained, .. } = picture;
        let explained = match explained {
            Some(explained) if explained.wish == request.wish => explained,
            _ => {
                let method = request.wish.method.0;
                if !method.is_of_layer() {
                    tell(&format!("computing {method}"));
                }
                let asked = Picture { pixels, truth: request.truth };
                let explanations = explainer.explain_wanted(&[asked], &request.wish.request(), &wanted)?;
                let Some(explanation) = explanations.into_iter().next() else { return Err(Refusal::GivenUp) };
                explained.insert(Explained { wish: request.wish.clone(), explanation, faith: None })
            }
        };
        let Explained { explanation, faith, .. } = explained;
        let map = &explanation.map;
        let content = match request.panel {
            Panel::Maps => Content::Maps(maps(pixels, map, request.shades)),
            Panel::Curves => {
                let faith = match faith {
                    Some(faith) => faith,
                    None => {
                        tell("taking away and giving back what the map ranks highest");
                        let class = explanation.class;
                        let random = explain::random_map(SEED);
                        let [map, random] =
                            [map, &random].map(|map| explainer.curves(pixels, map, class, STEPS, &wanted));
                        faith.insert(Box::new(Faith { map: map?, random: random? }))
                    }
                };
                Content::Curves(faith.clone())
            }
            Panel::Activations { page } => {
                let layer = request.wish.layer.as_deref().or(explanation.layer.as_deref());
                channels(&explainer.activations(pixels, layer)?, page, request.shades)?
            }
            Panel::Nearest => {
                let picture = Picture { pixels, truth: None };
                let features = explainer.features(&[picture])?.into_iter().next().unwrap_or_default();
                let training = match &mut network.training {
                    Some(training) => training,
                    None => {
                        let (wanted, tell) = (|| wants_training(request, desk), tell_newest(desk));
                        network.training.insert(Training::open(explainer, &network.config, &wanted, &tell)?)
                    }
                };
                Content::Nearest(training.nearest(&features, &request.key))
            }
        };
        let parts = FacePart::of(explanation.class);
        Ok(Found {
            energy: (regions.energy(map, parts), regions.area(parts)),
            explanation: explanation.clone(),
            layers: explainer.layers(),
            methods: Method::ALL.into_iter().filter(|method| explainer.is_defined(*method)).collect(),
            content,
        })
    }
}

/// Pictures like another one of the same run are found in the same index: it is not begun anew for each.
fn wants_training(request: &Request, desk: &Desk<Order>) -> bool {
    if !desk.is_abandoned() {
        return true;
    }
    let is_like_it = |newest: &Request| newest.panel == Panel::Nearest && newest.key.run == request.key.run;
    matches!(desk.newest(), Some(Order::Look(newest)) if is_like_it(&newest))
}

/// Tells whoever waits now what is being done.
fn tell_newest(desk: &Desk<Order>) -> impl Fn(&str) {
    |words| {
        if let Some(Order::Look(newest)) = desk.newest() {
            desk.tell(Message::Explain(Report::Busy(newest, words.into())));
        }
    }
}

/// The network of a run; read where it is another one than before, or where its file is.
fn loaded<'a>(
    kept: &'a mut Option<Loaded>,
    run: &RunFolder,
    tell: &dyn Fn(&str),
    picture: &mut Option<Looked>,
) -> Result<&'a mut Loaded, Refusal> {
    let weights = run.model();
    let stamps = [Stamp::at(&weights), Stamp::at(&run.config())];
    let has_weights = stamps[0].is_some();
    let is_known = |loaded: &Loaded| has_weights && loaded.run == *run && loaded.stamps == stamps;
    if kept.as_ref().is_some_and(is_known) {
        // Known: it is there.
        return kept.as_mut().ok_or(Refusal::GivenUp);
    }
    // What was said of a picture was said by other weights; two networks at once may be too many.
    (*kept, *picture) = (None, None);
    if !has_weights {
        return Err(Refusal::Because(format!(
            "{} has no model.safetensors, and it is the network that is asked: the trainer writes it after the first epoch",
            run.id()
        )));
    }
    tell("reading the weights");
    let config = config::complete(&run.config())?;
    let root = config.data.root.clone();
    if root.as_os_str().is_empty() {
        let config = shown(&run.config());
        return Err(Refusal::Because(format!(
            "{config} names no data.root, so its pictures cannot be found"
        )));
    }
    let device = Device::flex();
    let (network, _) = model::load(&weights, Some(&config.model), &device)?;
    let explainer = Explainer::new(&config.model.arch, &network, &device);
    let boxes = drawn::regions(&root);
    let run = run.clone();
    Ok(kept.insert(Loaded { run, stamps, explainer, config, root, training: None, packed: None, boxes }))
}

/// The picture with this path; read where it is another one than before, or where its file is.
fn looked<'a>(
    kept: &'a mut Option<Looked>,
    network: &mut Loaded,
    path: &str,
) -> Result<&'a mut Looked, Refusal> {
    let file = network.root.join(path);
    let stamp = Stamp::at(&file);
    if kept.as_ref().is_some_and(|looked| looked.path == path && looked.stamp == stamp) {
        return kept.as_mut().ok_or(Refusal::GivenUp);
    }
    *kept = None;
    let pixels = match read_picture(&file) {
        Ok(pixels) => pixels,
        Err(error) if stamp.is_none() => network.packed(Path::new(path)).ok_or(error)?,
        Err(error) => return Err(error.into()),
    };
    let regions = network.regions(Path::new(path));
    Ok(kept.insert(Looked { path: path.into(), stamp, pixels, regions, explained: None }))
}

impl Loaded {
    /// The grey levels of a picture whose file is gone.
    fn packed(&mut self, path: &Path) -> Option<Vec<u8>> {
        let root = &self.root;
        let packed = self.packed.get_or_insert_with(|| Packed::open(root).ok().flatten());
        let photo = packed.as_ref()?.photo(path)?;
        let rows = 0..photo.height();
        Some(
            rows.flat_map(|y| (0..photo.width()).map(move |x| (x, y)))
                .map(|(x, y)| photo.rgb(x, y)[0])
                .collect(),
        )
    }

    /// Where the parts of the face are.
    fn regions(&self, path: &Path) -> Regions {
        let below = path.strip_prefix(&self.root).unwrap_or(path);
        let Some(boxes) = self.boxes.as_ref().and_then(|boxes| boxes.get(below)) else {
            return Regions::aligned();
        };
        let known = boxes.iter().filter_map(|(part, bounds)| Some((FacePart::parse(part)?, *bounds)));
        Regions::known(known.collect())
    }
}

/// Picture, heat and overlay.
fn maps(pixels: &[u8], map: &HeatMap, shades: Shades) -> [Made; 3] {
    let photo = Photo::from_grey(pixels);
    let size = (photo.width(), photo.height());
    let heat = explain::heat(map, size, shades.look()).unwrap_or_else(|| photo.clone());
    let overlay = explain::overlay(&photo, map, shades.look()).unwrap_or_else(|| photo.clone());
    [photo, heat, overlay].map(|photo| {
        let png = photo.png();
        (photo, png)
    })
}

/// A page of a layer's channels, the most active first.
fn channels(activations: &Activations, page: usize, shades: Shades) -> Result<Content, Refusal> {
    let order = activations.most_active();
    let first = page.min(order.len().saturating_sub(1) / CHANNELS) * CHANNELS;
    let shown: Vec<usize> = order.iter().copied().skip(first).take(CHANNELS).collect();
    let none = || Refusal::Because(format!("{} has no channels", activations.layer));
    let photo = activations.grid(&shown, COLUMNS, CHANNEL, shades.colours).ok_or_else(none)?;
    let mean = |channel: &usize| {
        let values = activations.channels.get(*channel).map_or(&[][..], HeatMap::values);
        (*channel, values.iter().sum::<f32>() / values.len().max(1) as f32)
    };
    let channels = Channels {
        layer: activations.layer.clone(),
        shown: shown.iter().map(mean).collect(),
        first,
        count: order.len(),
        columns: COLUMNS,
    };
    let png = photo.png();
    Ok(Content::Activations(channels, (photo, png)))
}

/// The pictures that a network was trained on, as it sees them.
struct Training {
    dataset: Dataset,
    index: FeatureIndex,
}

impl Training {
    fn open(
        explainer: &Explainer,
        config: &RunConfig,
        wanted: &dyn Fn() -> bool,
        tell: &dyn Fn(&str),
    ) -> Result<Self, Refusal> {
        tell("looking at the training pictures");
        // One that has to be packed first takes long, and nobody asked for that.
        let dataset = Dataset::open_packed(&config.data.root)?.ok_or_else(|| {
            let root = shown(&config.data.root);
            Refusal::Because(format!(
                "{root} has no pack of its pictures as they are now: mien data stats makes one"
            ))
        })?;
        let partition = dataset.partition(config.data.valid.fraction, config.train.seed);
        let mut told = Instant::now();
        let mut progress = |done: usize, all: usize| {
            if told.elapsed() >= TELL {
                told = Instant::now();
                tell(&format!("looking at the training pictures: {done} of {all}"));
            }
        };
        let indices = partition.of(Split::Train);
        let index = FeatureIndex::open_or_build(explainer, &dataset, indices, wanted, &mut progress)?;
        Ok(Self { dataset, index })
    }

    /// The pictures that are most alike, but for the one that is asked about.
    fn nearest(&self, features: &[f32], key: &PictureKey) -> Vec<Alike> {
        let found = self.index.nearest(features, ALIKE + 1).into_iter().map(|neighbour| {
            let entry = self.dataset.entry(neighbour.index);
            let path = entry.path.display().to_string();
            let key = PictureKey { run: key.run.clone(), path };
            Alike { key, label: entry.label, similarity: neighbour.similarity }
        });
        found.filter(|alike| alike.key.path != key.path).take(ALIKE).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::tasks::slot::Slot;

    /// What becomes of work on the training pictures of a run when `newer` comes.
    async fn goes_on(newer: impl FnOnce(&Request) -> Order) -> bool {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("status.json"), "{}").unwrap();
        let run = RunFolder::open(folder.path()).unwrap();
        let request = Request {
            key: PictureKey { run, path: "a.png".into() },
            truth: None,
            wish: Wish::default(),
            shades: Shades::default(),
            panel: Panel::Nearest,
        };
        let (messages, mut found) = tokio::sync::mpsc::channel(4);
        let (begun, begins) = std::sync::mpsc::channel();
        let mut is_first = true;
        let slot = Slot::spawn(messages, move |order, desk: &Desk<Order>| {
            let Order::Look(request) = order else { return };
            if std::mem::take(&mut is_first) {
                assert!(wants_training(&request, desk));
                begun.send(()).unwrap();
                while !desk.is_abandoned() {
                    std::thread::yield_now();
                }
                desk.tell(Message::Problem(wants_training(&request, desk).to_string()));
            }
        });
        slot.order(Order::Look(Box::new(request.clone())));
        tokio::task::spawn_blocking(move || begins.recv().unwrap()).await.unwrap();
        slot.order(newer(&request));
        let Some(Message::Problem(told)) = found.recv().await else { panic!("nothing was told") };
        told == "true"
    }

    #[tokio::test]
    async fn the_index_of_training_pictures_is_gone_on_with_for_the_next_picture_and_for_nothing_else() {
        let next = |request: &Request| {
            let key = PictureKey { path: "b.png".into(), ..request.key.clone() };
            Order::Look(Box::new(Request { key, ..request.clone() }))
        };
        assert!(goes_on(next).await);
        let maps =
            |request: &Request| Order::Look(Box::new(Request { panel: Panel::Maps, ..request.clone() }));
        assert!(!goes_on(maps).await);
        assert!(!goes_on(|_| Order::Nothing).await);
    }
}
