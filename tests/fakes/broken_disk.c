/* A disk that fails: writes or syncs of databases and their logs end with EIO while a file says so.
 *
 * LD_PRELOAD puts these functions before the C library's. The file named by BYRE_BROKEN_DISK holds "write" or "sync"
 * while the disk is broken; it is not there while the disk is well.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static int fails(int fd, char how)
{
    const char *place = getenv("BYRE_BROKEN_DISK");
    char link[64], path[4096], said = 0;
    ssize_t size;
    int file;

    if (place == NULL || (file = open(place, O_RDONLY | O_CLOEXEC)) < 0)
        return 0;
    size = read(file, &said, 1);
    close(file);
    if (size != 1 || said != how)
        return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    size = readlink(link, path, sizeof path - 1);
    if (size < 0)
        return 0;
    path[size] = 0;
    return strstr(path, ".db") != NULL;
}

#define REAL(name, type, ...) ((type(*)(__VA_ARGS__))dlsym(RTLD_NEXT, name))

ssize_t pwrite64(int fd, const void *data, size_t size, off64_t at)
{
    if (fails(fd, 'w')) {
        errno = EIO;
        return -1;
    }
    return REAL("pwrite64", ssize_t, int, const void *, size_t, off64_t)(fd, data, size, at);
}

ssize_t pwrite(int fd, const void *data, size_t size, off_t at)
{
    return pwrite64(fd, data, size, at);
}

ssize_t write(int fd, const void *data, size_t size)
{
    if (fails(fd, 'w')) {
        errno = EIO;
        return -1;
    }
    return syscall(SYS_write, fd, data, size);
}

int fsync(int fd)
{
    if (fails(fd, 's')) {
        errno = EIO;
        return -1;
    }
    return REAL("fsync", int, int)(fd);
}

int fdatasync(int fd)
{
    if (fails(fd, 's')) {
        errno = EIO;
        return -1;
    }
    return REAL("fdatasync", int, int)(fd);
}
