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

.PHONY: constant-time
constant-time: build/gcc/test/proto/crypto/test_constant_time ## whether anything secret decides or is an index, under memcheck
	$(call quiet,GRIND) valgrind --quiet --suppressions=ci/constant-time.supp $< \
		> $<.valgrind.log 2>&1 || { cat $<.valgrind.log; exit 1; }

.PHONY: mutate faults
MUTATED = $(call tests,gcc,proto) $(call tests,gcc,proto/crypto)
mutate: $(MUTATED) ## small faults in proto and proto/crypto, one after another: a unit test must notice each
	@nice ci/mutate build/gcc build/mutate
faults: | deps ## five faults in codecs: a unit test and a harness must notice each
	@ci/faults/check build/faults

# ---- fault injection: programs in which one call fails ------------------------------------------
$(eval $(call variant,build/injection,$$(CLANG),$$(ASAN) -Werror))
INJECTED = build/injection/sockspec build/injection/sockspec-relay
$(INJECTED): build/injection/obj/ci/injection/interposer.o | build/injection/wrapped
$(INJECTED): override LDFLAGS += @build/injection/wrapped -levent_pthreads
build/injection/wrapped: ci/injection/calls.h
	@mkdir -p $(@D)
	@sed -n -E 's/^ +X\(([^,]*, )?([a-z0-9_]+)[,)].*/-Wl,--wrap=\2/p' $< > $@
# The sanitizers call it before they are ready themselves.
build/injection/obj/ci/injection/interposer.o: override CPPFLAGS += -fno-sanitize=all
-include build/injection/obj/ci/injection/interposer.d

.PHONY: fault-injection fault-injection-smoke
fault-injection: INJECTION ?= ## each call of relay and suite that can fail fails once; INJECTION=--quick: ten minutes, --whole: hours
fault-injection-smoke: INJECTION = --quick --sample 4 ## likewise, a quarter of the places that call, once each
fault-injection fault-injection-smoke: $(INJECTED) build/gcc/sockspec build/gcc/sockspec-relay build/gcc/test-client
	@ci/injection/run $(INJECTION) build/injection build/gcc build/injection/logs

# ---- analysis without running: each source anew when it or a header of its own has changed -------
.PHONY: analysis
DEFINES  = $(filter-out -fPIC -MMD -MP,$(STANDARD))
ANALYSED = $(PROTO) $(CRYPTO) $(HARNESSES:%=fuzz/%.c) $(RELAY)
analysis: $(ANALYSED:%=build/analysis/%.tidy) $(ANALYSED:%=build/analysis/%.analyzer) build/analysis/cppcheck ## clang-tidy, gcc -fanalyzer, cppcheck: silent
build/analysis/%.tidy: % .clang-tidy | deps
	@mkdir -p $(@D)
	$(call quiet,TIDY) clang-tidy-14 --quiet $< -- $(DEFINES) > $@.log 2>/dev/null || { cat $@.log; exit 1; }
	@touch $@
# What is stored in an element of an array is lost to gcc 12: leaks of the relay are left to ASan, under
# which its tests and fault injection run.
$(RELAY:%=build/analysis/%.analyzer): ANALYZER = -Wno-analyzer-malloc-leak
build/analysis/%.analyzer: % | deps
	@mkdir -p $(@D)
	$(call quiet,ANALYZE) gcc $(DEFINES) -O2 -Werror -fanalyzer $(ANALYZER) \
		-MMD -MP -MF $(@:.analyzer=.d) -MT '$@ $(@:.analyzer=.tidy)' -c $< -o /dev/null
	@touch $@
-include $(ANALYSED:%=build/analysis/%.d)
build/analysis/cppcheck: $(ANALYSED) $(wildcard */*.h */*/*.h ci/injection/*) ci/cppcheck.suppressions | deps
	@mkdir -p $@.kept
	$(call quiet,CPPCHECK) cppcheck --quiet -j2 --std=c11 --enable=warning,performance,portability \
		--error-exitcode=1 --suppressions-list=ci/cppcheck.suppressions --template=gcc \
		--cppcheck-build-dir=$@.kept $(filter -I% -D%,$(DEFINES)) $(ANALYSED) ci/injection/interposer.c
	@touch $@
