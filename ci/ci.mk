# ---- how well the tests look: coverage ------------------------------------------------------------
.PHONY: coverage
COVERAGE_CLANG ?= clang-19
COVERAGE_LLVM  ?= $(COVERAGE_CLANG:clang%=llvm%)
$(eval $(call variant,build/coverage,$(COVERAGE_CLANG),-O1 -g -fprofile-instr-generate \
                      -fcoverage-mapping -fcoverage-mcdc))
