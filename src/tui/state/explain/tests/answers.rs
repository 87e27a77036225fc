//! What the network and the scores say in the tests.

use super::*;

/// Fear, taken for sadness.
pub(super) fn row(place: usize) -> scores::Row {
    let name = format!("test/fear/{place:05}.png");
    let scores = [0.02, 0.18, 0.46, 0.04, 0.0, 0.3];
    let content = Ok(ScoreRow { path: name.clone(), scores, label: Some(Emotion::Fear) });
    scores::Row { name, line: ScoreLine { line: place as u64 + 2, content } }
}

pub(super) fn found(request: &Request) -> Found {
    let class = match request.wish.target {
        Target::Predicted => Emotion::Sadness,
        Target::Truth => Emotion::Fear,
        Target::Class(class) => class,
    };
    let method = request.wish.method.0;
    let versus = (method == Method::FinerCam).then_some(match request.wish.versus {
        Versus::RunnerUp => Emotion::Fear,
        Versus::Class(class) => class,
    });
    let layer = method.is_of_layer().then(|| request.wish.layer.clone().unwrap_or("relu5".into()));
    let values = (0..16).map(|i| ((i * 5) % 16) as f32 - 3.0).collect();
    let map = HeatMap::new(4, values);
    let layers = ["relu3", "conv5", "relu5"].map(|name| LayerShape { name: name.into(), output: [8, 4, 4] });
    let scores = [0.02, 0.18, 0.46, 0.04, 0.0, 0.3];
    Found {
        content: content(request, &map),
        explanation: Explanation { prediction: Emotion::Sadness, scores, class, versus, layer, map },
        layers: layers.to_vec(),
        methods: Method::ALL.into_iter().filter(|method| *method != Method::Cam).collect(),
        energy: (Some(0.617), 0.312),
    }
}

fn content(request: &Request, map: &HeatMap) -> Content {
    let made = |photo: Photo| {
        let png = photo.png();
        (photo, png)
    };
    match request.panel {
        Panel::Maps => {
            let face = Photo::from_grey(&face());
            let look = request.shades.look();
            let heat = explain::heat(map, (SIDE, SIDE), look).unwrap();
            let overlay = explain::overlay(&face, map, look).unwrap();
            Content::Maps([face, heat, overlay].map(made))
        }
        Panel::Curves => {
            let curve = |end: f64| (0..=32).map(|i| 0.5 + (end - 0.5) * f64::from(i) / 32.0).collect();
            let curves = |end| Curves { deletion: curve(1.0 - end), insertion: curve(end) };
            Content::Curves(Box::new(Faith { map: curves(0.9), random: curves(0.6) }))
        }
        Panel::Activations { page } => {
            let first = page * CHANNELS;
            let shown = (first..(first + CHANNELS).min(72)).map(|i| (71 - i, 1.0 / (i + 1) as f32)).collect();
            let photo = Photo::from_rgb(103, &[90; 103 * 51 * 3]).unwrap();
            let channels = Channels { layer: "relu5".into(), shown, first, count: 72, columns: 8 };
            Content::Activations(channels, made(photo))
        }
        Panel::Nearest => {
            let run = request.key.run.clone();
            let alike = (0..8u8).map(|i| Alike {
                key: PictureKey { run: run.clone(), path: format!("train/fear/{i:05}.png") },
                label: if i < 5 { Emotion::Fear } else { Emotion::Sadness },
                similarity: 0.99 - f32::from(i) / 100.0,
            });
            Content::Nearest(alike.collect())
        }
    }
}

fn face() -> Vec<u8> {
    (0..PIXELS).map(|i| (i % SIDE * 3 + i / SIDE) as u8).collect()
}
