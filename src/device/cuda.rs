//! What is done with CUDA itself. Runs in the child of a probe only.

use super::probe::{Gpu, Probe, ProbeAnswer, STAGE};
use super::report::one_line;
use super::toolkit::{Machine, NVRTC_NAMES};
use burn::prelude::*;
use libloading::{Library, Symbol};
use nvml_wrapper::Nvml;
use std::ffi::{CStr, c_char, c_int, c_uint};
use std::sync::Mutex;

/// The driver's success code.
const SUCCESS: c_int = 0;
const NO_DEVICE: c_int = 100;

type Result<T> = std::result::Result<T, String>;

/// Driver, compiler, headers; then the first operation, if all of them are there.
pub(super) fn probe(what: Probe) -> ProbeAnswer {
    let mut answer = ProbeAnswer::default();
    begin("loading the NVIDIA driver");
    let driver = Driver::load();
    match driver.as_ref().map_err(Clone::clone).and_then(Driver::gpus) {
        Ok(gpus) => answer.gpus = gpus,
        Err(sentence) => answer.missing.push(sentence),
    }
    begin("loading libnvrtc");
    let nvrtc = nvrtc_version();
    answer.missing.extend(Machine::this().missing(nvrtc.as_ref().err().map(String::as_str)));
    begin("asking NVML");
    add_use(&mut answer.gpus);
    if let Probe::Use(index) = what
        && answer.missing.is_empty()
    {
        begin("running a first operation on the GPU");
        if let Err(reason) = first_operation(index) {
            let versions = driver.ok().and_then(|driver| Some((driver.version()?, nvrtc.ok()?)));
            answer.missing.push(explain(&reason, versions));
        }
    }
    answer
}

/// Names the stage, so that a death in it can be told.
fn begin(stage: &str) {
    eprintln!("{STAGE} {stage}");
}

/// The driver's library. Function types are those of `cuda.h`.
struct Driver {
    library: Library,
}

impl Driver {
    fn load() -> Result<Self> {
        // SAFETY: the driver's initialisers are what every CUDA program runs.
        let library = unsafe { Library::new("libcuda.so").or_else(|_| Library::new("libcuda.so.1")) }
            .map_err(|error| {
                format!(
                    "the NVIDIA driver is not there ({}): install it, or start the container with the GPU \
                     (docker --gpus all, apptainer --nv)",
                    loader_said(&error)
                )
            })?;
        Ok(Self { library })
    }

    /// # Safety
    /// `T` must be the function's type.
    unsafe fn function<T>(&self, name: &str) -> Result<Symbol<'_, T>> {
        unsafe { self.library.get(name) }
            .map_err(|_| format!("the NVIDIA driver is too old, it has no {name}: install one for CUDA 13"))
    }

    /// The newest CUDA that this driver runs, as (major, minor).
    fn version(&self) -> Option<(i32, i32)> {
        let mut version = 0;
        // SAFETY: CUresult cuDriverGetVersion(int*).
        let code = unsafe {
            let get: Symbol<unsafe extern "C" fn(*mut c_int) -> c_int> =
                self.function("cuDriverGetVersion").ok()?;
            get(&mut version)
        };
        (code == SUCCESS).then_some((version / 1000, version % 1000 / 10))
    }

    /// The visible GPUs in the order of `cuda:N`.
    fn gpus(&self) -> Result<Vec<Gpu>> {
        let mut count = 0;
        // SAFETY: CUresult cuInit(unsigned), CUresult cuDeviceGetCount(int*).
        let code = unsafe {
            let init: Symbol<unsafe extern "C" fn(c_uint) -> c_int> = self.function("cuInit")?;
            let get_count: Symbol<unsafe extern "C" fn(*mut c_int) -> c_int> =
                self.function("cuDeviceGetCount")?;
            match init(0) {
                SUCCESS => get_count(&mut count),
                code => code,
            }
        };
        match code {
            SUCCESS => (0..count).map(|index| self.gpu(index)).collect(),
            NO_DEVICE => Ok(Vec::new()),
            code => Err(format!(
                "the NVIDIA driver does not start (error {code}{}): see what nvidia-smi says; after an update of the \
                 driver the machine must be started anew",
                self.error_name(code).map(|name| format!(", {name}")).unwrap_or_default()
            )),
        }
    }

    fn error_name(&self, code: c_int) -> Option<String> {
        let mut name: *const c_char = std::ptr::null();
        // SAFETY: CUresult cuGetErrorName(CUresult, const char**), which points to a constant of the library.
        unsafe {
            let get: Symbol<unsafe extern "C" fn(c_int, *mut *const c_char) -> c_int> =
                self.function("cuGetErrorName").ok()?;
            (get(code, &mut name) == SUCCESS && !name.is_null())
                .then(|| one_line(&CStr::from_ptr(name).to_string_lossy()))
        }
    }

    /// CUDA calls the handle of a GPU by its number among the visible ones.
    fn gpu(&self, index: c_int) -> Result<Gpu> {
        let mut handle: c_int = 0;
        let mut memory: usize = 0;
        let mut uuid = [0u8; 16];
        // SAFETY: CUresult cuDeviceGet(CUdevice*, int), cuDeviceTotalMem_v2(size_t*, CUdevice),
        // cuDeviceGetUuid_v2(CUuuid*, CUdevice), where CUdevice is an int and CUuuid 16 bytes.
        unsafe {
            let get: Symbol<unsafe extern "C" fn(*mut c_int, c_int) -> c_int> =
                self.function("cuDeviceGet")?;
            let total: Symbol<unsafe extern "C" fn(*mut usize, c_int) -> c_int> =
                self.function("cuDeviceTotalMem_v2")?;
            let identity: Symbol<unsafe extern "C" fn(*mut [u8; 16], c_int) -> c_int> =
                self.function("cuDeviceGetUuid_v2")?;
            if get(&mut handle, index) != SUCCESS {
                return Err(format!(
                    "the NVIDIA driver does not give cuda:{index}: see what nvidia-smi says"
                ));
            }
            let has_memory = total(&mut memory, handle) == SUCCESS;
            let has_uuid = identity(&mut uuid, handle) == SUCCESS;
            Ok(Gpu {
                name: self.text("cuDeviceGetName", handle).unwrap_or_else(|| "NVIDIA GPU".into()),
                uuid: has_uuid.then(|| hyphenated(&uuid)),
                pci: self.text("cuDeviceGetPCIBusId", handle),
                memory_total_bytes: has_memory.then_some(memory as u64),
                ..Gpu::default()
            })
        }
    }

    /// The text that a function of the form `CUresult f(char*, int length, CUdevice)` gives.
    fn text(&self, function: &str, handle: c_int) -> Option<String> {
        let mut buffer = [0u8; 256];
        // SAFETY: both names this is called with have that form; the length leaves room for a last 0.
        let code = unsafe {
            let get: Symbol<unsafe extern "C" fn(*mut c_char, c_int, c_int) -> c_int> =
                self.function(function).ok()?;
            get(buffer.as_mut_ptr().cast(), 255, handle)
        };
        let text = CStr::from_bytes_until_nul(&buffer).ok()?;
        (code == SUCCESS).then(|| one_line(&text.to_string_lossy()))
    }
}

/// `GPU-3a1f…`, as NVML and `nvidia-smi -L` write it.
fn hyphenated(uuid: &[u8; 16]) -> String {
    let hex: String = uuid.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("GPU-{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
}

/// What the loader said; the error's own text is no more than "dlopen failed".
fn loader_said(error: &libloading::Error) -> String {
    let cause = std::error::Error::source(error).map(ToString::to_string);
    one_line(&cause.unwrap_or_else(|| error.to_string()))
}

/// NVRTC's (major, minor), or what the loader said.
fn nvrtc_version() -> Result<(i32, i32)> {
    const NOT_THERE: &str = "No such file";
    let mut said = String::new();
    for name in NVRTC_NAMES {
        // SAFETY: as for the driver; nvrtcResult nvrtcVersion(int*, int*).
        unsafe {
            match Library::new(name) {
                Err(error) => {
                    let new = loader_said(&error);
                    // A library that is there but does not load says more than one that is not there.
                    if said.is_empty() || (said.contains(NOT_THERE) && !new.contains(NOT_THERE)) {
                        said = new;
                    }
                }
                Ok(library) => {
                    let (mut major, mut minor) = (0, 0);
                    if let Ok(version) =
                        library.get::<unsafe extern "C" fn(*mut c_int, *mut c_int) -> c_int>("nvrtcVersion")
                    {
                        version(&mut major, &mut minor);
                    }
                    return Ok((major, minor));
                }
            }
        }
    }
    Err(said)
}

/// Free memory and use from NVML, matched by UUID, else by PCI address. Without NVML they stay unknown.
fn add_use(gpus: &mut [Gpu]) {
    let Ok(nvml) = Nvml::init() else { return };
    for gpu in gpus {
        // A slice of a card (MIG) has a UUID of its own, under another prefix.
        let slice = gpu.uuid.as_ref().map(|uuid| uuid.replacen("GPU-", "MIG-", 1));
        let by_uuid = gpu.uuid.iter().chain(&slice).find_map(|uuid| nvml.device_by_uuid(uuid.as_str()).ok());
        let by_pci = || nvml.device_by_pci_bus_id(gpu.pci.as_deref()?).ok();
        let Some(card) = by_uuid.or_else(by_pci) else { continue };
        if let Ok(memory) = card.memory_info() {
            gpu.memory_free_bytes = Some(memory.free);
        }
        gpu.utilization = card.utilization_rates().ok().map(|rates| rates.gpu);
    }
}

/// A sum on the GPU, checked. CubeCL panics, often in a thread of its own, where something is missing; the first
/// panic is the cause, later ones are its echo.
fn first_operation(index: usize) -> Result<()> {
    static FIRST_PANIC: Mutex<Option<String>> = Mutex::new(None);
    std::panic::set_hook(Box::new(|panic| {
        let message = panic.payload_as_str().unwrap_or("a panic without a message").to_string();
        if let Ok(mut first) = FIRST_PANIC.lock() {
            first.get_or_insert(message);
        }
    }));
    let outcome = std::panic::catch_unwind(|| {
        let device = Device::cuda(index);
        let numbers = Tensor::<1>::from_floats([1.0, 2.0, 3.5], &device);
        (numbers * 2.0).sum().into_data().try_to_vec::<f32>()
    });
    let _ = std::panic::take_hook();
    match outcome {
        Ok(Ok(sum)) if sum == [13.0] => Ok(()),
        Ok(Ok(sum)) => Err(format!("2 x (1 + 2 + 3.5) was {sum:?} there")),
        Ok(Err(error)) => Err(error.to_string()),
        Err(_) => {
            let first = FIRST_PANIC.lock().ok().and_then(|mut first| first.take());
            Err(first.unwrap_or_else(|| "a panic without a message".into()))
        }
    }
}

fn explain(reason: &str, versions: Option<((i32, i32), (i32, i32))>) -> String {
    const LENGTH: usize = 300;
    let reason: String = one_line(reason).chars().take(LENGTH).collect();
    let cure = match versions {
        Some((driver, nvrtc)) if nvrtc.0 > driver.0 => format!(
            "the driver runs CUDA {}.{} and libnvrtc is of {}.{}: install a newer driver or an older libnvrtc",
            driver.0, driver.1, nvrtc.0, nvrtc.1
        ),
        _ => "see whether another program fills the GPU, and what nvidia-smi says".into(),
    };
    format!("a first operation on the GPU failed ({reason}): {cure}")
}
