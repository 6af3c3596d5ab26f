#!/usr/bin/env bash
# Installs the servers that `make test-services` starts, where they are missing. What cannot be had here is said, and is no
# failure: its tests are skipped, and the suite's last lines name it.
set -uo pipefail
cd "$(dirname "$0")/.."
export DEBIAN_FRONTEND=noninteractive

missing=()
for package in postgresql-15 redis-server mariadb-server openjdk-17-jre-headless maven; do
  dpkg-query -W -f '${db:Status-Status}\n' "$package" 2>/dev/null | grep -qx installed || missing+=("$package")
done

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
