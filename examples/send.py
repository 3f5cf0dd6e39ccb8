# Sends one message and waits until it is delivered or failed. Needs the standard library only.
#
#   python3 examples/send.py +15005550010 "Your order has shipped."
import json, os, sys, time, urllib.error, urllib.request, uuid

URL = os.environ.get("HOMING_URL", "http://127.0.0.1:8080")
HEADERS = {"x-api-key": os.environ["HOMING_KEY"], "content-type": "application/json"}


def call(path, body=None, headers={}):
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(URL + path, data, {**HEADERS, **headers})
    try:
        with urllib.request.urlopen(request) as response:
            return json.load(response)
    except urllib.error.HTTPError as error:
        problem = json.load(error)["error"]
        sys.exit(f"{problem['code']}: {problem['message']}")


to = sys.argv[1] if len(sys.argv) > 1 else "+15005550010"
content = sys.argv[2] if len(sys.argv) > 2 else "Your order has shipped."
message = {"to": to, "content": content}
# A live key needs `from`, one of your numbers. A test key accepts a message without it.
if "HOMING_FROM" in os.environ:
    message["from"] = os.environ["HOMING_FROM"]

# Send a retry with the same Idempotency-Key: the broker then returns the first response and sends nothing.
sent = call("/v1/messages/send", message, {"idempotency-key": str(uuid.uuid4())})
print(sent["id"], sent["status"])

while sent["status"] not in ("delivered", "failed"):
    time.sleep(0.5)
    sent = call(f"/v1/messages/{sent['id']}")
print(sent["id"], sent["status"], sent["error_code"] or "")
