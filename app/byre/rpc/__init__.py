"""`byre rpc`: the engine over JSON-RPC 2.0 on stdin and stdout. See README.md."""

from byre.rpc.server import Extension, run_rpc

__all__ = ["Extension", "run_rpc"]
