//! What is measured of a map, and which way is better.

use crate::explain::FacePart;

/// How much the network's score hangs on the places that a map names. Y is the class's probability.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Metric {
    /// The area under Y as the highest-ranked pixels are greyed (RISE, arXiv 1806.07421).
    Deletion,
    /// The area under Y as the highest-ranked pixels of a blurred picture become sharp (RISE).
    Insertion,
    /// max(0, Y - O) / Y, with O of the picture times the map (Grad-CAM++, arXiv 1710.11063, section 4.1).
    AverageDrop,
    /// Whether O > Y (Grad-CAM++).
    Increase,
    /// (LeRF - MoRF) / 2: Y without the lowest-ranked pixels less Y without the highest-ranked, filled in by noisy linear
    /// imputation, the mean over a tenth to nine tenths of the pixels (ROAD, arXiv 2202.00449).
    Road,
}

impl Metric {
    pub const ALL: [Self; 5] =
        [Self::Deletion, Self::Insertion, Self::AverageDrop, Self::Increase, Self::Road];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Deletion => "deletion",
            Self::Insertion => "insertion",
            Self::AverageDrop => "average_drop",
            Self::Increase => "increase",
            Self::Road => "road",
        }
    }

    pub const fn is_higher_better(self) -> bool {
        !matches!(self, Self::Deletion | Self::AverageDrop)
    }
}

/// Where a map's evidence may lie.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Area {
    Part(FacePart),
    Outside,
    /// The parts where the class shows.
    Own,
}

impl Area {
    pub const ALL: [Self; 6] = [
        Self::Part(FacePart::Brows),
        Self::Part(FacePart::Eyes),
        Self::Part(FacePart::Nose),
        Self::Part(FacePart::Mouth),
        Self::Outside,
        Self::Own,
    ];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Part(part) => part.name(),
            Self::Outside => "outside",
            Self::Own => "own",
        }
    }
}
