"""The servers that `tests.bench.relay` measures: ours and its peers, each driven in its own protocol by one load."""
