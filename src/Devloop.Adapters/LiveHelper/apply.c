// Brings the file system of a container to what an archive on standard input says.
#include "tar.h"
#include <asm/resource.h>

#define PIECE (128 * 1024)

static struct entry current;
static char piece[PIECE];
static char directory[LONGEST_PATH];         // that of the current entry
static char temporary[LONGEST_PATH + 64];    // what is written beside its place; empty when nothing is
static unsigned count;
static long most_held = 256; // the highest number of a file that is held; some are left for work

static void remove_temporary(void) {
    if (temporary[0] != 0)
        CALL(__NR_unlinkat, AT_FDCWD, temporary, 0);
    temporary[0] = 0;
}

static _Noreturn void fail_here(const char *step, long error) {
    remove_temporary();
    fail(step, current.path, error);
}

struct linux_dirent64 {
    uint64_t inode;
    int64_t offset;
    unsigned short length;
    unsigned char type;
    char name[];
};

// Keeps a file that is about to go until this process ends: to give its blocks back takes up to a millisecond each on some disks, and nobody
// has to wait for that who has had the answer.
static void hold(int parent, const char *name) {
    long file = CALL(__NR_openat, parent, name, O_PATH | O_NOFOLLOW | O_CLOEXEC, 0);
    if (file > most_held)
        CALL(__NR_close, file);
}

static void allow_many_files(void) {
    uint64_t limit[2];
    if (CALL(__NR_prlimit64, 0, RLIMIT_NOFILE, 0, limit) == 0 && limit[0] < limit[1]) {
        limit[0] = limit[1] < 65536 ? limit[1] : 65536;
        if (CALL(__NR_prlimit64, 0, RLIMIT_NOFILE, limit, 0) == 0)
            most_held = (long)limit[0] / 2;
    }
}

// Takes away a name and all that is below it, never through a link. Gives 0 or an error number below it.
static long remove_all(int parent, const char *name) {
    hold(parent, name);
    long error = CALL(__NR_unlinkat, parent, name, 0);
    // Linux says EISDIR; POSIX would have EPERM, and some file systems do.
    if (error == 0 || error == -ENOENT || error == -ENOTDIR)
        return 0;
    if (error != -EISDIR && error != -EPERM)
        return error;
    if (CALL(__NR_unlinkat, parent, name, AT_REMOVEDIR) == 0)
        return 0;
    int file = (int)CALL(__NR_openat, parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC, 0);
    if (file < 0)
        return error == -EPERM && file == -ENOTDIR ? error : file;
    long result = 0;
    // Names move while others are removed: read again from the start until nothing is left.
    for (int removed = 1; removed && result == 0;) {
        char names[2048];
        long bytes;
        removed = 0;
        CALL(__NR_lseek, file, 0, 0);
        while (result == 0 && (bytes = CALL(__NR_getdents64, file, names, sizeof names)) != 0) {
            if (bytes < 0) {
                result = bytes;
                break;
            }
            for (long at = 0; at < bytes && result == 0;) {
                struct linux_dirent64 *entry = (struct linux_dirent64 *)(names + at);
                at += entry->length;
                if (same(entry->name, ".") || same(entry->name, ".."))
                    continue;
                result = remove_all(file, entry->name);
                removed = 1;
            }
        }
    }
    CALL(__NR_close, file);
    return result != 0 ? result : CALL(__NR_unlinkat, parent, name, AT_REMOVEDIR);
}

static void find_directory(const char *path) {
    size_t length = strlen(path);
    while (length > 1 && path[length - 1] != '/')
        length--;
    while (length > 1 && path[length - 1] == '/')
        length--;
    memcpy(directory, path, length);
    directory[length] = 0;
}

// The owner that was given; else that of what stood there, else of the directory that holds it.
static void find_owner(const struct stat *before, unsigned *user, unsigned *group) {
    struct stat holder;
    *user = current.user, *group = current.group;
    if (current.has_owner)
        return;
    if (before == 0) {
        if (CALL(__NR_newfstatat, AT_FDCWD, directory, &holder, 0) != 0)
            holder.st_uid = holder.st_gid = 0;
        before = &holder;
    }
    *user = before->st_uid, *group = before->st_gid;
}

// An owner that was not given is a wish: whoever may not give files away keeps them.
static void own(int file, const char *path, const struct stat *before) {
    struct stat made;
    unsigned user, group;
    find_owner(before, &user, &group);
    long error = file >= 0 ? stat_file(file, &made) : stat_link(path, &made);
    if (error == 0 && made.st_uid == user && made.st_gid == group)
        return;
    error = file >= 0 ? CALL(__NR_fchown, file, user, group) : CALL(__NR_fchownat, AT_FDCWD, path, user, group, AT_SYMLINK_NOFOLLOW);
    if (error != 0 && (current.has_owner || error != -EPERM))
        fail_here("owner", error);
}

// Makes the directory of the current entry with those above it.
static void make_parents(void) {
    struct stat above;
    for (char *at = directory + 1;; at++) {
        if (*at != '/' && *at != 0)
            continue;
        char kept = *at;
        *at = 0;
        long error = CALL(__NR_mkdirat, AT_FDCWD, directory, 0755);
        if (error == 0 && !current.has_owner) {
            static char holder[LONGEST_PATH];
            size_t length = strlen(directory);
            memcpy(holder, directory, length + 1);
            while (length > 1 && holder[length - 1] != '/')
                length--;
            holder[length] = 0;
            if (CALL(__NR_newfstatat, AT_FDCWD, holder, &above, 0) == 0)
                CALL(__NR_fchownat, AT_FDCWD, directory, above.st_uid, above.st_gid, AT_SYMLINK_NOFOLLOW);
        }
        if (error != 0 && error != -EEXIST)
            fail_here("directory", error);
        if (kept == 0)
            return;
        *at = kept;
    }
}

static void name_temporary(void) {
    char *end = put_text(temporary, same(directory, "/") ? "" : directory);
    end = put_text(end, "/.devloop-");
    end = put_number(end, CALL(__NR_getpid, 0));
    end = put_text(end, "-");
    put_number(end, count++);
}

// Puts what was written beside its place in it. False when only the content can be changed, for something is mounted there.
static int put_in_place(void) {
    long error = CALL(__NR_renameat2, AT_FDCWD, temporary, AT_FDCWD, current.path, 0);
    if (error == -EISDIR || error == -ENOTEMPTY || error == -EEXIST) {
        if ((error = remove_all(AT_FDCWD, current.path)) != 0)
            fail_here("remove", error);
        error = CALL(__NR_renameat2, AT_FDCWD, temporary, AT_FDCWD, current.path, 0);
    }
    if (error == -EBUSY)
        return 0;
    if (error != 0)
        fail_here("rename", error);
    temporary[0] = 0;
    return 1;
}

static void finish_file(int file, const struct stat *before) {
    own(file, current.path, before);
    // After the owner, whose change takes away the bits that give rights.
    long error = CALL(__NR_fchmod, file, current.mode);
    if (error != 0)
        fail_here("mode", error);
    struct timespec64 times[2] = {current.modified, current.modified};
    error = CALL(__NR_utimensat, file, 0, times, 0);
    if (error != 0)
        fail_here("time", error);
}

// What is mounted keeps its place: its content is written over.
static void copy_in_place(int from, const struct stat *before) {
    int to = (int)CALL(__NR_openat, AT_FDCWD, current.path, O_WRONLY | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0);
    if (to < 0)
        fail_here("open", to);
    CALL(__NR_lseek, from, 0, 0);
    for (long got; (got = CALL(__NR_read, from, piece, PIECE)) != 0;) {
        long error = got < 0 ? got : write_all(to, piece, (size_t)got);
        if (error != 0)
            fail_here("write", error);
    }
    finish_file(to, before);
    CALL(__NR_close, to);
    remove_temporary();
}

static void put_file(void) {
    struct stat before;
    int has_before = stat_link(current.path, &before) == 0, in_place = 0;
    if (has_before)
        hold(AT_FDCWD, current.path);
    name_temporary();
    int file = (int)CALL(__NR_openat, AT_FDCWD, temporary, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (file == -ENOENT) {
        make_parents();
        file = (int)CALL(__NR_openat, AT_FDCWD, temporary, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    }
    // A file may be writable in a directory that is not, a mounted one for example.
    if ((file == -EROFS || file == -EACCES || file == -EPERM) && has_before && IS_REGULAR(before.st_mode)) {
        int direct = (int)CALL(__NR_openat, AT_FDCWD, current.path, O_WRONLY | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0);
        if (direct >= 0) {
            file = direct;
            in_place = 1;
        }
    }
    if (file < 0 || in_place)
        temporary[0] = 0;
    if (file < 0)
        fail_here("create", file);
    for (uint64_t left = current.size; left > 0;) {
        size_t next = left < PIECE ? (size_t)left : PIECE;
        read_content(piece, next);
        long error = write_all(file, piece, next);
        if (error != 0)
            fail_here("write", error);
        left -= next;
    }
    finish_file(file, has_before ? &before : 0);
    if (!in_place && !put_in_place())
        copy_in_place(file, &before);
    CALL(__NR_close, file);
    end_content(current.size);
}

static void put_link(void) {
    struct stat before;
    int has_before = stat_link(current.path, &before) == 0;
    name_temporary();
    long error = CALL(__NR_symlinkat, current.target, AT_FDCWD, temporary);
    if (error == -ENOENT) {
        make_parents();
        error = CALL(__NR_symlinkat, current.target, AT_FDCWD, temporary);
    }
    if (error != 0) {
        temporary[0] = 0;
        fail_here("link", error);
    }
    own(-1, temporary, has_before ? &before : 0);
    if (!put_in_place())
        fail_here("rename", -EBUSY);
}

static void put_directory(void) {
    struct stat before;
    int has_before = stat_link(current.path, &before) == 0;
    if (has_before && !IS_DIRECTORY(before.st_mode)) {
        long error = CALL(__NR_unlinkat, AT_FDCWD, current.path, 0);
        if (error != 0)
            fail_here("remove", error);
    }
    int existed = has_before && IS_DIRECTORY(before.st_mode);
    if (!existed) {
        long error = CALL(__NR_mkdirat, AT_FDCWD, current.path, 0700);
        if (error == -ENOENT) {
            make_parents();
            error = CALL(__NR_mkdirat, AT_FDCWD, current.path, 0700);
        }
        if (error != 0)
            fail_here("directory", error);
    }
    if (!existed || current.has_owner)
        own(-1, current.path, existed ? &before : 0);
    if (!existed || (before.st_mode & 07777u) != current.mode) {
        long error = CALL(__NR_fchmodat, AT_FDCWD, current.path, current.mode, 0);
        if (error != 0)
            fail_here("mode", error);
    }
}

static void put_entry(void) {
    struct stat before;
    long error;
    find_directory(current.path);
    switch (current.kind) {
    case KIND_FILE:
        put_file();
        break;
    case KIND_LINK:
        put_link();
        break;
    case KIND_DIRECTORY:
        put_directory();
        break;
    case KIND_GONE:
        if (same(current.path, "/"))
            fail_here("remove", -EBUSY);
        if ((error = remove_all(AT_FDCWD, current.path)) != 0)
            fail_here("remove", error);
        break;
    case KIND_NO_DIRECTORY:
        // Links are followed, as the copy that the entry stands for would.
        if (CALL(__NR_newfstatat, AT_FDCWD, current.path, &before, 0) == 0 && IS_DIRECTORY(before.st_mode))
            fail_as(EXIT_SURPRISE, "directory", current.path, EISDIR);
        break;
    default:
        fail_as(EXIT_PROTOCOL, "kind", current.path, 0);
    }
}

int apply(const char *name) {
    on_broken_input = remove_temporary;
    CALL(__NR_umask, 0);
    allow_many_files();
    while (next_entry(&current))
        put_entry();
    int code = name == 0 ? 0 : restart(name);
    // Whoever hears this need not wait for the end of the process.
    static const char done[] = "devloop-helper: 0 done 0 0 \n";
    if (code == 0)
        write_all(2, done, sizeof done - 1);
    return code;
}
