// Entries of a pax archive (POSIX 1003.1, pax) as devloop writes it.
#ifndef TAR_H
#define TAR_H

#include "base.h"

#define LONGEST_PATH 4096

enum kind {
    KIND_FILE = '0',
    KIND_LINK = '2',
    KIND_DIRECTORY = '5',
    KIND_GONE = 'G',       // nothing stands there
    KIND_NO_DIRECTORY = 'N', // no directory may stand there; nothing is written otherwise
};

struct entry {
    enum kind kind;
    char path[LONGEST_PATH]; // absolute
    char target[LONGEST_PATH];
    uint64_t size;
    unsigned mode;
    int has_owner;
    unsigned user, group;
    struct timespec64 modified;
};

// Reads up to the content of the next entry: 1, or 0 at the archive's end. Leaves the program when the archive is broken.
int next_entry(struct entry *into);

// Reads content, of which there is so much; leaves the program when the input ends before.
void read_content(void *into, size_t count);

// Passes over the zeros behind the content of an entry.
void end_content(uint64_t size);

// Says what went wrong on standard error, and leaves with the code that fits the error number.
_Noreturn void fail(const char *step, const char *path, long error);
_Noreturn void fail_as(int code, const char *step, const char *path, long error);

// Called before the program is left because the input broke off.
extern void (*on_broken_input)(void);

#endif
