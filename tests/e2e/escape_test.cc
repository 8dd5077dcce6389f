// SPDX-License-Identifier: Apache-2.0
// Ways out of a container that others left open, each tried by a program that does get out of something
// weaker.
#include <fcntl.h>
#include <unistd.h>

#include "e2e/each_init.h"

namespace kelp::harness {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsSupersetOf;
using testing::Not;

TEST(Escape, ThePlainChrootLetsTheClassicBreakOutOut) {
  const TempDir place;
  const std::string marker = place.file("marker");
  const std::string root = make_small_root(place);
  std::filesystem::copy_file(payload("breakout"), root + "/breakout");
  const Outcome outcome = run({"unshare", "-r", "chroot", root, "/breakout", marker});
  EXPECT_EQ(outcome.out, "outside\n") << outcome.err;
}

TEST(Escape, TheClassicBreakOutStaysInside) {
  const TempDir place;
  const std::string marker = place.file("marker");
  for (const Argv& options : {Argv{}, {"--cap-add=all"}, {"--no-init"}, {"--bare"}, {"--hide=/etc"}}) {
    const Outcome outcome = run_in(small_root(), share_payload("breakout", options), {"/payload", marker});
    EXPECT_EQ(outcome.out, "inside\n") << testing::PrintToString(options) << outcome.err;
  }
}

TEST(Escape, TheParentOfTheRootAndOfEveryMountIsTheRoot) {
  const TempDir place;
  place.file("share/file");
  // With what is hidden and with files of kelp's own something lies between the old root and the new one.
  const Outcome outcome = inside(
      "for at in / /mnt /home /tmp /etc /dev /proc; do cd $at; cd ..; cd ..; cd ../../../..; "
      "echo $(ls -d bin etc) $(test . -ef / && echo is the root); done | sort -u",
      {"-v", place.path() + "/share:/mnt", "--hide=/home", "--tmpfs=/tmp", "--add-host=a:127.0.0.9"});
  EXPECT_THAT(outcome, Works());
  EXPECT_EQ(std::count(outcome.out.begin(), outcome.out.end(), '\n'), 1) << outcome.out;
  EXPECT_EQ(outcome.out, "bin etc is the root\n");
}

TEST(Escape, MountinfoListsWhatWasMountedAndNothingElse) {
  // Field 5 is where, seen from the process's root; the old root would be another line with "/".
  const Outcome outcome = inside("cut -d' ' -f5 /proc/self/mountinfo | sort", {"--sys=none", "--hide=/home"});
  std::vector<std::string> lines;
  std::istringstream text(outcome.out);
  for (std::string line; std::getline(text, line);) lines.push_back(line);
  EXPECT_EQ(std::count(lines.begin(), lines.end(), "/"), 1) << outcome.out;
  for (const std::string& line : lines) {
    EXPECT_THAT(line,
                testing::AnyOf("/", "/home", "/etc/hosts", "/etc/resolv.conf", testing::StartsWith("/dev"),
                               testing::StartsWith("/proc"), testing::StartsWith("/sys/fs/cgroup")))
        << outcome.out;
  }
}

TEST(Escape, ABareContainerHasOneMount) {
  const Outcome outcome =
      inside("grep -vc ' /proc' /proc/self/mountinfo", {"--bare", "--unshare=pid", "--proc=new"});
  EXPECT_EQ(outcome.out, "1\n") << outcome.err;
}

TEST(Escape, NothingIsLeftOpenOfTwentyDescriptorsAndADirectory) {
  const RunOptions leaky = {.before_exec = [] {
    for (int i = 0; i < 20; ++i) (void)open("/", O_PATH | O_DIRECTORY);
    (void)open("/etc/passwd", O_RDONLY);
    (void)dup2(0, 700);
  }};
  EXPECT_THAT(run({payload("descriptors")}, leaky).out, HasSubstr(" 22 "))
      << "the probe sees leaked descriptors";
  for (const Argv& options :
       {Argv{}, {"--no-init"}, {"--init=enterable"}, {"--bare"}, {"--read-only", "--hide=/etc"}}) {
    Argv words = share_payload("descriptors", options);
    words.insert(words.begin(), "run");
    words.insert(words.end(), {small_root(), "/payload"});
    EXPECT_EQ(kelp(words, leaky).out, "0 1 2\n") << testing::PrintToString(options);
  }
}

TEST(Escape, OnlyNamedDescriptorsPass) {
  const RunOptions leaky = {.before_exec = [] {
    for (const int fd : {3, 4, 5, 6}) (void)dup2(0, fd);
  }};
  Argv words = share_payload("descriptors", {"run", "--preserve-fd=4,6"});
  words.insert(words.end(), {small_root(), "/payload"});
  EXPECT_EQ(kelp(words, leaky).out, "0 1 2 4 6\n");
}

TEST(Escape, ADirectoryAsAStandardStreamIsRefused) {
  for (const int stream : {0, 1, 2}) {
    const Outcome outcome = kelp({"run", small_root(), "true"}, {.before_exec = [stream] {
                                   const int fd = open("/", stream == 0 ? O_RDONLY : O_PATH);
                                   (void)dup2(fd, stream);
                                 }});
    EXPECT_EQ(outcome.status, 125) << stream;
    if (stream != 2) {
      EXPECT_THAT(outcome.err, HasSubstr("it is a directory, which would lead out of the container"));
    }
  }
}

class PidOne : public EachInit {};

TEST_P(PidOne, LetsNobodyIn) {
  const Outcome control = inside("sleep 60 & /payload $!", share_payload("intruder"));
  for (const char* way : {"ptrace: yes", "environ: yes", "mem: yes", "root: yes", "process_vm_readv: yes"})
    EXPECT_THAT(control.out, HasSubstr(way)) << "the probe works on a process that may be looked into";
  // What lies in the outer user namespace is out of the reach of every capability inside.
  const std::string most = init() == "--init=auto" ? "--cap-add=all" : "--cap-add=sys_admin,dac_read_search";
  for (const Argv& options : {Argv{}, {most}, {"--new-privileges", most}}) {
    const Outcome outcome = inside("exec /payload 1", share_payload("intruder", options));
    EXPECT_THAT(outcome, Works());
    EXPECT_THAT(outcome.out, AllOf(HasSubstr("ptrace: "), Not(HasSubstr(": yes"))));
  }
}

TEST_P(PidOne, TellsNothingOfItsCaller) {
  const TempDir place;
  const Outcome outcome =
      kelp({"run", "-v", place.path() + ":/mnt/secret-argument", "-e", "SECRET_VARIABLE=x",
            make_small_root(place), "sh", "-c",
            // At once, and again when set-up has had the time to end.
            "tr '\\0' ' ' </proc/1/cmdline; sleep 0.2; tr '\\0' ' ' </proc/1/cmdline; "
            "cat /proc/1/environ; grep -E '^(Cap(Prm|Eff|Bnd|Inh)|NoNewPrivs)' /proc/1/status"},
           {.env = {"SECRET_OF_CALLER=y"}});
  EXPECT_THAT(outcome.out, Not(HasSubstr("secret")));
  EXPECT_THAT(outcome.out, Not(HasSubstr("SECRET")));
  EXPECT_THAT(outcome.out, Not(HasSubstr("run")));
  EXPECT_THAT(outcome.out, HasSubstr("CapBnd:\t0000000000000000"));
  EXPECT_THAT(outcome.out, HasSubstr("CapEff:\t0000000000000020"))
      << "it may signal the command, and no more";
  EXPECT_THAT(outcome.out, HasSubstr("NoNewPrivs:\t1"));
}

KELP_FOR_EACH_INIT(PidOne);

TEST(Escape, AHandleOfAFileOpensNothing) {
  const Outcome outcome = inside("exec /payload /etc/passwd", share_payload("shocker", {"--seccomp=none"}));
  EXPECT_EQ(outcome.out, "open: Operation not permitted\n");
  EXPECT_EQ(outcome.status, 1);
}

TEST(Escape, AHandleOfAFileOpensItForTheMachinesRoot) {
  KELP_ONLY_AS("the positive control of the test above needs real root", "root");
  const TempDir place;
  EXPECT_EQ(run({payload("shocker"), place.file("file")}).out, "open: yes\n");
}

TEST(Escape, TheSessionKeyringIsANewOne) {
  KELP_ONLY_AS("the filter of the kelp around it leaves no keyrings", "user", "noranges", "root");
  const std::string keyring = payload("keyring");
  const Outcome control = run({keyring, "add", "kelp-test", keyring, "find", "kelp-test"});
  KELP_REQUIRE(control.status != 2, "this kernel has no keyrings");
  EXPECT_EQ(control.status, 0) << control.out << control.err;
  Argv words = {keyring, "add", "kelp-test", kelp_binary(), "run"};
  for (const std::string& word : share_payload("keyring", {"--seccomp=none"})) words.push_back(word);
  for (const std::string& word :
       {small_root(), std::string("/payload"), std::string("find"), std::string("kelp-test")})
    words.push_back(word);
  EXPECT_EQ(run(words).status, 1);
}

}  // namespace
}  // namespace kelp::harness
