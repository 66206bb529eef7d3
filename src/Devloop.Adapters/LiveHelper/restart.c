// Asks the supervisor of a container to start its program again, and waits until it has.
#include "base.h"
#include <linux/socket.h>
#include <linux/un.h>

#define AF_LOCAL_SOCKETS 1
#define SOCK_CLOEXEC 02000000
#define SOCK_STREAM_KIND 1
#define NO_SIGNAL 0x4000

static int told(const char *text, long error, int code) {
    char line[128], *end = put_text(line, "devloop-helper: ");
    end = put_number(end, code);
    end = put_text(end, " ");
    end = put_text(end, text);
    end = put_text(end, " ");
    end = put_number(end, error < 0 ? -error : error);
    end = put_text(end, " ");
    end = put_number(end, CALL(__NR_geteuid, 0));
    end = put_text(end, " \n");
    write_all(2, line, (size_t)(end - line));
    return code;
}

int restart(const char *name) {
    struct sockaddr_un address;
    int length = supervisor_address(&address, name);
    int socket = (int)CALL(__NR_socket, AF_LOCAL_SOCKETS, SOCK_STREAM_KIND | SOCK_CLOEXEC, 0);
    long error = socket < 0 ? socket : CALL(__NR_connect, socket, &address, length);
    if (error != 0)
        return told("supervisor", error, EXIT_NO_SUPERVISOR);
    unsigned char answer;
    if (CALL(__NR_sendto, socket, "R", 1, NO_SIGNAL, 0, 0) != 1 || read_all(socket, &answer, 1) != 1)
        return told("restart", ECONNRESET, EXIT_RESTART_FAILED);
    return answer == 0 ? 0 : told("restart", answer, EXIT_RESTART_FAILED);
}
