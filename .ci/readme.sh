#!/usr/bin/env bash
# Does what the README says a newcomer does: serves with `make run`, pastes the commands it prints, then the README's own.
set -euo pipefail
cd "$(dirname "$0")/.."
work=$(mktemp -d)
# The guide checks a ticket in two days before its train leaves.
export RAILHEAD_DATA="$work/data" RAILHEAD_PORT=0 RAILHEAD_CHECK_IN_MINUTES=4320
make -s run >"$work/out" 2>"$work/err" &
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
url=$(grep -o 'http://localhost:[0-9]*' "$work/out" | head -n 1)
for text in README.md README.zh-CN.md; do
  # The one shell block that asks for a token; only the port differs here.
  awk '/^```sh/{block=""; inside=1; next} /^```/{if (inside && block ~ /railhead token/) printf "%s", block; inside=0} inside{block=block $0 "\n"}' "$text" |
    sed "s#http://localhost:8080#$url#g" >"$work/$text.sh"
done
# The guide's walk in the order of its page, behind a bought ticket: it is changed and given back; another one is used.
section() { awk -v name="## $1" '$0 == name {on=1; next} /^## / {on=0} on && /^```sh/ {inside=1; next} /^```/ {inside=0} on && inside' docs/http.md; }
{ cat "$work/README.md.sh"; section 'Changing tickets'; section 'Giving tickets back'; section 'At the gate, and afterwards'; } |
  sed "s#http://localhost:8080#$url#g" >"$work/walk.sh"
for script in paste.sh README.md.sh README.zh-CN.md.sh; do
  bash "$work/$script" >"$work/bought"
  grep -q '"status":"SUCCESS"' "$work/bought"
  grep -q 'OrderTicketed' "$work/bought"
  echo "bought a ticket: $script"
done
grep -q 'clean: no seat twice' "$work/bought"
bash "$work/walk.sh" >"$work/bought"
grep -q '"ticketStatus":"REFUNDED"' "$work/bought"
grep -q '"originalOrderNo"' "$work/bought"
echo 'changed a ticket, and gave it back'
grep -q '"ticketStatus":"USED","already":false' "$work/bought"
grep -q '"kind":"TICKETED"' "$work/bought"
echo 'used a ticket'
npx --no-install railhead verify
