//! The lock in the data folder: one process owns the files, and says who it is.
//!
//! Must never be broken by force: the system drops it when the owner's process ends.

use std::fs::{File, OpenOptions};
use std::io::{Read as _, Seek as _, Write as _};
use std::path::{Path, PathBuf};

use rustix::fs::{FlockOperation, flock};

/// The file in the data folder that is locked.
pub const LOCK_FILE: &str = "xiaoer.lock";

/// Held as long as this value lives.
#[derive(Debug)]
pub struct DataLock {
    _file: File,
}

/// Why the folder is not ours.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// Another process has it open; its id, if it could be read.
    #[error("the data folder is in use by process {}", pid.map_or("unknown".to_owned(), |p| p.to_string()))]
    Held { pid: Option<u32> },
    /// The file cannot be made, read or locked.
    #[error("the lock file {path} cannot be used")]
    Unusable { path: PathBuf, source: std::io::Error },
}

impl DataLock {
    /// Takes the lock of `dir` (made if missing) or says who holds it.
    pub fn acquire(dir: &Path) -> Result<Self, LockError> {
        let path = dir.join(LOCK_FILE);
        let unusable = |source| LockError::Unusable { path: path.clone(), source };
        std::fs::create_dir_all(dir).map_err(unusable)?;
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        let mut file = options.open(&path).map_err(unusable)?;
        match flock(&file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => {}
            Err(rustix::io::Errno::WOULDBLOCK) => {
                let mut text = String::new();
                file.read_to_string(&mut text).map_err(unusable)?;
                return Err(LockError::Held { pid: text.trim().parse().ok() });
            }
            Err(errno) => return Err(unusable(errno.into())),
        }
        let written = file
            .set_len(0)
            .and_then(|()| file.rewind())
            .and_then(|()| writeln!(file, "{}", std::process::id()))
            .and_then(|()| file.sync_data());
        written.map_err(unusable)?;
        Ok(Self { _file: file })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_owner_is_told_the_first_ones_process() {
        let dir = std::env::temp_dir().join(format!("xiaoer-lock-{}", std::process::id()));
        let first = DataLock::acquire(&dir).unwrap();
        let second = DataLock::acquire(&dir).unwrap_err();
        assert!(matches!(second, LockError::Held { pid: Some(pid) } if pid == std::process::id()));
        drop(first);
        DataLock::acquire(&dir).unwrap();
        std::fs::remove_dir_all(&dir).unwrap();
    }
}
