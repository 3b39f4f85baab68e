"""A download server on this machine, for tests."""
import http.server
import threading
import time
from contextlib import contextmanager, suppress


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        name, server = self.path.strip("/"), self.server
        server.asked.append(name)
        time.sleep(server.wait)
        content = server.files[name] if server.instead is None else server.instead
        self.send_response(200)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        with suppress(OSError):  # the other side may be gone by now
            self.wfile.write(content[: len(content) // 2] if name in (server.broken, server.stalled)
                             else content)
            self.wfile.flush()
            if name == server.stalled:
                server.ended.wait(60)

    def log_message(self, *args):
        pass


@contextmanager
def serving(files):
    """A server of {name: bytes}. `.url`; `.files` may be changed, `.asked` are the names that were
    asked for, `.broken` is one that is sent by half, `.stalled` one that is sent by half before
    silence, `.wait` are seconds before each answer, `.instead` is sent in place of every file."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.files, server.asked, server.broken, server.wait = files, [], None, 0
    server.stalled, server.instead, server.ended = None, None, threading.Event()
    server.url = f"http://127.0.0.1:{server.server_port}/"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.ended.set()
    server.shutdown()
    server.server_close()
    thread.join()
