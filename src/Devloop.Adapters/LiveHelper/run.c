// The first process of a container: runs the program that the container is for, and starts it again when asked to.
#include "base.h"
#include <asm/ioctls.h>
#include <asm/signal.h>
#include <linux/poll.h>
#include <linux/prctl.h>
#include <linux/socket.h>
#include <linux/un.h>
#include <linux/wait.h>

#define MOST_PATH 4096
#define AF_LOCAL_SOCKETS 1
#define SOCK_CLOEXEC 02000000
#define SOCK_STREAM_KIND 1
#define SOL_SOCKET_LEVEL 1
#define PEER_CREDENTIALS 17
#define NO_SIGNAL 0x4000
#define SIGNALFD_CLOEXEC 02000000

struct credentials {
    int process;
    unsigned user, group;
};

struct signal_told {
    uint32_t signal;
    uint8_t rest[124];
};

static char **program, **variables;
static long child;
static uint64_t mask; // of signals that were blocked from the start
static int signals, requests, client = -1; // a client whose restart is under way

static const char *variable(const char *name) {
    for (char **at = variables; *at != 0; at++)
        if (starts_with(*at, name) && (*at)[strlen(name)] == '=')
            return *at + strlen(name) + 1;
    return 0;
}

// As execvp(3): a word with a slash is a path, another one is looked for on PATH. Gives the error when nothing could be executed.
static long execute(void) {
    static char path[MOST_PATH + 256];
    const char *word = program[0];
    for (const char *at = word; *at != 0; at++)
        if (*at == '/')
            return CALL(__NR_execve, word, program, variables);
    const char *list = variable("PATH");
    if (list == 0)
        list = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
    long error = -ENOENT;
    for (const char *at = list;; at++) {
        const char *start = at;
        while (*at != 0 && *at != ':')
            at++;
        size_t length = (size_t)(at - start);
        if (length + strlen(word) + 2 < sizeof path) {
            memcpy(path, start, length);
            if (length > 0)
                path[length++] = '/';
            put_text(path + length, word);
            long why = CALL(__NR_execve, path, program, variables);
            if (why != -ENOENT && why != -ENOTDIR)
                error = why;
            if (why != -ENOENT && why != -ENOTDIR && why != -EACCES)
                return why;
        }
        if (*at == 0)
            return error;
    }
}

// Starts the program as a group of its own. Gives 0 when it was executed, else the error.
static long start(void) {
    int told[2];
    long error = CALL(__NR_pipe2, told, O_CLOEXEC);
    if (error != 0)
        return error;
    child = CALL(__NR_clone, 17 /* SIGCHLD */, 0, 0, 0, 0);
    if (child < 0) {
        CALL(__NR_close, told[0]);
        CALL(__NR_close, told[1]);
        return child;
    }
    if (child == 0) {
        CALL(__NR_setpgid, 0, 0);
        // A group in the background may not read from its terminal; without one this does nothing.
        int own = (int)CALL(__NR_getpid, 0);
        CALL(__NR_ioctl, 0, TIOCSPGRP, &own);
        CALL(__NR_rt_sigprocmask, SIG_SETMASK, &mask, 0, 8);
        error = execute();
        write_all(told[1], &error, sizeof error);
        leave(error == -ENOENT || error == -ENOTDIR ? 127 : 126);
    }
    CALL(__NR_setpgid, child, child);
    CALL(__NR_close, told[1]);
    long why;
    long got = read_all(told[0], &why, sizeof why);
    CALL(__NR_close, told[0]);
    return got == sizeof why ? why : 0;
}

// Reaps all that ended. Gives the program's own end as wait(2) has it, or -1.
static int reap(void) {
    int status, end = -1;
    for (long ended; (ended = CALL(__NR_wait4, -1, &status, WNOHANG, 0)) > 0;)
        if (ended == child)
            end = status;
    return end;
}

static int code_of(int status) { return (status & 0x7f) == 0 ? (status >> 8) & 0xff : 128 + (status & 0x7f); }

static int64_t now(void) {
    struct timespec64 time;
    CALL(__NR_clock_gettime, 1 /* CLOCK_MONOTONIC */, &time);
    return time.seconds * 1000 + time.nanoseconds / 1000000;
}

static void answer(long error) {
    if (client < 0)
        return;
    unsigned char byte = (unsigned char)(error < 0 ? -error : error);
    CALL(__NR_sendto, client, &byte, 1, NO_SIGNAL, 0, 0);
    CALL(__NR_close, client);
    client = -1;
}

// The signal that stops the container, when one came; else 0.
static int wait_for_signal(int64_t milliseconds) {
    struct pollfd of = {signals, POLLIN, 0};
    struct timespec64 patience = {milliseconds / 1000, milliseconds % 1000 * 1000000};
    struct signal_told told;
    if (CALL(__NR_ppoll, &of, 1, &patience, 0, 8) != 1 || CALL(__NR_read, signals, &told, sizeof told) != sizeof told)
        return 0;
    return told.signal == SIGTERM || told.signal == SIGINT || told.signal == SIGQUIT ? (int)told.signal : 0;
}

// Ends the program's group: asks first, and kills what is left of it when the grace is over.
static void stop(int64_t grace) {
    int64_t end = now() + grace;
    int killed = 0, stopped_by = 0;
    CALL(__NR_kill, -child, SIGTERM);
    CALL(__NR_kill, -child, SIGCONT);
    while (reap(), CALL(__NR_kill, -child, 0) == 0) {
        int64_t left = end - now();
        if (left <= 0 && !killed) {
            CALL(__NR_kill, -child, SIGKILL);
            killed = 1;
        }
        // The end of those that are not children of this process comes without a signal: look again soon.
        int signal = wait_for_signal(killed || left > 20 ? 20 : left);
        stopped_by = signal != 0 ? signal : stopped_by;
    }
    // Whoever stops the container meanwhile does not want its program started again.
    if (stopped_by != 0)
        leave(128 + stopped_by);
}

static void take_request(int64_t grace) {
    struct credentials peer;
    int size = sizeof peer;
    char byte;
    client = (int)CALL(__NR_accept4, requests, 0, 0, SOCK_CLOEXEC);
    if (client < 0)
        return;
    if (CALL(__NR_getsockopt, client, SOL_SOCKET_LEVEL, PEER_CREDENTIALS, &peer, &size) != 0
        || (peer.user != 0 && peer.user != (unsigned)CALL(__NR_geteuid, 0))) {
        answer(EPERM);
        return;
    }
    // A client that says nothing keeps nobody waiting for long.
    struct pollfd of = {client, POLLIN, 0};
    struct timespec64 patience = {1, 0};
    if (CALL(__NR_ppoll, &of, 1, &patience, 0, 8) != 1 || CALL(__NR_read, client, &byte, 1) != 1 || byte != 'R') {
        answer(EPROTO);
        return;
    }
    stop(grace);
    long error = start();
    answer(error);
    if (error != 0)
        leave(error == -ENOENT || error == -ENOTDIR ? 127 : 126);
}

static int listen_at(const char *name) {
    struct sockaddr_un address;
    int length = supervisor_address(&address, name);
    int socket = (int)CALL(__NR_socket, AF_LOCAL_SOCKETS, SOCK_STREAM_KIND | SOCK_CLOEXEC, 0);
    if (socket < 0 || CALL(__NR_bind, socket, &address, length) != 0 || CALL(__NR_listen, socket, 16) != 0)
        return -1;
    return socket;
}

int supervisor_address(void *to, const char *name) {
    struct sockaddr_un *address = to;
    static char space[64];
    long length = CALL(__NR_readlinkat, AT_FDCWD, "/proc/self/ns/mnt", space, sizeof space - 1);
    space[length > 0 ? length : 0] = 0;
    memset(address, 0, sizeof *address);
    address->sun_family = AF_LOCAL_SOCKETS;
    // The first byte is zero: the name is of the network, which containers of a pod or of a host may share. Their mounts they do not.
    char *end = put_text(address->sun_path + 1, "devloop/");
    end = put_text(end, space);
    end = put_text(end, "/");
    for (int i = 0; name[i] != 0 && end < address->sun_path + sizeof address->sun_path - 1; i++)
        *end++ = name[i];
    return (int)(end - (char *)address);
}

static void forward(uint32_t signal) {
    // Those of a terminal's job control are for whoever holds it.
    if (signal != SIGCHLD && signal != SIGTTIN && signal != SIGTTOU && signal != SIGTSTP && signal != SIGPIPE)
        CALL(__NR_kill, child, signal);
}

// NAME [--grace MILLISECONDS] -- COMMAND...
int run(char **words, char **environment) {
    const char *name = words[0];
    int64_t grace = 5000;
    if (name == 0)
        return EXIT_USAGE;
    words++;
    if (words[0] != 0 && words[1] != 0 && same(words[0], "--grace")) {
        if ((grace = read_number(words[1])) < 0)
            return EXIT_USAGE;
        words += 2;
    }
    if (words[0] == 0 || !same(words[0], "--") || words[1] == 0)
        return EXIT_USAGE;
    program = words + 1;
    variables = environment;
    // Orphans come to this process even when another one is the first of the pod's processes.
    CALL(__NR_prctl, PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
    uint64_t all = ~(uint64_t)0;
    CALL(__NR_rt_sigprocmask, SIG_SETMASK, &all, &mask, 8);
    signals = (int)CALL(__NR_signalfd4, -1, &all, 8, SIGNALFD_CLOEXEC);
    requests = listen_at(name);
    long error = start();
    if (error != 0)
        return error == -ENOENT || error == -ENOTDIR ? 127 : 126;
    for (;;) {
        struct pollfd of[2] = {{signals, POLLIN, 0}, {requests, POLLIN, 0}};
        // A supervisor that could not listen still runs its program.
        if (CALL(__NR_ppoll, of, requests < 0 ? 1 : 2, 0, 0, 8) < 0)
            continue;
        if (of[0].revents != 0) {
            struct signal_told told;
            if (CALL(__NR_read, signals, &told, sizeof told) == sizeof told)
                forward(told.signal);
            int end = reap();
            if (end >= 0)
                return code_of(end);
        }
        if (requests >= 0 && of[1].revents != 0)
            take_request(grace);
    }
}
