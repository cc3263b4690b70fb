//! A trace: what happened in one world, one JSON object a line.
//!
//! The first line is the [`TraceHeader`], each further one a [`Line`], the last the [`TraceEnd`]. Whoever wants to see it drawn asks for its
//! arrows.

mod arrows;
mod handshake;

use crate::act::{Act, End, Line, TRACE_SCHEMA, TraceEnd, TraceHeader};
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
    /// Its end is not there.
    #[error("the file is cut off: its last line, which says that it is complete, is missing; write the trace anew")]
    CutOff,
    /// Its end does not tell of it.
    #[error("a trace of {said} steps ends here, and {got} came before; put back the others, or write the trace anew")]
    OtherEnd {
        /// How many steps it says that there are.
        said: u64,
        /// How many there are.
        got: u64,
    },
    /// Something follows its end.
    #[error("the trace has ended before it; take the line out, or write the trace anew")]
    AfterEnd,
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

    /// Writes the last line, after so many steps.
    ///
    /// # Errors
    /// What the writer says.
    pub fn write_end(out: &mut impl Write, steps: u64) -> io::Result<()> {
        write_json(out, &TraceEnd { end: End { steps } })
    }

    /// Writes all of it.
    ///
    /// # Errors
    /// What the writer says.
    pub fn write(&self, out: &mut impl Write) -> io::Result<()> {
        Self::write_header(out, &self.header)?;
        self.lines.iter().try_for_each(|line| Self::write_line(out, line))?;
        Self::write_end(out, u64::try_from(self.steps()).unwrap_or(u64::MAX))
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
        let mut body = Body::default();
        for (at, text) in texts {
            readable(text).and_then(|text| body.take(&text)).map_err(|fault| wrong(at, fault))?;
        }
        if !body.has_ended {
            return Err(wrong(body.lines.len().saturating_add(1), TraceFault::CutOff));
        }
        Ok(Self { header, lines: body.lines })
    }

    /// What a host is called.
    #[must_use]
    pub fn name(&self, host: HostId) -> String {
        self.header.hosts.get(usize::from(host.0)).cloned().unwrap_or_else(|| format!("host {}", host.0))
    }
}

/// What follows the header, as far as it has been read.
#[derive(Default)]
struct Body {
    lines: Vec<Line>,
    steps: u64,
    /// The number of the last step.
    step: u64,
    at_us: u64,
    has_ended: bool,
}

impl Body {
    fn take(&mut self, text: &str) -> Result<(), TraceFault> {
        if self.has_ended {
            return Err(TraceFault::AfterEnd);
        }
        if let Ok(TraceEnd { end }) = serde_json::from_str(text) {
            self.has_ended = true;
            let (said, got) = (end.steps, self.steps);
            return if said == got { Ok(()) } else { Err(TraceFault::OtherEnd { said, got }) };
        }
        let line = line(text)?;
        let is_timer = line.step == 0 && matches!(line.act, Act::Timer { .. });
        if !is_timer && line.step <= self.step {
            return Err(TraceFault::StepDoesNotRise { got: line.step, before: self.step });
        }
        if line.at_us < self.at_us {
            return Err(TraceFault::TimeGoesBack { got_us: line.at_us, before_us: self.at_us });
        }
        (self.step, self.at_us) = (self.step.max(line.step), line.at_us);
        self.steps = self.steps.saturating_add((line.step > 0).into());
        self.lines.push(line);
        Ok(())
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
    let bad = |why: &dyn core::fmt::Display| TraceFault::BadHeader(printable(&why.to_string()));
    let header: TraceHeader = serde_json::from_value(value).map_err(|error| bad(&error))?;
    header.run().check().map_err(|error| bad(&error))?;
    Ok(header)
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
        assert_eq!(lines.len(), 5);
        assert_eq!(Trace::read("a.ndjson", lines.join("\n").as_bytes()), Ok(trace()));
        assert_eq!(trace().name(HostId(1)), "user-00000.example");
        assert_eq!(trace().name(HostId(9)), "host 9");
    }

    /// A file that was cut at the end of a line is told from a whole one.
    #[test]
    fn a_trace_without_its_end_is_cut_off() {
        let lines = written();
        assert_eq!(lines[4], "{\"end\":{\"steps\":2}}");
        for kept in 1..5 {
            let kept: Vec<&str> = lines[..kept].iter().map(String::as_str).collect();
            assert_eq!(fault(&kept), (kept.len(), TraceFault::CutOff));
        }
        let other = TraceFault::OtherEnd { said: 2, got: 1 };
        assert_eq!(fault(&[&lines[0], &lines[1], &lines[2], &lines[4]]), (4, other));
        let all: Vec<&str> = lines.iter().chain([&lines[4]]).map(String::as_str).collect();
        assert_eq!(fault(&all), (6, TraceFault::AfterEnd));
    }

    /// Whatever a header says, running it is safe.
    #[test]
    fn a_header_of_a_world_that_cannot_be_is_refused() {
        let lines = written();
        for (sense, nonsense, said) in [
            ("\"clients\":256", "\"clients\":0", "at least one client"),
            ("\"servers\":8", "\"servers\":60000", "250 servers"),
            ("\"deadline\":60000000", "\"deadline\":0", "the deadline is 0s"),
            ("\"handshakes\":1,", "\"handshakes\":0,", "at least one handshake"),
            ("\"drift_ppm\":0", "\"drift_ppm\":4000000000", "drift_ppm"),
            ("\"offset\":30000000", "\"offset\":18446744073709551615", "longer than"),
            ("\"mtu\":1200", "\"mtu\":3", "mtu"),
            ("\"loss\":0", "\"loss\":1000001", "share"),
        ] {
            let header = lines[0].replacen(sense, nonsense, 1);
            assert_ne!(header, lines[0], "{sense}");
            let (line, fault) = fault(&[&header, &lines[4]]);
            assert!(line == 1 && matches!(&fault, TraceFault::BadHeader(what) if what.contains(said)), "{fault:?}");
        }
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

    /// What the parser expected is said in words, not in names of the code.
    #[test]
    fn a_flip_that_is_none_is_told_in_words() {
        let lines = written();
        let strange = lines[3].replace("\"flip\":null", "\"flip\":3");
        let (_, fault) = fault(&[&lines[0], &lines[1], &lines[2], &strange]);
        let said = "integer `3`, expected a byte and a bit of it";
        assert!(matches!(&fault, TraceFault::NotAStep(what) if what.contains(said)), "{fault:?}");
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
