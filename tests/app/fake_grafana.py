"""A stand-in for Grafana: the endpoints that `mes dashboards push` asks, in the documented shapes. Not a Grafana."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

TOKEN = "glsa_test"
#: Collection → under which key its items are kept.
_KEYS = {
    "/api/folders": "uid",
    "/api/datasources": "uid",
    "/api/v1/provisioning/alert-rules": "uid",
    "/api/v1/provisioning/contact-points": "uid",
}


class FakeGrafana:
    """``kept``: what it holds, path → JSON; ``writes``: what was changed; ``refuse``: (status, message) or none."""

    def __init__(self):
        self.kept, self.writes, self.refuse = {}, [], lambda *_: None
        self.kept["/api/v1/provisioning/policies"] = {"receiver": "grafana-default-email", "routes": []}
        fake = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def do_GET(self):
                self.answer(*fake.get(self.path.partition("?")[0], self.headers))

            def do_POST(self):
                self.answer(*fake.write("POST", self.path, self.body(), self.headers))

            def do_PUT(self):
                self.answer(*fake.write("PUT", self.path, self.body(), self.headers))

            def body(self):
                return json.loads(self.rfile.read(int(self.headers.get("Content-Length", 0))))

            def answer(self, status, said):
                body = json.dumps(said).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self):
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._server.server_close()

    def refused(self, method, path, headers):
        if path == "/api/health":
            return None
        if headers.get("Authorization") != f"Bearer {TOKEN}":
            return 401, {"message": "Invalid API key"}
        refused = self.refuse(method, path)
        return None if refused is None else (refused[0], {"message": refused[1]})

    def get(self, path, headers):
        if refused := self.refused("GET", path, headers):
            return refused
        if path == "/api/health":
            return 200, {"database": "ok", "version": "13.2.3", "commit": "abc"}
        if path == "/api/v1/provisioning/contact-points":
            return 200, [one for key, one in self.kept.items() if key.startswith(path + "/")]
        if path.startswith("/api/dashboards/uid/"):
            board = self.kept.get(path)
            return (404, {"message": "Dashboard not found"}) if board is None else (200, board)
        kept = self.kept.get(path.replace("/datasources/uid/", "/datasources/"))
        return (404, {"message": "not found"}) if kept is None else (200, kept)

    def write(self, method, path, body, headers):
        if refused := self.refused(method, path, headers):
            return refused
        self.writes.append((method, path))
        if path == "/api/dashboards/db":
            board, key = body["dashboard"], f"/api/dashboards/uid/{body['dashboard']['uid']}"
            version = self.kept[key]["dashboard"]["version"] + 1 if key in self.kept else 1
            if f"/api/folders/{body['folderUid']}" not in self.kept:
                return 400, {"message": "folder not found"}
            self.kept[key] = {
                "dashboard": board | {"id": 7, "version": version},
                "meta": {"folderUid": body["folderUid"]},
            }
            return 200, {"uid": board["uid"], "version": version, "status": "success"}
        if method == "POST":
            key = f"{path}/{body[_KEYS[path]]}"
            if key in self.kept:
                return 409, {"message": "it is there already"}
        else:
            key = path.replace("/datasources/uid/", "/datasources/")
        # What Grafana adds by itself, and what it tells nobody again.
        self.kept[key] = {name: value for name, value in body.items() if name != "secureJsonData"} | {
            "id": 3,
            "orgId": 1,
        }
        return (201 if method == "POST" else 200), self.kept[key]
