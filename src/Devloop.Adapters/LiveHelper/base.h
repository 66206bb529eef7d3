// What the helper stands on: the kernel's calls and a few routines, for there is no C library in it.
#ifndef BASE_H
#define BASE_H

#include <asm/stat.h>
#include <asm/unistd.h>
#include <linux/errno.h>
#include <linux/fcntl.h>
#include <stddef.h>
#include <stdint.h>

// Exit codes; HelperExit.cs has the same.
enum {
    EXIT_USAGE = 64,
    EXIT_PROTOCOL = 81,
    EXIT_READ_ONLY = 82,
    EXIT_NOT_PERMITTED = 83,
    EXIT_NO_SPACE = 84,
    EXIT_SURPRISE = 85,
    EXIT_OTHER = 86,
    EXIT_NO_SUPERVISOR = 87,
    EXIT_RESTART_FAILED = 88,
};

#define MODE_TYPE 0170000u
#define MODE_DIRECTORY 0040000u
#define MODE_REGULAR 0100000u
#define IS_DIRECTORY(mode) (((mode) & MODE_TYPE) == MODE_DIRECTORY)
#define IS_REGULAR(mode) (((mode) & MODE_TYPE) == MODE_REGULAR)

struct timespec64 {
    int64_t seconds;
    int64_t nanoseconds;
};

long call6(long number, long a, long b, long c, long d, long e, long f);
#define CALL(number, ...) CALL_PICK(__VA_ARGS__, 6, 5, 4, 3, 2, 1)(number, __VA_ARGS__)
#define CALL_PICK(a, b, c, d, e, f, count, ...) CALL_##count
#define CALL_1(n, a) call6(n, (long)(a), 0, 0, 0, 0, 0)
#define CALL_2(n, a, b) call6(n, (long)(a), (long)(b), 0, 0, 0, 0)
#define CALL_3(n, a, b, c) call6(n, (long)(a), (long)(b), (long)(c), 0, 0, 0)
#define CALL_4(n, a, b, c, d) call6(n, (long)(a), (long)(b), (long)(c), (long)(d), 0, 0)
#define CALL_5(n, a, b, c, d, e) call6(n, (long)(a), (long)(b), (long)(c), (long)(d), (long)(e), 0)
#define CALL_6(n, a, b, c, d, e, f) call6(n, (long)(a), (long)(b), (long)(c), (long)(d), (long)(e), (long)(f))

void *memcpy(void *to, const void *from, size_t count);
void *memset(void *to, int value, size_t count);
int memcmp(const void *a, const void *b, size_t count);
size_t strlen(const char *text);
int same(const char *a, const char *b);
int starts_with(const char *text, const char *start);

// Writes a number and gives the end of the text.
char *put_number(char *to, long number);
char *put_text(char *to, const char *text);

// A number in decimal digits; -1 when it is none.
int64_t read_number(const char *text);

_Noreturn void leave(int code);

int stat_link(const char *path, struct stat *into);
int stat_file(int file, struct stat *into);

// Reads until all is there; gives fewer bytes only at the end of the input.
long read_all(int file, void *into, size_t count);
long write_all(int file, const void *from, size_t count);

// The modes of the helper.
int apply(const char *restart);
int run(char **words, char **environment);
int restart(const char *name);

// The abstract address of a container's supervisor; gives its length.
int supervisor_address(void *address, const char *name);

#endif
