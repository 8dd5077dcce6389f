// SPDX-License-Identifier: Apache-2.0
// Kelp inside kelp inside kelp, without a flag, and in the places where others fail.
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "e2e/container.h"

namespace kelp::harness {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

// Starts `levels` kelps one in the other, on the host's userland with root inside; the innermost runs the
// script on `root`, which every one of them sees at its own path.
Outcome nest(int levels, const std::string& root, const std::string& script,
             const std::string& ids = "auto") {
  const std::string bin = fs::path(kelp_binary()).parent_path();
  Argv words;
  for (int level = 1; level < levels; ++level) {
    words.insert(words.end(), {kelp_binary(), "run", "--userns=" + ids, "-v", bin + ":" + bin + ":ro", "-v",
                               root + ":" + root, "host", "--"});
  }
  words.insert(words.end(), {kelp_binary(), "run", root, "sh", "-c", script});
  return run(words);
}

class Nested : public testing::Test {
 protected:
  Nested() : root_(make_small_root(place_)) {}
  TempDir place_;
  std::string root_;
};

TEST_F(Nested, ThreeDeepIsAsOneDeep) {
  KELP_ONLY_AS("where the machine's root is mapped, proc is masked and cannot be mounted anew", "user",
               "noranges", "nested");
  const std::string script =
      "id -u; grep CapEff /proc/self/status; set -- /proc/[0-9]*; echo $#; touch /made; cat /dev/null";
  const Outcome one = nest(1, root_, script);
  const Outcome three = nest(3, root_, script);
  EXPECT_EQ(three.out, one.out) << three.err;
  struct stat info{};
  ASSERT_EQ(stat((root_ + "/made").c_str(), &info), 0);
  EXPECT_EQ(info.st_uid, geteuid());
}

TEST_F(Nested, KeepsAllIdsThatTheOuterOneHad) {
  KELP_ONLY_AS("needs ranges", "user", "nested");
  const Outcome outcome = nest(3, root_, "chown 65536:65536 /etc/group && stat -c %u:%g /etc/group");
  EXPECT_EQ(outcome.out, "65536:65536\n") << outcome.err;
}

TEST_F(Nested, DoesWhatPackageManagersDo) {
  KELP_ONLY_AS("needs ranges", "user", "nested");
  // _apt and others: another user with groups of its own, files of many owners, modes with setuid bits,
  // links.
  const Outcome outcome =
      nest(2, root_,
           "mkdir -p /var/lib/p && chown -R 42:42 /var/lib/p && cp /bin/busybox /var/lib/p/su && "
           "chown 0:42 /var/lib/p/su && chmod 4755 /var/lib/p/su && ln -s su /var/lib/p/l && "
           "chown -h 33:33 /var/lib/p/l && stat -c '%u:%g %a' /var/lib/p /var/lib/p/su /var/lib/p/l && "
           "chroot / /bin/true");
  EXPECT_EQ(outcome.out, "42:42 755\n0:42 4755\n33:33 777\n") << outcome.err;
  const std::string bin = fs::path(kelp_binary()).parent_path();
  const Outcome groups =
      run({kelp_binary(), "run", "--userns=auto", "-v", bin + ":" + bin + ":ro", "-v", root_ + ":" + root_,
           "host", kelp_binary(), "run", "-u", "alga", root_, "id", "-G"});
  EXPECT_EQ(groups.out, "1000 2000\n") << groups.err;
}

TEST_F(Nested, WorksWithOneIdAllTheWay) {
  KELP_ONLY_AS("where the machine's root is mapped, proc is masked and cannot be mounted anew", "user",
               "noranges", "nested");
  const Outcome outcome =
      nest(3, root_, "id -u; cat /proc/self/setgroups; wc -l </proc/self/uid_map", "single");
  EXPECT_EQ(outcome.out, "0\ndeny\n1\n") << outcome.err;
}

TEST_F(Nested, WorksBelowAPlainUserNamespace) {
  const Outcome outcome = with_mounts("\"$kelp\" run \"$1\" id -u", {root_});
  EXPECT_EQ(outcome.out, "0\n") << outcome.err;
}

TEST_F(Nested, WorksBelowBubblewrap) {
  KELP_REQUIRE(has_program("bwrap"), "bubblewrap is not installed");
  KELP_ONLY_AS("for ordinary users", "user", "noranges");
  const Outcome outcome = run({"bwrap", "--unshare-all", "--bind", "/", "/", "--proc", "/proc", "--dev",
                               "/dev", kelp_binary(), "run", root_, "id", "-u"});
  EXPECT_EQ(outcome.out, "0\n") << outcome.err;
}

TEST_F(Nested, HasRoomForBubblewrap) {
  KELP_REQUIRE(has_program("bwrap"), "bubblewrap is not installed");
  KELP_ONLY_AS("where the machine's root is mapped, proc is masked and cannot be mounted anew", "user",
               "noranges", "nested");
  const Outcome outcome =
      run_in("host", {"-v", root_ + ":" + root_},
             {"bwrap", "--unshare-all", "--bind", root_, "/", "--proc", "/proc", "--dev", "/dev", "--tmpfs",
              "/tmp", "--new-session", "sh", "-c", "grep Seccomp: /proc/self/status; ls -d /proc/[0-9]*"});
  EXPECT_THAT(outcome.out, HasSubstr("Seccomp:\t2\n/proc/1\n")) << outcome.err;
}

TEST_F(Nested, HasRoomForPodman) {
  KELP_REQUIRE(has_program("podman") && has_program("crun"), "podman and crun are not installed");
  KELP_ONLY_AS("says nothing new elsewhere", "user");
  const Outcome outcome =
      run_in("host", {"--userns=auto", "-v", root_ + ":" + root_},
             {"sh", "-ec",
              "export HOME=/tmp/home XDG_RUNTIME_DIR=/tmp/run; mkdir $HOME $XDG_RUNTIME_DIR; "
              "cp -a \"$0\" /tmp/root; "
              "podman --root /tmp/storage --runroot /tmp/run/storage --storage-driver vfs "
              "--cgroup-manager cgroupfs --runtime crun run --rm --cgroups=disabled --network=none "
              "--rootfs /tmp/root sh -c 'id -u; grep Seccomp: /proc/self/status'",
              root_});
  EXPECT_EQ(outcome.out, "0\nSeccomp:\t2\n") << outcome.err;
}

TEST_F(Nested, WhereProcIsMaskedSaysSo) {
  KELP_ONLY_AS("needs a mask: the machine's root is mapped", "root");
  const Outcome outcome = nest(2, root_, "true", "0:0:65536");
  EXPECT_THAT(outcome, CannotStart());
  EXPECT_THAT(outcome.err, HasSubstr("--proc=host"));
  const std::string bin = fs::path(kelp_binary()).parent_path();
  EXPECT_THAT(run({kelp_binary(), "run", "--userns=0:0:65536", "-v", bin + ":" + bin + ":ro", "-v",
                   root_ + ":" + root_, "host", kelp_binary(), "run", "--proc=host", root_, "true"}),
              Works());
}

// kelp in a container with these flags.
Outcome kelp_inside(Argv flags, const Argv& command) {
  const std::string bin = fs::path(kelp_binary()).parent_path();
  Argv words = {"run", "-v", bin + ":" + bin + ":ro"};
  words.insert(words.end(), flags.begin(), flags.end());
  words.insert(words.end(), {"host", kelp_binary()});
  words.insert(words.end(), command.begin(), command.end());
  return kelp(words);
}

// Both filters are there; only the domain is in the way.
TEST(Nesting, InALandlockDomainWithFileRulesIsRefusedByItsName) {
  KELP_REQUIRE(::syscall(SYS_landlock_create_ruleset, nullptr, 0, 1U) > 0, "this kernel has no Landlock");
  const std::string refusal =
      "cannot set the propagation of /: Operation not permitted\n"
      "hint: this process is in a Landlock domain, and one with file rules forbids every mount; "
      "start it outside of that domain (an outer kelp: without --landlock=files)\n";
  for (const char* filter : {"--seccomp=default", "--seccomp=none"}) {
    const Outcome outcome = kelp_inside({"--landlock", filter}, {"run", "host", "true"});
    EXPECT_EQ(outcome.status, 125);
    // An older Landlock is told of first.
    EXPECT_THAT(outcome.err, testing::EndsWith("kelp: " + refusal));
    EXPECT_THAT(kelp_inside({filter}, {"run", "--proc=host", "host", "true"}), Works());
  }
  EXPECT_THAT(kelp_inside({"--landlock"}, {"unshare", "true"}).err, HasSubstr("in a Landlock domain"));
  const Outcome doctor = kelp_inside({"--landlock"}, {"doctor"});
  EXPECT_THAT(doctor.out, HasSubstr("in a Landlock domain"));
  EXPECT_THAT(doctor.out, testing::Not(HasSubstr("seccomp filter set from outside")));
}

}  // namespace
}  // namespace kelp::harness
