"""crawlctl check KIND with many lines through one process: its memory must not grow with their number.

usage: check_memory.py CRAWLCTL. The peak of memory after 100,000 lines is compared with the one after 10,000; exit 1 when
it is more than 2 MiB higher. One line in fifty is malformed.
"""

import base64
import json
import subprocess
import sys
import threading

FIRST, ALL, TOLERANCE = 10_000, 100_000, 2 << 10
PAGE = """<!doctype html><title>%d</title><base href=/b/><meta name=robots content=nofollow>
<p>Some text of the page %d<a href="x%d?a=1&amp;b=2" rel=next>link %d</a><img srcset="a%d 1x, b 2x">"""
SITEMAP = "<urlset>%s</urlset>"


def text64(text):
    return base64.b64encode(text.encode()).decode()


def robots(n):
    rules = "".join(f"Disallow: /{k}*x$\n" for k in range(n % 40))
    return {"robots": f"User-agent: *\n{rules}Allow: /{n}", "agent": "crawld", "url": f"http://h{n}.test/{n}/x"}


def url(n):
    return {"input": f"../{n}/\u00e9?q={n}#f", "base": f"http://b\u00fccher{n}.example/a/b/"}


def page(n):
    return {"html_base64": text64(PAGE % ((n,) * 5) + "<b>t</b>" * (n % 200)), "url": f"http://h/{n}"}


def sitemap(n):
    return {"base64": text64(SITEMAP % f"<url><loc>http://h/{n}</loc></url>" * (1 + n % 50)), "url": "http://h/s.xml"}


def address(n):
    return {"address": f"0x{n:x}.{n % 256}"} if n % 2 else {"url": f"http://{n}/"}


def retry_after(n):
    return {"value": str(n) if n % 2 else "Sun, 06 Nov 1994 08:50:37 GMT", "now": "Sun, 06 Nov 1994 08:49:37 GMT"}


KINDS = {
    "robots": robots, "url": url, "links": page, "page": page, "sitemap": sitemap, "address": address,
    "retry-after": retry_after,
}


def peak(process):
    for line in open(f"/proc/{process.pid}/status"):
        if line.startswith("VmHWM:"):
            return int(line.split()[1])
    raise RuntimeError("the kernel tells no VmHWM")


def feed(process, question, numbers):
    for n in numbers:
        line = '{"id": %d, "broken' % n if n % 50 == 49 else json.dumps({"id": n, **question(n)})
        process.stdin.write(line.encode() + b"\n")
    process.stdin.flush()


def measure(crawlctl, kind):
    """The peaks in KiB after the first lines and after all."""
    process = subprocess.Popen([crawlctl, "check", kind], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    peaks = []
    for numbers in [range(FIRST), range(FIRST, ALL)]:
        writer = threading.Thread(target=feed, args=(process, KINDS[kind], numbers))
        writer.start()
        for _ in numbers:
            if not process.stdout.readline():
                sys.exit(f"crawlctl check {kind} ended early")
        writer.join()
        peaks.append(peak(process))
    process.stdin.close()
    if process.wait() != 0:
        sys.exit(f"crawlctl check {kind} ended with {process.returncode}")
    return peaks


def main():
    grown = False
    for kind in KINDS:
        first, last = measure(sys.argv[1], kind)
        print(f"{kind:12} {first:7} KiB after {FIRST} lines, {last:7} KiB after {ALL}")
        grown = grown or last > first + TOLERANCE
    return 1 if grown else 0


sys.exit(main())
