//! A visit goes to FHIR and comes back; what others send is taken whole or refused by name.

mod calculated;
mod codes;
mod hostile;
mod round_trip;
mod sample;
mod sharing;
mod standing;
