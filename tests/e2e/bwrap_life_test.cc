// SPDX-License-Identifier: Apache-2.0
// `kelp bwrap --die-with-parent` where something on the way would cut the tie to kelp's life.
#include "e2e/container.h"

namespace kelp::harness {
namespace {

using testing::IsEmpty;

// What is left of a container in another user's user namespace, a moment after kelp was killed.
std::vector<pid_t> left_in_anothers_namespace(const Argv& options) {
  adopt_orphans();
  const std::string in_namespaces = R"sh(
    is_in_new() { test "$(readlink "/proc/$1/ns/user")" != "$(readlink "/proc/$2/ns/user")"; }
    unshare --user sleep 100 & outer=$!
    until is_in_new $outer self; do kill -0 $outer; sleep 0.01; done
    echo 0 0 65536 >/proc/$outer/uid_map; echo 0 0 65536 >/proc/$outer/gid_map
    exec 3</proc/$outer/ns/user
    nsenter --user=/dev/fd/3 setpriv --reuid=1234 --clear-groups unshare --user sleep 100 & inner=$!
    until is_in_new $inner self && is_in_new $inner $outer; do kill -0 $inner; sleep 0.01; done
    exec 4</proc/$inner/ns/user; kill -KILL $outer $inner; wait $outer $inner || :
    exec "$@")sh";
  Argv words = {"sh", "-ec", in_namespaces, "sh", kelp_binary(), "bwrap", "--userns", "3", "--userns2", "4"};
  words.insert(words.end(), {"--ro-bind", small_root(), "/"});
  words.insert(words.end(), options.begin(), options.end());
  words.insert(words.end(), {"sh", "-c", "echo ready; exec sleep 100"});
  Running running(words, {.timeout = milliseconds{5000}});
  EXPECT_TRUE(running.wait_for_output("ready")) << testing::PrintToString(options);
  running.kill(SIGKILL);
  const Outcome outcome = running.finish();
  EXPECT_EQ(outcome.signal, SIGKILL) << outcome.err;
  std::vector<pid_t> left = descendants();
  for (const pid_t pid : left) ::kill(pid, SIGKILL);
  return left;
}

TEST(BwrapLife, EndsWithAKilledKelpInAnothersUserNamespace) {
  KELP_ONLY_AS("only root enters the user namespace of another user", "root");
  EXPECT_THAT(left_in_anothers_namespace({"--die-with-parent"}), IsEmpty());
  EXPECT_THAT(left_in_anothers_namespace({"--die-with-parent", "--unshare-pid"}), IsEmpty());
  EXPECT_THAT(left_in_anothers_namespace({"--die-with-parent", "--unshare-pid", "--as-pid-1"}), IsEmpty());
  EXPECT_THAT(left_in_anothers_namespace({}), testing::Not(IsEmpty())) << "the control: a life of its own";
}

}  // namespace
}  // namespace kelp::harness
