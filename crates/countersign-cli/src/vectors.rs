//! `countersign vectors`: writes or checks the test vectors.

use crate::args::Vectors;
use crate::{Failure, print};
use countersign_vectors::{check, write};

pub(crate) fn run(options: &Vectors) -> Result<(), Failure> {
    let directory = &options.directory;
    let shown = directory.display();
    if options.check {
        if !directory.is_dir() {
            let what = format!("there is no directory {shown}; go to the repository's root, name another, or write it");
            return Err(Failure::Usage(format!("{what}: countersign vectors {shown}")));
        }
        let checked = check(directory).map_err(|mismatch| {
            Failure::Usage(format!("{mismatch}; to write them anew: countersign vectors {shown}"))
        })?;
        let (files, values) = (checked.files, checked.values);
        return print(&format!("{files} files and {values} values in {shown} are as this program makes them\n"));
    }
    write(directory)
        .map_err(|error| Failure::Usage(format!("cannot write to {shown}: {error}; give another directory")))?;
    print(&format!("wrote {} files to {shown}\n", countersign_vectors::all().len()))
}
