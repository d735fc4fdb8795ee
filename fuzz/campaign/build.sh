#!/bin/bash -eu
# Builds every harness into $OUT as fuzzing services ask for it: with $CC, $CXX, $CFLAGS and
# $LIB_FUZZING_ENGINE, each with its seeds and its dictionary beside it. Run in the project's root.
: "${CC:?}" "${CXX:?}" "${LIB_FUZZING_ENGINE:?}" "${OUT:?}" "${WORK:?}"

flags="-std=c11 -D_GNU_SOURCE -Iproto ${CFLAGS-}"
# What a service runs has no library of this image: the two libraries are linked in.
libraries='-Wl,-Bstatic -lsodium -lcrypto -Wl,-Bdynamic -ldl -lpthread'

mkdir -p "$OUT" "$WORK/objects" "$WORK/inputs"
rm -f "$WORK"/objects/*.o
for source in proto/*.c proto/crypto/*.c; do
    # shellcheck disable=SC2086  # lists of words
    $CC $flags -c "$source" -o "$WORK/objects/$(echo "${source%.c}" | tr / _).o"
done

fuzz/seeds vectors "$WORK/inputs"
for source in fuzz/*.c; do
    name=$(basename "$source" .c)
    case $name in empty | replay) continue ;; esac
    # shellcheck disable=SC2086
    $CC $flags -c "$source" -o "$WORK/$name.o"
    # shellcheck disable=SC2086
    $CXX ${CXXFLAGS-} "$WORK/$name.o" "$WORK"/objects/*.o $LIB_FUZZING_ENGINE $libraries \
        -o "$OUT/$name"
    fuzz/seeds unpack "$name" "$WORK/inputs/$name"
    rm -f "$OUT/${name}_seed_corpus.zip"
    (cd "$WORK/inputs/$name" && python3 -m zipfile -c "$OUT/${name}_seed_corpus.zip" ./*)
    [ ! -f "fuzz/dict/$name.dict" ] || cp "fuzz/dict/$name.dict" "$OUT/$name.dict"
done
