/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The switch saves stack pointer, frame pointer and where to go on; the
 * compiler saves what else it needs round it.  The floating-point control words
 * are left out: no code here changes them.  It is a jump inside of one function
 * and neither a call nor a return: calls and returns stay in pairs, so the
 * processor predicts the returns that follow wherever both fibres came here the
 * same way, as LWPs do.  Other machines, and builds with LWP_FCONTEXT, use
 * Boost.Context.
 */

#include "fiber.h"

#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define FIBER_ASAN 1
#endif
#if __has_feature(thread_sanitizer) || defined(LWP_RACES)
#define FIBER_TSAN 1
#endif
#if __has_feature(memory_sanitizer)
#define FIBER_MSAN 1
#endif
#endif
#ifdef __SANITIZE_ADDRESS__
#define FIBER_ASAN 1
#endif

#ifdef FIBER_ASAN
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#endif
#ifdef FIBER_TSAN
#include <sanitizer/tsan_interface.h>
#define NO_TSAN __attribute__((no_sanitize("thread")))
#else
#define NO_TSAN
#endif
#ifdef FIBER_MSAN
#include <sanitizer/msan_interface.h>
#endif

#if !defined(__x86_64__) && !defined(LWP_FCONTEXT)
#define LWP_FCONTEXT 1
#endif

#ifdef FIBER_ASAN
/* What runs on this thread; NULL before the first switch. */
static _Thread_local const struct fiber *fiber_now;

void __real___asan_handle_no_return(void);
void __wrap___asan_handle_no_return(void);

/*
 * __wrap___asan_handle_no_return:
 *
 *	Called before each call that does not return (LINKER:--wrap), to wipe
 *	out what is remembered of the stack's frames, at the price of a system
 *	call.  A fibre that was left for good does not come back to its frames,
 *	and fiber_start() wipes them out.  Code on a fibre must not longjmp():
 *	frames that it skips stay poisoned.
 */
void
__wrap___asan_handle_no_return(void)
{
	/* Not a fibre, or the simulator's host. */
	if (fiber_now == NULL || fiber_now->fb_stack == NULL)
		__real___asan_handle_no_return();
}

/*
 * fiber_wipe:
 *
 *	Frames from where it was left up to the top are those that were not
 *	returned from, and only those are remembered.
 */
static void
fiber_wipe(struct fiber *f)
{
	char *top = f->fb_stack + f->fb_size, *from = f->fb_sp;

	if (from < f->fb_stack || from > top) /* never run on this stack */
		from = f->fb_stack;
	__asan_unpoison_memory_region(from, (size_t)(top - from));
}
#endif

/*
 * fiber_main:
 *
 *	First code on a fresh stack.
 */
static void
fiber_main(struct fiber *f)
{
#ifdef FIBER_ASAN
	__sanitizer_finish_switch_fiber(NULL, NULL, NULL);
#endif
	f->fb_entry(f->fb_arg);
	__builtin_trap();
}

#ifdef LWP_FCONTEXT

typedef struct {
	void *fctx;
	void *data;
} transfer_t;
transfer_t jump_fcontext(void *to, void *data);
void *make_fcontext(void *sp, size_t size, void (*fn)(transfer_t));

static void
fiber_fcontext_entry(transfer_t t)
{
	struct fiber **pair = t.data;

	pair[0]->fb_sp = t.fctx;
	fiber_main(pair[1]);
}

static void
fiber_prepare(struct fiber *f)
{
	f->fb_sp = make_fcontext(
	    f->fb_stack + f->fb_size, f->fb_size, fiber_fcontext_entry);
}

static NO_TSAN void
fiber_jump(struct fiber *from, struct fiber *to)
{
	struct fiber *pair[2] = { from, to };
	transfer_t t;

	t = jump_fcontext(to->fb_sp, pair);
	/* Whoever came back left its context with us. */
	((struct fiber **)t.data)[0]->fb_sp = t.fctx;
}

#else

void fiber_enter(void);

__asm__(".text\n"
	/* A fresh stack comes here, as said below, with its fibre in rsi, the
	 * function to call in rbp, and a zero return address on it that ends
	 * backtraces. */
	".globl fiber_enter\n"
	".type fiber_enter,@function\n"
	".p2align 4\n"
	"fiber_enter:\n"
	"	movq %rsi, %rdi\n"
	"	movq %rbp, %rax\n"
	"	xorl %ebp, %ebp\n"
	"	jmp *%rax\n"
	".size fiber_enter,.-fiber_enter\n");

static void
fiber_prepare(struct fiber *f)
{
	uintptr_t *sp = (uintptr_t *)(void *)(f->fb_stack + f->fb_size);

	*--sp = 0;
	f->fb_sp = sp;
	f->fb_bp = (void *)fiber_main;
	f->fb_ip = (void *)fiber_enter;
}

/* The rest of the vector registers: with link-time optimisation gcc knows what
 * a function that it calls leaves alone. */
#ifdef __AVX512F__
#define FIBER_AVX512                                                           \
	"xmm16", "xmm17", "xmm18", "xmm19", "xmm20", "xmm21", "xmm22",         \
	    "xmm23", "xmm24", "xmm25", "xmm26", "xmm27", "xmm28", "xmm29",     \
	    "xmm30", "xmm31", "k0", "k1", "k2", "k3", "k4", "k5", "k6", "k7",
#else
#define FIBER_AVX512
#endif

/*
 * fiber_jump:
 *
 *	Nothing is pushed, since the frame may have a red zone below it.  What
 *	the two registers hold afterwards is the other side's.
 */
static inline __attribute__((always_inline)) NO_TSAN void
fiber_jump(struct fiber *from, struct fiber *to)
{
	struct fiber *save = from, *load = to;

	_Static_assert(offsetof(struct fiber, fb_sp) == 0, "fiber_jump");
	_Static_assert(offsetof(struct fiber, fb_bp) == 8, "fiber_jump");
	_Static_assert(offsetof(struct fiber, fb_ip) == 16, "fiber_jump");
	__asm__ volatile("leaq 1f(%%rip), %%rax\n\t"
			 "movq %%rsp, (%0)\n\t"
			 "movq %%rbp, 8(%0)\n\t"
			 "movq %%rax, 16(%0)\n\t"
			 "movq (%1), %%rsp\n\t"
			 "movq 8(%1), %%rbp\n\t"
			 "jmp *16(%1)\n"
			 "1:"
			 : "+D"(save), "+S"(load)
			 :
			 : "rax", "rbx", "rcx", "rdx", "r8", "r9", "r10", "r11",
			 "r12", "r13", "r14", "r15", "xmm0", "xmm1", "xmm2",
			 "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8", "xmm9",
			 "xmm10", "xmm11", "xmm12", "xmm13", "xmm14", "xmm15",
			 FIBER_AVX512 "cc", "memory");
}

#endif

void
fiber_host(struct fiber *f)
{
	*f = (struct fiber) { 0 };
#ifdef FIBER_TSAN
	f->fb_tsan = __tsan_get_current_fiber();
#endif
}

int
fiber_alloc(struct fiber *f, size_t size)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	char *base;

	base = mmap(NULL, size + page, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (base == MAP_FAILED || mprotect(base, page, PROT_NONE) != 0)
		return -1;
	*f = (struct fiber) { .fb_stack = base + page, .fb_size = size };
	return 0;
}

#define NOT_ORDERED 1u /* __tsan_switch_to_fiber_no_sync */

#ifdef FIBER_TSAN
/*
 * fiber_as:
 *
 *	What follows is, for ThreadSanitizer, done by f; returns who did what
 *	came before, to go back to.
 */
static void *
fiber_as(void *tsan)
{
	void *was = __tsan_get_current_fiber();

	if (was != tsan)
		__tsan_switch_to_fiber(tsan, NOT_ORDERED);
	return was;
}

#ifdef LWP_RACES
void
fiber_release(struct fiber *f, void *key)
{
	void *was = fiber_as(f->fb_tsan);

	__tsan_release(key);
	(void)fiber_as(was);
}

void
fiber_acquire(struct fiber *f, void *key)
{
	void *was = fiber_as(f->fb_tsan);

	__tsan_acquire(key);
	(void)fiber_as(was);
}

void __real___tsan_func_exit(void);

void
fiber_unwind(struct fiber *f, unsigned frames)
{
	void *was = fiber_as(f->fb_tsan);

	while (frames-- > 0)
		__real___tsan_func_exit();
	(void)fiber_as(was);
}
#endif
#endif

/*
 * fiber_start:
 *
 *	What the sanitizers remember of abandoned frames is wiped out.
 */
void
fiber_start(
    struct fiber *f, struct fiber *parent, void (*entry)(void *), void *arg)
{
	f->fb_entry = entry;
	f->fb_arg = arg;
#ifdef FIBER_ASAN
	f->fb_fake = NULL;
	fiber_wipe(f);
#endif
#ifdef FIBER_TSAN
#ifdef LWP_RACES
	/* Its frames were taken back: fiber_unwind(). */
	if (f->fb_tsan != NULL) {
		fiber_prepare(f);
		return;
	}
#endif
	/* Used again without having returned it would overflow its shadow
	 * stack. */
	if (f->fb_tsan != NULL)
		__tsan_destroy_fiber(f->fb_tsan);
	void *was = fiber_as(
	    parent != NULL ? parent->fb_tsan : __tsan_get_current_fiber());

	f->fb_tsan = __tsan_create_fiber(0);
	(void)fiber_as(was);
#else
	(void)parent;
#endif
	fiber_prepare(f);
#ifdef FIBER_MSAN
	__msan_unpoison(f->fb_stack + f->fb_size - 128, 128);
#endif
}

void
fiber_end(struct fiber *f)
{
#ifdef FIBER_TSAN
	if (f->fb_tsan != NULL)
		__tsan_destroy_fiber(f->fb_tsan);
#endif
	f->fb_tsan = NULL;
}

/*
 * fiber_go:
 *
 *	Between the words to ThreadSanitizer and the jump nothing is
 *	instrumented: it would be taken for the other fibre's.
 */
static inline __attribute__((always_inline)) NO_TSAN void
fiber_go(struct fiber *from, struct fiber *to, unsigned flags)
{
#ifdef FIBER_ASAN
	fiber_now = to;
	__sanitizer_start_switch_fiber(
	    &from->fb_fake, to->fb_stack, to->fb_size);
#endif
#ifdef FIBER_TSAN
	__tsan_switch_to_fiber(to->fb_tsan, flags);
#else
	(void)flags;
#endif
	fiber_jump(from, to);
#ifdef FIBER_ASAN
	__sanitizer_finish_switch_fiber(from->fb_fake, NULL, NULL);
#endif
}

__attribute__((noinline)) NO_TSAN void
fiber_switch(struct fiber *from, struct fiber *to)
{
	fiber_go(from, to, NOT_ORDERED);
}

__attribute__((noinline)) NO_TSAN void
fiber_switch_ordered(struct fiber *from, struct fiber *to)
{
	fiber_go(from, to, 0);
}
