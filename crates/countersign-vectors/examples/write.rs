//! Writes all vectors into a directory: `cargo run -p countersign-vectors --example write -- spec/vectors`.

fn main() {
    let directory = std::env::args_os().nth(1).expect("the directory is the first argument");
    countersign_vectors::write(directory.as_ref()).expect("the directory can be written to");
}
