//! The five families, drawn as in the papers' figures.

use super::architecture::Pooling;
use super::plan::{Drawing, Plan};
use crate::emotion::CLASSES;

/// A plain network by its numbers; `conv_dropout` has one probability for each block.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Plain {
    pub depth: usize,
    pub width: usize,
    pub fc_depth: usize,
    pub batch_norm: bool,
    pub se: bool,
    pub pooling: Pooling,
    pub conv_dropout: Vec<f64>,
    pub fc_dropout: f64,
}

/// GiMeFive (arXiv 2402.15662): conv, BN, ReLU, pool, dropout, `depth` times; each block doubles the channels.
pub(super) fn plain(numbers: &Plain) -> Plan {
    let mut net = Drawing::new();
    let mut channels = numbers.width;
    for (block, dropout) in (1..=numbers.depth).zip(&numbers.conv_dropout) {
        net.convolution(&format!("conv{block}"), channels, 3, 1, true);
        if numbers.batch_norm {
            net.batch_norm(&format!("bn{block}"));
        }
        net.relu(&format!("relu{block}"));
        if numbers.se && block == 1 {
            net.squeeze_excite("se1");
        }
        net.pool(&format!("block{block}"), numbers.pooling);
        net.dropout(&format!("dropout{block}"), *dropout);
        channels *= 2;
    }
    net.global_average("features");
    head(&mut net, numbers.fc_depth, numbers.fc_dropout);
    net.finish()
}

/// On c channels: 1 is c-6, 2 is c-2c-6, 3 is c-2c-c-6; dropout after the first ReLU.
fn head(net: &mut Drawing, fc_depth: usize, dropout: f64) {
    let c = net.channels();
    let widths: &[usize] = match fc_depth {
        1 => &[CLASSES],
        2 => &[2 * c, CLASSES],
        _ => &[2 * c, c, CLASSES],
    };
    for (i, &outputs) in (1..).zip(widths) {
        let fc = format!("fc{i}");
        net.linear(&fc, &fc, outputs);
        if i < widths.len() {
            net.relu(&format!("{fc}_relu"));
        }
        if i == 1 && widths.len() > 1 {
            net.dropout(&format!("{fc}_dropout"), dropout);
        }
    }
}

/// GiMeFive with residual connections: a stem with squeeze-and-excitation, then blocks that halve the picture
/// and double the channels.
pub(super) fn residual(blocks: usize, width: usize, fc_depth: usize, fc_dropout: f64) -> Plan {
    let mut net = Drawing::new();
    net.convolution("conv1", width, 3, 1, true);
    net.batch_norm("bn1");
    net.relu("relu1");
    net.squeeze_excite("se1");
    for block in 1..=blocks {
        residual_block(&mut net, &format!("res_block{block}"), width << block, 2, true);
    }
    net.global_average("features");
    head(&mut net, fc_depth, fc_dropout);
    net.finish()
}

/// conv, BN, ReLU, conv, BN, plus the shortcut (1x1 conv and BN where the shape changes), then ReLU. The block's
/// name is the stage after that ReLU; `.sum` is the one before.
fn residual_block(net: &mut Drawing, name: &str, channels: usize, stride: usize, bias: bool) {
    let shape_changes = stride != 1 || net.channels() != channels;
    net.sum(
        &format!("{name}.sum"),
        |net| {
            net.convolution(&format!("{name}.conv1"), channels, 3, stride, bias);
            net.batch_norm(&format!("{name}.bn1"));
            net.relu(&format!("{name}.relu1"));
            net.convolution(&format!("{name}.conv2"), channels, 3, 1, bias);
            net.batch_norm(&format!("{name}.bn2"));
        },
        |net| {
            if shape_changes {
                net.convolution(&format!("{name}.shortcut.0"), channels, 1, stride, bias);
                net.batch_norm(&format!("{name}.shortcut.1"));
            }
        },
    );
    net.relu(name);
}

/// Three stages of two convs; both convs of a stage go through one and the same BatchNorm (keys `bn1`..`bn3`).
pub(super) fn vgg(width: usize, conv_dropout: f64, fc_dropout: f64) -> Plan {
    let mut net = Drawing::new();
    for stage in 1..=3 {
        let channels = width << (stage - 1);
        for conv in [2 * stage - 1, 2 * stage] {
            net.convolution(&format!("conv{conv}"), channels, 3, 1, true);
            net.batch_norm_of(&format!("bn{conv}"), &format!("bn{stage}"));
            net.relu(&format!("relu{conv}"));
            if conv % 2 == 1 {
                net.dropout(&format!("dropout{stage}"), conv_dropout);
            }
        }
        net.pool(&format!("block{stage}"), Pooling::Max);
    }
    net.flatten("features");
    for (i, key, outputs) in [(1, "classifier.0", 64 * width), (2, "classifier.3", 16 * width)] {
        net.linear(&format!("fc{i}"), key, outputs);
        net.relu(&format!("fc{i}_relu"));
        net.dropout(&format!("fc{i}_dropout"), fc_dropout);
    }
    net.linear("fc3", "classifier.6", CLASSES);
    net.finish()
}

/// ResNet (arXiv 1512.03385) with basic blocks, no max-pool after the stem; `blocks` per stage.
pub(super) fn resnet(blocks: [usize; 4], width: usize) -> Plan {
    let mut net = Drawing::new();
    net.convolution("conv1", width, 7, 2, false);
    net.batch_norm("bn1");
    net.relu("relu1");
    basic_stages(&mut net, blocks, [width, 2 * width, 4 * width, 8 * width]);
    net.finish()
}

/// A residual network on one grey channel with a 3x3 stem at full resolution. The last stage is 7.5 times as
/// wide as the first, which keeps the count below that of `gimefive`.
pub(super) fn facenet10(width: usize) -> Plan {
    let mut net = Drawing::new();
    net.grey("grey");
    net.convolution("conv1", width, 3, 1, false);
    net.batch_norm("bn1");
    net.relu("relu1");
    basic_stages(&mut net, [2, 2, 2, 2], [width, 2 * width, 4 * width, (15 * width / 2).max(1)]);
    net.finish()
}

/// Four stages of basic blocks (all but the first halve the picture), global average, one linear layer.
fn basic_stages(net: &mut Drawing, blocks: [usize; 4], channels: [usize; 4]) {
    for (stage, (blocks, channels)) in (1..).zip(blocks.into_iter().zip(channels)) {
        for block in 0..blocks {
            let stride = if stage > 1 && block == 0 { 2 } else { 1 };
            residual_block(net, &format!("layer{stage}.{block}"), channels, stride, false);
        }
    }
    net.global_average("features");
    net.linear("fc", "fc", CLASSES);
}
