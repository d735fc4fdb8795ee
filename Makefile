# `make help` lists the targets. All that is made lies under build/: the release build at its top,
# each further variant in a folder of its own beside it.
VERSION   = 0.1.0
SOVERSION = 0

PREFIX  ?= /usr/local
BINDIR  ?= $(PREFIX)/bin
LIBDIR  ?= $(PREFIX)/lib
INCDIR  ?= $(PREFIX)/include
DATADIR ?= $(PREFIX)/share
MANDIR  ?= $(DATADIR)/man
CFLAGS  ?= -O2 -g
CLANG   ?= clang-14
PYTHON  ?= /usr/bin/python3

WARNINGS = -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wstrict-prototypes -Wswitch-enum \
           -Wcast-qual
STANDARD = -std=c11 -D_GNU_SOURCE -Iproto -DSOCKSPEC_VERSION='"$(VERSION)"' \
           -DSOCKSPEC_DATADIR='"$(DATADIR)/sockspec"' -fPIC -MMD -MP
SANITIZE = -O1 -g -fno-omit-frame-pointer -fno-sanitize-recover=all

LIBRARIES = libsockspec libsockspec-crypto

MAKEFLAGS += --no-builtin-rules $(if $(filter 0,$(MAKELEVEL)),-j$(shell nproc))
.SUFFIXES:
.DELETE_ON_ERROR:
.SECONDARY:
.PHONY: all help
quiet = $(if $(V),,@printf '  %-6s %s\n' $1 $@;)

all: build/sockspec build/sockspec-relay $(LIBRARIES:%=build/%.a) $(LIBRARIES:%=build/%.so) ## programs and libraries (the default)

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 14

# ---- rooms: their sources, and what those link against -----------------------------------------
PUBLIC = status addr socks5 shadowsocks uri stage crypto session
PROTO  = $(wildcard proto/*.c)
CRYPTO = $(wildcard proto/crypto/*.c)
SUITE  = $(wildcard conformance/*.c conformance/engine/*.c conformance/cases/*.c \
                    conformance/requirements/*.c conformance/report/*.c conformance/vectors/*.c)
RELAY  = $(wildcard relay/*.c)
RELAY_NAMES = sslocal ssserver sstunnel
LAWS   = proto/test/harness.c proto/test/codecs.c proto/test/stage_scripts.c
TESTS  = $(wildcard proto/test/test_*.c proto/crypto/test/test_*.c conformance/test/test_*.c relay/test/test_*.c)

CRYPTO_LIBS = -lsodium -lcrypto
SUITE_LIBS  = -levent -ljansson $(CRYPTO_LIBS)
RELAY_LIBS  = -levent_core -levent_extra -levent_pthreads -ljansson -pthread
TEST_LIBS   = -lcmocka

# A call to any of these from proto lands in the counter of test_alloc.
ALLOCATORS = malloc calloc realloc aligned_alloc posix_memalign free
%/test/proto/test_alloc: override LDFLAGS += $(ALLOCATORS:%=-Wl,--wrap=%)

# Those that replay vectors read JSON; test_traces sees every step of the stage machine.
REPLAYS = recorded recorded_codecs recorded_cover recorded_socks session_vectors traces datagrams
$(REPLAYS:%=\%/test/proto/crypto/test_%): override LDLIBS += -ljansson
%/test/proto/crypto/test_traces: override LDFLAGS += -Wl,--wrap=sks_stage_step

# Whether two are the same, which is no secret any more, is said by these.
COMPARISONS = sodium_memcmp crypto_verify_32 EVP_CipherFinal_ex \
              crypto_aead_chacha20poly1305_ietf_decrypt_detached \
              crypto_aead_aes256gcm_decrypt_detached_afternm
%/test/proto/crypto/test_constant_time: override LDFLAGS += $(COMPARISONS:%=-Wl,--wrap=%)

# What test-relay does wrong in one method at a time lands in conformance/test/method_defects.c.
DEFECTIVE = sks_cipher_find sks_random sks_aead_start sks_aead_seal sks_aead_open sks_stream_start \
            sks_stream_update sks_ota_check replay_filter_add

# ---- variants: $(call variant,FOLDER,COMPILER,FLAGS) -------------------------------------------
# FOLDER/ gets sockspec, sockspec-relay and its other names, libsockspec.{a,so},
# libsockspec-crypto.{a,so}, test/ROOM/test_NAME, obj/
define variant
$1/obj/%.o: %.c | deps
	@mkdir -p $$(@D)
	$$(call quiet,CC) $2 $(STANDARD) $(WARNINGS) $3 $$(CPPFLAGS) -c $$< -o $$@

$1/obj/conformance/report/html.o: conformance/report/page.html

$1/libsockspec.a: $(PROTO:%.c=$1/obj/%.o)
$1/libsockspec-crypto.a: $(CRYPTO:%.c=$1/obj/%.o)
$1/libsockspec.a $1/libsockspec-crypto.a:
	@rm -f $$@
	$$(call quiet,AR) ar rcs $$@ $$^

$1/libsockspec.so.$(SOVERSION): $(PROTO:%.c=$1/obj/%.o)
	$$(call quiet,LINK) $2 $3 -shared -Wl,-soname,$$(@F) $$(LDFLAGS) $$^ -o $$@

$1/libsockspec-crypto.so.$(SOVERSION): $(CRYPTO:%.c=$1/obj/%.o) $1/libsockspec.so
	$$(call quiet,LINK) $2 $3 -shared -Wl,-soname,$$(@F) $$(LDFLAGS) $$^ $(CRYPTO_LIBS) -o $$@

$1/%.so: $1/%.so.$(SOVERSION)
	@ln -sf $$(<F) $$@

$1/sockspec: $(SUITE:%.c=$1/obj/%.o) $1/libsockspec-crypto.a $1/libsockspec.a
	$$(call quiet,LINK) $2 $3 $$(LDFLAGS) $$^ $(SUITE_LIBS) -o $$@

$1/sockspec-relay: $(RELAY:%.c=$1/obj/%.o) $1/libsockspec-crypto.a $1/libsockspec.a
	$$(call quiet,LINK) $2 $3 $$(LDFLAGS) $$^ $(RELAY_LIBS) $(CRYPTO_LIBS) -o $$@
	@for name in $(RELAY_NAMES); do ln -sf sockspec-relay $$(@D)/$$$$name; done

$1/test/proto/%: $1/obj/proto/test/%.o $(LAWS:%.c=$1/obj/%.o) $1/libsockspec.a
	@mkdir -p $$(@D)
	$$(call quiet,LINK) $2 $3 $$(LDFLAGS) $$^ $(TEST_LIBS) -o $$@

$1/bench/proto/%: $1/obj/proto/bench/%.o $1/obj/proto/bench/floor.o $1/libsockspec.a
	@mkdir -p $$(@D)
	$$(call quiet,LINK) $2 $3 $$(LDFLAGS) $$^ -o $$@

$1/test/proto/crypto/%: $1/obj/proto/crypto/test/%.o $1/libsockspec-crypto.a $1/libsockspec.a
	@mkdir -p $$(@D)
	$$(call quiet,LINK) $2 $3 $$(LDFLAGS) $$^ $(CRYPTO_LIBS) $(TEST_LIBS) $$(LDLIBS) -o $$@

$1/bench/proto/crypto/%: $1/obj/proto/crypto/bench/%.o $1/libsockspec-crypto.a $1/libsockspec.a
	@mkdir -p $$(@D)
	$$(call quiet,LINK) $2 $3 $$(LDFLAGS) $$^ $(CRYPTO_LIBS) -o $$@

$1/bench/relay/load: $1/obj/relay/bench/load.o $1/obj/relay/bench/ends.o $1/libsockspec.a
	@mkdir -p $$(@D)
	$$(call quiet,LINK) $2 $3 $$(LDFLAGS) $$^ -o $$@

$1/test/conformance/%: $1/obj/conformance/test/%.o \
		$(filter-out $1/obj/conformance/main.o,$(SUITE:%.c=$1/obj/%.o)) \
		$1/libsockspec-crypto.a $1/libsockspec.a
	@mkdir -p $$(@D)
	$$(call quiet,LINK) $2 $3 $$(LDFLAGS) $$^ $(SUITE_LIBS) $(TEST_LIBS) -o $$@

$1/test-client: $1/obj/conformance/test/client.o $1/obj/conformance/test/client_udp.o $1/libsockspec.a
	$$(call quiet,LINK) $2 $3 $$(LDFLAGS) $$^ -o $$@

$1/test-relay: $1/obj/conformance/test/method_defects.o $(RELAY:%.c=$1/obj/%.o) \
		$1/libsockspec-crypto.a $1/libsockspec.a
	$$(call quiet,LINK) $2 $3 $$(LDFLAGS) $(DEFECTIVE:%=-Wl,--wrap=%) $$^ $(RELAY_LIBS) $(CRYPTO_LIBS) -o $$@

$1/bench/relay/floor: $1/obj/relay/bench/floor.o
	@mkdir -p $$(@D)
	$$(call quiet,LINK) $2 $3 $$(LDFLAGS) $$^ -o $$@

$1/test/relay/%: $1/obj/relay/test/%.o $(filter-out $1/obj/relay/main.o,$(RELAY:%.c=$1/obj/%.o)) \
		$1/libsockspec-crypto.a $1/libsockspec.a
	@mkdir -p $$(@D)
	$$(call quiet,LINK) $2 $3 $$(LDFLAGS) $$^ $(RELAY_LIBS) $(CRYPTO_LIBS) $(TEST_LIBS) -o $$@

-include $(patsubst %.c,$1/obj/%.d,$(PROTO) $(CRYPTO) $(SUITE) $(RELAY) $(TESTS) $(LAWS) \
                         proto/test/print_stages.c conformance/test/client.c conformance/test/client_udp.c conformance/test/method_defects.c $(wildcard proto/bench/*.c proto/crypto/bench/*.c \
                         relay/bench/*.c))
endef
ASAN = $(SANITIZE) -fsanitize=address,undefined
MSAN = $(SANITIZE) -fsanitize=memory
$(eval $(call variant,build,$$(CC),$$(CFLAGS)))
$(eval $(call variant,build/gcc,gcc,-O2 -g -Werror))
$(eval $(call variant,build/asan,$(CLANG),$$(ASAN) -Werror))
$(eval $(call variant,build/msan,$(CLANG),$$(MSAN) -Werror))

# ---- checks: what `make check` is, with and without SOCKSPEC_FULL ------------------------------------------------
.PHONY: fresh deps check unit valgrind symbols headers rooms stages stages-check vectors suite form lint bench demo
.PHONY: install clean
deps:
	@ci/deps $(if $(filter check demo,$(MAKECMDGOALS)),--install) \
		$(or $(filter build check demo lint,$(MAKECMDGOALS)),build) \
		$(if $(SOCKSPEC_FULL),full $(if $(wildcard proto/proof/proof.mk),proof))

# CHECKS run side by side, in a full check with all that is COMPUTED; TIMED and THOROUGH alone, one
# after another, for they count milliseconds and judge by them. What was left out is said.
CHECKS   = unit constant-time symbols headers rooms stages-check vectors mutants-apply form
TIMED    = suite integration
THOROUGH = coverage fault-injection-smoke
COMPUTED = valgrind lint faults fuzz-smoke $(if $(wildcard proto/proof/proof.mk),proof)
one_by_one = for target in $1; do $(MAKE) --no-print-directory $$target || exit 1; done
ifeq ($(SOCKSPEC_FULL),)
check: $(CHECKS) ## what takes minutes; installs what it needs; SOCKSPEC_FULL=1: everything
	+@$(call one_by_one,suite build/gcc/sockspec-relay.joined)
	@echo 'LEFT OUT: integration (under sanitizers) $(THOROUGH) $(COMPUTED)'
	@echo '          SOCKSPEC_FULL=1 make check runs them too and installs what they need: ci/deps full'
	@ci/summary build
else
check: $(CHECKS) $(COMPUTED)
	+@$(call one_by_one,$(TIMED) $(THOROUGH))
	@ci/summary build
endif

# $(call tests,VARIANT,ROOM): its test programs
tests = $(patsubst $2/test/%.c,build/$1/test/$2/%,$(wildcard $2/test/test_*.c))
UNIT  = $(call tests,gcc,proto) $(call tests,asan,proto) $(call tests,msan,proto) \
        $(call tests,gcc,proto/crypto) $(call tests,asan,proto/crypto) \
        $(call tests,gcc,conformance) $(call tests,asan,conformance) \
        $(call tests,gcc,relay) $(call tests,asan,relay)

unit: $(UNIT:%=%.ran) ## the cmocka tests, plain and under the sanitizers
%.ran: % FORCE
	$(call quiet,TEST) ASAN_OPTIONS=handle_segv=2:$$ASAN_OPTIONS $< > $@.log 2>&1 || { cat $@.log; exit 1; }

# The replays and the long session tests run under ASan alone.
GRIND = $(filter-out $(REPLAYS:%=\%/test_%) %/test_session_pair \
        %/test_constant_time, \
        $(call tests,gcc,proto) $(call tests,gcc,proto/crypto))
valgrind: $(GRIND:%=%.valgrind) ## the proto tests under memcheck
%.valgrind: % FORCE
	$(call quiet,GRIND) SOCKSPEC_QUICK=1 valgrind --quiet --error-exitcode=99 --leak-check=full \
		--soname-synonyms=somalloc=nouserintercepts $< > $@.log 2>&1 || { cat $@.log; exit 1; }

symbols: build/gcc/libsockspec.so ## what the objects call and export
	@ci/symbols build/gcc

headers: | deps ## each public header alone, as C and C++
	@ci/headers

rooms: | deps ## who includes whom
	@ci/rooms

stages: build/test/proto/print_stages ## proto/STAGES.md, made anew from the table of stages
	$< > proto/STAGES.md

stages-check: build/test/proto/print_stages ## whether proto/STAGES.md is what the table says
	@$< | diff -u proto/STAGES.md - || { echo "proto/STAGES.md: not as the table: make stages"; exit 1; }

vectors: build/asan/sockspec ## the vectors: made anew and compared, read by both readers
	@vectors/oracle/generate --check
	@vectors/reader/check > build/vectors-reader.log || { cat build/vectors-reader.log; exit 1; }
	@vectors/reader/check-recorded > build/recorded-reader.log
	@conformance/test/recorded_bad_input.py
	@build/asan/sockspec vectors
	@conformance/test/vectors_bad_input.py build/asan/sockspec vectors
	@conformance/test/vectors_bad_input.py --status vectors/reader/check

# Two lanes; in each one after another, for they count milliseconds.
SUITE_NEEDS = build/gcc/sockspec build/asan/sockspec build/gcc/sockspec-relay build/gcc/test-client build/gcc/test-relay
.PHONY: suite-programs suite-roles
suite: suite-programs suite-roles ## the suite on peers right and wrong, and on bad input
suite-programs: $(SUITE_NEEDS)
	@conformance/test/test_fixture.py > build/fixture.log 2>&1 || { cat build/fixture.log; exit 1; }
	@conformance/test/bad_input.py build/asan/sockspec
	@conformance/test/ports.py build/gcc/sockspec 2> build/ports.log || { cat build/ports.log; exit 1; }
	@conformance/test/hostile.py build/gcc/sockspec > build/hostile.log 2>&1 || { cat build/hostile.log; exit 1; }
	@conformance/test/reports.py build/gcc/sockspec
	@conformance/test/field_faults.py
	@conformance/test/replay.py build/gcc/sockspec
	@conformance/test/fuzz.py build/gcc/sockspec build/gcc/sockspec-relay > build/fuzz-suite.log 2>&1 || { cat build/fuzz-suite.log; exit 1; }
	@conformance/test/baselines.py build/gcc/sockspec
	@conformance/test/sweep.py build/gcc/sockspec build/gcc/sockspec-relay
	@conformance/test/interop.py > build/interop-test.log 2>&1 || { cat build/interop-test.log; exit 1; }
	@build/asan/sockspec coverage > build/coverage.txt
suite-roles: $(SUITE_NEEDS)
	@conformance/test/counting_reader.py build/gcc/sockspec
	@conformance/test/defects.py build/gcc/sockspec
	@conformance/test/reference.py build/gcc/sockspec build/gcc/sockspec-relay
	@conformance/test/reference_ss_server.py build/gcc/sockspec build/gcc/sockspec-relay
	@conformance/test/server_leaks.py build/gcc/sockspec
	@conformance/test/local_defects.py build/gcc/sockspec
	@conformance/test/reference_local.py build/gcc/sockspec build/gcc/sockspec-relay
	@conformance/test/methods.py build/gcc/sockspec build/gcc/sockspec-relay build/gcc/test-relay > build/methods.log 2>&1 || { cat build/methods.log; exit 1; }
	@conformance/test/recording.py build/gcc/sockspec-relay
	@conformance/test/client_defects.py build/gcc/sockspec build/gcc/test-client
	@conformance/test/client_hostile.py build/gcc/sockspec build/gcc/test-client > build/client-hostile.log 2>&1 || { cat build/client-hostile.log; exit 1; }

.PHONY: mutants mutants-apply flake
flake: build/gcc/sockspec build/gcc/sockspec-relay build/gcc/test-client ## whether 50 runs in a row say the same, idle and busy
	conformance/test/flake.py build/gcc/sockspec build/gcc/sockspec-relay $(RUNS)

mutants: export MUTANT_CC = $(CC) $(STANDARD) -O1
mutants: build/sockspec build/sockspec-relay build/test-client ## defects of the relay, and the cases that find them; build/mutants/matrix.html
	@conformance/mutants/matrix run build/sockspec build/mutants $(MUTANTS)

mutants-apply: build/sockspec ## whether every mutant's patch applies
	@conformance/mutants/matrix apply

.PHONY: integration soak idle
integration: build/gcc/sockspec-relay.joined build/asan/sockspec-relay.joined ## the relay over real sockets, beside curl and shadowsocks-libev
%.joined: % FORCE
	$(call quiet,JOIN) relay/test/integration.py $< > $@.log 2>&1 || { cat $@.log; exit 1; }

soak: build/sockspec-relay ## five minutes of sessions that open and close: nothing grows
	relay/test/soak.py $<

idle: build/sockspec-relay ## 10,000 idle sessions on one relay, with a transfer beside them
	relay/test/idle.py $<

SOURCES = $(wildcard proto/*.[ch] proto/*/*.[ch] proto/*/*/*.[ch] conformance/*.[ch] conformance/*/*.[ch] \
                     relay/*.[ch] relay/*/*.[ch] ci/*/*.[ch])
MANUALS = conformance/sockspec.1 relay/sockspec-relay.1
SCRIPTS = ci/deps ci/fresh ci/faults/apply ci/demo ci/symbols ci/headers ci/summary .ci/run conformance/sockspec.bash \
          relay/sockspec-relay.bash
lint: form rooms analysis ## form, rooms and analysis: all that looks at the sources and runs nothing

form: | deps ## form of sources, scripts, manual pages and patches
	@clang-format-14 --dry-run -Werror $(SOURCES)
	@shellcheck $(SCRIPTS)
	@ci/faults/apply
	@ci/mutate --stale
	@if command -v mandoc >/dev/null; then mandoc -Tlint -Wwarning $(MANUALS); else \
		echo 'LEFT OUT: no mandoc here (apt-get install mandoc), so manual pages are not checked'; fi
	@echo 'form: $(words $(SOURCES)) sources, $(words $(SCRIPTS)) scripts'

BENCHES = build/bench/proto/bench_codec build/bench/proto/crypto/bench_crypto \
          build/bench/proto/crypto/bench_session
.PHONY: bench-codecs bench-relay
# One after another: they measure time.
bench: build/sockspec-relay build/bench/relay/load $(BENCHES) ## both benches; BENCH=--quick: in two minutes, else seven
	@$(MAKE) --no-print-directory bench-codecs
	@$(MAKE) --no-print-directory bench-relay

bench-codecs: $(BENCHES) ## parsers over a floor, ciphers beside openssl speed, sessions over their cipher
	@for program in $^; do $$program || exit 1; done

bench-relay: build/sockspec-relay build/bench/relay/load build/bench/relay/floor ## the relay and shadowsocks-libev side by side
	relay/bench/compare.py $(BENCH)

# ---- the matrix: every peer that is here, every client with every server -----------------------
.PHONY: interop interop-deps
interop: build/sockspec build/sockspec-relay ## peers under the suite and with each other; build/interop/index.html
	conformance/interop/run $(INTEROP)

interop-deps: ## installs the peers of the matrix: Debian's by apt, the rest into build/peers
	conformance/interop/deps $(PEERS)

FORCE:

include fuzz/fuzz.mk
include proto/proof/proof.mk
include ci/ci.mk

# ---- the main job, and the rest of the world -----------------------------------------------------
demo: build/sockspec ## judges microsocks and dante; installs what it needs; see build/demo/report.html
	@ci/demo build/sockspec build/demo

fresh: ## the README's commands on a new machine: a Debian of git and make alone; root, debootstrap; FRESH='COMMAND' ...
	ci/fresh build/fresh $(FRESH)

install: build/sockspec build/sockspec-relay $(LIBRARIES:%=build/%.a) $(LIBRARIES:%=build/%.so) ## under DESTDIR and PREFIX
	install -d $(DESTDIR)$(BINDIR) $(DESTDIR)$(LIBDIR)/pkgconfig $(DESTDIR)$(INCDIR)/sockspec
	install -m 755 build/sockspec build/sockspec-relay $(DESTDIR)$(BINDIR)/
	for name in $(RELAY_NAMES); do ln -sf sockspec-relay $(DESTDIR)$(BINDIR)/$$name; done
	install -d $(DESTDIR)$(LIBDIR)/systemd/system
	install -m 644 relay/systemd/sockspec-relay@.service $(DESTDIR)$(LIBDIR)/systemd/system/
	install -d $(DESTDIR)$(MANDIR)/man1
	install -m 644 $(MANUALS) $(DESTDIR)$(MANDIR)/man1/
	install -D -m 644 conformance/sockspec.bash \
		$(DESTDIR)$(DATADIR)/bash-completion/completions/sockspec
	install -m 644 relay/sockspec-relay.bash \
		$(DESTDIR)$(DATADIR)/bash-completion/completions/sockspec-relay
	for name in $(RELAY_NAMES); do \
		ln -sf sockspec-relay.1 $(DESTDIR)$(MANDIR)/man1/$$name.1 && \
		ln -sf sockspec-relay $(DESTDIR)$(DATADIR)/bash-completion/completions/$$name || exit 1; \
	done
	install -m 644 $(PUBLIC:%=proto/sockspec/%.h) $(DESTDIR)$(INCDIR)/sockspec/
	for library in $(LIBRARIES); do \
		install -m 644 build/$$library.a build/$$library.so.$(SOVERSION) $(DESTDIR)$(LIBDIR)/ && \
		ln -sf $$library.so.$(SOVERSION) $(DESTDIR)$(LIBDIR)/$$library.so && \
		sed 's|@PREFIX@|$(PREFIX)|; s|@LIBDIR@|$(LIBDIR)|; s|@INCDIR@|$(INCDIR)|; s|@VERSION@|$(VERSION)|' \
			proto/$$library.pc.in > $(DESTDIR)$(LIBDIR)/pkgconfig/$$library.pc || exit 1; \
	done
	install -d $(DESTDIR)$(DATADIR)/sockspec/conformance/peers/clients
	install -m 755 conformance/peers/clients/*.p[yl] $(DESTDIR)$(DATADIR)/sockspec/conformance/peers/clients/
	for folder in vectors/socks5 vectors/shadowsocks conformance/peers; do \
		install -d $(DESTDIR)$(DATADIR)/sockspec/$$folder && \
		install -m 644 $$folder/*.json $(DESTDIR)$(DATADIR)/sockspec/$$folder/ || exit 1; \
	done

clean: ## removes build/
	rm -rf build
