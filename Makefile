# Every target works as the first command on a fresh machine: it installs what is missing.
SHELL := /bin/sh
.DEFAULT_GOAL := help
SCENARIO ?= etl-minimal
export PATH := $(CURDIR)/node_modules/.bin:$(PATH)
STRATA := node bin/strata.ts

lab-up: node_modules ## Bring up local-lab on a Kubernetes cluster: make lab-up [SCENARIO=etl-minimal]
	@$(STRATA) lab up --scenario $(SCENARIO)

lab-down: node_modules ## Take local-lab down: its resources, its sandbox cluster, its schedules
	@$(STRATA) lab down --yes

lab-refresh: node_modules ## Compare local-lab's state with what really runs, and put right what differs
	@$(STRATA) lab refresh

lab-status: node_modules ## Show what runs where, and how to reach it
	@$(STRATA) lab status

serve: node_modules ## Run the controller in the foreground on 127.0.0.1:7700
	@$(STRATA) serve

doctor: node_modules ## Tell what this machine has, which engine is used and why
	@$(STRATA) doctor

test: node_modules ## Run every check and every suite; ends with "N passed, N failed, N skipped"
	@node scripts/run-tests.ts

check: node_modules ## Run the fast checks only: format, lint, imports, types, unit tests
	@node scripts/run-tests.ts --only checks,unit

bench: node_modules ## Measure Strata against the floor of this machine, printed as ratios
	@node bench/main.ts

docs: node_modules ## Write the generated reference pages under docs/reference
	@node scripts/write-reference.ts

format: node_modules ## Format the code
	@biome check --write .

help: ## Print this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

node_modules: package-lock.json
	npm ci --no-audit --no-fund
	@touch node_modules

.PHONY: lab-up lab-down lab-refresh lab-status serve doctor test check bench docs format help
