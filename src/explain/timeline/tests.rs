use super::*;
use crate::data::PIXELS;
use std::fs;

fn probes(count: usize) -> Probes {
    let probe = |i: usize| Probe {
        path: format!("valid/{i}.png"),
        label: Emotion::ALL[i % CLASSES],
        split: "valid".into(),
        pixels: (0..PIXELS).map(|p| ((p * (i + 3)) % 251) as u8).collect(),
    };
    Probes { method: "grad-cam".into(), layer: "relu5".into(), pictures: (0..count).map(probe).collect() }
}

fn epoch(epoch: u32, probes: usize) -> EpochMaps {
    let map = |i: usize| ProbeMap {
        prediction: Emotion::ALL[(i + epoch as usize) % CLASSES],
        scores: [0.5, 0.25, 0.125, 0.0625, 0.0625, 0.0],
        energy: (i != 1).then_some(0.25),
        map: HeatMap::new(2, vec![-1.5, 0.0, 0.25, epoch as f32]),
    };
    EpochMaps { epoch, step: u64::from(epoch) * 100, maps: (0..probes).map(map).collect() }
}

#[test]
fn what_is_written_is_read_back_and_followed() {
    let run = tempfile::tempdir().unwrap();
    let mut reader = TimelineReader::new(run.path());
    assert!(!reader.poll(&|| true).unwrap() && reader.probes().is_none());
    let probes = probes(3);
    let mut writer = TimelineWriter::open(run.path(), &probes, 0).unwrap();
    assert!(reader.poll(&|| true).unwrap());
    assert_eq!((reader.probes(), reader.epochs().len()), (Some(&probes), 0));
    for number in 1..4 {
        writer.append(&epoch(number, 3)).unwrap();
        assert!(reader.poll(&|| true).unwrap());
        assert_eq!(reader.read(number).unwrap(), Some(epoch(number, 3)));
    }
    assert!(!reader.poll(&|| true).unwrap());
    assert_eq!(reader.epochs(), [1, 2, 3]);
}

#[test]
fn a_torn_last_line_is_ignored_and_healed() {
    let run = tempfile::tempdir().unwrap();
    let probes = probes(2);
    let mut writer = TimelineWriter::open(run.path(), &probes, 0).unwrap();
    writer.append(&epoch(1, 2)).unwrap();
    writer.append(&epoch(2, 2)).unwrap();
    let whole = fs::read(maps_in(run.path())).unwrap();
    for torn in 1..whole.len() / 2 {
        fs::write(maps_in(run.path()), &whole[..whole.len() - torn]).unwrap();
        let mut reader = TimelineReader::new(run.path());
        reader.poll(&|| true).unwrap();
        assert_eq!(reader.epochs(), [1], "without the last {torn} bytes");
    }
    let mut writer = TimelineWriter::open(run.path(), &probes, 2).unwrap();
    writer.append(&epoch(2, 2)).unwrap();
    assert_eq!(fs::read(maps_in(run.path())).unwrap(), whole);
}

#[test]
fn a_resume_drops_what_is_trained_again_also_for_who_follows() {
    let run = tempfile::tempdir().unwrap();
    let probes = probes(2);
    let mut writer = TimelineWriter::open(run.path(), &probes, 0).unwrap();
    for number in 1..=5 {
        writer.append(&epoch(number, 2)).unwrap();
    }
    let mut reader = TimelineReader::new(run.path());
    reader.poll(&|| true).unwrap();
    let mut writer = TimelineWriter::open(run.path(), &probes, 3).unwrap();
    reader.poll(&|| true).unwrap();
    assert_eq!(reader.epochs(), [1, 2, 3]);
    writer.append(&epoch(4, 2)).unwrap();
    reader.poll(&|| true).unwrap();
    assert_eq!(reader.epochs(), [1, 2, 3, 4]);
}

#[test]
fn other_probes_begin_anew() {
    let run = tempfile::tempdir().unwrap();
    TimelineWriter::open(run.path(), &probes(2), 0).unwrap().append(&epoch(1, 2)).unwrap();
    let mut reader = TimelineReader::new(run.path());
    reader.poll(&|| true).unwrap();
    TimelineWriter::open(run.path(), &probes(3), 1).unwrap().append(&epoch(2, 3)).unwrap();
    reader.poll(&|| true).unwrap();
    assert_eq!((reader.epochs(), reader.probes()), (vec![2], Some(&probes(3))));
}

#[test]
fn what_a_failed_write_has_left_is_taken_back() {
    let run = tempfile::tempdir().unwrap();
    let mut writer = TimelineWriter::open(run.path(), &probes(1), 0).unwrap();
    writer.append(&epoch(1, 1)).unwrap();
    let mut text = fs::read(maps_in(run.path())).unwrap();
    text.extend_from_slice(b"{\"epoch\":2,");
    fs::write(maps_in(run.path()), text).unwrap();
    writer.append(&epoch(2, 1)).unwrap();
    let mut reader = TimelineReader::new(run.path());
    reader.poll(&|| true).unwrap();
    assert_eq!(reader.epochs(), [1, 2]);
}

#[test]
fn a_fine_map_is_kept_as_the_means_of_its_cells() {
    let run = tempfile::tempdir().unwrap();
    let mut writer = TimelineWriter::open(run.path(), &probes(1), 0).unwrap();
    let mut fine = epoch(1, 1);
    fine.maps[0].map = HeatMap::new(64, (0..PIXELS).map(|i| (i / 64 / 4) as f32).collect());
    writer.append(&fine).unwrap();
    let mut reader = TimelineReader::new(run.path());
    reader.poll(&|| true).unwrap();
    let map = &reader.read(1).unwrap().unwrap().maps[0].map;
    assert_eq!((map.width(), map.height(), map.values()[16 * 5]), (16, 16, 5.0));
}

#[test]
fn lines_that_say_no_epoch_are_passed_over_and_probes_that_are_none_are_a_sentence() {
    let run = tempfile::tempdir().unwrap();
    let mut writer = TimelineWriter::open(run.path(), &probes(1), 0).unwrap();
    writer.append(&epoch(1, 1)).unwrap();
    let line = fs::read_to_string(maps_in(run.path())).unwrap();
    let odd = [
        "nonsense\n",
        "{}\n",
        "\n",
        &line.replace("\"width\":2", "\"width\":0"),
        &line.replace("\"width\":2", "\"width\":3"),
        &line.replace("-1.5", "1e99"),
        &line.replace("\"prediction\":\"surprise\"", "\"prediction\":\"\\u001b[2J\""),
    ];
    fs::write(maps_in(run.path()), odd.concat() + &line).unwrap();
    let mut reader = TimelineReader::new(run.path());
    reader.poll(&|| true).unwrap();
    assert_eq!(reader.epochs(), [1]);

    for (text, why) in [
        ("{}", "missing field"),
        ("{\"version\":2,\"method\":\"\",\"layer\":\"\",\"probes\":[]}", "version 2"),
    ] {
        fs::write(probes_in(run.path()), text).unwrap();
        let error = TimelineReader::new(run.path()).poll(&|| true).unwrap_err().to_string();
        assert!(error.contains("probes.json") && error.contains(why), "{error}");
    }
}

#[test]
fn a_run_that_is_gone_stays_gone() {
    let run = tempfile::tempdir().unwrap();
    let gone = run.path().join("gone");
    let error = TimelineWriter::open(&gone, &probes(1), 0).unwrap_err().to_string();
    assert!(error.contains("timeline") && !gone.exists(), "{error}");
}

#[test]
fn a_timeline_that_cannot_be_read_is_told_and_left_as_it_is() {
    let run = tempfile::tempdir().unwrap();
    TimelineWriter::open(run.path(), &probes(1), 0).unwrap();
    fs::remove_file(maps_in(run.path())).unwrap();
    fs::create_dir(maps_in(run.path())).unwrap();
    let error = TimelineWriter::open(run.path(), &probes(2), 0).unwrap_err().to_string();
    assert!(error.contains("maps.jsonl") && error.contains("not a regular file"), "{error}");
    let mut reader = TimelineReader::new(run.path());
    assert!(reader.poll(&|| true).is_err());
    assert_eq!(reader.probes(), Some(&probes(1)), "they are still those of the maps");
}

/// Where it is read in blocks, by who gives up in between.
#[test]
fn a_long_timeline_is_read_on_where_it_was_given_up_and_each_epoch_by_itself() {
    let run = tempfile::tempdir().unwrap();
    let mut writer = TimelineWriter::open(run.path(), &probes(2), 0).unwrap();
    (1..=2).for_each(|number| writer.append(&epoch(number, 2)).unwrap());
    let lines = fs::read_to_string(maps_in(run.path())).unwrap();
    let [first, second] = lines.split_inclusive('\n').collect::<Vec<_>>()[..] else { panic!("{lines}") };
    // Longer than a block, by what is no epoch.
    let blank = format!("{}\n", " ".repeat(9 << 20));
    fs::write(maps_in(run.path()), [first, &blank, second].concat()).unwrap();
    let mut reader = TimelineReader::new(run.path());
    assert!(reader.poll(&|| false).unwrap());
    assert_eq!(reader.epochs(), [0; 0]);
    let asked = std::sync::atomic::AtomicUsize::new(0);
    let once = || asked.fetch_add(1, std::sync::atomic::Ordering::Relaxed) == 0;
    assert!(reader.poll(&once).unwrap());
    assert_eq!(reader.epochs(), [1]);
    assert!(reader.poll(&|| true).unwrap() && !reader.poll(&|| true).unwrap());
    assert_eq!(reader.epochs(), [1, 2]);
    for number in 1..=2 {
        assert_eq!(reader.read(number).unwrap(), Some(epoch(number, 2)));
    }
    assert_eq!(reader.read(3).unwrap(), None);
    // Another file in the meantime.
    fs::write(maps_in(run.path()), second).unwrap();
    assert_eq!(reader.read(1).unwrap(), None);
}
