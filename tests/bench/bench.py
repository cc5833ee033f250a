"""What the measuring programs of this folder share: a Cabinet to measure, and the loads of a bench (see compare)."""
import json, os, re, signal, statistics, subprocess, sys, time

HERE = os.path.dirname(os.path.abspath(__file__))
PG = {"host": os.environ.get("BENCH_PGHOST", "/tmp/benchpg-sock"), "port": os.environ.get("BENCH_PGPORT", "5498")}
ENV = {**os.environ, "PGHOST": PG["host"], "PGPORT": PG["port"], "PGUSER": "postgres"}


def psql(sql, database="postgres"):
    return subprocess.run(["psql", "-qAtXd", database, "-c", sql], env=ENV, check=True, stdout=subprocess.PIPE,
                          text=True).stdout.strip()


class quiet_server:
    """Autovacuum is off meanwhile: it would be counted to whom it meets."""

    def __enter__(self):
        self.autovacuum = psql("SHOW autovacuum")
        self.set("off")

    def __exit__(self, *_):
        self.set(self.autovacuum)

    def set(self, value):
        psql(f"ALTER SYSTEM SET autovacuum = {value}")
        psql("SELECT pg_reload_conf()")


class Cabinet:
    """tests/bench/serve while it runs: urls by mode, process groups, the command that prints tokens.  settings are in
    its environment, and so above those of its file."""

    def __init__(self, a, workers, users=None, database=None, state=None, settings={}):
        database = database or os.environ.get("BENCH_DATABASE", "cabinet_bench")
        self.state = state or a.state
        self.process = subprocess.Popen([f"{HERE}/serve", a.build, self.state, str(users or a.users), str(workers),
                                         str(a.port)], env={**ENV, "BENCH_DATABASE": database,
                                                             "DB_POOL_SIZE": str(workers), **settings},
                                        stdout=subprocess.PIPE, text=True, start_new_session=True)
        told = {}
        for line in self.process.stdout:
            key, _, value = line.partition(": ")
            told[key] = value.strip()
            if key == "tokens":
                break
        else:
            sys.exit("tests/bench/serve did not start; it said why above")
        psql("VACUUM (INDEX_CLEANUP ON, ANALYZE)", database) # what autovacuum does for a server that is not measured
        http, tls = told["urls"].split()
        self.urls, self.groups, self.tokens = {"http": http, "tls": tls}, told["process groups"], told["tokens"]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait()


def load(a, cabinet, others, jobs, modes, out, name="cabinet", connections=None, rounds=None, first_round=0,
         seconds=None):
    """Runs the bench's loads over others and, where it has a name, cabinet; appends a JSON line a run to out.

    The bench numbers its requests, a token each, and gives a changed account that number.  Cabinet is told each token
    seven times, so that an account gets another value each time: one that stays as it is has no audit row to write.
    A second thread of the load generator would repeat what the first has just sent."""
    there = len(read_rows(out))
    command = [sys.executable, os.path.join(a.bench, "run.py"), "-t", ",".join(others), "-w", ",".join(jobs), "-m",
               ",".join(modes), "-r", str(rounds or a.rounds), "-s", str(seconds or a.seconds), "-c",
               str(connections or a.connections), "-o", out, "--threads", "1" if "w4" in jobs else "2"]
    for mode in modes if name else []:
        command += ["--url", f"{name}-{mode}={cabinet.urls[mode]}", "--group", f"{name}-{mode}={cabinet.groups}",
                    "--token-cmd", f"t=$({cabinet.tokens}); for k in 1 2 3 4 5 6 7; do echo \"$t\"; done"
                    if "w4" in jobs else cabinet.tokens]
    subprocess.run(command, stdout=subprocess.DEVNULL, check=False)
    rows = read_rows(out)
    for row in rows[there:]:
        row["round"] += first_round
    with open(out, "w") as f:
        f.writelines(json.dumps(row) + "\n" for row in rows)


def settle():
    """Until the server has worked off what a load has left behind: it would be counted to the next."""
    while psql("SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND pid <> pg_backend_pid()") != "0":
        time.sleep(0.5)


def cost(row):
    return row["cpu_app"] + row["cpu_nginx"] + row["cpu_pg"]


def failed(row):
    return row["status"] + row["sock"] + row["timeout"]


def read_rows(out):
    return [json.loads(line) for line in open(out)] if os.path.exists(out) else []


def ratio(rows, ours, theirs):
    """Medians over the rounds: of the ratios of cost and of p99 within a round, of both costs and p99s."""
    pick = lambda of: {r["round"]: r for r in rows
                       if (r["target"], r["job"], r["mode"], r["conn"]) == of and r["n"] > 0}
    a, b = pick(ours), pick(theirs)
    both = [k for k in a if k in b]
    if not both:
        return None
    med = lambda f: statistics.median(f(a[k], b[k]) for k in both)
    return {"cost": med(lambda x, y: cost(x) / cost(y)), "us": med(lambda x, _: cost(x)),
            "us_other": med(lambda _, y: cost(y)), "p99": med(lambda x, y: x["p99"] / y["p99"]),
            "rps": med(lambda x, y: x["rps"] / y["rps"]), "other": med(lambda x, y: max(x["other"], y["other"])),
            "failed": sum(failed(a[k]) + failed(b[k]) for k in both)}
