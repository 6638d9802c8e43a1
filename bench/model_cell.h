/* SPDX-License-Identifier: BSD-2-Clause */

/* What an access to a cell is in the model.  Outside of it (locks are being
 * made) accesses are plain. */

#ifndef MODEL_CELL_H
#define MODEL_CELL_H

#include <stddef.h>

/* model_load, model_rmw: returns when the running processor may access it. */
void model_load(const void *);
void model_rmw(const void *);
/* model_store: into the store buffer; others see it when the line came. */
void model_store(void *, const void *value, size_t);
/* model_drain: the running processor's stores are all seen. */
void model_drain(void);
/* model_peek: what the holder knows anyway; its own stores included. */
#define model_peek(p) (model_drain(), __atomic_load_n((p), __ATOMIC_RELAXED))
/* model_spinwait: a pause, and until one of these lines is taken away. */
void model_spinwait(const void *, const void *);
void model_pauses(unsigned);

#endif /* MODEL_CELL_H */
