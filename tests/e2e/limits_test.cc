// SPDX-License-Identifier: Apache-2.0
// Resource limits and descriptors of the command: what was asked for, what the caller had, nothing else.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include "harness/harness.h"

namespace kelp::harness {
namespace {

using testing::HasSubstr;

// The row of /proc/self/limits, with one blank between its words: "Max open files 20 64 files".
std::string limit(const Argv& flags, const std::string& row, RunOptions options = {}) {
  Argv argv = {"run"};
  argv.insert(argv.end(), flags.begin(), flags.end());
  argv.insert(argv.end(), {small_root(), "sh", "-c", "grep '^" + row + " ' /proc/self/limits | tr -s ' '"});
  const Outcome outcome = kelp(argv, std::move(options));
  EXPECT_EQ(outcome.err, "");
  return outcome.out;
}

TEST(Ulimit, SetsEachOfTheLimits) {
  struct Row {
    std::string flag, name, want;
  };
  const Row rows[] = {
      {"as=4000000000", "Max address space", "Max address space 4000000000 4000000000 bytes \n"},
      {"core=0", "Max core file size", "Max core file size 0 0 bytes \n"},
      {"cpu=100:200", "Max cpu time", "Max cpu time 100 200 seconds \n"},
      {"data=1000000000", "Max data size", "Max data size 1000000000 1000000000 bytes \n"},
      {"fsize=12345:23456", "Max file size", "Max file size 12345 23456 bytes \n"},
      {"locks=10", "Max file locks", "Max file locks 10 10 locks \n"},
      {"memlock=4096", "Max locked memory", "Max locked memory 4096 4096 bytes \n"},
      {"msgqueue=8192", "Max msgqueue size", "Max msgqueue size 8192 8192 bytes \n"},
      {"nice=0", "Max nice priority", "Max nice priority 0 0 \n"},
      {"nofile=30:40", "Max open files", "Max open files 30 40 files \n"},
      {"rss=1000000000", "Max resident set", "Max resident set 1000000000 1000000000 bytes \n"},
      {"rtprio=0", "Max realtime priority", "Max realtime priority 0 0 \n"},
      {"rttime=1000000", "Max realtime timeout", "Max realtime timeout 1000000 1000000 us \n"},
      {"sigpending=50", "Max pending signals", "Max pending signals 50 50 signals \n"},
      {"stack=1048576:2097152", "Max stack size", "Max stack size 1048576 2097152 bytes \n"},
      {"RLIMIT_NOFILE=31", "Max open files", "Max open files 31 31 files \n"},
  };
  for (const Row& row : rows) EXPECT_EQ(limit({"--ulimit", row.flag}, row.name), row.want) << row.flag;
}

TEST(Ulimit, SetsNproc) {
  const rlim_t many = 3000;
  EXPECT_EQ(limit({"--ulimit=nproc=" + std::to_string(many)}, "Max processes"),
            "Max processes 3000 3000 processes \n");
}

TEST(Ulimit, TakesUnlimitedAndTheLastOfTwo) {
  EXPECT_EQ(limit({"--ulimit=core=5", "--ulimit=core=0:0"}, "Max core file size"),
            "Max core file size 0 0 bytes \n");
  EXPECT_EQ(limit({"--ulimit=cpu=unlimited"}, "Max cpu time"), "Max cpu time unlimited unlimited seconds \n");
  EXPECT_EQ(limit({"--ulimit=cpu=7:-1"}, "Max cpu time"), "Max cpu time 7 unlimited seconds \n");
}

TEST(Ulimit, AboveTheCallersHardLimitIsRefused) {
  KELP_ONLY_AS("root may raise its limits", "user", "noranges", "nested");
  const RunOptions low = {.before_exec = [] {
    const rlimit few{.rlim_cur = 10, .rlim_max = 20};
    setrlimit(RLIMIT_CPU, &few);
  }};
  const Outcome outcome = kelp({"run", "--ulimit=cpu=30", small_root(), "true"}, low);
  EXPECT_EQ(outcome.status, 125);
  EXPECT_EQ(outcome.err,
            "kelp: cannot set the limit cpu: Operation not permitted (--ulimit=cpu=30)\n"
            "hint: it is above your own hard limit, 20\n");
}

TEST(Ulimit, OfDescriptorsAboveTheHardLimitIsRefusedToo) {
  KELP_ONLY_AS("root may raise its limits", "user", "noranges", "nested");
  const RunOptions low = {.before_exec = [] {
    const rlimit few{.rlim_cur = 100, .rlim_max = 200};
    setrlimit(RLIMIT_NOFILE, &few);
  }};
  const Outcome outcome = kelp({"run", "--ulimit=nofile=300", small_root(), "true"}, low);
  EXPECT_EQ(outcome.status, 125);
  EXPECT_EQ(outcome.err,
            "kelp: cannot set the limit nofile: Operation not permitted (--ulimit=nofile=300)\n"
            "hint: it is above your own hard limit, 200\n");
}

TEST(Ulimit, OfMoreDescriptorsThanTheKernelGivesIsRefusedToRoot) {
  KELP_ONLY_AS("others are held by their own hard limit", "root");
  const Outcome outcome = kelp({"run", "--ulimit=nofile=unlimited", small_root(), "true"});
  EXPECT_EQ(outcome.status, 125);
  EXPECT_THAT(outcome.err,
              testing::MatchesRegex("kelp: cannot set the limit nofile: Operation not permitted "
                                    "\\(--ulimit=nofile=unlimited\\)\nhint: no process has more than "
                                    "[1-9][0-9]* here \\(fs.nr_open\\)\n"));
}

// The kernel counts it at once, and would end what sets the container up.
TEST(Ulimit, OfNoTimeIsRefused) {
  for (const std::string flag : {"--ulimit=cpu=0", "--ulimit=cpu=0:10"}) {
    EXPECT_EQ(kelp({"run", flag, small_root(), "true"}),
              (Outcome{.status = 125,
                       .err = "kelp: cannot use " + flag +
                              ": the command would never run\nhint: the least is a second: cpu=1\n"}));
  }
  EXPECT_EQ(kelp({"run", "--ulimit=cpu=1", small_root(), "true"}).status, 0) << "the control";
}

TEST(Ulimit, TooSmallForAProgramIsWarnedOf) {
  const Outcome outcome = kelp({"run", "--ulimit=as=100000", small_root(), "true"});
  EXPECT_EQ(outcome.status, 128 + SIGSEGV) << "by the kernel, within the execve";
  EXPECT_EQ(outcome.err,
            "kelp: warning: hardly a program starts with 100000 bytes of address space "
            "(--ulimit=as=100000)\n");
}

TEST(Ulimit, IsGivenBackAsTheCallerHadIt) {
  const RunOptions odd = {.before_exec = [] {
    const rlimit few{.rlim_cur = 123, .rlim_max = 456};
    setrlimit(RLIMIT_NOFILE, &few);
  }};
  EXPECT_EQ(limit({}, "Max open files", odd), "Max open files 123 456 files \n");
}

TEST(Ulimit, ThatMeansNothingIsRefused) {
  const auto said = [](const std::string& flag) {
    const Outcome outcome = kelp({"run", "--ulimit", flag, small_root(), "true"});
    EXPECT_EQ(outcome.status, 125);
    return outcome.err;
  };
  EXPECT_THAT(said("files=3"),
              testing::StartsWith("kelp: cannot read --ulimit files=3: 'files' is no limit (as core "));
  EXPECT_EQ(said("nofile"),
            "kelp: cannot read --ulimit nofile: the value is missing\nhint: --ulimit nofile=SOFT[:HARD]\n");
  EXPECT_EQ(said("nofile=x"),
            "kelp: cannot read --ulimit nofile=x: 'x' is not SOFT[:HARD] in numbers or 'unlimited'\n");
  EXPECT_EQ(said("nofile=9:8"),
            "kelp: cannot use --ulimit nofile=9:8: the soft limit is above the hard one\n");
  EXPECT_THAT(said("nofile=99999999999999999999"), HasSubstr("is not SOFT[:HARD]"));
}

TEST(Tmpfs, IsNeverWithoutASize) {
  // The kernel shows a size only where one was asked for; without, it is half of the memory, each. What is
  // read-only (the host's /sys/fs/cgroup may be a tmpfs) takes nothing, and a directory as ROOT is the
  // caller's own.
  for (const Argv& words : {Argv{small_root()}, Argv{"--read-only", "--tmpfs=/root", small_root()},
                            Argv{"host"}, Argv{"--overlay", small_root()}}) {
    Argv argv = {"run"};
    argv.insert(argv.end(), words.begin(), words.end());
    argv.insert(
        argv.end(),
        {"sh", "-c", "grep -c ' tmpfs ' /proc/mounts; grep ' tmpfs rw' /proc/mounts | grep -v size="});
    if (words.back() != "host" && words.front() != "--overlay") argv.back() += " | grep -v ' / '";
    const Outcome outcome = kelp(argv);
    EXPECT_THAT(outcome.out, testing::MatchesRegex("[1-9][0-9]*\n")) << outcome.out << outcome.err;
  }
}

// ---- descriptors

// By the shell itself: another program, or `ls`, has descriptors of its own.
constexpr char kList[] =
    "i=0; while [ $i -lt 260 ]; do [ -e /proc/self/fd/$i ] && printf \"$i \"; i=$((i+1)); done";

// Descriptors of the command, with a few more open in the caller.
Outcome descriptors(const std::string& flags, const std::string& script = kList) {
  return run({"bash", "-c",
              "exec 3</dev/null 5</dev/zero 9>/dev/null 200</dev/null; exec 4>&1; "
              "exec \"$0\" run " +
                  flags + " \"$1\" sh -c \"$2\"",
              kelp_binary(), small_root(), script});
}

#define NEEDS_BASH() KELP_REQUIRE(has_program("bash"), "bash is not installed (for descriptors above 9)")

TEST(Descriptors, AreTheFirstThreeOnly) {
  NEEDS_BASH();
  EXPECT_THAT(descriptors("").out, "0 1 2 ");
}

TEST(Descriptors, ThatAreNamedPassAndNoOther) {
  NEEDS_BASH();
  EXPECT_THAT(descriptors("--preserve-fd=3,5,200").out, "0 1 2 3 5 200 ");
  EXPECT_THAT(descriptors("--preserve-fd=3-5").out, "0 1 2 3 4 5 ");
  EXPECT_THAT(descriptors("--preserve-fd=5", "readlink /proc/$$/fd/5").out, "/dev/zero\n");
  EXPECT_THAT(descriptors("--no-init --preserve-fd=200").out, "0 1 2 200 ");
}

TEST(Descriptors, OfFilesAndReportsDoNotReachTheCommand) {
  NEEDS_BASH();
  EXPECT_THAT(descriptors("--file=3:/tmp/x --report=9").out, "0 1 2 ");
}

TEST(Descriptors, ThatCannotPassAreRefused) {
  NEEDS_BASH();
  EXPECT_EQ(descriptors("--preserve-fd=7").err,
            "kelp: cannot pass on descriptor 7: it is not open (--preserve-fd=7)\n");
  EXPECT_EQ(descriptors("--preserve-fd=1").err,
            "kelp: cannot preserve descriptor 1: 0, 1 and 2 are passed anyway (--preserve-fd=1)\n");
  EXPECT_EQ(descriptors("--preserve-fd=3,3").err,
            "kelp: cannot preserve descriptor 3: it is named twice (--preserve-fd=3,3)\n");
  EXPECT_EQ(descriptors("--preserve-fd=x").err,
            "kelp: cannot read --preserve-fd=x: 'x' is neither a descriptor nor a range of them (3-5)\n");
  EXPECT_EQ(descriptors("--preserve-fd=5-3").err,
            "kelp: cannot read --preserve-fd=5-3: the range '5-3' runs backwards\n");
  EXPECT_EQ(descriptors("--preserve-fd=3-2000000000").err,
            "kelp: cannot read --preserve-fd=3-2000000000: these are more than 65536 descriptors\n");
  EXPECT_EQ(
      descriptors("--preserve-fd=4,5-6,-1").err,
      "kelp: cannot read --preserve-fd=4,5-6,-1: '-1' is neither a descriptor nor a range of them (3-5)\n");
}

}  // namespace
}  // namespace kelp::harness
