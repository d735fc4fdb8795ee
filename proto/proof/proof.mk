# ---- proof: proto/proof/README.md says what is proved, and on what assumptions ------------------
.PHONY: proof proof-fresh proof-update proof-faults

proof proof-fresh proof-update proof-faults: | proof-deps
.PHONY: proof-deps
proof-deps:
	@ci/deps --install proof

proof: ## the contracts of proto, proved by Frama-C; what its provers answered is kept
	@proto/proof/prove

proof-fresh: ## likewise, the provers run anew: an hour on a busy machine
	@proto/proof/prove --fresh

proof-update: ## after a change in proto: the provers run anew, their answers and the counts are kept
	@proto/proof/prove --update

proof-faults: ## the faults of ci/faults: the proof of each must fail
	@proto/proof/prove --faults
