//! Made-up people and visits for measuring and for storms. Everything is drawn from a seed, and every name says
//! that it is a sample.

use app::apply::Intent;
use app::capture::{ConsentDraft, Scopes};
use shared::content::Language;
use shared::content::consent::current;
use shared::domain::consent::{Consent, ConsentMethod};
use shared::domain::person::{Person, Relation, Sex};
use shared::domain::screening::{FactStatus, Observation};
use shared::domain::visit::{Station, Visit, VisitStatus};
use shared::ids::{EmployerId, Entropy, FactId, PersonId, SiteId, StaffId, StopId, VanId, VisitId};
use shared::record::Decimal;
use shared::time::Timestamp;

/// SplitMix64 (Steele et al., 2014): small, seeded, the same on every machine.
pub struct Seeded(pub u64);

impl Seeded {
    pub fn draw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }
    pub fn below(&mut self, bound: u64) -> u64 {
        self.draw() % bound
    }
    pub fn pick<'a>(&mut self, words: &[&'a str]) -> &'a str {
        words[self.below(words.len() as u64) as usize]
    }
}

impl Entropy for Seeded {
    fn fill(&mut self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(8) {
            let drawn = self.draw().to_le_bytes();
            chunk.copy_from_slice(&drawn[..chunk.len()]);
        }
    }
}

const FAMILY: &[&str] = &[
    "Alvarez",
    "Baker",
    "Castillo",
    "Delgado",
    "Edwards",
    "Flores",
    "Garcia",
    "Hernandez",
    "Ibarra",
    "Jackson",
    "Kowalski",
    "Lopez",
    "Mendoza",
    "Nguyen",
    "Ortega",
    "Patel",
    "Quintero",
    "Ramirez",
    "Silva",
    "Thompson",
    "Ulrich",
    "Vargas",
    "Walker",
    "Ximenez",
    "Young",
    "Zamora",
    "Núñez",
    "Muñoz",
    "Peña",
    "Böhm",
];
const GIVEN: &[&str] = &[
    "Ana",
    "Benjamin",
    "Carmen",
    "Daniel",
    "Elena",
    "Francisco",
    "Gloria",
    "Hector",
    "Irene",
    "James",
    "Karen",
    "Luis",
    "Maria",
    "Nicole",
    "Oscar",
    "Patricia",
    "Quentin",
    "Rosa",
    "Samuel",
    "Teresa",
    "Ursula",
    "Victor",
    "Wendy",
    "Xavier",
    "Yolanda",
    "Zachary",
    "José",
    "Inés",
    "Andrés",
    "Zoë",
];
const MIDDLE: &[&str] = &["", "A.", "B.", "C.", "D.", "E.", "Lee", "Marie", "Luz", "Ray"];
const STREET: &[&str] = &["Sample Street", "Example Avenue", "Specimen Road", "Model Lane", "Pattern Way"];
const NOTE: &[&str] = &[
    "seated", "ten", "minutes", "before", "second", "reading", "prefers", "left", "arm", "works", "nights",
    "came", "with", "family", "asked", "about", "diet", "and", "sleep", "walks", "daily",
];

/// A made-up person. Names repeat as they do in a mill town; "-Sample" says what they are.
pub fn person(seeded: &mut Seeded, number: u64, employer: EmployerId) -> Person {
    let family = if seeded.below(5) == 0 {
        format!("{}-{}-Sample", seeded.pick(FAMILY), seeded.pick(FAMILY))
    } else {
        format!("{}-Sample", seeded.pick(FAMILY))
    };
    let birth =
        format!("{}-{:02}-{:02}", 1945 + seeded.below(62), 1 + seeded.below(12), 1 + seeded.below(28));
    Person {
        family_name: Some(family),
        given_name: Some(seeded.pick(GIVEN).to_owned()),
        middle_name: Some(seeded.pick(MIDDLE).to_owned()).filter(|name| !name.is_empty()),
        birth_date: birth.parse().ok(),
        sex: Some(if seeded.below(2) == 0 { Sex::Female } else { Sex::Male }),
        language: Some(if seeded.below(3) == 0 { "es" } else { "en" }.to_owned()),
        phone: Some(format!("555-{:03}-{:04}", seeded.below(1000), seeded.below(10_000))),
        address_line: Some(format!("{} {}", 1 + seeded.below(9999), seeded.pick(STREET))),
        city: Some("Sampleton".into()),
        state: Some("OH".into()),
        postal_code: Some(format!("{:05}", seeded.below(100_000))),
        employer: Some(employer),
        relation: Some(Relation::Employee),
        employee_number: Some(format!("E{number:06}")),
        ..Person::default()
    }
}

/// What one visit writes: check-in, consent and two pressures, 40 fields in all.
pub struct SampleVisit {
    pub id: VisitId,
    pub intents: Vec<Intent>,
    /// The same as plain JSON with full names, as a document store would keep it.
    pub json: String,
}

/// A made-up visit of 40 fields.
pub fn visit(
    seeded: &mut Seeded,
    now: Timestamp,
    person: PersonId,
    site: SiteId,
    van: VanId,
    staff: StaffId,
) -> SampleVisit {
    let id = VisitId::new(now, seeded);
    let note: Vec<&str> = (0..8 + seeded.below(12)).map(|_| seeded.pick(NOTE)).collect();
    let visit = Visit {
        person: Some(person),
        stop: Some(StopId::from_bytes(*site.as_bytes())),
        site: Some(site),
        van: Some(van),
        station: Some(Station::Vitals),
        status: Some(VisitStatus::InProgress),
        checked_in_at: Some(now),
        finished_at: Some(now.plus_milliseconds(900_000)),
        identifiers_confirmed: Some("name, birth date".into()),
        checked_in_by: Some(staff),
        note: Some(note.join(" ")),
        walk_up: Some(seeded.below(4) == 0),
    };
    let consent = Consent {
        visit: Some(id),
        text_version: Some("2026-11".into()),
        language: Some("en".into()),
        care: Some(true),
        share_with_partners: Some(seeded.below(2) == 0),
        outreach: Some(false),
        research: Some(false),
        method: Some(ConsentMethod::WitnessedVerbal),
        witness: Some(staff),
        ..Consent::default()
    };
    let pressure = |loinc: &str, value: i64| Observation {
        visit: Some(id),
        loinc: Some(loinc.into()),
        value: Some(Decimal { mantissa: value, scale: 0 }),
        unit: Some("mm[Hg]".into()),
        panel: Some("85354-9".into()),
        reading: Some(1),
        status: Some(FactStatus::Final),
        performer: Some(staff),
        method: Some("manual".into()),
        interpretation: Some("stage 1".into()),
        confirmed_unusual: None,
        beyond: None,
        text: None,
    };
    let pressures =
        [pressure("8480-6", 95 + seeded.below(90) as i64), pressure("8462-4", 55 + seeded.below(50) as i64)];
    let mut fact_id = || FactId::new(now, seeded);
    let mut intents =
        vec![Intent::Set { record: id.into(), kind: Visit::KIND.number, values: visit.values() }];
    intents.push(Intent::Record(consent.fact(fact_id(), person.into(), now, None)));
    for pressure in &pressures {
        intents.push(Intent::Record(pressure.fact(fact_id(), person.into(), now, None)));
    }
    let json = json(&intents, &[&Visit::KIND, &Consent::KIND, &Observation::KIND]);
    SampleVisit { id, intents, json }
}

/// The intents of one change as plain JSON with the fields' names.
fn json(intents: &[Intent], kinds: &[&shared::record::Kind]) -> String {
    use shared::record::Value;
    fn plain(value: &Value) -> serde_json::Value {
        match value {
            Value::Null => serde_json::Value::Null,
            Value::Boolean(value) => (*value).into(),
            Value::Integer(number) => (*number).into(),
            Value::Decimal(number) => (number.mantissa as f64 / 10f64.powi(number.scale.into())).into(),
            Value::Text(text) => text.as_str().into(),
            Value::Bytes(bytes) => bytes.len().into(),
            Value::Date(date) => date.to_string().into(),
            Value::Timestamp(moment) => {
                let moment = chrono_text(*moment);
                moment.into()
            }
            Value::Id(uuid) => uuid.to_string().into(),
            Value::List(values) => values.iter().map(plain).collect(),
        }
    }
    fn chrono_text(moment: Timestamp) -> String {
        format!("{}T{:08}Z", moment.day(0), moment.milliseconds().rem_euclid(86_400_000))
    }
    let name = |kind: shared::record::KindNumber, field: shared::record::FieldNumber| {
        let kind = kinds.iter().find(|known| known.number == kind).expect("a kind of the list");
        kind.field(field).expect("a field of the kind").name
    };
    let mut parts = Vec::new();
    for intent in intents {
        let mut object = serde_json::Map::new();
        match intent {
            Intent::Set { record, kind, values } => {
                object.insert("id".into(), record.to_string().into());
                for (key, value) in values {
                    object.insert(name(*kind, key.field).into(), plain(value));
                }
            }
            Intent::Edit(edit) => {
                object.insert("id".into(), edit.record.to_string().into());
                for put in &edit.puts {
                    object.insert(name(edit.kind, put.key.field).into(), plain(&put.value));
                }
            }
            Intent::Record(fact) => {
                object.insert("id".into(), fact.id.to_string().into());
                object.insert("subject".into(), fact.subject.to_string().into());
                object.insert("at".into(), chrono_text(fact.at).into());
                for (field, value) in &fact.fields {
                    object.insert(name(fact.kind, *field).into(), plain(value));
                }
            }
        }
        parts.push(serde_json::Value::Object(object));
    }
    serde_json::Value::Array(parts).to_string()
}

/// Somebody agrees aloud to be cared for, and to nothing else.
pub fn agreed_aloud() -> ConsentDraft {
    ConsentDraft {
        scopes: Scopes { care: true, ..Scopes::default() },
        text: current(Language::English),
        method: ConsentMethod::WitnessedVerbal,
        signature: String::new(),
    }
}
