/* Values of the options of `sockspec run` and `sockspec fuzz`: from a text to the request. Each
 * returns 0, or an exit status when the one line about it is said. The texts outlive the request.
 */
#ifndef OPTIONS_VALUES_H
#define OPTIONS_VALUES_H

#include "options.h"

/* --case and --not: one more glob. option is the name without dashes, here and below. */
int value_glob(const struct request *q, const char *option, struct globs *globs, const char *glob);
int value_without(struct request *q, const char *list);
int value_segment(struct request *q, const char *axis);
int value_level(struct request *q, const char *level);
int value_auth(struct request *q, const char *auth);
/* FORMAT=FILE. */
int value_report(struct request *q, const char *text);
/* One more report. */
int value_file(struct request *q, const char *option, enum report_format format, const char *file);
/* A decimal number from least to most into *out, which is 0 where it is none. */
int value_number(const struct request *q, const char *option, const char *text,
                 unsigned long long least, unsigned long long most, unsigned long long *out);

#endif
