//! The vectors as files of a directory.

use crate::format::{Difference, FormatError, VectorFile};
use crate::replay::{ReplayError, replay};
use std::collections::BTreeSet;
use std::path::Path;
use std::{fs, io};

/// What a check compared.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Checked {
    /// How many files.
    pub files: usize,
    /// How many values in them.
    pub values: usize,
}

/// Where a directory and the vectors part.
#[derive(Debug, thiserror::Error)]
pub enum Mismatch {
    /// A file is not there.
    #[error("{file} is missing")]
    Missing {
        /// The file's name.
        file: String,
    },
    /// A file is there that no vector makes.
    #[error("{file} is not one of the vectors")]
    Superfluous {
        /// The file's name.
        file: String,
    },
    /// A file cannot be read as a vector.
    #[error("{file}: {error}")]
    Malformed {
        /// The file's name.
        file: String,
        /// What is wrong.
        error: FormatError,
    },
    /// A value differs; the first of its file.
    #[error("{file}: {} should be {:?} and is {:?}", difference.name, difference.expected, difference.found)]
    Differs {
        /// The file's name.
        file: String,
        /// The value.
        difference: Difference,
    },
    /// A fault, run from its file alone, does not meet the refusal that the file expects.
    #[error("{file}: {error}")]
    Replay {
        /// The file's name.
        file: String,
        /// What happened instead.
        error: ReplayError,
    },
    /// The directory or a file cannot be read.
    #[error("cannot read the vectors: {0}")]
    Io(#[from] io::Error),
}

/// Writes every vector into `directory`, and removes files of vectors that are no more.
///
/// # Errors
/// What the file system says.
pub fn write(directory: &Path) -> io::Result<()> {
    fs::create_dir_all(directory)?;
    let files = crate::all();
    for stale in superfluous(directory, &files)? {
        fs::remove_file(directory.join(stale))?;
    }
    for file in files {
        fs::write(directory.join(file.name()), file.render())?;
    }
    Ok(())
}

/// Compares `directory` with the vectors made anew, byte for byte, and runs every fault from its file.
///
/// # Errors
/// The first [`Mismatch`].
pub fn check(directory: &Path) -> Result<Checked, Mismatch> {
    let files = crate::all();
    let mut values = 0_usize;
    for expected in &files {
        let file = expected.name().to_owned();
        let text = match fs::read_to_string(directory.join(&file)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(Mismatch::Missing { file }),
            read => read?,
        };
        let found = match VectorFile::parse(file.clone(), &text) {
            Err(error) => return Err(Mismatch::Malformed { file, error }),
            Ok(found) => found,
        };
        if let Some(difference) = expected.first_difference(&found) {
            return Err(Mismatch::Differs { file, difference });
        }
        if text != expected.render() {
            let difference = Difference { name: "(line ends)".to_owned(), expected: None, found: None };
            return Err(Mismatch::Differs { file, difference });
        }
        if found.optional("kind") == Some("negative")
            && let Err(error) = replay(&found)
        {
            return Err(Mismatch::Replay { file, error });
        }
        values = values.saturating_add(expected.values().count());
    }
    if let Some(file) = superfluous(directory, &files)?.into_iter().next() {
        return Err(Mismatch::Superfluous { file });
    }
    Ok(Checked { files: files.len(), values })
}

/// The text files in `directory` that no vector makes.
fn superfluous(directory: &Path, files: &[VectorFile]) -> io::Result<BTreeSet<String>> {
    let mut found = BTreeSet::new();
    for entry in fs::read_dir(directory)? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        if name.ends_with(".txt") && !files.iter().any(|file| file.name() == name) {
            found.insert(name);
        }
    }
    Ok(found)
}
