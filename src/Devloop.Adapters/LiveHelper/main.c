// The helper of live updates: changes files in a container, runs its program, and starts that again.
#include "base.h"

static int dispatch(char **words, char **environment) {
    if (words[0] == 0 || words[1] == 0)
        return EXIT_USAGE;
    if (same(words[1], "apply")) {
        if (words[2] == 0)
            return apply(0);
        if (same(words[2], "--restart") && words[3] != 0)
            return apply(words[3]);
    }
    if (same(words[1], "run"))
        return run(words + 2, environment);
    if (same(words[1], "restart") && words[2] != 0)
        return restart(words[2]);
    return EXIT_USAGE;
}

_Noreturn __attribute__((used)) void begin(long *stack) {
    char **words = (char **)(stack + 1);
    leave(dispatch(words, words + stack[0] + 1));
}
