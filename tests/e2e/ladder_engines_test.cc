// SPDX-License-Identifier: Apache-2.0
// --fallback in containers of other engines: the rung that their filters, masks and capabilities leave, that
// it holds there, and that what doctor names does lift it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "e2e/engine_place.h"
#include "e2e/ways_out.h"

namespace kelp::harness {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::IsSupersetOf;
using testing::Not;
using testing::StartsWith;

#define NEEDS_PODMAN()                                                                             \
  KELP_REQUIRE(has_program("podman") && has_program("crun"), "podman and crun are not installed"); \
  KELP_ONLY_AS("rootless Podman in one kelp", "user", "noranges")

// Docker's default profile, as its sources have it.
std::string docker_profile() {
  return fs::path(kelp_binary()).parent_path().parent_path() / "packages" / "docker-seccomp.json";
}
#define NEEDS_DOCKERS_PROFILE() \
  NEEDS_PODMAN();               \
  KELP_REQUIRE(fs::exists(docker_profile()), "tests/e2e/fetch_debian build/packages was not run")

Argv as_docker(Argv more = {}) {
  more.insert(more.begin(), {"--security-opt", "seccomp=" + docker_profile()});
  return more;
}

constexpr char kDoctor[] = "\"$kelp\" doctor || test $? = 1";

TEST(Engines, PodmanLeavesTheOuterProc) {
  NEEDS_PODMAN();
  const TempDir place;
  make_small_root(place);
  EXPECT_THAT(in_podman(place.path(), {}, "\"$kelp\" run ./root true"), CannotStart());
  const Outcome outcome =
      in_podman(place.path(), {}, "\"$kelp\" run --fallback ./root sh -c 'ls -d /proc/self'");
  EXPECT_EQ(outcome.out, "/proc/self\n");
  EXPECT_THAT(outcome.err,
              HasSubstr("kelp: warning: the container stands on the rung outer-proc (rung 2 of 4)"));
  EXPECT_THAT(in_podman(place.path(), {}, kDoctor).out,
              AllOf(HasSubstr("missing  rung: outer-proc (rung 2 of 4), and only with --fallback\n"),
                    HasSubstr("`podman run --security-opt unmask=ALL`")));
}

TEST(Engines, PodmanUnmaskedLeavesAll) {
  NEEDS_PODMAN();
  const TempDir place;
  make_small_root(place);
  const Argv unmasked = {"--security-opt", "unmask=ALL"};
  EXPECT_THAT(in_podman(place.path(), unmasked, "\"$kelp\" run ./root true"), Works());
  EXPECT_THAT(in_podman(place.path(), unmasked, kDoctor).out,
              HasSubstr("ok       rung: full (rung 1 of 4)\n"));
}

TEST(Engines, DockersDefaultsLeaveAChroot) {
  NEEDS_DOCKERS_PROFILE();
  const TempDir place;
  make_small_root(place);
  const Outcome refused = in_podman(place.path(), as_docker(), "\"$kelp\" run ./root true");
  EXPECT_THAT(refused, CannotStart());
  EXPECT_THAT(refused.err, HasSubstr("\nhint: a seccomp filter set from outside refuses it; "));
  const Outcome chroot = in_podman(place.path(), as_docker(), "\"$kelp\" run --fallback ./root id -u");
  EXPECT_EQ(chroot.out, "0\n");
  EXPECT_THAT(chroot.err, StartsWith("kelp: warning: the container stands on the rung chroot (rung 3 of 4)"));
  const Outcome host = in_podman(place.path(), as_docker(), "\"$kelp\" run --fallback host true");
  EXPECT_EQ(host.status, 0);
  EXPECT_THAT(host.err, StartsWith("kelp: warning: the container stands on the rung landlock (rung 4 of 4)"));
  EXPECT_THAT(
      in_podman(place.path(), as_docker(), kDoctor).out,
      HasSubstr("mend: start the outer container with `podman run --security-opt seccomp=unconfined`"));
}

// What doctor names, one after the other: the profile, and then the masks.
TEST(Engines, WhatDoctorNamesLiftsDockersDefaults) {
  NEEDS_PODMAN();
  const TempDir place;
  make_small_root(place);
  const Argv unconfined = {"--security-opt", "seccomp=unconfined"};
  EXPECT_THAT(in_podman(place.path(), unconfined, kDoctor).out,
              HasSubstr("missing  rung: outer-proc (rung 2 of 4), and only with --fallback\n"));
  Argv unmasked = unconfined;
  unmasked.insert(unmasked.end(), {"--security-opt", "unmask=ALL"});
  EXPECT_THAT(in_podman(place.path(), unmasked, "\"$kelp\" run ./root true"), Works());
}

TEST(Engines, ADroppedCapabilityLeavesLandlock) {
  NEEDS_DOCKERS_PROFILE();
  const TempDir place;
  make_small_root(place);
  for (const char* capability : {"SYS_CHROOT", "ALL"}) {
    const Argv dropped = as_docker({std::string("--cap-drop=") + capability});
    const Outcome root = in_podman(place.path(), dropped, "\"$kelp\" run --fallback ./root true");
    EXPECT_THAT(root, CannotStart()) << capability;
    EXPECT_THAT(root.err,
                StartsWith("kelp: cannot use ROOT ./root: there is no other root than the machine's own "
                           "(ROOT host) on the rung landlock; chroot could\n"));
    EXPECT_THAT(in_podman(place.path(), dropped, "\"$kelp\" run --fallback host true"), Works())
        << capability;
  }
}

TEST(Engines, WithoutCapKillNobodyBecomesAUserWhomKelpCouldNotEnd) {
  NEEDS_DOCKERS_PROFILE();
  const TempDir place;
  make_small_root(place);
  const Outcome refused =
      in_podman(place.path(), as_docker({"--cap-drop=KILL"}), "\"$kelp\" run --fallback -u 7 ./root true");
  EXPECT_THAT(refused, CannotStart());
  EXPECT_THAT(refused.err,
              StartsWith("kelp: cannot use -u 7: without CAP_KILL kelp could not end a command of "
                         "another user on the rung chroot; outer-proc could\n"));
  EXPECT_THAT(in_podman(place.path(), as_docker(), "\"$kelp\" run --fallback -u 0 ./root true"), Works());
}

TEST(Engines, NoNewPrivilegesAndNoCapabilitiesAreToldApart) {
  NEEDS_PODMAN();
  const TempDir place;
  const Argv bare = {"--cap-drop=ALL", "--security-opt", "no-new-privileges"};
  EXPECT_THAT(
      in_podman(place.path(), bare, kDoctor).out,
      HasSubstr("why:  a user namespace can be made here, but no id can be mapped in it: root without "
                "CAP_SETFCAP may not make a user namespace that maps uid 0"));
  EXPECT_THAT(in_podman(place.path(), bare, "\"$kelp\" run --fallback host true"), Works());
}

TEST(Engines, TheRungsHoldUnderDockersProfile) {
  NEEDS_DOCKERS_PROFILE();
  const Place docker = [](const std::string& shared, const std::string& script) {
    return in_podman(shared, as_docker(), script);
  };
  EXPECT_THAT(ways_out(docker, "$try try $pid \"$victims\""),
              IsSupersetOf({"read", "write", "truncate", "make", "mode", "connect", "abstract", "signal",
                            "limit", "proc root", "proc environ", "shared memory"}))
      << "the control gets out";
  EXPECT_THAT(ways_out(docker, "\"$kelp\" run --fallback ./root /waysout try $pid \"$victims\""), IsEmpty());
  EXPECT_THAT(ways_out(docker, "\"$kelp\" run --fallback -v $try:$try:ro host $try try $pid \"$victims\""),
              testing::ElementsAre("mode"));
}

// Bubblewrap's --disable-userns, as sandboxes of applications and agents have it.
TEST(Engines, BubblewrapWithoutUserNamespacesLeavesLandlock) {
  KELP_REQUIRE(has_program("bwrap"), "bubblewrap is not installed");
  KELP_ONLY_AS("bubblewrap gives root without CAP_SETFCAP no more namespaces", "user", "noranges", "nested");
  const TempDir place;
  make_small_root(place);
  const auto in_bubblewrap = [&](const Argv& options, const std::string& script) {
    Argv words = {"bwrap",      "--unshare-all", "--ro-bind", "/",         "/",
                  "--dev",      "/dev",          "--proc",    "/proc",     "--bind",
                  place.path(), place.path(),    "--chdir",   place.path()};
    words.insert(words.end(), options.begin(), options.end());
    words.insert(words.end(), {"sh", "-ec", "kelp=$1; " + script, "sh", kelp_binary()});
    return run(words);
  };
  EXPECT_THAT(in_bubblewrap({}, "\"$kelp\" run ./root true"), Works()) << "with them it leaves all";
  const Argv disabled = {"--unshare-user", "--disable-userns"};
  const Outcome refused = in_bubblewrap(disabled, "\"$kelp\" run ./root true");
  EXPECT_THAT(refused, CannotStart());
  EXPECT_THAT(refused.err, HasSubstr("user.max_user_namespaces"));
  const Outcome outcome =
      in_bubblewrap(disabled, "\"$kelp\" run --fallback --here host sh -c 'echo x > made; cat made'");
  EXPECT_EQ(outcome.out, "x\n");
  EXPECT_THAT(outcome.err,
              StartsWith("kelp: warning: the container stands on the rung landlock (rung 4 of 4)"));
}

}  // namespace
}  // namespace kelp::harness
