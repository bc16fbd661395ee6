"""Long runs with random kills, on demand; each has a bounded seed in the suite."""
