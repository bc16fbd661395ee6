"""Operating-system matters: paths, one instance per profile, memory hardening, link handover. Stdlib only."""
