#!/usr/bin/env python3
"""An on-page handler: finds prices in the visible text of pages and stores them as fields; follows a page's data-next link.

    [handlers.prices]
    program = "/usr/local/lib/crawld/prices.py"
    kinds = ["on-page"]
    text = "64KiB"
    html = "256KiB"

    SELECT url, json_extract(fields, '$.prices.lowest') FROM v_pages WHERE task = 'shop';
"""
import json
import re
import sys

PRICE = re.compile(r"(?:€|EUR)\s?(\d+(?:\.\d\d)?)")
NEXT = re.compile(r'data-next="([^"]+)"')

for line in sys.stdin:  # ends when crawld closes the pipe
    call = json.loads(line)
    answer = {"id": call["id"]}
    try:
        page = call["page"]
        prices = [float(price) for price in PRICE.findall(page.get("text", ""))]
        if prices:
            answer["fields"] = {"lowest": min(prices), "count": len(prices)}
        answer["links"] = NEXT.findall(page.get("html", ""))
    except Exception as error:  # this page goes without, the next one is another matter
        answer = {"id": call["id"], "error": repr(error)}
    print(json.dumps(answer), flush=True)
