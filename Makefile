.DEFAULT_GOAL := help
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
STATICCHECK := honnef.co/go/tools/cmd/staticcheck@v0.8.2
# Runs go test, and prints what was skipped, with the reason.
GOTEST := go run gotest.tools/gotestsum@v1.13.0 --format pkgname --format-hide-empty-pkg --
AIR := github.com/air-verse/air@v1.67.4
WEB := $(shell find frontend/src frontend/static frontend/*.ts frontend/*.js frontend/*.json -type f 2>/dev/null)
# What stands on the database.
STORES := ./app/store/... ./app/people ./app/workshop ./realtime/... ./review/...
# How C is compiled for tests with the race detector, which does not look at C:
# SQLite takes 20 seconds instead of 50.
RACEC := -O1
# How often make fuzz tries each parser: a number, for with a time Go reports
# its own deadline as a failure now and then.
FUZZTIME ?= 200000x
BENCHTIMES ?= 5x
# How long each benchmark of a part runs at least.
PARTTIME ?= 1s
# How long each measurement of the live part lasts.
LOADTIME ?= 9s
API := frontend/src/lib/api

.PHONY: help run test test-race test-frontend test-browser race screenshots dev lint bench fuzz fmt build clean generate index tools conformance soak storm
help: ## show this list
	@grep -hE '^[a-z]+:.*## ' Makefile | sed -E 's/:.*## /\t/' | expand -t 14
run: build ## build all and serve on http://localhost:8080, with a demo workshop
	./bin/atelier serve --data ./data --demo
build: frontend/build/.stamp ## build bin/atelier with the frontend in it
	go build -o bin/atelier ./cmd/atelier
frontend/node_modules/.stamp: frontend/package-lock.json
	cd frontend && npm ci && touch node_modules/.stamp
frontend/build/.stamp: frontend/node_modules/.stamp $(WEB)
	cd frontend && npm run build && touch build/.stamp build/.keep
tools:
	@.ci/tools
test: tools ## run the tests: Go, the frontend's, and the journeys in a real browser; make soak has those that take longer
	$(MAKE) --jobs=2 build race
	$(MAKE) --jobs=2 test-race test-frontend
	$(MAKE) test-browser
# SQLite alone takes a core for a minute; the frontend, which none of these needs,
# is built on the other.
race:
	CGO_CFLAGS=$(RACEC) go build -race ./review/... ./realtime/... ./app/store/... ./app/people ./app/workshop
# The load generator is a tool, and what it is beside takes long to compile: make
# soak tests it. make lint vets all, tests too. Three packages run at once, for
# much in them is waiting.
test-race:
	CGO_CFLAGS=$(RACEC) $(GOTEST) -race -vet=off -p 3 $$(go list ./... | grep -v atelier-load)
test-frontend: frontend/node_modules/.stamp
	cd frontend && npm run check && npm run lint && npm test
test-browser: build
	cd frontend && npm run e2e
dev: frontend/node_modules/.stamp ## serve both sides with live reload on http://localhost:5173
	@mkdir -p bin/dev
	trap 'kill 0' EXIT; go run $(AIR) & cd frontend && npm run dev -- --port 5173 --strictPort
lint: ## vet and staticcheck
	go vet ./...
	go run $(STATICCHECK) ./...
screenshots: build ## take the pictures of the README anew
	cd frontend && npx playwright test --project=pictures
# Apart from the rest, for it is as large as that, and only make bench needs it.
frontend/lighthouse/node_modules/.stamp: frontend/lighthouse/package-lock.json
	cd frontend/lighthouse && npm ci && touch node_modules/.stamp
bench: build frontend/lighthouse/node_modules/.stamp ## measure import, reads, export, search, memory, scale and first views against floors, scrolling on a phone, and what else has benchmarks
	go test -run '^$$' -bench . -benchtime $(BENCHTIMES) -timeout 60m ./cmd/...
	go test -run '^$$' -bench . -benchmem -benchtime $(PARTTIME) ./app/... ./realtime/... ./review/...
	go run ./cmd/atelier-load bench --lasts $(LOADTIME)
	cd frontend && npx playwright test --project=bench --workers=1 --reporter=line
conformance: ## check a release on real ATT&CK with MITRE's own tools
	./review/release/conformance/run
# Stores once more with a pool of two, where it is one elsewhere.
soak: build ## what takes longer: whole releases of ATT&CK, every kind of contribution in a browser, checked with MITRE's tools, a day at the facilitator's desk, and the pages of ATT&CK with its upgrades
	ATELIER_TEST_POOL=2 $(GOTEST) $(STORES) ./seed ./cmd/atelier-load
	rm -rf bin/every
	cd frontend && ATELIER_EVERY=$(CURDIR)/bin/every npx playwright test --project=every
	./review/release/conformance/run $(CURDIR)/bin/every/first $(CURDIR)/bin/every/second
storm: ## 200 people in a minute of cut connections and killed servers, with one server and with two; make test has a short one
	ATELIER_SOAK=1 go test -count=1 -v -run Storm ./cmd/atelier
fuzz: ## feed every parser with nonsense, each for FUZZTIME
	grep -rno --include='*_test.go' 'func Fuzz[A-Za-z]*' app realtime review | sed -E 's#/[^/]*_test.go:[0-9]+:func # #' | sort -u | \
	  while read -r package target; do go test -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) "./$$package"; done
fmt: ## format all sources
	gofmt -w app cmd realtime review seed frontend/*.go
	cd frontend && npm run format
generate: frontend/node_modules/.stamp ## write openapi.json and the client's types anew
	go run ./cmd/atelier openapi > $(API)/openapi.json.new
	mv $(API)/openapi.json.new $(API)/openapi.json
	cd frontend && npm run schema
index: ## make the built-in ATT&CK indexes anew: make index FILES="enterprise.json.gz …"
	go run ./seed/generate --output seed/facts $(FILES)
clean: ## remove what was built, not the data
	rm -rf bin frontend/build frontend/.svelte-kit frontend/node_modules frontend/lighthouse/node_modules
