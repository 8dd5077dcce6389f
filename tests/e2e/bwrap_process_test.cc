// SPDX-License-Identifier: Apache-2.0
// `kelp bwrap` and its caller: descriptors in and out, what is told of the sandbox, its life and namespaces.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "e2e/bwrap.h"

namespace kelp::harness {
namespace {

using testing::ContainsRegex;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

TEST(BwrapDescriptors, PassToTheCommandUnlessUsedUpOrDirectories) {
  const Outcome outcome = on_host(
      "exec 7</dev/null 8</ 9</dev/null; echo data | "
      "\"$kelp\" bwrap --ro-bind \"$root/bin\" /bin --tmpfs /tmp --proc /proc --file 9 /tmp/x ls "
      "/proc/self/fd");
  const std::string fds = "\n" + outcome.out;
  EXPECT_THAT(fds, HasSubstr("\n7\n")) << testing::PrintToString(outcome);
  EXPECT_THAT(fds, Not(HasSubstr("\n8\n"))) << "a directory";
  EXPECT_THAT(fds, Not(HasSubstr("\n9\n"))) << "used up";
}

TEST(BwrapDescriptors, FillFiles) {
  const Outcome outcome = on_host(
      "echo one >\"$TMPDIR/bwrap-one.$$\"; "
      "\"$kelp\" bwrap --ro-bind \"$root\" / --tmpfs /tmp --file 3 /tmp/d/a --perms 0640 --bind-data 4 "
      "/tmp/b "
      "--ro-bind-data 5 /tmp/c sh -c 'cat /tmp/d/a /tmp/b /tmp/c; stat -c %a /tmp/d/a /tmp/b /tmp/c; "
      "echo x >>/tmp/b && cat /tmp/b; echo x >>/tmp/c' 3<\"$TMPDIR/bwrap-one.$$\" 4<<two "
      "5<<three\n2\ntwo\n3\nthree\n"
      "rm \"$TMPDIR/bwrap-one.$$\"");
  EXPECT_EQ(outcome.out, "one\n2\n3\n666\n640\n600\n2\nx\n") << testing::PrintToString(outcome);
  EXPECT_THAT(outcome.err, HasSubstr("Read-only file system"));
}

TEST(BwrapDescriptors, CanBePrograms) {
  const Outcome outcome = on_host(
      "\"$kelp\" bwrap --ro-bind \"$root\" / --tmpfs /tmp --perms 0755 --ro-bind-data 3 /tmp/p /tmp/p "
      "3<<end\n"
      "#!/bin/sh\necho ran\nend\n");
  EXPECT_EQ(outcome.out, "ran\n") << testing::PrintToString(outcome);
}

TEST(BwrapDescriptors, AreBoundWhereTheyLead) {
  const TempDir place;
  place.file("d/inner", "text");
  const std::string script = "exec 3<'" + place.path() +
                             "/d'; \"$kelp\" bwrap --ro-bind \"$root\" / --tmpfs /tmp --ro-bind-fd 3 /tmp/x "
                             "sh -c 'cat /tmp/x/inner; touch /tmp/x/y'";
  const Outcome outcome = on_host(script);
  EXPECT_EQ(outcome.out, "text") << testing::PrintToString(outcome);
  EXPECT_THAT(outcome.err, HasSubstr("Read-only file system"));
}

TEST(BwrapStatus, IsWrittenAtTheStartAndAtTheEnd) {
  const Outcome outcome = on_host(
      "\"$kelp\" bwrap --ro-bind \"$root\" / --unshare-pid --json-status-fd 3 --info-fd 4 sh -c 'exit 5' "
      "3>&1 4>&2 >/dev/null");
  EXPECT_EQ(outcome.status, 5);
  EXPECT_THAT(outcome.out,
              ContainsRegex("^\\{ \"child-pid\": [0-9]+, \"mnt-namespace\": [0-9]+, \"pid-namespace\": "
                            "[0-9]+ \\}\n\\{ \"exit-code\": 5 \\}\n$"));
  EXPECT_THAT(outcome.err,
              ContainsRegex("^\\{\n    \"child-pid\": [0-9]+,\n    \"mnt-namespace\": [0-9]+,\n"));
}

TEST(BwrapStatus, HasNoExitCodeWhereNothingRan) {
  const Outcome outcome = on_host("\"$kelp\" bwrap --ro-bind \"$root\" / --json-status-fd 3 /no/such 3>&1");
  EXPECT_EQ(outcome.status, 1);
  EXPECT_THAT(outcome.out, HasSubstr("child-pid"));
  EXPECT_THAT(outcome.out, Not(HasSubstr("exit-code")));
}

TEST(BwrapStatus, InfoEndsBeforeTheCommandDoes) {
  const Outcome outcome = on_host(
      "dir=$(mktemp -d); mkfifo $dir/f $dir/g; \"$kelp\" bwrap --ro-bind \"$root\" / --block-fd 4 --info-fd "
      "3 echo "
      "ran "
      "3>$dir/f 4<>$dir/g & exec 5<$dir/f; read line <&5; echo \"$line\"; kill $!; rm -r $dir");
  EXPECT_THAT(outcome.out, StartsWith("{\n"));
}

TEST(BwrapProcess, WaitsForADescriptor) {
  const Outcome outcome = on_host(
      "(sleep 0.5; echo go >&2; echo x) | \"$kelp\" bwrap --ro-bind \"$root\" / --block-fd 3 sh -c 'echo ran "
      ">&2' "
      "3<&0 </dev/null");
  EXPECT_EQ(outcome.err, "go\nran\n");
}

TEST(BwrapProcess, EndsWithItsCommandAndLeavesTheRestRunning) {
  const Outcome outcome = on_host(
      "dir=$(mktemp -d); \"$kelp\" bwrap --ro-bind \"$root/bin\" /bin --dev /dev --bind $dir /tmp "
      "--unshare-pid "
      "sh -c '(sleep 1; echo late >/tmp/late) >/dev/null 2>&1 </dev/null & echo early'; "
      "test -e $dir/late && echo too-soon; sleep 2; cat $dir/late; rm -r $dir");
  EXPECT_EQ(outcome.out, "early\nlate\n") << testing::PrintToString(outcome);
}

TEST(BwrapProcess, TakesEverythingAlongWithDieWithParent) {
  const Outcome outcome = on_host(
      "dir=$(mktemp -d); \"$kelp\" bwrap --ro-bind \"$root/bin\" /bin --dev /dev --bind $dir /tmp "
      "--unshare-pid "
      "--die-with-parent "
      "sh -c '(sleep 1; echo late >/tmp/late) >/dev/null 2>&1 </dev/null & echo early'; "
      "sleep 2; ls $dir; rm -r $dir");
  EXPECT_EQ(outcome.out, "early\n") << testing::PrintToString(outcome);
}

TEST(BwrapProcess, GivesAFileWithoutFormatToTheShell) {
  const TempDir place;
  place.file("script", "echo ran $1\n", 0755);
  EXPECT_EQ(
      bwrap({"--ro-bind", small_root(), "/", "--ro-bind", place.path(), "/tmp"}, {"/tmp/script", "x"}).out,
      "ran x\n");
}

TEST(BwrapProcess, HoldsLocksAndDescriptors) {
  const Outcome outcome = on_host(
      "dir=$(mktemp -d); touch $dir/l; \"$kelp\" bwrap --ro-bind \"$root/bin\" /bin --bind $dir /tmp --proc "
      "/proc "
      "--lock-file /tmp/l --sync-fd 7 sh -c 'ls /proc/self/fd | tr \"\\n\" \" \"; sleep 1; echo end' "
      "7</dev/null & sleep 0.5; "
      "cat /proc/locks | grep -c \"POSIX.*READ.*:$(stat -c %i $dir/l) \"; wait; rm -r $dir");
  EXPECT_THAT(outcome.out, testing::AllOf(HasSubstr("1\n"), HasSubstr("end\n"), HasSubstr("0 1 ")));
  EXPECT_THAT(outcome.out, Not(HasSubstr(" 7 ")));
}

TEST(BwrapNamespaces, CanBeForbiddenInside) {
  const Argv may = {"--dev-bind", "/", "/", "--unshare-user"};
  Argv may_not = may;
  may_not.emplace_back("--disable-userns");
  EXPECT_EQ(bwrap(may, {"unshare", "-U", "true"}).status, 0) << "the control";
  const Outcome refused = bwrap(may_not, {"unshare", "-U", "true"});
  EXPECT_NE(refused.status, 0);
  EXPECT_THAT(refused.err, StartsWith("unshare: ")) << "the command itself ran";
  EXPECT_EQ(bwrap(may_not, {"id", "-u"}).out, std::to_string(::getuid()) + "\n");
}

TEST(BwrapNamespaces, AreEnteredByDescriptor) {
  KELP_ONLY_AS("user namespaces of one's own", "user", "noranges");
  const Outcome outcome = on_host(
      "unshare -Ur sleep 5 & pid=$!; sleep 0.5; exec 3</proc/$pid/ns/user; readlink /proc/$pid/ns/user; "
      "\"$kelp\" bwrap --ro-bind \"$root/bin\" /bin --proc /proc --userns 3 readlink /proc/self/ns/user; "
      "kill $pid");
  const std::size_t half = outcome.out.size() / 2;
  EXPECT_THAT(outcome.out, HasSubstr("user:["));
  EXPECT_EQ(outcome.out.substr(0, half), outcome.out.substr(half)) << testing::PrintToString(outcome);
}

TEST(BwrapNamespaces, CanHaveTheirIdsMappedBySomebodyElse) {
  KELP_ONLY_AS("the kernel lets the owner map its own id", "user", "noranges");
  const Outcome outcome = on_host(
      "dir=$(mktemp -d); mkfifo $dir/i $dir/r; "
      "\"$kelp\" bwrap --unshare-user --ro-bind \"$root\" / --info-fd 3 --userns-block-fd 4 --uid 5 --gid 6 "
      "sh -c 'id -u; id -g' 3>$dir/i 4<>$dir/r & "
      "pid=$(tr -d ' ,\\n' <$dir/i | sed 's/.*child-pid\":\\([0-9]*\\).*/\\1/'); "
      "echo deny >/proc/$pid/setgroups; echo 5 $(id -u) 1 >/proc/$pid/uid_map; echo 6 $(id -g) 1 "
      ">/proc/$pid/gid_map; "
      "echo x >$dir/r; wait; rm -r $dir");
  EXPECT_EQ(outcome.out, "5\n6\n") << testing::PrintToString(outcome);
}

}  // namespace
}  // namespace kelp::harness
