#!/usr/bin/env bash
# Does what the README says a newcomer does: serves with `make run`, then pastes the commands it prints.
set -euo pipefail
cd "$(dirname "$0")/.."
work=$(mktemp -d)
make -s run PORT=0 DATA="$work/data" >"$work/out" 2>"$work/err" &
up=$!
stop() {
  # The server is make's child; its end is make's end.
  local server
  server=$(pgrep -P "$up" || true)
  [ -z "$server" ] || kill -TERM $server 2>/dev/null || true
  for _ in $(seq 1 150); do kill -0 $server "$up" 2>/dev/null || break; sleep 0.1; done
  [ -z "$server" ] || ! kill -0 $server 2>/dev/null || { echo "the server did not stop"; kill -KILL $server; }
  rm -rf "$work"
}
trap stop EXIT
for _ in $(seq 1 600); do
  grep -q '/history' "$work/out" && break
  kill -0 "$up" 2>/dev/null || { cat "$work/out" "$work/err"; exit 1; }
  sleep 0.1
done
sed -n '/# 1 search/,$p' "$work/out" >"$work/paste.sh"
bash "$work/paste.sh" | tee "$work/bought"
echo
grep -q '"status":"SUCCESS"' "$work/bought"
grep -q 'OrderTicketed' "$work/bought"
npx --no-install railhead verify --data "$work/data"
