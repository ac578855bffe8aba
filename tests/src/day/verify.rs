//! The evening's comparison: everything that was acknowledged is on the server, both vans agree, and what the office sees
//! and hands on is what the vans captured.

use super::compare::{Difference, Holdings, compare};
use super::play::{DayError, Options, RELEASE, enrol_in};
use super::server::Server;
use super::table::Table;
use crate::proxy::Proxy;
use crate::touch::Worked;
use crate::van::Van;
use app::store::RecordReads;
use shared::domain::screening::Observation;

/// What the office does when the day is over: who asked under which release, and the gaps that remain.
pub(super) fn hand_back(
    table: &mut Table,
    options: &Options,
    server: &Server,
    worked: &Worked,
) -> Result<(), DayError> {
    let adoption = server.adoption()?;
    let asked = adoption.iter().skip(1).filter(|line| !line.ends_with("no response yet"));
    let responses = |line: &String| -> Option<u32> {
        let counted = line.split("; ").nth(1)?;
        counted.split(' ').next()?.parse().ok()
    };
    let counted: u32 = asked.clone().filter_map(responses).sum();
    let under = asked.clone().all(|line| line.contains(RELEASE));
    table.verify(
        "every response names the release that it was asked under",
        under && counted >= worked.responses,
        format!("{counted} responses"),
    );
    let of = |rows: &[String], status: &str| {
        rows.iter().filter(|row| row.contains(&format!(",{status},"))).count()
    };
    let rows = server.export_gaps(&options.work.join("remainder.csv"), false)?;
    let all = server.export_gaps(&options.work.join("all.csv"), true)?;
    let [open, declined, follow_ups] = ["open-gap", "declined", "follow-up"].map(|status| of(&rows, status));
    table.did("gaps handed back: open, declined, to follow up", format!("{open}, {declined}, {follow_ups}"));
    let closed = of(&all, "closed-gap");
    let is_remainder = rows.len() == 1 + open + declined + follow_ups && all.len() == rows.len() + closed;
    table.verify(
        "what the vans closed is not handed back",
        is_remainder && follow_ups > 0 && closed > 0,
        format!("{closed} closed"),
    );
    Ok(())
}

/// What was dangerous is open at the office until somebody comes back to it.
pub(super) fn follow_up(table: &mut Table, server: &Server, one: &Van, two: &Van) -> Result<(), DayError> {
    let mut raised = std::collections::BTreeSet::new();
    for van in [one, two] {
        raised.extend(van.desk.tasks()?.into_iter().map(|view| view.id.to_string()));
    }
    let said = server.tasks()?;
    let listed =
        raised.iter().all(|id| said.iter().any(|line| line.starts_with(id) && line.contains(" acted ")));
    table.verify(
        "the office sees every dangerous value that a van acted on",
        listed && !raised.is_empty() && said.len() == raised.len() + 1,
        format!("{} tasks", raised.len()),
    );
    Ok(())
}

/// A finished visit goes to the plan's record system as FHIR, and reads back as what the van captured.
pub(super) fn hand_over(
    table: &mut Table,
    options: &Options,
    server: &Server,
    van: &Van,
) -> Result<(), DayError> {
    let stop = van.desk.today()?.stops.first().map(|stop| stop.id);
    let stop = stop.ok_or_else(|| DayError::Wrong("the van has no stop".into()))?;
    let card = van.desk.board(stop)?.done.into_iter().next();
    let visit = card.ok_or_else(|| DayError::Wrong("nobody was seen".into()))?.visit;
    let bundle = server.export_visit(visit, &options.work.join("visit.json"))?;
    let read = shared::fhir::read(&bundle, &[van.desk.packs()?.current()])
        .map_err(|refusals| DayError::Wrong(format!("the bundle does not read back: {refusals:?}")))?;
    let ours = van.store()?.facts(read.person_id.into(), &Observation::KIND)?;
    let ours: Vec<_> =
        ours.iter().filter(|fact| Observation::read(fact).visit == Some(read.visit_id)).collect();
    let same = ours.iter().all(|fact| read.facts.contains(fact)) && !ours.is_empty();
    table.verify(
        "a visit goes to FHIR and reads back as it was captured",
        same && read.visit == van.desk.visit(visit)?.visit,
        format!("{} values", ours.len()),
    );
    Ok(())
}

/// Two new tablets, one a van, get everything from the server: what they hold is what the server has.
pub(super) async fn verify_all(
    table: &mut Table,
    options: &Options,
    server: &Server,
    line: &Proxy,
    one: &Van,
    two: &Van,
) -> Result<(), DayError> {
    let mut tablets = Vec::new();
    for (van, staff) in [("VAN-01", "S-102"), ("VAN-02", "S-202")] {
        let folder = options.work.join(format!("{van}-new-tablet"));
        tablets.push(enrol_in(server, &folder, van, staff, line.address).await?);
    }
    // A new tablet is news to the others too.
    for van in tablets.iter().chain([one, two]) {
        van.settle(20).await?;
    }
    for tablet in &tablets {
        tablet.settle(20).await?;
    }
    let (ours, theirs) = (Holdings::of(&one.store()?)?, Holdings::of(&two.store()?)?);
    let between = compare(&ours, &theirs);
    let agree = between.different_records + between.different_facts == 0 && between.shared_records > 0;
    table.verify(
        "both vans agree on every record and fact they share",
        agree,
        format!("{} records", between.shared_records),
    );
    for (tablet, held) in tablets.iter().zip([&ours, &theirs]) {
        let van = &tablet.desk.identity().van_code;
        let Difference { different_records, different_facts, records_apart, facts_apart, .. } =
            compare(held, &Holdings::of(&tablet.store()?)?);
        let holds = different_records + different_facts + records_apart + facts_apart == 0;
        let found = format!("{} + {}", held.states.len(), held.fact_count());
        table.verify(&format!("{van}: a new tablet gets exactly what it holds"), holds, found);
    }
    for van in [one, two] {
        let name = van.desk.identity().van_code.clone();
        let undelivered = van.desk.deliveries(10_000)?.iter().filter(|delivery| !delivery.on_server).count();
        table.verify(
            &format!("{name}: every visit is acknowledged and signed for"),
            undelivered == 0,
            undelivered,
        );
        let refused = van.desk.refusals()?.len();
        table.verify(&format!("{name}: no change was quarantined"), refused == 0, refused);
        line.traffic();
        van.sync().await?;
        let idle = line.traffic();
        let bytes = idle.up_bytes + idle.down_bytes;
        table.did(&format!("{name}: bytes of an idle sync with a new TLS connection"), bytes);
    }
    Ok(())
}
