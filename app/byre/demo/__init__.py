"""`byre demo`: real processes on loopback play the whole story. Knows the program by its command line and RPC only."""
