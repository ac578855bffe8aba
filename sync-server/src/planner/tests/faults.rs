//! Files that are wrong as a whole, and cells that no file may have.

use super::*;

fn problems(kind: ImportKind, file: impl AsRef<[u8]>) -> String {
    let known = Known::with_schedule();
    let reading = known.read(kind, file);
    reading.problems.iter().map(Problem::to_string).collect::<Vec<_>>().join("\n")
}

fn schedule_with(from: &str, to: &str) -> String {
    assert!(SCHEDULE.contains(from), "{from}");
    problems(ImportKind::Schedule, SCHEDULE.replacen(from, to, 1))
}

#[test]
fn a_file_that_is_no_table_is_told_in_one_line() {
    assert_eq!(problems(ImportKind::Staff, ""), "line 1: the file is empty");
    assert_eq!(problems(ImportKind::Staff, "\u{FEFF}\r\n"), "line 1: the file is empty");
    assert_eq!(
        problems(ImportKind::Staff, b"\xFF\xFEc\0o\0"),
        "line 1: the file is UTF-16; save it as \"CSV UTF-8\""
    );
    assert_eq!(
        problems(ImportKind::Staff, "code,NAME,code\nS-1,Ann Sample,nurse\n"),
        "line 1, code: stands twice in the header\nline 1, role: this column is missing from the header"
    );
    let large = vec![0; table::FILE_BYTES_MAX + 1];
    assert_eq!(problems(ImportKind::Staff, large), "line 1: the file is larger than 256 MiB; split it");
}

#[test]
fn an_unknown_column_is_a_note_and_a_header_alone_too() {
    let known = Known::default();
    let reading = known.read(ImportKind::Staff, "code,name,role,shoe size\nS-1,Ann Sample,nurse,=40\n");
    assert_eq!((reading.problems, reading.planned.len()), (vec![], 1));
    assert_eq!(reading.notes, ["The column \"shoe size\" is not known and was not read."]);
    let reading = known.read(ImportKind::Staff, "code,name,role\n");
    assert_eq!((reading.problems, reading.notes.len()), (vec![], 1));
}

#[test]
fn lines_are_those_of_an_editor() {
    for ends in ["\n", "\r\n", "\r"] {
        let file = ["code,name,role", "", "S-1,\"Ann", "Sample\",nurse", "", "", "S-2,,nurse"].join(ends);
        assert_eq!(problems(ImportKind::Staff, file), "line 7, name: is missing", "{ends:?}");
    }
}

#[test]
fn a_stray_quotation_mark_tells_how_far_it_reaches() {
    let header = "code,name,role\n";
    let told = |rows: &str| problems(ImportKind::Staff, format!("{header}{rows}\n"));
    assert_eq!(
        told("S-1,\"Ann Sample,nurse\nS-2,Bob Sample,nurse\nS-3,\"Cleo Sample\",nurse"),
        "line 2 \"S-1\": has text after a closing quotation mark; the row runs to line 4"
    );
    let never = "line 2 \"S-1\": a quotation mark is opened and never closed";
    assert_eq!(told("S-1,Ann Sample,\"nurse\nS-2,Bob Sample,nurse"), never);
    assert_eq!(told("S-1,\"Ann \"\"Nena\"\" Sample\",nurse\nS-2,Bob \"B\" Sample,\"nurse\""), "");
}

#[test]
fn a_schedule_names_what_it_does_not_know() {
    let told = [
        schedule_with("SSW-1,Synthetic", "NO-1,Synthetic"),
        schedule_with("S-101;", "S-999;"),
        schedule_with("America/New_York", "America/Newark"),
        schedule_with("06:00,10:00", "6 o'clock,10:00"),
        schedule_with("06:00,10:00", "10:00,06:00"),
        schedule_with("11:30,15:30", "09:30,15:30"),
        schedule_with("VAN-01,2,", "VAN-01,1,"),
        schedule_with("north-east,2026-11-23,VAN-02,1", "south,2026-11-23,VAN-02,1"),
        schedule_with("2026-11-23,VAN-02,1", "11/23/2026,VAN-02,1"),
        schedule_with(
            "VAN-02,2,STEEL-1,\"Synthetic Steel Works 1, main gate\"",
            "VAN-02,2,STEEL-1,Other gate",
        ),
    ];
    let expected = r#"
line 2, employer_code "NO-1": is not known; import the employers first
line 2, crew "S-999": is not known; import the staff first
line 2, time_zone "America/Newark": is not a time zone; write its IANA name, such as America/New_York
line 2, arrive "6 o'clock": is not a time; write 06:00 or 6:00 AM
line 2, depart "06:00": is not after arrive
line 3, arrive "09:30": is before the van leaves the stop of line 2
line 3, stop_order "1": stands twice for this van and day (line 2)
line 4, region "south": differs from line 2; a file is of one region
line 4, date "11/23/2026": is not a day; write it as 2026-11-23
line 5, site_name "Other gate": differs from line 2
"#;
    assert_eq!(told.join("\n"), expected.trim());
}

#[test]
fn a_time_that_clocks_skip_or_repeat_is_refused() {
    let on = |day: &str, arrive: &str| {
        let file =
            SCHEDULE.replace("2026-11-23", day).replacen(",06:00,10:00,", &format!(",{arrive},10:00,"), 1);
        problems(ImportKind::Schedule, file)
    };
    assert_eq!(
        on("2027-03-14", "02:30"),
        "line 2, arrive \"02:30\": is skipped on 2027-03-14 in America/New_York: clocks go forward over it"
    );
    assert_eq!(
        on("2027-11-07", "1:30 AM"),
        "line 2, arrive \"1:30 AM\": comes twice on 2027-11-07 in America/New_York: clocks go back over it"
    );
    assert_eq!(on("2027-03-14", "3:00 AM"), "");
}

#[test]
fn an_agreement_says_who_pays_and_from_when() {
    let row = |row: &str| {
        problems(ImportKind::Employers, format!("code,name,fee_payer,fee_cents,valid_from,valid_to\n{row}\n"))
    };
    assert_eq!(row("A-1,Sample Works,,,,"), "");
    let told = [
        row("A-1,Sample Works,plan,45.00,2026-01-01,"),
        row("A-1,Sample Works,plan,-1,2026-01-01,"),
        row("A-1,Sample Works,boss,1,2026-01-01,"),
        row("A-1,Sample Works,plan,1,2026-01-01,2025-12-31"),
        row("A-1,Sample Works,plan,1,,"),
        row("A-1,Sample Works,plan,1,-12025-11-01,"),
        row("A-1,Sample Works,plan,1,0000-11-01,"),
        row("A-1,Sample Works,,,,\na-1,Sample Works,,,,"),
    ];
    let expected = [
        "line 2, fee_cents \"45.00\": is not a whole number from 0 to 100000",
        "line 2, fee_cents \"-1\": is not a whole number from 0 to 100000",
        "line 2, fee_payer \"boss\": is not known; write employer, plan, person",
        "line 2, valid_to \"2025-12-31\": is before valid_from 2026-01-01",
        "line 2, valid_from: is missing: an agreement says who pays, and from which day",
        "line 2, valid_from \"-12025-11-01\": is not a day; write it as 2026-11-23",
        "line 2, valid_from \"0000-11-01\": is not a day; write it as 2026-11-23",
        "line 3, code \"a-1\": stands twice (line 2)",
    ];
    assert_eq!(told.join("\n"), expected.join("\n"));
}

#[test]
fn a_gap_names_a_member_and_a_rule() {
    let known = Known::with_roster();
    let file = "member_number;gap_id;due_since\nM000100001;COL;2026-01-01\nM1;COL;\nM000100001;XYZ;\n\
                M000100001;CBP;soon\nM000100001;col;2026-02-01\n1.23E+11;COL;\n";
    let told: Vec<String> =
        known.read(ImportKind::Gaps, file).problems.iter().map(Problem::to_string).collect();
    let expected = [
        "line 3, member_number \"M1\": is not known: no roster named this member; import the roster first",
        "line 4, gap_id \"XYZ\": is not in the catalog of care gaps",
        "line 5, due_since \"soon\": is not a day; write it as 2026-11-23",
        "line 6, gap_id \"col\": stands twice for this member (line 2)",
        "line 7, member_number \"1.23E+11\": was shortened by a spreadsheet; format the column as text and export again",
    ];
    assert_eq!(told, expected);
    let is_written_in_capitals = |gap: &shared::content::gaps::CareGap| gap.id == gap.id.to_ascii_uppercase();
    assert!(shared::content::gaps::catalog().iter().all(is_written_in_capitals));
}

#[test]
fn what_is_shown_of_a_value_is_short_and_harmless() {
    use super::super::row::shown;
    assert_eq!(shown("Zúñiga\u{1b}[2J".as_bytes()), "Zúñiga\\u{1b}[2J");
    assert_eq!(shown(b"Pe\xF1a"), "Pe\\xF1a");
    assert_eq!(shown("é".repeat(500).as_bytes()).chars().count(), 60);
}

#[test]
fn a_telephone_number_may_begin_with_a_plus() {
    let file = ROSTER.replacen("555-555-0106", "+1 555 555 0106", 1);
    assert_eq!(problems(ImportKind::Roster, file), "");
    let told = problems(ImportKind::Roster, ROSTER.replacen("874 Sample Court", "+874 Sample Court", 1));
    assert!(told.contains("would run as a formula"), "{told}");
}
