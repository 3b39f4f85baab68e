"""A download server on this machine, for tests."""
import http.server
import threading
import time
from contextlib import contextmanager


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        name = self.path.strip("/")
        self.server.asked.append(name)
        time.sleep(self.server.wait)
        content = self.server.files[name]
        self.send_response(200)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content[: len(content) // 2] if name == self.server.broken else content)

    def log_message(self, *args):
        pass


@contextmanager
def serving(files):
    """A server of {name: bytes}. `.url`; `.files` may be changed, `.asked` are the names that were asked for, `.broken` is
    one that is sent by half, `.wait` are seconds before each answer."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.files, server.asked, server.broken, server.wait = files, [], None, 0
    server.url = f"http://127.0.0.1:{server.server_port}/"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()
