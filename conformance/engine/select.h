/* What a run is made of, and what its outcomes mean: parts of run.h's run_all. */
#ifndef ENGINE_SELECT_H
#define ENGINE_SELECT_H

#include "run.h"

/* Makes a row of results for each case and segmentation that is asked for and makes sense; what the
 * peer or the place cannot have is SKIP already, the verdict of the others N_VERDICTS. */
void run_select(struct run *run);

/* The verdict that an outcome is, by the level of what it breaks. */
enum verdict run_judge(const struct run *run, const struct result *r);

#endif
