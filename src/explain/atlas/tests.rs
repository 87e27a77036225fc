use super::*;
use crate::data::{Split, drawn};
use crate::evaluate::{self, evaluate};
use crate::explain::Explanation;
use crate::model::{self, Architecture, Network};
use burn::module::Module;
use burn::prelude::Device;

/// A small network that was not trained, and drawn faces.
pub(super) struct Toy {
    folder: tempfile::TempDir,
    pub dataset: Dataset,
    network: Network,
    explainer: Explainer,
}

impl Toy {
    /// Two batches.
    fn indices(&self) -> Vec<usize> {
        self.dataset.indices(Split::Train)
    }

    fn origin(&self, indices: &[usize]) -> Origin {
        Origin::of(&self.folder.path().join("model.safetensors"), &self.dataset, indices).unwrap()
    }
}

pub(super) fn toy() -> Toy {
    let folder = tempfile::tempdir().unwrap();
    let faces = folder.path().join("faces");
    drawn::write_set(&faces, 8, 3, &mut |_, _| {}).unwrap();
    let device = Device::flex();
    let architecture = Architecture {
        arch: "plain".into(),
        depth: Some(3),
        width: Some(4),
        fc_depth: Some(1),
        ..Architecture::default()
    };
    let network = Network::new(&architecture, 11, &device).unwrap();
    model::save(&network, &architecture, &folder.path().join("model.safetensors")).unwrap();
    let explainer = Explainer::new("plain", &network, &device);
    Toy { dataset: Dataset::open(&faces).unwrap(), network: network.valid(), explainer, folder }
}

pub(super) fn made(toy: &Toy) -> Atlas {
    make(toy, &Request::default(), &|| true, &mut |_| {}).unwrap()
}

fn make(
    toy: &Toy,
    request: &Request,
    wanted: Wanted,
    progress: &mut dyn FnMut(usize),
) -> Result<Atlas, ExplainError> {
    let of = AtlasOf { dataset: &toy.dataset, split: "train", indices: &toy.indices(), request };
    Atlas::make(&toy.explainer, of, wanted, progress)
}

fn cells() -> impl Iterator<Item = (Emotion, Emotion)> {
    Emotion::ALL.into_iter().flat_map(|truth| Emotion::ALL.map(|prediction| (truth, prediction)))
}

fn explained(class: Emotion, values: &[f32]) -> Explanation {
    Explanation {
        prediction: class,
        scores: [0.0; CLASSES],
        class,
        versus: None,
        layer: Some("relu3".into()),
        map: HeatMap::new(2, values.to_vec()),
    }
}

#[test]
fn counts_are_the_confusion_of_an_evaluation_of_the_same_pictures() {
    let toy = toy();
    let indices = toy.indices();
    let scores = evaluate::network_scores(&toy.network, &toy.dataset, &indices, 64, &Device::flex()).unwrap();
    let labels: Vec<Emotion> = indices.iter().map(|index| toy.dataset.label(*index)).collect();
    let mut heard = Vec::new();
    let atlas = make(&toy, &Request::default(), &|| true, &mut |done| heard.push(done)).unwrap();
    assert_eq!(atlas.confusion(), evaluate(&scores, &labels).confusion);
    assert_eq!((heard, atlas.layer.as_deref()), (vec![32, 48], Some("relu3")));
    assert_eq!(atlas, made(&toy), "it is the same the next time");
}

#[test]
fn a_cell_is_the_mean_of_its_pictures_explained_one_by_one() {
    let toy = toy();
    for target in [Target::Predicted, Target::Truth] {
        let request = Request { target, ..Request::default() };
        let atlas = make(&toy, &request, &|| true, &mut |_| {}).unwrap();
        let mut maps = vec![Vec::new(); CLASSES * CLASSES];
        for index in toy.indices() {
            let truth = toy.dataset.label(index);
            let picture = Picture { pixels: toy.dataset.pixels(index), truth: Some(truth) };
            let explanation = toy.explainer.explain(&[picture], &request).unwrap().remove(0);
            assert_eq!(explanation.class, atlas.class_of(truth, explanation.prediction));
            maps[place(truth, explanation.prediction)].push((index, explanation.map));
        }
        for (truth, prediction) in cells() {
            let (cell, maps) = (atlas.cell(truth, prediction), &maps[place(truth, prediction)]);
            let zero = maps.iter().filter(|(_, map)| map.is_zero()).count();
            assert_eq!((cell.pictures, cell.zero_maps), (maps.len() as u64, zero as u64));
            let count = (maps.len() - zero) as f32;
            for (i, value) in cell.map.values().iter().enumerate() {
                let sum: f32 = maps.iter().map(|(_, map)| map.normalised().values()[i]).sum();
                assert!((value - sum / count).abs() < 1e-3, "{value} and {sum} / {count}");
            }
            for (i, level) in cell.face.iter().enumerate() {
                let sum: f32 = maps.iter().map(|(of, _)| f32::from(toy.dataset.pixels(*of)[i])).sum();
                assert!((f32::from(*level) - sum / maps.len() as f32).abs() <= 0.5);
            }
        }
    }
}

#[test]
fn maps_without_evidence_are_counted_and_weigh_in_no_mean() {
    let regions = Regions::aligned();
    let mut sums = Sums::default();
    sums.add(&[10; PIXELS], &explained(Emotion::Anger, &[0.0, 4.0, 2.0, 0.0]), &regions);
    sums.add(&[20; PIXELS], &explained(Emotion::Anger, &[-1.0, -4.0, 0.0, -2.0]), &regions);
    sums.add(&[60; PIXELS], &explained(Emotion::Anger, &[3.0, 3.0, 3.0, 3.0]), &regions);
    let cell = sums.mean();
    assert_eq!((cell.pictures, cell.zero_maps, cell.face[0]), (3, 1, 30));
    assert_eq!(cell.map.values(), [0.5, 1.0, 0.75, 0.5]);
    // The mean of a map that is everywhere alike, which is chance, and of another one.
    let of =
        |map: &[f32]| regions.energy(&HeatMap::new(2, map.to_vec()), FacePart::of(Emotion::Anger)).unwrap();
    let expected = (of(&[0.0, 1.0, 0.5, 0.0]) + f64::from(chance(Emotion::Anger).class)) / 2.0;
    assert!((f64::from(cell.energy.unwrap().class) - expected).abs() < 1e-6);

    let mut sums = Sums::default();
    sums.add(&[20; PIXELS], &explained(Emotion::Fear, &[-1.0; 4]), &regions);
    let cell = sums.mean();
    assert_eq!((cell.pictures, cell.zero_maps, cell.energy), (1, 1, None));
    assert!(cell.map.values().is_empty() && cell.evidence().is_none());
    assert_eq!(cell.overlay(8, ATLAS_LOOK).unwrap().rgb(3, 3), [20; 3], "the face alone");
    assert_eq!(Sums::default().mean().overlay(8, ATLAS_LOOK), None);
}

#[test]
fn heat_has_the_colour_of_its_value_whatever_else_is_in_the_map() {
    let cell = Cell {
        pictures: 1,
        zero_maps: 0,
        face: vec![100; PIXELS],
        map: HeatMap::new(2, vec![0.5; 4]),
        energy: None,
    };
    let green = ATLAS_LOOK.colours.colour(0.5);
    let shown = cell.overlay(4, Look { opacity: 1.0, ..ATLAS_LOOK }).unwrap();
    assert_eq!((shown.width(), shown.height(), shown.rgb(2, 1)), (4, 4, green));
    assert_eq!(cell.overlay(4, Look { opacity: 0.0, ..ATLAS_LOOK }).unwrap().rgb(0, 0), [100; 3]);
    assert_eq!(cell.evidence().unwrap().rgb(9, 9), [127; 3]);
}

#[test]
fn what_is_not_wanted_any_more_is_given_up_after_a_batch() {
    let toy = toy();
    let asked = std::sync::atomic::AtomicUsize::new(0);
    let wanted = || asked.fetch_add(1, std::sync::atomic::Ordering::Relaxed) == 0;
    let mut heard = Vec::new();
    let given_up = make(&toy, &Request::default(), &wanted, &mut |done| heard.push(done));
    assert!(matches!(given_up, Err(ExplainError::GivenUp)));
    assert_eq!(heard, [32]);
}

#[test]
fn a_file_is_found_again_until_weights_pictures_or_the_question_change() {
    let toy = toy();
    let (indices, folder) = (toy.indices(), toy.folder.path());
    let atlas = made(&toy);
    let (request, origin) = (Request::default(), toy.origin(&indices));
    let find = |request: &Request, origin: &Origin| Atlas::find(folder, "train", request, origin);
    assert_eq!(find(&request, &origin), None, "there is none yet");
    atlas.keep(folder, &request, &origin).unwrap();
    assert_eq!(find(&request, &origin), Some(atlas.clone()));
    assert_eq!(find(&Request { target: Target::Truth, ..request.clone() }, &origin), None);
    assert_eq!(find(&Request { layer: Some("relu2".into()), ..request.clone() }, &origin), None);
    assert_eq!(find(&request, &toy.origin(&indices[1..])), None, "other pictures");

    let path = folder.join("atlas-train-grad-cam-predicted.json");
    let whole = std::fs::read(&path).unwrap();
    std::fs::write(&path, &whole[..whole.len() - 20]).unwrap();
    assert_eq!(find(&request, &origin), None, "it is torn");
    let text = String::from_utf8(whole.clone()).unwrap();
    std::fs::write(&path, text.replacen("\"width\":", "\"width\":3", 1)).unwrap();
    assert_eq!(find(&request, &origin), None, "its numbers do not belong together");
    let count =
        text.find("\"pictures\":").and_then(|at| text[at + 1..].find("\"pictures\":").map(|to| at + 1 + to));
    let (before, after) = text.split_at(count.unwrap() + "\"pictures\":".len());
    std::fs::write(&path, format!("{before}1844674407370955161{after}")).unwrap();
    assert_eq!(find(&request, &origin), None, "it counts more pictures than there can be");
    std::fs::write(&path, text.replacen("\"layer\":\"", "\"layer\":\"\\u001b[2J", 1)).unwrap();
    assert_eq!(find(&request, &origin), None, "its layer is no name");
    std::fs::write(&path, whole).unwrap();
    assert!(find(&request, &origin).is_some());

    let flipped = Request { flip: true, ..request.clone() };
    assert_eq!(find(&flipped, &origin), None, "the file does not say whether it was flipped");
    std::fs::remove_file(&path).unwrap();
    atlas.keep(folder, &flipped, &origin).unwrap();
    assert!(!path.exists());
    atlas.keep(folder, &request, &origin).unwrap();

    let weights = folder.join("model.safetensors");
    let mut bytes = std::fs::read(&weights).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    std::fs::write(&weights, bytes).unwrap();
    assert_eq!(find(&request, &toy.origin(&indices)), None, "other weights");
}
