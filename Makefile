# What a host needs: make and npm. Node itself comes with the packages.
NPM_CONFIG_LOGLEVEL ?= error
export NPM_CONFIG_LOGLEVEL
# The pinned Node comes first, so the command itself runs on it; exec and no npx, so a signal reaches the server.
RAILHEAD = PATH="$(CURDIR)/node_modules/.bin:$$PATH" exec node_modules/.bin/railhead
UP = $(if $(PORT),--port $(PORT)) $(if $(DATA),--data $(DATA)) $(if $(TIMETABLE),--timetable $(TIMETABLE)) $(if $(STORE),--store $(STORE)) $(if $(READ_SQL),--read-sql $(READ_SQL)) $(if $(READ_SQL_REPLICA),--read-sql-replica $(READ_SQL_REPLICA)) $(if $(READ_CACHE),--read-cache $(READ_CACHE))

.PHONY: help run test test-crashes test-eventstore test-services services services-down test-unit lint types sim soak mutation bench bench-targets build clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-16s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

node_modules/.ready: package.json package-lock.json
	npm ci
	@touch $@

run: node_modules/.ready ## import the sample timetable, open the sale, serve on :8080 (PORT=, DATA=, TIMETABLE=, STORE=esdb, READ_SQL=postgres://…, READ_SQL_REPLICA=postgres://…, READ_CACHE=redis://…)
	@$(RAILHEAD) up $(UP)

test: node_modules/.ready ## lint, types, and all tests on the embedded stack
	@npm run --silent lint
	@npm run --silent test

test-eventstore: node_modules/.ready ## the event stores: contract, EventStoreDB's points, faults, a sale (RAILHEAD_ESDB_URL= runs it on a real server)
	@npm run --silent test -- infra/eventstore tests/esdb tests/e2e/sell-out-esdb

test-crashes: node_modules/.ready ## processes that are killed at each step, and go on
	@npm run --silent test -- --config jest.crashes.config.js

test-services: node_modules/.ready ## the tests on real servers, of those that this machine has (TESTS=infra/sql; RAILHEAD_TEST_POSTGRES= and others name one that runs already)
	@PATH="$(CURDIR)/node_modules/.bin:$$PATH" exec node tests/services/run.ts $(TESTS)

services: node_modules/.ready ## starts the database, cache and search servers that this machine has, and prints their settings (ONLY="redis postgresql")
	@PATH="$(CURDIR)/node_modules/.bin:$$PATH" exec node tests/services/up.ts $(ONLY)

services-down: node_modules/.ready ## ends them, and removes their data
	@PATH="$(CURDIR)/node_modules/.bin:$$PATH" exec node tests/services/down.ts

test-unit: node_modules/.ready ## only the tests beside the code
	@npm run --silent test -- domain commands projections http infra

lint: node_modules/.ready ## Biome, the folder rule, and types
	@npm run --silent lint

types: node_modules/.ready ## only the types
	@npm run --silent types

sim: node_modules/.ready ## simulated days full of faults, every promise checked (SEEDS=200, SIM="--seed 7 --shrink")
	@$(RAILHEAD) sim $(if $(filter --seed --planted --minutes,$(SIM)),,--seeds $(or $(SEEDS),200)) $(SIM)

soak: node_modules/.ready ## the simulation for as long as there is time (MINUTES=60, WORKERS=2, FROM=1)
	@$(RAILHEAD) sim --minutes $(or $(MINUTES),60) --workers $(or $(WORKERS),2) --from $(or $(FROM),1) --keep-going $(SIM)

mutation: node_modules/.ready ## changes code a little, place by place, and counts what the tests notice (FOLDER=commands SAMPLE=300, or SINCE=HEAD~1)
	@PATH="$(CURDIR)/node_modules/.bin:$$PATH" exec node tests/mutation/run.ts $(FOLDER) $(if $(SAMPLE),--sample $(SAMPLE)) $(if $(SINCE),--since $(SINCE))

bench: node_modules/.ready ## all benchmarks (NAMES="hot-train …", BENCH="--seconds 5 --json")
	@$(RAILHEAD) bench $(NAMES) $(BENCH)

bench-targets: node_modules/.ready ## the benchmarks that have a target, beside it (BENCH="--seconds 5 --json")
	@$(RAILHEAD) bench --targets $(BENCH)

build: node_modules/.ready ## the JavaScript that is published, into dist/
	@npm run --silent build

clean: ## packages and build output; never data
	rm -rf node_modules dist coverage
