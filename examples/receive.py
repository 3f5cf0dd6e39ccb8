# Lists the newest inbound messages, oldest first. Needs the standard library only.
#
#   python3 examples/receive.py 20
import json, os, sys, urllib.parse, urllib.request

URL = os.environ.get("HOMING_URL", "http://127.0.0.1:8080")

query = urllib.parse.urlencode({"direction": "inbound", "limit": sys.argv[1] if len(sys.argv) > 1 else 20})
request = urllib.request.Request(f"{URL}/v1/messages?{query}", headers={"x-api-key": os.environ["HOMING_KEY"]})
with urllib.request.urlopen(request) as response:
    page = json.load(response)

for message in reversed(page["messages"]):
    print(f"{message['from']} → {message['to']}: {message['content']}")

# While `page["has_more"]` is true, add `cursor=<page["cursor"]>` to the query to get the next page.
