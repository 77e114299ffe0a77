"""The peer of scripts/bench event-loop: the same work as eventloopbench does, in asyncio on uvloop.

    asyncio_peer.py time WORKLOAD OPERATIONS           prints nanoseconds per operation
    asyncio_peer.py serve streams|protocol tcp|PATH    prints "ready PORT" or "ready PATH"; when the last client has
                                                       gone, "MESSAGES NANOSECONDS" (CPU since the first message)
"""

import asyncio
import concurrent.futures
import os
import random
import sys
import time

import uvloop

MESSAGE = 64
BACKLOG = 1024


async def spawn(loop, count):
    async def one():
        return 1

    for _ in range(count):
        await loop.create_task(one())


async def park(loop, count):
    for _ in range(count):
        future = loop.create_future()
        loop.call_soon(future.set_result, None)
        await future


def nothing():
    pass


async def timer_cancelled(loop, count):
    calls = [loop.call_later(1 + random.random() * 3600, nothing) for _ in range(count)]
    for call in calls:
        call.cancel()
    # A round of the loop, in which uvloop frees what was cancelled.
    await asyncio.sleep(0)


async def timer_fired(loop, count):
    fired = 0

    def fire():
        nonlocal fired
        fired += 1

    for _ in range(count):
        loop.call_later(0.001 + random.random() * 0.01, fire)
    while fired < count:
        await asyncio.sleep(0.001)


async def pool_alone(loop, count):
    for _ in range(count):
        await loop.run_in_executor(None, nothing)


async def pool_64(loop, count):
    await asyncio.gather(*(pool_alone(loop, count // 64) for _ in range(64)))


async def child(loop, count):
    null = asyncio.subprocess.DEVNULL
    for _ in range(count):
        process = await asyncio.create_subprocess_exec("/bin/true", stdin=null, stdout=null, env={})
        await process.wait()


WORKLOADS = {
    "spawn": (spawn, time.process_time_ns),
    "park": (park, time.process_time_ns),
    "timer-cancelled": (timer_cancelled, time.process_time_ns),
    "timer-fired": (timer_fired, time.process_time_ns),
    "pool-alone": (pool_alone, time.perf_counter_ns),
    "pool-64": (pool_64, time.perf_counter_ns),
    "child": (child, time.perf_counter_ns),
}


async def time_workload(name, count):
    loop = asyncio.get_running_loop()
    loop.set_default_executor(concurrent.futures.ThreadPoolExecutor(max_workers=os.cpu_count()))
    work, clock = WORKLOADS[name]
    await work(loop, max(count // 10, 1))
    begin = clock()
    await work(loop, count)
    print((clock() - begin) / count)


class Tally:
    """What a server has answered, and its CPU; ends the loop when the last client has gone."""

    def __init__(self, loop):
        self.loop, self.clients, self.bytes, self.begin = loop, 0, 0, 0

    def add(self, count):
        if self.bytes == 0:
            self.begin = time.process_time_ns()
        self.bytes += count

    def leave(self):
        self.clients -= 1
        if self.clients == 0:
            print(self.bytes // MESSAGE, time.process_time_ns() - self.begin, flush=True)
            self.loop.stop()


class Echo(asyncio.Protocol):
    def __init__(self, tally):
        self.tally = tally

    def connection_made(self, transport):
        self.transport = transport
        self.tally.clients += 1

    def data_received(self, data):
        self.tally.add(len(data))
        self.transport.write(data)

    def connection_lost(self, error):
        self.tally.leave()


async def serve(kind, where):
    loop = asyncio.get_running_loop()
    tally = Tally(loop)

    async def echo(reader, writer):
        tally.clients += 1
        while data := await reader.read(4096):
            tally.add(len(data))
            writer.write(data)
            await writer.drain()
        writer.close()
        tally.leave()

    if kind == "protocol" and where == "tcp":
        server = await loop.create_server(lambda: Echo(tally), "127.0.0.1", 0, backlog=BACKLOG)
    elif kind == "protocol":
        server = await loop.create_unix_server(lambda: Echo(tally), where, backlog=BACKLOG)
    elif where == "tcp":
        server = await asyncio.start_server(echo, "127.0.0.1", 0, backlog=BACKLOG)
    else:
        server = await asyncio.start_unix_server(echo, where, backlog=BACKLOG)
    port = server.sockets[0].getsockname()[1] if where == "tcp" else where
    print("ready", port, flush=True)
    return server


def main(arguments):
    loop = uvloop.new_event_loop()
    asyncio.set_event_loop(loop)
    if len(arguments) == 3 and arguments[0] == "time" and arguments[1] in WORKLOADS:
        loop.run_until_complete(time_workload(arguments[1], int(arguments[2])))
    elif len(arguments) == 3 and arguments[0] == "serve" and arguments[1] in ("streams", "protocol"):
        server = loop.run_until_complete(serve(*arguments[1:]))
        loop.run_forever()
        server.close()
    else:
        sys.exit(__doc__)


main(sys.argv[1:])
