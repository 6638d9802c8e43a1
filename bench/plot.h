/* SPDX-License-Identifier: BSD-2-Clause */

/* Figures, and the page that holds them. */

#ifndef PLOT_H
#define PLOT_H

#include <stdio.h>

#include "analysis.h"

#define FIGURE(name, title) bool figure_##name(FILE *, const struct records *);
#include "figure.def"
#undef FIGURE

void page_head(FILE *, const struct records *);
void page_tables(FILE *, const struct records *);
void page_text(FILE *, const char *);

#endif /* PLOT_H */
