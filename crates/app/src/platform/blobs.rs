//! Bytes of attachments, kept by their hash for each shop. What lies under a hash is whole, or is not there.

use std::fs::File;
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use xiaoer_domain::id::ShopId;

/// Where attachments lie in the data folder.
const ATTACHMENTS: &str = "attachments";
/// Where uploads lie while they arrive. Their names end in `.part`, so no backup holds half of one.
const INCOMING: &str = "incoming";

/// Where bytes are kept.
#[derive(Clone, Debug)]
pub(crate) enum Blobs {
    /// A folder of this machine.
    Folder(PathBuf),
}

impl Blobs {
    /// Attachments in a data folder. What an upload left behind when the last process ended is removed.
    pub(crate) fn in_data(data_dir: &Path) -> io::Result<Self> {
        let root = data_dir.join(ATTACHMENTS);
        let incoming = root.join(INCOMING);
        match std::fs::remove_dir_all(&incoming) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        make_folder(&incoming)?;
        Ok(Self::Folder(root))
    }

    /// A place for an upload that arrives.
    pub(crate) fn incoming(&self, name: &str) -> PathBuf {
        let Self::Folder(root) = self;
        root.join(INCOMING).join(format!("{name}.part"))
    }

    /// Where bytes lie.
    pub(crate) fn path(&self, shop: ShopId, hash: &[u8; 32]) -> PathBuf {
        let Self::Folder(root) = self;
        let name: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
        root.join(shop.to_string()).join(&name[..2]).join(name)
    }

    /// Keeps bytes.
    pub(crate) fn put(
        &self,
        shop: ShopId,
        hash: &[u8; 32],
        bytes: &[u8],
        temporary: &str,
    ) -> io::Result<()> {
        if self.path(shop, hash).exists() {
            return Ok(());
        }
        let path = self.incoming(temporary);
        let mut file = create(&path)?;
        file.write_all(bytes)?;
        drop(file);
        self.adopt(shop, hash, &path)
    }

    /// Keeps a file that has arrived whole; it is moved.
    pub(crate) fn adopt(&self, shop: ShopId, hash: &[u8; 32], from: &Path) -> io::Result<()> {
        let path = self.path(shop, hash);
        if path.exists() {
            return std::fs::remove_file(from);
        }
        let folder = path.parent().unwrap_or(&path);
        make_folder(folder)?;
        File::open(from)?.sync_all()?;
        std::fs::rename(from, &path)?;
        File::open(folder)?.sync_all()
    }

    /// Removes bytes; those that are gone already are fine.
    pub(crate) fn remove(&self, shop: ShopId, hash: &[u8; 32]) -> io::Result<()> {
        match std::fs::remove_file(self.path(shop, hash)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }
}

/// A file that nobody but its owner reads.
pub(crate) fn create(path: &Path) -> io::Result<File> {
    File::options().write(true).create_new(true).mode(0o600).open(path)
}

fn make_folder(path: &Path) -> io::Result<()> {
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(path)
}
