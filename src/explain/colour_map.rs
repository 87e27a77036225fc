//! Numbers as colours.

/// How evidence becomes a colour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum ColourMap {
    /// Blue, cyan, yellow, red: the paper's. It is not uniform: it shows edges where the map has none.
    #[default]
    Jet,
    /// Perceptually uniform, also in grey and for colour-blind people (van der Walt and Smith, 2015).
    Viridis,
    /// Jet's colours, smooth in lightness (Mikhailov, 2019).
    Turbo,
}

impl ColourMap {
    pub const ALL: [Self; 3] = [Self::Jet, Self::Viridis, Self::Turbo];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Jet => "jet",
            Self::Viridis => "viridis",
            Self::Turbo => "turbo",
        }
    }

    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|map| map.name() == name)
    }

    pub fn next(self) -> Self {
        match self {
            Self::Jet => Self::Viridis,
            Self::Viridis => Self::Turbo,
            Self::Turbo => Self::Jet,
        }
    }

    /// Red, green and blue of a value from 0 to 1; values outside are those of the nearest end.
    pub fn colour(self, value: f32) -> [u8; 3] {
        let value = if value.is_nan() { 0.0 } else { value.clamp(0.0, 1.0) };
        match self {
            Self::Jet => jet(value),
            Self::Viridis => colorous::VIRIDIS.eval_continuous(value.into()).as_array(),
            Self::Turbo => colorous::TURBO.eval_continuous(value.into()).as_array(),
        }
    }

    /// Red, green and blue of a value from -1 (against: blue) over 0 (white) to 1 (for: red), whichever map this is.
    pub fn signed_colour(value: f32) -> [u8; 3] {
        let value = if value.is_nan() { 0.0 } else { value.clamp(-1.0, 1.0) };
        colorous::RED_BLUE.eval_continuous(f64::from(1.0 - value) / 2.0).as_array()
    }
}

/// The piecewise linear map of MATLAB and OpenCV.
fn jet(value: f32) -> [u8; 3] {
    let ramp = |centre: f32| (1.5 - (4.0 * value - centre).abs()).clamp(0.0, 1.0);
    [ramp(3.0), ramp(2.0), ramp(1.0)].map(|channel| (channel * 255.0).round() as u8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn jet_goes_from_dark_blue_over_green_to_dark_red() {
        let colours = [0.0, 0.25, 0.5, 0.75, 1.0].map(|value| ColourMap::Jet.colour(value));
        assert_eq!(colours, [[0, 0, 128], [0, 128, 255], [128, 255, 128], [255, 128, 0], [128, 0, 0]]);
    }

    #[test]
    fn viridis_grows_lighter_all_the_way() {
        let light = |value: usize| {
            let [r, g, b] = ColourMap::Viridis.colour(value as f32 / 100.0).map(f32::from);
            0.2126 * r + 0.7152 * g + 0.0722 * b
        };
        assert!((0..100).all(|value| light(value) <= light(value + 1)), "lightness falls");
    }

    #[test]
    fn evidence_for_is_red_and_against_blue() {
        let [for_red, _, for_blue] = ColourMap::signed_colour(1.0);
        let [against_red, _, against_blue] = ColourMap::signed_colour(-1.0);
        assert!(for_red > for_blue && against_blue > against_red);
        assert!(ColourMap::signed_colour(0.0).iter().all(|channel| *channel > 230));
    }

    #[test]
    fn what_is_no_number_or_out_of_range_has_a_colour() {
        for map in ColourMap::ALL {
            assert_eq!(map.colour(f32::NAN), map.colour(0.0));
            assert_eq!((map.colour(-3.0), map.colour(7.0)), (map.colour(0.0), map.colour(1.0)));
            assert_eq!(ColourMap::parse(map.name()), Some(map));
        }
    }
}
