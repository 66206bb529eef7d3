#include "tar.h"
#include <linux/poll.h>

#define BLOCK 512
#define LONGEST_RECORDS 16384

void (*on_broken_input)(void);

static char records[LONGEST_RECORDS + 1];

// Whoever still writes when its reader ends may lose what the reader said: take what comes until the writer has heard it.
static void drain(void) {
    static char rest[4096];
    struct pollfd input = {0, POLLIN, 0};
    struct timespec64 patience = {2, 0};
    while (CALL(__NR_ppoll, &input, 1, &patience, 0, 8) == 1 && CALL(__NR_read, 0, rest, sizeof rest) > 0)
        patience.seconds = 2, patience.nanoseconds = 0;
}

// One line: "devloop-helper: CODE STEP ERRNO USER PATH", the path as it is up to the last byte before the line's end.
_Noreturn void fail_as(int code, const char *step, const char *path, long error) {
    static char line[LONGEST_PATH + 128];
    char *end = put_text(line, "devloop-helper: ");
    end = put_number(end, code);
    *end++ = ' ';
    end = put_text(end, step);
    *end++ = ' ';
    end = put_number(end, error < 0 ? -error : error);
    *end++ = ' ';
    end = put_number(end, CALL(__NR_geteuid, 0));
    *end++ = ' ';
    end = put_text(end, path);
    end = put_text(end, "\n");
    write_all(2, line, (size_t)(end - line));
    drain();
    leave(code);
}

_Noreturn void fail(const char *step, const char *path, long error) {
    switch (-error) {
    case EROFS:
        fail_as(EXIT_READ_ONLY, step, path, error);
    case EPERM:
    case EACCES:
        fail_as(EXIT_NOT_PERMITTED, step, path, error);
    case ENOSPC:
    case EDQUOT:
        fail_as(EXIT_NO_SPACE, step, path, error);
    default:
        fail_as(EXIT_OTHER, step, path, error);
    }
}

static _Noreturn void broken(const char *what) {
    if (on_broken_input != 0)
        on_broken_input();
    fail_as(EXIT_PROTOCOL, what, "", 0);
}

void read_content(void *into, size_t count) {
    if (read_all(0, into, count) != (long)count)
        broken("input");
}

void end_content(uint64_t size) {
    static char rest[BLOCK];
    if (size % BLOCK != 0)
        read_content(rest, BLOCK - size % BLOCK);
}

// Octal digits, with spaces or a zero at the end.
static uint64_t octal(const char *field, int length) {
    uint64_t number = 0;
    for (; length > 0 && *field == ' '; length--)
        field++;
    for (; length > 0 && *field >= '0' && *field <= '7'; length--)
        number = number * 8 + (uint64_t)(*field++ - '0');
    return number;
}

static int is_zero(const char *block) {
    for (int i = 0; i < BLOCK; i++)
        if (block[i] != 0)
            return 0;
    return 1;
}

static void checked_path(char *to, const char *from, size_t length) {
    if (length >= LONGEST_PATH || length == 0)
        broken("path");
    memcpy(to, from, length);
    to[length] = 0;
}

// Seconds, with a fraction perhaps, and a sign.
static struct timespec64 read_time(const char *text) {
    struct timespec64 time = {0, 0};
    int negative = *text == '-';
    if (negative)
        text++;
    for (; *text >= '0' && *text <= '9'; text++)
        time.seconds = time.seconds * 10 + (*text - '0');
    if (*text == '.')
        for (int64_t unit = 100000000; unit > 0 && *++text >= '0' && *text <= '9'; unit /= 10)
            time.nanoseconds += unit * (*text - '0');
    if (negative) {
        time.seconds = -time.seconds - (time.nanoseconds > 0);
        if (time.nanoseconds > 0)
            time.nanoseconds = 1000000000 - time.nanoseconds;
    }
    return time;
}

static unsigned read_id(const char *text) {
    int64_t number = read_number(text);
    if (number < 0 || number > UINT32_MAX)
        broken("number");
    return (unsigned)number;
}

// Records "LENGTH KEY=VALUE\n", where the length counts the whole record.
static void read_records(struct entry *into, size_t size) {
    if (size > LONGEST_RECORDS)
        broken("records");
    read_content(records, size);
    records[size] = 0;
    for (char *at = records, *end = records + size; at < end;) {
        char *digits = at;
        size_t length = 0;
        for (; *at >= '0' && *at <= '9' && at - digits < 6; at++)
            length = length * 10 + (size_t)(*at - '0');
        if (*at != ' ' || length > (size_t)(end - digits) || length < (size_t)(at - digits) + 4 || digits[length - 1] != '\n')
            broken("record");
        char *key = at + 1, *next = digits + length, *value = key;
        while (value < next && *value != '=')
            value++;
        if (value == next)
            broken("record");
        *value++ = 0;
        next[-1] = 0;
        if (same(key, "path"))
            checked_path(into->path, value, (size_t)(next - 1 - value));
        else if (same(key, "linkpath"))
            checked_path(into->target, value, (size_t)(next - 1 - value));
        else if (same(key, "size"))
            into->size = (uint64_t)read_number(value);
        else if (same(key, "mtime"))
            into->modified = read_time(value);
        else if (same(key, "uid"))
            into->user = read_id(value), into->has_owner |= 1;
        else if (same(key, "gid"))
            into->group = read_id(value), into->has_owner |= 2;
        else if (same(key, "DEVLOOP.kind"))
            into->kind = (enum kind)*value;
        at = next;
    }
}

// A path has to stay where it says: no "..".
static void check_path(const char *path) {
    if (*path != '/')
        broken("path");
    for (const char *part = path; *part != 0;) {
        while (*part == '/')
            part++;
        if (part[0] == '.' && part[1] == '.' && (part[2] == '/' || part[2] == 0))
            broken("path");
        while (*part != 0 && *part != '/')
            part++;
    }
}

int next_entry(struct entry *into) {
    static char block[BLOCK];
    int has_records = 0, zeros = 0;
    into->kind = 0, into->path[0] = 0, into->target[0] = 0, into->size = UINT64_MAX, into->has_owner = 0;
    for (;;) {
        read_content(block, BLOCK);
        if (is_zero(block)) {
            if (has_records)
                broken("end");
            if (++zeros == 2)
                return 0;
            continue;
        }
        if (memcmp(block + 257, "ustar", 5) != 0)
            broken("header");
        uint64_t size = octal(block + 124, 12);
        if (block[156] == 'x') {
            read_records(into, size);
            end_content(size);
            has_records = 1;
            continue;
        }
        if (into->kind == 0)
            into->kind = (enum kind)block[156];
        // All that devloop sends stands in records; a header without them is not its.
        if (!has_records)
            broken("header");
        if (into->size == UINT64_MAX)
            into->size = size;
        into->mode = (unsigned)octal(block + 100, 8) & 07777u;
        check_path(into->path);
        return 1;
    }
}
