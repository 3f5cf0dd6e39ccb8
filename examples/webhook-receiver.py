# Receives webhooks, verifies their signature and prints each event. Needs the standard library only.
#
#   WEBHOOK_SECRET=whsec_… PORT=3000 python3 examples/webhook-receiver.py
#
# POST /v1/webhooks returns the secret when you create the webhook.
import base64, hashlib, hmac, json, os, time
from http.server import BaseHTTPRequestHandler, HTTPServer

KEY = base64.b64decode(os.environ["WEBHOOK_SECRET"].removeprefix("whsec_"))


def is_authentic(headers, body):
    timestamp = headers.get("webhook-timestamp", "")
    if not timestamp.isdigit() or abs(time.time() - int(timestamp)) > 300:
        return False
    # The signature covers the exact bytes of the body: verify before you parse.
    signed = f"{headers.get('webhook-id', '')}.{timestamp}.".encode() + body
    expected = "v1," + base64.b64encode(hmac.new(KEY, signed, hashlib.sha256).digest()).decode()
    signatures = headers.get("webhook-signature", "").split(" ")
    return any(hmac.compare_digest(signature, expected) for signature in signatures)


class Receiver(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        authentic = is_authentic(self.headers, body)
        # Respond first and work later: a delivery without a 2xx status within 10 seconds is retried.
        self.send_response(204 if authentic else 401)
        self.end_headers()
        if authentic:
            # A retry has the same event["id"]. Store the id to skip an event that you have processed.
            event = json.loads(body)
            print(event["type"], event["data"].get("content"), flush=True)


HTTPServer(("127.0.0.1", int(os.environ.get("PORT", "3000"))), Receiver).serve_forever()
