"""Load from several threads, each request judged and timed.

usage: load.py URL SECONDS THREADS MODE OUT [TOKEN]
  reads   GET /api/v1/users/me with TOKEN
  writes  POST /api/v1/auth/register of ever new names; the names that were acknowledged go to OUT.names
OUT gets one line a request: start, seconds, status (0: no answer); a summary goes to standard output as JSON.
"""
import http.client, json, sys, threading, time, urllib.parse, uuid

url, seconds, threads, mode, out = sys.argv[1], float(sys.argv[2]), int(sys.argv[3]), sys.argv[4], sys.argv[5]
token = sys.argv[6] if len(sys.argv) > 6 else ""
where = urllib.parse.urlsplit(url)
stop = time.time() + seconds
lock = threading.Lock()
records, names = [], []


def ask(connection):
    if mode == "reads":
        connection.request("GET", "/api/v1/users/me", headers={"Authorization": "Bearer " + token})
        return None
    name = "n" + uuid.uuid4().hex[:20]
    connection.request("POST", "/api/v1/auth/register", headers={"Content-Type": "application/json"}, body=json.dumps(
        {"email": name + "@example.org", "username": name, "password": "kr7.vole-hatch_92mx"}))
    return name


def run():
    while time.time() < stop:
        connection = http.client.HTTPConnection(where.hostname, where.port, timeout=60)
        start, status, name = time.time(), 0, None
        try:
            name = ask(connection)
            answer = connection.getresponse()
            answer.read()
            status = answer.status
        except (OSError, http.client.HTTPException):
            pass
        connection.close()
        with lock:
            records.append((start, time.time() - start, status))
            if status == 201 and name:
                names.append(name)
        if status not in (200, 201):
            time.sleep(0.02)


workers = [threading.Thread(target=run) for _ in range(threads)]
for worker in workers:
    worker.start()
for worker in workers:
    worker.join()
records.sort()
with open(out, "w") as f:
    for record in records:
        f.write("%.6f %.6f %d\n" % record)
with open(out + ".names", "w") as f:
    f.writelines(name + "\n" for name in names)
good = 201 if mode == "writes" else 200
counts = {}
for record in records:
    counts[record[2]] = counts.get(record[2], 0) + 1
print(json.dumps({"total": len(records), "good": counts.get(good, 0), "slowest": max(r[1] for r in records),
                  "by_status": counts}))
