#!/usr/bin/env bash
# Generated requests against everything the API declares: no answer of 500 or above, none that is not declared, none of
# another shape. Where Schemathesis cannot be had it says so and is no failure. Bounded to about two minutes.
set -euo pipefail
cd "$(dirname "$0")/.."
export PATH="$PWD/node_modules/.bin:$PATH"
config="$PWD/.ci/schemathesis.toml"
work=$(mktemp -d)
server=
stop() {
  if [ -n "$server" ]; then kill "$server" 2>/dev/null || true; wait "$server" 2>/dev/null || true; fi
  rm -rf "$work"
}
trap stop EXIT

if ! { python3 -m venv "$work/venv" && "$work/venv/bin/pip" install -q schemathesis==4.32.5; } >"$work/pip.log" 2>&1; then
  echo "skipped: Schemathesis cannot be installed here"
  exit 0
fi

node cli/main.ts up --data "$work/data" --port 0 --sale-days 5 --log-level error --json >"$work/up.json" &
server=$!
for _ in $(seq 120); do
  grep -q '"url"' "$work/up.json" && break
  kill -0 "$server"
  sleep 0.5
done
url=$(node -p 'JSON.parse(require("node:fs").readFileSync(process.argv[1], "utf8")).url' "$work/up.json")
token=$(node cli/main.ts token --user olga --role operator --data "$work/data")
export SCHEMATHESIS_TRAIN=G1 SCHEMATHESIS_DATE
SCHEMATHESIS_DATE=$(TZ=Asia/Shanghai date -d '+2 days' +%F)

checks=not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance,unsupported_method
# The run is cancelled last: nothing else could be asked of it.
repository=$PWD
for only in --exclude-operation-id --include-operation-id; do
  seconds=$([ "$only" = --exclude-operation-id ] && echo 80 || echo 10)
  # It keeps what it finds in the folder where it runs.
  cd "$work"
  "$work/venv/bin/schemathesis" --config-file "$config" run "$url/openapi.json" \
    "$only" cancelRun --header "Authorization: Bearer $token" --checks "$checks" --phases examples,coverage,fuzzing \
    --seed "${SEED:-1}" --max-time "$seconds" --request-timeout 15 --continue-on-failure --warnings off --no-color
done
cd "$repository"
node cli/main.ts verify --data "$work/data"
