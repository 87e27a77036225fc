use super::output::{grouped, print};
use super::{Failure, Outcome};
use crate::model::{Architecture, Layer, Summary, summary, zoo};
use serde_json::json;

/// The networks: layers, shapes, parameters, multiply-adds.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// One network's layers instead of the list
    name: Option<String>,
    /// One line of JSON
    #[arg(long)]
    json: bool,
}

pub(super) fn run(arguments: Arguments) -> Outcome {
    let summaries: Vec<(Summary, &str)> = match &arguments.name {
        Some(name) => vec![(summary_of(name)?, "")],
        None => zoo()
            .iter()
            .map(|preset| Ok((summary_of(preset.name)?, preset.about)))
            .collect::<Result<_, Failure>>()?,
    };
    let text = match (arguments.json, &arguments.name) {
        (true, name) => {
            let list: Vec<_> = summaries.iter().map(|(it, _)| as_json(it, name.is_some())).collect();
            format!("{}\n", serde_json::Value::from(list))
        }
        (false, None) => networks_table(&summaries),
        (false, Some(_)) => summaries.iter().map(|(summary, _)| layers_table(summary)).collect(),
    };
    print(&text)
}

fn summary_of(name: &str) -> Result<Summary, Failure> {
    Ok(summary(&Architecture { arch: name.to_owned(), ..Architecture::default() })?)
}

fn as_json(summary: &Summary, with_layers: bool) -> serde_json::Value {
    let mut value = json!({
        "name": summary.name,
        "parameters": summary.parameters,
        "macs": summary.macs,
        "input": summary.input,
    });
    if with_layers {
        value["layers"] = json!(summary.layers);
    }
    value
}

fn networks_table(summaries: &[(Summary, &str)]) -> String {
    let mut rows = vec![["network".to_owned(), "parameters".into(), "multiply-adds".into(), "about".into()]];
    rows.extend(summaries.iter().map(|(summary, about)| {
        [summary.name.clone(), grouped(summary.parameters), grouped(summary.macs), (*about).to_owned()]
    }));
    table(&rows, [Side::Left, Side::Right, Side::Right, Side::Left])
}

fn layers_table(summary: &Summary) -> String {
    let row = |layer: &Layer| {
        let [channels, height, width] = layer.output;
        [
            layer.name.clone(),
            layer.kind.clone(),
            format!("{channels} x {height} x {width}"),
            count(layer.parameters),
            count(layer.macs),
        ]
    };
    let head = ["layer", "kind", "output", "parameters", "multiply-adds"];
    let input = ["input", "picture", "3 x 64 x 64", "", ""];
    let mut rows = vec![head.map(str::to_owned), input.map(str::to_owned)];
    rows.extend(summary.layers.iter().map(row));
    let [parameters, macs] = [summary.parameters, summary.macs].map(grouped);
    rows.push(["total".into(), String::new(), String::new(), parameters, macs]);
    table(&rows, [Side::Left, Side::Left, Side::Right, Side::Right, Side::Right])
}

/// Nothing where there is nothing: a column of zeros hides the layers that matter.
fn count(number: usize) -> String {
    if number == 0 { String::new() } else { grouped(number) }
}

#[derive(Clone, Copy)]
enum Side {
    Left,
    Right,
}

/// Columns as wide as their widest cell, two spaces apart; nothing after a line's last word.
fn table<const N: usize>(rows: &[[String; N]], sides: [Side; N]) -> String {
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..N).map(width).collect();
    let mut text = String::new();
    for row in rows {
        let cells = row.iter().zip(&widths).zip(sides).map(|((cell, &width), side)| match side {
            Side::Left => format!("{cell:<width$}"),
            Side::Right => format!("{cell:>width$}"),
        });
        text.push_str(cells.collect::<Vec<_>>().join("  ").trim_end());
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_stand_under_their_heads() {
        let rows = [["a".to_owned(), "n".to_owned()], ["long".to_owned(), "12".to_owned()]];
        assert_eq!(table(&rows, [Side::Left, Side::Right]), "a      n\nlong  12\n");
    }
}
