use crate::explain::ColourMap;
use crate::tui::graphics::{Abilities, Gallery};
use crate::tui::output::Output;
use crate::tui::screens::{self, Memories};
use crate::tui::settings::Images;
use crate::tui::state::explain::tests::Scene;
use crate::tui::theme::{Depth, Theme};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::layout::Size;

const THEME: Theme = Theme::new(Depth::Palette, true);
const POOR: Theme = Theme::new(Depth::Mono, false);
const SIZES: [(u16, u16); 4] = [(60, 16), (80, 24), (120, 40), (220, 60)];

fn picture(scene: &Scene, theme: &Theme) -> String {
    let (width, height) = scene.state.size;
    let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
    let mut memories = Memories::new();
    terminal.draw(|frame| screens::draw(frame, &scene.state, theme, &mut memories)).unwrap();
    screens::lines(terminal.backend().buffer())
}

#[test]
fn maps_beside_each_other_with_words_and_scores() {
    for size in SIZES {
        let mut scene = Scene::opened(size);
        scene.answer();
        insta::assert_snapshot!(format!("maps_{}x{}", size.0, size.1), picture(&scene, &THEME));
    }
}

#[test]
fn without_colours_the_map_is_numbers() {
    for size in [(60, 16), (80, 24)] {
        let mut scene = Scene::opened(size);
        scene.answer();
        let shown = picture(&scene, &POOR);
        assert!(shown.is_ascii(), "{shown}");
        insta::assert_snapshot!(format!("numbers_{}x{}", size.0, size.1), shown);
    }
    let mut scene = Scene::opened((80, 24));
    scene.press("Sw");
    scene.answer();
    let shown = picture(&scene, &POOR);
    for text in ["-2", "why sadness and not fear", "red for, blue against"] {
        assert!(shown.contains(text), "{text}: {shown}");
    }
    // Pictures that are switched off, too.
    scene.state.pictures.abilities = Abilities::from_environment(Images::Off, |_| None);
    assert_eq!(picture(&scene, &POOR), shown);
}

#[test]
fn curves_channels_and_pictures_like_it() {
    for size in [(60, 16), (80, 24), (120, 40)] {
        let mut scene = Scene::opened(size);
        scene.answer();
        for name in ["curves", "channels", "nearest"] {
            scene.press("v");
            scene.answer();
            let (width, height) = size;
            if width < 120 {
                insta::assert_snapshot!(format!("{name}_{width}x{height}"), picture(&scene, &POOR));
            }
            insta::assert_snapshot!(format!("{name}_colours_{width}x{height}"), picture(&scene, &THEME));
        }
    }
}

#[test]
fn what_cannot_be_explained_is_said() {
    for size in [(60, 16), (80, 24)] {
        let mut scene = Scene::opened(size);
        assert!(picture(&scene, &THEME).contains("fear taken for sadness"), "the table knows that much");
        scene.busy("reading the weights");
        assert!(picture(&scene, &THEME).contains("reading the weights…"));
        scene.without_evidence();
        assert!(picture(&scene, &THEME).contains("no positive evidence for sadness"));
        scene.press("w");
        scene.without_evidence();
        assert!(picture(&scene, &THEME).contains("no positive evidence for sadness against fear"));
        scene.refuse("a has no model.safetensors");
        assert!(picture(&scene, &THEME).contains("a has no model.safetensors"));
    }
}

#[test]
fn a_change_of_the_map_is_at_most_12_kb_and_one_of_words_nearly_nothing() {
    for images in [Images::Kitty, Images::Blocks] {
        let size = (80, 24);
        let mut scene = Scene::opened(size);
        scene.state.pictures.abilities = Abilities::from_environment(images, |_| None);
        let theme = Theme::new(Depth::True, true);
        let output = Output::new(Vec::new(), Size { width: size.0, height: size.1 });
        let mut terminal = Terminal::new(output).unwrap();
        let (mut gallery, mut memories) = (Gallery::new(), Memories::new());
        let mut bytes = |scene: &Scene| {
            let state = &scene.state;
            let draw = |frame: &mut ratatui::Frame, memories: &mut Memories| {
                screens::draw(frame, state, &theme, memories);
            };
            gallery.draw(&mut terminal, &state.pictures.abilities, &mut memories, draw).unwrap();
            terminal.backend_mut().take_written().len()
        };
        scene.answer();
        let first = bytes(&scene);
        assert!((1000..=36_000).contains(&first), "{images:?}: {first} for the whole screen");
        scene.press("+");
        scene.answer();
        let overlay = bytes(&scene);
        assert!((500..=12_000).contains(&overlay), "{images:?}: {overlay} for another overlay");
        assert_eq!(bytes(&scene), 0);
        scene.press("f");
        scene.answer();
        let words = bytes(&scene);
        assert!(words <= 400, "{images:?}: {words} for other words");
    }
}

#[test]
fn every_colour_map_has_its_name_in_the_words() {
    let mut scene = Scene::opened((80, 24));
    for map in [ColourMap::Viridis, ColourMap::Turbo] {
        scene.press("c");
        scene.answer();
        assert!(picture(&scene, &THEME).contains(map.name()));
    }
}
