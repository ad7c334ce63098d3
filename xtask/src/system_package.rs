//! Installing Debian packages, as root only, without starting their services.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::job::{Job, say};
use crate::requirement::Requirement;

/// Debian asks this program whether a package may start its service; 101 says no.
const SERVICE_POLICY: &str = "/usr/sbin/policy-rc.d";

/// Read by Debian's PostgreSQL package before it creates its own database cluster.
const CLUSTER_CONFIGURATION: &str = "/etc/postgresql-common/createcluster.d/no-main-cluster.conf";

/// Sees to it that `wanted` are there. As root on Debian it installs what is missing; elsewhere it
/// returns the missing ones after printing the command that would.
pub fn ensure(wanted: &[Requirement]) -> Result<Vec<Requirement>> {
    let missing: Vec<Requirement> =
        wanted.iter().copied().filter(|wanted| wanted.look().is_err()).collect();
    let packages: Vec<&str> =
        missing.iter().flat_map(|missing| missing.packages()).copied().collect();
    if packages.is_empty() {
        return Ok(missing);
    }
    if !may_install() {
        say(&format!("to get what is missing, run: apt-get install {}", packages.join(" ")));
        return Ok(missing);
    }
    say(&format!("installing {}", packages.join(" ")));
    install(&packages)?;
    let missing: Vec<Requirement> =
        missing.into_iter().filter(|missing| missing.look().is_err()).collect();
    if !missing.is_empty() {
        bail!("{missing:?} missing although {} installed", packages.join(" "));
    }
    Ok(missing)
}

/// Whether this is Debian (or a relative) and we are root.
pub fn may_install() -> bool {
    nix::unistd::geteuid().is_root() && Path::new("/etc/debian_version").exists()
}

fn install(packages: &[&str]) -> Result<()> {
    let _policy = FileForNow::create(SERVICE_POLICY, "#!/bin/sh\nexit 101\n", 0o755)?;
    let _cluster =
        FileForNow::create(CLUSTER_CONFIGURATION, "create_main_cluster = false\n", 0o644)?;
    if try_install(packages).is_err() {
        // The lists are absent or older than the archive: fetch them once and try again.
        Job::new("apt-get").args(["-qq", "update"]).run().context("fetch the package lists")?;
        try_install(packages)?;
    }
    Ok(())
}

fn try_install(packages: &[&str]) -> Result<()> {
    Job::new("apt-get")
        .args(["-qq", "-y", "--no-install-recommends", "install"])
        .args(packages)
        .env("DEBIAN_FRONTEND", "noninteractive")
        .quiet()
        .run()
}

/// A file that exists while this value does; one that was there before is left alone.
struct FileForNow {
    path: Option<PathBuf>,
}

impl FileForNow {
    fn create(path: &str, text: &str, mode: u32) -> Result<Self> {
        let path = PathBuf::from(path);
        if path.exists() {
            return Ok(Self { path: None });
        }
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).with_context(|| format!("create {}", folder.display()))?;
        }
        fs::write(&path, text).with_context(|| format!("write {}", path.display()))?;
        fs::set_permissions(&path, fs::Permissions::from_mode(mode))?;
        Ok(Self { path: Some(path) })
    }
}

impl Drop for FileForNow {
    fn drop(&mut self) {
        if let Some(path) = &self.path
            && let Err(error) = fs::remove_file(path)
        {
            say(&format!("could not remove {}: {error}", path.display()));
        }
    }
}
