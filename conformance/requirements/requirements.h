/* The tables of this folder, one per specification; each row is a struct requirement. */
#ifndef REQUIREMENTS_H
#define REQUIREMENTS_H

#include "../engine/case.h"

extern const struct requirement rfc1928_requirements[];
extern const struct requirement rfc1929_requirements[];

#endif
