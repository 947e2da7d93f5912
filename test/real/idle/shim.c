/*
 * A stand-in for the kernel's hidraw, for LD_PRELOAD: four pcProx readers without a card under
 * /dev/lanyard-hidraw0 to 3, each feature request as slow as a control transfer over USB. It is for
 * measuring what the reader process costs, and proves nothing about a kernel or a reader.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/hidraw.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

enum { READERS = 4, PATH_LENGTH = 19, REPORT = 8 };
static const char PREFIX[] = "/dev/lanyard-hidraw";
static const long TRANSFER_NS = 2000000;

struct reader {
  atomic_int fd;
  uint8_t pages[3][REPORT];
  uint8_t answer[REPORT];
  int selected;
};

static struct reader readers[READERS] = {{.fd = -1}, {.fd = -1}, {.fd = -1}, {.fd = -1}};
static const uint8_t FACTORY[3][REPORT] = {
    {3, 5, 0x11, 16, 26, 0, 40, 0x01},
    {0, 20, 4, 0, 5, 5, 0x02, 0},
    {0, 0, 0, 0, 0, 0, 0, 0},
};
static const uint8_t INFO[REPORT] = {0, 0, 0x73, 22, 0, 0x01, 0x05, 0};

static struct reader *by_fd(int fd) {
  for (int index = 0; fd >= 0 && index < READERS; index += 1)
    if (atomic_load(&readers[index].fd) == fd) return &readers[index];
  return NULL;
}

/* The protocol of test/sandbox/virtual-pcprox.ts, without cards. */
static void obey(struct reader *reader, const uint8_t *report) {
  int selected = reader->selected;
  reader->selected = -1;
  if (selected >= 0) {
    memcpy(reader->pages[selected], report, REPORT);
    return;
  }
  uint8_t code = report[0];
  memset(reader->answer, 0, REPORT);
  if (code >= 0x80 && code <= 0x82) {
    reader->selected = code - 0x80;
    memcpy(reader->answer, reader->pages[reader->selected], REPORT);
  } else if (code == 0x8a) {
    memcpy(reader->answer, INFO, REPORT);
  }
}

static void transfer(void) {
  struct timespec left = {0, TRANSFER_NS};
  while (nanosleep(&left, &left) != 0 && errno == EINTR) {
  }
}

/* `report` starts with the report's id, which the device neither gets nor gives. */
static int feature(struct reader *reader, unsigned long request, uint8_t *report) {
  transfer();
  if (_IOC_NR(request) == _IOC_NR(HIDIOCSFEATURE(0))) {
    obey(reader, report + 1);
    return (int)_IOC_SIZE(request);
  }
  reader->selected = -1;
  report[0] = 0;
  memcpy(report + 1, reader->answer, REPORT);
  return REPORT + 1;
}

int ioctl(int fd, unsigned long request, ...) {
  static int (*next)(int, unsigned long, ...);
  va_list list;
  va_start(list, request);
  void *argument = va_arg(list, void *);
  va_end(list);
  struct reader *reader = by_fd(fd);
  if (!reader) {
    if (!next) next = (int (*)(int, unsigned long, ...))dlsym(RTLD_NEXT, "ioctl");
    return next(fd, request, argument);
  }
  if (request == HIDIOCGRDESCSIZE) {
    *(int *)argument = 0;
    return 0;
  }
  unsigned nr = _IOC_NR(request);
  int of_feature = nr == _IOC_NR(HIDIOCSFEATURE(0)) || nr == _IOC_NR(HIDIOCGFEATURE(0));
  if (_IOC_TYPE(request) == 'H' && of_feature && _IOC_SIZE(request) == REPORT + 1)
    return feature(reader, request, argument);
  errno = ENOTTY;
  return -1;
}

int open64(const char *path, int flags, ...) {
  static int (*next)(const char *, int, ...);
  if (!next) next = (int (*)(const char *, int, ...))dlsym(RTLD_NEXT, "open64");
  va_list list;
  va_start(list, flags);
  mode_t mode = flags & (O_CREAT | __O_TMPFILE) ? va_arg(list, mode_t) : 0;
  va_end(list);
  if (strncmp(path, PREFIX, PATH_LENGTH) != 0) return next(path, flags, mode);
  int index = path[PATH_LENGTH] - '0';
  if (index < 0 || index >= READERS || path[PATH_LENGTH + 1] != 0) {
    errno = ENOENT;
    return -1;
  }
  /* A descriptor that nobody else gets while it is open. */
  int fd = next("/dev/null", O_RDWR | O_CLOEXEC);
  memcpy(readers[index].pages, FACTORY, sizeof FACTORY);
  readers[index].selected = -1;
  atomic_store(&readers[index].fd, fd);
  return fd;
}

int close(int fd) {
  static int (*next)(int);
  if (!next) next = (int (*)(int))dlsym(RTLD_NEXT, "close");
  struct reader *reader = by_fd(fd);
  if (reader) atomic_store(&reader->fd, -1);
  return next(fd);
}
