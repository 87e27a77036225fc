//! The machine: GPUs, CPU, memory, disk, processes.

use crate::monitor::{GpuSample, Sample};
use crate::run::printable;
use crate::tui::state::State;
use crate::tui::state::system::{Line, Quantity};
use crate::tui::theme::{Role, Theme};
use crate::tui::widgets::{progress, sparkline, text};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

/// Columns of a row: what it is, its bar, its value; the curve takes the rest.
const NAME: u16 = 9;
const BAR: u16 = 12;
const VALUE: u16 = 21;
/// A curve of so many stretches of time is long enough.
const LONGEST_CURVE: u16 = 60;

fn body(size: (u16, u16)) -> Rect {
    // The first row is the header, the last one the footer.
    Rect { x: 1, y: 1, width: size.0.saturating_sub(2), height: size.1.saturating_sub(2) }
}

/// Rows in view on a terminal of `size`.
pub fn rows(size: (u16, u16)) -> usize {
    body(size).height.into()
}

/// The row in view that stands at a column and a row of the terminal.
pub fn row_at(size: (u16, u16), at: (u16, u16)) -> Option<usize> {
    let body = body(size);
    body.contains(at.into()).then(|| usize::from(at.1 - body.y))
}

/// Draws into `area`, the whole terminal but its last row.
pub fn draw(buffer: &mut Buffer, area: Rect, state: &State, theme: &Theme) {
    text::put(buffer, (area.x + 1, area.y), 4, "mien", theme.style(Role::Accent), theme);
    text::put(buffer, (area.x + 7, area.y), 20, "system", theme.style(Role::Strong), theme);
    let Some(sample) = &state.system.sample else {
        text::put(
            buffer,
            (area.x + 1, area.y + 2),
            area.width,
            "looking at the machine",
            theme.style(Role::Quiet),
            theme,
        );
        return;
    };
    let lines = state.system_lines();
    let body = body(state.size).intersection(area);
    for (i, (line, y)) in lines.iter().skip(state.system.top).zip(body.y..body.bottom()).enumerate() {
        let row = Rect { y, height: 1, ..body };
        let can_enter = state.run_of_line(*line).is_some();
        if state.system.top + i == state.system.chosen {
            let role = if can_enter { Role::Accent } else { Role::Quiet };
            text::put(buffer, (row.x - 1, y), 1, theme.symbols.chosen, theme.style(role), theme);
        }
        let inside = Rect { x: row.x + 1, width: row.width.saturating_sub(1), ..row };
        draw_line(buffer, inside, *line, sample, state, theme);
    }
}

/// Writes at a column of a row, no further than the row goes.
fn put_at(buffer: &mut Buffer, row: Rect, (x, width): (u16, u16), said: &str, style: Style, theme: &Theme) {
    let width = width.min(row.width.saturating_sub(x));
    text::put(buffer, (row.x + x, row.y), width, said, style, theme);
}

fn draw_line(buffer: &mut Buffer, row: Rect, line: Line, sample: &Sample, state: &State, theme: &Theme) {
    let put = |buffer: &mut Buffer, x: u16, width: u16, said: &str, role| {
        put_at(buffer, row, (x, width), said, theme.style(role), theme);
    };
    match line {
        Line::Blank => {}
        Line::Head(head) => put(buffer, 0, row.width, head, Role::Quiet),
        Line::Missing(i) => {
            let name = if i == 0 { "GPU" } else { "" };
            put(buffer, 0, NAME, name, Role::Strong);
            let rows = state.gpus_missing();
            put(buffer, NAME, row.width, rows.get(i).map_or("", String::as_str), Role::Text);
        }
        Line::GpuHead(i) => {
            let Some(gpu) = sample.gpus.get(i) else { return };
            let name = gpu.device.clone().unwrap_or_else(|| format!("GPU {}", gpu.index));
            put(buffer, 0, NAME - 1, &name, Role::Strong);
            let words = [(gpu.name.clone(), Role::Text), (power_and_heat(gpu, theme), Role::Text)];
            text::put_words(buffer, Rect { x: row.x + NAME, width: row.width - NAME, ..row }, &words, theme);
        }
        Line::Gpu(i) => {
            let Some(gpu) = sample.gpus.get(i) else { return };
            let value = gpu.percent.map_or("use not told".into(), |percent| format!("{percent:.0} %"));
            let share = gpu.percent.map(|percent| percent / 100.0);
            let gauge = Gauge { name: "use", share, value: &value, quantity: Quantity::Gpu(i), about: "" };
            draw_gauge(buffer, row, &gauge, state, theme);
        }
        Line::GpuMemory(i) => {
            let Some(gpu) = sample.gpus.get(i) else { return };
            let memory = gpu.memory_used_bytes.zip(gpu.memory_total_bytes);
            let value = memory.map_or("memory not told".into(), |(used, total)| of(used, total));
            let share = memory.map(|(used, total)| used as f64 / total.max(1) as f64);
            let gauge =
                Gauge { name: "memory", share, value: &value, quantity: Quantity::GpuMemory(i), about: "" };
            draw_gauge(buffer, row, &gauge, state, theme);
        }
        Line::Process(gpu, process) => {
            let Some(process) = sample.gpus.get(gpu).and_then(|gpu| gpu.processes.get(process)) else {
                return;
            };
            let run = state.run_of_line(line).map(|run| format!("run {}", run.name));
            let memory = process.memory_bytes.map_or("-".into(), text::bytes);
            put(buffer, 2, 8, &process.pid.to_string(), Role::Quiet);
            text::put_right(buffer, (row.x + NAME, row.y), BAR, &memory, theme.style(Role::Text), theme);
            let known = |text: &str| if text.is_empty() { "-".to_string() } else { text.to_string() };
            let ours = run.is_some();
            let who = run.unwrap_or_else(|| format!("{}  {}", known(&process.user), known(&process.name)));
            let role = if ours { Role::Strong } else { Role::Text };
            put(buffer, NAME + BAR + 1, row.width, &who, role);
        }
        Line::Cpu => {
            let cpu = &sample.cpu;
            let cores = if cpu.cores == 1 { "1 core".into() } else { format!("{} cores", cpu.cores) };
            let value = cpu.percent.map_or("-".into(), |percent| format!("{percent:.0} %"));
            let about = format!("{cores}, {}", cpu.name);
            let share = cpu.percent.map(|percent| percent / 100.0);
            let gauge = Gauge { name: "CPU", share, value: &value, quantity: Quantity::Cpu, about: &about };
            draw_gauge(buffer, row, &gauge, state, theme);
        }
        Line::Memory => {
            let (used, total) = (sample.memory.used_bytes(), sample.memory.total_bytes);
            let share = Some(used as f64 / total.max(1) as f64);
            let value = of(used, total);
            let gauge = Gauge { name: "memory", share, value: &value, quantity: Quantity::Memory, about: "" };
            draw_gauge(buffer, row, &gauge, state, theme);
        }
        Line::Disk => {
            put(buffer, 0, NAME, "disk", Role::Strong);
            let Some(disk) = sample.disk else {
                put(buffer, NAME, row.width, "its free space is not told", Role::Quiet);
                return;
            };
            let used = disk.total_bytes.saturating_sub(disk.free_bytes);
            let bar = Rect { x: row.x + NAME, width: BAR, ..row };
            progress::bar(buffer, bar, used as f64 / disk.total_bytes.max(1) as f64, Role::Accent, theme);
            let all: u64 = state.system.sizes.iter().map(|(_, bytes)| bytes).sum();
            let runs =
                if all > 0 { format!("; {} holds {}", state.place, text::bytes(all)) } else { String::new() };
            let said =
                format!("{} of {} free{runs}", text::bytes(disk.free_bytes), text::bytes(disk.total_bytes));
            put(buffer, NAME + BAR + 1, row.width, &said, Role::Text);
        }
        Line::Run(i) => draw_run(buffer, row, i, sample, state, theme),
        Line::Size(i) => {
            let Some((folder, bytes)) = state.system.sizes.get(i) else { return };
            text::put_right(
                buffer,
                (row.x, row.y),
                NAME + 1,
                &text::bytes(*bytes),
                theme.style(Role::Text),
                theme,
            );
            let id = folder.id();
            put(buffer, NAME + 3, row.width, &printable(&id), Role::Text);
        }
    }
}

/// A quantity with a bar and a curve.
struct Gauge<'a> {
    name: &'a str,
    share: Option<f64>,
    value: &'a str,
    quantity: Quantity,
    about: &'a str,
}

fn draw_gauge(buffer: &mut Buffer, row: Rect, gauge: &Gauge, state: &State, theme: &Theme) {
    let put = |buffer: &mut Buffer, x: u16, width: u16, said: &str, role| {
        put_at(buffer, row, (x, width), said, theme.style(role), theme);
    };
    put(buffer, 0, NAME - 1, gauge.name, Role::Strong);
    let bar = Rect { x: row.x + NAME, width: BAR, ..row };
    progress::bar(buffer, bar, gauge.share.unwrap_or_default(), Role::Accent, theme);
    put(buffer, NAME + BAR + 1, VALUE, gauge.value, Role::Text);
    let fixed = NAME + BAR + 1 + VALUE + 1;
    let left = row.width.saturating_sub(fixed);
    // The curve, and what there is to say of it where both fit.
    let about = if left >= 40 { left / 2 } else { 0 };
    let curve = (left - about).min(LONGEST_CURVE);
    let place = Rect { x: row.x + fixed, width: curve, ..row };
    let history = state.system.history(gauge.quantity, curve.into());
    sparkline::sparkline(buffer, place, &history, Role::Curve(0), theme);
    put(buffer, fixed + curve + 2, about.saturating_sub(2), gauge.about, Role::Quiet);
}

fn draw_run(buffer: &mut Buffer, row: Rect, i: usize, sample: &Sample, state: &State, theme: &Theme) {
    let Some(run) = state.active_runs().nth(i) else { return };
    let process = sample.runs.iter().find(|process| process.run == run.id);
    let cores = process.and_then(|process| process.cpu_percent);
    let (symbol, role) = theme.state(run.state);
    let device = if run.device.is_empty() { "-" } else { run.device.as_str() };
    let words = [
        (format!("{symbol} {}", run.state), role),
        (run.name.clone(), Role::Strong),
        (format!("on {device}"), Role::Text),
        (cores.map_or_else(String::new, |percent| format!("{:.1} cores busy", percent / 100.0)), Role::Text),
        (process.map_or_else(String::new, |process| text::bytes(process.memory_bytes)), Role::Text),
        (
            process.map_or_else(
                || "no process on this machine".into(),
                |process| format!("pid {}", process.pid),
            ),
            Role::Quiet,
        ),
    ];
    text::put_words(buffer, row, &words, theme);
}

fn of(used: u64, total: u64) -> String {
    let (used, total) = (text::bytes(used), text::bytes(total));
    match (used.split_once(' '), total.split_once(' ')) {
        (Some((count, unit)), Some((_, same))) if unit == same => format!("{count} of {total}"),
        _ => format!("{used} of {total}"),
    }
}

fn power_and_heat(gpu: &GpuSample, theme: &Theme) -> String {
    let power = gpu.power_watts.map(|watts| match gpu.power_limit_watts {
        Some(limit) => format!("{watts:.0} of {limit:.0} W"),
        None => format!("{watts:.0} W"),
    });
    let degree = if theme.symbols.braille { "°" } else { "" };
    let heat = gpu.temperature_celsius.map(|celsius| format!("{celsius:.0} {degree}C"));
    let words: Vec<String> = power.into_iter().chain(heat).collect();
    words.join(", ")
}

#[cfg(test)]
mod tests;
