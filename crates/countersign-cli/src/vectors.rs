//! `countersign vectors`: writes or checks the test vectors.

use crate::Failure;
use crate::args::Vectors;
use countersign_vectors::{check, write};

pub(crate) fn run(options: &Vectors) -> Result<(), Failure> {
    let directory = &options.directory;
    let shown = directory.display();
    if options.check {
        let checked = check(directory).map_err(|mismatch| {
            Failure::Usage(format!("{mismatch}; to write them anew: countersign vectors {shown}"))
        })?;
        println!("{} files and {} values in {shown} are as this program makes them", checked.files, checked.values);
        return Ok(());
    }
    write(directory)
        .map_err(|error| Failure::Usage(format!("cannot write to {shown}: {error}; give another directory")))?;
    println!("wrote {} files to {shown}", countersign_vectors::all().len());
    Ok(())
}
