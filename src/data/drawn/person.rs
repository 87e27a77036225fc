//! Everything about a drawn face but its expression: who it is and how the head is held.

use super::canvas::Point;
use crate::data::{Draws, SIDE};

/// A head at rest. Lengths are in half-heights of the head, levels 0 black to 1 white.
#[derive(Clone, Debug)]
pub(super) struct Person {
    /// Half the head's width.
    pub width: f32,
    /// How narrow the chin is, 0 to 1.
    pub chin: f32,
    pub skin: f32,
    pub hair: f32,
    pub lips: f32,
    pub brows: f32,
    pub hairstyle: Hairstyle,
    /// Height of the brows and slant of their outer ends at rest.
    pub brow_height: f32,
    pub brow_slant: f32,
    pub brow_width: f32,
    pub eyes_apart: f32,
    pub eye_size: f32,
    pub gaze: Point,
    pub nose_length: f32,
    pub nose_width: f32,
    pub mouth_width: f32,
    pub mouth_height: f32,
    /// The corners of the mouth at rest.
    pub mouth_curve: f32,
    pub lip_width: f32,
    /// How deep lines are cut, 0 to 1.
    pub age: f32,
    pub glasses: bool,
    /// How much darker a beard makes the lower face, 0 for none.
    pub beard: f32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Hairstyle {
    Bald,
    Short,
    Long,
    Fringe,
    Cap,
}

impl Person {
    pub fn draw(draws: &mut Draws) -> Self {
        let skin = draws.between(0.3, 0.92) as f32;
        let hair = draws.between(0.03, 0.97) as f32;
        // Brows are told from the skin, whichever of the two is darker.
        let darker = skin > 0.55 || draws.chance(0.5);
        let brows = if darker {
            skin * draws.between(0.15, 0.5) as f32
        } else {
            skin + draws.between(0.3, 0.5) as f32
        };
        let lips =
            skin * if draws.chance(0.7) { draws.between(0.55, 0.8) } else { draws.between(1.15, 1.4) } as f32;
        let hairstyle =
            [Hairstyle::Bald, Hairstyle::Short, Hairstyle::Long, Hairstyle::Fringe, Hairstyle::Cap];
        let mut about = |middle: f64, range: f64| draws.between(middle - range, middle + range) as f32;
        Self {
            width: about(0.76, 0.08),
            chin: about(0.35, 0.25),
            skin,
            hair,
            lips,
            brows,
            brow_height: about(-0.40, 0.03),
            brow_slant: about(0.0, 0.025),
            brow_width: about(0.06, 0.018),
            eyes_apart: about(0.33, 0.03),
            eye_size: about(1.0, 0.15),
            gaze: [about(0.0, 0.05), about(0.0, 0.015)],
            nose_length: about(0.2, 0.04),
            nose_width: about(0.09, 0.02),
            mouth_width: about(0.29, 0.03),
            mouth_height: about(0.53, 0.03),
            mouth_curve: about(0.0, 0.025),
            lip_width: about(0.055, 0.02),
            age: about(0.5, 0.5),
            hairstyle: hairstyle[draws.below(hairstyle.len())],
            glasses: draws.chance(0.12),
            beard: if draws.chance(0.12) { draws.between(0.15, 0.4) as f32 } else { 0.0 },
        }
    }
}

/// How a head is held and where it is in the picture.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pose {
    /// Of the head, in pixels.
    pub centre: Point,
    /// Pixels of a half-height.
    pub scale: f32,
    /// Angles in radians: in the picture's plane, to the side, up and down.
    pub roll: f32,
    pub yaw: f32,
    pub pitch: f32,
}

impl Pose {
    pub fn draw(draws: &mut Draws) -> Self {
        let mut about = |range: f64| draws.between(-range, range) as f32;
        let middle = SIDE as f32 / 2.0;
        Self {
            centre: [middle + about(5.0), middle + 1.0 + about(4.0)],
            scale: 25.0 + about(3.5),
            roll: about(15.0).to_radians(),
            yaw: about(20.0).to_radians(),
            pitch: about(10.0).to_radians(),
        }
    }

    /// Where a point on the front of the head is in the picture. The head is an ellipsoid of the person's width,
    /// so that its middle moves when it turns and its outline stays.
    pub fn place(&self, person: &Person, [x, y]: Point) -> Point {
        let depth = 0.6 * (1.0 - (x / (person.width + 0.05)).powi(2) - (y / 1.05).powi(2)).max(0.0).sqrt();
        let x = x * self.yaw.cos().mul_add(0.5, 0.5) + depth * self.yaw.sin();
        let y = y + depth * self.pitch.sin();
        self.flat([x, y])
    }

    /// Where a point that does not turn with the face (hair, the head's outline) is in the picture.
    pub fn flat(&self, [x, y]: Point) -> Point {
        let (sin, cos) = self.roll.sin_cos();
        [self.centre[0] + self.scale * (cos * x - sin * y), self.centre[1] + self.scale * (sin * x + cos * y)]
    }
}
