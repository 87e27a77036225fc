//! What `--json` prints.

use super::Report;
use crate::explain::{Area, Control, Estimate, Faithfulness, Metric};
use serde_json::{Map, Value, json};

pub(super) fn of(report: &Report) -> Value {
    let found = report.found;
    let methods = report.requests.iter().zip(&report.layers).zip(&found.measured.methods);
    let methods = methods.map(|((request, layer), found)| {
        let mut value = of_maps(found);
        value.insert("method".into(), request.method.name().into());
        value.insert("layer".into(), json!(layer));
        Value::Object(value)
    });
    let controls = Control::ALL.iter().zip(&found.measured.controls).map(|(control, found)| {
        let mut value = of_maps(found);
        value.insert("control".into(), control.name().into());
        Value::Object(value)
    });
    let sanity = report.requests.iter().zip(&found.sanity).map(|(request, sanity)| {
        let stage =
            |(stage, spearman): &(String, Option<Estimate>)| json!({ "stage": stage, "spearman": spearman });
        json!({
            "method": request.method.name(),
            "stages": sanity.stages.iter().map(stage).collect::<Vec<_>>(),
        })
    });
    let mut document = json!({
        // A path need not be UTF-8, and JSON is.
        "data": report.dataset.root().to_string_lossy(),
        "split": report.split.name(),
        "count": report.chosen.len(),
        "seed": report.seed,
        "layer": report.layer(),
        "methods": methods.collect::<Vec<_>>(),
        "controls": controls.collect::<Vec<_>>(),
        "area": named(Area::ALL.map(Area::name), &found.measured.shares),
        "sanity": sanity.collect::<Vec<_>>(),
    });
    if let (Some(run), Some(fields)) = (&report.run, document.as_object_mut()) {
        fields.insert("run".into(), run.as_str().into());
    }
    document
}

fn of_maps(found: &Faithfulness) -> Map<String, Value> {
    Map::from_iter([
        ("zero".to_owned(), found.zero.into()),
        ("metrics".to_owned(), named(Metric::ALL.map(Metric::name), &found.metrics)),
        ("energy".to_owned(), named(Area::ALL.map(Area::name), &found.energy)),
    ])
}

fn named<const N: usize>(names: [&str; N], values: &[impl serde::Serialize]) -> Value {
    names
        .into_iter()
        .zip(values)
        .map(|(name, value)| (name.to_owned(), json!(value)))
        .collect::<Map<_, _>>()
        .into()
}
