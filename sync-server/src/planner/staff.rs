//! `staff.csv`: who works on the vans. An import never gives somebody's access back: `active` is said of new staff
//! only.

use super::PlannedRecord;
use super::office::{Import, Office};
use super::plan::Draft;
use super::row::{Column, Row};
use shared::domain::route::{Role, Staff, staff_fields};
use shared::record::{FieldNumber, KindNumber};
use std::collections::HashMap;

const COLUMNS: &[Column] = &[Column::needed("code"), Column::needed("name"), Column::needed("role")];

#[derive(Default)]
pub(super) struct StaffImport {
    /// The line on which each code stood first.
    lines: HashMap<String, u64>,
}

impl Import for StaffImport {
    fn columns(&self) -> &'static [Column] {
        COLUMNS
    }

    fn row(&mut self, office: &Office<'_>, mut row: Row, draft: &mut Draft) {
        let code = row.needed_code("code");
        let name = row.needed_text("name");
        let roles: Vec<(&str, Role)> = Role::ALL.iter().map(|role| (role.code(), *role)).collect();
        let role = row.choice("role", &roles).or_else(|| row.refuse("role", "is missing"));
        let mut records = Vec::new();
        if let Some(code) = code {
            let line = *self.lines.entry(code.to_ascii_uppercase()).or_insert(row.line);
            if line != row.line {
                row.refuse::<()>("code", format!("stands twice (line {line})"));
            }
            let id = office.names.staff(&code);
            let active = (!office.is_known(id)).then_some(true);
            let staff = Staff { code: Some(code), name, role, active };
            records.push(PlannedRecord {
                record: id.into(),
                kind: Staff::KIND.number,
                bucket: office.region_bucket(),
                values: staff.values(),
                line: row.line,
            });
        }
        draft.take(row, records, column_of);
    }
}

fn column_of(_kind: KindNumber, field: FieldNumber) -> &'static str {
    match field {
        staff_fields::name => "name",
        staff_fields::role => "role",
        _ => "code",
    }
}
