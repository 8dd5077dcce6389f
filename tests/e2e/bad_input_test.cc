// SPDX-License-Identifier: Apache-2.0
// What is refused before anything starts: one clear line that names what was typed, status 125, nothing left.
// Paths and roots are bad_paths_test.cc's matter, an exhausted machine that of exhausted_test.cc.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/harness.h"

namespace kelp::harness {
namespace {

using testing::HasSubstr;

// What kelp says to `kelp run FLAGS ROOT true`; the command must not have run.
std::string said(Argv flags, int status = 125) {
  flags.insert(flags.begin(), "run");
  flags.insert(flags.end(), {small_root(), "echo", "started"});
  const Outcome outcome = kelp(flags);
  EXPECT_EQ(outcome.status, status) << testing::PrintToString(outcome);
  EXPECT_EQ(outcome.out, "");
  return outcome.err;
}

TEST(Verbs, ThatAreMissingOrUnknownAreRefused) {
  EXPECT_EQ(kelp({}).err,
            "kelp: cannot start: no verb was given\nhint: kelp run host id; kelp --help lists the verbs\n");
  const Outcome outcome = kelp({"rum"});
  EXPECT_EQ(outcome.status, 125);
  EXPECT_EQ(outcome.err,
            "kelp: cannot run the verb rum: there is no such verb\n"
            "hint: did you mean run? kelp --help lists the verbs\n");
  EXPECT_EQ(kelp({"compose"}).err,
            "kelp: cannot run the verb compose: there is no such verb\nhint: kelp --help lists the verbs\n");
}

TEST(Verbs, HelpWithTheLetterTooWhereItMeansNothingElse) {
  for (const char* verb : {"doctor", "rootfs", "unshare"}) {
    const Outcome outcome = kelp({verb, "-h"});
    EXPECT_EQ(outcome, kelp({verb, "--help"}));
    EXPECT_THAT(outcome.out, testing::StartsWith(std::string("usage: kelp ") + verb));
  }
}

TEST(Flags, ThatAreUnknownAreAllNamed) {
  EXPECT_EQ(said({"--volum", "--nonsense-flag", "-Z"}),
            "kelp: cannot use --volum: unknown flag\nhint: did you mean --volume?\n"
            "kelp: cannot use --nonsense-flag: unknown flag\n"
            "kelp: cannot use -Z: unknown flag\n");
}

TEST(Flags, ThatLookLikeAnotherAreSuggested) {
  EXPECT_THAT(said({"--hostnmae=x"}), HasSubstr("hint: did you mean --hostname?\n"));
  EXPECT_THAT(said({"--readonly"}), HasSubstr("hint: did you mean --read-only?\n"));
  EXPECT_THAT(said({"--timout=3"}), HasSubstr("hint: did you mean --timeout?\n"));
}

TEST(Flags, AreShownWithoutTheirStrangeBytes) {
  EXPECT_EQ(said({"--x\n\x1b[2J\xff"}), "kelp: cannot use --x\\x0A\\x1B[2J\\xFF: unknown flag\n");
}

TEST(Flags, WithoutTheirValueAreRefused) {
  EXPECT_EQ(kelp({"run", "--volume"}).err,
            "kelp: cannot read --volume: its value is missing (SRC:DST[:OPTIONS])\n");
  EXPECT_EQ(said({"--hostname="}), "kelp: cannot read --hostname=: the value is empty\n");
  EXPECT_EQ(said({"--read-only=maybe"}),
            "kelp: cannot read --read-only=maybe: 'maybe' is neither true nor false\n");
}

TEST(Flags, ThatContradictEachOtherAreRefused) {
  EXPECT_EQ(said({"--share=pid", "--unshare=pid"}),
            "kelp: cannot use --share=pid: it contradicts --unshare=pid\n");
  EXPECT_EQ(said({"--share=pid", "--init"}),
            "kelp: cannot use --init: without a pid namespace of its own there is no PID 1\n");
  EXPECT_EQ(said({"--cap-add=chown", "--cap-drop=CAP_CHOWN"}),
            "kelp: cannot use --cap-add=chown: it contradicts --cap-drop=CAP_CHOWN\n");
  EXPECT_EQ(said({"--dns=none", "--dns=1.1.1.1"}),
            "kelp: cannot use --dns=none: it contradicts --dns=1.1.1.1\n");
  EXPECT_EQ(said({"--no-hosts", "--add-host=a:1.1.1.1"}),
            "kelp: cannot use --no-hosts: it contradicts --add-host=a:1.1.1.1\n");
  EXPECT_EQ(said({"--keep-groups", "-u", "1"}),
            "kelp: cannot keep your groups: it contradicts -u 1: they are not that user's\n");
  EXPECT_EQ(said({"--share=uts", "--hostname=x"}),
            "kelp: cannot set the host name 'x': the uts namespace is the host's (--hostname=x)\n");
}

TEST(Flags, WithValuesThatMeanNothingAreRefused) {
  EXPECT_EQ(said({"--timeout=soon"}),
            "kelp: cannot read --timeout=soon: 'soon' is no time (90, 1.5s, 10m, 500ms)\n");
  EXPECT_EQ(said({"--timeout=0"}),
            "kelp: cannot end the command after 0 s: it would never run (--timeout=0)\n");
  EXPECT_EQ(said({"--timeout=-1"}),
            "kelp: cannot read --timeout=-1: '-1' is no time (90, 1.5s, 10m, 500ms)\n");
  EXPECT_EQ(said({"--tmpfs", "/x:size=lots"}),
            "kelp: cannot read --tmpfs /x:size=lots: 'size=lots' is no size (64m, 1g)\n");
  EXPECT_EQ(said({"--tmpfs", "/x:mode=rwx"}),
            "kelp: cannot read --tmpfs /x:mode=rwx: 'mode=rwx' is no mode in octal (0755, 1777)\n");
  EXPECT_EQ(
      said({"--tmpfs", "/x:nr_inodes=no"}),
      "kelp: cannot use 'nr_inodes=no' in --tmpfs /x:nr_inodes=no: kelp sets no such option of a tmpfs\n"
      "hint: size=SIZE bounds what its files take, --memory what inodes take too\n");
  EXPECT_EQ(said({"--umask=999"}), "kelp: cannot read --umask=999: '999' is no mask in octal (022)\n");
  EXPECT_EQ(said({"--tty=maybe"}), "kelp: cannot read --tty=maybe: 'maybe' is none of always, auto, never\n");
  EXPECT_EQ(said({"--hostname=a b"}),
            "kelp: cannot set the host name 'a b': there is a blank or a control character in it "
            "(--hostname=a b)\n");
  const std::string longest(65, 'h');
  EXPECT_EQ(said({"--hostname=" + longest}), "kelp: cannot set the host name '" + longest +
                                                 "': it is longer than 64 bytes (--hostname=" + longest +
                                                 ")\n");
  EXPECT_EQ(said({"-e", "=x"}), "kelp: cannot read -e =x: the name of the variable is empty\n");
  EXPECT_EQ(said({"--env-file=/no/such"}),
            "kelp: cannot open /no/such: No such file or directory (for --env-file=/no/such)\n");
  EXPECT_THAT(said({"--cap-add=fly"}), testing::StartsWith("kelp: cannot read --cap-add=fly: "));
  EXPECT_EQ(
      said({"--network=bridge"}),
      "kelp: cannot read --network=bridge: 'bridge' is none of host, none, pasta[:OPTIONS], slirp4netns, "
      "ns:PATH, container:NAME\nhint: kelp makes no bridges; --network=pasta connects a container of an "
      "ordinary user\n");
  EXPECT_THAT(said({"--share=user"}), testing::StartsWith("kelp: cannot "));
  EXPECT_THAT(said({"--time-offset=wall=3"}),
              testing::StartsWith("kelp: cannot read --time-offset=wall=3: "));
  EXPECT_THAT(said({"--add-host=x"}), testing::StartsWith("kelp: cannot read --add-host=x: "));
}

TEST(Flags, OfAnEnvFileAreReadStrictly) {
  const TempDir place;
  const std::string file = place.file("env", "A=1\nB AD=2\n");
  EXPECT_EQ(said({"--env-file", file}), "kelp: cannot read line 2 of --env-file " + file +
                                            ": there is a blank in the name of a variable\n");
  const std::string zero = place.file("zero", std::string("A=1\0B\n", 6));
  EXPECT_EQ(said({"--env-file", zero}),
            "kelp: cannot read line 1 of --env-file " + zero + ": a variable cannot hold a zero byte\n");
  EXPECT_THAT(said({"--env-file", place.path()}), HasSubstr(place.path()));
  EXPECT_THAT(said({"--env-file=/dev/zero"}), HasSubstr("/dev/zero"));
}

TEST(Ids, ThatOverlapOrRunOutOfRangeAreAllTold) {
  EXPECT_EQ(
      said({"--userns=0:1000:10,5:5000:10"}),
      "kelp: cannot use --userns=0:1000:10,5:5000:10: 0:1000:10 and 5:5000:10 overlap inside, for users\n");
  EXPECT_EQ(said({"--userns=0:1000:10,100:1005:10"}),
            "kelp: cannot use --userns=0:1000:10,100:1005:10: 0:1000:10 and 100:1005:10 overlap on the host, "
            "for users\n");
  EXPECT_EQ(
      said({"--userns=0:4294967290:10"}),
      "kelp: cannot use --userns=0:4294967290:10: 0:4294967290:10 runs past 4294967294, the greatest id\n");
  EXPECT_EQ(said({"--userns=0:1000:0"}), "kelp: cannot use --userns=0:1000:0: 0:1000:0 maps nothing\n");
  EXPECT_EQ(said({"--userns=u0:1:1"}), "kelp: cannot use --userns=u0:1:1: no id of a group is mapped\n");
  for (const std::string map : {"0", "0:1", "a:b:c", "0:1:99999999999", "-1:0:1", "0:1:1:1", ""})
    EXPECT_THAT(said({"--userns=" + map}), testing::StartsWith("kelp: cannot read --userns=" + map)) << map;
}

TEST(Ids, OfOthersAreRefused) {
  KELP_ONLY_AS("root may map any id", "user", "noranges");
  const std::string text = said({"--userns=0:0:1"});
  EXPECT_THAT(text, testing::StartsWith("kelp: cannot "));
  EXPECT_THAT(text, HasSubstr("--userns=0:0:1"));
}

TEST(Ids, OfUsersThatTheRootLacksAreRefused) {
  EXPECT_EQ(
      said({"-u", "nobody-such"}),
      "kelp: cannot become user nobody-such: the root's /etc/passwd has no such user (-u nobody-such)\n");
  EXPECT_THAT(said({"-u", "0:nogroup-such"}), HasSubstr("the root's /etc/group has no such group"));
  EXPECT_THAT(said({"-u", "4294967295"}), testing::StartsWith("kelp: cannot "));
  EXPECT_THAT(said({"-u", "4294967296"}), testing::StartsWith("kelp: cannot "));
  EXPECT_THAT(said({"-u", "-1"}), testing::StartsWith("kelp: cannot "));
  EXPECT_THAT(said({"-u", ""}), testing::StartsWith("kelp: cannot "));
}

TEST(Problems, OfASpecAreAllTold) {
  EXPECT_EQ(said({"--hostname=a b", "-w", "here", "--timeout=0", "--tmpfs=rel"}),
            "kelp: cannot set the host name 'a b': there is a blank or a control character in it "
            "(--hostname=a b)\n"
            "kelp: cannot use --tmpfs=rel: the destination 'rel' is not absolute\n"
            "kelp: cannot start in 'here': the directory is not absolute (-w here)\n"
            "kelp: cannot end the command after 0 s: it would never run (--timeout=0)\n");
}

TEST(Lacks, OfPodmanAndDockerFlagsSayWhatToWriteInstead) {
  const std::pair<Argv, std::string> known[] = {
      {{"--privileged"},
       "kelp: cannot use --privileged: a container never has more rights than you have\nhint: --cap-add=all "
       "gives every right over its own ids; --new-privileges lets setuid programs work\n"},
      {{"--restart=always"},
       "kelp: cannot use --restart: kelp starts nothing again\nhint: a loop of the shell, or a systemd "
       "unit, does it\n"},
      {{"-a", "stdout"},
       "kelp: cannot use -a: 0, 1 and 2 are always connected\nhint: redirect with the shell: >FILE 2>&1\n"},
      {{"--stop-timeout=3"},
       "kelp: cannot use --stop-timeout: it is said when the container is stopped\nhint: kelp stop -t "
       "SECONDS NAME\n"},
      {{"--cpu-quota", "50000"},
       "kelp: cannot use --cpu-quota: this version does not have it\nhint: --cpus NUMBER limits the CPU "
       "time\n"},
      {{"-h"},
       "kelp: cannot use -h: it means help to some and the host name to others\nhint: write --help, or "
       "--hostname "
       "NAME\n"},
  };
  for (const auto& [flags, text] : known) EXPECT_EQ(said(flags), text);
  EXPECT_THAT(said({"--security-opt", "label=disable"}), HasSubstr("hint: "));
  EXPECT_THAT(said({"-v", "data:/x"}), HasSubstr("hint: "));
  EXPECT_THAT(said({"-v", "/etc:/x:z"}), HasSubstr("z"));
  EXPECT_THAT(said({"-v", "/etc:/x:U"}), HasSubstr("U"));
  EXPECT_THAT(said({"-P", "--restart=x"}), testing::AllOf(HasSubstr("use -P"), HasSubstr("use --restart")));
}

}  // namespace
}  // namespace kelp::harness
