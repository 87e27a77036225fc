//! Timelines: what a run's folder says of its probes after an epoch, with heat over their pictures.

use super::slot::Desk;
use crate::data::{Photo, SIDE, printable};
use crate::explain::{EpochMaps, ExplainError, Look, Probe, ProbeMap, TimelineReader, overlay};
use crate::run::RunFolder;
use crate::tui::message::Message;
use crate::tui::state::timeline::{Found, Order, Report, Request, ShownProbe};
use std::time::Duration;

/// A run that is being trained is looked at so often.
const EVERY: Duration = Duration::from_millis(500);

/// When an order is done again: its run may go on.
pub(super) fn again(order: &Order) -> Option<Duration> {
    matches!(order, Order::Look { .. }).then_some(EVERY)
}

/// Does orders; keeps what it has read of the run they are about.
pub(super) fn work() -> impl FnMut(Order, &Desk<Order>) + Send {
    let mut following: Option<(RunFolder, TimelineReader)> = None;
    let mut answered = None;
    move |order, desk| {
        let Order::Look { number, request } = order else {
            following = None;
            return;
        };
        let mut reader = match following.take() {
            Some((run, reader)) if run == request.run => reader,
            _ => TimelineReader::new(request.run.path()),
        };
        let polled = reader.poll(&|| !desk.is_abandoned());
        // Done again, with nothing new.
        let is_known = matches!(polled, Ok(false)) && answered == Some(number);
        let found = polled.and_then(|_| if is_known { Ok(None) } else { found(&reader, &request, desk) });
        let found = found.map_err(|error| printable(&error.to_string()).into_owned());
        following = Some((request.run.clone(), reader));
        if !is_known && desk.send(Message::Timeline(Report { request, found })) {
            answered = Some(number);
        }
    }
}

fn found(
    reader: &TimelineReader,
    request: &Request,
    desk: &Desk<Order>,
) -> Result<Option<Found>, ExplainError> {
    let Some(probes) = reader.probes() else { return Ok(None) };
    let epochs = reader.epochs();
    let wished = request.epoch.and_then(|epoch| epochs.iter().rfind(|it| **it <= epoch));
    let first = epochs.first().filter(|_| request.epoch.is_some());
    let maps = match wished.or(first).or(epochs.last()) {
        Some(epoch) => reader.read(*epoch)?,
        None => None,
    };
    let of = |maps: &EpochMaps| {
        let probes = probes.pictures.iter().zip(&maps.maps).skip(request.first).take(request.count);
        let wanted = probes.take_while(|_| !desk.is_abandoned());
        wanted.map(|(probe, map)| shown(probe, map, request)).collect()
    };
    Ok(Some(Found {
        method: printable(&probes.method).into_owned(),
        layer: printable(&probes.layer).into_owned(),
        epochs,
        epoch: maps.as_ref().map(|maps| maps.epoch),
        step: maps.as_ref().map_or(0, |maps| maps.step),
        probes: probes.pictures.len(),
        first: request.first,
        shown: maps.as_ref().map(of).unwrap_or_default(),
    }))
}

fn shown(probe: &Probe, map: &ProbeMap, request: &Request) -> ShownProbe {
    let overlay = || {
        let photo = overlay(&Photo::from_grey(&probe.pixels), &map.map, Look::default())?;
        let photo = thrifty(photo, request.count)?;
        let png = photo.png();
        Some((photo, png))
    };
    ShownProbe {
        path: printable(&probe.path).into_owned(),
        truth: probe.label,
        prediction: map.prediction,
        probability: map.scores[probe.label.index()],
        energy: map.energy,
        overlay: if request.pictures { overlay() } else { None },
    }
}

/// A picture that is one of so many: all of them change with every epoch, and a line may be slow. Twelve take 15 kB as a
/// terminal gets them, two as much.
fn thrifty(photo: Photo, count: usize) -> Option<Photo> {
    let side = match count {
        ..=2 => return Some(photo),
        3..=6 => SIDE * 3 / 4,
        _ => SIDE * 7 / 16,
    };
    let small = photo.resized(side, side);
    let pixels = (0..side).flat_map(|y| (0..side).map(move |x| (x, y)));
    // Sixteen levels of each colour.
    let samples: Vec<u8> =
        pixels.flat_map(|(x, y)| small.rgb(x, y).map(|sample| sample & 0xf0 | 0x08)).collect();
    Photo::from_rgb(side, &samples)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::emotion::Emotion;
    use crate::explain::HeatMap;

    /// Base64 and what stands around it.
    fn sent(count: usize, of: impl Fn(usize) -> usize) -> usize {
        (0..count).map(|i| of(i).div_ceil(3) * 4 + 100).sum()
    }

    /// Of two orders between two looks only the newest is seen, also where it asks for what was answered last and is shown
    /// no more.
    #[tokio::test]
    async fn what_is_ordered_once_more_is_answered_once_more_and_what_is_done_again_is_not() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("status.json"), "{}").unwrap();
        let run = RunFolder::open(folder.path()).unwrap();
        let request = Request { run, epoch: None, first: 0, count: 12, pictures: true };
        let (messages, mut answers) = tokio::sync::mpsc::channel(4);
        let (looked, mut looks) = tokio::sync::mpsc::unbounded_channel();
        let mut work = work();
        let again = |_: &Order| Some(Duration::from_millis(1));
        let slot =
            super::super::slot::Slot::spawn_again(messages, again, move |order, desk: &Desk<Order>| {
                work(order, desk);
                looked.send(()).unwrap();
            });
        for number in 1..=2 {
            slot.order(Order::Look { number, request: request.clone() });
            let Some(Message::Timeline(report)) = answers.recv().await else { panic!("no answer") };
            assert_eq!((&report.request, report.found), (&request, Ok(None)));
            for _ in 0..3 {
                looks.recv().await.unwrap();
            }
            assert!(answers.try_recv().is_err(), "nothing is new");
        }
    }

    #[test]
    fn the_pictures_of_an_epoch_are_few_bytes_however_many_they_are() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("faces");
        crate::data::drawn::write_set(&root, 4, 7, &mut |_, _| {}).unwrap();
        let dataset = crate::data::Dataset::open(&root).unwrap();
        let run = folder.path().join("run");
        std::fs::create_dir(&run).unwrap();
        std::fs::write(run.join("status.json"), "{}").unwrap();
        let run = RunFolder::open(&run).unwrap();
        for count in [2, 6, 12] {
            let request = Request { run: run.clone(), epoch: None, first: 0, count, pictures: true };
            let png = |i: usize| {
                let probe = Probe {
                    path: "a\u{1b}.png".into(),
                    label: Emotion::Anger,
                    split: "valid".into(),
                    pixels: dataset.pixels(i).to_vec(),
                };
                let values = (0..16).map(|cell| ((cell * 7 + i * 5) % 11) as f32 - 3.0).collect();
                let map = ProbeMap {
                    prediction: Emotion::Fear,
                    scores: [0.0, 0.0, 0.0, 0.75, 0.0, 0.25],
                    energy: None,
                    map: HeatMap::new(4, values),
                };
                let shown = shown(&probe, &map, &request);
                assert_eq!((shown.path.as_str(), shown.probability), ("a.png", 0.75));
                shown.overlay.unwrap().1.len()
            };
            let bytes = sent(count, png);
            assert!((1000..15_000).contains(&bytes), "{count} pictures: {bytes}");
        }
    }
}
