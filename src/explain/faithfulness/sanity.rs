//! Whether a map follows what the network learned (Adebayo et al., "Sanity Checks for Saliency Maps", arXiv 1810.03292): as
//! its layers forget, one after another from the logits down, the map must lose its likeness to the original.

use super::Estimate;
use super::spearman::spearman;
use crate::data::Draws;
use crate::explain::{ExplainError, Explainer, Explanation, Picture, Request, Target, Versus};
use crate::model::Network;

/// Layers after whose forgetting is looked, at most: of a deep network every few, the first and the last among them.
const STAGES: usize = 8;

/// Pictures at most; a method of pixels passes through the network many times for each.
const PICTURES: usize = 12;
const PICTURES_OF_PIXELS: usize = 6;

/// Keeps these draws apart from others of the same seed.
const STREAM: u64 = u64::from_be_bytes(*b"sanity c");

/// How like a method's maps stay to themselves.
#[derive(Clone, Debug, PartialEq)]
pub struct Sanity {
    /// From the logits down: the layer down to which all were drawn anew, and Spearman's correlation of the map's values
    /// (before ReLU, at their own resolution) with those of the network as it was.
    pub stages: Vec<(String, Option<Estimate>)>,
}

/// Checks the maps of these requests, on the first pictures alone where there are many. Each picture meets fresh weights
/// of its own, and is asked about the same classes as before. A map without any order, as one that is zero everywhere, is
/// like nothing: it counts as 0. `progress` hears how many maps are done, of how many.
///
/// # Errors
/// A request that cannot be met, a device that fails, and [`ExplainError::GivenUp`] once it is no longer wanted.
pub fn check_sanity(
    explainer: &Explainer,
    pictures: &[Picture],
    requests: &[Request],
    seed: u64,
    progress: &mut dyn FnMut(usize, usize),
    wanted: &dyn Fn() -> bool,
) -> Result<Vec<Sanity>, ExplainError> {
    let stages = thinned(&explainer.network().weighted_layers(), STAGES);
    let pictures = &pictures[..pictures.len().min(PICTURES)];
    let count = |request: &Request| {
        if request.method.is_of_layer() { PICTURES } else { PICTURES_OF_PIXELS }.min(pictures.len())
    };
    let total = requests.iter().map(count).sum::<usize>() * stages.len();
    let mut done = 0;
    // [request][stage][picture]
    let mut found = vec![vec![Vec::new(); stages.len()]; requests.len()];
    for (number, picture) in pictures.iter().enumerate() {
        let asked: Vec<usize> = (0..requests.len()).filter(|&i| number < count(&requests[i])).collect();
        let original = |&i: &usize| one(explainer, *picture, &requests[i]);
        let originals: Vec<Explanation> = asked.iter().map(original).collect::<Result<_, _>>()?;
        let draw = Draws::new(&[STREAM, seed, number as u64]).bits();
        let fresh = explainer.network().redrawn(draw, explainer.device());
        for (stage, layer) in stages.iter().enumerate() {
            let forgetful = forgetful(explainer, &fresh, layer)?;
            for (&i, original) in asked.iter().zip(&originals) {
                if !wanted() {
                    return Err(ExplainError::GivenUp);
                }
                let (picture, request) = same_question(*picture, &requests[i], original);
                let map = one(&forgetful, picture, &request)?.map;
                found[i][stage].push(spearman(original.map.values(), map.values()).unwrap_or(0.0));
                done += 1;
                progress(done, total);
            }
        }
    }
    let sanity = |of_stages: Vec<Vec<f64>>| Sanity {
        stages: stages.iter().cloned().zip(of_stages.iter().map(|values| Estimate::of(values))).collect(),
    };
    Ok(found.into_iter().map(sanity).collect())
}

fn forgetful(explainer: &Explainer, fresh: &Network, layer: &str) -> Result<Explainer, ExplainError> {
    let network = explainer.network().with_upper_layers(fresh, layer)?;
    Ok(Explainer::new(explainer.name(), &network, explainer.device()))
}

fn one(explainer: &Explainer, picture: Picture, request: &Request) -> Result<Explanation, ExplainError> {
    let mut explanations = explainer.explain(&[picture], request)?;
    explanations.pop().ok_or_else(|| ExplainError::Device("it gave no map".into()))
}

/// Whatever the forgetful network takes the picture for.
fn same_question<'a>(
    picture: Picture<'a>,
    request: &Request,
    original: &Explanation,
) -> (Picture<'a>, Request) {
    let versus = original.versus.map_or(request.versus, Versus::Class);
    let request = Request { target: Target::Class(original.class), versus, ..request.clone() };
    (picture, request)
}

/// So many of them, evenly spread, the first and the last among them.
fn thinned(layers: &[String], count: usize) -> Vec<String> {
    if layers.len() <= count {
        return layers.to_vec();
    }
    (0..count).map(|i| layers[i * (layers.len() - 1) / (count - 1)].clone()).collect()
}

#[cfg(test)]
mod tests {
    use super::super::planted;
    use super::*;

    #[test]
    fn of_many_layers_some_are_looked_at_the_first_and_the_last_among_them() {
        let layers: Vec<String> = (0..21).map(|i| i.to_string()).collect();
        assert_eq!(thinned(&layers, 5), ["0", "5", "10", "15", "20"]);
        assert_eq!(thinned(&layers, 8).len(), 8);
        assert_eq!(thinned(&layers[..3], 8), ["0", "1", "2"]);
    }

    #[test]
    fn a_map_loses_its_likeness_as_the_network_forgets() {
        let pixels = planted::pictures(12);
        let requests = [Request { layer: Some("relu1".into()), ..Request::default() }];
        let mut told = Vec::new();
        let checked = check_sanity(
            &planted::explainer(),
            &planted::as_pictures(&pixels),
            &requests,
            3,
            &mut |done, total| told.push((done, total)),
            &|| true,
        );
        let stages = &checked.unwrap()[0].stages;
        let names: Vec<&str> = stages.iter().map(|(stage, _)| stage.as_str()).collect();
        assert_eq!(names, ["fc1", "conv1"]);
        assert_eq!(told.last(), Some(&(24, 24)));
        for (stage, likeness) in stages {
            let likeness = likeness.unwrap();
            // With another fc1 alone each map is the old one or its negative: 12 signs have a mean of 0, give or take 0.29. A
            // network that forgets nothing has 1.
            assert!(likeness.mean.abs() < 0.5 && likeness.count == 12, "{stage}: {likeness:?}");
        }
    }

    #[test]
    fn a_network_that_forgets_nothing_keeps_its_map() {
        let explainer = planted::explainer();
        let pixels = planted::pictures(1);
        let picture = planted::as_pictures(&pixels)[0];
        let request = Request { layer: Some("relu1".into()), ..Request::default() };
        let same = forgetful(&explainer, explainer.network(), "conv1").unwrap();
        let maps = [&explainer, &same].map(|explainer| one(explainer, picture, &request).unwrap().map);
        assert_eq!(spearman(maps[0].values(), maps[1].values()), Some(1.0));
    }
}
