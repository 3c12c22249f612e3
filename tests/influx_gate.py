"""A door before InfluxDB that a test can keep shut, slow or rude; what it lets through reaches the real server."""

import http.client
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit


class Gate:
    """``mood(path, body)`` says what to answer instead: (status, headers), or none to let it through."""

    def __init__(self, url):
        self.mood, self.requests = None, 0
        gate, target = self, urlsplit(url)

        class Door(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                gate.requests += 1
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                refused = gate.mood(self.path, body) if gate.mood else None
                status, headers, said = (*refused, b"{}") if refused else self.passed(body)
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                if status != 204:
                    self.send_header("Content-Length", str(len(said)))
                self.end_headers()
                self.wfile.write(b"" if status == 204 else said)

            def do_GET(self):
                self.do_POST()

            def passed(self, body):
                connection = http.client.HTTPConnection(target.hostname, target.port, timeout=30)
                kept = {name: value for name, value in self.headers.items() if name == "Authorization"}
                connection.request(self.command, self.path, body, kept)
                answer = connection.getresponse()
                said, version = answer.read(), answer.getheader("X-Influxdb-Version", "")
                connection.close()
                return answer.status, {"X-Influxdb-Version": version}, said

            def log_message(self, *_):
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self):
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._server.server_close()
