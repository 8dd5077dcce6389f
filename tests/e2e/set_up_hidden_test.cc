// SPDX-License-Identifier: Apache-2.0
// A set-up has the host's files until its pivot. Who is root without capabilities, in another container that
// has no user namespace, owns the user namespace of root's kelp as much as kelp does, and must not look in.
#include "container.h"

namespace kelp::harness {
namespace {

// The kinds of processes through which a spy has seen a file of the host's while the script ran ten times. It
// has the spy's pid namespace as descriptor 3, "$kelp", and a root directory as "$root".
std::string seen_while(const std::string& script) {
  const TempDir place;
  place.file("secret", "of the host");
  const std::string root = make_small_root(place);
  const Outcome outcome = run({"unshare", "--mount", "--propagation", "private", "sh", "-ec",
                               R"(kelp=$1 spy=$2 root=$3 place=$4
          export kelp root
          mkdir -p "$root/proc"
          mount --bind "$root" "$root"
          unshare --pid --fork --kill-child sh -ec 'mount -t proc proc "$1/proc"; exec "$2" "$1" "$3"' \
            sh "$root" "$spy" "$place/secret" >"$place/seen" &
          spying=$!
          trap 'kill -KILL $spying' EXIT
          until [ -s "$place/seen" ]; do kill -0 $spying; sleep 0.01; done
          exec 3<"/proc/$(pgrep -P $spying)/ns/pid"
          for i in 1 2 3 4 5 6 7 8 9 10; do sh -ec "$5"; done
          cat "$place/seen")",
                               "sh", kelp_binary(), payload("spy"), root, place.path(), script});
  EXPECT_THAT(outcome, Works());
  return outcome.out;
}

TEST(SetUp, IsHiddenInAPidNamespaceThatIsJoined) {
  KELP_ONLY_AS("only root joins a pid namespace or owns one without a user namespace", "root");
  EXPECT_THAT(seen_while("nsenter --pid=/dev/fd/3 unshare --user sleep 0.1"), testing::HasSubstr("\nsleep\n"))
      << "the control: a process of root's with the host's files in a user namespace of its own";
  EXPECT_EQ(seen_while("\"$kelp\" bwrap --pidns 3 --unshare-user --ro-bind \"$root\" / true"), "ready\n");
  EXPECT_EQ(
      seen_while("\"$kelp\" bwrap --pidns 3 --unshare-user --disable-userns --ro-bind \"$root\" / true"),
      "ready\n");
  EXPECT_EQ(seen_while("\"$kelp\" bwrap --pidns 3 --unshare-pid --unshare-user --ro-bind \"$root\" / true"),
            "ready\n");
}

TEST(SetUp, IsHiddenFromARootWithoutCapabilitiesBesideKelp) {
  KELP_ONLY_AS("only root has a user namespace that another root owns", "root");
  // kelp finds its child in a /proc of its own pid namespace.
  EXPECT_EQ(seen_while("exec nsenter --pid=/dev/fd/3 unshare --mount sh -ec "
                       "'mount -t proc proc /proc; exec \"$kelp\" run \"$root\" true'"),
            "ready\n");
}

TEST(SetUp, IsHiddenWhereItsNamespacesAreToldWithoutTheRightToTrace) {
  KELP_ONLY_AS("only root has a user namespace that another root owns", "root");
  for (const std::string option : {"--info-fd", "--json-status-fd"}) {
    EXPECT_EQ(seen_while("nsenter --pid=/dev/fd/3 unshare --mount setpriv --bounding-set=-sys_ptrace sh -ec "
                         "'mount -t proc proc /proc; \"$kelp\" bwrap " +
                         option +
                         " 4 --unshare-user --unshare-ipc --ro-bind \"$root\" / true 4>&1' | "
                         "grep -q '\"ipc-namespace\": [1-9]'"),
              "ready\n")
        << option;
  }
}

TEST(SetUp, OfTheTrialsOfDoctorIsHiddenToo) {
  KELP_ONLY_AS("only root has a user namespace that another root owns", "root");
  EXPECT_EQ(seen_while("nsenter --pid=/dev/fd/3 unshare --mount sh -ec "
                       "'mount -t proc proc /proc; \"$kelp\" doctor || test $? = 1' >/dev/null"),
            "ready\n");
}

}  // namespace
}  // namespace kelp::harness
