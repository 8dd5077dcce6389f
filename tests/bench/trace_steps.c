// SPDX-License-Identifier: Apache-2.0
// trace_steps OUTPUT PROGRAM ARG…: runs PROGRAM step by step, with all that it forks until they execute
// another, and writes the address of each instruction once, in order of its first execution, relative to
// PROGRAM's own begin. start_order.py makes the order of functions of it. Single steps need no counter of the
// processor's, which virtual machines lack, and no other build of the program.
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

enum { kMostText = 64 << 20, kMostPids = 1 << 22 };

static bool seen[kMostText];
static bool known[kMostPids];

static void fail(const char* what) {
  perror(what);
  exit(125);
}

// Where the program lies in the memory of `pid`, which has just executed it.
static unsigned long begin_of(pid_t pid) {
  char path[64];
  snprintf(path, sizeof path, "/proc/%d/maps", pid);
  FILE* maps = fopen(path, "re");
  unsigned long begin = 0;
  if (maps == NULL || fscanf(maps, "%lx", &begin) != 1) fail(path);
  fclose(maps);
  return begin;
}

static void note_step(FILE* output, pid_t pid, unsigned long begin) {
  struct __ptrace_syscall_info
      info;  // its instruction pointer is filled at every stop, on every architecture
  if (ptrace(PTRACE_GET_SYSCALL_INFO, pid, sizeof info, &info) <= 0) return;
  const unsigned long offset = info.instruction_pointer - begin;
  if (offset >= kMostText || seen[offset]) return;
  seen[offset] = true;
  fprintf(output, "%lx\n", offset);
}

// Follows everybody until nobody is left; what `first` ended with.
static int follow(pid_t first, unsigned long begin, FILE* output) {
  int result = 0;
  int status = 0;
  for (pid_t pid; (pid = waitpid(-1, &status, __WALL)) > 0;) {
    if (!WIFSTOPPED(status)) {
      if (pid == first) result = status;
      continue;
    }
    const int event = status >> 16;
    if (event == PTRACE_EVENT_EXEC) {
      ptrace(PTRACE_DETACH, pid, 0, 0);
      continue;
    }
    const bool is_new = !known[pid];
    known[pid] = true;
    int signal = event != 0 || is_new ? 0 : WSTOPSIG(status);
    if (signal == SIGTRAP) signal = 0;
    if (event == 0 && !is_new) note_step(output, pid, begin);
    ptrace(PTRACE_SINGLESTEP, pid, 0, signal);
  }
  return result;
}

int main(int argc, char** argv) {
  if (argc < 3) {
    fprintf(stderr, "usage: trace_steps OUTPUT PROGRAM ARG...\n");
    return 125;
  }
  FILE* output = fopen(argv[1], "we");
  if (output == NULL) fail(argv[1]);
  const pid_t child = fork();
  if (child < 0) fail("fork");
  if (child == 0) {
    ptrace(PTRACE_TRACEME, 0, 0, 0);
    execv(argv[2], argv + 2);
    fail(argv[2]);
  }
  int status = 0;
  if (waitpid(child, &status, 0) != child || !WIFSTOPPED(status)) return 125;
  known[child] = true;
  const long options = PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC;
  if (ptrace(PTRACE_SETOPTIONS, child, 0, options) != 0) fail("PTRACE_SETOPTIONS");
  const unsigned long begin = begin_of(child);
  ptrace(PTRACE_SINGLESTEP, child, 0, 0);
  status = follow(child, begin, output);
  if (fclose(output) != 0) fail(argv[1]);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 125;
}
