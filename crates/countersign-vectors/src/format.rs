//! One vector file: a `name: value` a line, comments, blank lines; `spec/vectors/README.md` says what each name means.
//!
//! Made to be read from any language in ten lines: no nesting, no quoting, no order that matters to a reader.

use core::fmt;
use countersign::{Clearances, Name, Timestamp};
use data_encoding::HEXLOWER;

/// A value as a file holds it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Value {
    /// Bytes: hexadecimal digits, lower case; nothing for no bytes.
    Bytes(Vec<u8>),
    /// A number, decimal.
    Number(u64),
    /// Words of this format itself.
    Text(String),
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bytes(bytes) => f.write_str(&HEXLOWER.encode(bytes)),
            Self::Number(number) => write!(f, "{number}"),
            Self::Text(text) => f.write_str(text),
        }
    }
}

impl From<&[u8]> for Value {
    fn from(bytes: &[u8]) -> Self {
        Self::Bytes(bytes.to_vec())
    }
}

impl<const N: usize> From<&[u8; N]> for Value {
    fn from(bytes: &[u8; N]) -> Self {
        Self::Bytes(bytes.to_vec())
    }
}

impl From<&Vec<u8>> for Value {
    fn from(bytes: &Vec<u8>) -> Self {
        Self::Bytes(bytes.clone())
    }
}

impl From<&Name> for Value {
    fn from(name: &Name) -> Self {
        name.as_bytes().into()
    }
}

impl From<&Clearances> for Value {
    fn from(clearances: &Clearances) -> Self {
        clearances.as_bytes().into()
    }
}

impl From<Timestamp> for Value {
    fn from(timestamp: Timestamp) -> Self {
        Self::Number(timestamp.as_millis())
    }
}

impl From<u64> for Value {
    fn from(number: u64) -> Self {
        Self::Number(number)
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

/// Why a file could not be read.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum FormatError {
    /// A line is neither blank, nor a comment, nor `name: value`.
    #[error("line {line} is not `name: value`")]
    Line {
        /// Which one, from 1.
        line: usize,
    },
    /// A name stands twice.
    #[error("`{name}` stands twice")]
    Repeated {
        /// The name.
        name: String,
    },
    /// A name does not stand in the file.
    #[error("`{name}` is missing")]
    Missing {
        /// The name.
        name: String,
    },
    /// The value under a name is not of its type, size or range.
    #[error("the value of `{name}` is not what its name promises")]
    Value {
        /// The name.
        name: String,
    },
}

/// A vector file, made or read.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct VectorFile {
    name: String,
    lines: Vec<Line>,
}

#[derive(Clone, Debug, Eq, PartialEq)]
enum Line {
    Blank,
    Comment(String),
    Value { name: String, value: String },
}

/// Where two files part.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Difference {
    /// The name of the first value that differs, or `(comments)` if only comments do.
    pub name: String,
    /// The value as it should be, if there should be one.
    pub expected: Option<String>,
    /// The value as it is, if there is one.
    pub found: Option<String>,
}

impl VectorFile {
    /// An empty file of this name.
    #[must_use]
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), lines: Vec::new() }
    }

    /// The file's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Begins a section: a blank line and a comment.
    pub fn section(&mut self, title: &str) {
        self.lines.push(Line::Blank);
        self.comment(title);
    }

    /// Appends a comment of one line.
    pub fn comment(&mut self, text: &str) {
        self.lines.push(Line::Comment(text.to_owned()));
    }

    /// Appends a value.
    ///
    /// # Panics
    /// If the name stands in the file already: our bug.
    pub fn push(&mut self, name: &str, value: impl Into<Value>) {
        assert!(self.optional(name).is_none(), "{}: {name} is written once", self.name);
        self.lines.push(Line::Value { name: name.to_owned(), value: value.into().to_string() });
    }

    /// The file's text.
    #[must_use]
    pub fn render(&self) -> String {
        self.lines.iter().map(|line| format!("{line}\n")).collect()
    }

    /// Reads a file's text.
    ///
    /// # Errors
    /// [`FormatError::Line`] or [`FormatError::Repeated`].
    pub fn parse(name: impl Into<String>, text: &str) -> Result<Self, FormatError> {
        let mut file = Self::new(name);
        for (line, number) in text.lines().zip(1..) {
            let line = if line.is_empty() {
                Line::Blank
            } else if let Some(comment) = line.strip_prefix("# ") {
                Line::Comment(comment.to_owned())
            } else {
                let (name, value) = line.split_once(':').ok_or(FormatError::Line { line: number })?;
                if file.optional(name).is_some() {
                    return Err(FormatError::Repeated { name: name.to_owned() });
                }
                let value = value.strip_prefix(' ').unwrap_or(value);
                Line::Value { name: name.to_owned(), value: value.to_owned() }
            };
            file.lines.push(line);
        }
        Ok(file)
    }

    /// Every name and value, in order.
    pub fn values(&self) -> impl Iterator<Item = (&str, &str)> {
        self.lines.iter().filter_map(|line| match line {
            Line::Value { name, value } => Some((name.as_str(), value.as_str())),
            Line::Blank | Line::Comment(_) => None,
        })
    }

    /// The value under a name, as it is written, if it is there.
    #[must_use]
    pub fn optional(&self, name: &str) -> Option<&str> {
        self.values().find(|(found, _)| *found == name).map(|(_, value)| value)
    }

    /// The value under a name, as it is written.
    ///
    /// # Errors
    /// [`FormatError::Missing`].
    pub fn text(&self, name: &str) -> Result<&str, FormatError> {
        self.optional(name).ok_or_else(|| FormatError::Missing { name: name.to_owned() })
    }

    /// The bytes under a name.
    ///
    /// # Errors
    /// [`FormatError::Missing`] or [`FormatError::Value`].
    pub fn bytes(&self, name: &str) -> Result<Vec<u8>, FormatError> {
        HEXLOWER.decode(self.text(name)?.as_bytes()).map_err(|_| FormatError::Value { name: name.to_owned() })
    }

    /// The bytes under a name, `N` of them.
    ///
    /// # Errors
    /// [`FormatError::Missing`] or [`FormatError::Value`].
    pub fn array<const N: usize>(&self, name: &str) -> Result<[u8; N], FormatError> {
        self.bytes(name)?.try_into().map_err(|_| FormatError::Value { name: name.to_owned() })
    }

    /// The number under a name.
    ///
    /// # Errors
    /// [`FormatError::Missing`] or [`FormatError::Value`].
    pub fn number(&self, name: &str) -> Result<u64, FormatError> {
        self.text(name)?.parse().map_err(|_| FormatError::Value { name: name.to_owned() })
    }

    /// The first value of `found` that is not that of this file, in this file's order.
    #[must_use]
    pub fn first_difference(&self, found: &Self) -> Option<Difference> {
        let mut theirs = found.values();
        for (name, value) in self.values() {
            let there = theirs.next();
            if there != Some((name, value)) {
                let found = found.optional(name).map(str::to_owned);
                return Some(Difference { name: name.to_owned(), expected: Some(value.to_owned()), found });
            }
        }
        if let Some((name, value)) = theirs.next() {
            return Some(Difference { name: name.to_owned(), expected: None, found: Some(value.to_owned()) });
        }
        let same = self.render() == found.render();
        (!same).then(|| Difference { name: "(comments)".to_owned(), expected: None, found: None })
    }
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Blank => Ok(()),
            Self::Comment(text) => write!(f, "# {text}"),
            Self::Value { name, value } if value.is_empty() => write!(f, "{name}:"),
            Self::Value { name, value } => write!(f, "{name}: {value}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// CS-IMPL-03
    #[test]
    fn what_is_rendered_reads_back() {
        let mut file = VectorFile::new("one.txt");
        file.comment("a comment: with a colon");
        file.push("empty", &[]);
        file.section("more");
        file.push("bytes", &[0xab, 1]);
        file.push("clock_ms", 7);
        assert_eq!(file.render(), "# a comment: with a colon\nempty:\n\n# more\nbytes: ab01\nclock_ms: 7\n");
        assert_eq!(VectorFile::parse("one.txt", &file.render()), Ok(file));
    }

    /// CS-IMPL-03
    #[test]
    fn the_first_value_that_differs_is_named() {
        let parse = |text| VectorFile::parse("one.txt", text).unwrap();
        let name = |one, other| parse(one).first_difference(&parse(other)).map(|difference| difference.name);
        assert_eq!(name("a: 1\nb: 2\n", "a: 1\nb: 2\n"), None);
        assert_eq!(name("a: 1\nb: 2\nc: 3\n", "a: 1\nb: 3\nc: 4\n").as_deref(), Some("b"));
        assert_eq!(name("a: 1\n", "a: 1\nb: 2\n").as_deref(), Some("b"));
        assert_eq!(name("a: 1\nb: 2\n", "b: 2\n").as_deref(), Some("a"));
        assert_eq!(name("# x\na: 1\n", "a: 1\n").as_deref(), Some("(comments)"));
        let repeated = VectorFile::parse("one.txt", "a: 1\na: 2\n");
        assert_eq!(repeated, Err(FormatError::Repeated { name: "a".to_owned() }));
    }
}
