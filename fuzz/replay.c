/* The main of a harness where there is no fuzzer.
 *
 * usage: NAME FILE...     A file NAME.hex holds one input a line, in hexadecimal; any other is one
 *                         input as it is, such as a fuzzer keeps of a crash.
 *
 * Each input ends where reading on is a fault. Exit status: 0 all laws hold (a broken one aborts),
 * 2 usage, or a file that cannot be read or is ill-formed. */
#include "laws.h"

#include <errno.h>

enum { LARGEST = BLOCK_SIZE };
static uint8_t octets[LARGEST];

static void test_one(size_t n)
{
    static uint8_t *end;
    uint8_t *input = guarded(&end) - n;
    memcpy(input, octets, n);
    LLVMFuzzerTestOneInput(input, n);
}

static char line[2 * LARGEST + 2];

_Noreturn static void refuse(const char *path, unsigned long at, const char *why)
{
    fprintf(stderr, "%s:%lu: %s\n", path, at, why);
    exit(2);
}

static int digit(char c)
{
    static const char digits[] = "0123456789abcdef";
    const char *found = c != '\0' ? strchr(digits, c) : NULL;
    return found != NULL ? (int)(found - digits) : -1;
}

static unsigned long replay_lines(const char *path, FILE *file)
{
    unsigned long count = 0;
    while (fgets(line, sizeof line, file) != NULL) {
        size_t n = 0;
        count++;
        for (const char *p = line; *p != '\n'; p += 2, n++) {
            int high = digit(p[0]), low = high < 0 ? -1 : digit(p[1]);
            if (low < 0)
                refuse(path, count,
                       "not an input: expected pairs of hexadecimal digits, line feed");
            octets[n] = (uint8_t)(16 * high + low);
        }
        test_one(n);
    }
    return count;
}

static unsigned long replay(const char *path)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        refuse(path, 0, strerror(errno));
    size_t n = strlen(path);
    unsigned long count = 1;
    if (n > 4 && strcmp(path + n - 4, ".hex") == 0) {
        count = replay_lines(path, file);
    } else {
        n = fread(octets, 1, sizeof octets, file);
        if (fgetc(file) != EOF)
            refuse(path, 0, "larger than any input");
        test_one(n);
    }
    if (ferror(file))
        refuse(path, 0, "cannot be read");
    fclose(file);
    return count;
}

int main(int argc, char **argv)
{
    unsigned long count = 0;
    if (argc < 2) {
        fprintf(stderr, "usage: %s FILE...\n", argv[0]);
        return 2;
    }
    for (int i = 1; i < argc; i++)
        count += replay(argv[i]);
    printf("%lu inputs\n", count);
    return 0;
}
