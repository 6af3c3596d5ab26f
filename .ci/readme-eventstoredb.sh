#!/usr/bin/env bash
# The same as readme.sh, on the stand-in for EventStoreDB.
set -euo pipefail
cd "$(dirname "$0")/.."
work=$(mktemp -d)
node_modules/.bin/node cli/main.ts dev-eventstoredb --port 0 --json >"$work/out" 2>"$work/err" &
stand_in=$!
stop() {
  kill -TERM "$stand_in" 2>/dev/null || true
  wait "$stand_in" 2>/dev/null || true
  rm -rf "$work"
}
trap stop EXIT
for _ in $(seq 1 300); do
  grep -q '"url"' "$work/out" && break
  kill -0 "$stand_in" 2>/dev/null || { cat "$work/out" "$work/err"; exit 1; }
  sleep 0.1
done
RAILHEAD_ESDB_URL=$(node -p 'JSON.parse(fs.readFileSync(0, "utf8").split("\n")[0]).url' <"$work/out")
export RAILHEAD_ESDB_URL RAILHEAD_STORE=esdb
bash .ci/readme.sh
