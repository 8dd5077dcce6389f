// SPDX-License-Identifier: Apache-2.0
// A machine that has no more of something: descriptors, processes, room on the disk, file sizes. kelp gets
// by, or says in one line what is missing, and leaves nothing behind.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <algorithm>

#include "harness/harness.h"

namespace kelp::harness {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

RunOptions limited(__rlimit_resource resource, rlim_t most) {
  // LeakSanitizer would need a process more than there are.
  return {.env = {"ASAN_OPTIONS=detect_leaks=0"}, .before_exec = [=] {
            const rlimit few{.rlim_cur = most, .rlim_max = most};
            setrlimit(resource, &few);
          }};
}

TEST(Exhausted, DescriptorsAreFewEnoughAtTwenty) {
  for (const rlim_t most : {rlim_t{20}, rlim_t{64}}) {
    const Outcome outcome =
        kelp({"run", small_root(), "sh", "-c", "ulimit -n; ulimit -Hn"}, limited(RLIMIT_NOFILE, most));
    EXPECT_EQ(outcome.out, std::to_string(most) + "\n" + std::to_string(most) + "\n") << outcome.err;
  }
}

TEST(Exhausted, DescriptorsAreFewerThanMounts) {
  const TempDir place;
  Argv argv = {"run", "-t"};
  for (int i = 0; i < 100; ++i) {
    argv.push_back("-v");
    argv.push_back("/etc/passwd:/bound/" + std::to_string(i));
  }
  argv.insert(argv.end(), {make_small_root(place), "sh", "-c", "ls /bound | wc -l"});
  const Outcome outcome = kelp(argv, limited(RLIMIT_NOFILE, 20));
  EXPECT_EQ(outcome.out, "100\r\n") << outcome.err;
}

TEST(Exhausted, DescriptorsAreNamedWhereThereAreNone) {
  adopt_orphans();
  for (rlim_t most = 3; most <= 12; ++most) {
    const Outcome outcome = kelp({"run", small_root(), "true"}, limited(RLIMIT_NOFILE, most));
    if (outcome.status == 0) continue;
    EXPECT_THAT(outcome.err, testing::AnyOf(HasSubstr("Too many open files"), HasSubstr("Error 24"))) << most;
    // Below five the loader itself cannot open libraries, and says so with 127.
    EXPECT_THAT(outcome.status, testing::AnyOf(125, 127)) << most;
    if (outcome.err.starts_with("kelp: ")) {
      EXPECT_THAT(outcome.err, HasSubstr("\nhint: the limit of open descriptors is " + std::to_string(most) +
                                         " (ulimit -n); "));
    }
  }
  EXPECT_THAT(descendants(), IsEmpty());
}

TEST(Exhausted, ProcessesAreNamedWithTheLimit) {
  KELP_ONLY_AS("the limit does not hold for root", "user", "noranges");
  adopt_orphans();
  const Outcome outcome = kelp({"run", small_root(), "true"}, limited(RLIMIT_NPROC, 1));
  EXPECT_EQ(outcome.status, 125);
  EXPECT_EQ(outcome.err,
            "kelp: cannot make the container's namespaces: Resource temporarily unavailable\n"
            "hint: the limit of processes of this user is 1 (ulimit -u); end some processes, or raise the "
            "limit (ulimit -u, "
            "/etc/security/limits.conf)\n");
  EXPECT_THAT(descendants(), IsEmpty());
}

// In a mount namespace of its own, on a tmpfs of the size: a root with busybox, $M/root, and no room left.
Outcome on_full_disk(const std::string& size, const std::string& script) {
  const TempDir place;
  const std::string prepare =
      "M=$3; mount -t tmpfs -o $2 full $M && mkdir -p $M/root/bin && cp \"$1\"/bin/busybox $M/root/bin/ || "
      "exit 9; "
      "i=0; while touch $M/fill$i 2>/dev/null && [ $i -lt 50 ]; do i=$((i+1)); done; "
      "dd if=/dev/zero of=$M/fill0 bs=4k 2>/dev/null; "
      "export HOME=$M TMPDIR=$M XDG_RUNTIME_DIR=$M XDG_DATA_HOME=$M; ";
  return run(
      {"unshare", "-Urm", "sh", "-c", prepare + script, kelp_binary(), small_root(), size, place.dir("disk")},
      {.timeout = milliseconds{20'000}});
}

TEST(Exhausted, RoomForMountPointsIsNamed) {
  const Outcome outcome = on_full_disk(
      "size=4m,nr_inodes=9", "\"$0\" run --userns=single $M/root /bin/busybox true; echo $?; ls $M/root");
  EXPECT_THAT(outcome.out, testing::StartsWith("125\nbin\n"));
  EXPECT_THAT(outcome.err, testing::MatchesRegex("kelp: cannot make /[a-z]+: No space left on device\n"));
}

TEST(Exhausted, RoomOnDiskIsNotNeededWithAnOverlay) {
  const Outcome outcome = on_full_disk(
      "size=4m", "\"$0\" run --userns=single --read-only --overlay $M/root /bin/busybox echo fine");
  EXPECT_EQ(outcome.out, "fine\n") << outcome.err;
}

TEST(Exhausted, FileSizesOfTheCallerDoNotStopAStart) {
  const Outcome outcome = kelp({"run", small_root(), "echo", "fine"}, limited(RLIMIT_FSIZE, 0));
  if (!may_write_kelp()) {
    EXPECT_EQ(outcome.status, 0) << outcome.err;
    return;
  }
  // Who may write to kelp's file needs a small one in memory.
  EXPECT_EQ(outcome.status, 125);
  EXPECT_THAT(outcome.err, testing::MatchesRegex(
                               "kelp: cannot write kelp-exec: kelp was started with a limit of 0 bytes for "
                               "the size of files \\(ulimit -f\\), and it takes [0-9]+\n"
                               "hint: start kelp without that limit; --ulimit fsize=0 sets it for the "
                               "command alone\n"));
}

TEST(Exhausted, MemoryOfTheCallerIsToldOrEnough) {
#ifdef __SANITIZE_ADDRESS__
  GTEST_SKIP() << "\nnot for this identity: a sanitizer's own memory does not fit into a limit";
#endif
  adopt_orphans();
  // From where libraries cannot be loaded to where all is well. With less the kernel cannot map kelp itself.
  for (rlim_t most = rlim_t{6} << 20; most <= rlim_t{64} << 20; most += most / 16) {
    const Outcome outcome = kelp({"run", small_root(), "echo", "fine"}, limited(RLIMIT_AS, most));
    EXPECT_FALSE(outcome.timed_out);
    if (outcome.out == "fine\n" && outcome.status == 0) continue;
    EXPECT_THAT(outcome.status, testing::AnyOf(125, 126, 127)) << most << testing::PrintToString(outcome);
    EXPECT_THAT(outcome.err, testing::AnyOf(HasSubstr("annot allocate"), HasSubstr("cannot map"),
                                            HasSubstr("failed to map")))
        << most;
  }
  EXPECT_THAT(descendants(), IsEmpty());
}

TEST(Exhausted, StackOfTheCommandIsToldByTheExec) {
  Argv argv = {"run", "--ulimit=stack=131072", small_root(), "true"};
  argv.insert(argv.end(), 5000, std::string(100, 'x'));
  const Outcome outcome = kelp(argv);
  EXPECT_EQ(outcome.status, 126);
  EXPECT_EQ(outcome.err, "kelp: cannot execute /bin/true: Argument list too long\n");
}

}  // namespace
}  // namespace kelp::harness
