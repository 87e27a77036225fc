//! What an emotion does to a face, after the Facial Action Coding System (Ekman and Friesen, 1978): the action
//! units (AU) of its prototype, as movements of brows, lids, nose and mouth.

use crate::data::Draws;
use crate::emotion::Emotion;

/// Movements away from a face at rest. Lengths are in half-heights of a head, up is positive.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Expression {
    /// AU 1 (up) and 4 (down) at the brows' inner ends.
    pub inner_brows: f32,
    /// AU 2 at the outer ends.
    pub outer_brows: f32,
    /// AU 4: brows drawn together, 0 to 1.
    pub frown: f32,
    /// AU 5 (above 0) and 43: the upper lids' opening is multiplied by 1 + this.
    pub upper_lids: f32,
    /// AU 6 and 7: lower lids raised, 0 to 1.
    pub lower_lids: f32,
    /// Outer corners of the eyes lowered.
    pub lids_slant: f32,
    /// AU 6: cheeks raised, 0 to 1.
    pub cheeks: f32,
    /// AU 9: nose wrinkled, 0 to 1.
    pub nose: f32,
    /// AU 12 (up) and 15 (down): the corners of the mouth.
    pub corners: f32,
    /// AU 20 (above 0), 18 and 23: the mouth's width is multiplied by 1 + this.
    pub width: f32,
    /// AU 25 to 27: height of the opening between the lips.
    pub open: f32,
    /// How square the opening is: 0 an oval, 1 a box.
    pub square: f32,
    /// AU 10: the upper lip raised in its middle.
    pub upper_lip: f32,
    /// One corner higher than the other.
    pub slant: f32,
    /// AU 24: lips pressed, 0 to 1.
    pub pressed: f32,
    /// How much of the opening shows teeth, 0 to 1.
    pub teeth: f32,
}

impl Expression {
    /// One of the ways in which the emotion shows, at a strength of `low`..1.
    pub fn draw(emotion: Emotion, low: f64, draws: &mut Draws) -> Self {
        let mut vary = |value: f32| value * draws.between(0.85, 1.15) as f32;
        let full = match emotion {
            Emotion::Happiness => Self {
                cheeks: 1.0,
                lower_lids: vary(0.7),
                upper_lids: vary(-0.35),
                corners: vary(0.22),
                width: vary(0.3),
                ..Self::default()
            },
            Emotion::Surprise => Self {
                inner_brows: vary(0.18),
                outer_brows: vary(0.17),
                upper_lids: vary(0.75),
                width: vary(-0.42),
                open: vary(0.38),
                ..Self::default()
            },
            Emotion::Sadness => Self {
                inner_brows: vary(0.16),
                outer_brows: vary(-0.12),
                frown: 0.5,
                upper_lids: vary(-0.4),
                lids_slant: vary(0.05),
                corners: vary(-0.2),
                width: vary(-0.15),
                ..Self::default()
            },
            Emotion::Anger => Self {
                inner_brows: vary(-0.17),
                outer_brows: vary(0.08),
                frown: 1.0,
                upper_lids: vary(-0.1),
                lower_lids: vary(0.4),
                ..Self::default()
            },
            Emotion::Disgust => Self {
                inner_brows: vary(-0.06),
                outer_brows: vary(-0.04),
                upper_lids: vary(-0.5),
                lower_lids: vary(0.6),
                nose: 1.0,
                upper_lip: vary(0.13),
                corners: vary(-0.1),
                ..Self::default()
            },
            Emotion::Fear => Self {
                inner_brows: vary(0.19),
                outer_brows: vary(0.05),
                frown: 1.0,
                upper_lids: vary(0.7),
                width: vary(0.28),
                open: vary(0.13),
                square: 0.6,
                corners: vary(-0.07),
                teeth: 0.45,
                ..Self::default()
            },
        };
        let strength = draws.between(low, 1.0) as f32;
        Self::variant(full, emotion, draws).at(strength)
    }

    /// The mouth's forms that a prototype leaves open.
    fn variant(mut self, emotion: Emotion, draws: &mut Draws) -> Self {
        let side = if draws.chance(0.5) { 1.0 } else { -1.0 };
        match emotion {
            Emotion::Happiness if draws.chance(0.6) => {
                self.open = draws.between(0.08, 0.2) as f32;
                self.teeth = draws.between(0.5, 1.0) as f32;
            }
            Emotion::Anger if draws.chance(0.5) => {
                self.open = draws.between(0.14, 0.2) as f32;
                self.square = 1.0;
                self.teeth = 1.0;
            }
            Emotion::Anger => {
                self.pressed = 1.0;
                self.width = -0.2;
                self.corners = -0.03;
            }
            Emotion::Disgust => {
                self.slant = side * draws.between(0.05, 0.11) as f32;
                if draws.chance(0.5) {
                    self.open = draws.between(0.05, 0.1) as f32;
                    self.teeth = 0.6;
                }
            }
            _ => {}
        }
        self
    }

    /// Every movement multiplied by the strength.
    fn at(self, strength: f32) -> Self {
        Self {
            inner_brows: self.inner_brows * strength,
            outer_brows: self.outer_brows * strength,
            frown: self.frown * strength,
            upper_lids: self.upper_lids * strength,
            lower_lids: self.lower_lids * strength,
            lids_slant: self.lids_slant * strength,
            cheeks: self.cheeks * strength,
            nose: self.nose * strength,
            corners: self.corners * strength,
            width: self.width * strength,
            open: self.open * strength,
            upper_lip: self.upper_lip * strength,
            slant: self.slant * strength,
            pressed: self.pressed * strength,
            // What the opening shows, and its form, do not depend on how far it is open.
            square: self.square,
            teeth: self.teeth,
        }
    }
}
