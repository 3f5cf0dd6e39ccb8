# Replies to inbound messages that contain a keyword. Needs no public address: it reads the event stream.
# Needs the standard library only.
#
#   python3 examples/two-way-bot.py
import http.client, json, os, time, urllib.error, urllib.request

URL = os.environ.get("HOMING_URL", "http://127.0.0.1:8080")
HEADERS = {"x-api-key": os.environ["HOMING_KEY"], "content-type": "application/json"}
# A reply must not contain a keyword: two bots would then reply to each other forever.
REPLIES = {"hours": "We are open from 9:00 to 17:00.", "address": "You find us at 1 Main Street."}


def events(last_event_id):
    """Yields inbound messages, beginning after the given event, until the connection breaks."""
    headers = HEADERS if last_event_id is None else {**HEADERS, "last-event-id": last_event_id}
    request = urllib.request.Request(f"{URL}/v1/events?types=message.received", headers=headers)
    # The broker sends a comment every 15 seconds, so 45 seconds without a line mean a dead connection.
    with urllib.request.urlopen(request, timeout=45) as stream:
        for line in stream:
            if line.startswith(b"data: "):
                yield json.loads(line.removeprefix(b"data: "))


def reply_to(message):
    reply = next((REPLIES[word] for word in REPLIES if word in message["content"].lower()), None)
    if reply is None:
        return
    body = json.dumps({"to": message["from"], "from": message["to"], "content": reply}).encode()
    # The id of the inbound message: one reply to each message, even if its event arrives twice.
    headers = {**HEADERS, "idempotency-key": f"reply-{message['id']}"}
    try:
        urllib.request.urlopen(urllib.request.Request(f"{URL}/v1/messages/send", body, headers)).close()
        print(f"{message['from']}: {message['content']} → {reply}", flush=True)
    except urllib.error.HTTPError as error:
        # For example 403: the recipient has opted out.
        print(f"{message['from']}: {error.read().decode()}", flush=True)


last_event_id = None
while True:
    try:
        for event in events(last_event_id):
            reply_to(event["data"])
            last_event_id = event["id"]
    except (OSError, http.client.HTTPException) as error:
        if isinstance(error, urllib.error.HTTPError) and error.code in (400, 401, 403):
            raise
        print(f"Reconnecting: {error}", flush=True)
    time.sleep(2)
