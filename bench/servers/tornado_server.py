"""Tornado with a process pool: `PORT=... python3 tornado_server.py <size>`."""

import asyncio
import os
import signal
import sys
from concurrent.futures import ProcessPoolExecutor

from tornado.web import Application, RequestHandler


def fibonacci(n):
    return n if n < 2 else fibonacci(n - 1) + fibonacci(n - 2)


class Health(RequestHandler):
    def get(self):
        self.write({"status": "ok"})


class Fibonacci(RequestHandler):
    def initialize(self, executor):
        self.executor = executor

    async def get(self, n):
        loop = asyncio.get_running_loop()
        value = await loop.run_in_executor(self.executor, fibonacci, int(n))
        self.set_header("Content-Type", "text/plain; charset=UTF-8")
        self.write(str(value))


async def main():
    with ProcessPoolExecutor(int(sys.argv[1])) as executor:
        app = Application([
            (r"/healthz", Health),
            (r"/(\d+)", Fibonacci, {"executor": executor}),
        ], log_function=lambda handler: None)
        app.listen(int(os.environ["PORT"]), "127.0.0.1")
        stop = asyncio.Event()
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
        await stop.wait()


asyncio.run(main())
