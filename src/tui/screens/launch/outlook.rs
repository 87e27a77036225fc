//! What the chosen field is for, and what would happen if the run were started now.

use crate::config::FieldKind;
use crate::device::{DeviceChoice, DeviceReport};
use crate::model;
use crate::run::printable;
use crate::tui::state::State;
use crate::tui::state::launch::{Form, Pictures, Row, command, command_lines};
use crate::tui::theme::{Role, Theme};
use crate::tui::widgets::text;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// Multiply-adds for one picture from which on a CPU is slow.
const LARGE: usize = 30_000_000;

pub(super) struct Outlook<'a> {
    pub state: &'a State,
    pub form: &'a Form,
}

type Lines = Vec<(String, Role)>;

impl Outlook<'_> {
    /// What does not fit is left out at the end of its block; the command is cut last.
    pub fn draw(&self, buffer: &mut Buffer, area: Rect, theme: &Theme) {
        let width = usize::from(area.width);
        let mut blocks = [self.about_field(width, theme), self.command(width), self.facts(width, theme)];
        let height = usize::from(area.height);
        let lines = |blocks: &[Lines; 3]| blocks.iter().map(Vec::len).sum::<usize>();
        let gap = usize::from(lines(&blocks) + 2 <= height);
        // The field's help has two rows at least, the rest one.
        for (block, least) in [(2, 1), (0, 2), (1, 1)] {
            let surplus = lines(&blocks).saturating_sub(height);
            let kept = blocks[block].len().saturating_sub(surplus).max(least);
            if kept < blocks[block].len() {
                blocks[block].truncate(kept);
                if let Some((line, _)) = blocks[block].last_mut().filter(|_| block == 1) {
                    line.push_str(theme.symbols.ellipsis);
                }
            }
        }
        let mut y = area.y;
        for block in &blocks {
            for (line, role) in block.iter().take(usize::from(area.bottom().saturating_sub(y))) {
                text::put(buffer, (area.x, y), area.width, line, theme.style(*role), theme);
                y += 1;
            }
            y += gap as u16;
        }
    }

    fn about_field(&self, width: usize, theme: &Theme) -> Lines {
        let say = |text: &str, role| text::wrapped(text, width).into_iter().map(move |line| (line, role));
        let Some((index, about, value)) = self.form.field() else {
            let file = self.form.row() == Some(Row::File);
            return if file {
                say("Enter chooses another config file", Role::Text).collect()
            } else {
                Vec::new()
            };
        };
        let mut lines: Lines = say(&format!("{}: {}", about.key, about.help), Role::Text).collect();
        if let Some(error) = self.form.error(index) {
            lines.extend(say(&error, Role::Bad));
        }
        let preset =
            model::zoo().iter().find(|preset| about.kind == FieldKind::Network && preset.name == value.text);
        lines.extend(preset.into_iter().flat_map(|preset| say(preset.about, Role::Text)));
        let noun = if about.range == about.noun() { String::new() } else { format!("{}, ", about.noun()) };
        let default = match (about.by_name, value.default.as_str()) {
            (true, _) => "; left empty: by name".into(),
            (false, "") => String::new(),
            (false, default) => format!("; default {default}"),
        };
        lines.extend(say(&format!("{noun}{}{default}", about.range), Role::Quiet));
        if about.kind == FieldKind::Device {
            lines.extend(self.devices(&value.text, theme));
        }
        lines
    }

    /// Each device, its free memory and our runs on it.
    fn devices(&self, chosen: &str, theme: &Theme) -> Lines {
        let Some(devices) = &self.state.launch.devices else {
            return vec![("looking at the devices".into(), Role::Quiet)];
        };
        let line = |device: &DeviceReport| {
            let mark = if device.device == chosen { theme.symbols.chosen } else { " " };
            let mut words = vec![printable(&device.name).into_owned()];
            match (&device.reason, device.memory_free_bytes, device.memory_total_bytes) {
                (Some(reason), ..) => words.push(format!("not usable: {}", printable(reason))),
                (None, Some(free), Some(total)) => {
                    words.push(format!("{} of {} free", text::bytes(free), text::bytes(total)));
                }
                _ => {}
            }
            words.extend(device.utilization.map(|percent| format!("{percent} % busy")));
            let runs: Vec<&str> = self.state.runs_on(&device.device).map(|run| run.name.as_str()).collect();
            if !runs.is_empty() {
                words.push(format!("with {}", runs.join(", ")));
            }
            let role = if device.usable { Role::Text } else { Role::Quiet };
            (format!("{mark} {:<7} {}", device.device, words.join(", ")), role)
        };
        devices.iter().map(line).collect()
    }

    /// The command that would start the same run.
    fn command(&self, width: usize) -> Lines {
        let pieces = command(&self.state.place, self.form.path(), &self.form.draft().sets());
        let lines = command_lines(&pieces, width);
        lines.into_iter().map(|line| (printable(&line).into_owned(), Role::Text)).collect()
    }

    fn facts(&self, width: usize, theme: &Theme) -> Lines {
        let mut facts = self.warnings(theme);
        let config = self.form.draft().current();
        if let Some((parameters, macs)) = self.form.network() {
            let large = |count: usize| match count {
                0..10_000 => count.to_string(),
                10_000..1_000_000 => format!("{:.0} k", count as f64 / 1e3),
                _ => format!("{:.1} M", count as f64 / 1e6),
            };
            let size = text::bytes(4 * parameters as u64);
            let (parameters, macs) = (large(parameters), large(macs));
            facts.push((
                format!("{parameters} parameters ({size}), {macs} multiply-adds a picture"),
                Role::Quiet,
            ));
        }
        let (batch, epochs) = (config.train.batch_size.max(1), config.train.epochs);
        let (pictures, role) = match self.form.pictures() {
            Pictures::Unknown => (String::new(), Role::Quiet),
            Pictures::Asked => ("looking at the pictures".into(), Role::Quiet),
            Pictures::Unpacked => ("the pictures are there; they are packed first, once".into(), Role::Quiet),
            Pictures::Refused(refusal) => (refusal.sentence.clone(), Role::Bad),
            Pictures::There(parts) => {
                let steps = parts.train / batch;
                let skipped = match parts.skipped {
                    0 => String::new(),
                    skipped => format!("; {skipped} are missing or unreadable"),
                };
                let counts = format!(
                    "{} pictures to train on, {} to validate, {} to test",
                    parts.train, parts.valid, parts.test
                );
                (
                    format!("{counts}{skipped}: {steps} steps an epoch, {} at most", steps * epochs),
                    Role::Quiet,
                )
            }
        };
        facts.push((pictures, role));
        facts
            .iter()
            .flat_map(|(fact, role)| text::wrapped(fact, width).into_iter().map(|line| (line, *role)))
            .collect()
    }

    /// What is possible and probably not meant.
    fn warnings(&self, theme: &Theme) -> Lines {
        let config = self.form.draft().current();
        let devices = self.state.launch.devices.as_deref().unwrap_or_default();
        let no_gpu =
            !devices.is_empty() && devices.iter().all(|device| device.device == "cpu" || !device.usable);
        let on_cpu = match config.train.device {
            DeviceChoice::Cpu => true,
            DeviceChoice::Auto => no_gpu,
            DeviceChoice::Cuda(_) => false,
        };
        let mut warnings = Vec::new();
        if config.train.device == DeviceChoice::Auto && no_gpu {
            warnings.push("auto will be the CPU: no GPU can be used (see train.device)".to_string());
        }
        if on_cpu && self.form.network().is_some_and(|(_, macs)| macs >= LARGE) {
            warnings.push("a CPU takes long with a network of this size".into());
        }
        if let DeviceChoice::Cuda(_) = config.train.device {
            let wanted = config.train.device.to_string();
            let found = devices.iter().find(|device| device.device == wanted);
            if !devices.is_empty() && found.is_none_or(|device| !device.usable) {
                let why = found.and_then(|device| device.reason.as_deref()).unwrap_or("there is no such GPU");
                warnings.push(format!("{wanted} cannot be used: {}", printable(why)));
            }
            let runs: Vec<&str> = self.state.runs_on(&wanted).map(|run| run.name.as_str()).collect();
            if !runs.is_empty() {
                warnings.push(format!("{wanted} has a run already: {}", runs.join(", ")));
            }
        }
        let mark = theme.symbols.unreadable;
        warnings.into_iter().map(|warning| (format!("{mark} {warning}"), Role::Warning)).collect()
    }
}
