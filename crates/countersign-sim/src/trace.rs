//! A trace: what happened in one world, one JSON object a line.
//!
//! The first line is the [`TraceHeader`], each further one a [`Line`]. Whoever wants to see it drawn asks for its
//! arrows.

mod arrows;
mod handshake;

use crate::act::{Act, Line, TRACE_SCHEMA, TraceHeader};
use crate::host::HostId;
use serde::Serialize;
use serde_json::Value;
use serde_json::error::Category;
use std::io::{self, BufRead, Write};

/// What happened in one world, in order.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Trace {
    /// What was run.
    pub header: TraceHeader,
    /// The steps, with timers between them.
    pub lines: Vec<Line>,
}

/// Why a file is no trace: where, what, and what to do, in one line.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{file}, line {line}: {fault}")]
pub struct TraceError {
    /// Which file.
    pub file: String,
    /// Which line of it, from 1.
    pub line: usize,
    /// What is wrong with it.
    pub fault: TraceFault,
}

/// What is wrong with a line of a trace.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum TraceFault {
    /// There is no first line.
    #[error("the file is empty; give one that a simulation wrote")]
    Empty,
    /// It cannot be read, or is no text.
    #[error("it cannot be read ({0}); give a text file that a simulation wrote")]
    Unreadable(io::ErrorKind),
    /// It is not JSON.
    #[error("it is not JSON; the file is cut off or changed, or no trace: write it anew")]
    NotJson,
    /// The first line is JSON, and no header.
    #[error("it is not the header of a trace; put back the first line, or write the trace anew")]
    NoHeader,
    /// It is of another schema, or of another version of this one.
    #[error("its schema is '{0}', not '{TRACE_SCHEMA}'; read it with the program that wrote it, or write it anew")]
    OtherSchema(String),
    /// The schema is right and the rest of the header is not; the parser's words.
    #[error("the header is not as it should be ({0}); write the trace anew")]
    BadHeader(String),
    /// It is JSON, and no step; the parser's words.
    #[error("it is no step of a trace ({0}); take the line out, or write the trace anew")]
    NotAStep(String),
    /// Its number is not higher than that of the step before.
    #[error("its step is {got}, and an earlier one is {before}; put the lines in order, or write the trace anew")]
    StepDoesNotRise {
        /// Its number.
        got: u64,
        /// The number before.
        before: u64,
    },
    /// It is earlier than the line before.
    #[error(
        "its time is {got_us} us, and that of the line before {before_us} us; \
         put the lines in order, or write the trace anew"
    )]
    TimeGoesBack {
        /// Its time.
        got_us: u64,
        /// The time before.
        before_us: u64,
    },
}

impl Trace {
    /// Writes the first line of a trace.
    ///
    /// # Errors
    /// What the writer says.
    pub fn write_header(out: &mut impl Write, header: &TraceHeader) -> io::Result<()> {
        write_json(out, header)
    }

    /// Writes a further line.
    ///
    /// # Errors
    /// What the writer says.
    pub fn write_line(out: &mut impl Write, line: &Line) -> io::Result<()> {
        write_json(out, line)
    }

    /// Writes all of it.
    ///
    /// # Errors
    /// What the writer says.
    pub fn write(&self, out: &mut impl Write) -> io::Result<()> {
        Self::write_header(out, &self.header)?;
        self.lines.iter().try_for_each(|line| Self::write_line(out, line))
    }

    /// Reads a trace; `file` is what complaints call it.
    ///
    /// # Errors
    /// [`TraceError`]; the first that is wrong.
    pub fn read(file: &str, text: impl BufRead) -> Result<Self, TraceError> {
        let wrong = |line, fault| TraceError { file: file.to_owned(), line, fault };
        let mut texts = (1_usize..).zip(text.lines());
        let Some((at, first)) = texts.next() else { return Err(wrong(1, TraceFault::Empty)) };
        let header = readable(first).and_then(|text| header(&text)).map_err(|fault| wrong(at, fault))?;
        let mut lines = Vec::new();
        let (mut step, mut at_us) = (0, 0);
        for (at, text) in texts {
            let line = readable(text).and_then(|text| line(&text)).map_err(|fault| wrong(at, fault))?;
            let is_timer = line.step == 0 && matches!(line.act, Act::Timer { .. });
            if !is_timer && line.step <= step {
                return Err(wrong(at, TraceFault::StepDoesNotRise { got: line.step, before: step }));
            }
            if line.at_us < at_us {
                return Err(wrong(at, TraceFault::TimeGoesBack { got_us: line.at_us, before_us: at_us }));
            }
            (step, at_us) = (step.max(line.step), line.at_us);
            lines.push(line);
        }
        Ok(Self { header, lines })
    }

    /// What a host is called.
    #[must_use]
    pub fn name(&self, host: HostId) -> String {
        self.header.hosts.get(usize::from(host.0)).cloned().unwrap_or_else(|| format!("host {}", host.0))
    }
}

fn write_json(out: &mut impl Write, value: &impl Serialize) -> io::Result<()> {
    serde_json::to_writer(&mut *out, value)?;
    out.write_all(b"\n")
}

fn readable(text: io::Result<String>) -> Result<String, TraceFault> {
    text.map_err(|error| TraceFault::Unreadable(error.kind()))
}

fn header(text: &str) -> Result<TraceHeader, TraceFault> {
    let value: Value = serde_json::from_str(text).map_err(|_| TraceFault::NotJson)?;
    let schema = value.get("schema").and_then(Value::as_str).ok_or(TraceFault::NoHeader)?;
    if schema != TRACE_SCHEMA {
        return Err(TraceFault::OtherSchema(printable(schema)));
    }
    serde_json::from_value(value).map_err(|error| TraceFault::BadHeader(printable(&error.to_string())))
}

fn line(text: &str) -> Result<Line, TraceFault> {
    serde_json::from_str(text).map_err(|error| match error.classify() {
        // The parser always sees one line, so its line number says nothing.
        Category::Data => {
            TraceFault::NotAStep(printable(&error.to_string().replace(" at line 1 column", " at column")))
        }
        Category::Syntax | Category::Eof | Category::Io => TraceFault::NotJson,
    })
}

/// What somebody else wrote, so that it stays on its line and leaves the terminal alone.
fn printable(text: &str) -> String {
    text.replace(char::is_control, "?")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::act::{DatagramName, Effect, HandshakeNumber, Nature};
    use crate::scenario::Scenario;

    fn trace() -> Trace {
        let (client, server) = (HostId(1), HostId(0));
        let hello = DatagramName { from: client, handshake: HandshakeNumber(1), kind: 1, nth: 1 };
        let sent = Effect::Sent { datagram: hello, to: server, bytes: 1200, sha256: "0011223344556677".to_owned() };
        let wanted = vec!["read".to_owned()];
        let deliver = Act::Deliver { datagram: hello, to: server, from: client, flip: None, nature: Nature::Carried };
        let line = |step, at_us, act, effects| Line { step, at_us, act, effects };
        Trace {
            header: TraceHeader {
                schema: TRACE_SCHEMA.to_owned(),
                build: "0.1.0".to_owned(),
                seed: 7,
                world: 0,
                handshakes: 1,
                scenario: Scenario::default(),
                without: Vec::new(),
                hosts: vec!["vault-00000.example".to_owned(), "user-00000.example".to_owned()],
            },
            lines: vec![
                line(1, 10, Act::Connect { client, server, via: server, wanted }, vec![sent.clone()]),
                line(0, 20, Act::Timer { host: client }, vec![sent]),
                line(2, 20, deliver, Vec::new()),
            ],
        }
    }

    fn written() -> Vec<String> {
        let mut bytes = Vec::new();
        trace().write(&mut bytes).unwrap();
        String::from_utf8(bytes).unwrap().lines().map(str::to_owned).collect()
    }

    /// What is wrong with these lines, and where; the complaint is one line that names the file.
    fn fault(lines: &[&str]) -> (usize, TraceFault) {
        let error = Trace::read("a.ndjson", lines.join("\n").as_bytes()).unwrap_err();
        let text = error.to_string();
        assert_eq!(text.lines().count(), 1, "{text}");
        assert!(text.starts_with(&format!("a.ndjson, line {}: ", error.line)), "{text}");
        assert!(text.contains("; "), "the remedy follows the complaint: {text}");
        (error.line, error.fault)
    }

    #[test]
    fn what_was_written_is_read() {
        let lines = written();
        assert_eq!(lines.len(), 4);
        assert_eq!(Trace::read("a.ndjson", lines.join("\n").as_bytes()), Ok(trace()));
        assert_eq!(trace().name(HostId(1)), "user-00000.example");
        assert_eq!(trace().name(HostId(9)), "host 9");
    }

    #[test]
    fn an_empty_file_is_no_trace() {
        assert_eq!(fault(&[]), (1, TraceFault::Empty));
    }

    #[test]
    fn bytes_that_are_no_text_are_no_trace() {
        let error = Trace::read("a.ndjson", &b"\xff\xfe\n"[..]).unwrap_err();
        assert_eq!((error.line, error.fault), (1, TraceFault::Unreadable(io::ErrorKind::InvalidData)));
    }

    #[test]
    fn a_line_that_is_not_json_is_named() {
        let lines = written();
        assert_eq!(fault(&["hello"]), (1, TraceFault::NotJson));
        assert_eq!(fault(&[&lines[0], &lines[1], "{\"step\":2,"]), (3, TraceFault::NotJson));
        assert_eq!(fault(&[&lines[0], "", &lines[1]]), (2, TraceFault::NotJson));
    }

    #[test]
    fn a_trace_begins_with_its_header() {
        let lines = written();
        assert_eq!(fault(&[&lines[1], &lines[2]]), (1, TraceFault::NoHeader));
        assert_eq!(fault(&["[]"]), (1, TraceFault::NoHeader));
    }

    #[test]
    fn another_schema_or_version_is_refused() {
        let others = [
            ("countersign.trace.v2", "countersign.trace.v2"),
            ("somebody.report.v1", "somebody.report.v1"),
            ("two\\nlines", "two?lines"),
        ];
        for (other, shown) in others {
            let header = written()[0].replace(TRACE_SCHEMA, other);
            assert_eq!(fault(&[&header]), (1, TraceFault::OtherSchema(shown.to_owned())));
        }
    }

    #[test]
    fn a_header_without_a_seed_is_refused() {
        let header = written()[0].replace("\"seed\":7,", "");
        assert_eq!(fault(&[&header]), (1, TraceFault::BadHeader("missing field `seed`".to_owned())));
    }

    #[test]
    fn a_line_that_is_no_step_is_named() {
        let lines = written();
        let strange = lines[1].replace("connect", "dance");
        let (line, fault) = fault(&[&lines[0], &strange]);
        assert_eq!(line, 2);
        assert!(matches!(&fault, TraceFault::NotAStep(what) if what.contains("`dance`")), "{fault:?}");
    }

    #[test]
    fn step_numbers_rise() {
        let lines = written();
        let again = lines[3].replace("\"step\":2", "\"step\":1");
        let rise = TraceFault::StepDoesNotRise { got: 1, before: 1 };
        assert_eq!(fault(&[&lines[0], &lines[1], &lines[2], &again]), (4, rise));
    }

    /// Only timers have no number.
    #[test]
    fn a_step_without_a_number_is_refused() {
        let lines = written();
        let none = lines[1].replace("\"step\":1", "\"step\":0");
        assert_eq!(fault(&[&lines[0], &none]), (2, TraceFault::StepDoesNotRise { got: 0, before: 0 }));
    }

    #[test]
    fn time_does_not_go_back() {
        let lines = written();
        let early = lines[3].replace("\"at_us\":20", "\"at_us\":19");
        let back = TraceFault::TimeGoesBack { got_us: 19, before_us: 20 };
        assert_eq!(fault(&[&lines[0], &lines[1], &lines[2], &early]), (4, back));
    }
}
