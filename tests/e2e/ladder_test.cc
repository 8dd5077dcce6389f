// SPDX-License-Identifier: Apache-2.0
// --fallback as kelp-ladder(7) promises it: which rung a place allows, what is said of it, and what is
// refused.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include "e2e/ladder_place.h"

namespace kelp::harness {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

constexpr char kLandlockRung[] =
    "kelp: warning: the container stands on the rung landlock (rung 4 of 4), user namespaces cannot be made "
    "here";
constexpr char kChrootRung[] =
    "kelp: warning: the container stands on the rung chroot (rung 3 of 4), user namespaces cannot be made "
    "here";
constexpr char kProcRung[] =
    "kelp: warning: the container stands on the rung outer-proc (rung 2 of 4), a container gets no proc of "
    "its own here: the /proc around us is masked";

// The last line of JSON.
nlohmann::json report_in(const std::string& out) {
  const std::size_t start = out.find("{\"version\"");
  return start == std::string::npos ? nlohmann::json()
                                    : nlohmann::json::parse(out.substr(start), nullptr, false);
}

TEST(Fallback, ChangesNothingWhereAllCanBeHad) {
  const Outcome outcome =
      run({"sh", "-c", "exec 3>&1; exec \"$0\" run --fallback --report=3 \"$1\" sh -c 'cat /proc/1/comm'",
           kelp_binary(), small_root()});
  EXPECT_EQ(outcome.err, "");
  EXPECT_THAT(outcome.out, StartsWith("kelp\n"));
  EXPECT_EQ(report_in(outcome.out)["rung"], "full");
}

TEST(Fallback, GoesNowhereByItself) {
  const TempDir place;
  EXPECT_THAT(with_masked_proc("\"$kelp\" run host true"), CannotStart());
  EXPECT_THAT(with_no_more_namespaces("\"$kelp\" run host true"), CannotStart());
  EXPECT_THAT(without_namespaces(true, place.path(), "\"$kelp\" run host true"), CannotStart());
  EXPECT_THAT(without_namespaces(false, place.path(), "\"$kelp\" run --fallback=false host true"),
              CannotStart());
}

TEST(Fallback, TakesTheOuterProcWhereItIsMasked) {
  const Outcome outcome = with_masked_proc(
      "exec 3>&1; \"$kelp\" run --fallback --report=3 host sh -c 'test -d /proc/self && echo there'");
  EXPECT_THAT(outcome.err, StartsWith(kProcRung));
  EXPECT_THAT(outcome.out, StartsWith("there\n"));
  const nlohmann::json report = report_in(outcome.out);
  EXPECT_EQ(report["rung"], "outer-proc");
  EXPECT_THAT(report["not_enforced"],
              Contains("a proc that shows its own processes only: the rung outer-proc has none"));
}

TEST(Fallback, NeedsNoProcWhereNobodyWantsOne) {
  const Outcome outcome =
      with_masked_proc("exec 3>&1; \"$kelp\" run --fallback --proc=none --report=3 host true");
  EXPECT_EQ(outcome.err, "");
  EXPECT_EQ(report_in(outcome.out)["rung"], "full");
}

TEST(Fallback, StopsAtTheRungThatIsNamed) {
  EXPECT_THAT(
      with_masked_proc("\"$kelp\" run --fallback=full host true").err,
      StartsWith(
          "kelp: cannot start on the rung full (--fallback=full): a container gets no proc of its own here"));
  EXPECT_THAT(with_masked_proc("\"$kelp\" run --fallback=outer-proc host true"), Works());
  const TempDir place;
  const Outcome higher =
      without_namespaces(false, place.path(), "\"$kelp\" run --fallback=outer-proc host true");
  EXPECT_THAT(higher, CannotStart());
  EXPECT_THAT(
      higher.err,
      AllOf(StartsWith("kelp: cannot start on the rung outer-proc (--fallback=outer-proc): user namespaces "
                       "cannot be made here: a seccomp filter set from outside refuses it\nhint: "),
            HasSubstr("seccomp")));
  EXPECT_EQ(kelp({"run", "--fallback=floor", "host", "true"}).err,
            "kelp: cannot read --fallback=floor: 'floor' is no rung (full outer-proc chroot landlock)\n");
}

TEST(Fallback, ChangesTheRootOfRootInAContainer) {
  const TempDir place;
  const std::string root = make_small_root(place);
  const Outcome outcome = without_namespaces(true, place.path(),
                                             "exec 3>&1; \"$kelp\" run --fallback --report=3 ./root sh -c "
                                             "'id -u; pwd; ls -d /etc; echo x > /made; chown 0:0 /made'");
  EXPECT_THAT(outcome.err, StartsWith(kChrootRung));
  EXPECT_THAT(outcome.out, StartsWith("0\n/\n/etc\n"));
  EXPECT_EQ(report_in(outcome.out)["rung"], "chroot");
  EXPECT_EQ(read_file(root + "/made"), "x\n");
}

TEST(Fallback, ChangesTheRootWhereNamespacesAreUsedUp) {
  const TempDir place;
  const std::string root = make_small_root(place);
  const Outcome used_up = with_no_more_namespaces("\"$kelp\" run --fallback '" + root + "' id -u");
  EXPECT_EQ(used_up.out, "0\n");
  EXPECT_THAT(used_up.err, AllOf(StartsWith(kChrootRung), HasSubstr("user.max_user_namespaces is 0")));
}

TEST(Fallback, ShowsTheHostsUserlandByLandlockAlone) {
  const TempDir place;
  place.file("elsewhere/secret", "secret");
  for (const bool as_root : {false, true}) {
    const Outcome outcome = without_namespaces(
        as_root, place.path(),
        "exec 3>&1; mkdir -p work; cd work; \"$kelp\" run --fallback --here --report=3 host sh -c 'echo x > "
        "made; cat "
        "made; pwd; echo y > /dev/null; "
        "cat ../elsewhere/secret; ls /tmp; touch /usr/made; sed -n s/CapEff:.//p /proc/self/status'");
    EXPECT_THAT(
        outcome.err,
        AllOf(StartsWith(kLandlockRung), HasSubstr("cat: ../elsewhere/secret: Permission denied"),
              HasSubstr("ls: cannot open directory '/tmp': Permission denied"), HasSubstr("/usr/made")));
    EXPECT_THAT(outcome.out, StartsWith("x\n" + place.path() + "/work\n0000000000000000\n"));
    EXPECT_EQ(report_in(outcome.out)["rung"], "landlock");
  }
}

TEST(Fallback, SharesWhatIsNamedAtItsOwnPlace) {
  const TempDir place;
  place.file("in/file", "in\n");
  place.dir("out");
  const std::string in = place.path() + "/in";
  const std::string out = place.path() + "/out";
  const Outcome outcome =
      without_namespaces(false, place.path(),
                         "\"$kelp\" run --fallback -v " + in + ":" + in + ":ro -v " + out + ":" + out +
                             " host sh -c 'cat " + in + "/file; echo x > " + out + "/made; echo x > " + in +
                             "/made; mv " + out + "/made " + out + "/moved; ls " + out + "'");
  EXPECT_EQ(outcome.out, "in\nmoved\n");
  EXPECT_THAT(outcome.err, HasSubstr("in/made: Permission denied"));
}

TEST(Fallback, RefusesWhatTheRungCannotExpress) {
  const TempDir place;
  make_small_root(place);
  place.file("work/.env");
  const std::string work = place.path() + "/work";
  struct Case {
    bool as_root;
    std::string arguments, refusal;
  };
  const std::string on_landlock = " on the rung landlock; ";
  const std::string on_chroot = " on the rung chroot; ";
  for (const Case& c : std::initializer_list<Case>{
           {false, "./root true",
            "use ROOT ./root: there is no other root than the machine's own (ROOT host)" + on_landlock +
                "chroot could"},
           {false, "empty true",
            "use ROOT empty: there is no other root than the machine's own (ROOT host)" + on_landlock +
                "outer-proc could"},
           {false, "-v /etc:/x host true",
            "use -v /etc:/x: a path is shown in its own place only" + on_landlock + "outer-proc could"},
           {false, "-v " + work + ":" + work + " --hide " + work + "/.env host true",
            "use --hide " + work + "/.env: nothing in a directory that is shown can be hidden" + on_landlock +
                "outer-proc could"},
           {false, "-v " + work + ":" + work + " -v " + work + "/.env:" + work + "/.env:ro host true",
            "use -v " + work + "/.env:" + work +
                "/.env:ro: nothing in or around a writable directory can be read-only" + on_landlock +
                "outer-proc could"},
           {false, "--proc=new host true",
            "use --proc=new: there is no /proc but the outer one" + on_landlock + "full could"},
           {false, "--tmpfs /x host true",
            "use --tmpfs /x: nothing can be mounted" + on_landlock + "outer-proc could"},
           {false, "--network=none host true",
            "use --network=none: the network is the outer one" + on_landlock + "outer-proc could"},
           {false, "--hostname a host true",
            "use --hostname a: the names are the outer ones" + on_landlock + "outer-proc could"},
           {false, "--userns=single host true",
            "use --userns=single: no ids are mapped" + on_landlock + "outer-proc could"},
           {false, "-u 7 host true", "use -u 7: the user stays who it is" + on_landlock + "outer-proc could"},
           {false, "--cap-add net_raw host true",
            "use --cap-add net_raw: net_raw would lead out" + on_landlock + "outer-proc could"},
           {false, "--new-privileges host true",
            "use --new-privileges: without no_new_privs nothing holds" + on_landlock + "outer-proc could"},
           {false, "--seccomp=none host true",
            "use --seccomp=none: the filters are what holds" + on_landlock + "outer-proc could"},
           {false, "--seccomp=@keyring host true",
            "use --seccomp=@keyring: nothing can be given back" + on_landlock + "outer-proc could"},
           {false, "--landlock=none host true",
            "use --landlock=none: Landlock is all that holds" + on_landlock + "outer-proc could"},
           {true, "-v /etc:/etc ./root true",
            "use -v /etc:/etc: nothing can be mounted" + on_chroot + "outer-proc could"},
           {true, "--hide /etc ./root true",
            "use --hide /etc: nothing can be mounted" + on_chroot + "outer-proc could"},
           {true, "--overlay ./root true",
            "use --overlay: nothing can be mounted" + on_chroot + "outer-proc could"},
           {true, "--read-only ./root true",
            "use --read-only: owners and modes cannot be guarded" + on_chroot + "outer-proc could"},
           {true, "--cap-add sys_chroot ./root true",
            "use --cap-add sys_chroot: sys_chroot would lead out" + on_chroot + "outer-proc could"},
           {true, "--fake-root=simple ./root true",
            "use --fake-root=simple: root is real, and nothing need be pretended" + on_chroot +
                "outer-proc could"},
           {true, "--fake-root=consistent ./root true",
            "use --fake-root=consistent: root is real, and nothing need be pretended" + on_chroot +
                "outer-proc could"},
           {true, "--init ./root true",
            "use --init: there is no PID 1 of its own" + on_chroot + "outer-proc could"},
           {true, "--preserve-fd 5 ./root true 5</",
            "use --preserve-fd 5: descriptor 5 is a directory, and a way out" + on_chroot +
                "outer-proc could"},
           {true, "--tty=always ./root true",
            "use --tty: there is no terminal of its own" + on_chroot + "outer-proc could"},
       }) {
    // Root may change the root.
    if (c.arguments == "./root true" && is_one_of({"root", "nested"})) continue;
    const Outcome outcome =
        without_namespaces(c.as_root, place.path(), "\"$kelp\" run --fallback " + c.arguments);
    EXPECT_EQ(outcome.status, 125) << c.arguments << outcome.out;
    EXPECT_THAT(outcome.err, StartsWith("kelp: cannot " + c.refusal + "\nhint: ")) << c.arguments;
  }
}

TEST(Fallback, SharesADevice) {
  KELP_ONLY_AS("the /dev of the kelp around it has no such device", "user", "noranges", "root");
  KELP_REQUIRE(access("/dev/net/tun", R_OK | W_OK) == 0, "/dev/net/tun cannot be opened");
  const auto opens = [](const std::string& flags) {
    return with_no_more_namespaces("\"$kelp\" run --fallback " + flags +
                                   " host sh -c 'exec 3<>/dev/net/tun && echo open'");
  };
  EXPECT_THAT(opens("").err, HasSubstr("cannot create /dev/net/tun: Permission denied"));
  EXPECT_EQ(opens("--device /dev/net/tun").out, "open\n");
}

TEST(Fallback, LetsAnAbsentFileBeHidden) {
  const TempDir place;
  const Outcome outcome = without_namespaces(
      false, place.path(), "\"$kelp\" run --fallback --here --hide \"$PWD/.env\" host echo fine");
  EXPECT_EQ(outcome.out, "fine\n") << outcome.err;
}

TEST(Fallback, GivesWayToNoFenceThatIsRequired) {
  const TempDir place;
  make_small_root(place);
  for (const bool as_root : {false, true}) {
    const std::string root = as_root ? " ./root" : " host";
    for (const char* fence : {"user", "mount", "pid", "ipc", "uts", "cgroup", "proc", "die-with-parent"}) {
      const Outcome outcome = without_namespaces(
          as_root, place.path(), std::string("\"$kelp\" run --fallback --require=") + fence + root + " true");
      EXPECT_EQ(outcome.status, 125) << fence;
      EXPECT_THAT(outcome.err, StartsWith("kelp: cannot enforce " + std::string(fence))) << fence;
    }
    EXPECT_EQ(without_namespaces(
                  as_root, place.path(),
                  "\"$kelp\" run --fallback --require=seccomp,landlock:6,no-new-privs,capabilities,session" +
                      root + " true")
                  .status,
              0);
  }
}

TEST(Fallback, IsToldByDryRunAndExplain) {
  const TempDir place;
  const Outcome lines =
      without_namespaces(false, place.path(), "\"$kelp\" run --fallback --dry-run host true");
  EXPECT_THAT(lines.out,
              AllOf(HasSubstr("1. no new namespaces, and ids as they are"),
                    HasSubstr("\nrung: landlock (rung 4 of 4), user namespaces"),
                    HasSubstr("\nnot enforced: its own pid namespace: the rung landlock has none\n")))
      << lines.err;
  const Outcome json =
      without_namespaces(false, place.path(), "\"$kelp\" run --fallback --dry-run --json host true");
  EXPECT_EQ(nlohmann::json::parse(json.out, nullptr, false)["rung"], "landlock");
}

TEST(Doctor, NamesTheRungOfThisPlaceAndWhatWouldLiftIt) {
  const TempDir place;
  const Outcome root = without_namespaces(true, place.path(), "\"$kelp\" doctor || test $? = 1");
  EXPECT_THAT(
      root.out,
      HasSubstr(
          "missing  rung: chroot (rung 3 of 4) on a directory, landlock (rung 4 of 4) on ROOT host, and only "
          "with --fallback\n"
          "         why:  user namespaces cannot be made here: a seccomp filter set from outside refuses it\n"
          "         mend: start the outer container or service with a seccomp filter that allows clone"));
  const Outcome masked = with_masked_proc("\"$kelp\" doctor || test $? = 1");
  EXPECT_THAT(masked.out, HasSubstr("missing  rung: outer-proc (rung 2 of 4), and only with --fallback\n"));
  EXPECT_THAT(kelp({"doctor"}).out, HasSubstr("ok       rung: full (rung 1 of 4)\n"));
}

}  // namespace
}  // namespace kelp::harness
