"""Receives what a shop's xiaoer tells, and checks who says it. Python 3.9 or newer, nothing to install.

XIAOER_WEBHOOK_SECRET=whs_... python3 check_hook.py 9000

Put a proxy with HTTPS in front of it. Answer quickly with 2xx: what is not taken within ten seconds is told again.
"""

import hashlib
import hmac
import json
import os
import sys
import time
from http.server import BaseHTTPRequestHandler, HTTPServer

SECRET = os.environ["XIAOER_WEBHOOK_SECRET"].encode()
OLDEST_S = 300
BYTES_MAX = 1024 * 1024
# A real program keeps these ids in its database: the same delivery may come twice.
seen = set()


def is_signed(signature, body, now):
    """The signature covers the time and the very bytes that came."""
    parts = dict(part.split("=", 1) for part in signature.split(",") if "=" in part)
    told, given = parts.get("t", ""), parts.get("v1", "")
    if not told.isdigit() or abs(now - int(told)) > OLDEST_S:
        return False
    wanted = hmac.new(SECRET, told.encode() + b"." + body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(wanted, given)


class Told(BaseHTTPRequestHandler):
    def do_POST(self):
        length = int(self.headers.get("content-length", "0"))
        body = self.rfile.read(min(length, BYTES_MAX))
        if not is_signed(self.headers.get("x-xiaoer-signature", ""), body, time.time()):
            self.answer(401)
            return
        told = json.loads(body)
        if told["id"] not in seen:
            seen.add(told["id"])
            print(told["event"], json.dumps(told["data"], ensure_ascii=False), flush=True)
        self.answer(204)

    def answer(self, status):
        self.send_response(status)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


if __name__ == "__main__":
    HTTPServer(("127.0.0.1", int(sys.argv[1]) if len(sys.argv) > 1 else 9000), Told).serve_forever()
