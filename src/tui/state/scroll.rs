//! Lists that are longer than the screen.

/// The first of the `rows` rows in view, of `count` in all, so that the chosen one is among them; `top` was the first so
/// far. A choice that leaves the view moves it by half its height, so that most steps repaint two rows.
pub(super) fn in_view(top: usize, chosen: usize, rows: usize, count: usize) -> usize {
    let rows = rows.max(1);
    let top = if chosen < top {
        chosen.saturating_sub(rows / 2)
    } else if chosen >= top + rows {
        chosen + 1 - rows + rows / 2
    } else {
        top
    };
    top.min(count.saturating_sub(rows))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_chosen_row_is_in_view_and_the_view_moves_seldom() {
        for rows in 0..9 {
            for count in 1..30 {
                let mut top = 0;
                let mut moves = 0;
                for chosen in (0..count).chain((0..count).rev()) {
                    let now = in_view(top, chosen, rows, count);
                    assert!((now..now + rows.max(1)).contains(&chosen), "{chosen} of {count} in {rows} rows");
                    moves += usize::from(now != top);
                    top = now;
                }
                assert!(moves <= 2 + 2 * count / rows.div_ceil(2).max(1), "{moves} moves, {count} in {rows}");
            }
        }
        assert_eq!(in_view(40, 3, 10, 5), 0, "the list has become short");
    }
}
