/* One-time auth: the chunks. */
#include "cases.h"

#define OPENED                                                                                     \
    SEND("IV:{salt} DST:plain(ota-header({target})) DATA:plain(ota-chunk(\"good\"))"),             \
        AT(TARGET, EXPECT, "\"good\"")
#define NOTHING_MORE AT(TARGET, EXPECT, "silence or end"), EXPECT("silence or end"), MUTE(CLIENT)

const struct test_case ss_ota_chunk_cases[] = {
    SS_CASE("ss-ota/chunk/three", "ss-ota/chunk/form", .needs = NEED_OTA,
            .says = "Three chunks in one segment.",
            .steps = STEPS(
                OPENED,
                SEND("DATA:plain(ota-chunk(\"one\") ota-chunk(\"two\") ota-chunk(\"three\"))"),
                AT(TARGET, EXPECT, "\"onetwothree\""))),
    SS_CASE("ss-ota/chunk/empty", "ss-ota/chunk/index", .needs = NEED_OTA,
            .says = "An empty chunk is valid and takes a number.",
            .steps = STEPS(OPENED, SEND("DATA:plain(ota-chunk() ota-chunk(\"more\"))"),
                           AT(TARGET, EXPECT, "\"more\""))),
    SS_CASE("ss-ota/chunk/empty-first", "ss-ota/chunk/index", .needs = NEED_OTA,
            .says = "An empty first chunk is valid and takes a number.",
            .seen = "an old shadowsocks-windows (field 57)",
            .steps = STEPS(SEND("IV:{salt} DST:plain(ota-header({target})) DATA:plain(ota-chunk() "
                                "ota-chunk(\"more\"))"),
                           AT(TARGET, EXPECT, "\"more\""))),
    SS_CASE("ss-ota/chunk/empty-three", "ss-ota/chunk/index", .needs = NEED_OTA,
            .says = "Three empty chunks, then one with data.",
            .steps = STEPS(
                OPENED, SEND("DATA:plain(ota-chunk() ota-chunk() ota-chunk() ota-chunk(\"more\"))"),
                AT(TARGET, EXPECT, "\"more\""))),
    SS_CASE("ss-ota/chunk/size-1", "ss-ota/chunk/form", .needs = NEED_OTA,
            .says = "A chunk of 1 octet.",
            .steps =
                STEPS(OPENED, SEND("DATA:plain(ota-chunk({payload 1}))"),
                      AT(TARGET, EXPECT, "{payload 1}"), SEND("DATA:plain(ota-chunk(\"more\"))"),
                      AT(TARGET, EXPECT, "\"more\""))),
    SS_CASE("ss-ota/chunk/size-255", "ss-ota/chunk/form", .needs = NEED_OTA,
            .says = "A chunk of 255 octets.",
            .steps =
                STEPS(OPENED, SEND("DATA:plain(ota-chunk({payload 255}))"),
                      AT(TARGET, EXPECT, "{payload 255}"), SEND("DATA:plain(ota-chunk(\"more\"))"),
                      AT(TARGET, EXPECT, "\"more\""))),
    SS_CASE("ss-ota/chunk/size-256", "ss-ota/chunk/form", .needs = NEED_OTA,
            .says = "A chunk of 256 octets.",
            .steps =
                STEPS(OPENED, SEND("DATA:plain(ota-chunk({payload 256}))"),
                      AT(TARGET, EXPECT, "{payload 256}"), SEND("DATA:plain(ota-chunk(\"more\"))"),
                      AT(TARGET, EXPECT, "\"more\""))),
    SS_CASE("ss-ota/chunk/size-16384", "ss-ota/chunk/form", .needs = NEED_OTA,
            .says = "A chunk of 16384 octets.",
            .steps =
                STEPS(OPENED, SEND("DATA:plain(ota-chunk({payload 16384}))"),
                      AT(TARGET, EXPECT, "{payload 16384}"),
                      SEND("DATA:plain(ota-chunk(\"more\"))"), AT(TARGET, EXPECT, "\"more\""))),
    SS_CASE("ss-ota/chunk/size-65513", "ss-ota/chunk/form", .needs = NEED_OTA,
            .says = "A chunk of 65513 octets.",
            .steps =
                STEPS(OPENED, SEND("DATA:plain(ota-chunk({payload 65513}))"),
                      AT(TARGET, EXPECT, "{payload 65513}"),
                      SEND("DATA:plain(ota-chunk(\"more\"))"), AT(TARGET, EXPECT, "\"more\""))),
    SS_CASE("ss-ota/chunk/size-65514", "ss-ota/chunk/form", .needs = NEED_OTA,
            .says = "A chunk of 65514 octets.",
            .steps =
                STEPS(OPENED, SEND("DATA:plain(ota-chunk({payload 65514}))"),
                      AT(TARGET, EXPECT, "{payload 65514}"),
                      SEND("DATA:plain(ota-chunk(\"more\"))"), AT(TARGET, EXPECT, "\"more\""))),
    SS_CASE("ss-ota/chunk/size-65523", "ss-ota/chunk/form", .needs = NEED_OTA,
            .says = "A chunk of 65523 octets.",
            .steps =
                STEPS(OPENED, SEND("DATA:plain(ota-chunk({payload 65523}))"),
                      AT(TARGET, EXPECT, "{payload 65523}"),
                      SEND("DATA:plain(ota-chunk(\"more\"))"), AT(TARGET, EXPECT, "\"more\""))),
    SS_CASE("ss-ota/chunk/size-65524", "ss-ota/chunk/form", .needs = NEED_OTA,
            .says = "A chunk of 65524 octets.",
            .seen = "v2ray up to 4.28.2 and an old shadowsocks-go overflow (field 39)",
            .steps =
                STEPS(OPENED, SEND("DATA:plain(ota-chunk({payload 65524}))"),
                      AT(TARGET, EXPECT, "{payload 65524}"),
                      SEND("DATA:plain(ota-chunk(\"more\"))"), AT(TARGET, EXPECT, "\"more\""))),
    SS_CASE("ss-ota/chunk/size-65525", "ss-ota/chunk/form", .needs = NEED_OTA,
            .says = "A chunk of 65525 octets.",
            .seen = "v2ray up to 4.28.2 and an old shadowsocks-go overflow (field 39)",
            .steps =
                STEPS(OPENED, SEND("DATA:plain(ota-chunk({payload 65525}))"),
                      AT(TARGET, EXPECT, "{payload 65525}"),
                      SEND("DATA:plain(ota-chunk(\"more\"))"), AT(TARGET, EXPECT, "\"more\""))),
    SS_CASE("ss-ota/chunk/size-65526", "ss-ota/chunk/form", .needs = NEED_OTA,
            .says = "A chunk of 65526 octets.",
            .seen = "v2ray up to 4.28.2 and an old shadowsocks-go overflow (field 39)",
            .steps =
                STEPS(OPENED, SEND("DATA:plain(ota-chunk({payload 65526}))"),
                      AT(TARGET, EXPECT, "{payload 65526}"),
                      SEND("DATA:plain(ota-chunk(\"more\"))"), AT(TARGET, EXPECT, "\"more\""))),
    SS_CASE("ss-ota/chunk/size-65535", "ss-ota/chunk/form", .needs = NEED_OTA,
            .says = "A chunk of 65535 octets, the most.",
            .seen = "v2ray up to 4.28.2 and an old shadowsocks-go overflow (field 39)",
            .steps =
                STEPS(OPENED, SEND("DATA:plain(ota-chunk({payload 65535}))"),
                      AT(TARGET, EXPECT, "{payload 65535}"),
                      SEND("DATA:plain(ota-chunk(\"more\"))"), AT(TARGET, EXPECT, "\"more\""))),
    SS_CASE("ss-ota/chunk/tag-first-octet", "ss-ota/chunk/tag", .needs = NEED_OTA,
            .says =
                "A chunk whose first octet of its tag is wrong: no octet of it reaches the target.",
            .steps =
                STEPS(OPENED, SEND("DATA:plain(flip@2(ota-chunk({payload 40})))"), NOTHING_MORE)),
    SS_CASE("ss-ota/chunk/tag-last-octet", "ss-ota/chunk/tag", .needs = NEED_OTA,
            .says =
                "A chunk whose last octet of its tag is wrong: no octet of it reaches the target.",
            .steps =
                STEPS(OPENED, SEND("DATA:plain(flip@11(ota-chunk({payload 40})))"), NOTHING_MORE)),
    SS_CASE("ss-ota/chunk/data-changed", "ss-ota/chunk/verified", .needs = NEED_OTA,
            .says =
                "A chunk whose first octet of data is wrong: no octet of it reaches the target.",
            .steps =
                STEPS(OPENED, SEND("DATA:plain(flip@12(ota-chunk({payload 40})))"), NOTHING_MORE)),
    SS_CASE("ss-ota/chunk/data-last-changed", "ss-ota/chunk/verified", .needs = NEED_OTA,
            .says = "A chunk whose last octet of data is wrong: no octet of it reaches the target.",
            .steps =
                STEPS(OPENED, SEND("DATA:plain(flip@-1(ota-chunk({payload 40})))"), NOTHING_MORE)),
    SS_CASE("ss-ota/chunk/large-tag", "ss-ota/chunk/verified", .needs = NEED_OTA,
            .says = "A chunk of 60,000 octets with a wrong tag: no octet of it reaches the target.",
            .steps = STEPS(OPENED, SEND("DATA:plain(flip@5(ota-chunk({payload 60000})))"),
                           NOTHING_MORE)),
    SS_CASE("ss-ota/chunk/same-number-behind-bad", "ss-ota/chunk/index", .needs = NEED_OTA,
            .says = "Behind a chunk with a bad tag a good one with the same number is not served: "
                    "the connection is over.",
            .seen = "Python shadowsocks 2.9.1 serves it (field 2)",
            .steps = STEPS(OPENED, SEND("DATA:plain(flip@2(ota-chunk(\"bad\")))"),
                           AT(TARGET, EXPECT, "silence or end"),
                           SEND("index@1() DATA:plain(ota-chunk(\"again\"))"), NOTHING_MORE)),
    SS_CASE(
        "ss-ota/chunk/first-behind-bad", "ss-ota/chunk/index",
        .needs = NEED_OTA, .says = "A bad chunk 0, then a good chunk 0: it is not served.",
        .seen =
            "Python shadowsocks 2.9.1 serves it (field 2)",
        .steps = STEPS(
            SEND(
                "IV:{salt} DST:plain(ota-header({target})) DATA:plain(flip@2(ota-chunk(\"bad\")))"),
            OPEN(TARGET), AT(TARGET, EXPECT, "silence or end"),
            SEND("index@0() DATA:plain(ota-chunk(\"again\"))"), NOTHING_MORE)),
    SS_CASE("ss-ota/chunk/next-behind-bad", "ss-ota/chunk/index", .needs = NEED_OTA,
            .says = "Behind a chunk with a bad tag the next is not served.",
            .steps =
                STEPS(OPENED, SEND("DATA:plain(flip@2(ota-chunk(\"bad\")) ota-chunk(\"more\"))"),
                      NOTHING_MORE)),
    SS_CASE("ss-ota/chunk/repeated", "ss-ota/chunk/index", .needs = NEED_OTA,
            .says = "A chunk that comes twice is not served twice.",
            .seen = "numbers that stay (field 2, 57)",
            .steps =
                STEPS(OPENED, SEND("index@0() DATA:plain(ota-chunk(\"good\"))"), NOTHING_MORE)),
    SS_CASE("ss-ota/chunk/left-out", "ss-ota/chunk/index", .needs = NEED_OTA,
            .says = "A chunk that is left out: the next is not served.",
            .steps =
                STEPS(OPENED, SEND("index@2() DATA:plain(ota-chunk(\"more\"))"), NOTHING_MORE)),
    SS_CASE("ss-ota/chunk/swapped", "ss-ota/chunk/index", .needs = NEED_OTA,
            .says = "Two chunks in the wrong order are not served.",
            .steps = STEPS(OPENED,
                           SEND("index@2() DATA:plain(ota-chunk(\"two\")) index@1() "
                                "DATA:plain(ota-chunk(\"one\"))"),
                           NOTHING_MORE)),
    SS_CASE("ss-ota/chunk/partial-1", "ss-ota/chunk/segmentation", .needs = NEED_OTA,
            .says =
                "A good chunk and one octet of LEN of the next in one segment: nothing is lost.",
            .seen = "Python shadowsocks 2.9.1 drops what it had verified (field 1)",
            .steps =
                STEPS(OPENED, SEND("DATA:plain(ota-chunk(\"aabb\") cut@1(ota-chunk(\"ccdd\")))"),
                      AT(TARGET, EXPECT, "\"aabb\""),
                      SEND("index@2() DATA:plain(from@1(ota-chunk(\"ccdd\")))"),
                      AT(TARGET, EXPECT, "\"ccdd\""))),
    SS_CASE("ss-ota/chunk/partial-2", "ss-ota/chunk/segmentation", .needs = NEED_OTA,
            .says = "A good chunk and LEN of the next in one segment: nothing is lost.",
            .seen = "Python shadowsocks 2.9.1 drops what it had verified (field 1)",
            .steps =
                STEPS(OPENED, SEND("DATA:plain(ota-chunk(\"aabb\") cut@2(ota-chunk(\"ccdd\")))"),
                      AT(TARGET, EXPECT, "\"aabb\""),
                      SEND("index@2() DATA:plain(from@2(ota-chunk(\"ccdd\")))"),
                      AT(TARGET, EXPECT, "\"ccdd\""))),
    SS_CASE(
        "ss-ota/chunk/partial-7", "ss-ota/chunk/segmentation", .needs = NEED_OTA,
        .says =
            "A good chunk and LEN and half of the tag of the next in one segment: nothing is lost.",
        .seen = "Python shadowsocks 2.9.1 drops what it had verified (field 1)",
        .steps = STEPS(OPENED, SEND("DATA:plain(ota-chunk(\"aabb\") cut@7(ota-chunk(\"ccdd\")))"),
                       AT(TARGET, EXPECT, "\"aabb\""),
                       SEND("index@2() DATA:plain(from@7(ota-chunk(\"ccdd\")))"),
                       AT(TARGET, EXPECT, "\"ccdd\""))),
    SS_CASE("ss-ota/chunk/partial-11", "ss-ota/chunk/segmentation", .needs = NEED_OTA,
            .says = "A good chunk and LEN and all but the last octet of the tag of the next in one "
                    "segment: nothing is lost.",
            .seen = "Python shadowsocks 2.9.1 drops what it had verified (field 1)",
            .steps =
                STEPS(OPENED, SEND("DATA:plain(ota-chunk(\"aabb\") cut@11(ota-chunk(\"ccdd\")))"),
                      AT(TARGET, EXPECT, "\"aabb\""),
                      SEND("index@2() DATA:plain(from@11(ota-chunk(\"ccdd\")))"),
                      AT(TARGET, EXPECT, "\"ccdd\""))),
    SS_CASE("ss-ota/chunk/partial-12", "ss-ota/chunk/segmentation", .needs = NEED_OTA,
            .says = "A good chunk and LEN and tag of the next in one segment: nothing is lost.",
            .seen = "Python shadowsocks 2.9.1 drops what it had verified (field 1)",
            .steps =
                STEPS(OPENED, SEND("DATA:plain(ota-chunk(\"aabb\") cut@12(ota-chunk(\"ccdd\")))"),
                      AT(TARGET, EXPECT, "\"aabb\""),
                      SEND("index@2() DATA:plain(from@12(ota-chunk(\"ccdd\")))"),
                      AT(TARGET, EXPECT, "\"ccdd\""))),
    SS_CASE("ss-ota/chunk/partial-14", "ss-ota/chunk/segmentation", .needs = NEED_OTA,
            .says = "A good chunk and LEN, tag and half of its data of the next in one segment: "
                    "nothing is lost.",
            .seen = "Python shadowsocks 2.9.1 drops what it had verified (field 1)",
            .steps =
                STEPS(OPENED, SEND("DATA:plain(ota-chunk(\"aabb\") cut@14(ota-chunk(\"ccdd\")))"),
                      AT(TARGET, EXPECT, "\"aabb\""),
                      SEND("index@2() DATA:plain(from@14(ota-chunk(\"ccdd\")))"),
                      AT(TARGET, EXPECT, "\"ccdd\""))),
    SS_CASE("ss-ota/chunk/slow", "ss-ota/chunk/segmentation", .needs = NEED_OTA,
            .says = "A chunk in four parts with pauses between them.",
            .seen = "shadowsocks-libev 2.6.3 hangs on a split tag (field 21)",
            .steps = STEPS(
                OPENED, SEND("DATA:plain(cut@1(ota-chunk(\"hello\")))"), EXPECT("silence"),
                SEND("index@1() DATA:plain(cut@5(from@1(ota-chunk(\"hello\"))))"),
                EXPECT("silence"),
                SEND("index@1() DATA:plain(cut@8(from@6(ota-chunk(\"hello\"))))"),
                EXPECT("silence"), SEND("index@1() DATA:plain(from@14(ota-chunk(\"hello\")))"),
                AT(TARGET, EXPECT, "\"hello\""))),
    SS_CASE("ss-ota/chunk/octet-by-octet", "ss-ota/chunk/segmentation", .needs = NEED_OTA,
            .segment = SEGMENT_BYTES, .says = "Chunks, each octet in a segment of its own.",
            .seen = "Python shadowsocks 2.9.1 (field 1), shadowsocks-libev 2.6.3 (field 21)",
            .steps =
                STEPS(OPENED, SEND("DATA:plain(ota-chunk(\"aa\") ota-chunk() ota-chunk(\"bb\"))"),
                      AT(TARGET, EXPECT, "\"aabb\""))),
    SS_CASE("ss-ota/chunk/every-split", "ss-ota/chunk/segmentation", .needs = NEED_OTA,
            .segment = SEGMENT_SPLIT, .says = "Chunks, cut in two at each place in turn.",
            .seen = "Python shadowsocks 2.9.1 (field 1), shadowsocks-libev 2.6.3 (field 21)",
            .steps =
                STEPS(OPENED, SEND("DATA:plain(ota-chunk(\"aa\") ota-chunk() ota-chunk(\"bb\"))"),
                      AT(TARGET, EXPECT, "\"aabb\""))),
    SS_CASE("ss-ota/chunk/up", "ss-ota/chunk/form", .needs = NEED_OTA,
            .says = "1 MB up in chunks of 65,000 octets.",
            .steps = STEPS(SEND("IV:{salt} DST:plain(ota-header({target}))"), OPEN(TARGET),
                           TRANSFER(CLIENT, TARGET, 1000000))),
    SS_CASE("ss-ota/chunk/both-ways", "ss-ota/chunk/reply", .needs = NEED_OTA,
            .says = "256 kB each way at the same time, with chunks up and without down.",
            .steps = STEPS(SEND("IV:{salt} DST:plain(ota-header({target}))"), OPEN(TARGET),
                           EXCHANGE(CLIENT, TARGET, 256000))),
    SS_CASE("ss-ota/chunk/reply", "ss-ota/chunk/reply", .needs = NEED_OTA,
            .says = "What the target sends comes without chunks.",
            .steps = STEPS(OPENED, AT(TARGET, SEND, "{payload 300}"), EXPECT("{payload 300}"),
                           AT(TARGET, SEND, "\"more\""), EXPECT("\"more\""))),
    SS_CASE("ss-ota/chunk/length-too-large", "ss-ota/chunk/length-data", .needs = NEED_OTA,
            .says = "LEN says more than there is, then FIN: none of it reaches the target.",
            .steps = STEPS(OPENED, SEND("DATA:plain(0008 chunk-tag(\"more\") \"more\")"),
                           FIN(CLIENT), AT(TARGET, EXPECT, "silence or end"),
                           EXPECT("silence or end"), MUTE(CLIENT))),
    SS_CASE("ss-ota/chunk/length-too-small", "ss-ota/chunk/length-data", .needs = NEED_OTA,
            .says = "LEN says less than there is: none of it reaches the target.",
            .steps =
                STEPS(OPENED, SEND("DATA:plain(0002 chunk-tag(\"more\") \"more\" {payload 40})"),
                      NOTHING_MORE)),
    SS_CASE("ss-ota/chunk/no-chunks", "ss-ota/chunk/tag", .needs = NEED_OTA,
            .says =
                "Payload without chunks behind a header with the flag does not reach the target.",
            .steps = STEPS(SEND("IV:{salt} DST:plain(ota-header({target}))"), OPEN(TARGET),
                           SEND("DATA:plain(0004 {payload 200})"), NOTHING_MORE)),
    SS_CASE("ss-ota/chunk/cut-1", "ss-ota/chunk/truncated", .needs = NEED_OTA,
            .says = "Of a chunk comes one octet of LEN, then FIN: none of it reaches the target.",
            .steps = STEPS(OPENED, SEND("DATA:plain(cut@1(ota-chunk({payload 40})))"), FIN(CLIENT),
                           AT(TARGET, EXPECT, "silence or end"), EXPECT("silence or end"),
                           MUTE(CLIENT))),
    SS_CASE("ss-ota/chunk/cut-2", "ss-ota/chunk/truncated", .needs = NEED_OTA,
            .says = "Of a chunk comes LEN, then FIN: none of it reaches the target.",
            .steps = STEPS(OPENED, SEND("DATA:plain(cut@2(ota-chunk({payload 40})))"), FIN(CLIENT),
                           AT(TARGET, EXPECT, "silence or end"), EXPECT("silence or end"),
                           MUTE(CLIENT))),
    SS_CASE("ss-ota/chunk/cut-11", "ss-ota/chunk/truncated", .needs = NEED_OTA,
            .says = "Of a chunk comes LEN and nine octets of its tag, then FIN: none of it reaches "
                    "the target.",
            .steps = STEPS(OPENED, SEND("DATA:plain(cut@11(ota-chunk({payload 40})))"), FIN(CLIENT),
                           AT(TARGET, EXPECT, "silence or end"), EXPECT("silence or end"),
                           MUTE(CLIENT))),
    SS_CASE("ss-ota/chunk/cut-30", "ss-ota/chunk/truncated", .needs = NEED_OTA,
            .says = "Of a chunk comes LEN, tag and part of its data, then FIN: none of it reaches "
                    "the target.",
            .steps = STEPS(OPENED, SEND("DATA:plain(cut@30(ota-chunk({payload 40})))"), FIN(CLIENT),
                           AT(TARGET, EXPECT, "silence or end"), EXPECT("silence or end"),
                           MUTE(CLIENT))),
    SS_CASE("ss-ota/chunk/cut-last", "ss-ota/chunk/truncated", .needs = NEED_OTA,
            .says =
                "Of a chunk comes all but its last octet, then FIN: none of it reaches the target.",
            .steps = STEPS(OPENED, SEND("DATA:plain(cut@-1(ota-chunk({payload 40})))"), FIN(CLIENT),
                           AT(TARGET, EXPECT, "silence or end"), EXPECT("silence or end"),
                           MUTE(CLIENT))),
    {0},
};
