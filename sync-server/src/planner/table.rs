//! A file's bytes as rows: byte order mark, separator, header, line numbers and bounds. Rows are read one by one
//! and never kept; what their cells mean is not known here.

use super::quotes::{Quotes, quotes};
use super::row::{Column, Problem, Row, shown};
use csv::ByteRecord;

/// A roster of a whole region is a tenth of this.
pub(super) const FILE_BYTES_MAX: usize = 256 * 1024 * 1024;
pub(super) const ROWS_MAX: usize = 2_000_000;

/// What reading found beside the rows.
#[derive(Default)]
pub(super) struct Read {
    pub problems: Vec<Problem>,
    pub notes: Vec<String>,
    pub rows: usize,
}

impl Read {
    fn refuse(&mut self, line: u64, column: &str, value: &[u8], reason: impl Into<String>) {
        let (column, value) = (column.to_owned(), shown(value));
        self.problems.push(Problem { line, column, place: None, value, reason: reason.into() });
    }
}

/// Hands each row that has as many cells as the header to `on_row`.
pub(super) fn each_row(bytes: &[u8], columns: &[Column], on_row: &mut dyn FnMut(Row)) -> Read {
    let mut read = Read::default();
    if bytes.len() > FILE_BYTES_MAX {
        read.refuse(1, "", b"", format!("the file is larger than {} MiB; split it", FILE_BYTES_MAX >> 20));
        return read;
    }
    if bytes.starts_with(b"\xFF\xFE") || bytes.starts_with(b"\xFE\xFF") {
        read.refuse(1, "", b"", "the file is UTF-16; save it as \"CSV UTF-8\"");
        return read;
    }
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let separator = separator(bytes);
    let mut reader =
        csv::ReaderBuilder::new().has_headers(false).flexible(true).delimiter(separator).from_reader(bytes);
    let mut record = ByteRecord::new();
    let mut lines = Lines { bytes, at: 0, line: 1 };
    if !next(&mut reader, &mut record) {
        read.refuse(1, "", b"", "the file is empty");
        return read;
    }
    let Some(header) = Header::read(&record, columns, separator, lines.of(&record), &mut read) else {
        return read;
    };
    while next(&mut reader, &mut record) {
        let line = lines.of(&record);
        if read.rows == ROWS_MAX {
            read.refuse(line, "", b"", format!("the file has more than {ROWS_MAX} rows; split it"));
            return read;
        }
        read.rows += 1;
        let raw = lines.raw(reader.position().byte() as usize);
        match header.fault(&record, &lines, raw) {
            Some(reason) => read.refuse(line, "", record.get(0).unwrap_or_default(), reason),
            None => header.row(&record, line, &mut read, on_row),
        }
    }
    if read.rows == 0 {
        read.notes.push("The file has a header and no rows.".into());
    }
    read
}

/// Reading from memory never fails, and `flexible` leaves no other error.
fn next(reader: &mut csv::Reader<&[u8]>, record: &mut ByteRecord) -> bool {
    reader.read_byte_record(record).expect("bytes in memory are always read")
}

/// Spreadsheets of other countries part cells by semicolons. The header has none of its own: its names are ours.
fn separator(bytes: &[u8]) -> u8 {
    let header =
        bytes.trim_ascii_start().split(|byte| matches!(byte, b'\n' | b'\r')).next().unwrap_or_default();
    let count = |separator: u8| header.iter().filter(|byte| **byte == separator).count();
    *[b',', b';', b'\t'].iter().rev().max_by_key(|separator| count(**separator)).unwrap_or(&b',')
}

/// Line numbers as an editor shows them, whichever way lines end. The CSV reader's own are one behind after
/// empty lines and within CRLF.
struct Lines<'b> {
    bytes: &'b [u8],
    at: usize,
    line: u64,
}

impl Lines<'_> {
    /// The line on which a record begins. Records come in order.
    fn of(&mut self, record: &ByteRecord) -> u64 {
        let start = record.position().map_or(0, |position| position.byte() as usize).min(self.bytes.len());
        let blank = self.bytes[start..].iter().take_while(|byte| matches!(byte, b'\n' | b'\r')).count();
        let to = start + blank;
        self.line += line_ends(self.bytes, self.at, to);
        self.at = to;
        self.line
    }
    /// The line on which the record that began last ends.
    fn last(&self, raw: &[u8]) -> u64 {
        self.line + line_ends(self.bytes, self.at, self.at + raw.trim_ascii_end().len())
    }
    /// The bytes of the record that began last and ends before `end`.
    fn raw(&self, end: usize) -> &[u8] {
        &self.bytes[self.at..end.min(self.bytes.len()).max(self.at)]
    }
}

fn line_ends(bytes: &[u8], from: usize, to: usize) -> u64 {
    let is_end = |at: &usize| match bytes[*at] {
        b'\n' => true,
        b'\r' => bytes.get(*at + 1) != Some(&b'\n'),
        _ => false,
    };
    (from..to).filter(is_end).count() as u64
}

struct Header {
    /// For each cell the column, if it is one that this kind of file has.
    columns: Vec<Option<Column>>,
    separator: u8,
}

impl Header {
    fn read(
        record: &ByteRecord,
        known: &[Column],
        separator: u8,
        line: u64,
        read: &mut Read,
    ) -> Option<Self> {
        let mut columns: Vec<Option<Column>> = Vec::new();
        for cell in record {
            let name = String::from_utf8_lossy(cell).trim().to_lowercase();
            let column = known.iter().find(|column| column.name == name).copied();
            match column {
                None if name.is_empty() => {}
                None => {
                    read.notes.push(format!("The column \"{}\" is not known and was not read.", shown(cell)))
                }
                Some(column) if columns.iter().flatten().any(|earlier| earlier.name == column.name) => {
                    read.refuse(line, column.name, b"", "stands twice in the header");
                }
                Some(_) => {}
            }
            columns.push(column);
        }
        for column in known.iter().filter(|column| column.is_required) {
            if !columns.iter().flatten().any(|found| found.name == column.name) {
                read.refuse(line, column.name, b"", "this column is missing from the header");
            }
        }
        read.problems.is_empty().then_some(Self { columns, separator })
    }

    /// Why the row's cells cannot be told apart, if so. A stray quotation mark swallows rows, and what it swallows
    /// may happen to have the right number of columns.
    fn fault(&self, record: &ByteRecord, lines: &Lines<'_>, raw: &[u8]) -> Option<String> {
        let (found, wanted) = (record.len(), self.columns.len());
        let reason = match quotes(raw, self.separator) {
            Quotes::NeverClosed => return Some("a quotation mark is opened and never closed".into()),
            Quotes::Stray => "has text after a closing quotation mark".to_owned(),
            Quotes::Paired if found < wanted => format!("has too few columns: {found} instead of {wanted}"),
            Quotes::Paired if record.iter().skip(wanted).any(|cell| !cell.trim_ascii().is_empty()) => {
                format!("has too many columns: {found} instead of {wanted}")
            }
            Quotes::Paired => return None,
        };
        Some(match lines.last(raw) {
            last if last > lines.line => format!("{reason}; the row runs to line {last}"),
            _ => reason,
        })
    }

    fn row(&self, record: &ByteRecord, line: u64, read: &mut Read, on_row: &mut dyn FnMut(Row)) {
        let mut row = Row::new(line);
        for (column, cell) in self.columns.iter().zip(record) {
            if let Some(column) = column {
                row.take(*column, cell);
            }
        }
        if row.is_blank() {
            read.refuse(line, "", b"", "the row is empty");
        } else {
            on_row(row);
        }
    }
}
