"""A group, split by verb: create, join, propose, commit, process, stage, message, persist; `group` fronts them."""
