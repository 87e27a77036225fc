//! A Slurm of one node that a test starts and takes down again: its own munged, slurmctld and slurmd, with its own ports,
//! key and folders, so that it works beside any other.

use std::fs;
use std::io::Read;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// So long the slowest machine may take for what takes seconds.
pub const PATIENCE: Duration = Duration::from_secs(600);

pub struct Cluster {
    folder: TempDir,
    daemons: Vec<(&'static str, Child)>,
}

impl Cluster {
    /// `None`, said on stderr, where Slurm is not installed.
    pub fn start() -> Option<Self> {
        let missing =
            ["munged", "slurmctld", "slurmd", "sbatch"].into_iter().find(|name| program(name).is_none());
        if let Some(missing) = missing {
            eprintln!("skipped: {missing} is not installed, so that no Slurm can be started");
            return None;
        }
        // Not under TMPDIR, which may be too long for the path of a socket.
        let folder = tempfile::Builder::new().prefix("mien-slurm-").tempdir_in("/tmp").unwrap();
        let mut cluster = Self { folder, daemons: Vec::new() };
        cluster.write_config();
        cluster.start_munged();
        cluster.start_slurmctld(&[]);
        cluster.daemon("slurmd", &["-D"]);
        wait_for("the node to be idle", || cluster.run("sinfo", &["-h", "-o", "%T"]).trim() == "idle");
        Some(cluster)
    }

    pub fn config(&self) -> PathBuf {
        self.path("slurm.conf")
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// What one of Slurm's commands prints; nothing where it fails.
    pub fn run(&self, name: &str, arguments: &[&str]) -> String {
        let output = Command::new(name).args(arguments).env("SLURM_CONF", self.config()).output().unwrap();
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    /// Tasks of an array in this state.
    pub fn tasks(&self, state: &str) -> Vec<String> {
        let said = self.run("squeue", &["-h", "-r", "-t", state, "-o", "%i"]);
        said.lines().map(str::to_string).collect()
    }

    /// Slurm's controller breaks down and has lost all that it knew.
    pub fn forget_everything(&mut self) {
        let place = self.daemons.iter().position(|(name, _)| *name == "slurmctld").unwrap();
        let (_, mut controller) = self.daemons.remove(place);
        controller.kill().unwrap();
        controller.wait().unwrap();
        let config = fs::read_to_string(self.config()).unwrap() + "FirstJobId=1000\n";
        fs::write(self.config(), config).unwrap();
        self.start_slurmctld(&["-c"]);
    }

    fn write_config(&self) {
        let [controller, node] = free_ports();
        let at = self.folder.path().display();
        let said = |program: &str, argument: &str| {
            let output = Command::new(program).arg(argument).output().unwrap();
            String::from_utf8(output.stdout).unwrap().trim().to_string()
        };
        let (host, user) = (said("hostname", "-s"), said("id", "-un"));
        for folder in ["state", "spool", "munge"] {
            fs::create_dir(self.path(folder)).unwrap();
        }
        // Four GPUs that are none, and more cores than the machine has: it is the throttle that is to limit.
        let config = format!(
            "ClusterName=mien\nSlurmctldHost={host}(127.0.0.1)\nAuthInfo=socket={at}/munge/socket\n\
             SlurmUser={user}\nSlurmdUser={user}\nSlurmctldPort={controller}\nSlurmdPort={node}\n\
             StateSaveLocation={at}/state\nSlurmdSpoolDir={at}/spool\n\
             SlurmctldPidFile={at}/slurmctld.pid\nSlurmdPidFile={at}/slurmd.pid\n\
             SlurmctldLogFile={at}/slurmctld.log\nSlurmdLogFile={at}/slurmd.log\n\
             ProctrackType=proctrack/linuxproc\nTaskPlugin=task/none\nJobAcctGatherType=jobacct_gather/none\n\
             AccountingStorageType=accounting_storage/none\nSwitchType=switch/none\nMpiDefault=none\n\
             SelectType=select/cons_tres\nSelectTypeParameters=CR_Core\nReturnToService=2\nMinJobAge=5\nKillWait=60\n\
             GresTypes=gpu\nSlurmdParameters=config_overrides\n\
             SchedulerParameters=sched_interval=1,sched_min_interval=1,bf_interval=1\n\
             NodeName={host} NodeAddr=127.0.0.1 CPUs=8 Gres=gpu:4 State=UNKNOWN\n\
             PartitionName=gpu Nodes=ALL Default=YES MaxTime=INFINITE State=UP\n"
        );
        fs::write(self.config(), config).unwrap();
        let files = ["null", "zero", "full", "random"].map(|name| format!("Name=gpu File=/dev/{name}\n"));
        fs::write(self.path("gres.conf"), files.concat()).unwrap();
    }

    fn start_munged(&mut self) {
        let key = self.path("munge/key");
        let mut random = [0; 128];
        fs::File::open("/dev/urandom").unwrap().read_exact(&mut random).unwrap();
        fs::write(&key, random).unwrap();
        fs::set_permissions(&key, fs::Permissions::from_mode(0o600)).unwrap();
        let option = |name: &str, file: &str| format!("--{name}={}", self.path("munge").join(file).display());
        let files = [
            option("socket", "socket"),
            option("key-file", "key"),
            option("pid-file", "pid"),
            option("log-file", "log"),
            option("seed-file", "seed"),
        ];
        let mut arguments = vec!["--foreground", "--force"];
        arguments.extend(files.iter().map(String::as_str));
        self.daemon("munged", &arguments);
        wait_for("munged", || self.path("munge/socket").exists());
    }

    fn start_slurmctld(&mut self, options: &[&str]) {
        self.daemon("slurmctld", &[&["-D"], options].concat());
        wait_for("slurmctld", || self.run("scontrol", &["ping"]).contains("is UP"));
    }

    /// A child that ends with this process.
    fn daemon(&mut self, name: &'static str, arguments: &[&str]) {
        let said = fs::OpenOptions::new().create(true).append(true).open(self.path(name)).unwrap();
        let mut command = Command::new(program(name).unwrap());
        command.args(arguments).env("SLURM_CONF", self.config());
        command.stdin(Stdio::null()).stdout(said.try_clone().unwrap()).stderr(said);
        // SAFETY: a single system call that neither allocates nor takes a lock.
        unsafe {
            command.pre_exec(|| {
                let signal = Some(rustix::process::Signal::TERM);
                Ok(rustix::process::set_parent_process_death_signal(signal)?)
            });
        }
        self.daemons.push((name, command.spawn().unwrap()));
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        if std::thread::panicking() {
            for log in ["slurmctld.log", "slurmd.log"] {
                let text = fs::read_to_string(self.path(log)).unwrap_or_default();
                let last: Vec<_> = text.lines().rev().take(30).collect();
                eprintln!("{log}:\n{}", last.into_iter().rev().collect::<Vec<_>>().join("\n"));
            }
        }
        for (_, daemon) in self.daemons.iter_mut().rev() {
            let _ = daemon.kill();
            let _ = daemon.wait();
        }
        end_all_that_name(self.folder.path());
    }
}

/// Ends the processes that name this folder in their arguments or in their environment: jobs, and what Slurm starts for
/// them.
pub fn end_all_that_name(folder: &Path) {
    let name = folder.as_os_str().as_encoded_bytes();
    let names = |file: PathBuf| {
        fs::read(file).is_ok_and(|content| content.windows(name.len()).any(|part| part == name))
    };
    for entry in fs::read_dir("/proc").into_iter().flatten().flatten() {
        let pid = entry.file_name().to_str().and_then(|name| name.parse().ok()).unwrap_or(0);
        let is_ours = names(entry.path().join("cmdline")) || names(entry.path().join("environ"));
        if pid > 1 && pid as u32 != std::process::id() && is_ours {
            let _ = rustix::process::kill_process(
                rustix::process::Pid::from_raw(pid).unwrap(),
                rustix::process::Signal::KILL,
            );
        }
    }
}

pub fn wait_for(what: &str, mut holds: impl FnMut() -> bool) {
    let begin = Instant::now();
    while !holds() {
        assert!(begin.elapsed() < PATIENCE, "waited in vain for {what}");
        sleep(Duration::from_millis(50));
    }
}

/// Daemons are not on everybody's path.
fn program(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders =
        std::env::split_paths(&path).chain(["/usr/sbin".into(), "/usr/local/sbin".into(), "/sbin".into()]);
    folders.map(|folder| folder.join(name)).find(|file| file.is_file())
}

/// Free a moment ago, at least.
fn free_ports() -> [u16; 2] {
    let listeners = [(); 2].map(|()| TcpListener::bind("127.0.0.1:0").unwrap());
    listeners.map(|listener| listener.local_addr().unwrap().port())
}
