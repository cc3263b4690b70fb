//! What is wrong with a scenario file.

/// What is wrong with a scenario file, where, and how to mend it; one line.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{file}:{line}: {what}; {remedy}")]
pub struct ScenarioError {
    /// In which file.
    pub file: String,
    /// In which line; from 1.
    pub line: usize,
    /// What is wrong with which value.
    pub what: String,
    /// What to do about it.
    pub remedy: String,
}

/// The text of a file, to say in which line something is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Source<'t> {
    pub(super) file: &'t str,
    pub(super) text: &'t str,
}

impl Source<'_> {
    /// Something is wrong at this byte.
    pub(super) fn error(self, at: usize, what: impl Into<String>, remedy: impl Into<String>) -> ScenarioError {
        let line = self.text.bytes().take(at).filter(|byte| *byte == b'\n').count().saturating_add(1);
        ScenarioError { file: self.file.to_owned(), line, what: what.into(), remedy: remedy.into() }
    }

    /// It is not even TOML.
    pub(super) fn syntax(self, error: &toml::de::Error) -> ScenarioError {
        let at = error.span().map_or(self.text.len(), |span| span.start);
        let what = format!("this is no TOML: {}", error.message().replace(char::is_control, " "));
        self.error(at, what, "write key = value, one a line, text in \"quotes\", under headings like [link]")
    }
}

/// The one of these that was probably meant.
pub(super) fn nearest<'n>(word: &str, names: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
    let distances = names.into_iter().map(|name| (strsim::damerau_levenshtein(word, name), name));
    let (distance, name) = distances.min()?;
    // A third of the letters may be wrong; of two or three, one.
    let bearable = word.chars().count().div_ceil(3);
    (distance <= bearable).then_some(name)
}

/// `a, b or c`.
pub(super) fn listed(names: &[impl AsRef<str>]) -> String {
    let names: Vec<&str> = names.iter().map(AsRef::as_ref).collect();
    match names.split_last() {
        Some((last, [])) => (*last).to_owned(),
        Some((last, rest)) => format!("{} or {last}", rest.join(", ")),
        None => String::new(),
    }
}
