//! How a test keeps the schemas in `spec/` those of the code.

use schemars::Schema;
use std::path::Path;
use std::{env, fs};

/// A schema in `spec/` is that of the code, or is written anew.
pub(crate) fn is_that_of_the_code(name: &str, schema: &Schema) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../spec/schemas").join(name);
    let generated = serde_json::to_string_pretty(schema).unwrap() + "\n";
    if env::var_os("COUNTERSIGN_WRITE").is_some() {
        fs::write(&path, &generated).unwrap();
    }
    let committed = fs::read_to_string(&path).unwrap_or_default();
    assert!(committed == generated, "spec/schemas/{name} differs; run this test with COUNTERSIGN_WRITE=1");
}
