//! A dataset among files of somebody else's, and what must be as it was afterwards.

use std::{
    collections::BTreeMap,
    fs,
    os::unix::fs::symlink,
    path::{Path, PathBuf},
    process::Command,
};

use super::seal::sha256;

/// What is done to a whole file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum WholeFile {
    Missing,
    Empty,
    Truncated,
    Binary,
    /// Of a size that no disk has.
    Huge,
    LinkToFile,
    LinkToFolder,
    /// A link to a device that never ends.
    LinkToDevice,
    /// A link to nothing, in a folder of somebody else's.
    BrokenLink,
    Folder,
    Pipe,
    Unreadable,
}

impl WholeFile {
    pub(crate) const ALL: [Self; 12] = [
        Self::Missing,
        Self::Empty,
        Self::Truncated,
        Self::Binary,
        Self::Huge,
        Self::LinkToFile,
        Self::LinkToFolder,
        Self::LinkToDevice,
        Self::BrokenLink,
        Self::Folder,
        Self::Pipe,
        Self::Unreadable,
    ];

    /// Puts it in the place of a file.
    pub(crate) fn put(self, path: &Path, victim: &Path) {
        let bytes = fs::read(path).unwrap();
        fs::remove_file(path).unwrap();
        match self {
            Self::Missing => {}
            Self::Empty => fs::write(path, "").unwrap(),
            Self::Truncated => fs::write(path, &bytes[..bytes.len() / 2]).unwrap(),
            Self::Binary => {
                let bytes: Vec<u8> =
                    (0..4096_u32).map(|byte| byte.wrapping_mul(167).to_le_bytes()[0]).collect();
                fs::write(path, bytes).unwrap();
            }
            Self::Huge => fs::File::create(path).unwrap().set_len(1 << 40).unwrap(),
            Self::LinkToFile => symlink(victim.join("file"), path).unwrap(),
            Self::LinkToFolder => symlink(victim, path).unwrap(),
            Self::LinkToDevice => symlink("/dev/zero", path).unwrap(),
            Self::BrokenLink => symlink(victim.join("new"), path).unwrap(),
            Self::Folder => {
                fs::create_dir(path).unwrap();
                fs::write(path.join("file"), "precious").unwrap();
            }
            Self::Pipe => assert!(Command::new("mkfifo").arg(path).status().unwrap().success()),
            Self::Unreadable => {
                use std::os::unix::fs::PermissionsExt;
                fs::write(path, bytes).unwrap();
                fs::set_permissions(path, fs::Permissions::from_mode(0o000)).unwrap();
            }
        }
    }
}

/// Makes a folder of somebody else's beside the dataset.
pub(crate) fn victim(parent: &Path) -> PathBuf {
    let victim = parent.join("victim");
    fs::create_dir_all(victim.join("folder")).unwrap();
    for file in ["file", "folder/file", "00000000000000000000.json", "0.parquet"] {
        fs::write(victim.join(file), "precious").unwrap();
    }
    victim
}

/// Makes a dataset of another one's files; data files are the same ones under another name.
pub(crate) fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let (from, to) = (entry.path(), to.join(entry.file_name()));
        if entry.file_type().unwrap().is_dir() {
            copy(&from, &to);
        } else if from.extension().is_some_and(|ending| ending == "parquet") {
            fs::hard_link(from, to).unwrap();
        } else {
            fs::copy(from, to).unwrap();
        }
    }
}

/// What stands in a folder and below it, but for some names in the folder itself: kinds, sizes, hashes,
/// targets of links.
pub(crate) fn snapshot(folder: &Path, except: &[&str]) -> BTreeMap<PathBuf, String> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(inner) = folders.pop() {
        for entry in fs::read_dir(&inner).unwrap() {
            let path = entry.unwrap().path();
            let is_left_out = inner == folder && except.iter().any(|name| path.ends_with(name));
            if is_left_out {
                continue;
            }
            let metadata = fs::symlink_metadata(&path).unwrap();
            let what = if metadata.is_symlink() {
                format!("link to {}", fs::read_link(&path).unwrap().display())
            } else if metadata.is_dir() {
                folders.push(path.clone());
                "folder".to_owned()
            } else {
                format!("{} bytes, {}", metadata.len(), sha256(&fs::read(&path).unwrap()))
            };
            found.insert(path, what);
        }
    }
    found
}
