//! The one table of keys: what a key does where, its hint in the footer, and its line in the help. Footer, help and
//! `docs/keys.md` are made from it.

use super::key::Key::{Char, Code, Ctrl};
use super::{Binding, Place, row};
use crate::tui::action::{Action, Tab};
use crossterm::event::KeyCode;

const RUNS: u32 = Place::Runs.bit();
const CHARTS: u32 = Place::Charts.bit();
const TIMELINE: u32 = Place::Timeline.bit();
const SCORES: u32 = Place::Scores.bit();
const CONFUSION: u32 = Place::Confusion.bit();
const EXPLAIN: u32 = Place::Explain.bit();
const LINES: u32 = Place::Lines.bit();
const COMPARE: u32 = Place::Compare.bit();
const SYSTEM: u32 = Place::System.bit();
const SEARCHES: u32 = Place::Searches.bit();
const SEARCH: u32 = Place::Search.bit();
const NEW_SEARCH: u32 = Place::NewSearch.bit();
const LAUNCH: u32 = Place::Launch.bit();
const HELP: u32 = Place::Help.bit();
const QUESTION: u32 = Place::Question.bit();
const PROMPT: u32 = Place::Prompt.bit();
const FIELD: u32 = Place::Field.bit();
/// The tabs of a run.
pub(super) const RUN: u32 = CHARTS | TIMELINE | SCORES | CONFUSION | EXPLAIN | LINES;
/// Where a run is chosen or open.
const A_RUN: u32 = RUNS | RUN;
/// What stands on the whole terminal.
const SCREENS: u32 = RUNS | RUN | COMPARE | SYSTEM | SEARCHES | SEARCH | NEW_SEARCH | LAUNCH;
const CURVES: u32 = RUNS | CHARTS;
pub(super) const TEXT: u32 = PROMPT | FIELD;
pub(super) const ALL: u32 = SCREENS | HELP | QUESTION | TEXT;

/// In the order of the footer and the help. The last two hints of a place, help and the way out, always stand in the
/// footer.
pub(super) const BINDINGS: &[Binding] = &[
    row(RUNS, &[Code(KeyCode::Enter)], Action::Enter, ["Enter", "open the run", "open"]),
    row(
        CHARTS,
        &[Code(KeyCode::Enter)],
        Action::Enter,
        ["Enter", "show one chart, or all again", "one chart"],
    ),
    row(
        SCORES,
        &[Code(KeyCode::Enter)],
        Action::Enter,
        ["Enter", "show the picture large; then why it is taken for what", "picture"],
    ),
    row(
        CONFUSION,
        &[Code(KeyCode::Enter)],
        Action::Enter,
        ["Enter", "show the pictures of this cell", "pictures"],
    ),
    row(
        COMPARE,
        &[Code(KeyCode::Enter)],
        Action::Enter,
        ["Enter", "show the picture large, or the list again", "picture"],
    ),
    row(SYSTEM, &[Code(KeyCode::Enter)], Action::Enter, ["Enter", "open the run", "open"]),
    row(SEARCHES, &[Code(KeyCode::Enter)], Action::Enter, ["Enter", "open the search", "open"]),
    row(
        SEARCH,
        &[Code(KeyCode::Enter)],
        Action::Enter,
        ["Enter", "open the best run of the point, or the chosen one", "open run"],
    ),
    row(LAUNCH, &[Code(KeyCode::Enter)], Action::Enter, ["Enter", "edit the field, or switch it", "edit"]),
    row(
        NEW_SEARCH,
        &[Code(KeyCode::Enter)],
        Action::Enter,
        ["Enter", "begin the search, or show the one that was begun from the file", "begin"],
    ),
    row(
        NEW_SEARCH,
        &[Char('s')],
        Action::Launch,
        ["s", "begin a search; it goes on when the dashboard is closed", ""],
    ),
    row(
        LAUNCH,
        &[Char('s')],
        Action::Launch,
        ["s", "start the run; it goes on when the dashboard is closed", "start"],
    ),
    row(SCREENS | HELP, &[Char('k'), Code(KeyCode::Up)], Action::Up, ["k ↑", "up", ""]),
    row(SCREENS | HELP, &[Char('j'), Code(KeyCode::Down)], Action::Down, ["j ↓", "down", ""]),
    row(
        CHARTS,
        &[Char('h'), Code(KeyCode::Left)],
        Action::Left,
        ["h ←", "left; with the cursor or zoomed: back", ""],
    ),
    row(
        CHARTS,
        &[Char('l'), Code(KeyCode::Right)],
        Action::Right,
        ["l →", "right; with the cursor or zoomed: on", ""],
    ),
    row(TIMELINE, &[Char('h'), Code(KeyCode::Left)], Action::Left, ["h ←", "the epoch before", "epoch"]),
    row(TIMELINE, &[Char('l'), Code(KeyCode::Right)], Action::Right, ["l →", "the next epoch", "epoch"]),
    row(SCORES, &[Char('h'), Code(KeyCode::Left)], Action::Left, ["h ←", "the large picture before", ""]),
    row(SCORES, &[Char('l'), Code(KeyCode::Right)], Action::Right, ["l →", "the next large picture", ""]),
    row(CONFUSION, &[Char('h'), Code(KeyCode::Left)], Action::Left, ["h ←", "left", ""]),
    row(CONFUSION, &[Char('l'), Code(KeyCode::Right)], Action::Right, ["l →", "right", ""]),
    row(EXPLAIN, &[Char('h'), Code(KeyCode::Left)], Action::Left, ["h ←", "the picture before", ""]),
    row(
        EXPLAIN,
        &[Char('l'), Code(KeyCode::Right)],
        Action::Right,
        ["l →", "the next picture of the table", "next"],
    ),
    row(COMPARE, &[Char('h'), Code(KeyCode::Left)], Action::Left, ["h ←", "the one before", ""]),
    row(COMPARE, &[Char('l'), Code(KeyCode::Right)], Action::Right, ["l →", "next of these", ""]),
    row(SEARCH, &[Char('h'), Code(KeyCode::Left)], Action::Left, ["h ←", "columns at the left", ""]),
    row(SEARCH, &[Char('l'), Code(KeyCode::Right)], Action::Right, ["l →", "columns at the right", ""]),
    row(CHARTS, &[Char('<')], Action::FarLeft, ["<", "far back with the cursor or zoomed", ""]),
    row(CHARTS, &[Char('>')], Action::FarRight, [">", "far on with the cursor or zoomed", ""]),
    row(TIMELINE, &[Char('<')], Action::FarLeft, ["<", "a tenth of the epochs back", ""]),
    row(TIMELINE, &[Char('>')], Action::FarRight, [">", "a tenth of the epochs on", ""]),
    row(LINES, &[Char('h'), Code(KeyCode::Left)], Action::Left, ["h ←", "to the left in long lines", ""]),
    row(LINES, &[Char('l'), Code(KeyCode::Right)], Action::Right, ["l →", "to the right in long lines", ""]),
    row(LAUNCH, &[Char('h'), Code(KeyCode::Left)], Action::Left, ["h ←", "the choice before", ""]),
    row(NEW_SEARCH, &[Char('h'), Code(KeyCode::Left)], Action::Left, ["h ←", "the engine before", ""]),
    row(
        NEW_SEARCH,
        &[Char('l'), Code(KeyCode::Right), Char(' ')],
        Action::Right,
        ["l Space", "on this machine, or by Slurm", "engine"],
    ),
    row(
        LAUNCH,
        &[Char('l'), Code(KeyCode::Right), Char(' ')],
        Action::Right,
        ["l Space", "the next choice", ""],
    ),
    row(
        LAUNCH,
        &[Char('u'), Code(KeyCode::Backspace)],
        Action::Erase,
        ["u", "back to what the file says", "undo"],
    ),
    row(TEXT, &[Code(KeyCode::Left), Ctrl('b')], Action::Left, ["←", "a letter back", ""]),
    row(TEXT, &[Code(KeyCode::Right), Ctrl('f')], Action::Right, ["→", "a letter on", ""]),
    row(TEXT, &[Code(KeyCode::Home), Ctrl('a')], Action::First, ["Home", "to the beginning of the line", ""]),
    row(TEXT, &[Code(KeyCode::End), Ctrl('e')], Action::Last, ["End", "to the end of the line", ""]),
    row(TEXT, &[Code(KeyCode::Up), Ctrl('p')], Action::Up, ["↑", "up", ""]),
    row(TEXT, &[Code(KeyCode::Down), Ctrl('n')], Action::Down, ["↓", "down", ""]),
    row(TEXT, &[Code(KeyCode::PageUp)], Action::PageUp, ["PgUp", "a page up", ""]),
    row(TEXT, &[Code(KeyCode::PageDown)], Action::PageDown, ["PgDn", "a page down", ""]),
    row(SCREENS | HELP, &[Code(KeyCode::PageUp), Ctrl('b')], Action::PageUp, ["PgUp", "a page up", ""]),
    row(SCREENS | HELP, &[Code(KeyCode::PageDown), Ctrl('f')], Action::PageDown, ["PgDn", "a page down", ""]),
    row(SCREENS | HELP, &[Char('g'), Code(KeyCode::Home)], Action::First, ["g Home", "to the first", ""]),
    row(SCREENS | HELP, &[Char('G'), Code(KeyCode::End)], Action::Last, ["G End", "to the last", ""]),
    row(RUN, &[Char('1')], Action::Tab(Tab::Charts), ["1", "charts", ""]),
    row(RUN, &[Char('2')], Action::Tab(Tab::Scores), ["2", "scores of every picture", ""]),
    row(RUN, &[Char('3')], Action::Tab(Tab::Confusion), ["3", "confusion", ""]),
    row(RUN, &[Char('4')], Action::Tab(Tab::Explain), ["4", "explain a picture", ""]),
    row(RUN, &[Char('5')], Action::Tab(Tab::Config), ["5", "config", ""]),
    row(RUN, &[Char('6')], Action::Tab(Tab::Log), ["6", "log", ""]),
    row(RUN | COMPARE, &[Code(KeyCode::Tab)], Action::NextPane, ["Tab", "next of these", "pane"]),
    row(RUN | COMPARE, &[Code(KeyCode::BackTab)], Action::PreviousPane, ["S-Tab", "the one before", ""]),
    row(SEARCH, &[Code(KeyCode::Tab)], Action::NextPane, ["Tab", "the next run of the point", ""]),
    row(SEARCH, &[Code(KeyCode::BackTab)], Action::PreviousPane, ["S-Tab", "the run before", ""]),
    row(
        SEARCH,
        &[Char('v')],
        Action::NextView,
        ["v", "the point, parallel axes, which field mattered, curves of the best", "view"],
    ),
    row(SEARCH, &[Char('V')], Action::PreviousView, ["V", "the view before", ""]),
    row(LAUNCH | FIELD, &[Code(KeyCode::Tab)], Action::NextPane, ["Tab", "next field", "next"]),
    row(LAUNCH | FIELD, &[Code(KeyCode::BackTab)], Action::PreviousPane, ["S-Tab", "the field before", ""]),
    row(RUNS, &[Char('n')], Action::NewRun, ["n", "new run from a config", "new run"]),
    row(SEARCHES, &[Char('n')], Action::NewSearch, ["n", "new search from a file", "new search"]),
    row(SEARCH, &[Char('n')], Action::NewSearch, ["n", "new search from a file", ""]),
    row(A_RUN, &[Char('e')], Action::Clone, ["e", "new run from its config", ""]),
    row(RUNS, &[Char('/')], Action::Filter, ["/", "show only runs like: name state:lost lr<0.01", "filter"]),
    row(
        SCORES,
        &[Char('/')],
        Action::Filter,
        ["/", "show only pictures like: name truth:anger conf>0.9", "filter"],
    ),
    row(LINES, &[Char('/')], Action::Filter, ["/", "search", "search"]),
    row(LAUNCH, &[Char('/')], Action::Filter, ["/", "search the fields", "search"]),
    row(LINES, &[Char('.')], Action::NextMatch, [".", "next match", ""]),
    row(
        RUNS,
        &[Char(' ')],
        Action::Mark,
        [
            "Space",
            "mark the run: curves of marked ones lie over each other; stop and delete take them all",
            "mark",
        ],
    ),
    row(RUNS, &[Char('u')], Action::UnmarkAll, ["u", "unmark all", ""]),
    row(
        RUNS,
        &[Char('c')],
        Action::Compare,
        ["c", "compare two marked runs, or this with the next older", ""],
    ),
    // Here are more keys than room.
    row(SEARCH, &[Char('o')], Action::Sort, ["o", "sort by the next column", ""]),
    row(RUNS | SCORES | COMPARE, &[Char('o')], Action::Sort, ["o", "sort by the next column", "sort"]),
    row(
        RUNS | SCORES | COMPARE | SEARCH,
        &[Char('O')],
        Action::Reverse,
        ["O", "sort the other way round", ""],
    ),
    row(A_RUN, &[Char('x')], Action::Stop, ["x", "stop the run (it keeps a checkpoint)", "stop"]),
    row(A_RUN, &[Char('r')], Action::Resume, ["r", "resume the run", "resume"]),
    row(
        SEARCH,
        &[Char('x')],
        Action::Stop,
        ["x", "stop the search: what runs keeps a checkpoint, what waits is not begun", "stop"],
    ),
    row(NEW_SEARCH, &[Char('r')], Action::Resume, ["r", "resume the search that was begun", "resume"]),
    row(SEARCH, &[Char('r')], Action::Resume, ["r", "resume the search; failed runs, too", "resume"]),
    row(SEARCH, &[Char('+'), Char('=')], Action::ThrottleMore, ["+", "more runs at once", ""]),
    row(SEARCH, &[Char('-')], Action::ThrottleLess, ["-", "fewer runs at once", ""]),
    row(
        SEARCH,
        &[Char('p'), Char('P')],
        Action::Promote,
        ["p", "promote: write the point's config as a file, to train from", "promote"],
    ),
    row(SEARCH, &[Char(']')], Action::MoreCurves, ["]", "curves of more of the best", ""]),
    row(SEARCH, &[Char('[')], Action::FewerCurves, ["[", "curves of fewer", ""]),
    row(RUNS, &[Char('R')], Action::Rename, ["R", "give the run a title", ""]),
    row(RUNS, &[Char('t')], Action::Tags, ["t", "tags of the run", ""]),
    row(RUNS, &[Char('N')], Action::Note, ["N", "note on the run", ""]),
    row(RUNS, &[Char('D')], Action::Delete, ["D", "delete the run's folder", ""]),
    row(CURVES, &[Char(']')], Action::SmoothMore, ["]", "smooth the curves more", "smooth"]),
    row(CURVES, &[Char('[')], Action::SmoothLess, ["[", "smooth the curves less", ""]),
    row(CURVES, &[Char('L')], Action::LogY, ["L", "logarithmic y axis", "log y"]),
    row(CURVES, &[Char('X')], Action::NextAxis, ["X", "x axis: step, epoch, time", "x axis"]),
    row(CHARTS, &[Char('+'), Char('=')], Action::ZoomIn, ["+", "zoom in on the x axis", ""]),
    row(CHARTS, &[Char('-')], Action::ZoomOut, ["-", "zoom out", ""]),
    row(CHARTS, &[Char('v')], Action::Cursor, ["v", "values at one place", "values"]),
    row(CHARTS, &[Char('t')], Action::Timeline, ["t", "where it looked each epoch", "timeline"]),
    row(TIMELINE, &[Char('t'), Code(KeyCode::Enter)], Action::Timeline, ["t", "charts again", "charts"]),
    row(SCORES, &[Char('w')], Action::OnlyWrong, ["w", "only wrong ones, or all again", "wrong"]),
    row(SCORES, &[Char(':')], Action::Jump, [":", "to a row by its number", ""]),
    row(SCORES, &[Char('C')], Action::Columns, ["C", "fewer or more columns", ""]),
    row(EXPLAIN, &[Char('m')], Action::NextMethod, ["m", "the next method", "method"]),
    row(EXPLAIN, &[Char('M')], Action::PreviousMethod, ["M", "the method before", ""]),
    row(
        EXPLAIN,
        &[Char('w')],
        Action::NextRival,
        ["w", "why not another class: finer-cam against the runner-up, each class", "why not"],
    ),
    row(EXPLAIN, &[Char('W')], Action::PreviousRival, ["W", "against the class before", ""]),
    row(
        EXPLAIN,
        &[Char('t')],
        Action::NextClass,
        ["t", "what is asked about: the prediction, the truth, each class", "class"],
    ),
    row(EXPLAIN, &[Char('T')], Action::PreviousClass, ["T", "the class before", ""]),
    row(
        EXPLAIN,
        &[Char('v')],
        Action::NextView,
        ["v", "maps, whether they are right, the layer's channels, pictures like it", "view"],
    ),
    row(EXPLAIN, &[Char(']')], Action::NextLayer, ["]", "the next layer", "layer"]),
    row(EXPLAIN, &[Char('[')], Action::PreviousLayer, ["[", "the layer before", ""]),
    row(EXPLAIN, &[Char('+'), Char('=')], Action::HeatMore, ["+", "more heat over the picture", ""]),
    row(EXPLAIN, &[Char('-')], Action::HeatLess, ["-", "less heat", ""]),
    row(EXPLAIN, &[Char('c')], Action::NextColours, ["c", "jet, viridis, turbo", ""]),
    row(EXPLAIN, &[Char('S')], Action::Signed, ["S", "also what speaks against the class", ""]),
    row(EXPLAIN, &[Char('f')], Action::Mirror, ["f", "the mean with the mirror image's map", ""]),
    row(CONFUSION, &[Char('v')], Action::NextView, ["v", "counts, shares of the row, of the column", "view"]),
    row(
        CONFUSION,
        &[Char('m')],
        Action::MeanMaps,
        ["m", "where the network looks: the mean heat map of each cell, or numbers again", "maps"],
    ),
    row(CONFUSION, &[Char('M')], Action::MapsFor, ["M", "mean maps for the predicted or the true class", ""]),
    row(
        CONFUSION,
        &[Char('.')],
        Action::NextMatch,
        [".", "the most frequent mistake, then the next one", "mistakes"],
    ),
    row(
        LINES,
        &[Char('v')],
        Action::NextView,
        ["v", "config: all, what differs from the defaults, from a marked run", "view"],
    ),
    row(
        SCORES | CONFUSION | EXPLAIN | COMPARE,
        &[Char('s')],
        Action::NextSplit,
        ["s", "another split", "split"],
    ),
    row(CONFUSION, &[Char('K')], Action::NextCheckpoint, ["K", "best or last weights", ""]),
    row(CONFUSION, &[Char('E')], Action::Export, ["E", "write as CSV and PNG; mean maps as PNG", "export"]),
    row(EXPLAIN, &[Char('E')], Action::Export, ["E", "write as PNG", "export"]),
    row(COMPARE, &[Char('E')], Action::Export, ["E", "write the list as CSV", "export"]),
    row(RUNS, &[Char('S')], Action::Searches, ["S", "searches", ""]),
    row(
        CHARTS | TIMELINE | SCORES | CONFUSION | LINES,
        &[Char('S')],
        Action::Searches,
        ["S", "the search of the run", ""],
    ),
    row(SEARCH, &[Char('S')], Action::Searches, ["S", "all searches", "searches"]),
    row(RUNS | RUN | SEARCHES | SEARCH, &[Char('i')], Action::System, ["i", "GPUs, processes, disk", ""]),
    row(RUNS, &[Code(KeyCode::Esc)], Action::Out, ["Esc", "clear the filter", ""]),
    row(RUN, &[Code(KeyCode::Esc)], Action::Out, ["Esc", "out of what is open; back to the runs", ""]),
    row(COMPARE | SYSTEM | SEARCHES | SEARCH, &[Code(KeyCode::Esc)], Action::Out, ["Esc", "back", ""]),
    row(NEW_SEARCH, &[Code(KeyCode::Esc)], Action::Out, ["Esc", "another file", ""]),
    row(LAUNCH, &[Code(KeyCode::Esc)], Action::Out, ["Esc", "close without starting a run", ""]),
    row(SCREENS, &[Char('?'), Code(KeyCode::F(1))], Action::Help, ["?", "this help", "help"]),
    row(HELP, &[Char('?'), Char('q'), Code(KeyCode::Enter)], Action::Out, ["?", "close", ""]),
    row(PROMPT, &[Code(KeyCode::Enter)], Action::Enter, ["Enter", "keep it", "keep"]),
    row(FIELD, &[Code(KeyCode::Enter)], Action::Enter, ["Enter", "keep the value", "keep"]),
    row(QUESTION, &[Char('y'), Char('Y')], Action::Confirm, ["y", "yes", "yes"]),
    row(QUESTION, &[Char('n'), Char('N'), Char('q')], Action::Out, ["n", "no", "no"]),
    row(TEXT, &[Code(KeyCode::Backspace), Ctrl('h')], Action::Erase, ["Backspace", "erase", ""]),
    row(TEXT, &[Ctrl('w')], Action::EraseWord, ["Ctrl-w", "erase a word", ""]),
    row(TEXT, &[Ctrl('u')], Action::EraseLine, ["Ctrl-u", "erase all", ""]),
    row(HELP | QUESTION | TEXT, &[Code(KeyCode::Esc)], Action::Out, ["Esc", "out", "out"]),
    row(RUN, &[Char('q')], Action::Back, ["q", "back to the runs", "back"]),
    row(
        COMPARE | SYSTEM | SEARCHES | SEARCH | NEW_SEARCH | LAUNCH,
        &[Char('q')],
        Action::Back,
        ["q", "back", "back"],
    ),
    row(RUNS, &[Char('q')], Action::Back, ["q", "leave", "leave"]),
    row(ALL, &[Ctrl('z')], Action::Suspend, ["Ctrl-z", "to the shell; fg comes back", ""]),
    row(ALL, &[Ctrl('c')], Action::Leave, ["Ctrl-c", "leave at once; runs go on", ""]),
];
