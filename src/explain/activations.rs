//! What a layer itself gave, channel by channel.

use super::evidence::numbers;
use super::request::{Picture, Request};
use super::{ColourMap, ExplainError, Explainer, HeatMap, side_by_side};
use crate::data::Photo;

/// Between the small pictures of a grid.
const GAP: [u8; 3] = [64; 3];

/// The channels of one layer for one picture.
#[derive(Clone, Debug, PartialEq)]
pub struct Activations {
    pub layer: String,
    /// Raw values, of one size.
    pub channels: Vec<HeatMap>,
}

impl Explainer {
    /// What a layer gives for a picture of 64 x 64 grey levels; the last ReLU with height and width where none is named.
    ///
    /// # Errors
    /// A layer that is not there or has no height and width, and a device that fails.
    pub fn activations(&self, pixels: &[u8], layer: Option<&str>) -> Result<Activations, ExplainError> {
        let request = Request { layer: layer.map(Into::into), ..Request::default() };
        let layer = self.layer_of(&request)?.unwrap_or_default();
        let picture = self.input(&[Picture { pixels, truth: None }]);
        let activations = self.network().cut(picture, &layer)?.activations; // [1, channels, h, w]
        let [_, _, height, width] = activations.dims();
        let values = numbers(activations)?;
        let channels = values.chunks_exact((height * width).max(1));
        Ok(Activations { layer, channels: channels.map(|map| HeatMap::new(width, map.to_vec())).collect() })
    }
}

impl Activations {
    /// Channels by their mean, highest first; of equal ones the first.
    pub fn most_active(&self) -> Vec<usize> {
        let means: Vec<f32> = self.channels.iter().map(|map| map.values().iter().sum()).collect();
        let mut order: Vec<usize> = (0..means.len()).collect();
        order.sort_by(|a, b| means[*b].total_cmp(&means[*a]));
        order
    }

    /// These channels as small pictures `cell` pixels wide, `columns` side by side with a pixel between them. All are of
    /// one scale, from the layer's lowest value to its highest, so that they can be compared, in this grid and in others
    /// of the layer. Channels that are not there are left out; `None` where nothing is left.
    pub fn grid(&self, channels: &[usize], columns: usize, cell: usize, colours: ColourMap) -> Option<Photo> {
        let (low, high) = self.range()?;
        let scale = if high > low { (high - low).recip() } else { 0.0 };
        let colour = |value: &f32| colours.colour((value - low) * scale);
        let cell = cell.max(1);
        let picture = |map: &HeatMap| {
            let pixels: Vec<u8> = map.values().iter().flat_map(colour).collect();
            // By the mean of what each pixel covers: a map's own cells stay to be seen.
            let height = (map.height() * cell).div_ceil(map.width().max(1));
            Some(Photo::from_rgb(map.width(), &pixels)?.resized(cell, height))
        };
        let pictures: Vec<Photo> =
            channels.iter().filter_map(|channel| picture(self.channels.get(*channel)?)).collect();
        side_by_side(&pictures, columns, 1, GAP)
    }

    fn range(&self) -> Option<(f32, f32)> {
        let values = self.channels.iter().flat_map(|map| map.values().iter().copied());
        values.fold(None, |range, value| {
            let (low, high) = range.unwrap_or((value, value));
            Some((low.min(value), high.max(value)))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::PIXELS;
    use crate::model::{Architecture, Network};
    use burn::prelude::Device;

    fn made() -> Activations {
        let map = |values: [f32; 4]| HeatMap::new(2, values.to_vec());
        Activations {
            layer: "relu1".into(),
            channels: vec![
                map([0.0; 4]),
                map([1.0, 0.0, 0.0, 0.0]),
                map([0.5, 2.0, 1.0, 0.5]),
                map([0.0, 0.0, 1.0, 0.0]),
            ],
        }
    }

    #[test]
    fn the_most_active_channel_comes_first_and_equal_ones_in_order() {
        assert_eq!(made().most_active(), [2, 1, 3, 0]);
    }

    #[test]
    fn a_grid_has_one_scale_and_a_pixel_between_its_pictures() {
        let activations = made();
        let grid = activations.grid(&[2, 1, 3], 2, 4, ColourMap::Viridis).unwrap();
        assert_eq!((grid.width(), grid.height()), (9, 9));
        let of = |value| ColourMap::Viridis.colour(value);
        assert_eq!(grid.rgb(3, 0), of(1.0), "the layer's highest value");
        assert_eq!(grid.rgb(5, 0), of(0.5), "half of it, though its channel has nothing higher");
        assert_eq!((grid.rgb(4, 0), grid.rgb(0, 4), grid.rgb(8, 8)), (GAP, GAP, GAP));
        // Another choice of channels has the same scale.
        let alone = activations.grid(&[1], 5, 2, ColourMap::Viridis).unwrap();
        assert_eq!((alone.width(), alone.height(), alone.rgb(0, 0)), (2, 2, of(0.5)));
        assert!(activations.grid(&[7], 2, 4, ColourMap::Jet).is_none());
        assert!(activations.grid(&[0, 9], 0, 0, ColourMap::Jet).is_some());
    }

    #[test]
    fn a_layers_channels_are_what_the_network_computes_there() {
        let device = Device::flex();
        let architecture =
            Architecture { arch: "resnet18".into(), width: Some(4), ..Architecture::default() };
        let network = Network::new(&architecture, 3, &device).unwrap();
        let explainer = Explainer::new("resnet18", &network, &device);
        let pixels: Vec<u8> = (0..PIXELS).map(|i| (i * 7 % 251) as u8).collect();
        let found = explainer.activations(&pixels, Some("layer2.0.conv1")).unwrap();
        assert_eq!(
            (found.channels.len(), found.channels[0].width(), found.channels[0].height()),
            (8, 16, 16)
        );
        let default = explainer.activations(&pixels, None).unwrap();
        assert_eq!(default.layer, explainer.network().last_relu());
        assert!(default.channels.iter().flat_map(HeatMap::values).all(|value| *value >= 0.0));
        assert!(matches!(
            explainer.activations(&pixels, Some("layer9")),
            Err(ExplainError::UnknownLayer { .. })
        ));
        assert!(matches!(explainer.activations(&pixels, Some("fc")), Err(ExplainError::Flat { .. })));
    }
}
