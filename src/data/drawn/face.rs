//! Draws one face: head, features under the expression, what hides parts of it.

use super::canvas::{Canvas, Point, ellipse, stroke};
use super::expression::Expression;
use super::person::{Hairstyle, Person, Pose};
use super::photograph::{background, expose};
use crate::data::{Draws, SIDE};
use crate::emotion::Emotion;

/// A part of the face that shows emotions, with the box around it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Region {
    pub name: &'static str,
    /// Left, top, right, bottom in pixels; right and bottom are just outside.
    pub bounds: [u32; 4],
}

/// A drawn picture.
pub(super) struct Face {
    /// SIDE * SIDE grey levels, rows first.
    pub pixels: Vec<u8>,
    /// The parts that carry the expression of this picture.
    pub regions: Vec<Region>,
}

/// How strong the weakest expression is, of a full one.
const WEAKEST: f64 = 0.5;

/// Draws the face that belongs to the key; the same key draws the same bytes.
pub(super) fn draw(emotion: Emotion, key: &[u64]) -> Face {
    // Each part has draws of its own, so that another expression is one of the same person in the same light.
    let part = |part: u64| Draws::new(&[key, &[part]].concat());
    let mut sketch = Sketch {
        canvas: background(&mut part(0)),
        person: Person::draw(&mut part(1)),
        pose: Pose::draw(&mut part(2)),
        expression: Expression::draw(emotion, WEAKEST, &mut part(3)),
        regions: Vec::new(),
    };
    sketch.head();
    sketch.eyes();
    sketch.brows();
    sketch.nose();
    sketch.mouth();
    sketch.in_front();
    sketch.obstacle(&mut part(4));
    let carrying = carriers(emotion);
    let regions = sketch.regions.into_iter().filter(|region| carrying.contains(&region.name)).collect();
    Face { pixels: expose(sketch.canvas, &mut part(5)), regions }
}

/// The parts of the face that tell the emotion from the others.
fn carriers(emotion: Emotion) -> &'static [&'static str] {
    match emotion {
        Emotion::Happiness => &["eyes", "mouth"],
        Emotion::Surprise | Emotion::Sadness | Emotion::Anger | Emotion::Fear => &["brows", "eyes", "mouth"],
        Emotion::Disgust => &["brows", "nose", "mouth"],
    }
}

struct Sketch {
    canvas: Canvas,
    person: Person,
    pose: Pose,
    expression: Expression,
    regions: Vec<Region>,
}

impl Sketch {
    /// Points of the face, in half-heights of the head, as they lie in the picture.
    fn placed(&self, points: &[Point]) -> Vec<Point> {
        points.iter().map(|point| self.pose.place(&self.person, *point)).collect()
    }

    fn flat(&self, points: &[Point]) -> Vec<Point> {
        points.iter().map(|point| self.pose.flat(*point)).collect()
    }

    /// A line on the face whose widths are in half-heights too.
    fn line(&mut self, points: &[Point], widths: [f32; 2], level: f32) {
        let outline = stroke(&self.placed(points), widths.map(|width| width * self.pose.scale));
        self.canvas.fill(&outline, level);
    }

    /// A line that darkens the skin by a share of its level.
    fn wrinkle(&mut self, points: &[Point], depth: f32) {
        let depth = (depth * (0.45 + 0.3 * self.person.age)).clamp(0.0, 0.8);
        let outline = stroke(&self.placed(points), [0.035 * self.pose.scale, 0.02 * self.pose.scale]);
        self.canvas.paint(&outline, |_, level| level * (1.0 - depth));
    }

    fn region(&mut self, name: &'static str, points: &[Point]) {
        const MARGIN: f32 = 1.0;
        let placed = self.placed(points);
        let bound = |axis: usize, pick: fn(f32, f32) -> f32, margin: f32| {
            let edge = placed.iter().map(|p| p[axis]).reduce(pick).unwrap_or(0.0) + margin;
            edge.clamp(0.0, SIDE as f32)
        };
        let [left, top] = [0, 1].map(|axis| bound(axis, f32::min, -MARGIN).floor() as u32);
        let [right, bottom] = [0, 1].map(|axis| bound(axis, f32::max, MARGIN).ceil() as u32);
        if left < right && top < bottom {
            self.regions.push(Region { name, bounds: [left, top, right, bottom] });
        }
    }

    fn head(&mut self) {
        let Person { width, chin, skin, hair, hairstyle, beard, .. } = self.person;
        let pose = self.pose;
        // The neck, then long hair behind the head.
        self.canvas.fill(&self.flat(&[[-0.35, 0.6], [0.35, 0.6], [0.42, 2.5], [-0.42, 2.5]]), skin * 0.75);
        if hairstyle == Hairstyle::Long {
            let outline = curve(|t| {
                [(width + 0.22) * t.cos(), 1.15 * t.sin() + if t.sin() > 0.0 { 0.25 } else { -0.08 }]
            });
            self.canvas.fill(&self.flat(&outline), hair);
        }
        for side in [-1.0, 1.0] {
            self.canvas.fill(&self.flat(&ellipse([side * width, -0.05], [0.1, 0.17])), skin * 0.85);
        }
        let outline = curve(|t| {
            let narrow = 1.0 - chin * 0.55 * t.sin().max(0.0).powi(2);
            [width * t.cos() * narrow, t.sin()]
        });
        let turned = pose.yaw.sin();
        self.canvas.paint(&self.flat(&outline), |[x, _], _| {
            // The side that turns away is darker.
            let across = (x - pose.centre[0]) / (pose.scale * width);
            skin * (1.0 - 0.12 * across.powi(2) + 0.15 * across * turned)
        });
        if beard > 0.0 {
            let outline = curve(|t| {
                let narrow = 1.0 - chin * 0.55 * t.sin().max(0.0).powi(2);
                [width * t.cos() * narrow, if t.sin() > 0.0 { t.sin() } else { 0.3 }]
            });
            self.canvas.paint(&self.flat(&outline), |_, level| level * (1.0 - beard));
        }
    }

    fn eyes(&mut self) {
        let (person, expression) = (self.person.clone(), self.expression);
        let half = 0.17 * (0.7 + 0.3 * person.eye_size);
        let upper = 0.085 * person.eye_size * (1.0 + expression.upper_lids);
        let lower = 0.05
            * person.eye_size
            * (1.0 - 0.8 * expression.lower_lids + 0.25 * expression.upper_lids.max(0.0));
        let mut around = Vec::new();
        for side in [-1.0, 1.0] {
            let centre = [side * person.eyes_apart, -0.14];
            // u is -1 at the inner corner and 1 at the outer.
            let at = |u: f32, height: f32| {
                let drop = expression.lids_slant * u.max(-0.3);
                [centre[0] + side * half * u, centre[1] - height * (1.0 - u * u) + drop]
            };
            let lid: Vec<Point> = steps(-1.0, 1.0).map(|u| at(u, upper)).collect();
            let below: Vec<Point> = steps(1.0, -1.0).map(|u| at(u, -lower)).collect();
            let opening = self.placed(&[lid.clone(), below.clone()].concat());
            let white = (person.skin * 0.5 + 0.55).min(0.97);
            self.canvas.fill(&opening, white);
            let iris = [centre[0] + person.gaze[0], centre[1] + person.gaze[1]];
            let iris = self.placed(&ellipse(iris, [0.075 * person.eye_size, 0.08 * person.eye_size]));
            self.canvas.fill_within(&opening, &iris, 0.08);
            self.line(&lid, [0.035, 0.035], person.skin * 0.22);
            self.line(&below, [0.015, 0.015], person.skin * 0.55);
            around.extend([lid, below].concat());
            if expression.cheeks > 0.1 {
                let cheek: Vec<Point> = steps(-0.9, 1.0)
                    .map(|u| [centre[0] + side * 0.24 * u, 0.1 - 0.06 * expression.cheeks + 0.06 * u * u])
                    .collect();
                self.wrinkle(&cheek, 0.8 * expression.cheeks);
                for ray in [-0.05, 0.02] {
                    let from = [centre[0] + side * (half + 0.03), centre[1] + ray * 0.6];
                    self.wrinkle(
                        &[from, [from[0] + side * 0.1, from[1] + ray * 1.5]],
                        0.6 * expression.cheeks,
                    );
                }
            }
        }
        self.region("eyes", &around);
    }

    fn brows(&mut self) {
        let (person, expression) = (self.person.clone(), self.expression);
        let mut around = Vec::new();
        for side in [-1.0, 1.0] {
            // u is 0 at the inner end and 1 at the outer.
            let brow: Vec<Point> = steps(0.0, 1.0)
                .map(|u| {
                    let x = person.eyes_apart - 0.21 - 0.06 * expression.frown
                        + (0.4 + 0.04 * expression.frown) * u;
                    let raised =
                        expression.inner_brows * (1.0 - u) + (expression.outer_brows + person.brow_slant) * u;
                    // Raised as a whole they arch; drawn together they are straight.
                    let arch = 0.05 * (1.0 - expression.frown) * 4.0 * u * (1.0 - u);
                    [side * x, person.brow_height - raised - arch]
                })
                .collect();
            self.line(&brow, [person.brow_width * 1.2, person.brow_width * 0.6], person.brows);
            around.extend(brow);
            if expression.frown > 0.3 {
                let x = side * 0.055;
                self.wrinkle(
                    &[[x, person.brow_height - 0.06], [x * 0.8, person.brow_height + 0.12]],
                    expression.frown,
                );
            }
        }
        let raised = expression.inner_brows.max(0.0);
        if raised > 0.05 {
            for row in [0.2, 0.29] {
                let half = if expression.outer_brows > 0.1 { 0.42 } else { 0.22 };
                let y = person.brow_height - raised - row * 0.6;
                let forehead: Vec<Point> =
                    steps(-1.0, 1.0).map(|u| [half * u, y - 0.03 * (1.0 - u * u)]).collect();
                self.wrinkle(&forehead, 0.7 * person.age);
            }
        }
        self.region("brows", &around);
    }

    fn nose(&mut self) {
        let (person, nose) = (self.person.clone(), self.expression.nose);
        let tip = person.nose_length - 0.07 * nose;
        let wide = person.nose_width * (1.0 + 0.35 * nose);
        let side = if self.pose.yaw > 0.0 { -1.0 } else { 1.0 };
        self.wrinkle(&[[side * 0.05, -0.12], [side * 0.06, 0.05], [side * wide, tip]], 0.45);
        for side in [-1.0, 1.0] {
            let nostril = self.placed(&ellipse([side * wide * 0.75, tip + 0.02], [0.035, 0.022]));
            self.canvas.fill(&nostril, person.skin * 0.25);
            if nose > 0.1 {
                for row in [-0.16, -0.08, 0.0] {
                    self.wrinkle(&[[side * 0.02, row], [side * 0.13, row - 0.06]], 1.1 * nose);
                }
            }
            // The fold from the nose to the mouth deepens with a raised lip or cheek.
            let fold = nose.max(0.7 * self.expression.cheeks);
            if fold > 0.1 {
                let out = person.mouth_width + 0.12;
                self.wrinkle(
                    &[[side * (wide + 0.05), tip - 0.06], [side * out * 0.85, 0.32], [side * out, 0.47]],
                    fold,
                );
            }
        }
        self.region(
            "nose",
            &[
                [-wide - 0.05, -0.24],
                [wide + 0.05, -0.24],
                [-wide - 0.05, tip + 0.05],
                [wide + 0.05, tip + 0.05],
            ],
        );
    }

    fn mouth(&mut self) {
        let (person, expression) = (self.person.clone(), self.expression);
        let half = person.mouth_width * (1.0 + expression.width);
        let corners = expression.corners + person.mouth_curve;
        let power = 2.0 + 4.0 * expression.square;
        // u is -1 at the left corner and 1 at the right.
        let middle =
            |u: f32| person.mouth_height + corners * (0.4 - u.abs().powf(1.7)) - expression.slant * u;
        let gap = |u: f32| (1.0 - u.abs().powf(power)).max(0.0).powf(1.0 / power);
        let raised = |u: f32| {
            // A raised lip is highest on the side of the higher corner.
            let peak =
                (u - expression.slant.signum() * 0.35 * f32::from(expression.slant != 0.0)).clamp(-1.0, 1.0);
            expression.upper_lip * (1.0 - peak * peak)
        };
        let top = |u: f32| middle(u) - 0.35 * expression.open * gap(u) - raised(u);
        let bottom = |u: f32| middle(u) + 0.65 * expression.open * gap(u) - 0.35 * raised(u);
        let lip =
            |u: f32| person.lip_width * (1.0 - 0.75 * expression.pressed) * (1.0 - u * u).max(0.0).sqrt();
        let edge = |from: f32, to: f32, y: &dyn Fn(f32) -> f32| -> Vec<Point> {
            steps(from, to).map(|u| [half * u, y(u)]).collect()
        };
        let outer =
            [edge(-1.0, 1.0, &|u| top(u) - lip(u)), edge(1.0, -1.0, &|u| bottom(u) + 1.2 * lip(u))].concat();
        let placed = self.placed(&outer);
        self.canvas.fill(&placed, person.lips.min(1.0));
        if expression.open + expression.upper_lip > 0.04 {
            let inner = self.placed(&[edge(-0.95, 0.95, &top), edge(0.95, -0.95, &bottom)].concat());
            self.canvas.fill(&inner, 0.06);
            if expression.teeth > 0.0 {
                let until = |u: f32| top(u) + expression.teeth * (bottom(u) - top(u));
                let teeth = self.placed(&[edge(-0.9, 0.9, &top), edge(0.9, -0.9, &until)].concat());
                self.canvas.fill_within(&inner, &teeth, 0.93);
            }
        } else {
            let line = edge(-1.0, 1.0, &middle);
            self.line(&line, [0.045, 0.045], person.skin * 0.18);
        }
        for side in [-1.0, 1.0] {
            // Corners are pits; lowered ones cast a fold.
            let at = [side * half, middle(side)];
            let fold = [at[0] + side * 0.04, at[1] + if corners < -0.05 { 0.1 } else { -0.02 }];
            self.wrinkle(&[at, fold], if corners < -0.05 { 0.8 } else { 0.5 });
        }
        self.region("mouth", &outer);
    }

    /// What grows or is worn over the face.
    fn in_front(&mut self) {
        let Person { width, hair, hairstyle, glasses, eyes_apart, skin, .. } = self.person;
        let hairline = match hairstyle {
            Hairstyle::Bald => None,
            Hairstyle::Short | Hairstyle::Long => Some(-0.66),
            Hairstyle::Fringe => Some(-0.56),
            Hairstyle::Cap => Some(-0.68),
        };
        if let Some(hairline) = hairline {
            let dome = (0..=24).map(|i| {
                let (sin, cos) = (std::f32::consts::PI * (1.0 + i as f32 / 24.0)).sin_cos();
                [(width + 0.06) * cos, 1.1 * sin]
            });
            let sides = if hairstyle == Hairstyle::Cap { -0.6 } else { -0.25 };
            let mut outline: Vec<Point> = dome.map(|[x, y]| [x, y.min(sides)]).collect();
            outline.extend(steps(1.0, -1.0).map(|u| {
                let parting = if hairstyle == Hairstyle::Short { 0.12 * (1.0 - u * u) } else { 0.02 };
                [(width - 0.04) * u, hairline - parting + 0.35 * u.powi(8)]
            }));
            self.canvas.fill(&self.flat(&outline), hair);
            if hairstyle == Hairstyle::Cap {
                // A crescent that is widest over the forehead.
                let edge = |u: f32, y: f32| [(width + 0.06) * u, y];
                let upper = steps(-1.0, 1.0).map(|u| edge(u, -0.66 - 0.06 * (1.0 - u * u)));
                let lower = steps(1.0, -1.0).map(|u| edge(u, -0.66 + 0.12 * (1.0 - u * u)));
                let brim = self.flat(&upper.chain(lower).collect::<Vec<_>>());
                self.canvas.fill(&brim, (hair + 0.5) % 1.0);
            }
        }
        if glasses {
            let frame = if skin > 0.5 { 0.1 } else { 0.85 };
            for side in [-1.0, 1.0] {
                let mut rim = ellipse([side * eyes_apart, -0.12], [0.25, 0.2]);
                rim.push(rim[0]);
                self.line(&rim, [0.03, 0.03], frame);
            }
            self.line(&[[-0.1, -0.14], [0.1, -0.14]], [0.03, 0.03], frame);
        }
    }

    /// Now and then something is in the way: a blob at the edge of the face, which leaves the middle of what carries
    /// the expression to be seen.
    fn obstacle(&mut self, draws: &mut Draws) {
        if !draws.chance(0.15) {
            return;
        }
        let (sin, cos) = draws.between(0.0, std::f64::consts::TAU).sin_cos();
        let distance = draws.between(0.85, 1.1) as f32;
        let centre = [distance * self.person.width * cos as f32, distance * sin as f32];
        let radii = [draws.between(0.15, 0.35) as f32, draws.between(0.15, 0.35) as f32];
        self.canvas.fill(&self.flat(&ellipse(centre, radii)), draws.uniform() as f32);
    }
}

/// Seventeen values from one to another.
fn steps(from: f32, to: f32) -> impl Iterator<Item = f32> + Clone {
    (0..=16).map(move |i| from + (to - from) * i as f32 / 16.0)
}

/// A closed outline, of an angle from 0 to a full turn.
fn curve(point: impl Fn(f32) -> Point) -> Vec<Point> {
    (0..48).map(|i| point(i as f32 / 48.0 * std::f32::consts::TAU)).collect()
}
