// SPDX-License-Identifier: Apache-2.0
// Invariant 7: an error of a security step is fatal. Each is named here, with what kelp says.
#include "start.h"

namespace kelp::faults {
namespace {

struct Step {
  int who;
  const char* name;
  const char* said;  // the beginning of the sentence
};

// Each call of that name and process fails in turn, once with the kernel's refusal.
void expect_fatal(const Start& start, const std::vector<Step>& steps) {
  const Traced plain = start.run();
  ASSERT_EQ(plain.outcome.status, 0) << testing::PrintToString(plain.outcome);
  for (const Step& step : steps) {
    int tried = 0;
    for (const Call& call : plain.calls) {
      if (call.who != step.who || call.name != step.name) continue;
      const Fault fault = {.who = call.who, .name = call.name, .occurrence = call.occurrence, .code = EPERM};
      const Traced disturbed = start.run(fault);
      ++tried;
      EXPECT_TRUE(is_refusal(disturbed.outcome)) << describe(fault);
      EXPECT_EQ(disturbed.outcome.status, 125) << describe(fault);
      EXPECT_THAT(disturbed.outcome.err, testing::StartsWith(std::string("kelp: cannot ") + step.said))
          << describe(fault);
      ASSERT_TRUE(start.is_clean()) << describe(fault);
      if (tried == 3 && std::string(step.name).find("CAPBSET") != std::string::npos) break;
    }
    EXPECT_GT(tried, 0) << step.name << " is not called any more: is the step still taken?";
  }
}

TEST(SecurityStep, OfTheNewRootIsFatal) {
  KELP_FAULTS_NEED_PTRACE();
  expect_fatal(Start(), {{kInit, "mount_setattr", "set the "},
                         {kInit, "pivot_root", "pivot into the new root: Operation not permitted"},
                         {kInit, "umount2", "detach the old root: Operation not permitted"}});
}

TEST(SecurityStep, OfTheProcessIsFatal) {
  KELP_FAULTS_NEED_PTRACE();
  expect_fatal(Start(), {{kInit, "prctl(PR_SET_DUMPABLE)", "become "},
                         {kInit, "prctl(PR_SET_PDEATHSIG)", "tie the container to kelp's life: "},
                         {kInit, "setsid", "start a new session: "}});
  // With the default filter no key can be asked for, whatever the keyring.
  expect_fatal(Start({.options = {"--seccomp=none"}}), {{kInit, "keyctl", "make a session keyring: "}});
}

TEST(SecurityStep, OfRootsOwnHidingIsFatal) {
  KELP_ONLY_AS("the user namespace of others is not that of a root elsewhere", "root");
  KELP_FAULTS_NEED_PTRACE();
  expect_fatal(Start(), {{kParent, "prctl(PR_SET_DUMPABLE)", "become non-dumpable: "}});
}

TEST(SecurityStep, OfTheCommandsRightsIsFatal) {
  KELP_FAULTS_NEED_PTRACE();
  expect_fatal(Start(), {{kCommand, "prctl(PR_CAPBSET_DROP)", "drop capability "},
                         {kCommand, "prctl(PR_CAP_AMBIENT)", "empty the ambient capability set: "},
                         {kCommand, "prctl(PR_SET_SECUREBITS)", "set the securebits: "},
                         {kCommand, "capset", "set the capabilities: "},
                         {kCommand, "prctl(PR_SET_NO_NEW_PRIVS)", "set no_new_privs: "},
                         {kCommand, "seccomp", "install the system call filter: "}});
}

TEST(SecurityStep, OfThePid1sRightsIsFatal) {
  KELP_FAULTS_NEED_PTRACE();
  expect_fatal(Start(), {{kInit, "prctl(PR_SET_NO_NEW_PRIVS)", "set no_new_privs: "},
                         {kInit, "prctl(PR_CAPBSET_DROP)", "drop capability "},
                         {kInit, "prctl(PR_CAP_AMBIENT)", "empty the ambient capability set: "},
                         {kInit, "capset", "set the capabilities: "}});
}

TEST(SecurityStep, OfTheEmbeddedInitIsFatal) {
  KELP_FAULTS_NEED_PTRACE();
  // The first PR_SET_DUMPABLE is kelp's own, the second one the init's, which can tell by its status alone.
  expect_fatal(Start({.options = {"--init=enterable"}}),
               {{kInit, "memfd_create", "make a file in memory for kelp-init: "},
                {kInit, "fcntl(F_ADD_SEALS)", "seal kelp-init: "},
                {kInit, "execveat", "execute kelp-init: "},
                {kInit, "prctl(PR_SET_NO_NEW_PRIVS)", "set no_new_privs: "},
                {kInit, "capset", "set the capabilities: "},
                {kInit, "prctl(PR_SET_DUMPABLE)", ""}});
}

TEST(SecurityStep, OfTheLockedMountsIsFatal) {
  KELP_FAULTS_NEED_PTRACE();
  expect_fatal(Start(), {{kInit, "unshare", "lock the mounts in an inner user namespace: "}});
  KELP_ONLY_AS("one id alone is written by the process itself", "user");
  expect_fatal(Start({.options = {"--userns=auto"}}),
               {{kIdWriter, "write", "give the locked mounts' user namespace"}});
}

TEST(SecurityStep, OfTheIdsIsFatal) {
  KELP_ONLY_AS("one id alone is never changed", "user", "root", "nested");
  KELP_FAULTS_NEED_PTRACE();
  // The last --userns counts.
  expect_fatal(Start({.options = {"--userns=auto", "-u", "alga"}}),
               {{kCommand, "setgroups", "set the groups of alga: "},
                {kCommand, "setresgid", "become group 1000: "},
                {kCommand, "setresuid", "become user 1000: "},
                {kCommand, "capset", "set the capabilities: "},
                {kCommand, "prctl(PR_SET_KEEPCAPS)", "keep the capabilities over the change of user: "}});
}

}  // namespace
}  // namespace kelp::faults
