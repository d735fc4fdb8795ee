# ---- how much the tests see, and what they catch -------------------------------------------------
# COVERAGE_CLANG is one that counts conditions (-fcoverage-mcdc), with its llvm-cov beside it.
COVERAGE_CLANG ?= clang-19
$(eval $(call variant,build/coverage,$(COVERAGE_CLANG),-O1 -g -fprofile-instr-generate \
                      -fcoverage-mapping -fcoverage-mcdc))

.PHONY: coverage coverage-raise
COVERED = $(call tests,coverage,proto) $(call tests,coverage,proto/crypto) \
          $(call tests,coverage,relay) $(call tests,coverage,conformance) \
          build/coverage/sockspec build/coverage/sockspec-relay
coverage: $(COVERED) ## lines, branches and conditions that each room's tests reach; ci/coverage.floor
	@ci/coverage $(COVERAGE_CLANG:clang-%=%) build/coverage
coverage-raise: $(COVERED) ## likewise, and the floors raised to that
	@ci/coverage --raise $(COVERAGE_CLANG:clang-%=%) build/coverage
