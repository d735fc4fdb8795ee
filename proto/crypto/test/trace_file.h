/* The files of vectors/traces, for test_traces.c. */
#ifndef CRYPTO_TEST_TRACE_FILE_H
#define CRYPTO_TEST_TRACE_FILE_H

#include "trace_replay.h"
#include "vector_file.h"

/* What the traces of one file share. */
struct trace_setting {
    struct sks_key key;
    struct sks_session_config config;
    struct octets uname, passwd, target;
};

static inline int number_of(const char *name, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(names[i], name) == 0)
            return (int)i;
    fail_msg("%s: expected %s or another of its list", name, names[0]);
    return -1;
}

static inline void policy_open(struct trace_setting *t, const json_t *json)
{
    static const char *const ota[] = {"plain", "allowed", "required"};
    static const char *const commands[] = {"", "connect", "bind", "udp-associate"};
    struct sks_policy *policy = &t->config.policy;
    size_t i, used;
    json_t *command;
    policy->ota = (enum sks_ss_mode)number_of(text_of(json, "oneTimeAuth"), ota, COUNT(ota));
    json_array_foreach(json_object_get(json, "commands"), i, command)
    {
        int cmd = number_of(json_string_value(command), commands, COUNT(commands));
        policy->commands |= SKS_ALLOW(cmd);
    }
    t->uname = optional(json, "uname");
    t->passwd = optional(json, "passwd");
    policy->uname = t->uname.at;
    policy->ulen = (uint8_t)t->uname.n;
    policy->passwd = t->passwd.at;
    policy->plen = (uint8_t)t->passwd.n;
    t->target = optional(json, "target");
    if (t->target.n != 0)
        assert_int_equal(sks_addr_parse(&policy->target, t->target.at, t->target.n, &used), SKS_OK);
}

static inline void setting_open(struct trace_setting *t, const json_t *file)
{
    static const char *const roles[] = {"sslocal", "ssserver", "tunnel", "socks5"};
    const char *method = json_string_value(json_object_get(file, "method"));
    memset(t, 0, sizeof *t);
    t->config.role = (enum sks_role)(1 << number_of(text_of(file, "role"), roles, COUNT(roles)));
    policy_open(t, member(file, "policy"));
    if (method == NULL)
        return;
    const struct sks_cipher *cipher = available(method);
    assert_non_null(cipher);
    t->key = key_of(cipher, text_of(file, "password"));
    t->config.key = &t->key;
    if (cipher->kind == SKS_CIPHER_AEAD)
        assert_int_equal(sks_sealer_new(&t->config.sealer, cipher), SKS_OK);
}

static inline void setting_close(struct trace_setting *t)
{
    sks_sealer_free(t->config.sealer);
    free(t->uname.at);
    free(t->passwd.at);
    free(t->target.at);
}

static inline void trace_open(struct replay *r, const struct trace_setting *t, const json_t *trace)
{
    struct octets salt = octets_of(trace, "salt");
    const char *bound = json_string_value(json_object_get(trace, "bound"));
    size_t used;
    replay_open(r, &t->config, salt.at, salt.n);
    if (bound != NULL)
        assert_int_equal(sks_addr_parse(&r->bound, r->bound_octets,
                                        unhex(r->bound_octets, SKS_ADDR_MAX, bound), &used),
                         SKS_OK);
    free(salt.at);
}

/* What our machine makes of the event in a line of the form of proto/trace.c; to be freed. */
static inline char *trace_line(struct replay *r, const char *seen)
{
    struct sks_trace_line line;
    size_t n = strlen(seen), used;
    char *with_lf = malloc(n + 1);
    uint8_t *octets = malloc(n / 2 + 1);
    assert_non_null(with_lf);
    assert_non_null(octets);
    memcpy(with_lf, seen, n);
    with_lf[n] = '\n';
    enum sks_status s = sks_trace_parse(&line, octets, n / 2 + 1, with_lf, n + 1, &used);
    if (s != SKS_OK)
        fail_msg("%.100s: %s at %zu", seen, sks_status_text(s), used);
    char *text = replay_line(r, &line.event);
    free(with_lf);
    free(octets);
    return text;
}

#endif
