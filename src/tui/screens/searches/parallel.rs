//! A line through the axes for each point, by how good it is.

use crate::tui::state::State;
use crate::tui::theme::Theme;
use crate::tui::widgets::parallel::Parallel;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// Draws into `area`, below the names of the panes.
pub fn draw(buffer: &mut Buffer, area: Rect, state: &State, theme: &Theme) {
    let searches = &state.searches;
    let Some(overview) = searches.overview() else { return };
    let mut order = searches.panes.order(&overview.summary.folder, overview.axes.len());
    // All lines would meet there.
    order.retain(|axis| overview.varies(*axis));
    let parallel = Parallel {
        axes: &overview.axes,
        order: &order,
        rows: &overview.rows,
        metric: overview.summary.metric,
        chosen: searches.chosen_index(),
        theme,
    };
    parallel.draw(area, buffer);
}
