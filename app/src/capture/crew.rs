//! Who works here: today's crew by the route, and everybody of the region whom this device knows.

use super::desk::{CaptureError, Desk};
use crate::store::RecordReads;
use shared::domain::route::{Role, Route, Staff};
use shared::ids::StaffId;

/// A member of staff as the sign-in screen shows them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CrewMember {
    pub staff: StaffId,
    pub name: String,
    pub role: Option<Role>,
}

impl Desk {
    /// Today's crew, by name.
    pub fn crew(&self) -> Result<Vec<CrewMember>, CaptureError> {
        let Some(route) = self.today()?.route else { return Ok(vec![]) };
        let crew = Route::read(&self.state(route.into())?).crew.unwrap_or_default();
        let everybody = self.everybody()?;
        Ok(everybody.into_iter().filter(|member| crew.contains(&member.staff.to_string())).collect())
    }

    /// Everybody who works in the region, by name; who left is not among them.
    pub fn everybody(&self) -> Result<Vec<CrewMember>, CaptureError> {
        let mut members: Vec<CrewMember> = Vec::new();
        for (id, state) in self.store.states_of(&Staff::KIND)? {
            let Staff { name: Some(name), role, active, .. } = Staff::read(&state) else { continue };
            if active != Some(false) {
                members.push(CrewMember { staff: id.into(), name, role });
            }
        }
        members.sort_by(|left, right| left.name.cmp(&right.name));
        Ok(members)
    }
}
