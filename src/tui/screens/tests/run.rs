//! The Run screen: the end of failed runs, units, odd values, the cursor and what it costs.

use super::*;

#[test]
fn the_end_of_a_failed_run_is_told_in_full() {
    let why = "cannot read data/rafdb/manifest.csv: the file is not there any more; import the pictures again with \
               mien data import, or set data.root to the folder that holds them, and resume the run";
    for (name, size) in [("60x16", (60, 16)), ("120x40", (120, 40))] {
        let mut scene = Scene::new(size);
        let mut run = entry(&scene.folder, "resnet18", RunState::Failed);
        run.reason = Some(why.into());
        scene.state.update(Message::Runs(Ok(vec![run])));
        scene.press("\n");
        let picture = scene.picture(&THEME);
        let words: Vec<&str> = picture.split_whitespace().collect();
        assert!(words.join(" ").contains(why), "{picture}");
        insta::assert_snapshot!(format!("failed_{name}"), picture);
        scene.press("6k5j");
        scene.picture(&THEME);
    }
}

#[test]
fn keys_that_would_do_nothing_are_not_in_the_footer() {
    let mut scene = Scene::new((120, 40));
    let footer = |scene: &Scene| scene.picture(&THEME).lines().last().unwrap_or_default().to_string();
    scene.press("\nL");
    assert!(footer(&scene).contains("L log y") && scene.picture(&THEME).matches("log y").count() == 2);
    scene.press("6");
    assert!(!footer(&scene).contains("view"), "the log has one view");
    assert!(!scene.picture(&THEME).contains("log y"), "how curves are looked at is said beside curves");
    scene.press("5");
    assert!(footer(&scene).contains("v view"));
    scene.press("qjjj\n");
    assert!(footer(&scene).contains("L log y"), "curves may come");
    let request = scene.state.followed.as_ref().unwrap().request;
    scene.state.update(Message::CaughtUp(request));
    let footer = footer(&scene);
    assert!(footer.contains("r resume") && !footer.contains("log y"), "{footer}");
    assert!(!footer.contains("one chart") && !footer.contains("values"), "{footer}");
}

#[test]
fn what_the_machine_does_is_told_in_its_units() {
    let mut scene = Scene::new((120, 40));
    let mut text = String::new();
    for step in (0..=1200).step_by(10) {
        let (time, memory) = (NOW + f64::from(step), 30e9 + 1e7 * f64::from(step % 200));
        let metrics = format!(
            "\"gpu_use_percent\":{},\"gpu_memory_bytes\":{memory},\"gpu_temperature_celsius\":{},\"gpu_power_watts\":{}",
            97 - step % 7,
            60 + step / 200,
            300 + step % 13
        );
        writeln!(text, "{{\"time\":{time},\"epoch\":1,\"step\":{step},\"split\":\"system\",{metrics}}}")
            .unwrap();
    }
    let path = scene.folder.path().join("gimefive-rafdb/metrics.jsonl");
    std::io::Write::write_all(&mut OpenOptions::new().append(true).open(path).unwrap(), text.as_bytes())
        .unwrap();
    scene.write(1201..=1201, &["loss"]);
    scene.press("\nXXv");
    insta::assert_snapshot!("system_metrics", scene.picture(&THEME));
    let ascii = Theme::new(Depth::Mono, false);
    assert!(scene.picture(&ascii).is_ascii());
}

#[test]
fn odd_values_are_drawn_whatever_way_they_are_looked_at() {
    let mut scene = Scene::new((120, 40));
    let mut text = String::new();
    for step in 1201..1260 {
        let metrics = [
            ("constant", "3".to_string()),
            ("huge", format!("{step}e295")),
            ("tiny", format!("-{step}e-305")),
            ("negative", format!("-{step}")),
            ("hole", if step % 3 == 0 { "null".into() } else { step.to_string() }),
            ("around_bytes", step.to_string()),
            ("none_percent", "null".into()),
        ];
        let metrics: String = metrics.iter().map(|(key, value)| format!(",\"{key}\":{value}")).collect();
        let place =
            format!("\"time\":{},\"epoch\":{},\"step\":{step}", NOW + f64::from(step), step / 100 + 1);
        writeln!(text, "{{{place},\"split\":\"train\"{metrics}}}").unwrap();
    }
    writeln!(text, "{{\"time\":{NOW},\"epoch\":1,\"step\":1260,\"split\":\"test\",\"once\":0.25}}").unwrap();
    let path = scene.folder.path().join("gimefive-rafdb/metrics.jsonl");
    std::io::Write::write_all(&mut OpenOptions::new().append(true).open(path).unwrap(), text.as_bytes())
        .unwrap();
    scene.write(1261..=1262, &["loss"]);
    scene.press("\n");
    let plain = scene.picture(&THEME);
    for title in ["constant", "huge", "negative", "hole", "around", "none", "test/once"] {
        assert!(plain.contains(title), "{title} is missing in\n{plain}");
    }
    for keys in ["L", "]]]", "X", "X", "v", "hhh", "++", "<", "L", "X", "g", "-----", "v", "\n", "G"] {
        scene.press(keys);
        for size in [(120, 40), (60, 16), (300, 100)] {
            scene.state.update(Message::Resized(size.0, size.1));
            let picture = scene.picture(&THEME);
            assert!(picture.contains('┤') || picture.contains("nothing above 0"), "{keys}\n{picture}");
        }
    }
}

/// Twenty charts of a wave, so that the line of the cursor has room.
fn twenty_charts(size: (u16, u16)) -> Scene {
    let mut scene = Scene::new(size);
    let keys: Vec<String> = (0..18).map(|i| format!("metric{i:02}")).collect();
    let keys: Vec<&str> = ["loss", "accuracy"].into_iter().chain(keys.iter().map(String::as_str)).collect();
    scene.write(1201..=8000, &keys);
    scene.press("\nv");
    scene
}

#[test]
fn a_move_of_the_cursor_in_twenty_charts_costs_less_than_3_kilobytes() {
    let mut scene = twenty_charts((220, 60));
    let mut counted = Counted::new((220, 60));
    counted.bytes(&scene.state);
    for key in ["h", "l"] {
        let costs: Vec<u64> = (0..60)
            .map(|_| {
                scene.press(key);
                counted.bytes(&scene.state)
            })
            .collect();
        let mean = costs.iter().sum::<u64>() / costs.len() as u64;
        assert!(mean <= 2000 && costs.iter().all(|cost| *cost <= 3000), "{mean} bytes a move: {costs:?}");
    }
}

#[test]
fn a_move_of_the_cursor_in_four_charts_costs_less_than_1_kilobyte() {
    let mut scene = Scene::new((120, 40));
    scene.write(1201..=1300, &["loss", "accuracy", "third", "fourth"]);
    scene.press("\nv");
    let mut counted = Counted::new((120, 40));
    counted.bytes(&scene.state);
    for _ in 0..40 {
        scene.press("h");
        let cost = counted.bytes(&scene.state);
        assert!(cost <= 1500, "{cost}");
    }
}
