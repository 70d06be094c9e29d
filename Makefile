# Hotline. `make run` starts everything and shows where to go; `make test` needs nothing installed by hand either.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := build
MAKEFLAGS += --no-builtin-rules --no-print-directory

# Further flags for every go test: make test GOTEST=-race
GOTEST ?=
FUZZTIME ?= 20s
FLOWFUZZ ?= 180s

UI := web/ui
UI_SOURCES := $(shell [ -f $(UI)/package.json ] && find $(UI) -path $(UI)/node_modules -prune -o -path $(UI)/dist -prune -o -type f -print)

.PHONY: help build binaries hotline-dev ui install-run install-test run up down status test test-go test-ui e2e lint fuzz bench soak clean

help: ## Show the targets
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

install-run:
	@deploy/dev/install.sh run

install-test:
	@deploy/dev/install.sh test

build: install-run ## Build bin/hotline, bin/hotline-speech and bin/hotline-dev, the browser app first
	@$(MAKE) ui
	@$(MAKE) binaries

binaries: hotline-dev
	@echo "build: bin/hotline"
	@CGO_ENABLED=0 go build -o bin/hotline ./cmd/hotline
	@echo "build: bin/hotline-speech"
	@CGO_ENABLED=1 CGO_LDFLAGS='-Wl,-rpath,$$ORIGIN/lib' go build -o bin/hotline-speech ./cmd/hotline-speech
	@mkdir -p bin/lib # its C++ libraries, so that bin can be copied to another machine
	@cp -fu "$$(go list -m -f '{{.Dir}}' github.com/k2-fsa/sherpa-onnx-go-linux)/lib/$$(uname -m)-unknown-linux-gnu/"lib{sherpa-onnx-c-api,onnxruntime}.so bin/lib/
	@chmod u+w bin/lib/*.so

hotline-dev:
	@CGO_ENABLED=0 go build -o bin/hotline-dev ./deploy/dev

ifneq ($(wildcard $(UI)/index.html),)
ui: $(UI)/dist/index.html ## Build the browser app if its sources changed
	@:
else
ui:
	@echo "ui: there is no $(UI)/index.html, so no browser app is built"
endif

# npm writes this file when it has installed everything, so npm runs only when the lock file changed, or after a failure.
# Not `npm ci`: it refuses a lock file that lacks optional packages for other platforms, and some registries do not have
# all of those. The versions are those of the lock file all the same, which is left as it is.
NPM_DONE := $(UI)/node_modules/.package-lock.json

$(NPM_DONE): $(UI)/package-lock.json
	@echo "ui: npm install"
	@cd $(UI) && npm install --no-save --no-audit --no-fund --prefer-offline --loglevel=error
	@touch $@

$(UI)/dist/index.html: $(NPM_DONE) $(UI_SOURCES)
	@echo "ui: npm run build"
	@cd $(UI) && npm run --silent build
	@touch $(UI)/dist/.keep $@

run: build ## Start everything and stay in the foreground
	@exec bin/hotline-dev run

up: build ## Start everything in the background; returns when it is ready
	@exec bin/hotline-dev up

down: hotline-dev ## Stop exactly what run or up started
	@exec bin/hotline-dev down

status: hotline-dev ## Show the processes
	@exec bin/hotline-dev status

test: install-test ## Everything but the end-to-end tests
	@$(MAKE) ui
	@$(MAKE) test-go test-ui

test-go:
	go test $(GOTEST) $$(go list ./... | grep -v '^hotline/e2e')

test-ui:
ifneq ($(wildcard $(UI)/index.html),)
	cd $(UI) && npm test --silent
endif

e2e: install-test build ## Real calls: Asterisk, PostgreSQL, Chromium; then three minutes of drawn flows and callers
	go test $(GOTEST) -count=1 -timeout 40m ./e2e/...
	go test -run '^$$' -fuzz '^FuzzFlowsAndCallers$$' -fuzztime $(FLOWFUZZ) ./ivr

lint: install-test ## Formatting, go vet, analysers, module files, vulnerabilities, TypeScript
	@$(MAKE) ui
	@$(MAKE) bin/tools/.built
	@tools/lint.sh

bin/tools/.built: tools/go.mod tools/go.sum
	@echo "lint: building the tools of tools/go.mod"
	@mkdir -p bin/tools
	@cd tools && go build -o ../bin/tools/ tool
	@touch $@

fuzz: ## Fuzz each fuzz test for FUZZTIME (20s)
	@tools/fuzz.sh $(FUZZTIME)

bench: install-test build ## Benchmarks with goals; the results go to docs/measurements
	@tools/bench.sh

soak: install-test ## The long runs in full length, or those with the word ONLY; the result goes to docs/measurements/soak.md
	@tools/soak.sh $(ONLY)

clean: ## Remove what was built; run folders and caches stay
	rm -rf bin $(UI)/node_modules
	find $(UI)/dist -mindepth 1 -not -name .keep -delete
