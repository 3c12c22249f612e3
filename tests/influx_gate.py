"""A door before InfluxDB that a test can keep shut, slow or rude; what it lets through reaches the real server."""

import http.client
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit


class Gate:
    """``mood(path, body)``: (status, headers) to answer instead of the server at ``url``, or none to let it through.

    ``instead(path, body, authorization)`` answers everything: (status, headers, body).
    """

    def __init__(self, url):
        self.mood = self.instead = None
        gate, self._target = self, urlsplit(url)

        class Door(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                status, headers, said = gate.answer(self.command, self.path, body, self.headers.get("Authorization"))
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                if status != 204:
                    self.send_header("Content-Length", str(len(said)))
                self.end_headers()
                self.wfile.write(b"" if status == 204 else said)

            def do_GET(self):
                self.do_POST()

            def log_message(self, *_):
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def answer(self, method, path, body, authorization):
        if self.instead:
            return self.instead(path, body, authorization)
        refused = self.mood(path, body) if self.mood else None
        return (*refused, b"{}") if refused else self._passed(method, path, body, authorization)

    def _passed(self, method, path, body, authorization):
        connection = http.client.HTTPConnection(self._target.hostname, self._target.port, timeout=30)
        connection.request(method, path, body, {"Authorization": authorization} if authorization else {})
        answer = connection.getresponse()
        said, version = answer.read(), answer.getheader("X-Influxdb-Version", "")
        connection.close()
        return answer.status, {"X-Influxdb-Version": version}, said

    def __enter__(self):
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._server.server_close()
