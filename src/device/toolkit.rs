//! Where CUDA's kernel compiler (NVRTC) and headers are, and what to set so that they are found.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// What the kernels include.
const HEADERS: [&str; 4] = ["mma.h", "cuda_fp16.h", "cuda_bf16.h", "cooperative_groups.h"];

/// The names under which the CUDA bindings look for NVRTC, newest first.
pub(super) const NVRTC_NAMES: [&str; 4] =
    ["libnvrtc.so", "libnvrtc.so.13", "libnvrtc.so.12", "libnvrtc.so.11"];

/// Wheels that hold all of it, for those without a toolkit or the rights to install one.
const INSTALL: &str = "install the CUDA toolkit 13, or pip install nvidia-cuda-nvrtc nvidia-cuda-runtime \
                       nvidia-cuda-crt nvidia-cuda-cccl and run mien devices again, which then says what to set";

/// What is not there, and what to set where it was found elsewhere.
struct Missing {
    what: String,
    cure: Option<String>,
}

/// The folders and variables that are looked at; all of them under `root`, which is `/` but in tests.
pub(super) struct Machine {
    pub root: PathBuf,
    pub variables: BTreeMap<String, OsString>,
}

impl Machine {
    #[cfg(feature = "cuda")]
    pub fn this() -> Self {
        let names = ["CUDA_PATH", "CUDA_HOME", "CUDA_ROOT", "VIRTUAL_ENV", "CONDA_PREFIX", "HOME", "PATH"];
        let variables =
            names.into_iter().filter_map(|name| Some((name.into(), std::env::var_os(name)?))).collect();
        Self { root: "/".into(), variables }
    }

    fn variable(&self, name: &str) -> Option<PathBuf> {
        self.variables.get(name).filter(|value| !value.is_empty()).map(PathBuf::from)
    }

    fn at(&self, path: &str) -> PathBuf {
        self.root.join(path)
    }

    /// The folder under which kernels' headers are looked for: CubeCL's order.
    fn toolkit(&self) -> Option<PathBuf> {
        // Set but empty counts as set there.
        if let Some(path) = self.variables.get("CUDA_PATH") {
            return Some(path.into());
        }
        [self.at("usr/local/cuda"), self.at("opt/cuda")]
            .into_iter()
            .find(|path| path.exists())
            .or_else(|| self.at("usr/bin/nvcc").exists().then(|| self.at("usr")))
    }

    /// What is missing of compiler and headers, a clause each with its cure; one clause where the cure of both
    /// is to install them. `loader` is what it said where NVRTC cannot be loaded.
    pub fn missing(&self, loader: Option<&str>) -> Vec<String> {
        let nvrtc = loader.map(|loader| self.nvrtc(loader));
        let mut sentences = Vec::new();
        let mut to_install = Vec::new();
        for Missing { what, cure } in nvrtc.into_iter().chain(self.headers()) {
            match cure {
                Some(cure) => sentences.push(format!("{what}, {cure}")),
                None => to_install.push(what),
            }
        }
        if !to_install.is_empty() {
            sentences.push(format!("{}: {INSTALL}", to_install.join(", and ")));
        }
        sentences
    }

    fn headers(&self) -> Option<Missing> {
        let what = match self.toolkit() {
            None => {
                "CUDA's headers are not found, CUDA_PATH is not set and /usr/local/cuda is not there".into()
            }
            Some(toolkit) => {
                let include = toolkit.join("include");
                let missing = absent(&include);
                if missing.is_empty() {
                    return None;
                }
                format!("of CUDA's headers, {} not in {}", and_are(&missing), shown(&include))
            }
        };
        let elsewhere = self.candidates().into_iter().find(|path| absent(&path.join("include")).is_empty());
        let cure = elsewhere.map(|path| format!("but they are in {0}: export CUDA_PATH={0}", shown(&path)));
        Some(Missing { what, cure })
    }

    fn nvrtc(&self, loader: &str) -> Missing {
        let what = format!("CUDA's kernel compiler libnvrtc cannot be loaded ({loader})");
        let cure = self.nvrtc_folder().map(|folder| {
            format!("but it is in {0}: export LD_LIBRARY_PATH={0}:$LD_LIBRARY_PATH", shown(&folder))
        });
        Missing { what, cure }
    }

    fn nvrtc_folder(&self) -> Option<PathBuf> {
        let under =
            ["lib64", "lib", "targets/x86_64-linux/lib", "targets/sbsa-linux/lib", "lib/x86_64-linux-gnu"];
        let folders = self.variable("CUDA_PATH").into_iter().chain(self.candidates());
        folders
            .flat_map(|folder| under.map(|lib| folder.join(lib)))
            .find(|lib| NVRTC_NAMES.iter().any(|name| lib.join(name).exists()))
    }

    /// Toolkits in their usual places, then pip's.
    fn candidates(&self) -> Vec<PathBuf> {
        let named = ["CUDA_HOME", "CUDA_ROOT"].into_iter().filter_map(|name| self.variable(name));
        let conda = self.variable("CONDA_PREFIX").into_iter().flat_map(|prefix| {
            ["targets/x86_64-linux", "targets/sbsa-linux"].map(|target| prefix.join(target))
        });
        let mut found: Vec<PathBuf> = named.collect();
        found.extend([self.at("usr/local/cuda"), self.at("opt/cuda")]);
        found.extend(children(&self.at("usr/local"), |name| name.starts_with("cuda-")));
        found.extend(conda);
        // All of CUDA 13 is in one folder of pip's, cu13; CUDA 12 has one for each part.
        for packages in self.python_packages() {
            found.extend(children(&packages.join("nvidia"), |name| name.starts_with("cu")));
        }
        found
    }

    /// `site-packages` of the active environments, the user and the system.
    fn python_packages(&self) -> Vec<PathBuf> {
        let environments = ["VIRTUAL_ENV", "CONDA_PREFIX"].into_iter().filter_map(|name| self.variable(name));
        let mut prefixes: Vec<PathBuf> = environments.collect();
        let path = self.variables.get("PATH").map(std::env::split_paths);
        prefixes.extend(
            path.into_iter()
                .flatten()
                .filter(|folder| folder.join("python3").exists())
                .filter_map(|folder| Some(folder.parent()?.to_path_buf())),
        );
        prefixes.extend(self.variable("HOME").map(|home| home.join(".local")));
        prefixes.extend([self.at("usr/local"), self.at("usr")]);
        prefixes
            .iter()
            .flat_map(|prefix| ["lib", "lib64"].map(|lib| prefix.join(lib)))
            .flat_map(|lib| children(&lib, |name| name.starts_with("python3")))
            .flat_map(|python| ["site-packages", "dist-packages"].map(|packages| python.join(packages)))
            .filter(|packages| packages.is_dir())
            .collect()
    }
}

fn shown(path: &Path) -> String {
    super::report::one_line(&path.to_string_lossy())
}

/// The headers that a folder lacks.
fn absent(include: &Path) -> Vec<&'static str> {
    HEADERS.into_iter().filter(|header| !include.join(header).is_file()).collect()
}

fn and_are(names: &[&str]) -> String {
    match names {
        [one] => format!("{one} is"),
        _ => format!("{} are", names.join(", ")),
    }
}

/// Subfolders by name, last first, so that the newest version comes before the older ones.
fn children(folder: &Path, wanted: impl Fn(&str) -> bool) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = std::fs::read_dir(folder)
        .into_iter()
        .flatten()
        .filter_map(|entry| {
            let entry = entry.ok()?;
            wanted(entry.file_name().to_str()?).then(|| entry.path())
        })
        .collect();
    found.sort();
    found.reverse();
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn machine(root: &Path, variables: &[(&str, &Path)]) -> Machine {
        let variables = variables.iter().map(|(name, value)| (name.to_string(), value.into())).collect();
        Machine { root: root.into(), variables }
    }

    fn put(folder: &Path, files: &[&str]) {
        std::fs::create_dir_all(folder).unwrap();
        for file in files {
            std::fs::write(folder.join(file), "").unwrap();
        }
    }

    #[test]
    fn a_whole_toolkit_in_the_usual_place_misses_nothing() {
        let root = tempfile::tempdir().unwrap();
        put(&root.path().join("usr/local/cuda/include"), &HEADERS);
        assert!(machine(root.path(), &[]).missing(None).is_empty());
    }

    #[test]
    fn headers_that_are_missing_are_named_with_their_folder() {
        let root = tempfile::tempdir().unwrap();
        let toolkit = root.path().join("toolkit");
        put(&toolkit.join("include"), &HEADERS[1..]);
        let sentences = machine(root.path(), &[("CUDA_PATH", &toolkit)]).missing(None);
        assert_eq!(sentences.len(), 1);
        assert!(sentences[0].contains("mma.h is not in"), "{sentences:?}");
        assert!(sentences[0].contains("toolkit/include: install the CUDA toolkit"), "{sentences:?}");
    }

    #[test]
    fn pips_folder_is_found_in_the_active_environment_and_named_in_both_cures() {
        let root = tempfile::tempdir().unwrap();
        let environment = root.path().join("venv");
        let cu13 = environment.join("lib/python3.12/site-packages/nvidia/cu13");
        put(&cu13.join("include"), &HEADERS);
        put(&cu13.join("lib"), &["libnvrtc.so.13"]);
        let sentences = machine(root.path(), &[("VIRTUAL_ENV", &environment)]).missing(Some("not found"));
        let [nvrtc, headers] = sentences.as_slice() else { panic!("{sentences:?}") };
        assert!(nvrtc.contains(&format!("export LD_LIBRARY_PATH={}/lib:", cu13.display())), "{nvrtc}");
        assert!(headers.ends_with(&format!("export CUDA_PATH={}", cu13.display())), "{headers}");
    }

    #[test]
    fn the_python_on_the_path_is_looked_at_too() {
        let root = tempfile::tempdir().unwrap();
        let bin = root.path().join("py/bin");
        put(&bin, &["python3"]);
        let cu13 = root.path().join("py/lib/python3.11/site-packages/nvidia/cu13");
        put(&cu13.join("lib"), &["libnvrtc.so.13"]);
        let sentences = machine(root.path(), &[("PATH", &bin)]).missing(Some("not found"));
        assert!(sentences[0].contains("nvidia/cu13/lib"), "{sentences:?}");
    }

    #[test]
    fn an_older_toolkit_beside_the_newest_is_not_the_one_named() {
        let root = tempfile::tempdir().unwrap();
        for version in ["cuda-12.4", "cuda-13.0"] {
            put(&root.path().join("usr/local").join(version).join("lib64"), &["libnvrtc.so"]);
        }
        assert!(machine(root.path(), &[]).missing(Some("x"))[0].contains("cuda-13.0/lib64"));
    }

    #[test]
    fn a_bare_machine_is_told_once_what_to_install() {
        let root = tempfile::tempdir().unwrap();
        let sentences = machine(root.path(), &[]).missing(Some("no such file"));
        assert_eq!(sentences.len(), 1, "{sentences:?}");
        assert!(
            sentences[0].contains("libnvrtc cannot be loaded (no such file), and CUDA's headers"),
            "{sentences:?}"
        );
        assert_eq!(sentences[0].matches("pip install").count(), 1, "{sentences:?}");
    }
}
