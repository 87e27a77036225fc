//! What is done to a training picture, drawn anew in each epoch.

use super::draws::Draws;
use super::{Augmentation, Brightness, Crop, Erase, PIXELS, Rotate, SIDE, Scale};

/// Augments one picture: mirror, rotation and scale, crop, brightness, erasing, in this order.
///
/// `pixels` and `out` hold SIDE * SIDE grey levels, rows first; slices of another length are copied as far as
/// they go. The result is a function of the arguments alone, and each part has draws of its own, so that turning
/// one on or off leaves the others as they were. Nothing is allocated.
pub fn augment(pixels: &[u8], out: &mut [u8], how: &Augmentation, seed: u64, epoch: usize, index: usize) {
    let (Ok(pixels), Ok(out)) = (<&Square>::try_from(pixels), <&mut Square>::try_from(&mut *out)) else {
        out.iter_mut().zip(pixels).for_each(|(to, from)| *to = *from);
        return;
    };
    let part = |part: Part, probability: f64| {
        let mut draws = Draws::new(&[seed, epoch as u64, index as u64, part as u64]);
        (probability > 0.0 && draws.chance(probability)).then_some(draws)
    };
    match part(Part::Flip, how.flip) {
        Some(_) => flip(pixels, out),
        None => *out = *pixels,
    }
    let angle = part(Part::Rotate, how.rotate.probability).map_or(0.0, |draws| angle(draws, how.rotate));
    let factor = part(Part::Scale, how.scale.probability).map_or(1.0, |draws| factor(draws, how.scale));
    if (angle, factor) != (0.0, 1.0) {
        turn(&out.clone(), out, angle, factor);
    }
    if let Some(draws) = part(Part::Crop, how.crop.probability) {
        crop(&out.clone(), out, draws, how.crop);
    }
    if let Some(draws) = part(Part::Brightness, how.brightness.probability) {
        brighten(out, draws, how.brightness);
    }
    if let Some(draws) = part(Part::Erase, how.erase.probability) {
        erase(out, draws, how.erase);
    }
}

type Square = [u8; PIXELS];

/// The part that a draw belongs to; the numbers are part of what makes a run repeatable.
#[derive(Clone, Copy)]
enum Part {
    Flip = 1,
    Rotate = 2,
    Crop = 3,
    Scale = 4,
    Brightness = 5,
    Erase = 6,
}

fn flip(from: &Square, to: &mut Square) {
    for (from, to) in from.as_chunks::<SIDE>().0.iter().zip(to.as_chunks_mut::<SIDE>().0) {
        *to = *from;
        to.reverse();
    }
}

fn angle(mut draws: Draws, how: Rotate) -> f64 {
    draws.between(-how.degrees, how.degrees).to_radians()
}

fn factor(mut draws: Draws, how: Scale) -> f64 {
    // A config allows a range below 1 only; another caller's must not divide by zero.
    draws.between(1.0 - how.range, 1.0 + how.range).max(0.01)
}

/// Rotates about the centre and enlarges by the factor, bilinear, black where nothing was.
fn turn(from: &Square, to: &mut Square, angle: f64, factor: f64) {
    const CENTRE: f32 = (SIDE as f32 - 1.0) / 2.0;
    // A black frame, one pixel wide before and two behind, so that no neighbour needs a test.
    const WIDE: usize = SIDE + 3;
    let mut framed = [0u8; WIDE * WIDE];
    for (row, to) in from.as_chunks::<SIDE>().0.iter().zip(framed.chunks_exact_mut(WIDE).skip(1)) {
        to[1..=SIDE].copy_from_slice(row);
    }
    let (sin, cos) = ((angle.sin() / factor) as f32, (angle.cos() / factor) as f32);
    for (y, row) in to.as_chunks_mut::<SIDE>().0.iter_mut().enumerate() {
        let dy = y as f32 - CENTRE;
        for (x, level) in row.iter_mut().enumerate() {
            let dx = x as f32 - CENTRE;
            // Places within the frame, from 0: everything outside of it is black as its edge is.
            let u = (cos * dx + sin * dy + CENTRE).clamp(-1.0, SIDE as f32) + 1.0;
            let v = (cos * dy - sin * dx + CENTRE).clamp(-1.0, SIDE as f32) + 1.0;
            let (left, top) = (u as usize, v as usize);
            let (right, below) = (u - left as f32, v - top as f32);
            let at = |offset: usize| f32::from(framed[top * WIDE + left + offset]);
            let upper = at(0) * (1.0 - right) + at(1) * right;
            let lower = at(WIDE) * (1.0 - right) + at(WIDE + 1) * right;
            *level = (upper * (1.0 - below) + lower * below + 0.5) as u8;
        }
    }
}

fn crop(from: &Square, to: &mut Square, mut draws: Draws, how: Crop) {
    let padding = (how.padding as usize).min(SIDE);
    let mut offset = || draws.below(2 * padding + 1) as isize - padding as isize;
    let (dx, dy) = (offset(), offset());
    to.fill(0);
    // The rows and columns of the window that lie on the picture.
    let overlap = |d: isize| (-d).max(0) as usize..(SIDE as isize - d).min(SIDE as isize).max(0) as usize;
    let columns = overlap(dx);
    let source = (columns.start as isize + dx) as usize;
    for y in overlap(dy) {
        let row = (y as isize + dy) as usize * SIDE + source;
        to[y * SIDE..][columns.clone()].copy_from_slice(&from[row..row + columns.len()]);
    }
}

fn brighten(picture: &mut Square, mut draws: Draws, how: Brightness) {
    let factor = draws.between(1.0 - how.range, 1.0 + how.range).max(0.0) as f32;
    // The cast saturates at 255.
    picture.iter_mut().for_each(|level| *level = (f32::from(*level) * factor + 0.5) as u8);
}

/// Blackens a rectangle of random area, aspect ratio and place; draws again, ten times at most, where the
/// rectangle does not fit.
fn erase(picture: &mut Square, mut draws: Draws, how: Erase) {
    const MOST_ASPECT: f64 = 1.0 / 0.3;
    for _ in 0..10 {
        let area = draws.between(how.scale[0], how.scale[1]) * PIXELS as f64;
        let aspect = draws.between(-MOST_ASPECT.ln(), MOST_ASPECT.ln()).exp();
        let height = (area * aspect).sqrt().round() as usize;
        let width = (area / aspect).sqrt().round() as usize;
        if height < SIDE && width < SIDE {
            let (top, left) = (draws.below(SIDE - height + 1), draws.below(SIDE - width + 1));
            for row in picture.chunks_exact_mut(SIDE).skip(top).take(height) {
                row[left..left + width].fill(0);
            }
            return;
        }
    }
}

#[cfg(test)]
#[path = "augment_tests.rs"]
mod tests;
