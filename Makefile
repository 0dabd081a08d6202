# Every target is one verb of xtask, the house's own tool. `make` alone lists them.
.DEFAULT_GOAL := help
.PHONY: help run dev test test-real ci gen tidy dist

help: ## what there is
	@grep -hE '^[a-z%-]+:.*## ' Makefile | sed -E 's/^([a-z%-]+):.*## (.*)/  make \1\t\2/' | expand -t 20
run: ## build what changed and start the product on http://127.0.0.1:8080
	@scripts/xtask run
dev: ## the same, rebuilt and reloaded while you edit
	@scripts/xtask dev
test: ## every test: rust on both databases, web units, browser journeys
	@scripts/xtask test
test-real: ## real data that XIAOER_REAL_DATA names: orders to the cent, lines past the guard
	@scripts/xtask test-real
ci: ## formatting, lints, tidy, generated files, then every test
	@scripts/xtask ci
gen: ## write the API description and the web app's types
	@scripts/xtask gen
tidy: ## the house rules that no compiler knows
	@scripts/xtask tidy
bench-%: ## one benchmark on the release build, for example bench-chat
	@scripts/xtask bench $*
dist: ## a release archive and a Debian package in target/dist
	@scripts/xtask dist
