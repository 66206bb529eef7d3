#include "base.h"

#if defined(__x86_64__)

// The kernel leaves the count of arguments, the arguments and the environment on the stack.
__asm__(".globl _start\n_start:\n  xor %ebp, %ebp\n  mov %rsp, %rdi\n  and $-16, %rsp\n  call begin\n");

long call6(long number, long a, long b, long c, long d, long e, long f) {
    register long r10 __asm__("r10") = d, r8 __asm__("r8") = e, r9 __asm__("r9") = f;
    long result;
    __asm__ volatile("syscall" : "=a"(result) : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9) : "rcx", "r11", "memory");
    return result;
}

#elif defined(__aarch64__)

__asm__(".globl _start\n_start:\n  mov x29, #0\n  mov x30, #0\n  mov x0, sp\n  bl begin\n");

long call6(long number, long a, long b, long c, long d, long e, long f) {
    register long x8 __asm__("x8") = number, x0 __asm__("x0") = a, x1 __asm__("x1") = b, x2 __asm__("x2") = c;
    register long x3 __asm__("x3") = d, x4 __asm__("x4") = e, x5 __asm__("x5") = f;
    __asm__ volatile("svc #0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5) : "memory");
    return x0;
}

#else
#error "no system calls for this machine"
#endif

// The compiler calls these by itself; volatile keeps it from making them call themselves.
void *memcpy(void *to, const void *from, size_t count) {
    unsigned char *out = to;
    const unsigned char *in = from;
    while (count-- > 0) {
        *out++ = *in++;
        __asm__ volatile("" ::: "memory");
    }
    return to;
}

void *memset(void *to, int value, size_t count) {
    unsigned char *out = to;
    while (count-- > 0) {
        *out++ = (unsigned char)value;
        __asm__ volatile("" ::: "memory");
    }
    return to;
}

int memcmp(const void *a, const void *b, size_t count) {
    const unsigned char *x = a, *y = b;
    for (; count > 0; count--, x++, y++)
        if (*x != *y)
            return *x - *y;
    return 0;
}

size_t strlen(const char *text) {
    size_t count = 0;
    while (text[count] != 0) {
        count++;
        __asm__ volatile("" ::: "memory");
    }
    return count;
}

int same(const char *a, const char *b) {
    while (*a != 0 && *a == *b)
        a++, b++;
    return *a == *b;
}

int starts_with(const char *text, const char *start) {
    while (*start != 0 && *text == *start)
        text++, start++;
    return *start == 0;
}

char *put_text(char *to, const char *text) {
    while (*text != 0)
        *to++ = *text++;
    *to = 0;
    return to;
}

char *put_number(char *to, long number) {
    char digits[24];
    int count = 0;
    do
        digits[count++] = (char)('0' + number % 10);
    while ((number /= 10) != 0);
    while (count > 0)
        *to++ = digits[--count];
    *to = 0;
    return to;
}

int64_t read_number(const char *text) {
    int64_t number = 0;
    if (*text == 0)
        return -1;
    for (; *text != 0; text++) {
        if (*text < '0' || *text > '9' || number > INT64_MAX / 16)
            return -1;
        number = number * 10 + (*text - '0');
    }
    return number;
}

_Noreturn void leave(int code) {
    for (;;)
        CALL(__NR_exit_group, code);
}

int stat_link(const char *path, struct stat *into) { return (int)CALL(__NR_newfstatat, AT_FDCWD, path, into, AT_SYMLINK_NOFOLLOW); }

int stat_file(int file, struct stat *into) { return (int)CALL(__NR_fstat, file, into); }

long read_all(int file, void *into, size_t count) {
    size_t done = 0;
    while (done < count) {
        long got = CALL(__NR_read, file, (char *)into + done, count - done);
        if (got == -EINTR)
            continue;
        if (got <= 0)
            return got < 0 ? got : (long)done;
        done += (size_t)got;
    }
    return (long)done;
}

long write_all(int file, const void *from, size_t count) {
    size_t done = 0;
    while (done < count) {
        long got = CALL(__NR_write, file, (const char *)from + done, count - done);
        if (got == -EINTR)
            continue;
        if (got < 0)
            return got;
        done += (size_t)got;
    }
    return 0;
}
