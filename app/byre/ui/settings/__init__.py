"""Settings: navigation column and pages."""
