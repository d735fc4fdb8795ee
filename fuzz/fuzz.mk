# ---- fuzzing: fuzz/README.md says what each target does ------------------------------------------
# HARNESSES are the files that define LLVMFuzzerTestOneInput; build/fuzz holds them with libFuzzer,
# build/gcc/fuzz with a main that replays, build/afl with AFL++.
.PHONY: fuzz fuzz-smoke fuzz-long fuzz-merge fuzz-replay fuzz-differential fuzz-afl fuzz-campaign
T ?= 10

check: fuzz-replay fuzz-differential
SOURCES += $(wildcard fuzz/*.[ch] fuzz/*/*.[ch])
SCRIPTS += fuzz/campaign/build.sh

HARNESSES = $(filter-out replay,$(patsubst fuzz/%.c,%,$(wildcard fuzz/*.c)))
FUZZ_SAN  = -O2 -g -fno-omit-frame-pointer -fno-sanitize-recover=all -fsanitize=address,undefined

# Unsigned sums that wrap are a fault in proto, which has none; the libraries below crypto and the
# random numbers of the harnesses are left alone.
build/fuzz/obj/proto/%.o: FUZZ_CHECKS = -fsanitize=integer
build/fuzz/obj/proto/crypto/%.o: FUZZ_CHECKS =
# It has a loop that counts down past 0.
build/fuzz/obj/proto/stage.o: FUZZ_CHECKS = -fsanitize=integer -fno-sanitize=unsigned-integer-overflow
build/fuzz/obj/%.o: %.c | deps
	@mkdir -p $(@D)
	$(call quiet,CC) $(CLANG) $(STANDARD) $(WARNINGS) -Werror $(FUZZ_SAN) $(FUZZ_CHECKS) \
		-fsanitize=fuzzer-no-link -c $< -o $@
build/fuzz/%: build/fuzz/obj/fuzz/%.o $(PROTO:%.c=build/fuzz/obj/%.o) $(CRYPTO:%.c=build/fuzz/obj/%.o)
	$(call quiet,LINK) $(CLANG) $(FUZZ_SAN) -fsanitize=fuzzer $^ $(CRYPTO_LIBS) -o $@

build/gcc/fuzz/%: build/gcc/obj/fuzz/%.o build/gcc/obj/fuzz/replay.o build/gcc/libsockspec-crypto.a \
		build/gcc/libsockspec.a
	@mkdir -p $(@D)
	$(call quiet,LINK) gcc $^ $(CRYPTO_LIBS) -o $@

-include $(wildcard $(foreach folder,build/fuzz/obj/* build/afl/obj/* build/gcc/obj/fuzz, \
                               $(folder)/*.d $(folder)/*/*.d))

fuzz: $(HARNESSES:%=build/fuzz/%) ## every harness for T seconds; the findings lie in build/fuzz/findings
	fuzz/run --time $(T) build/fuzz

fuzz-smoke: $(HARNESSES:%=build/fuzz/%) ## every harness for a few seconds
	fuzz/run --time 3 --no-ratio build/fuzz

fuzz-long: $(HARNESSES:%=build/fuzz/%) ## every harness until ten minutes pass without a new edge; hours
	fuzz/long build/fuzz

fuzz-merge: $(HARNESSES:%=build/fuzz/%) ## fuzz/corpus made anew: the fewest inputs that cover as much
	fuzz/run --merge build/fuzz

REPLAYED = $(patsubst %,build/gcc/fuzz/%.replayed,$(filter-out empty,$(HARNESSES)))
fuzz-replay: $(REPLAYED) ## the corpora, as ordinary tests under gcc
build/gcc/fuzz/%.replayed: build/gcc/fuzz/% FORCE
	$(call quiet,REPLAY) $< fuzz/corpus/$*.hex > $@ || { cat $@; exit 1; }

build/gcc/fuzz/differential/batch: build/gcc/obj/fuzz/differential/batch.o build/gcc/libsockspec.a
	@mkdir -p $(@D)
	$(call quiet,LINK) gcc $^ -o $@

fuzz-differential: build/gcc/fuzz/differential/batch ## the same octets to our parsers and to foreign ones
	fuzz/differential/compare $<

# AFL++ drives the same entry point; its inputs are the unpacked corpora.
AFL = afl-clang-fast
AFL_SOURCES = $(PROTO) $(CRYPTO)
fuzz-afl: ## the harnesses under AFL++, where it is installed
ifeq ($(shell command -v $(AFL)),)
	@echo "fuzz-afl: left out, AFL++ is missing: apt-get install afl++"
else
fuzz-afl: $(HARNESSES:%=build/afl/%)
endif
build/afl/obj/%.o: %.c
	@mkdir -p $(@D)
	$(call quiet,AFL) AFL_QUIET=1 $(AFL) $(STANDARD) -O2 -g -fsanitize=address,undefined -c $< -o $@
build/afl/%: build/afl/obj/fuzz/%.o $(AFL_SOURCES:%.c=build/afl/obj/%.o)
	$(call quiet,LINK) AFL_QUIET=1 $(AFL) -fsanitize=fuzzer,address,undefined $^ $(CRYPTO_LIBS) -o $@

fuzz-campaign: | deps ## fuzz/campaign/build.sh, called as a fuzzing service calls it
	@mkdir -p build/campaign
	CC=$(CLANG) CXX=$(CLANG:clang%=clang++%) LIB_FUZZING_ENGINE=-fsanitize=fuzzer \
		CFLAGS="-O1 -gline-tables-only -fsanitize=address,fuzzer-no-link" \
		CXXFLAGS="-O1 -gline-tables-only -fsanitize=address,fuzzer-no-link" \
		SRC=$(CURDIR) OUT=$(CURDIR)/build/campaign/out WORK=$(CURDIR)/build/campaign/work \
		fuzz/campaign/build.sh
