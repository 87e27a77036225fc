//! Where global average pooling and one linear layer are the head, cam is the logit spread over the map.

use super::*;
use crate::explain::Method;

#[test]
fn before_pooling_and_one_linear_layer_hires_cam_and_grad_cam_are_cam_over_its_cells() {
    let photos = photos(2);
    for explainer in [explainer(&gimefive(2, 1)), trained("resnet"), trained("facenet10")] {
        let (layer, _) = explainer.network().cam_head().unwrap();
        let layer = Some(layer.to_string());
        let request = |method| Request { method, layer: layer.clone(), ..Request::default() };
        let cams = explain(&explainer, &photos, &request(Method::Cam));
        for method in [Method::HiresCam, Method::GradCam] {
            for (found, cam) in explain(&explainer, &photos, &request(method)).iter().zip(&cams) {
                let cells = cam.map.values().len() as f32;
                let share: Vec<f32> = cam.map.values().iter().map(|value| value / cells).collect();
                assert!(error(found.map.values(), &share) < 1e-5, "{method}");
                let (found, cam) = (found.map.normalised(), cam.map.normalised());
                assert!(error(found.values(), cam.values()) < 1e-5, "{method} after min-max");
            }
        }
    }
}

#[test]
fn cam_sums_to_the_logit_without_its_bias() {
    let explainer = trained("resnet");
    let network = explainer.network();
    let photos = photos(2);
    let request = Request { method: Method::Cam, ..Request::default() };
    let found = explain(&explainer, &photos, &request);
    let input = crate::model::input(&photos.concat(), &Device::flex());
    let logits: Vec<f32> = network.forward(input.clone()).into_data().try_to_vec().unwrap();
    let cut = network.cut(input, "features").unwrap();
    let biases: Vec<f32> =
        network.resume(&cut, cut.activations.zeros_like()).into_data().try_to_vec().unwrap();
    for (i, found) in found.iter().enumerate() {
        let class = 6 * i + found.class.index();
        let cells = found.map.values().len() as f32;
        let mean = found.map.values().iter().sum::<f32>() / cells;
        let expected = logits[class] - biases[class];
        assert!((mean - expected).abs() < 1e-4 * expected.abs().max(1.0), "{mean} and {expected}");
    }
}
