//! What is shown, in words.

use crate::explain::Method;
use crate::tui::screens::{evidence, scores};
use crate::tui::state::State;
use crate::tui::state::explain::{Answer, Channels, Request, Shown, Subject};
use crate::tui::theme::{Role, Theme};
use crate::tui::widgets::text;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use unicode_width::UnicodeWidthStr;

/// Cells of a name that stay, however much else there is to tell.
const NAME: u16 = 16;

/// The picture's name, what it is taken for, and its place in the table.
pub(super) fn subject(buffer: &mut Buffer, row: Rect, subject: &Subject, state: &State, theme: &Theme) {
    let (symbol, role) = scores::sign(&subject.row, theme);
    let what = format!("{symbol} {}", scores::what(&subject.row));
    let place = format!("{}/{}", text::grouped(subject.place + 1), text::grouped(state.scores.shown()));
    text::put_right(buffer, (row.x, row.y), row.width, &place, theme.style(Role::Quiet), theme);
    let room = row.width.saturating_sub(place.width() as u16 + 2);
    let most = room.saturating_sub(what.width() as u16 + 2).max(NAME);
    let name = text::fit_path(&subject.row.name, most.into(), theme);
    text::put(buffer, (row.x, row.y), most, &name, theme.style(Role::Strong), theme);
    let x = name.width() as u16 + 2;
    text::put(buffer, (row.x + x, row.y), room.saturating_sub(x), &what, theme.style(role), theme);
}

/// What is being done.
pub(super) fn busy(buffer: &mut Buffer, row: Rect, busy: Option<&str>, theme: &Theme) {
    if let Some(busy) = busy {
        let busy = format!("{busy}{}", theme.symbols.ellipsis);
        text::put(buffer, (row.x, row.y), row.width, &busy, theme.style(Role::Accent), theme);
    }
}

/// What is shown, and in the next row what it says.
pub(super) fn answer(
    buffer: &mut Buffer,
    rows: Rect,
    (request, answer): (&Request, &Answer),
    subject: &Subject,
    busy: Option<&str>,
    theme: &Theme,
) {
    let mut words = vec![(request.wish.method.0.name().to_string(), Role::Accent)];
    words.push((layer(answer), Role::Text));
    words.push((asked(request, answer), Role::Strong));
    words.extend(manner(request));
    let first = Rect { height: 1, ..rows };
    match busy {
        Some(_) => self::busy(buffer, first, busy, theme),
        None => text::put_words(buffer, first, &words, theme),
    }
    let second = Rect { y: rows.y + 1, height: 1, ..rows };
    text::put_words(buffer, second, &says(answer, subject), theme);
}

/// `relu5 4x4`
fn layer(answer: &Answer) -> String {
    let Some(name) = &answer.explanation.layer else { return "pixels".into() };
    let map = &answer.explanation.map;
    format!("{name} {}x{}", map.width(), map.height())
}

/// `for anger, the truth`, or `why anger and not disgust`.
fn asked(request: &Request, answer: &Answer) -> String {
    let explanation = &answer.explanation;
    let class = explanation.class;
    if let Some(versus) = explanation.versus {
        return format!("why {class} and not {versus}");
    }
    match (class == explanation.prediction, request.truth == Some(class)) {
        (true, true) => format!("for {class}, rightly predicted"),
        (true, false) => format!("for {class}, the prediction"),
        (false, true) => format!("for {class}, the truth"),
        (false, false) => format!("for {class}"),
    }
}

/// How it is shown, where that is not as usual.
fn manner(request: &Request) -> Vec<(String, Role)> {
    let shades = request.shades;
    let usual = crate::tui::state::explain::Shades::default();
    let mut words = Vec::new();
    let mut tell = |is_told: bool, word: String| {
        if is_told {
            words.push((word, Role::Quiet));
        }
    };
    tell(request.wish.mirror, "with its mirror image".into());
    tell(shades.signed, "red for, blue against".into());
    tell(shades.colours != usual.colours && !shades.signed, shades.colours.name().into());
    tell(shades.percent != usual.percent, format!("heat {} %", shades.percent));
    words
}

/// What the answer says.
fn says(answer: &Answer, subject: &Subject) -> Vec<(String, Role)> {
    let explanation = &answer.explanation;
    let mut words = Vec::new();
    match &answer.shown {
        Shown::Maps(_) => {
            let against = explanation.versus.map_or(String::new(), |versus| format!(" against {versus}"));
            match answer.energy {
                (None, _) => {
                    let class = explanation.class;
                    words.push((format!("no positive evidence for {class}{against}"), Role::Warning));
                }
                (Some(share), chance) => {
                    words.push((evidence::in_parts(explanation.class, share, chance), Role::Text));
                }
            }
        }
        Shown::Activations(channels, _) => {
            let last = channels.first + channels.shown.len();
            let Channels { layer, first, count, .. } = channels;
            let words_of =
                format!("channels {} to {last} of {count} of {layer}, the most active first", first + 1);
            words.push((words_of, Role::Text));
        }
        Shown::Nearest(alike) => {
            let truths = alike.iter().filter(|alike| alike.label == explanation.prediction).count();
            let words_of = format!(
                "{truths} of the {} training pictures most like it are {}",
                alike.len(),
                explanation.prediction
            );
            words.push((words_of, Role::Text));
        }
        Shown::Curves(faith, _) => {
            let auc = |name: &str, of_map: f64, of_random: f64| {
                (format!("{name} {of_map:.2}, random {of_random:.2}"), Role::Text)
            };
            let (map, random) = (&faith.map, &faith.random);
            words.push(auc("deletion", map.deletion_auc(), random.deletion_auc()));
            words.push(auc("insertion", map.insertion_auc(), random.insertion_auc()));
            words.push(("areas under the curves".into(), Role::Quiet));
        }
    }
    let scored = subject.row.line.content.as_ref().ok();
    if scored.is_some_and(|scored| scored.prediction() != explanation.prediction) {
        // The scores are of other weights.
        words.insert(0, (format!("the weights say {} now", explanation.prediction), Role::Warning));
    }
    words
}

/// What stands below a map.
pub(super) fn caption(method: Method, place: usize) -> &'static str {
    match place {
        0 => "picture",
        1 => method.name(),
        _ => "overlay",
    }
}
