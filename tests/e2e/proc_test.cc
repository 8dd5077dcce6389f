// SPDX-License-Identifier: Apache-2.0
// /proc, /sys and /dev as a container sees them, and what is masked where the map holds the machine's own
// root.
#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <thread>

#include "e2e/container.h"

namespace kelp::harness {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::AnyOf;
using testing::HasSubstr;
using testing::Not;

TEST(ProcOfAContainer, ShowsItsOwnProcessesOnly) {
  const Outcome outcome = inside("ls -d /proc/[0-9]* | wc -l; readlink /proc/self; cat /proc/1/comm");
  EXPECT_THAT(outcome.out, testing::MatchesRegex("[2-5]\n[2-5]\nkelp\n"));
}

TEST(ProcOfAContainer, IsMountedAsEverywhere) {
  EXPECT_THAT(inside("grep ' /proc ' /proc/self/mountinfo").out, HasSubstr("rw,nosuid,nodev,noexec"));
}

TEST(ProcOfAContainer, IsUnmaskedWhereTheKernelGuardsIt) {
  KELP_ONLY_AS("the map of root holds the machine's own root", "user", "noranges", "nested");
  EXPECT_EQ(inside("grep -c ' /proc/' /proc/self/mountinfo").out, "0\n");
  const Outcome outcome =
      inside("cat /proc/sys/kernel/core_pattern >/tmp/p; cat /tmp/p >/proc/sys/kernel/core_pattern");
  EXPECT_NE(outcome.status, 0) << "what belongs to the machine's root is not ours to write";
}

// Files by which the machine's root may take the machine over or read its secrets.
constexpr char kTryAll[] =
    "for p in /proc $P2; do "
    "cat $p/sys/kernel/core_pattern >/tmp/p && cat /tmp/p >$p/sys/kernel/core_pattern && echo wrote $p/sys; "
    "echo h >$p/sysrq-trigger && echo wrote $p/sysrq-trigger; "
    "for f in kcore timer_list keys; do test -s $p/$f && head -c 1 $p/$f >/dev/null && head -c 1 $p/$f | wc "
    "-c | grep -q 1 && echo read $p/$f; done; "
    "ls -A $p/acpi $p/scsi | grep -v ':$' | grep . ; done; ls -A /sys/firmware | grep .; exit 0";

TEST(ProcOfAContainer, IsMaskedWhereTheMapHoldsTheMachinesRoot) {
  KELP_ONLY_AS("needs the machine's own root", "root");
  const Argv options = {"--userns=0:0:65536", "--mount=type=proc,dst=/p2", "-e", "P2=/p2"};
  const Outcome outcome = inside(kTryAll, options);
  EXPECT_EQ(outcome.out, "") << outcome.err;
  const Outcome host = inside(kTryAll, {"--userns=0:0:65536", "--proc=host"});
  EXPECT_EQ(host.out, "") << host.err;
}

TEST(ProcOfAContainer, IsMaskedWhereTheMachinesRootIsOneOfAUserNamespace) {
  KELP_ONLY_AS("needs the machine's own root", "root");
  // 0 in the map says nothing there; the owner of /proc does.
  const Outcome plain = run({"unshare", "-Urmpf", "--mount-proc", "sh", "-c",
                             "cat /proc/sys/kernel/core_pattern >$1; cat $1 >/proc/sys/kernel/core_pattern",
                             "sh", TempDir().path() + ".pattern"});
  EXPECT_THAT(plain, Works()) << "without kelp it may be written: " << plain.err;
  const Outcome outcome = with_mounts(
      "\"$kelp\" run \"$1\" sh -c 'cat /proc/sys/kernel/core_pattern >/tmp/p; cat /tmp/p "
      ">/proc/sys/kernel/core_pattern "
      "&& echo wrote; exit 0'",
      {small_root()});
  EXPECT_THAT(outcome, Works()) << outcome.err;
  EXPECT_EQ(outcome.out, "");
}

TEST(ProcOfAContainer, IsMaskedWhereverItsDirectoryIsRenamedToMeanwhile) {
  KELP_ONLY_AS("needs the machine's own root", "root");
  const TempDir place;
  const std::string root = make_small_root(place);
  const std::string one = place.dir("root/proc"), other = place.dir("root/decoy");
  std::atomic<bool> is_over = false;
  std::thread swapper([&] {
    while (!is_over)
      syscall(SYS_renameat2, AT_FDCWD, one.c_str(), AT_FDCWD, other.c_str(), 2 /* RENAME_EXCHANGE */);
  });
  int started = 0, moved = 0;
  for (int i = 0; i < tries(150); ++i) {
    const Outcome outcome = inside(
        "for p in /proc /decoy; do test -e $p/sys/kernel/core_pattern || continue; echo seen $p; "
        "cat $p/sys/kernel/core_pattern >/tmp/p && cat /tmp/p >$p/sys/kernel/core_pattern && echo wrote; "
        "done; exit 0",
        {"--userns=0:0:65536"}, root);
    EXPECT_THAT(outcome.status, AnyOf(0, 125)) << outcome.err;
    EXPECT_THAT(outcome.out, Not(HasSubstr("wrote")));
    if (outcome.status == 0) ++started;
    if (outcome.out.find("seen /decoy") != std::string::npos) ++moved;
  }
  is_over = true;
  swapper.join();
  EXPECT_GT(started, 0);
  EXPECT_GT(moved, 0) << "the swapper was never in time: the test proves nothing";
}

TEST(ProcOfAContainer, CannotBeMountedAnewBesideItsMasks) {
  KELP_ONLY_AS("what is around the nested one has its own say", "user", "noranges", "root");
  const Outcome outcome = inside("unshare -Urmpf sh -c 'mount -t proc p /mnt'", {"--dir=/mnt"});
  if (identity() != "root") {
    EXPECT_THAT(outcome, Works()) << "the control: there are no masks" << outcome.err;
    return;
  }
  EXPECT_NE(outcome.status, 0);
  EXPECT_THAT(outcome.err, testing::AnyOf(HasSubstr("mounting p on /mnt failed: Operation not permitted"),
                                          HasSubstr("mount: permission denied")));
}

// The node is bound, and with the machine's own root in the map chmod would reach the machine's file.
TEST(DevOfAContainer, LetsNobodyChangeTheMachinesNodes) {
  const auto mode_of_full = [] { return fs::status("/dev/full").permissions(); };
  const fs::perms before = mode_of_full();
  EXPECT_NE(inside("chmod 0600 /dev/full").status, 0);
  EXPECT_NE(inside("touch -d 2001-01-01 /dev/full").status, 0);
  EXPECT_EQ(mode_of_full(), before);
  EXPECT_EQ(inside("echo x > /dev/null && head -c 2 /dev/zero | wc -c").out, "2\n") << "they are still used";
}

// Through a cgroup namespace made inside, the machine's root would get a writable cgroup file system.
TEST(CgroupNamespace, IsNotMadeInsideByTheMachinesRoot) {
  KELP_REQUIRE(has_program("unshare"), "unshare is not installed");
  const auto unshare = [](const char* kinds) { return kelp({"run", "host", "unshare", kinds, "true"}); };
  EXPECT_THAT(unshare("-Urm"), Works());
  if (identity() != "root") {
    EXPECT_THAT(unshare("-UrC"), Works()) << "the kernel guards it";
    return;
  }
  EXPECT_THAT(unshare("-UrC").err, HasSubstr("No space left on device"));
  EXPECT_EQ(inside("cat /proc/sys/user/max_cgroup_namespaces").out, "0\n");
  EXPECT_THAT(inside("echo 9 > /proc/sys/user/max_cgroup_namespaces"), Not(Works()));
}

// With the host's network /sys is the host's, with debugfs and its like below it. A tmpfs stands in for each.
TEST(SysOfAContainer, ShowsTheMachinesRootNothingOfWhatIsMountedBelowIt) {
  KELP_ONLY_AS("needs the machine's own root", "root");
  const auto seen = [](const std::string& ids) {
    const Outcome outcome =
        run({"unshare", "--mount", "--propagation", "private", "sh", "-ec",
             "for p in fs/bpf fs/pstore kernel/debug kernel/security kernel/tracing; do\n"
             "test ! -d /sys/$p || { mount -t tmpfs t /sys/$p; echo x >/sys/$p/seen; }\n"
             "done\n"
             "\"$1\" run \"$2\" host sh -c 'ls /sys/fs/*/seen /sys/kernel/*/seen | wc -l'",
             "sh", kelp_binary(), ids});
    EXPECT_THAT(outcome, Works()) << outcome.err;
    return outcome.out;
  };
  EXPECT_EQ(seen("--userns=0:0:65536"), "0\n");
  EXPECT_NE(seen("--userns=0:300000:65536"), "0\n") << "the control";
}

TEST(ProcOfAContainer, IsOfTheKindAskedFor) {
  EXPECT_EQ(inside("ls -A /proc", {"--proc=none", "--tmpfs=/proc"}).out, "");
  const Outcome pids = inside("test -e /proc/self/status && ! test -e /proc/meminfo", {"--proc=pids"});
  EXPECT_THAT(pids, Works()) << pids.err;
  EXPECT_THAT(inside("test -e /proc/meminfo", {"--proc=new"}), Works());
  // The outer one shows processes outside of the container.
  const Outcome host =
      kelp({"run", "--proc=host", small_root(), "ls", "-d", "/proc/" + std::to_string(getpid())});
  EXPECT_THAT(host, Works()) << host.err;
}

TEST(ProcOfAContainer, OfTheHostLetsNobodyIntoOtherProcesses) {
  Argv words = share_payload("intruder", {"run", "--proc=host", "--share=pid", "--cap-add=all"});
  words.insert(words.end(), {small_root(), "/payload", std::to_string(getpid())});
  const Outcome outcome = kelp(words);
  EXPECT_THAT(outcome.out, HasSubstr("ptrace: "));
  // Which descriptors it has may be listed by who has its uid, not opened.
  for (const char* way : {"ptrace", "mem", "environ", "root", "cwd", "exe", "maps", "ns/mnt", "pidfd_getfd"})
    EXPECT_THAT(outcome.out, Not(HasSubstr(std::string(way) + ": yes")));
}

TEST(ProcOfAContainer, WhereTheOuterOneIsMaskedIsRefusedWithTheWayOut) {
  const std::string mask = "mount -t tmpfs t /proc/acpi 2>/dev/null || mount -t tmpfs t /proc/fs; ";
  const Outcome outcome = with_mounts(mask + "\"$kelp\" run \"$1\" true", {small_root()});
  EXPECT_THAT(outcome, CannotStart());
  EXPECT_THAT(outcome.err, AllOf(HasSubstr("mount a new proc on /proc"), HasSubstr("--proc=host")));
  EXPECT_THAT(
      with_mounts(mask + "\"$kelp\" run --proc=host \"$1\" test -e /proc/self/status", {small_root()}),
      Works());
}

TEST(SysOfAContainer, IsReadOnlyWithAllBelow) {
  for (const Argv& options : {Argv{}, {"--network=none"}}) {
    const Outcome outcome = inside("awk '$5 ~ /^\\/sys/ {print $5, $6}' /proc/self/mountinfo", options);
    EXPECT_THAT(outcome.out, HasSubstr("/sys ro,nosuid,nodev,noexec"));
    EXPECT_THAT(outcome.out, Not(HasSubstr(" rw")));
  }
}

TEST(SysOfAContainer, ShowsTheNetworkOfItsOwnNamespace) {
  EXPECT_EQ(inside("ls /sys/class/net", {"--network=none"}).out, "lo\n");
}

TEST(SysOfAContainer, HasItsOwnReadOnlyCgroup) {
  EXPECT_EQ(inside("grep ^0: /proc/self/cgroup").out, "0::/\n");
  const Outcome outcome = inside(
      "stat -f -c %T /sys/fs/cgroup; mkdir /sys/fs/cgroup/x; echo 1 >/sys/fs/cgroup/cgroup.procs; "
      "readlink /proc/self/ns/cgroup");
  EXPECT_THAT(outcome.out, Not(HasSubstr(fs::read_symlink("/proc/self/ns/cgroup").string())));
  EXPECT_THAT(outcome.err, HasSubstr("Read-only file system"));
}

TEST(DevOfAContainer, HoldsTheDevicesThatTheirNamesSay) {
  const Outcome outcome =
      inside("cd /dev; for d in null zero full random urandom tty; do stat -c '%n %t:%T %F' $d; done");
  EXPECT_EQ(
      outcome.out,
      "null 1:3 character special file\nzero 1:5 character special file\nfull 1:7 character special file\n"
      "random 1:8 character special file\nurandom 1:9 character special file\ntty 5:0 character special "
      "file\n");
}

TEST(DevOfAContainer, HoldsNothingElseOfTheHosts) {
  // Root emulation puts a file of its own there, which is told by another test.
  EXPECT_EQ(inside("ls /dev", {"--fake-root=off"}).out,
            "fd\nfull\nmqueue\nnull\nptmx\npts\nrandom\nshm\nstderr\nstdin\nstdout\ntty\nurandom\nzero\n");
}

TEST(DevOfAContainer, CanBeUsed) {
  for (const Argv& options : {Argv{}, {"--userns=single"}, {"--read-only"}}) {
    const Outcome outcome = inside("/payload", share_payload("ipc", options));
    EXPECT_THAT(outcome, Works()) << outcome.out;
  }
}

TEST(DevOfAContainer, IsNotFilledByTheContainer) {
  EXPECT_THAT(inside("dd if=/dev/zero of=/dev/fill bs=1000 count=2"), Works()) << "the control gets through";
  const Outcome outcome = inside("dd if=/dev/zero of=/dev/fill bs=1000 count=200");
  EXPECT_NE(outcome.status, 0);
  EXPECT_THAT(outcome.err, HasSubstr("No space left on device"));
}

TEST(DevOfAContainer, TakesNoFileForADevice) {
  // /dev/null of the caller's own place is a file: kelp must not bind it as the device.
  const Outcome outcome = with_mounts(
      "echo x >\"$1/fake\"; mount --bind \"$1/fake\" /dev/null; \"$kelp\" run \"$1\" true", {small_root()});
  EXPECT_THAT(outcome, CannotStart());
  EXPECT_THAT(outcome.err, HasSubstr("/dev/null"));
  EXPECT_THAT(outcome.err, HasSubstr("it is not the device that its name says"));
}

TEST(DevOfAContainer, HasNoTerminalOfTheHosts) {
  EXPECT_EQ(inside("ls /dev/pts").out, "ptmx\n");
  EXPECT_FALSE(fs::exists(small_root() + "/dev/null")) << "it lies in a tmpfs";
}

}  // namespace
}  // namespace kelp::harness
