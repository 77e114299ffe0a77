"""The peer of scripts/bench crawl: Scrapy with a small spider that does what the daemon does.

    scrapy_peer.py SEEDS HOSTS_FILE PER_HOST IN_FLIGHT MAX_PAGES SECONDS DATABASE

It crawls the seeds' hosts, obeys robots.txt, and stores url, status and title of each answer and the links of each page in
SQLite. It stops after MAX_PAGES answers (0: never) or SECONDS, and prints the number of links stored and of answers.
"""

import sqlite3
import sys
from urllib.parse import urldefrag, urlsplit

import scrapy
from scrapy.crawler import CrawlerProcess
from scrapy.http import HtmlResponse
from scrapy.resolver import CachingThreadedResolver
from twisted.internet import defer

seeds_file, hosts_file, per_host, in_flight, max_pages, seconds, database = sys.argv[1:]


def addresses():
    found = {}
    with open(hosts_file, encoding="ascii") as lines:
        for line in lines:
            address, *names = line.partition("#")[0].split() or [""]
            found.update((name, address) for name in names)
    return found


class HostsFile(CachingThreadedResolver):
    known = addresses()

    def getHostByName(self, name, timeout=None):
        if name in self.known:
            return defer.succeed(self.known[name])
        return super().getHostByName(name, timeout)


class Spider(scrapy.Spider):
    name = "peer"

    def __init__(self):
        super().__init__()
        with open(seeds_file, encoding="utf-8") as lines:
            self.start_urls = lines.read().split()
        self.hosts = {urlsplit(url).netloc for url in self.start_urls}
        self.answered = self.links = 0
        self.store = sqlite3.connect(database)
        self.store.executescript(
            """
            PRAGMA journal_mode = WAL;
            CREATE TABLE pages (url TEXT, status INTEGER, title TEXT);
            CREATE TABLE links (source INTEGER, target TEXT);
            """
        )

    def parse(self, response):
        self.answered += 1
        is_html = isinstance(response, HtmlResponse) and response.status == 200
        title = response.xpath("//title/text()").get() if is_html else None
        page = self.store.execute("INSERT INTO pages VALUES (?, ?, ?)", (response.url, response.status, title))
        targets = set()
        if is_html:
            for href in response.xpath("//a/@href | //area/@href").getall():
                try:
                    targets.add(urldefrag(response.urljoin(href.strip())).url)
                except ValueError:
                    continue
            self.store.executemany("INSERT INTO links VALUES (?, ?)", ((page.lastrowid, target) for target in targets))
            self.links += len(targets)
        if self.answered % 256 == 0:
            self.store.commit()
        for target in targets:
            if urlsplit(target).netloc in self.hosts:
                yield scrapy.Request(target)

    def closed(self, reason):
        self.store.commit()
        self.store.close()


process = CrawlerProcess(
    {
        "LOG_LEVEL": "CRITICAL",
        "DNS_RESOLVER": HostsFile,
        "ROBOTSTXT_OBEY": True,
        "CONCURRENT_REQUESTS": int(in_flight),
        "CONCURRENT_REQUESTS_PER_DOMAIN": int(per_host),
        "DOWNLOAD_DELAY": 0,
        "CLOSESPIDER_PAGECOUNT": int(max_pages),
        "CLOSESPIDER_TIMEOUT": int(seconds),
        "COOKIES_ENABLED": False,
        "HTTPERROR_ALLOW_ALL": True,
        "RETRY_ENABLED": False,
        "TELNETCONSOLE_ENABLED": False,
    },
)
crawler = process.create_crawler(Spider)
process.crawl(crawler)
process.start()
print(crawler.spider.links, crawler.spider.answered)
