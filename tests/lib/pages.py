# SPDX-License-Identifier: LGPL-2.1-or-later
"""A page for a browser under test, and what the two have to say to each other. It must not
know what that is."""
import http.server
import json
import threading


def serve(path, address, post, get=None):
    """Serves the file at path at http://ADDRESS:8000/. Each object that is posted goes to
    post(), and /next to get(), in threads of their own; both return the text of the answer,
    and may wait."""
    with open(path, encoding="utf-8") as file:
        page = file.read()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.answer(get() if self.path == "/next" else page)

        def do_POST(self):
            self.answer(post(json.loads(self.rfile.read(int(self.headers["Content-Length"])))))

        def answer(self, text):
            body = text.encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *arguments):
            pass

    server = http.server.ThreadingHTTPServer((address, 8000), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
