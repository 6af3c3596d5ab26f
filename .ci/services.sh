#!/usr/bin/env bash
# Installs the servers that `make test-services` starts, where they are missing. What cannot be had here is said, and is no
# failure: its tests are skipped, and the suite's last lines name it.
set -uo pipefail
cd "$(dirname "$0")/.."
export DEBIAN_FRONTEND=noninteractive

missing=()
compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null || command -v initdb >/dev/null || missing+=(postgresql)
[ -x /usr/sbin/mariadbd ] || command -v mariadbd >/dev/null || missing+=(mariadb-server)
command -v redis-server >/dev/null || missing+=(redis-server)
command -v java >/dev/null || missing+=(default-jre-headless)
command -v mvn >/dev/null || missing+=(maven)

install() {
  # The packages start no server: the tests start their own.
  local policy=/usr/sbin/policy-rc.d ours=
  if [ ! -e "$policy" ]; then
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod +x "$policy"
    ours=yes
  fi
  apt-get update -qq && apt-get install -y -qq --no-install-recommends "$@"
  local outcome=$?
  [ -z "$ours" ] || rm "$policy"
  return "$outcome"
}

if [ "${#missing[@]}" -gt 0 ]; then
  if ! command -v apt-get >/dev/null || [ "$(id -u)" -ne 0 ]; then
    echo "not installed, which takes root on Debian: ${missing[*]}"
  else
    log=$(mktemp)
    if install "${missing[@]}" >"$log" 2>&1; then echo "installed: ${missing[*]}"; else tail -n 20 "$log"; echo "cannot be installed here: ${missing[*]}"; fi
    rm -f "$log"
  fi
fi

node_modules/.bin/node tests/services/fetch-elasticsearch.ts || echo 'this machine goes on without Elasticsearch'
# It needs a newer Java than the system's: without one its tests are skipped, and say so.
node_modules/.bin/node tests/services/fetch-opensearch.ts || echo 'this machine goes on without OpenSearch'
