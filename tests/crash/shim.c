/* Preloaded into every process of a trial: counts calls that change something, and at one of them lets the machine go wrong.
 *
 * All processes of a start share one control file (CRASH_CONTROL, laid out as `struct control`, written by tests/support/crash_shim.py).
 * The call with the number `at` kills, tears its write in two and kills, or fails with an errno. Who dies is the whole tree (ALL: from
 * that instant no process of it changes anything any more), the process that was started (MAIN: its children live on), or the one
 * that made the call (SELF). Each counted call is a line "number pid kind path" in CRASH_CONTROL.log; of a rename and a link, path is
 * "old<tab>new". An exec of a file that is not there changes nothing (a search along PATH) and is not counted. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

enum { KILL, TORN, FAIL };
enum { ALL, MAIN, SELF };
enum { WRITE = 1, FSYNC = 2, RENAME = 4, UNLINK = 8, LINK = 16, MKDIR = 32, OPEN = 64, TRUNC = 128, NET = 256, EXEC = 512 };

struct control {
  _Atomic unsigned long count;
  unsigned long at;
  int act, target, error, is_sticky;
  _Atomic int main_pid;
  unsigned kinds;
  unsigned long spared_inode; /* the start's own output, which no disk error befalls */
  _Atomic int is_over;
};

static struct control *control;
static char log_path[4096];

void crash_attach(const char *path) {
  int fd = syscall(SYS_openat, AT_FDCWD, path, O_RDWR | O_CLOEXEC, 0);
  if (fd < 0) return;
  void *mapped = mmap(0, sizeof *control, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  syscall(SYS_close, fd);
  if (mapped == MAP_FAILED) return;
  snprintf(log_path, sizeof log_path, "%s.log", path);
  int nobody = 0;
  struct control *c = mapped;
  atomic_compare_exchange_strong(&c->main_pid, &nobody, (int)getpid());
  control = c;
}

__attribute__((constructor)) static void attach_from_environment(void) {
  const char *path = getenv("CRASH_CONTROL");
  if (path) crash_attach(path);
}

static void stand_still(void) { for (;;) pause(); }

static void die(void) {
  switch (control->target) {
    case SELF: kill(getpid(), SIGKILL); stand_still(); break;
    case MAIN: kill(control->main_pid, SIGKILL); if (getpid() == control->main_pid) stand_still(); break;
    default: control->is_over = 1; kill(control->main_pid, SIGKILL); stand_still();
  }
}

static const char *name_of(unsigned kind) {
  static const char *const names[] = {"write", "fsync", "rename", "unlink", "link", "mkdir", "open", "trunc", "net", "exec"};
  int i = 0;
  while (kind >>= 1) i++;
  return names[i];
}

/* What a path means from anywhere: the folder of the descriptor, or the process's own, before one that is relative. */
static void whole(char *into, size_t size, int fd, const char *path) {
  char name[40] = "/proc/self/cwd", folder[1200] = "";
  if (path && path[0] == '/') { snprintf(into, size, "%s", path); return; }
  if (fd >= 0) snprintf(name, sizeof name, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(name, folder, sizeof folder - 1);
  folder[length > 0 ? length : 0] = 0;
  snprintf(into, size, path ? "%s/%s" : "%s", folder, path);
}

struct place { int fd; const char *path; int from_fd; const char *from; };

static void note(unsigned long number, unsigned kind, struct place at) {
  char line[4200], path[2000], from[2000];
  whole(path, sizeof path, at.fd, at.path);
  if (at.from) whole(from, sizeof from, at.from_fd, at.from);
  const char *form = at.from ? "%lu %d %s %s\t%s\n" : "%lu %d %s %s%s\n";
  int length = snprintf(line, sizeof line, form, number, (int)getpid(), name_of(kind), at.from ? from : "", path);
  int log = syscall(SYS_openat, AT_FDCWD, log_path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  if (log < 0) return;
  syscall(SYS_write, log, line, length < (int)sizeof line ? length : (int)sizeof line - 1);
  syscall(SYS_close, log);
}

/* 0: go on; 1: write half of it, then die; -1: fail. */
static int hit(unsigned kind, struct place at) {
  if (!control) return 0;
  if (control->is_over) stand_still();
  if (!(control->kinds & kind)) return 0;
  int before = errno;
  unsigned long number = atomic_fetch_add(&control->count, 1) + 1;
  note(number, kind, at);
  errno = before;
  if (!control->at || number < control->at) return 0;
  if (control->act == FAIL) return number == control->at || control->is_sticky ? -1 : 0;
  if (number > control->at) return 0;
  if (control->act == TORN && kind == WRITE) return 1;
  die();
  return 0;
}

static int is_file(int fd) {
  struct stat s;
  return fstat(fd, &s) == 0 && S_ISREG(s.st_mode) && !(control && s.st_ino == control->spared_inode);
}
static int is_socket(int fd) { struct stat s; return fstat(fd, &s) == 0 && S_ISSOCK(s.st_mode); }

#define REAL(ret, name, ...) \
  static ret (*real_##name)(__VA_ARGS__); \
  if (!real_##name) real_##name = dlsym(RTLD_NEXT, #name)
#define ON(fd) ((struct place){fd, 0, -1, 0})
#define AT(fd, path) ((struct place){fd, path, -1, 0})
#define BOTH(d, a, e, b) ((struct place){e, b, d, a})
#define MAY(kind, ...) do { if (hit(kind, __VA_ARGS__) < 0) { errno = control->error; return -1; } } while (0)

ssize_t write(int fd, const void *b, size_t n) {
  REAL(ssize_t, write, int, const void *, size_t);
  if (control && is_file(fd)) {
    int what = hit(WRITE, ON(fd));
    if (what < 0) { errno = control->error; return -1; }
    if (what) { real_write(fd, b, n / 2); die(); }
  } else if (control && is_socket(fd)) MAY(NET, ON(fd));
  return real_write(fd, b, n);
}
#define PWRITE(name, offset) \
  ssize_t name(int fd, const void *b, size_t n, offset o) { \
    REAL(ssize_t, name, int, const void *, size_t, offset); \
    int what = hit(WRITE, ON(fd)); \
    if (what < 0) { errno = control->error; return -1; } \
    if (what) { real_##name(fd, b, n / 2, o); die(); } \
    return real_##name(fd, b, n, o); \
  }
/* Half of the bytes, whichever parts they lie in. */
static void tear(int fd, const struct iovec *v, int c) {
  size_t left = 0;
  for (int i = 0; i < c; i++) left += v[i].iov_len;
  left /= 2;
  for (int i = 0; i < c && left; i++) {
    size_t part = v[i].iov_len < left ? v[i].iov_len : left;
    if (syscall(SYS_write, fd, v[i].iov_base, part) < 0) return;
    left -= part;
  }
}
PWRITE(pwrite, off_t)
PWRITE(pwrite64, off64_t)
ssize_t writev(int fd, const struct iovec *v, int c) {
  REAL(ssize_t, writev, int, const struct iovec *, int);
  int what = control && is_file(fd) ? hit(WRITE, ON(fd)) : 0;
  if (what < 0) { errno = control->error; return -1; }
  if (what) { tear(fd, v, c); die(); }
  return real_writev(fd, v, c);
}
#define ON_FD(name, kind) int name(int fd) { REAL(int, name, int); MAY(kind, ON(fd)); return real_##name(fd); }
ON_FD(fsync, FSYNC)
ON_FD(fdatasync, FSYNC)
#define ON_PATH(name, kind) int name(const char *p) { REAL(int, name, const char *); MAY(kind, AT(-1, p)); return real_##name(p); }
ON_PATH(unlink, UNLINK)
ON_PATH(rmdir, UNLINK)
#define ON_PATHS(name, kind) \
  int name(const char *a, const char *b) { REAL(int, name, const char *, const char *); MAY(kind, BOTH(-1, a, -1, b)); return real_##name(a, b); }
ON_PATHS(rename, RENAME)
ON_PATHS(link, LINK)
ON_PATHS(symlink, LINK)
int renameat(int d, const char *a, int e, const char *b) {
  REAL(int, renameat, int, const char *, int, const char *);
  MAY(RENAME, BOTH(d, a, e, b));
  return real_renameat(d, a, e, b);
}
int renameat2(int d, const char *a, int e, const char *b, unsigned f) {
  REAL(int, renameat2, int, const char *, int, const char *, unsigned);
  MAY(RENAME, BOTH(d, a, e, b));
  return real_renameat2(d, a, e, b, f);
}
int unlinkat(int d, const char *p, int f) { REAL(int, unlinkat, int, const char *, int); MAY(UNLINK, AT(d, p)); return real_unlinkat(d, p, f); }
int linkat(int d, const char *a, int e, const char *b, int f) {
  REAL(int, linkat, int, const char *, int, const char *, int);
  MAY(LINK, BOTH(d, a, e, b));
  return real_linkat(d, a, e, b, f);
}
int mkdir(const char *p, mode_t m) { REAL(int, mkdir, const char *, mode_t); MAY(MKDIR, AT(-1, p)); return real_mkdir(p, m); }
int mkdirat(int d, const char *p, mode_t m) { REAL(int, mkdirat, int, const char *, mode_t); MAY(MKDIR, AT(d, p)); return real_mkdirat(d, p, m); }
int ftruncate(int fd, off_t o) { REAL(int, ftruncate, int, off_t); MAY(TRUNC, ON(fd)); return real_ftruncate(fd, o); }
int ftruncate64(int fd, off64_t o) { REAL(int, ftruncate64, int, off64_t); MAY(TRUNC, ON(fd)); return real_ftruncate64(fd, o); }
#define MODE_OF(f, m) mode_t m = 0; if ((f) & (O_CREAT | O_TMPFILE)) { va_list a; va_start(a, f); m = va_arg(a, mode_t); va_end(a); }
#define OPENS(name) \
  int name(const char *p, int f, ...) { \
    REAL(int, name, const char *, int, ...); MODE_OF(f, m) \
    if (f & (O_CREAT | O_TRUNC)) MAY(OPEN, AT(-1, p)); \
    return real_##name(p, f, m); \
  }
OPENS(open)
OPENS(open64)
#define OPENS_AT(name) \
  int name(int d, const char *p, int f, ...) { \
    REAL(int, name, int, const char *, int, ...); MODE_OF(f, m) \
    if (f & (O_CREAT | O_TRUNC)) MAY(OPEN, AT(d, p)); \
    return real_##name(d, p, f, m); \
  }
OPENS_AT(openat)
OPENS_AT(openat64)
ssize_t send(int fd, const void *b, size_t n, int f) { REAL(ssize_t, send, int, const void *, size_t, int); MAY(NET, ON(fd)); return real_send(fd, b, n, f); }
ssize_t recv(int fd, void *b, size_t n, int f) { REAL(ssize_t, recv, int, void *, size_t, int); MAY(NET, ON(fd)); return real_recv(fd, b, n, f); }
int execve(const char *p, char *const a[], char *const e[]) {
  REAL(int, execve, const char *, char *const *, char *const *);
  if (access(p, X_OK) == 0) MAY(EXEC, AT(-1, p));
  return real_execve(p, a, e);
}
int execv(const char *p, char *const a[]) {
  REAL(int, execv, const char *, char *const *);
  if (access(p, X_OK) == 0) MAY(EXEC, AT(-1, p));
  return real_execv(p, a);
}
