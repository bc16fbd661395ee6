"""See the README of this folder or `app/README.md`."""
