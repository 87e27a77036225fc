//! Weight files as people bring them and as mien writes them.

use super::reference::{self, fixture};
use super::*;
use crate::model::{ModelError, Pooling, digest, load, save};
use burn::module::Module;
use std::fs;
use std::path::{Path, PathBuf};

fn load_cpu(path: &Path) -> Result<(Network, Architecture), ModelError> {
    load(path, None, &Device::flex())
}

fn refusal(path: &Path) -> String {
    load_cpu(path).unwrap_err().to_string()
}

#[test]
fn a_saved_network_is_read_back_with_its_architecture_and_every_number() {
    let folder = tempfile::tempdir().unwrap();
    let device = Device::flex().autodiff();
    for (i, architecture) in narrow_networks().iter().enumerate() {
        let network = network(architecture, &device);
        network.forward(pictures(2, &device)); // the statistics are no longer 0 and 1
        let path = folder.path().join(format!("{i}.safetensors"));
        save(&network, architecture, &path).unwrap();
        let (read, found) = load_cpu(&path).unwrap();
        assert_eq!(found, *architecture);
        let x = pictures(2, &Device::flex());
        assert_eq!(numbers(read.forward(x.clone())), numbers(network.valid().forward(x)), "{architecture:?}");
        let again = folder.path().join("again.safetensors");
        save(&read, &found, &again).unwrap();
        assert!(
            fs::read(&path).unwrap() == fs::read(&again).unwrap(),
            "the same weights give the same bytes"
        );
    }
}

#[test]
fn networks_that_compute_the_same_have_one_digest_and_others_have_another() {
    let device = Device::flex();
    let architecture =
        Architecture { arch: "plain".into(), depth: Some(2), width: Some(4), ..Architecture::default() };
    let of = |architecture: &Architecture, seed| Network::new(architecture, seed, &device).unwrap();
    let network = of(&architecture, 1);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.safetensors");
    save(&network, &architecture, &path).unwrap();
    assert_eq!(digest(&load_cpu(&path).unwrap().0), digest(&network));
    assert_ne!(digest(&of(&architecture, 2)), digest(&network));
    // No tensor knows of pooling.
    let average = Architecture { pooling: Some(Pooling::Avg), ..architecture };
    assert_ne!(digest(&of(&average, 1)), digest(&network));
}

#[test]
fn pytorchs_files_give_pytorchs_logits_whatever_their_format() {
    for (file, tolerance) in [
        ("plain.safetensors", 1e-4),
        ("plain.pth", 1e-4),
        ("plain-legacy.pth", 1e-4),
        ("plain-checkpoint.pth", 5e-3),
    ] {
        let (network, _) = load_cpu(&fixture(file)).unwrap();
        let logits = numbers(network.forward(reference::pictures(&Device::flex())));
        let difference = largest_difference(&logits, &reference::expected("plain").logits);
        assert!(difference < tolerance, "{file}: {difference}");
    }
}

#[test]
fn counts_of_batches_survive() {
    let (network, architecture) = load_cpu(&fixture("vgg-trained.safetensors")).unwrap();
    // One pass before, three steps, two convs each.
    assert_eq!(network.norms.iter().map(|norm| norm.batches.get()).collect::<Vec<_>>(), [8, 8, 8]);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("out.safetensors");
    save(&network, &architecture, &path).unwrap();
    assert_eq!(load_cpu(&path).unwrap().0.norms[0].batches.get(), 8);
}

#[test]
fn without_metadata_the_architecture_follows_from_names_and_shapes() {
    let plain = |depth, width, fc_depth, batch_norm, se| Architecture {
        arch: "plain".into(),
        depth: Some(depth),
        width: Some(width),
        fc_depth: Some(fc_depth),
        batch_norm: Some(batch_norm),
        se: Some(se),
        ..Default::default()
    };
    let of = |arch: &str, width| Architecture { arch: arch.into(), width: Some(width), ..Default::default() };
    let folder = tempfile::tempdir().unwrap();
    for (made, expected) in [
        (plain(2, 4, 1, false, false), plain(2, 4, 1, false, false)),
        (plain(3, 16, 2, true, true), plain(3, 16, 2, true, true)),
        (
            Architecture { depth: Some(2), fc_depth: Some(1), ..of("gimefive-res", 2) },
            Architecture { depth: Some(2), fc_depth: Some(1), ..of("gimefive-res", 2) },
        ),
        (of("vgg", 1), of("vgg", 1)),
        (of("resnet34", 1), of("resnet34", 1)),
        (of("facenet10", 2), of("facenet10", 2)),
        (
            Architecture { arch: "baseline".into(), ..Default::default() },
            Architecture { arch: "baseline".into(), ..Default::default() },
        ),
    ] {
        let path = folder.path().join("w.safetensors");
        save(&network(&made, &Device::flex()), &made, &path).unwrap();
        rewrite_header(&path, |header| drop(header.remove("__metadata__")));
        assert_eq!(load_cpu(&path).unwrap().1, expected);
    }
}

#[test]
fn a_given_architecture_overrides_the_files() {
    let given = Architecture { pooling: Some(Pooling::Avg), ..reference::architecture("plain") };
    let (network, architecture) = load(&fixture("plain.safetensors"), Some(&given), &Device::flex()).unwrap();
    assert_eq!(architecture, given);
    let logits = numbers(network.forward(reference::pictures(&Device::flex())));
    assert!(largest_difference(&logits, &reference::expected("plain").logits) > 1e-3);
}

#[test]
fn half_and_double_precision_become_f32() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("w.safetensors");
    let x = reference::pictures(&Device::flex());
    let expected = reference::expected("residual").logits;
    type Encode = fn(f32) -> Vec<u8>;
    let encodings: [(&str, Encode, f32); 3] = [
        ("F64", |v| f64::from(v).to_le_bytes().to_vec(), 1e-4),
        ("F16", |v| half::f16::from_f32(v).to_le_bytes().to_vec(), 1e-2),
        ("BF16", |v| half::bf16::from_f32(v).to_le_bytes().to_vec(), 1e-1),
    ];
    for (dtype, encode, tolerance) in encodings {
        recode(&fixture("residual.safetensors"), &path, dtype, encode);
        let (network, _) = load_cpu(&path).unwrap();
        let difference = largest_difference(&numbers(network.forward(x.clone())), &expected);
        assert!(difference < tolerance, "{dtype}: {difference}");
    }
}

#[test]
fn a_file_that_wants_to_run_code_is_refused_by_name() {
    let message = refusal(&fixture("runs-code.pth"));
    assert!(message.contains("wants to run code: posix.system; nothing was run"), "{message}");
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("evil\u{7}.pt");
    fs::write(&path, b"\x80\x02cos\x1b\nsystem\nU\x02ls\x85R.").unwrap();
    let message = refusal(&path);
    assert!(message.contains("system; nothing was run") && !message.contains('\u{1b}'), "{message}");
}

#[test]
fn missing_unknown_and_misshapen_tensors_are_named_and_counted() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("w.safetensors");
    fs::copy(fixture("resnet.safetensors"), &path).unwrap();
    rewrite_header(&path, |header| {
        let tensor = header.remove("layer2.0.conv1.weight").unwrap();
        header.insert("layer2.0.convolution".into(), tensor);
        header["fc.weight"]["shape"] = serde_json::json!([16, 6]);
    });
    let message = refusal(&path);
    // The renamed block is not counted as one: nothing says which network it is.
    assert!(message.contains("name it with --arch"), "{message}");
    let given = Architecture { arch: "resnet18".into(), width: Some(2), ..Default::default() };
    let message = load(&path, Some(&given), &Device::flex()).unwrap_err().to_string();
    for part in [
        "do not fit 'resnet18'",
        "1 tensors are missing (layer2.0.conv1.weight)",
        "1 are not known (layer2.0.convolution)",
        "1 have another shape (fc.weight is [16, 6], not [6, 16])",
    ] {
        assert!(message.contains(part), "{part}: {message}");
    }
}

#[test]
fn another_programs_classes_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("w.safetensors");
    fs::copy(fixture("plain.safetensors"), &path).unwrap();
    rewrite_header(&path, |header| {
        header.insert("__metadata__".into(), serde_json::json!({ "classes": "[\"fear\",\"anger\"]" }));
    });
    assert!(refusal(&path).contains("its classes are [\"fear\",\"anger\"], mien's are happiness"));
}

#[test]
fn an_architecture_in_the_metadata_that_is_not_ours_names_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("w.safetensors");
    for (architecture, part) in [
        (r#"{"arch":"gimefive-9"}"#, "did you mean 'gimefive"),
        (r#"{"arch":"plain","heads":8}"#, "its metadata is not understood: unknown field `heads`"),
        (r#"{"arch":"plain","width":100000}"#, "width = 100000 is not possible"),
    ] {
        fs::copy(fixture("plain.safetensors"), &path).unwrap();
        rewrite_header(&path, |header| {
            header.insert("__metadata__".into(), serde_json::json!({ "architecture": architecture }));
        });
        let message = refusal(&path);
        assert!(message.contains("w.safetensors") && message.contains(part), "{message}");
        assert!(message.contains("--arch"), "{message}");
    }
}

#[test]
fn a_file_cut_anywhere_is_one_sentence_and_no_panic() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["plain.safetensors", "plain.pth", "plain-legacy.pth"] {
        let whole = fs::read(fixture(name)).unwrap();
        let path = folder.path().join(name);
        let cuts = (0..64).chain((64..whole.len()).step_by(997)).chain([whole.len() - 1]);
        for cut in cuts {
            fs::write(&path, &whole[..cut]).unwrap();
            let message = refusal(&path);
            assert!(message.contains(name) && !message.contains('\n'), "{name} cut at {cut}: {message}");
        }
    }
}

#[test]
fn bytes_turned_over_are_refused_or_read_but_never_a_panic() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["vgg.safetensors", "plain.pth", "plain-legacy.pth"] {
        let whole = fs::read(fixture(name)).unwrap();
        let path = folder.path().join(name);
        for position in (0..whole.len().min(9000)).step_by(61) {
            let mut bytes = whole.clone();
            bytes[position] ^= 0x55;
            fs::write(&path, bytes).unwrap();
            let _ = load_cpu(&path);
        }
    }
}

#[test]
fn files_of_another_kind_are_refused_in_a_sentence() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, bytes: &[u8]| -> PathBuf {
        let path = folder.path().join(name);
        fs::write(&path, bytes).unwrap();
        path
    };
    assert!(refusal(&write("empty.pth", b"")).contains("it is empty"));
    assert!(
        refusal(&write("picture.pth", b"\xff\xd8\xff\xe0 JFIF"))
            .contains("neither safetensors nor a PyTorch file")
    );
    assert!(
        refusal(&write("zip.pth", b"PK\x05\x06\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"))
            .contains("without PyTorch's data.pkl")
    );
    assert!(refusal(&write("text.safetensors", b"hello there, this is text")).contains("neither"));
    assert!(refusal(&write("lone.pt", b"\x80\x02}.")).contains("it holds no tensors"));
    assert!(refusal(folder.path()).contains("it is a folder"));
    assert!(refusal(&folder.path().join("nowhere.pth")).contains("cannot read the weights"));
}

#[test]
fn writing_where_there_is_no_folder_is_refused_and_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let architecture = &narrow_networks()[0];
    let network = network(architecture, &Device::flex());
    let message =
        save(&network, architecture, &folder.path().join("none/w.safetensors")).unwrap_err().to_string();
    assert!(message.contains("cannot write the weights"), "{message}");
    save(&network, architecture, &folder.path().join("w.safetensors")).unwrap();
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "no temporary file stays");
}

#[test]
fn exports_the_networks_for_pytorch_to_read() {
    let folder = tempfile::tempdir().unwrap();
    // For `make.py check`, which loads them strictly and compares every tensor.
    let out = std::env::var_os("MIEN_EXPORT_TO").map_or(folder.path().to_owned(), PathBuf::from);
    for name in reference::NETWORKS {
        let (network, architecture) = load_cpu(&fixture(&format!("{name}.safetensors"))).unwrap();
        let path = out.join(format!("{name}.safetensors"));
        save(&network, &architecture, &path).unwrap();
        let (original, written) =
            (fs::read(fixture(&format!("{name}.safetensors"))).unwrap(), fs::read(&path).unwrap());
        let (original, written) = (
            safetensors::SafeTensors::deserialize(&original).unwrap(),
            safetensors::SafeTensors::deserialize(&written).unwrap(),
        );
        assert_eq!(original.len(), written.len(), "{name}");
        for (key, tensor) in original.tensors() {
            let again = written.tensor(&key).unwrap();
            assert_eq!(
                (tensor.shape(), tensor.dtype(), tensor.data()),
                (again.shape(), again.dtype(), again.data()),
                "{key}"
            );
        }
    }
}

/// Changes the JSON header of a safetensors file in place; the tensors' bytes stay.
fn rewrite_header(path: &Path, change: impl FnOnce(&mut serde_json::Map<String, serde_json::Value>)) {
    let bytes = fs::read(path).unwrap();
    let length = u64::from_le_bytes(bytes[..8].try_into().unwrap()) as usize;
    let mut header = serde_json::from_slice(&bytes[8..8 + length]).unwrap();
    change(&mut header);
    write_safetensors(path, &header, &bytes[8 + length..]);
}

fn write_safetensors(path: &Path, header: &serde_json::Map<String, serde_json::Value>, data: &[u8]) {
    let header = serde_json::to_vec(header).unwrap();
    let length = (header.len() as u64).to_le_bytes();
    fs::write(path, [&length[..], &header, data].concat()).unwrap();
}

/// A copy whose floats are of another type.
fn recode(from: &Path, to: &Path, dtype: &str, encode: fn(f32) -> Vec<u8>) {
    let bytes = fs::read(from).unwrap();
    let file = safetensors::SafeTensors::deserialize(&bytes).unwrap();
    let (mut header, mut data) = (serde_json::Map::new(), Vec::new());
    for (key, tensor) in file.tensors() {
        let begin = data.len();
        let is_float = tensor.dtype() == safetensors::Dtype::F32;
        match is_float {
            true => data.extend(
                tensor.data().chunks(4).flat_map(|b| encode(f32::from_le_bytes(b.try_into().unwrap()))),
            ),
            false => data.extend(tensor.data()),
        }
        let dtype = if is_float { dtype } else { "I64" };
        let info = serde_json::json!({ "dtype": dtype, "shape": tensor.shape(), "data_offsets": [begin, data.len()] });
        header.insert(key, info);
    }
    write_safetensors(to, &header, &data);
}
