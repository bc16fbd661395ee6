"""Getting messages to devices and back: outbox, fan-out, receipts, inbox, replay law."""
