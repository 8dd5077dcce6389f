// SPDX-License-Identifier: Apache-2.0
// Capabilities, setuid programs, no_new_privs, and kelp as a setuid program itself.
#include <sys/stat.h>
#include <unistd.h>

#include "e2e/container.h"

namespace kelp::harness {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

constexpr char kNone[] = "0000000000000000";
constexpr char kEleven[] = "00000000800405fb";  // the eleven of the manual

// The five sets as /proc shows them: "Inh Prm Eff Bnd Amb".
std::string sets(const Argv& options) {
  const Outcome outcome = inside(
      "for s in Inh Prm Eff Bnd Amb; do sed -n \"s/^Cap$s:\t//p\" /proc/self/status; done | xargs", options);
  EXPECT_THAT(outcome, Works()) << outcome.err;
  return outcome.out.substr(0, outcome.out.find('\n'));
}

std::string words(const std::vector<std::string>& parts) {
  std::string out;
  for (const std::string& part : parts) out += (out.empty() ? "" : " ") + part;
  return out;
}

TEST(Capabilities, OfRootAreTheElevenThatTheManualNames) {
  const std::string want = words({kNone, kEleven, kEleven, kEleven, kNone});
  EXPECT_EQ(sets({}), want);
  EXPECT_EQ(sets({"--no-init"}), want);
  EXPECT_EQ(sets({"--bare", "--unshare=pid", "--proc=new"}), want);
  EXPECT_EQ(sets({"--new-privileges"}), want);
}

TEST(Capabilities, AreTheSameWhateverTheCallerInherits) {
  KELP_ONLY_AS("needs rights to raise an inheritable set", "root", "nested");
  const Outcome outcome =
      run({"setpriv", "--inh-caps=+chown,+kill", "--ambient-caps=+chown,+kill", kelp_binary(), "run",
           small_root(), "sh", "-c", "grep -E '^Cap(Inh|Amb)' /proc/self/status"});
  EXPECT_EQ(outcome.out, std::string("CapInh:\t") + kNone + "\nCapAmb:\t" + kNone + "\n") << outcome.err;
}

TEST(Capabilities, OfAnotherUserAreNone) {
  KELP_ONLY_AS("needs more than one id", "user", "nested", "root");
  EXPECT_EQ(sets({"-u", "alga"}), words({kNone, kNone, kNone, kEleven, kNone}));
}

TEST(Capabilities, OfAnIdThatIsKeptAreNone) {
  KELP_ONLY_AS("root stays root", "user", "noranges");
  EXPECT_EQ(sets({"--userns=keep-id"}), words({kNone, kNone, kNone, kEleven, kNone}));
}

TEST(Capabilities, AreAddedAndDroppedByName) {
  const std::string with_admin = "00000000802405fb";
  EXPECT_EQ(sets({"--cap-add=sys_admin"}), words({kNone, with_admin, with_admin, with_admin, kNone}));
  EXPECT_EQ(sets({"--cap-add=CAP_SYS_ADMIN"}), words({kNone, with_admin, with_admin, with_admin, kNone}));
  const std::string without = "00000000800405fa";
  EXPECT_EQ(sets({"--cap-drop=chown"}), words({kNone, without, without, without, kNone}));
  EXPECT_EQ(sets({"--cap-drop=all"}), words({kNone, kNone, kNone, kNone, kNone}));
  const std::string one = "0000000000000001";
  EXPECT_EQ(sets({"--cap-drop=all", "--cap-add=chown"}), words({kNone, one, one, one, kNone}));
}

TEST(Capabilities, OfAllAreWhatTheKernelHas) {
  const Outcome outcome =
      inside("echo $(cat /proc/sys/kernel/cap_last_cap) $(sed -n 's/CapEff:\t//p' /proc/self/status)",
             {"--cap-add=all"});
  unsigned last = 0;
  char mask[32] = "";
  ASSERT_EQ(sscanf(outcome.out.c_str(), "%u %31s", &last, mask), 2) << outcome.out;
  EXPECT_EQ(std::stoull(mask, nullptr, 16), (2ULL << last) - 1);
}

TEST(Capabilities, AddedByNameAreAnotherUsersToo) {
  KELP_ONLY_AS("needs more than one id", "user", "nested", "root");
  const std::string one = "0000000000000400";
  EXPECT_EQ(sets({"-u", "alga", "--cap-drop=all", "--cap-add=net_bind_service"}),
            words({one, one, one, one, one}));
}

TEST(Capabilities, ThatAreDroppedCannotBeHadBack) {
  const Outcome outcome =
      inside("chown 0 /tmp && mount -t tmpfs t /tmp && echo mounted; hostname x && echo named; exit 0");
  EXPECT_EQ(outcome.out, "");
  EXPECT_EQ(inside("hostname x && echo named", {"--cap-add=sys_admin"}).out, "named\n") << "the probe works";
}

TEST(Privileges, NoNewOnesIsSetUnlessAskedOtherwise) {
  const std::string script = "grep NoNewPrivs /proc/self/status";
  EXPECT_EQ(inside(script, {"--userns=auto"}).out, "NoNewPrivs:\t1\n");
  if (identity() != "nested") {
    EXPECT_EQ(inside(script, {"--new-privileges"}).out, "NoNewPrivs:\t0\n");
  }
}

TEST(Privileges, ThatWereGivenUpOutsideAreToldAsNotEnforced) {
  const Outcome outcome = run({"setpriv", "--no-new-privs", kelp_binary(), "run", "--explain",
                               "--new-privileges", small_root(), "true"});
  EXPECT_THAT(outcome, Works());
  EXPECT_THAT(outcome.err, HasSubstr("not enforced: --new-privileges: no_new_privs is set around kelp"));
}

// A root with a setuid program of root's.
class SetuidProgram : public testing::Test {
 protected:
  SetuidProgram() : root_(make_small_root(place_)), program_(root_ + "/bin/whoami-setuid") {
    fs::copy_file(payload("whoami"), program_);
    chmod(program_.c_str(), 06755);
  }
  TempDir place_;
  std::string root_;
  std::string program_;
};

TEST_F(SetuidProgram, GainsNothing) {
  KELP_ONLY_AS("needs more than one id", "user", "nested", "root");
  EXPECT_EQ(inside("whoami-setuid", {"-u", "alga"}, root_).out,
            std::string("uid=1000 euid=1000 gid=1000 egid=1000 effective=") + kNone + "\n");
}

TEST_F(SetuidProgram, GainsTheIdsAndRightsOfTheContainerWhereAskedFor) {
  KELP_ONLY_AS("needs more than one id, and no kelp around that forbids it", "user", "root");
  EXPECT_EQ(inside("whoami-setuid", {"-u", "alga", "--new-privileges"}, root_).out,
            std::string("uid=1000 euid=0 gid=1000 egid=0 effective=") + kEleven + "\n");
  EXPECT_EQ(inside("whoami-setuid", {"-u", "alga", "--new-privileges", "--cap-drop=all"}, root_).out,
            std::string("uid=1000 euid=0 gid=1000 egid=0 effective=") + kNone + "\n");
}

TEST_F(SetuidProgram, GainsNothingFromASharedDirectoryUnlessThatSaysSo) {
  KELP_ONLY_AS("needs more than one id, and no kelp around that forbids it", "user", "root");
  place_.dir("share");
  fs::copy_file(payload("whoami"), place_.path() + "/share/p");
  chmod((place_.path() + "/share/p").c_str(), 06755);
  const std::string share = place_.path() + "/share:/mnt";
  EXPECT_THAT(inside("/mnt/p", {"-u", "alga", "--new-privileges", "-v", share}, root_).out,
              HasSubstr(" euid=1000 "));
  EXPECT_THAT(inside("/mnt/p", {"-u", "alga", "--new-privileges", "-v", share + ":suid"}, root_).out,
              HasSubstr(" euid=0 "));
  EXPECT_THAT(inside("/mnt/p", {"-u", "alga", "-v", share + ":suid"}, root_).out, HasSubstr(" euid=1000 "));
}

TEST_F(SetuidProgram, GainsNothingOnTheHostWhenItIsMadeInside) {
  KELP_ONLY_AS("the machine's root inside is that outside", "user", "noranges");
  ASSERT_THAT(inside("cp /bin/whoami-setuid /made; chmod 6755 /made", {}, root_), Works());
  struct stat info{};
  ASSERT_EQ(stat((root_ + "/made").c_str(), &info), 0);
  EXPECT_EQ(info.st_uid, geteuid()) << "it is the caller's, not root's";
}

TEST(SetuidKelp, Refuses) {
  KELP_ONLY_AS("needs rights to make a setuid program, and a user to start it", "root");
  setenv("TMPDIR", "/tmp", 1);  // somebody else must get there
  const TempDir place;
  ASSERT_EQ(chmod(place.path().c_str(), 0755), 0);
  const std::string program = place.path() + "/kelp";
  fs::copy_file(kelp_binary(), program);
  const Argv as_other = {"setpriv", "--reuid=65533", "--regid=65533", "--clear-groups",
                         program,   "run",           "host",          "true"};
  for (const mode_t mode : {04755U, 02755U, 06755U}) {
    ASSERT_EQ(chmod(program.c_str(), mode), 0);
    const Outcome outcome = run(as_other);
    EXPECT_THAT(outcome, CannotStart());
    EXPECT_THAT(outcome.err, HasSubstr("this program file is setuid, setgid or has file capabilities"));
  }
  ASSERT_EQ(chmod(program.c_str(), 0755), 0);
  EXPECT_THAT(run(as_other), Works()) << "the same file without the bits";
  if (has_program("setcap")) {
    ASSERT_THAT(run({"setcap", "cap_sys_admin+ep", program}), Works());
    EXPECT_THAT(run(as_other), CannotStart());
  }
}

}  // namespace
}  // namespace kelp::harness
