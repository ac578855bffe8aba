SELECT row, names, sounds, numbers FROM person_index WHERE names GLOB ? LIMIT ?
