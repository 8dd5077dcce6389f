// SPDX-License-Identifier: Apache-2.0
// A network namespace that exists already, and what is none.
#include "network.h"

namespace kelp::harness {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

// As a user with a user namespace of its own, in which "$space" is a network namespace with a server on port
// 7000 of its loopback. "$kelp" is kelp, "$peer" the payload.
Outcome beside_a_server(const std::string& script) {
  return run({"unshare", "-Urm", "sh", "-ec",
              "kelp=$1 peer=$2 root=$3\n"
              "unshare -n sh -c 'ip link set lo up && exec \"$0\" listen tcp 127.0.0.1 7000 joined' "
              "\"$peer\" >&2 &\n"
              "space=/proc/$!/ns/net\n"
              "for i in 1 2 3 4 5 6 7 8 9; do\n"
              "  nsenter --net=$space grep -q ':1B58 .* 0A ' /proc/net/tcp 2>/dev/null && break; sleep 0.2\n"
              "done\n" +
                  script + "\nkill $!",
              "sh", kelp_binary(), payload("peer"), small_root()});
}

TEST(JoinedNetwork, IsTheOneOfTheFile) {
  KELP_ONLY_AS("it makes a user namespace of its own, and network namespaces in there", "user", "noranges",
               "root");
  const Outcome outcome = beside_a_server(
      "$kelp run -v $peer:/payload:ro $root /payload ask tcp 127.0.0.1 7000 || echo out of reach\n"
      "$kelp run --network=ns:$space -v $peer:/payload:ro $root /payload ask tcp 127.0.0.1 7000");
  EXPECT_THAT(outcome.out, StartsWith("no: connect: ")) << "without it" << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr("out of reach\njoined\n")) << outcome.err;
}

TEST(JoinedNetwork, RefusesAFileThatIsNone) {
  const TempDir place;
  for (const std::string& path :
       {place.file("file"), std::string("/proc/self/ns/mnt"), std::string("/dev/null")}) {
    const Outcome outcome = inside("true", {"--network=ns:" + path});
    EXPECT_THAT(outcome, CannotStart());
    EXPECT_EQ(outcome.err, "kelp: cannot join the network namespace " + path +
                               ": it is no network namespace (--network=ns:" + path + ")\n");
  }
  EXPECT_THAT(inside("true", {"--network=ns:/no/such/file"}).err,
              StartsWith("kelp: cannot join the network namespace /no/such/file: No such file or directory"));
}

TEST(JoinedNetwork, RefusesOneThatIsNotOfTheCallersUserNamespace) {
  KELP_ONLY_AS("root may", "user", "noranges", "nested");
  const Outcome outcome = inside("true", {"--network=ns:/proc/self/ns/net"});
  EXPECT_THAT(outcome, CannotStart());
  EXPECT_THAT(outcome.err,
              HasSubstr("Operation not permitted (--network=ns:/proc/self/ns/net)\nhint: it takes root "
                        "of the user namespace that it belongs to"));
}

}  // namespace
}  // namespace kelp::harness
