"""Tells a shop's xiaoer of an order, by key. Python 3.8 or newer, nothing to install.

XIAOER_URL=https://chat.example.com XIAOER_SHOP=mysilk XIAOER_KEY=xk_... python3 tell_order.py
"""

import json
import os
import time
import urllib.error
import urllib.parse
import urllib.request

URL, SHOP, KEY = (os.environ[name] for name in ("XIAOER_URL", "XIAOER_SHOP", "XIAOER_KEY"))
TRIES_MAX = 5


def microseconds(moment: float) -> int:
    return int(moment * 1_000_000)


def tell(number: str, order: dict) -> dict:
    """Safe to repeat: the same order again changes nothing, and the later updated_at holds."""
    path = f"/api/v1/shops/{SHOP}/orders/{urllib.parse.quote(number, safe='')}"
    headers = {"authorization": f"Bearer {KEY}", "content-type": "application/json"}
    for attempt in range(TRIES_MAX):
        body = json.dumps(order).encode()
        request = urllib.request.Request(URL + path, body, headers, method="PUT")
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as refused:
            told = json.load(refused)
            if refused.code not in (429, 503):
                # What is wrong stands in params.errors: order, field, reason. Trying again would not help.
                raise SystemExit(f"{told['code']}: {told.get('params')}")
            wait = told.get("params", {}).get("retry_ms", 1000 * 2**attempt) / 1000
        except urllib.error.URLError:
            wait = 2**attempt
        time.sleep(wait)
    raise SystemExit("there was no answer; the same call later is safe")


if __name__ == "__main__":
    now = microseconds(time.time())
    taken = tell("S-1001", {
        "updated_at": now,
        "placed_at": now - 3_600_000_000,
        "state": "paid",
        "buyer_ref": "customer-42",
        "items": [{"sku": "SCARF-RED", "title": "Silk scarf, red", "quantity": 1, "amount": 19900}],
        "postage": 800,
        "address": {"name": "Wang Xiaoming", "phone": "13800138000", "text": "Hangzhou, West Lake Road 1"},
    })
    print(taken["orders"][0]["outcome"])
