"""An examiner with the key, who shares no code with the app, on profiles that were used at random."""
